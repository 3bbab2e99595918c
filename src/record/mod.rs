//! Facts first 写实记录: one activity, told once, and a record of it for each pupil who
//! was in it; what is held every week, by exception; housework; what school and home
//! said to each other. Records inform a band and never make one: nothing here is
//! counted beside another pupil's.

mod store;
mod telling;

pub use store::{
    ClassActivity, DomainTitles, Fact, FactPupil, Kept, Made, RecordActivity, RecordTitles, ReviewRecords, Ruling,
    SubmitRecord, TakeBack, class_activities, class_records, confirmed_facts, record_titles, records_among, records_of,
    records_of_term,
};
pub use telling::{Telling, Typed, choices, day_words, read_date};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Serialize, Serializer};

/// Most characters of what is typed: a title fits a card's line, words fit a card.
pub const TITLE_CHARACTERS: usize = 30;
pub const WORDS_CHARACTERS: usize = 200;
pub const PLACE_CHARACTERS: usize = 30;

/// What someone did in an activity. No part is worth more than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Part {
    Organiser,
    Main,
    Participant,
}

crate::text_code!(Part { Organiser = "organiser", Main = "main", Participant = "participant" });

impl Part {
    pub fn word(self) -> &'static str {
        match self {
            Part::Organiser => "主持策划",
            Part::Main => "主要参与",
            Part::Participant => "参加",
        }
    }
}

/// How far a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum State {
    /// Kept by whom writes it; nobody else sees it.
    Draft,
    /// Waits for the homeroom teacher.
    Submitted,
    Confirmed,
    /// Asked to be completed, with a kind word.
    Returned,
    /// Taken back by whom wrote it.
    Withdrawn,
}

crate::text_code!(State {
    Draft = "draft",
    Submitted = "submitted",
    Confirmed = "confirmed",
    Returned = "returned",
    Withdrawn = "withdrawn",
});

impl State {
    pub fn word(self) -> &'static str {
        match self {
            State::Draft => "草稿",
            State::Submitted => "等老师看",
            State::Confirmed => "已核实",
            State::Returned => "请补充",
            State::Withdrawn => "已收回",
        }
    }
}

/// Who held an activity, by how far it reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Level {
    Class,
    School,
    County,
    City,
    Province,
    Nation,
}

crate::text_code!(Level {
    Class = "class",
    School = "school",
    County = "county",
    City = "city",
    Province = "province",
    Nation = "nation",
});

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Level::Class => "班级",
            Level::School => "校级",
            Level::County => "县级",
            Level::City => "市级",
            Level::Province => "省级",
            Level::Nation => "国家级",
        }
    }
}

/// Whether there are facts to go by: never how many, so that nobody is laid beside
/// another by a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Evidence {
    #[default]
    None,
    Few,
    Some,
}

impl Evidence {
    /// From 3 confirmed records on there is enough to write from.
    const ENOUGH: usize = 3;

    pub(crate) fn of(records: usize) -> Self {
        match records {
            0 => Evidence::None,
            few if few < Self::ENOUGH => Evidence::Few,
            _ => Evidence::Some,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Evidence::None => "无",
            Evidence::Few => "少",
            Evidence::Some => "有",
        }
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// `2 小时`, `1.5 小时`, `40 分钟`
pub fn time_spent(minutes: i32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} 分钟"),
        (hours, 0) => format!("{hours} 小时"),
        (hours, 30) => format!("{hours}.5 小时"),
        (hours, rest) => format!("{hours} 小时 {rest} 分"),
    }
}
