//! What a notice tells of a class.

use super::kept::{Kept, kept_among};
use crate::access::own::enrolment;
use crate::access::{Look, Refused};
use crate::names::{ActivityId, StudentId};
use crate::record::{Part, State, Telling};
use crate::roster::ClassRow;
use crate::roster::calendar::TermDates;
use crate::schema::student;
use crate::scheme::scheme_of;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// One fact of a class, as a notice tells it.
#[derive(Clone, Debug)]
pub struct Fact {
    pub activity: ActivityId,
    pub told: Telling,
    /// Who was in it, in seat order.
    pub pupils: Vec<FactPupil>,
}

#[derive(Clone, Debug)]
pub struct FactPupil {
    pub student: StudentId,
    pub seat: i32,
    pub name: String,
    pub part: Part,
}

/// What was confirmed of a class in a term and may be shown in a notice: facts of
/// indicators the scheme marks for it, by date, names in seat order inside a fact.
pub fn confirmed_facts(look: &mut Look, class: &ClassRow, term: TermDates) -> Result<Vec<Fact>, Refused> {
    let day = look.today().min(term.ends_on);
    let scheme = scheme_of(look, class.name.cohort, term.term)?;
    let pupils: Vec<(StudentId, i32, String)> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(class.id))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(enrolment::seat)
        .select((student::id, enrolment::seat, student::name))
        .load(look.conn())?;
    let students: Vec<StudentId> = pupils.iter().map(|(id, ..)| *id).collect();
    let noticed = |code: &str| scheme.indicators.iter().any(|item| item.code == code && item.notice);
    let mut of: HashMap<StudentId, Vec<Kept>> = HashMap::new();
    for kept in kept_among(look, &students, (term.term, term.term))? {
        if kept.state == State::Confirmed && noticed(&kept.told.indicator) {
            of.entry(kept.student).or_default().push(kept);
        }
    }
    let mut facts: BTreeMap<(NaiveDate, ActivityId), Fact> = BTreeMap::new();
    for (student, seat, name) in pupils {
        for kept in of.remove(&student).unwrap_or_default() {
            let key = (kept.told.starts_on, kept.activity);
            let fact = facts.entry(key).or_insert_with(|| Fact {
                activity: kept.activity,
                told: kept.told.clone(),
                pupils: Vec::new(),
            });
            fact.pupils.push(FactPupil { student, seat, name: name.clone(), part: kept.part });
        }
    }
    Ok(facts.into_values().collect())
}
