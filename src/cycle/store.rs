use super::Stage;
use crate::access::own::{class, enrolment, seal, signature};
use crate::access::{EverySchool, Look, Refused, WholeSchool};
use crate::names::{ClassId, SchoolId, StudentId, Term};
use crate::roster::ClassRow;
use crate::roster::calendar::TermDates;
use crate::schema::{account, term};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

/// Who signed a class, and when.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct SignedBy {
    pub name: String,
    pub at: NaiveDateTime,
}

/// Who signed this class in this term, if anyone did.
pub fn signed_by(look: &mut Look, class: &ClassRow, term: Term) -> Result<Option<SignedBy>, Refused> {
    Ok(look
        .own(signature::rows)
        .inner_join(account::table.on(account::id.eq(signature::account_id)))
        .filter(signature::class_id.eq(class.id))
        .filter(signature::term.eq(term))
        .select((account::name, signature::at))
        .first(look.conn())
        .optional()?)
}

/// The dates of a term and, if the class is signed for it, by whom.
pub fn term_of_class(look: &mut Look, class: &ClassRow, term: Term) -> Result<(TermDates, Option<SignedBy>), Refused> {
    let school = look.school();
    term::table
        .left_join(signature::joined().on(
            signature::term.eq(term::id).and(signature::school_id.eq(school)).and(signature::class_id.eq(class.id)),
        ))
        .left_join(account::table.on(account::id.nullable().eq(signature::account_id.nullable())))
        .filter(term::id.eq(term))
        .select(((term::id, term::starts_on, term::ends_on), (account::name, signature::at).nullable()))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)
}

/// The terms in which the class a pupil was in is signed: what the family may see. A
/// class left before it signed, or entered after the term, does not count.
pub fn signatures_of(look: &mut Look, student: StudentId) -> Result<HashMap<Term, SignedBy>, Refused> {
    let rows: Vec<(Term, SignedBy, Option<NaiveDate>)> = look
        .own(signature::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(signature::school_id).and(enrolment::class_id.eq(signature::class_id))),
        )
        .inner_join(account::table.on(account::id.eq(signature::account_id)))
        .inner_join(term::table.on(term::id.eq(signature::term)))
        .filter(enrolment::student_id.eq(student))
        .filter(enrolment::entered_on.le(term::ends_on))
        .select((signature::term, (account::name, signature::at), enrolment::left_on))
        .load(look.conn())?;
    let stayed = |at: NaiveDateTime, left: Option<NaiveDate>| left.is_none_or(|left| left >= at.date());
    Ok(rows.into_iter().filter(|(_, by, left)| stayed(by.at, *left)).map(|(term, by, _)| (term, by)).collect())
}

/// A class on the term board.
pub struct ClassStage {
    pub class: ClassRow,
    pub pupils: i64,
    pub stage: Stage,
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
    let classes = crate::roster::taught_classes(look, whole, term.term)?;
    Ok(classes
        .into_iter()
        .map(|class| {
            let pupils = pupils.get(&class.id).copied().unwrap_or(0);
            let all_sealed = pupils > 0 && sealed.get(&class.id).copied().unwrap_or(0) >= pupils;
            let stage = match (all_sealed, signed.contains(&class.id)) {
                (true, _) => Stage::Sealed,
                (_, true) => Stage::Signed,
                _ => Stage::Evaluating,
            };
            ClassStage { class, pupils, stage }
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
