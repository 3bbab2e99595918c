//! What the county sees: that the work is done everywhere, and what was done; never a
//! child.

pub mod pages;
mod store;
pub mod words;
