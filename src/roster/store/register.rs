use crate::access::own::{class, enrolment};
use crate::access::{Look, Refused, WholeSchool};
use crate::names::{ClassId, ClassName, Cohort, Sex, StudentId};
use crate::roster::ClassRow;
use crate::schema::student;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// A pupil as a class register names them, on some day.
#[derive(Clone, Debug)]
pub struct Registered {
    pub id: StudentId,
    pub seat: i32,
    pub name: String,
    pub sex: Sex,
    pub born_on: NaiveDate,
    /// When the pupil first came to this school.
    pub entered_on: NaiveDate,
}

/// A class of this school by its id in an address or on the command line.
///
/// # Errors
/// [`Refused::NotFound`] when the school has no such class.
pub fn class_named(look: &mut Look, _: WholeSchool, id: ClassId) -> Result<ClassRow, Refused> {
    let (cohort, number): (Cohort, i32) = look
        .own(class::rows)
        .filter(class::id.eq(id))
        .select((class::cohort, class::number))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    Ok(ClassRow { id, name: ClassName { cohort, number } })
}

/// Who was in a class on a day, in seat order.
pub fn class_register(
    look: &mut Look,
    _: WholeSchool,
    class_id: ClassId,
    day: NaiveDate,
) -> Result<Vec<Registered>, Refused> {
    let rows: Vec<(StudentId, i32, String, Sex, NaiveDate)> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(class_id))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(enrolment::seat)
        .select((student::id, enrolment::seat, student::name, student::sex, student::born_on))
        .load(look.conn())?;
    let ids: Vec<StudentId> = rows.iter().map(|(id, ..)| *id).collect();
    let stays: Vec<(StudentId, NaiveDate)> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq_any(ids))
        .order(enrolment::entered_on.desc())
        .select((enrolment::student_id, enrolment::entered_on))
        .load(look.conn())?;
    // The earliest stay comes last and remains.
    let first: HashMap<StudentId, NaiveDate> = stays.into_iter().collect();
    Ok(rows
        .into_iter()
        .map(|(id, seat, name, sex, born_on)| Registered {
            entered_on: first.get(&id).copied().unwrap_or(day),
            id,
            seat,
            name,
            sex,
            born_on,
        })
        .collect())
}

/// Which of these pupils were in a class of this school on a day.
pub fn present_among(look: &mut Look, students: &[StudentId], day: NaiveDate) -> Result<HashSet<StudentId>, Refused> {
    let present: Vec<StudentId> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq_any(students))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .select(enrolment::student_id)
        .load(look.conn())?;
    Ok(present.into_iter().collect())
}
