//! What a family keeps: the sealed files of a pupil's terms and of junior high, the
//! term report, the portfolio, and the print runs that make them.

mod bring;
mod credential;
pub mod file;
pub mod handover;
pub mod pages;
mod press;
mod report;
mod store;
mod told;
pub mod verify;
mod work;

pub use credential::{CREDENTIAL_TYP, credential_claims};
pub use press::{Made, PAPER_TYP, PaperWords, print_portfolio};
pub use store::{
    AskCorrection, CameFrom, HandOver, Issued, NotReady, PrintFailed, RuleCorrection, SealGraduation, SealPaper,
    SealTerm, SetAside, TakeOver, Wish, delete_withdrawn, issued, package_of, photos_to_print, runs_waiting,
    sealed_bytes, to_make_again,
};
pub use work::{all_hands, print_and_keep, work_at_runs};
