//! The term, class by class: stages are rows with a who and a when; which stage a
//! class is in is computed from them.

pub mod pages;
mod store;
mod windows;

pub use store::{ClassStage, SignedBy, class_stages, process_of_schools, signatures_of, signed_by, term_of_class};

pub use windows::{
    ExtendWindow, Extension, SetWindows, Step, Window, county_windows, extensions, notice_ends, window, windows,
};

use serde::Serialize;

/// How far a class is in a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 评价: bands and comments are being filled in.
    Evaluating,
    /// 签字: signed; families see the bands.
    Signed,
    /// 归档: every pupil's term is sealed.
    Sealed,
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Stage::Evaluating => "评价",
            Stage::Signed => "已签字",
            Stage::Sealed => "已归档",
        }
    }
}
