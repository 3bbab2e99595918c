use super::notices::notices_of;
use crate::access::own::{objection, objection_step};
use crate::access::{Look, Refused, WholeSchool};
use crate::cycle::{Instance, Part, StepKind};
use crate::names::{AccountId, ClassId, ObjectionId, StudentId, Term};
use crate::schema::account;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// An objection that is not at its end: whose term waits, for whom and until when.
#[derive(Clone, Debug)]
pub struct Holding {
    pub objection: ObjectionId,
    pub class: ClassId,
    pub student: StudentId,
    pub kind: StepKind,
    pub instance: Instance,
    pub handler: Option<AccountId>,
    /// Empty where a post answers, not a person.
    pub handler_name: String,
    pub due_on: Option<NaiveDate>,
}

impl Holding {
    /// Someone owes an answer; else the answer may still be taken further.
    pub fn waits(&self) -> bool {
        self.kind.waits()
    }
}

/// The objections of every class of the school to a term, or to the end of junior high,
/// that are not at their end.
pub fn holding_in_school(look: &mut Look, _: WholeSchool, term: Term, part: Part) -> Result<Vec<Holding>, Refused> {
    holding_of(look, None, term, part)
}

/// Whose seal waits in a class, and why, for people to read: an objection to the term does
/// not hold the graduation, nor the other way round.
pub fn holding(look: &mut Look, class: ClassId, term: Term, part: Part) -> Result<HashMap<StudentId, String>, Refused> {
    let now = look.now();
    let mut why = HashMap::new();
    for held in holding_of(look, Some(class), term, part)? {
        let words = match (held.waits(), held.due_on) {
            (true, _) => format!("有一件异议等{}答复", held.instance.word()),
            (false, Some(due)) => format!("异议已经答复，{due} 以前还可以请求复核"),
            (false, None) => continue,
        };
        why.insert(held.student, words);
    }
    for notice in notices_of(look, class, term, part)?.into_iter().filter(|notice| notice.is_open(now)) {
        if let Some(change) = notice.change {
            why.insert(change.student, format!("有一条改动在二次公示，{} 结束", notice.last_on));
        }
    }
    Ok(why)
}

fn holding_of(look: &mut Look, class: Option<ClassId>, term: Term, part: Part) -> Result<Vec<Holding>, Refused> {
    let today = look.today();
    let rows: Vec<(
        (ObjectionId, ClassId, StudentId),
        (StepKind, Instance, Option<AccountId>, Option<NaiveDate>),
        Option<String>,
    )> =
        look.own(objection::rows)
            .inner_join(objection_step::joined().on(
                objection_step::school_id.eq(objection::school_id).and(objection_step::objection_id.eq(objection::id)),
            ))
            .left_join(account::table.on(account::id.nullable().eq(objection_step::handler_id)))
            .filter(objection::term.eq(term))
            .filter(objection::part.eq(part))
            .order(objection_step::n)
            .select((
                (objection::id, objection::class_id, objection::student_id),
                (objection_step::kind, objection_step::instance, objection_step::handler_id, objection_step::due_on),
                account::name.nullable(),
            ))
            .load(look.conn())?;
    // The newest step comes last and stays.
    let mut newest = BTreeMap::new();
    for ((objection, of, student), (kind, instance, handler, due_on), name) in rows {
        if class.is_none_or(|class| class == of) {
            let handler_name = name.unwrap_or_default();
            newest.insert(
                objection,
                Holding { objection, class: of, student, kind, instance, handler, handler_name, due_on },
            );
        }
    }
    Ok(newest.into_values().filter(|held| held.kind.holds(held.due_on, today)).collect())
}
