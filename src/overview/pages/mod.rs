//! The county's own pages: how far the schools are, and what was done.

mod audit;
mod process;

pub use audit::audit;
pub use process::county;
