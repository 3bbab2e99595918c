use crate::portfolio::press::moment_words;
use crate::portfolio::store::Run;
use serde::Serialize;

/// How far a run is, for the part of a page that shows it.
#[derive(Serialize)]
pub(super) struct RunView {
    asked: String,
    pub running: bool,
    paused: bool,
    done: usize,
    pub failed: usize,
    all: usize,
}

impl RunView {
    pub(super) fn of(run: &Run, all: usize, done: usize, failed: usize) -> Self {
        RunView {
            asked: moment_words(run.asked_at),
            running: run.finished_at.is_none(),
            paused: run.paused_at.is_some(),
            done,
            failed,
            all,
        }
    }
}
