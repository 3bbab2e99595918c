use super::seal_graduation::{summary, term_files};
use crate::access::own::{enrolment, seal};
use crate::access::{Child, Look, OwnClass, Refused, WholeSchool};
use crate::cycle::{Part, holding};
use crate::evaluation::{Graduating, graduating};
use crate::names::{ClassId, StudentId, Term};
use crate::portfolio::file::TermSummary;
use crate::roster::calendar::term_dates;
use crate::roster::{ClassRow, at_school, class_list, class_named, class_register};
use chrono::NaiveDate;
use diesel::dsl::min;
use diesel::prelude::*;
use std::collections::HashMap;

/// A pupil of a class that graduates, as far as the file is.
pub struct GraduateRow {
    pub student: StudentId,
    pub seat: i32,
    pub name: String,
    pub file: Graduating,
    pub sealed: bool,
    /// An objection that is not at its end, in words.
    pub held: Option<String>,
}

fn rows(
    look: &mut Look,
    class: ClassId,
    term: Term,
    pupils: Vec<(StudentId, i32, String)>,
) -> Result<Vec<GraduateRow>, Refused> {
    let ids: Vec<StudentId> = pupils.iter().map(|(id, ..)| *id).collect();
    let mut files = graduating(look, &ids)?;
    let mut held = holding(look, class, term, Part::Graduation)?;
    let sealed: Vec<StudentId> = look
        .own(seal::rows)
        .filter(seal::class_id.eq(class))
        .filter(seal::term.eq(term))
        .filter(seal::part.eq(super::GRADUATION))
        .select(seal::student_id)
        .load(look.conn())?;
    Ok(pupils
        .into_iter()
        .map(|(student, seat, name)| GraduateRow {
            student,
            seat,
            name,
            file: files.remove(&student).unwrap_or_default(),
            sealed: sealed.contains(&student),
            held: held.remove(&student),
        })
        .collect())
}

/// The graduates of one's own class, in seat order.
///
/// # Errors
/// [`Refused::Conflict`] before the class's last term.
pub fn own_graduates(look: &mut Look, own: &OwnClass) -> Result<Vec<GraduateRow>, Refused> {
    let term = last_term(&(*own).into(), own.term())?;
    let dates = term_dates(look, term)?;
    let pupils = class_list(look, own, dates)?.into_iter().map(|pupil| (pupil.id, pupil.seat, pupil.name)).collect();
    rows(look, own.id(), term, pupils)
}

/// The graduates of a class of the school, in seat order.
///
/// # Errors
/// [`Refused::NotFound`] for a class of another school; as [`own_graduates`].
pub fn graduates(
    look: &mut Look,
    whole: WholeSchool,
    class: ClassId,
    present: Term,
) -> Result<(ClassRow, Term, Vec<GraduateRow>), Refused> {
    let class = class_named(look, whole, class)?;
    let term = last_term(&class, present)?;
    let day = look.today().min(term_dates(look, term)?.ends_on);
    let pupils = class_register(look, whole, class.id, day)?;
    let pupils = pupils.into_iter().map(|pupil| (pupil.id, pupil.seat, pupil.name)).collect();
    let rows = rows(look, class.id, term, pupils)?;
    Ok((class, term, rows))
}

fn last_term(class: &ClassRow, present: Term) -> Result<Term, Refused> {
    let last = Term::of_cohort(class.name.cohort)[5];
    if present == last { Ok(last) } else { Err(Refused::conflict("毕业评价在九年级第二学期。")) }
}

/// The six terms of a graduate side by side, as they were sealed; a term without a file
/// stands as the gap it is. The caller has found the pupil in the class.
pub fn six_terms(look: &mut Look, class: &ClassRow, student: StudentId) -> Result<Vec<TermSummary>, Refused> {
    let cohort = class.name.cohort;
    let files = term_files(look, &[student])?.remove(&student).unwrap_or_else(HashMap::new);
    let entered: Option<NaiveDate> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq(student))
        .select(min(enrolment::entered_on))
        .first(look.conn())?;
    let mut six = Vec::with_capacity(6);
    for term in Term::of_cohort(cohort) {
        let dates = term_dates(look, term)?;
        six.push(summary(entered.unwrap_or(dates.starts_on), dates, cohort, &files));
    }
    Ok(six)
}

/// A child's own file at the end of junior high, with its six terms; `None` before the
/// last term.
pub fn child_graduating(
    look: &mut Look,
    child: Child,
) -> Result<Option<(ClassRow, Term, Graduating, Vec<TermSummary>)>, Refused> {
    let at = at_school(look, child)?;
    let Ok(term) = last_term(&at.class, at.term.term) else { return Ok(None) };
    let file = graduating(look, &[child.student()])?.remove(&child.student()).unwrap_or_default();
    let six = six_terms(look, &at.class, child.student())?;
    Ok(Some((at.class, term, file, six)))
}
