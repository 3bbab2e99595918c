//! The tests as they were taken, sitting by sitting.

mod school;
mod take;

pub use school::{ExportTests, school_pupils};
pub use take::{Accepted, OfClass, TakeTests, WaitForTests, take_waiting_school, take_waiting_tests};

use super::{Item, Measure, Measures, Tested, TestedGrade, Verdict, YearTests};
use crate::access::own::enrolment;
use crate::access::{Child, KnownClass, Look, Refused, WholeSchool};
use crate::names::{Sex, StudentId};
use crate::roster::calendar::TermDates;
use crate::schema::student;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::{BTreeMap, HashMap};

// Private: what is raw here is read by its owner's grants and as words.
crate::school_table!(fitness_test (student_id, year, sitting, revision) {
    student_id -> Guid,
    year -> Integer,
    sitting -> Text,
    revision -> Integer,
    grade -> Integer,
    standard -> Text,
    exempt -> Bool,
    height_cm -> Nullable<Integer>,
    weight_kg -> Nullable<Integer>,
    vital_capacity -> Nullable<Integer>,
    run_50m -> Nullable<Integer>,
    sit_and_reach -> Nullable<Integer>,
    rope_skip_1min -> Nullable<Integer>,
    long_jump -> Nullable<Integer>,
    pull_up -> Nullable<Integer>,
    sit_up_1min -> Nullable<Integer>,
    shuttle_50x8 -> Nullable<Integer>,
    run_1000m -> Nullable<Integer>,
    run_800m -> Nullable<Integer>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(fitness_test: enrolment; student);

/// The test of the year, or the make-up test after it (说明 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Sitting {
    First,
    Makeup,
}

crate::text_code!(Sitting { First = "first", Makeup = "makeup" });

impl Sitting {
    pub fn word(self) -> &'static str {
        match self {
            Sitting::First => "本学年测试",
            Sitting::Makeup => "补测",
        }
    }
}

type Value = Option<Measure>;
type Values = (Value, Value, Value, Value, Value, Value, Value, Value, Value, Value, Value, Value);

/// A sitting as a query yields it; the newest revision stands.
#[derive(Queryable)]
struct Row {
    student: StudentId,
    sex: Sex,
    year: i32,
    sitting: Sitting,
    grade: TestedGrade,
    exempt: bool,
    values: Values,
}

impl Row {
    fn measures(&self) -> Measures {
        let v = self.values;
        let mut measures = Measures { exempt: self.exempt, ..Measures::default() };
        let values = [v.0, v.1, v.2, v.3, v.4, v.5, v.6, v.7, v.8, v.9, v.10, v.11];
        for (item, value) in Item::ALL.iter().zip(values) {
            if let Some(value) = value {
                measures.set(*item, value);
            }
        }
        measures
    }
}

/// The columns of [`Row`], for `select`; the measures in the order of [`Item::ALL`].
macro_rules! columns {
    () => {
        (
            fitness_test::student_id,
            student::sex,
            fitness_test::year,
            fitness_test::sitting,
            fitness_test::grade,
            fitness_test::exempt,
            (
                fitness_test::height_cm,
                fitness_test::weight_kg,
                fitness_test::vital_capacity,
                fitness_test::run_50m,
                fitness_test::sit_and_reach,
                fitness_test::rope_skip_1min,
                fitness_test::long_jump,
                fitness_test::pull_up,
                fitness_test::sit_up_1min,
                fitness_test::shuttle_50x8,
                fitness_test::run_1000m,
                fitness_test::run_800m,
            ),
        )
    };
}

/// The years of one pupil in which something was measured, in the order of time.
#[derive(Clone, Debug, Default)]
pub struct History(BTreeMap<i32, YearTests>);

impl History {
    /// Year by year: in whose September it begins, and its tests.
    pub fn years(&self) -> impl DoubleEndedIterator<Item = (i32, &YearTests)> {
        self.0.iter().map(|(year, tests)| (*year, tests))
    }

    pub fn year(&self, year: i32) -> Option<&YearTests> {
        self.0.get(&year)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One year of it alone.
    pub fn in_year(&self, year: i32) -> History {
        History(self.0.get(&year).map(|tests| (year, tests.clone())).into_iter().collect())
    }

    /// What was sat in a year at one sitting.
    pub fn sat(&self, year: i32, sitting: Sitting) -> Option<&Measures> {
        let tests = self.0.get(&year)?;
        match sitting {
            Sitting::First => Some(&tests.first),
            Sitting::Makeup => tests.makeup.as_ref(),
        }
    }

    /// The result at graduation, of the years there are.
    pub fn graduation(&self) -> Verdict {
        super::graduation(&self.0.values().cloned().collect::<Vec<_>>())
    }
}

fn laid(rows: Vec<Row>) -> HashMap<StudentId, History> {
    let mut histories: HashMap<StudentId, History> = HashMap::new();
    // In the order of revisions: the newest is laid last and stands.
    for row in rows {
        let measures = row.measures();
        let tested = Tested { grade: row.grade, sex: row.sex };
        let year = histories.entry(row.student).or_default().0.entry(row.year).or_insert_with(|| YearTests {
            tested,
            first: Measures::default(),
            makeup: None,
        });
        year.tested = tested;
        match row.sitting {
            Sitting::First => year.first = measures,
            Sitting::Makeup => year.makeup = Some(measures),
        }
    }
    histories
}

/// What was measured of the pupils of one's own class, in this and earlier years.
pub fn class_tests(
    look: &mut Look,
    own: &impl KnownClass,
    term: TermDates,
) -> Result<HashMap<StudentId, History>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<Row> = look
        .own(fitness_test::rows)
        .inner_join(student::table.on(student::id.eq(fitness_test::student_id)))
        .inner_join(enrolment::joined().on(
            enrolment::school_id.eq(fitness_test::school_id).and(enrolment::student_id.eq(fitness_test::student_id)),
        ))
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(fitness_test::revision)
        .select(columns!())
        .load(look.conn())?;
    Ok(laid(rows))
}

/// What was measured of one child in this school.
pub fn child_tests(look: &mut Look, child: Child) -> Result<History, Refused> {
    Ok(tests_among(look, &[child.student()])?.remove(&child.student()).unwrap_or_default())
}

/// What was measured of some pupils of this school: what a seal takes.
pub fn tests_of(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
) -> Result<HashMap<StudentId, History>, Refused> {
    tests_among(look, students)
}

fn tests_among(look: &mut Look, students: &[StudentId]) -> Result<HashMap<StudentId, History>, Refused> {
    let rows: Vec<Row> = look
        .own(fitness_test::rows)
        .inner_join(student::table.on(student::id.eq(fitness_test::student_id)))
        .filter(fitness_test::student_id.eq_any(students))
        .order(fitness_test::revision)
        .select(columns!())
        .load(look.conn())?;
    Ok(laid(rows))
}

/// The newest revision of each pupil's sitting in a year.
fn revisions(
    look: &mut Look,
    students: &[StudentId],
    year: i32,
    sitting: Sitting,
) -> Result<HashMap<StudentId, i32>, Refused> {
    let rows: Vec<(StudentId, i32)> = look
        .own(fitness_test::rows)
        .filter(fitness_test::student_id.eq_any(students))
        .filter(fitness_test::year.eq(year))
        .filter(fitness_test::sitting.eq(sitting))
        .order(fitness_test::revision)
        .select((fitness_test::student_id, fitness_test::revision))
        .load(look.conn())?;
    Ok(rows.into_iter().collect())
}
