//! The term, class by class: stages are rows with a who and a when; which stage a
//! class is in is computed from them and from the day, and nothing ever goes back:
//!
//! 评价 → 已签字 → 公示 → 异议 → 审核签字 → 归档
//!
//! A notice ends by itself. What it shows stays frozen from its first minute on:
//! only an upheld objection changes an item, and that item is noticed again.

pub mod pages;
mod rules;
mod store;
mod windows;

pub use rules::{CycleRules, days_ahead, days_of_notice};
pub use store::notices::{
    Changed, NewNotice, NoticeRow, first_notice, first_notices, is_frozen, notices_of, put_notice, put_stage,
    refuse_noticed, stage_signed,
};
pub use store::objections::{Holding, holding, holding_in_school};
pub use store::signed::{Seated, SignedClass};
pub use store::stages::{ClassStage, class_stages, process_of_schools};
pub use store::standing::{ClassStanding, class_standing};
pub use store::{SignedBy, signatures_and_corrections, signatures_of, signed_by, term_of_class};
pub use windows::{ExtendWindow, Extension, SetWindows, Step, Window, county_windows, extensions, window, windows};

use crate::names::AccountId;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::Serialize;

/// How far a class is in a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 评价: bands and comments are being filled in.
    Evaluating,
    /// 签字: signed; families see the bands.
    Signed,
    /// 公示: the class's facts are noticed.
    Noticed,
    /// 异议: the notice is over, and somebody waits for an answer.
    Objecting,
    /// 审核签字: the class teacher checks, the office reviews.
    Checking,
    /// 归档: every pupil's term is sealed.
    Sealed,
}

impl Stage {
    pub const ALL: [Stage; 6] =
        [Stage::Evaluating, Stage::Signed, Stage::Noticed, Stage::Objecting, Stage::Checking, Stage::Sealed];

    pub fn word(self) -> &'static str {
        match self {
            Stage::Evaluating => "评价",
            Stage::Signed => "已签字",
            Stage::Noticed => "公示",
            Stage::Objecting => "异议处理",
            Stage::Checking => "审核签字",
            Stage::Sealed => "已归档",
        }
    }

    /// The one character that stands for it on the board.
    pub fn character(self) -> &'static str {
        match self {
            Stage::Evaluating => "评",
            Stage::Signed => "签",
            Stage::Noticed => "示",
            Stage::Objecting => "异",
            Stage::Checking => "审",
            Stage::Sealed => "档",
        }
    }
}

/// What a stage is of: a term, or the end of junior high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Part {
    Term,
    Graduation,
}

crate::text_code!(Part { Term = "term", Graduation = "graduation" });

/// Who signs after the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Signing {
    /// The class teacher has checked.
    Checked,
    /// The office has reviewed.
    Reviewed,
}

crate::text_code!(Signing { Checked = "checked", Reviewed = "reviewed" });

/// Before whom an objection lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Instance {
    Office,
    Committee,
    County,
}

crate::text_code!(Instance { Office = "office", Committee = "committee", County = "county" });

impl Instance {
    pub fn word(self) -> &'static str {
        match self {
            Instance::Office => "学校教务处",
            Instance::Committee => "学校评价委员会",
            Instance::County => "县教育局",
        }
    }
}

/// What happened to an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum StepKind {
    Assigned,
    Upheld,
    Refused,
    Withdrawn,
    Escalated,
}

crate::text_code!(StepKind {
    Assigned = "assigned",
    Upheld = "upheld",
    Refused = "refused",
    Withdrawn = "withdrawn",
    Escalated = "escalated",
});

impl StepKind {
    /// Someone owes an answer.
    pub fn waits(self) -> bool {
        matches!(self, StepKind::Assigned | StepKind::Escalated)
    }

    /// Whether the pupil's term waits: for an answer, or while the answer may still be
    /// taken to the next instance.
    pub fn holds(self, due_on: Option<NaiveDate>, today: NaiveDate) -> bool {
        self.waits() || self == StepKind::Refused && due_on.is_some_and(|due| due >= today)
    }
}

/// A stage's row: who, and when.
#[derive(Clone, Debug, Serialize)]
pub struct Done {
    pub account: AccountId,
    pub name: String,
    pub at: NaiveDateTime,
}
