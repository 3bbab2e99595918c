//! Classes by what stays: school, enrolment year and number. The shown name
//! changes each September and is computed.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Integer;
use serde::{Deserialize, Serialize};

/// The year 级 in which pupils entered grade 7.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[diesel(sql_type = Integer)]
#[serde(transparent)]
pub struct Cohort(pub i32);

crate::integer_column!(Cohort);

/// Grade 7, 8 or 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grade(u8);

impl Grade {
    pub fn of(number: u8) -> Option<Self> {
        (7..=9).contains(&number).then_some(Grade(number))
    }

    pub fn number(self) -> u8 {
        self.0
    }

    pub fn character(self) -> char {
        match self.0 {
            7 => '七',
            8 => '八',
            _ => '九',
        }
    }
}

impl Cohort {
    /// The grade its pupils are in during the school year that begins in `year`.
    pub fn grade_in(self, year: i32) -> Option<Grade> {
        u8::try_from(year - self.0 + 7).ok().and_then(Grade::of)
    }

    /// The cohort that is in `grade` during the school year that begins in `year`.
    pub fn in_grade(grade: Grade, year: i32) -> Self {
        Cohort(year - i32::from(grade.0) + 7)
    }

    /// The year in whose summer it leaves grade 9.
    pub fn graduates_in(self) -> i32 {
        self.0 + 3
    }
}

/// A class as people call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassName {
    pub cohort: Cohort,
    pub number: i32,
}

impl ClassName {
    /// `七年级(2)班` in the school year that begins in `year`; before and after
    /// junior high `2023级(2)班`.
    pub fn in_year(self, year: i32) -> String {
        match self.cohort.grade_in(year) {
            Some(grade) => format!("{}年级({})班", grade.character(), self.number),
            None => format!("{}级({})班", self.cohort.0, self.number),
        }
    }

    /// `七(2)班`, where room is short.
    pub fn short_in_year(self, year: i32) -> String {
        self.in_year(year).replace("年级", "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_renamed_each_september() {
        let class = ClassName { cohort: Cohort(2025), number: 2 };
        assert_eq!(class.in_year(2025), "七年级(2)班");
        assert_eq!(class.in_year(2027), "九年级(2)班");
        assert_eq!(class.in_year(2028), "2025级(2)班");
        assert_eq!(class.short_in_year(2026), "八(2)班");
        assert_eq!(Cohort::in_grade(Grade::of(8).unwrap(), 2026), Cohort(2025));
    }
}
