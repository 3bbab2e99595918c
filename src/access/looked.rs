//! Who of the staff has looked at a class: noted once per person, class and day, so
//! that a family can be told (PIPL 44, 45).

use super::own::{Owned, class, enrolment, handover, objection, reading};
use super::{Desk, Door, InSchool, Look, Refused};
use crate::names::{AccountId, ClassId, Cohort, HandoverId, ObjectionId, Role, SchoolId, StudentId};
use crate::platform::db::Reach;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

/// Someone of the staff and the class whose pages they opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::access) struct Looked {
    pub school: SchoolId,
    pub class: ClassId,
    pub account: AccountId,
    pub role: Role,
    pub day: NaiveDate,
}

impl Looked {
    /// Writes it down unless that was done today; most of the time memory knows.
    pub fn note(self, door: &Door) -> Result<(), Refused> {
        if door.has_noted(&self) {
            return Ok(());
        }
        let school = InSchool::granted(self.school);
        let written = door.database().write(Reach::Owner(self.school.0), |conn| {
            let known: i64 = reading::rows
                .start(&school)
                .filter(reading::class_id.eq(self.class))
                .filter(reading::day.eq(self.day))
                .filter(reading::account_id.eq(self.account))
                .filter(reading::role.eq(self.role.code()))
                .count()
                .get_result(conn)?;
            if known == 0 {
                diesel::insert_into(reading::rows.table())
                    .values((
                        reading::rows.school(&school),
                        reading::class_id.eq(self.class),
                        reading::day.eq(self.day),
                        reading::account_id.eq(self.account),
                        reading::role.eq(self.role.code()),
                    ))
                    .execute(conn)?;
            }
            Ok::<_, Refused>(())
        });
        match written {
            // On a full disk what is saved can still be read; another process may have
            // noted the same in this moment.
            Err(Refused::DiskFull) => Ok(()),
            Err(refused) if refused.is_twice() => Ok(()),
            Err(other) => Err(other),
            Ok(()) => {
                door.noted(self);
                Ok(())
            }
        }
    }
}

impl Desk<InSchool> {
    /// Notes that who sits here looks at pupils of these classes today.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] at the
    /// command line, which has no pages.
    pub async fn notes(&self, classes: impl IntoIterator<Item = ClassId>) -> Result<(), Refused> {
        let (account, role, day) = (self.by().person()?, self.by().role(), self.house().clock.today());
        let school = self.scope().id();
        let looked = |class| Looked { school, class, account, role, day };
        let new: BTreeSet<ClassId> =
            classes.into_iter().filter(|class| !self.door().has_noted(&looked(*class))).collect();
        if new.is_empty() {
            return Ok(());
        }
        let asked: Vec<ClassId> = new.iter().copied().collect();
        let own: Vec<ClassId> = self
            .look(move |look| {
                Ok(look.own(class::rows).filter(class::id.eq_any(asked)).select(class::id).load(look.conn())?)
            })
            .await?;
        if own.len() < new.len() {
            return Err(Refused::NotFound);
        }
        let (door, new): (Door, Vec<Looked>) = (self.door().clone(), new.into_iter().map(looked).collect());
        super::off_the_loop(move || new.into_iter().try_for_each(|looked| looked.note(&door))).await
    }

    /// As [`notes`](Self::notes), of pupils a list names.
    ///
    /// # Errors
    /// As [`notes`](Self::notes).
    pub async fn notes_pupils(&self, students: Vec<StudentId>) -> Result<(), Refused> {
        let classes = self.look(move |look| last_classes(look, &students)).await?;
        self.notes(classes).await
    }

    /// As [`notes`](Self::notes), of what an address names, by the words in its pattern.
    pub(in crate::access) async fn notes_named(&self, parts: HashMap<String, String>) -> Result<(), Refused> {
        if parts.is_empty() {
            return Ok(());
        }
        let classes = self.look(move |look| classes_named(look, &parts)).await?;
        self.notes(classes).await
    }
}

/// The classes that an address of the whole school's desks is about: those of the pupil,
/// class, cohort, objection or package it names.
fn classes_named(look: &mut Look, parts: &HashMap<String, String>) -> Result<Vec<ClassId>, Refused> {
    fn named<T: FromStr>(parts: &HashMap<String, String>, part: &str) -> Option<T> {
        parts.get(part)?.parse().ok()
    }
    if let Some(student) = named::<StudentId>(parts, "student") {
        return last_classes(look, &[student]);
    }
    if let Some(class) = named::<ClassId>(parts, "class") {
        return Ok(vec![class]);
    }
    if let Some(cohort) = named(parts, "cohort").map(Cohort) {
        let of_cohort = look.own(class::rows).filter(class::cohort.eq(cohort)).select(class::id);
        // What is printed of one class names it by its number.
        return Ok(match named::<i32>(parts, "class") {
            Some(number) => of_cohort.filter(class::number.eq(number)).load(look.conn())?,
            None => of_cohort.load(look.conn())?,
        });
    }
    if let Some(id) = named::<ObjectionId>(parts, "objection") {
        let of = look.own(objection::rows).filter(objection::id.eq(id)).select(objection::class_id);
        return Ok(of.load(look.conn())?);
    }
    if let Some(id) = named::<HandoverId>(parts, "handover") {
        let of = look.own(handover::rows).filter(handover::id.eq(id)).select(handover::student_id);
        let students: Vec<StudentId> = of.load(look.conn())?;
        return last_classes(look, &students);
    }
    Ok(Vec::new())
}

/// The classes some pupils are in, or were in last.
fn last_classes(look: &mut Look, students: &[StudentId]) -> Result<Vec<ClassId>, Refused> {
    let stays: Vec<(StudentId, ClassId)> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq_any(students))
        .order(enrolment::entered_on)
        .select((enrolment::student_id, enrolment::class_id))
        .load(look.conn())?;
    // The newest stay is met last and stands.
    let last: HashMap<StudentId, ClassId> = stays.into_iter().collect();
    Ok(last.into_values().collect())
}
