pub mod class;
pub mod guardian;
pub mod pupil;
pub mod school;
pub mod staff;
