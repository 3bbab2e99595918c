use super::notices::{NoticeRow, first_notices, stages_signed};
use super::objections::{Holding, holding_in_school};
use crate::access::own::{class, enrolment, seal, signature};
use crate::access::{EverySchool, Look, Refused, WholeSchool};
use crate::cycle::{Done, Part, Stage};
use crate::names::{ClassId, SchoolId, Term};
use crate::roster::ClassRow;
use crate::roster::calendar::TermDates;
use diesel::prelude::*;
use std::collections::HashMap;

/// A class on the term board.
pub struct ClassStage {
    pub class: ClassRow,
    pub pupils: i64,
    pub sealed: i64,
    pub stage: Stage,
    /// The first round first.
    pub notices: Vec<NoticeRow>,
    pub checked: Option<Done>,
    pub reviewed: Option<Done>,
    /// Objections that are not at their end.
    pub objections: Vec<Holding>,
}

/// Every class of this term's grades with its stage, in class order.
pub fn class_stages(look: &mut Look, whole: WholeSchool, term: TermDates) -> Result<Vec<ClassStage>, Refused> {
    let day = look.today().min(term.ends_on);
    let pupils: HashMap<ClassId, i64> = look
        .own(enrolment::rows)
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .group_by(enrolment::class_id)
        .select((enrolment::class_id, diesel::dsl::count_star()))
        .load(look.conn())?
        .into_iter()
        .collect();
    let signed: Vec<ClassId> = look
        .own(signature::rows)
        .filter(signature::term.eq(term.term))
        .select(signature::class_id)
        .load(look.conn())?;
    let sealed: HashMap<ClassId, i64> = look
        .own(seal::rows)
        .inner_join(class::joined().on(class::school_id.eq(seal::school_id).and(class::id.eq(seal::class_id))))
        .filter(seal::term.eq(term.term))
        .filter(seal::part.eq("term"))
        .filter(seal::version.eq(1))
        .group_by(seal::class_id)
        .select((seal::class_id, diesel::dsl::count_star()))
        .load(look.conn())?
        .into_iter()
        .collect();
    let mut notices = first_notices(look, whole, term.term, Part::Term)?;
    let mut signatures = stages_signed(look, None, term.term, Part::Term)?;
    let holding = holding_in_school(look, whole, term.term, Part::Term)?;
    let now = look.now();
    let classes = crate::roster::taught_classes(look, whole, term.term)?;
    Ok(classes
        .into_iter()
        .map(|class| {
            let pupils = pupils.get(&class.id).copied().unwrap_or(0);
            let sealed = sealed.get(&class.id).copied().unwrap_or(0);
            let notices = notices.remove(&class.id).unwrap_or_default();
            let [checked, reviewed] = signatures.remove(&class.id).unwrap_or_default();
            let objections: Vec<Holding> = holding.iter().filter(|held| held.class == class.id).cloned().collect();
            let first = notices.iter().find(|notice| notice.round == 1);
            let waits = objections.iter().any(Holding::waits) || notices.iter().any(|notice| notice.is_open(now));
            let stage = match first {
                _ if pupils > 0 && sealed >= pupils => Stage::Sealed,
                None if signed.contains(&class.id) => Stage::Signed,
                None => Stage::Evaluating,
                Some(notice) if notice.is_open(now) => Stage::Noticed,
                Some(_) if checked.is_none() && waits => Stage::Objecting,
                Some(_) => Stage::Checking,
            };
            ClassStage { class, pupils, sealed, stage, notices, checked, reviewed, objections }
        })
        .collect())
}

/// For each school: how many classes it has this year, and how many are signed.
pub fn process_of_schools(
    look: &mut Look<EverySchool>,
    term: Term,
) -> Result<HashMap<SchoolId, (usize, usize)>, Refused> {
    let (oldest, youngest) = (term.year() - 2, term.year());
    let classes: Vec<SchoolId> = look
        .process(class::rows)
        .filter(class::cohort.between(oldest, youngest))
        .select(class::school_id)
        .load(look.conn())?;
    let signed: Vec<SchoolId> = look
        .process(signature::rows)
        .filter(signature::term.eq(term))
        .select(signature::school_id)
        .load(look.conn())?;
    let mut process: HashMap<SchoolId, (usize, usize)> = HashMap::new();
    for school in classes {
        process.entry(school).or_default().0 += 1;
    }
    for school in signed {
        process.entry(school).or_default().1 += 1;
    }
    Ok(process)
}
