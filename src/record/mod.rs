//! Facts first 写实记录: one activity, told once, and a record of it for each pupil who
//! was in it; what is held every week, by exception; housework; what school and home
//! said to each other. Records inform a band and never make one: nothing here is
//! counted beside another pupil's.

mod catalogue;
pub mod evidence;
pub mod pages;
mod questions;
mod store;
mod telling;

pub use catalogue::{YearEvent, item_of, year_events};
pub use questions::questions;
pub use store::{
    Booked, Brief, CARDS_A_PAGE, ClassActivity, ClassWeek, Contact, Correction, DayTaken, DomainTitles, Fact,
    FactAtEnd, FactPupil, Fed, FedPupil, Housework, Kept, Made, NewContact, OpenSelection, Pledge, RecordActivity,
    RecordTitles, Reply, ReplyToContact, ReviewRecords, Roll, RollTold, Ruling, SayHousework, SelectRecords, Selected,
    Selection, ShareContact, SubmitRecord, TakeBack, TakeRoll, Timeline, ToldAtEnd, WHY_CHARACTERS, WriteContact,
    child_selection, class_activities, class_book, class_contacts, class_housework, class_records, class_selections,
    confirmed_facts, facts_at_end, family_contacts, graduation_facts, has_pledged, housework_of, may_select, monday_of,
    put_fed, record_authors, record_ever, record_now, record_titles, records_among, records_of, records_of_term,
    rolls_of, selected_among, shared_contacts, standing_in, timeline_of, unconfirmed_among, unconfirmed_records,
    unselected_among, week_rolls,
};
pub use telling::{Telling, Typed, choices, day_words, moment_words, read_date};

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

/// What is held again and again, where only the exceptions are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum RollKind {
    Flag,
    Duty,
    Exercise,
    Lesson,
}

crate::text_code!(RollKind { Flag = "flag", Duty = "duty", Exercise = "exercise", Lesson = "lesson" });

impl RollKind {
    pub fn word(self) -> &'static str {
        match self {
            RollKind::Flag => "升旗仪式",
            RollKind::Duty => "值日",
            RollKind::Exercise => "大课间、阳光体育",
            RollKind::Lesson => "体育课",
        }
    }

    /// What one marks.
    pub fn exception(self) -> &'static str {
        if self == RollKind::Duty { "没做" } else { "没到" }
    }

    pub fn domain(self) -> crate::names::Domain {
        use crate::names::Domain;
        match self {
            RollKind::Flag => Domain::Moral,
            RollKind::Duty => Domain::Labour,
            RollKind::Exercise | RollKind::Lesson => Domain::Physical,
        }
    }

    /// Held on the first school day of a week, or on each.
    pub fn is_weekly(self) -> bool {
        self == RollKind::Flag
    }
}

/// Housework a child of this age can do, as a family ticks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chore {
    Cook,
    Dishes,
    Sweep,
    Laundry,
    Tidy,
    Rubbish,
    Care,
    Animals,
    Field,
    Stove,
}

crate::text_code!(Chore {
    Cook = "cook",
    Dishes = "dishes",
    Sweep = "sweep",
    Laundry = "laundry",
    Tidy = "tidy",
    Rubbish = "rubbish",
    Care = "care",
    Animals = "animals",
    Field = "field",
    Stove = "stove",
});

impl Chore {
    pub fn word(self) -> &'static str {
        match self {
            Chore::Cook => "做饭",
            Chore::Dishes => "洗碗",
            Chore::Sweep => "扫地拖地",
            Chore::Laundry => "洗衣服",
            Chore::Tidy => "收拾房间",
            Chore::Rubbish => "倒垃圾",
            Chore::Care => "照看老人弟妹",
            Chore::Animals => "喂鸡喂猪",
            Chore::Field => "地里的活",
            Chore::Stove => "劈柴烧炉子",
        }
    }
}

/// What stands of a week's housework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum HouseworkState {
    /// The pupil says so.
    Said,
    Confirmed,
    /// A guardian says that something differs 有出入.
    Differs,
}

crate::text_code!(HouseworkState { Said = "said", Confirmed = "confirmed", Differs = "differs" });

impl HouseworkState {
    pub fn word(self) -> &'static str {
        match self {
            HouseworkState::Said => "等家长确认",
            HouseworkState::Confirmed => "家长已确认",
            HouseworkState::Differs => "有出入",
        }
    }
}

/// How school and home meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ContactKind {
    Visit,
    Meeting,
    OpenDay,
    Call,
}

crate::text_code!(ContactKind { Visit = "visit", Meeting = "meeting", OpenDay = "open_day", Call = "call" });

impl ContactKind {
    pub fn word(self) -> &'static str {
        match self {
            ContactKind::Visit => "家访",
            ContactKind::Meeting => "家长会",
            ContactKind::OpenDay => "开放日",
            ContactKind::Call => "电话",
        }
    }

    /// Written down before the day, it is an invitation.
    pub fn may_lie_ahead(self) -> bool {
        matches!(self, ContactKind::Meeting | ContactKind::OpenDay)
    }
}
