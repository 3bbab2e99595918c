//! 公示与异议: what was done is shown to those it concerns, and who finds it wrong is
//! answered in writing by somebody who did not write it. A notice tells facts: never a
//! band, a comment, a total or a count of a pupil. Objections stand in the journal and
//! in no pupil's file.

mod facts;
pub mod pages;
mod store;

pub use store::answer::{AnswerObjection, Verdict};
pub use store::check::CheckClass;
pub use store::graduation::{CheckGraduation, OpenGraduation, ReviewGraduation};
pub use store::moved::{EscalateObjection, ReassignObjection, WithdrawObjection};
pub use store::objection::{Item, Of};
pub use store::open::{OpenNotice, ReviewClass};
pub use store::raise::RaiseObjection;
pub use store::take::TakeObjection;
pub use store::thread::is_of_graduation;

/// Most characters of an objection, and of its answer.
pub const OBJECTION_CHARACTERS: usize = 500;

/// What the school does besides 公示 is said in a sentence.
pub const REASON_CHARACTERS: usize = 120;
