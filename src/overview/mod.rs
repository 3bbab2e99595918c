//! What the county sees: that the work is done everywhere, never a child.

pub mod pages;
