//! 国家学生体质健康标准（2014年修订）, grades 1–9: what a pupil's measures come to.
//!
//! Kept are raw measures, the standard's version and the exemption. What they come
//! to by the table is worked out here, again each time, and no number of it leaves
//! this folder but for the national upload and `qinghe fitness`; people see
//! measures and words.

mod measure;
mod national;
pub mod pages;
mod reading;
mod standard;
mod store;
mod table;
mod verdict;

pub use measure::{Measure, NoMeasure};
pub use reading::{NoSheet, TestedClass, TestsRead, read_school_tests, read_tests};
pub use standard::{STANDARD_VERSION, items_of};
pub use store::{Accepted, History, Sitting, TakeTests, child_tests, class_tests, tests_of};
pub use table::{NoTable, judge_table};
pub use verdict::{FitnessBand, Verdict, YearTests, build, graduation, verdict};

use crate::names::{Grade, Sex};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::{Integer, Text};
use serde::{Deserialize, Serialize};

/// What is measured. Each grade and sex has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Item {
    Height,
    Weight,
    VitalCapacity,
    Run50m,
    SitAndReach,
    RopeSkip,
    LongJump,
    PullUp,
    SitUp,
    Shuttle,
    Run1000m,
    Run800m,
}

crate::text_code!(Item {
    Height = "height_cm",
    Weight = "weight_kg",
    VitalCapacity = "vital_capacity",
    Run50m = "run_50m",
    SitAndReach = "sit_and_reach",
    RopeSkip = "rope_skip_1min",
    LongJump = "long_jump",
    PullUp = "pull_up",
    SitUp = "sit_up_1min",
    Shuttle = "shuttle_50x8",
    Run1000m = "run_1000m",
    Run800m = "run_800m",
});

impl Item {
    pub fn name(self) -> &'static str {
        match self {
            Item::Height => "身高",
            Item::Weight => "体重",
            Item::VitalCapacity => "肺活量",
            Item::Run50m => "50米跑",
            Item::SitAndReach => "坐位体前屈",
            Item::RopeSkip => "一分钟跳绳",
            Item::LongJump => "立定跳远",
            Item::PullUp => "引体向上",
            Item::SitUp => "一分钟仰卧起坐",
            Item::Shuttle => "50米×8往返跑",
            Item::Run1000m => "1000米跑",
            Item::Run800m => "800米跑",
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Item::Height | Item::SitAndReach | Item::LongJump => "厘米",
            Item::Weight => "千克",
            Item::VitalCapacity => "毫升",
            Item::Run50m | Item::Shuttle | Item::Run1000m | Item::Run800m => "秒",
            Item::RopeSkip | Item::PullUp | Item::SitUp => "次",
        }
    }

    /// A run of minutes and seconds.
    pub fn is_long_run(self) -> bool {
        matches!(self, Item::Shuttle | Item::Run1000m | Item::Run800m)
    }

    /// How a person says it: `3′48″`, `7.8 秒`, `160 厘米`.
    pub fn say(self, measure: Measure) -> String {
        let seconds = measure.in_thousandths() / 1000;
        if self.is_long_run() && measure.fits(0) {
            format!("{}′{:02}″", seconds / 60, seconds % 60)
        } else {
            format!("{measure} {}", self.unit())
        }
    }
}

/// A grade the standard knows: 1–9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Integer)]
#[serde(transparent)]
pub struct TestedGrade(i32);

crate::integer_column!(TestedGrade);

impl TestedGrade {
    pub fn of(number: i32) -> Option<Self> {
        (1..=9).contains(&number).then_some(TestedGrade(number))
    }

    pub fn number(self) -> i32 {
        self.0
    }
}

impl From<Grade> for TestedGrade {
    fn from(grade: Grade) -> Self {
        TestedGrade(i32::from(grade.number()))
    }
}

/// For whom the table is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tested {
    pub grade: TestedGrade,
    pub sex: Sex,
}

/// One pupil's measures of one sitting, as they were taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// In the order of [`Item::ALL`].
    values: [Option<Measure>; 12],
    /// 免予执行: with the doctor's paper and the school's consent (说明 10).
    pub exempt: bool,
}

impl Measures {
    pub fn exempted() -> Self {
        Measures { exempt: true, ..Measures::default() }
    }

    pub fn get(&self, item: Item) -> Option<Measure> {
        self.values[item as usize]
    }

    pub fn set(&mut self, item: Item, value: Measure) {
        self.values[item as usize] = Some(value);
    }

    /// What was measured, in the order of [`Item::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Item, Measure)> + '_ {
        Item::ALL.iter().zip(self.values).filter_map(|(item, value)| Some((*item, value?)))
    }

    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none) && !self.exempt
    }

    /// These, with what a later sitting has measured again put in their place.
    pub fn overlaid(&self, later: &Measures) -> Measures {
        let mut laid = self.clone();
        for (item, value) in later.iter() {
            laid.set(item, value);
        }
        laid.exempt |= later.exempt;
        laid
    }
}

/// 体重指数 as its four words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    Underweight,
    Normal,
    Overweight,
    Obese,
}

impl Build {
    pub fn word(self) -> &'static str {
        match self {
            Build::Underweight => "低体重",
            Build::Normal => "正常",
            Build::Overweight => "超重",
            Build::Obese => "肥胖",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Build::Underweight, Build::Normal, Build::Overweight, Build::Obese].into_iter().find(|b| b.word() == word)
    }
}
