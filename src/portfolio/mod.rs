//! What a family keeps: the sealed files of a pupil's terms and of junior high, the
//! term report, the portfolio, and the print runs that make them.

pub mod file;
pub mod pages;
mod press;
mod store;
mod work;

pub use press::{PAPER_TYP, PaperWords, print_portfolio};
pub use store::{Issued, NotReady, PrintFailed, SealGraduation, SealTerm, issued, runs_waiting, sealed_bytes};
pub use work::{all_hands, print_and_keep, work_at_runs};
