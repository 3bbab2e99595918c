//! What can be objected to, who had a hand in it, and the rows of an objection's steps.

use super::people::handlers;
use super::thread::Thread;
use crate::access::own::objection_step;
use crate::access::{Look, Refused, Tx};
use crate::cycle::{Instance, Part, StepKind};
use crate::evaluation::{band_authors, graduation_deciders, signer};
use crate::names::{AccountId, ActivityId, Domain, ObjectionId, StudentId, Term};
use crate::record::{Kept, record_authors, record_ever, record_now};
use crate::roster::{ClassRow, end_cases_of};
use crate::scheme::Scheme;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

/// What is objected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// One's own band in a domain.
    Band(Domain),
    /// A pupil's place in a noticed fact.
    Fact(ActivityId),
    /// Something of one's own that the notice leaves out.
    Missing,
}

/// An item of a pupil, in a term or at the end of junior high; `term` is then the sixth.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    pub class: ClassRow,
    pub term: Term,
    pub part: Part,
    pub student: StudentId,
    pub item: Item,
}

impl Of {
    /// The pupil's record of an activity: of the term, or of whichever term it was in.
    pub fn record(&self, look: &mut Look, activity: ActivityId) -> Result<Option<Kept>, Refused> {
        match self.part {
            Part::Term => record_now(look, self.student, self.term, activity),
            Part::Graduation => record_ever(look, self.student, activity),
        }
    }
}

/// A band as it is cited.
pub fn band_words(scheme: &Scheme, part: Part, domain: Domain) -> String {
    let name = &scheme.domain(domain).name;
    match part {
        Part::Term => format!("{name}的等级"),
        Part::Graduation => format!("{name}的毕业等级"),
    }
}

/// What a notice leaves out, as it is cited.
pub fn missing_words(part: Part) -> String {
    match part {
        Part::Term => "公示里少了一件事",
        Part::Graduation => "毕业公示里少了一件事",
    }
    .to_owned()
}

/// Everyone who had a hand in it.
pub(super) fn authors(look: &mut Look, of: &Of) -> Result<Vec<AccountId>, Refused> {
    Ok(match (of.item, of.part) {
        (Item::Band(domain), Part::Term) => band_authors(look, of.class.id, of.student, of.term, domain)?,
        (Item::Fact(activity), _) => record_authors(look, of.student, activity)?,
        (Item::Missing, Part::Term) => signer(look, of.class.id, of.term)?.into_iter().collect(),
        (Item::Band(_) | Item::Missing, Part::Graduation) => graduation_deciders(look, of.student)?,
    })
}

/// Everyone who may not answer it.
pub(super) fn barred(look: &mut Look, thread: &Thread) -> Result<Vec<AccountId>, Refused> {
    let mut not = authors(look, &thread.of())?;
    not.push(thread.by);
    // Whoever answered it once does not look at it again at the next instance.
    not.extend(thread.steps.iter().filter(|step| step.kind == StepKind::Refused).map(|step| step.by));
    Ok(not)
}

/// Those of the school's desks who may be given it.
pub fn able(look: &mut Look, thread: &Thread) -> Result<Vec<super::people::Handler>, Refused> {
    let not = barred(look, thread)?;
    handlers(look, &not)
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct NewStep {
    pub kind: StepKind,
    pub instance: Instance,
    pub handler: Option<AccountId>,
    pub due_on: Option<NaiveDate>,
}

pub(super) fn put_step(tx: &mut Tx, id: ObjectionId, n: i32, new: &NewStep, text: &str) -> Result<(), Refused> {
    if new.kind != StepKind::Assigned {
        end_cases_of(tx, id)?;
    }
    let (by, role, at) = (tx.by().person()?, tx.by().role(), tx.now());
    tx.put(
        objection_step::rows,
        (
            (objection_step::objection_id.eq(id), objection_step::n.eq(n), objection_step::kind.eq(new.kind)),
            (objection_step::instance.eq(new.instance), objection_step::handler_id.eq(new.handler)),
            (objection_step::due_on.eq(new.due_on), objection_step::text.eq(text.to_owned())),
            (objection_step::account_id.eq(by), objection_step::role.eq(role.code()), objection_step::at.eq(at)),
        ),
    )?;
    Ok(())
}
