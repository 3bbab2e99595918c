//! An escalated objection is taken up by one person of the committee or of the county,
//! who from then on sees what it is about through a case.

use super::objection::{NewStep, barred, put_step};
use super::thread::thread;
use crate::access::{Act, CaseItem, Refused, Tx};
use crate::cycle::{CycleRules, Instance, StepKind, days_ahead};
use crate::names::{CaseId, ClassId, ObjectionId};
use crate::roster::{OpenCase, case_stands};
use crate::scheme::scheme_of;
use serde::Serialize;
use serde_json::json;

/// Somebody of the committee, or of the county, takes an objection up.
#[derive(Serialize)]
pub struct TakeObjection {
    objection: ObjectionId,
    case: OpenCase,
    #[serde(skip)]
    n: i32,
    #[serde(skip)]
    step: NewStep,
}

impl TakeObjection {
    /// A member of the school's committee, for the classes of the post.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for an objection of another class; as [`by_county`](Self::by_county).
    pub fn by_committee(tx: &mut Tx, id: ObjectionId, classes: &[ClassId]) -> Result<Self, Refused> {
        if !classes.contains(&thread(tx, id)?.class.id) {
            return Err(Refused::NotFound);
        }
        TakeObjection::prepare(tx, id, Instance::Committee)
    }

    /// Someone of the county's office.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for one that lies elsewhere; [`Refused::Conflict`] when nobody
    /// owes an answer, when somebody else has taken it up, and for whoever wrote what is
    /// objected to, objects, or has answered it before.
    pub fn by_county(tx: &mut Tx, id: ObjectionId) -> Result<Self, Refused> {
        TakeObjection::prepare(tx, id, Instance::County)
    }

    fn prepare(tx: &mut Tx, id: ObjectionId, instance: Instance) -> Result<Self, Refused> {
        let thread = thread(tx, id)?;
        let (newest, me, today) = (thread.newest(), tx.by().person()?, tx.today());
        if newest.instance != instance {
            return Err(Refused::NotFound);
        }
        if !newest.kind.waits() {
            return Err(Refused::conflict("这件异议已经答复或撤回，不用再接手。"));
        }
        if let Some(handler) = newest.handler
            && case_stands(tx, id, handler)?
        {
            return Err(Refused::conflict(format!("{}已经接手这件异议。", newest.handler_name)));
        }
        if barred(tx, &thread)?.contains(&me) {
            return Err(Refused::conflict(
                "您写过这一条，或者异议就是您提的，或者已经答复过一次，不能由您来复核。请别的人接手。",
            ));
        }
        let rules = CycleRules::of(&*scheme_of(tx, thread.class.name.cohort, thread.term)?);
        // Who takes it up late has the time of a review to see it all the same.
        let until = newest.due_on.max(Some(days_ahead(tx)?.after(today, rules.review))).unwrap_or(today);
        let item = CaseItem { student: thread.student, term: thread.term, objection: Some(id) };
        let case = OpenCase::escalated(tx, item, me, format!("复核异议：{}", thread.cited), until)?;
        let step = NewStep { kind: StepKind::Assigned, instance, handler: Some(me), due_on: newest.due_on };
        Ok(TakeObjection { objection: id, case, n: thread.next(), step })
    }
}

impl Act for TakeObjection {
    const VERB: &'static str = "objection_taken";
    type Done = CaseId;

    fn about(&self) -> serde_json::Value {
        let mut about = self.case.about();
        about["objection"] = json!(self.objection);
        about
    }

    fn perform(&self, tx: &mut Tx) -> Result<CaseId, Refused> {
        put_step(tx, self.objection, self.n, &self.step, "")?;
        self.case.perform(tx)
    }
}
