use super::objection::{Item, NewStep, barred, put_step};
use super::said;
use super::thread::{Thread, thread};
use crate::access::{Act, Refused, Tx};
use crate::cycle::{
    Changed, CycleRules, Instance, NewNotice, Part, StepKind, days_ahead, days_of_notice, notices_of, put_notice,
};
use crate::evaluation::{DecidedBand, put_decide_again};
use crate::names::{ActivityId, Domain, ObjectionId, StudentId, Term};
use crate::notice::OBJECTION_CHARACTERS;
use crate::record::{Correction, Kept, ToldAtEnd};
use crate::scheme::scheme_of;
use serde::Serialize;
use serde_json::json;

/// What an answer comes to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The item stands as it is.
    Stands,
    /// The band becomes another.
    Band(DecidedBand),
    /// The record changes, and is noticed again.
    Record(ActivityId, Correction),
    /// A final band goes back to the class committee, which decides it again.
    Again,
    /// The end of junior high tells a fact otherwise, and it is noticed again.
    AtEnd(ToldAtEnd),
}

/// Somebody who may answers an objection in writing.
#[derive(Serialize)]
pub struct AnswerObjection {
    objection: ObjectionId,
    student: StudentId,
    term: Term,
    verdict: Verdict,
    text: String,
    #[serde(skip)]
    n: i32,
    #[serde(skip)]
    step: NewStep,
    #[serde(skip)]
    domain: Option<Domain>,
    #[serde(skip)]
    again: Option<NewNotice>,
    #[serde(skip)]
    kept: Option<Kept>,
}

impl AnswerObjection {
    /// `instance`: before whom the asker sits.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for whoever it was not given to; [`Refused::Conflict`] for
    /// its author, and when nobody owes an answer; [`Refused::Invalid`] for an answer
    /// without words, or a verdict that does not suit the item.
    pub fn prepare(
        tx: &mut Tx,
        id: ObjectionId,
        instance: Instance,
        verdict: Verdict,
        text: &str,
    ) -> Result<Self, Refused> {
        let thread = thread(tx, id)?;
        let (newest, me, today) = (thread.newest(), tx.by().person()?, tx.today());
        if newest.instance != instance {
            return Err(Refused::NotFound);
        }
        if !newest.kind.waits() {
            return Err(Refused::conflict("这件异议已经答复或撤回，没有再答一次。"));
        }
        if barred(tx, &thread)?.contains(&me) {
            return Err(Refused::conflict(
                "您写过这一条，或者异议就是您提的，或者已经答复过一次，不能由您来答复。请转给别人。",
            ));
        }
        if newest.handler.is_some_and(|handler| handler != me) {
            return Err(Refused::conflict(format!(
                "这件异议交给了{}，请由他答复，或者先转过来。",
                newest.handler_name
            )));
        }
        if newest.handler.is_none() && instance != Instance::Office {
            return Err(Refused::conflict("还没有人接手这件异议，请先接手。"));
        }
        let text = said("text", text, OBJECTION_CHARACTERS, "请写清楚查了什么、怎么定的，家长要看这份答复。")?;
        let rules = CycleRules::of(&*scheme_of(tx, thread.class.name.cohort, thread.term)?);
        let Decided { domain, kept, changed } = decided(tx, &thread, &verdict)?;
        let again = match changed {
            Some((was, becomes)) => Some(noticed_again(tx, &thread, &rules, was, becomes)?),
            None => None,
        };
        let (kind, due_on) = match (&verdict, instance) {
            (Verdict::Stands, Instance::County) => (StepKind::Refused, None),
            (Verdict::Stands, _) => (StepKind::Refused, Some(days_ahead(tx)?.after(today, rules.escalate))),
            _ => (StepKind::Upheld, None),
        };
        let step = NewStep { kind, instance, handler: Some(me), due_on };
        let (student, term, n) = (thread.student, thread.term, thread.next());
        Ok(AnswerObjection { objection: id, student, term, verdict, text, n, step, domain, again, kept })
    }
}

/// What a verdict touches: a band, a record, and how an item read and will read.
#[derive(Default)]
struct Decided {
    domain: Option<Domain>,
    kept: Option<Kept>,
    changed: Option<(String, String)>,
}

/// # Errors
/// [`Refused::Invalid`] for a verdict that does not suit the item, or changes nothing.
fn decided(tx: &mut Tx, thread: &Thread, verdict: &Verdict) -> Result<Decided, Refused> {
    let unnoticed = || "（公示里没有）".to_owned();
    let decided = match (verdict, thread.item, thread.part) {
        (Verdict::Stands, ..) => return Ok(Decided::default()),
        (Verdict::Band(_), Item::Band(domain), Part::Term) | (Verdict::Again, Item::Band(domain), Part::Graduation) => {
            return Ok(Decided { domain: Some(domain), ..Decided::default() });
        }
        (Verdict::Record(activity, correction), item @ (Item::Fact(_) | Item::Missing), Part::Term) => {
            let fits = match correction {
                Correction::Confirm => item == Item::Missing,
                _ => item == Item::Fact(*activity),
            };
            let kept = thread.of().record(tx, *activity)?.filter(|_| fits);
            let kept = kept.ok_or_else(|| Refused::invalid("verdict", "请先选要改的是哪一条记录。"))?;
            let was = if matches!(correction, Correction::Confirm) { unnoticed() } else { kept.line() };
            let becomes = correction.becomes(&kept);
            Decided { kept: Some(kept), changed: Some((was, becomes)), domain: None }
        }
        (Verdict::AtEnd(told), Item::Fact(activity), Part::Graduation) => {
            let kept = thread.of().record(tx, activity)?.ok_or(Refused::NotFound)?;
            let changed = Some((kept.line(), told.becomes()));
            Decided { kept: Some(kept), changed, domain: None }
        }
        (Verdict::AtEnd(told @ ToldAtEnd::Told { .. }), Item::Missing, Part::Graduation) => {
            Decided { changed: Some((unnoticed(), told.becomes())), ..Decided::default() }
        }
        _ => return Err(Refused::invalid("verdict", "请选怎么定：维持不变，还是怎样改。")),
    };
    match &decided.changed {
        Some((was, becomes)) if was == becomes => {
            Err(Refused::invalid("verdict", "和原来写的一样。要维持不变，请选“维持不变”。"))
        }
        _ => Ok(decided),
    }
}

/// The second notice of one item.
fn noticed_again(
    tx: &mut Tx,
    thread: &Thread,
    rules: &CycleRules,
    was: String,
    becomes: String,
) -> Result<NewNotice, Refused> {
    let round = notices_of(tx, thread.class.id, thread.term, thread.part)?.len() as i32 + 1;
    Ok(NewNotice {
        class: thread.class.id,
        term: thread.term,
        part: thread.part,
        round,
        audience: rules.audience,
        days: days_of_notice(&days_ahead(tx)?, tx.now(), rules.second_notice),
        missing: 0,
        reason: None,
        change: Some(Changed { objection: thread.id, student: thread.student, was, becomes }),
    })
}

impl Act for AnswerObjection {
    const VERB: &'static str = "objection_answered";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "objection": self.objection, "student": self.student, "kind": self.step.kind })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_step(tx, self.objection, self.n, &self.step, &self.text)?;
        if let Some(notice) = &self.again {
            // The notice first: without it the record is frozen.
            put_notice(tx, notice)?;
        }
        match (&self.verdict, self.domain, &self.kept) {
            (Verdict::Band(band), Some(domain), _) => band.put(tx, self.student, self.term, domain),
            (Verdict::Again, Some(domain), _) => put_decide_again(tx, self.objection, self.student, domain),
            (Verdict::Record(_, correction), _, Some(kept)) => correction.put(tx, kept),
            (Verdict::AtEnd(told), _, kept) => told.put(tx, self.objection, self.student, kept.as_ref()),
            _ => Ok(()),
        }
    }
}
