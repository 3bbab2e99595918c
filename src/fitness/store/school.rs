use super::tests_among;
use crate::access::own::{class, enrolment};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::fitness::History;
use crate::fitness::national::{Uploaded, national_rows};
use crate::names::{ClassId, ClassName, Cohort, Sex, StudentId};
use crate::platform::keys::Keys;
use crate::roster::NUMBER_PLACE;
use crate::roster::calendar::{TermDates, present_term};
use crate::schema::student;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// A pupil of the school with what was measured of it.
pub struct SchoolPupil {
    pub class: ClassId,
    pub name: ClassName,
    pub history: History,
}

/// The pupils of a school in class order and in it by seat, with their tests.
pub fn school_pupils(look: &mut Look, _: WholeSchool, dates: TermDates) -> Result<Vec<SchoolPupil>, Refused> {
    let rows = rows(look, dates)?;
    let mut tests = tests(look, &rows)?;
    let pupil = |row: Row| {
        let history = tests.remove(&row.id).unwrap_or_default();
        SchoolPupil { class: row.class, name: ClassName { cohort: row.cohort, number: row.number }, history }
    };
    Ok(rows.into_iter().map(pupil).collect())
}

#[derive(Queryable)]
struct Row {
    id: StudentId,
    class: ClassId,
    cohort: Cohort,
    number: i32,
    name: String,
    sex: Sex,
    born_on: NaiveDate,
    ethnic: Option<String>,
    sealed: Vec<u8>,
}

fn rows(look: &mut Look, dates: TermDates) -> Result<Vec<Row>, Refused> {
    let day = look.today().min(dates.ends_on);
    let mut rows: Vec<Row> = look
        .own(enrolment::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order((class::cohort.desc(), class::number, enrolment::seat))
        .select((
            student::id,
            class::id,
            class::cohort,
            class::number,
            student::name,
            student::sex,
            student::born_on,
            student::ethnic,
            student::number_sealed,
        ))
        .load(look.conn())?;
    rows.retain(|row| row.cohort.grade_in(dates.term.year()).is_some());
    Ok(rows)
}

fn tests(look: &mut Look, rows: &[Row]) -> Result<HashMap<StudentId, History>, Refused> {
    let students: Vec<StudentId> = rows.iter().map(|row| row.id).collect();
    tests_among(look, &students)
}

/// The office makes the file of the national upload: the numbers in it leave the house
/// here, so that it is an act with its journal line, which holds none of them.
#[derive(Serialize)]
pub struct ExportTests {
    year: i32,
    #[serde(skip)]
    keys: Keys,
}

impl ExportTests {
    pub fn prepare(tx: &mut Tx, _: WholeSchool, keys: Keys) -> Result<Self, Refused> {
        Ok(ExportTests { year: present_term(tx)?.term.year(), keys })
    }
}

impl Act for ExportTests {
    const VERB: &'static str = "fitness_exported";
    /// The header and a row a pupil.
    type Done = (Vec<String>, Vec<Vec<String>>);

    fn about(&self) -> serde_json::Value {
        json!({ "year": self.year })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused> {
        let dates = present_term(tx)?;
        let rows = rows(tx, dates)?;
        let mut tests = tests(tx, &rows)?;
        let mut pupils = Vec::with_capacity(rows.len());
        for row in rows {
            let number = self.keys.open(NUMBER_PLACE, &row.sealed).map_err(Refused::broken)?;
            let history = tests.remove(&row.id).unwrap_or_default();
            pupils.push(Uploaded {
                class: ClassName { cohort: row.cohort, number: row.number },
                number: String::from_utf8(number).map_err(Refused::broken)?,
                ethnic: row.ethnic,
                name: row.name,
                sex: row.sex,
                born_on: row.born_on,
                tests: history.year(self.year).cloned(),
            });
        }
        Ok(national_rows(self.year, &pupils))
    }
}
