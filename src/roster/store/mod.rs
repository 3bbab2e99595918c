pub mod class;
pub mod guardian;
pub mod import;
pub mod pupil;
pub mod register;
pub mod school;
pub mod slip;
pub mod staff;
