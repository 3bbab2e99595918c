//! 班级登记表: what a class has done in a term, in one grid a kind — experiments, books,
//! skills in sport and art, songs. Facts, ticked by the teacher of the subject; never
//! a count that is compared. A tick is a confirmed record of the pupil's as well, as long
//! as the scheme has the item; what is still being learned is not a record yet.

pub mod pages;
mod store;

pub use store::{ChildTicks, TickClass, Ticked, child_ticks, ticks_of};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

/// Which grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Kind {
    Experiment,
    Book,
    Sport,
    Art,
    Song,
}

crate::text_code!(Kind {
    Experiment = "experiment",
    Book = "book",
    Sport = "sport",
    Art = "art",
    Song = "song",
});

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Experiment => "做过的实验",
            Kind::Book => "读过的书",
            Kind::Sport => "运动本领",
            Kind::Art => "艺术本领",
            Kind::Song => "会唱的歌",
        }
    }

    /// What is asked for in a new column.
    fn example(self) -> &'static str {
        match self {
            Kind::Experiment => "探究杠杆的平衡条件",
            Kind::Book => "《朝花夕拾》",
            Kind::Sport => "篮球",
            Kind::Art => "剪纸",
            Kind::Song => "《我和我的祖国》",
        }
    }

    /// The observation item its records belong to.
    fn indicator(self) -> &'static str {
        match self {
            Kind::Experiment => "Z22",
            Kind::Book => "Z14",
            Kind::Sport => "T31",
            Kind::Art => "M21",
            Kind::Song => "M23",
        }
    }

    /// What a record of a column says was done.
    fn title(self, item: &str) -> String {
        match self {
            Kind::Experiment => format!("做实验：{item}"),
            Kind::Book => format!("读完{item}"),
            Kind::Song => format!("学会唱{item}"),
            Kind::Sport | Kind::Art => item.to_owned(),
        }
    }

    /// Whose subject it is.
    pub fn of_subject(subject: &str) -> &'static [Kind] {
        match subject {
            "物理" | "化学" | "生物学" => &[Kind::Experiment],
            "语文" => &[Kind::Book],
            "体育与健康" => &[Kind::Sport],
            "音乐" => &[Kind::Art, Kind::Song],
            "美术" => &[Kind::Art],
            _ => &[],
        }
    }

    /// The levels a cell may have; a single one is a tick.
    pub fn levels(self) -> &'static [Level] {
        match self {
            Kind::Sport | Kind::Art => &[Level::Learning, Level::Able, Level::Skilled],
            _ => &[Level::Done],
        }
    }
}

/// How far; it describes and is never counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Level {
    Done,
    Learning,
    Able,
    Skilled,
}

crate::text_code!(Level { Done = "done", Learning = "learning", Able = "able", Skilled = "skilled" });

impl Level {
    /// Whether it tells of something done: one who is still learning has no record yet.
    fn is_fact(self) -> bool {
        self != Level::Learning
    }

    pub fn word(self) -> &'static str {
        match self {
            Level::Done => "做过",
            Level::Learning => "在学",
            Level::Able => "会了",
            Level::Skilled => "熟练",
        }
    }
}
