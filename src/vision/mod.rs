//! 视力筛查: uncorrected sight, left and right, once a term. Private: the family sees
//! it and how it changes; the school sees only how many pupils need a re-check, and
//! that only where many were screened.

pub mod pages;
mod reading;
mod store;

pub use store::{Eyes, RecordVision, Sight, child_sight, class_recheck, class_sight, screened};

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Integer;
use serde::{Deserialize, Serialize};

/// One eye, in tenths of the five-mark record 五分记录 (GB 11533): `4.9` is 49.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Integer)]
#[serde(transparent)]
pub struct Eye(i32);

crate::integer_column!(Eye);

/// What the decimal record 小数记录 is called on the five-mark chart.
const DECIMALS: [(&str, i32); 15] = [
    ("0.1", 40),
    ("0.12", 41),
    ("0.15", 42),
    ("0.2", 43),
    ("0.25", 44),
    ("0.3", 45),
    ("0.4", 46),
    ("0.5", 47),
    ("0.6", 48),
    ("0.8", 49),
    ("1", 50),
    ("1.0", 50),
    ("1.2", 51),
    ("1.5", 52),
    ("2.0", 53),
];

impl Eye {
    /// Reads `4.9`, or `0.8` of the other chart, which is the same.
    ///
    /// # Errors
    /// How to mend it.
    pub fn read(typed: &str) -> Result<Self, &'static str> {
        const CURE: &str = "认不出。写五分记录 3.0 到 5.3，例如 4.9；小数记录 0.1 到 2.0 也行。";
        let typed = crate::platform::text::code_like(typed);
        if let Some((_, tenths)) = DECIMALS.iter().find(|(decimal, _)| *decimal == typed) {
            return Ok(Eye(*tenths));
        }
        if typed == "2" {
            return Ok(Eye(53));
        }
        let (whole, part) = typed.split_once('.').unwrap_or((&typed, "0"));
        let tenths = match (whole.parse::<i32>(), part.parse::<i32>()) {
            (Ok(whole), Ok(part)) if (0..10).contains(&part) && typed.len() <= 3 => whole * 10 + part,
            _ => return Err(CURE),
        };
        if (30..=53).contains(&tenths) { Ok(Eye(tenths)) } else { Err(CURE) }
    }

    /// Below 5.0 a pupil is asked to have the eyes looked at again.
    pub fn needs_recheck(self) -> bool {
        self.0 < 50
    }

    fn in_tenths(self) -> i32 {
        self.0
    }
}

impl std::fmt::Display for Eye {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// How many of a group need a re-check, where that may be said: at 10 or more, and no
/// non-zero part under 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recheck {
    Few,
    Counted { screened: usize, recheck: usize },
}

impl Recheck {
    pub fn of(screened: usize, recheck: usize) -> Self {
        let tells = |part: usize| part == 0 || part >= 3;
        if screened >= 10 && tells(recheck) && tells(screened - recheck) {
            Recheck::Counted { screened, recheck }
        } else {
            Recheck::Few
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_charts_are_read() {
        for (typed, said) in
            [("4.9", "4.9"), ("0.8", "4.9"), ("5", "5.0"), ("1.0", "5.0"), ("５．１", "5.1"), ("1.5", "5.2")]
        {
            assert_eq!(Eye::read(typed).unwrap().to_string(), said, "{typed}");
        }
        for wrong in ["", "5.4", "2.9", "0.85", "好", "-5.0", "50", "4.95", "4,9"] {
            assert!(Eye::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn few_are_not_counted() {
        assert_eq!(Recheck::of(9, 5), Recheck::Few);
        assert_eq!(Recheck::of(40, 2), Recheck::Few);
        assert_eq!(Recheck::of(40, 39), Recheck::Few);
        assert_eq!(Recheck::of(40, 0), Recheck::Counted { screened: 40, recheck: 0 });
        assert_eq!(Recheck::of(40, 12), Recheck::Counted { screened: 40, recheck: 12 });
    }
}
