//! What a notice tells of a class.

use super::at_end::{facts_at_end, term_of_day};
use super::kept::{Kept, kept_among};
use crate::access::own::enrolment;
use crate::access::{Look, Refused};
use crate::names::{ActivityId, ObjectionId, StudentId};
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
    /// None where a decision about the end of junior high tells it.
    pub activity: Option<ActivityId>,
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

type Pupils = Vec<(StudentId, i32, String)>;

/// By day, then by what it is known by: an activity, or the objection that tells it.
type Facts = BTreeMap<(NaiveDate, Option<ActivityId>, Option<ObjectionId>), Fact>;

/// What was confirmed of a class in a term and may be shown in a notice: facts of
/// indicators the scheme marks for it, by date, names in seat order inside a fact.
pub fn confirmed_facts(look: &mut Look, class: &ClassRow, term: TermDates) -> Result<Vec<Fact>, Refused> {
    let pupils = pupils_on(look, class, look.today().min(term.ends_on))?;
    Ok(facts_among(look, class, &pupils, term)?.into_values().collect())
}

/// The same of one of the six terms of those who graduate with a class, as what was
/// decided about the end of junior high leaves them. `last`: the class's sixth term.
pub fn graduation_facts(
    look: &mut Look,
    class: &ClassRow,
    last: TermDates,
    term: TermDates,
) -> Result<Vec<Fact>, Refused> {
    let pupils = pupils_on(look, class, look.today().min(last.ends_on))?;
    let mut facts = facts_among(look, class, &pupils, term)?;
    let ids: Vec<StudentId> = pupils.iter().map(|(id, ..)| *id).collect();
    let mut decided = facts_at_end(look, &ids)?;
    for (student, seat, name) in pupils {
        for one in decided.remove(&student).unwrap_or_default() {
            let mut before = None;
            for fact in facts.values_mut().filter(|fact| fact.activity.is_some() && fact.activity == one.activity) {
                if fact.pupils.iter().any(|pupil| pupil.student == student) {
                    before = Some(fact.told.clone());
                    fact.pupils.retain(|pupil| pupil.student != student);
                }
            }
            let Some(told) = one.told(before) else { continue };
            if term_of_day(look, told.starts_on)? != Some(term.term) {
                continue;
            }
            let name = name.clone();
            let pupils = vec![FactPupil { student, seat, name, part: one.part }];
            let key = (told.starts_on, None, Some(one.objection));
            facts.insert(key, Fact { activity: None, told, pupils });
        }
    }
    facts.retain(|_, fact| !fact.pupils.is_empty());
    Ok(facts.into_values().collect())
}

/// Who is in a class on a day, in seat order.
fn pupils_on(look: &mut Look, class: &ClassRow, day: NaiveDate) -> Result<Pupils, Refused> {
    Ok(look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(class.id))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(enrolment::seat)
        .select((student::id, enrolment::seat, student::name))
        .load(look.conn())?)
}

fn facts_among(look: &mut Look, class: &ClassRow, pupils: &Pupils, term: TermDates) -> Result<Facts, Refused> {
    let scheme = scheme_of(look, class.name.cohort, term.term)?;
    let students: Vec<StudentId> = pupils.iter().map(|(id, ..)| *id).collect();
    let noticed = |code: &str| scheme.indicators.iter().any(|item| item.code == code && item.notice);
    let mut of: HashMap<StudentId, Vec<Kept>> = HashMap::new();
    for kept in kept_among(look, &students, Some(term.term))? {
        if kept.state == State::Confirmed && noticed(&kept.told.indicator) {
            of.entry(kept.student).or_default().push(kept);
        }
    }
    let mut facts = Facts::new();
    for (student, seat, name) in pupils {
        for kept in of.remove(student).unwrap_or_default() {
            let key = (kept.told.starts_on, Some(kept.activity), None);
            let fact = facts.entry(key).or_insert_with(|| Fact {
                activity: Some(kept.activity),
                told: kept.told.clone(),
                pupils: Vec::new(),
            });
            fact.pupils.push(FactPupil { student: *student, seat: *seat, name: name.clone(), part: kept.part });
        }
    }
    Ok(facts)
}
