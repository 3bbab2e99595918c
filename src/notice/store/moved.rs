//! Steps that only move an objection on: to another handler, back, or further up.

use super::objection::{NewStep, able, barred, put_step};
use super::photo::put_photos;
use super::said;
use super::thread::thread;
use crate::access::{Act, Refused, Tx};
use crate::cycle::{CycleRules, Instance, StepKind, days_ahead};
use crate::names::{AccountId, ObjectionId};
use crate::notice::OBJECTION_CHARACTERS;
use crate::record::evidence::NewPhoto;
use crate::scheme::scheme_of;
use serde::Serialize;
use serde_json::json;

/// A step that only moves an objection on: to another handler, back, or further up.
#[derive(Serialize)]
pub struct Moved {
    objection: ObjectionId,
    n: i32,
    #[serde(flatten)]
    step: NewStep,
    text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    photos: Vec<NewPhoto>,
}

macro_rules! moves {
    ($(#[$doc:meta])* $name:ident, $verb:literal) => {
        $(#[$doc])*
        #[derive(Serialize)]
        pub struct $name(Moved);

        impl Act for $name {
            const VERB: &'static str = $verb;
            type Done = ();

            fn about(&self) -> serde_json::Value {
                json!({ "objection": self.0.objection })
            }

            fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
                put_step(tx, self.0.objection, self.0.n, &self.0.step, &self.0.text)?;
                put_photos(tx, self.0.objection, self.0.n, &self.0.photos)
            }
        }
    };
}

moves!(
    /// The office gives an objection to somebody else.
    ReassignObjection,
    "objection_assigned"
);
moves!(
    /// Whoever objected takes it back.
    WithdrawObjection,
    "objection_withdrawn"
);
moves!(
    /// Whoever objected takes it to the next instance.
    EscalateObjection,
    "objection_escalated"
);

impl ReassignObjection {
    /// # Errors
    /// [`Refused::Invalid`] for somebody who wrote what is objected to, objects, or has
    /// no desk here; [`Refused::Conflict`] when nobody owes an answer.
    pub fn prepare(tx: &mut Tx, id: ObjectionId, to: AccountId) -> Result<Self, Refused> {
        let thread = thread(tx, id)?;
        let newest = thread.newest();
        if !newest.kind.waits() || newest.instance != Instance::Office {
            return Err(Refused::conflict("这件异议现在不等教务处答复，不能再转。"));
        }
        if barred(tx, &thread)?.contains(&to) {
            return Err(Refused::invalid("handler", "不能交给写这一条的人，也不能交给提异议的人。请换一位。"));
        }
        if !able(tx, &thread)?.iter().any(|able| able.account == to) {
            return Err(Refused::invalid("handler", "这个人不在本校教务或校长的岗位上，请换一位。"));
        }
        let due_on = newest.due_on;
        let step = NewStep { kind: StepKind::Assigned, instance: Instance::Office, handler: Some(to), due_on };
        Ok(ReassignObjection(Moved { objection: id, n: thread.next(), step, text: String::new(), photos: Vec::new() }))
    }
}

impl WithdrawObjection {
    /// # Errors
    /// [`Refused::NotFound`] for somebody else's; [`Refused::Conflict`] when it is over.
    pub fn prepare(tx: &mut Tx, id: ObjectionId) -> Result<Self, Refused> {
        let thread = thread(tx, id)?;
        thread.raised_by(tx.by().person()?)?;
        let newest = thread.newest();
        if !newest.kind.holds(newest.due_on, tx.today()) {
            return Err(Refused::conflict("这件异议已经结束，不用再撤回。"));
        }
        let step =
            NewStep { kind: StepKind::Withdrawn, instance: newest.instance, handler: newest.handler, due_on: None };
        Ok(WithdrawObjection(Moved { objection: id, n: thread.next(), step, text: String::new(), photos: Vec::new() }))
    }
}

impl EscalateObjection {
    /// # Errors
    /// [`Refused::NotFound`] for somebody else's; [`Refused::Conflict`] before there is an
    /// answer that is not late, after the time for it, or above the county.
    pub fn prepare(tx: &mut Tx, id: ObjectionId, text: &str, photos: Vec<NewPhoto>) -> Result<Self, Refused> {
        let thread = thread(tx, id)?;
        thread.raised_by(tx.by().person()?)?;
        let (newest, today) = (thread.newest(), tx.today());
        let late = newest.kind.waits() && newest.due_on.is_some_and(|due| due < today);
        let asks = newest.kind == StepKind::Refused && newest.due_on.is_some_and(|due| due >= today);
        if !late && !asks {
            return Err(Refused::conflict(match newest.kind {
                kind if kind.waits() => "还没有到答复的期限，请先等一等答复。",
                StepKind::Refused => "过了请求复核的时间。",
                _ => "这件异议已经结束。",
            }));
        }
        let next = match newest.instance {
            Instance::Office => Instance::Committee,
            Instance::Committee => Instance::County,
            Instance::County => return Err(Refused::conflict("县教育局已经答复，这是最后一次复核。")),
        };
        let text = said("text", text, OBJECTION_CHARACTERS, "请写一句为什么要复核。")?;
        let rules = CycleRules::of(&*scheme_of(tx, thread.class.name.cohort, thread.term)?);
        let due_on = Some(days_ahead(tx)?.after(today, rules.review));
        let step = NewStep { kind: StepKind::Escalated, instance: next, handler: None, due_on };
        Ok(EscalateObjection(Moved { objection: id, n: thread.next(), step, text, photos }))
    }
}
