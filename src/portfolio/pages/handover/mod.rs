//! 转接 for the office: a package that comes, one that is made, and the slip that goes with it.

mod come;
mod pupil;
mod slip;

pub(super) use come::{looked_at, overview, take};
pub(super) use pupil::{come_pdf, make, pupil_page};
pub(super) use slip::{package_zip, slip_pdf};

use crate::names::{HandoverId, StudentId};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::Handover;
use serde::Serialize;

#[derive(Serialize)]
struct HandoverView {
    id: HandoverId,
    student: StudentId,
    name: String,
    out: bool,
    peer: String,
    at: String,
    /// Package and slip can be had again.
    kept: bool,
}

impl From<Handover> for HandoverView {
    fn from(one: Handover) -> Self {
        HandoverView {
            id: one.id,
            student: one.student,
            name: one.name,
            out: one.out,
            peer: one.peer.unwrap_or_default(),
            at: moment_words(one.at),
            kept: one.out && one.file_sha256.is_some(),
        }
    }
}
