//! School years and terms. A term is an entity with dates in the calendar; its
//! name is never worked out from today.

use super::Cohort;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Integer;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Half {
    First,
    Second,
}

/// One term of a school year: `2026-1` is 2026—2027 学年第一学期. Stored as the
/// integer 20261, so that terms compare in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Integer)]
pub struct Term {
    year: i32,
    half: Half,
}

/// A text or number that names no term.
#[derive(Debug, thiserror::Error)]
#[error("no such term: {0}")]
pub struct NoSuchTerm(String);

impl Term {
    /// The term of the school year that begins in September of `year`.
    pub fn of(year: i32, half: Half) -> Self {
        Term { year, half }
    }

    /// The year in whose September the school year begins.
    pub fn year(self) -> i32 {
        self.year
    }

    pub fn half(self) -> Half {
        self.half
    }

    /// `2026—2027 学年第一学期`
    pub fn name(self) -> String {
        let half = match self.half {
            Half::First => "一",
            Half::Second => "二",
        };
        format!("{}—{} 学年第{half}学期", self.year, self.year + 1)
    }

    /// `八上`, for pupils who entered grade 7 in `cohort`; the year's name beyond.
    pub fn short_name(self, cohort: Cohort) -> String {
        let half = match self.half {
            Half::First => "上",
            Half::Second => "下",
        };
        match cohort.grade_in(self.year) {
            Some(grade) => format!("{}{half}", grade.character()),
            None => format!("{}{half}", self.year),
        }
    }

    pub fn previous(self) -> Term {
        match self.half {
            Half::First => Term { year: self.year - 1, half: Half::Second },
            Half::Second => Term { year: self.year, half: Half::First },
        }
    }

    pub fn next(self) -> Term {
        match self.half {
            Half::First => Term { year: self.year, half: Half::Second },
            Half::Second => Term { year: self.year + 1, half: Half::First },
        }
    }

    /// The six terms of junior high for those who entered in `cohort`.
    pub fn of_cohort(cohort: Cohort) -> [Term; 6] {
        std::array::from_fn(|n| Term {
            year: cohort.0 + n as i32 / 2,
            half: if n % 2 == 0 { Half::First } else { Half::Second },
        })
    }

    fn as_integer(self) -> i32 {
        self.year * 10 + if self.half == Half::First { 1 } else { 2 }
    }

    fn from_integer(integer: i32) -> Result<Self, NoSuchTerm> {
        let half = match integer % 10 {
            1 => Half::First,
            2 => Half::Second,
            _ => return Err(NoSuchTerm(integer.to_string())),
        };
        Ok(Term { year: integer / 10, half })
    }
}

crate::integer_column!(Term, as_integer, from_integer);

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.year, if self.half == Half::First { 1 } else { 2 })
    }
}

impl std::str::FromStr for Term {
    type Err = NoSuchTerm;

    fn from_str(text: &str) -> Result<Self, NoSuchTerm> {
        let wrong = || NoSuchTerm(text.to_owned());
        let (year, half) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 {
            return Err(wrong());
        }
        let year: i32 = year.parse().map_err(|_| wrong())?;
        let half = match half {
            "1" => Half::First,
            "2" => Half::Second,
            _ => return Err(wrong()),
        };
        Ok(Term { year, half })
    }
}

impl Serialize for Term {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Term {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_is_written_and_read() {
        let term: Term = "2026-1".parse().unwrap();
        assert_eq!(term.to_string(), "2026-1");
        assert_eq!(term.name(), "2026—2027 学年第一学期");
        assert_eq!(term.short_name(Cohort(2025)), "八上");
        assert_eq!(term.previous().to_string(), "2025-2");
        assert_eq!((term.next().to_string(), term.next().next().to_string()), ("2026-2".into(), "2027-1".into()));
        for wrong in ["2026-3", "26-1", "2026", "2026-11", "-2026-1"] {
            assert!(wrong.parse::<Term>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn junior_high_has_six_terms() {
        let names: Vec<String> = Term::of_cohort(Cohort(2023)).iter().map(|t| t.short_name(Cohort(2023))).collect();
        assert_eq!(names, ["七上", "七下", "八上", "八下", "九上", "九下"]);
    }
}
