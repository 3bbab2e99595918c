use crate::access::own::{class, enrolment};
use crate::access::{Look, Refused, WholeSchool};
use crate::names::{ClassName, Cohort, StudentId};
use crate::schema::student;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;

/// A pupil found by name, pinyin or seat, with the last stay at this school.
#[derive(Clone, Debug)]
pub struct FoundPupil {
    pub id: StudentId,
    pub name: String,
    pub class: ClassName,
    pub seat: i32,
    pub left_on: Option<NaiveDate>,
}

/// No more than these are looked through at once.
const MOST: i64 = 400;

/// The pupils whose name, former name or pinyin holds `wanted`, or whose seat it is;
/// in class order. Who has left is found too: one may come back.
pub fn find_pupils(look: &mut Look, _: WholeSchool, wanted: &str) -> Result<Vec<FoundPupil>, Refused> {
    let letters: String =
        wanted.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !"%_\\".contains(*c)).collect();
    let letters = letters.to_lowercase();
    if letters.is_empty() {
        return Ok(Vec::new());
    }
    let seat: Option<i32> = letters.parse().ok();
    let pattern = format!("%{letters}%");
    type Row = (StudentId, String, Cohort, i32, i32, Option<NaiveDate>);
    let query = look
        .own(enrolment::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .order(enrolment::entered_on.desc())
        .limit(MOST)
        .select((student::id, student::name, class::cohort, class::number, enrolment::seat, enrolment::left_on));
    let rows: Vec<Row> = match seat {
        Some(seat) => query.filter(enrolment::seat.eq(seat)).filter(enrolment::left_on.is_null()).load(look.conn())?,
        None => query
            .filter(
                student::name.like(&pattern).or(student::pinyin.like(&pattern)).or(student::former_name.like(&pattern)),
            )
            .load(look.conn())?,
    };
    let mut found: HashMap<StudentId, FoundPupil> = HashMap::new();
    for (id, name, cohort, number, seat, left_on) in rows {
        let class = ClassName { cohort, number };
        found.entry(id).or_insert(FoundPupil { id, name, class, seat, left_on });
    }
    let mut found: Vec<FoundPupil> = found.into_values().collect();
    found.sort_by_key(|pupil| (-pupil.class.cohort.0, pupil.class.number, pupil.seat, pupil.left_on));
    Ok(found)
}
