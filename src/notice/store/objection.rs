use super::people::handlers;
use super::said;
use super::thread::{Thread, thread};
use crate::access::own::{objection, objection_step};
use crate::access::{Act, Look, Refused, Tx};
use crate::cycle::{CycleRules, Instance, Part, StepKind, days_ahead, first_notice, notices_of, signed_by};
use crate::evaluation::{band_authors, signer};
use crate::names::{AccountId, ActivityId, ClassId, Domain, ObjectionId, StudentId, Term};
use crate::notice::OBJECTION_CHARACTERS;
use crate::notice::facts::facts_of;
use crate::record::{record_authors, record_now};
use crate::roster::{ClassRow, end_cases_of};
use crate::scheme::scheme_of;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

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

/// Somebody objects.
#[derive(Serialize)]
pub struct RaiseObjection {
    class: ClassId,
    term: Term,
    student: StudentId,
    item: Item,
    cited: String,
    text: String,
    handler: Option<AccountId>,
    due_on: NaiveDate,
}

impl RaiseObjection {
    /// The caller has proved that the class is the child's or the teacher's own, and
    /// for a band or something missing that the child is.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for a text that is empty or too long; [`Refused::NotFound`]
    /// for what was never noticed; [`Refused::Conflict`] outside the time for it.
    pub fn prepare(
        tx: &mut Tx,
        class: &ClassRow,
        term: Term,
        student: StudentId,
        item: Item,
        text: &str,
    ) -> Result<Self, Refused> {
        let text = said("text", text, OBJECTION_CHARACTERS, "还没有写哪里不对。请说说情况，希望怎么改。")?;
        let me = tx.by().person()?;
        let (cited, authors) = self::cited(tx, class, term, student, item)?;
        let open: i64 = tx
            .own(objection::rows)
            .filter(objection::account_id.eq(me))
            .filter(objection::student_id.eq(student))
            .filter(objection::term.eq(term))
            .filter(objection::cited.eq(&cited))
            .count()
            .get_result(tx.conn())?;
        if open > 0 && item != Item::Missing {
            return Err(Refused::conflict("您已经对这一条提过异议，请在“我的异议”里看答复。"));
        }
        let mut not = authors;
        not.push(me);
        let opener = first_notice(tx, class.id, term, Part::Term)?.map(|notice| notice.opened.account);
        let able = handlers(tx, &not)?;
        let handler = able.iter().find(|able| Some(able.account) == opener).or(able.first());
        let rules = CycleRules::of(&*scheme_of(tx, class.name.cohort, term)?);
        let handler = handler.map(|handler| handler.account);
        let days = if handler.is_some() { rules.answer } else { rules.review };
        let due_on = days_ahead(tx)?.after(tx.today(), days);
        Ok(RaiseObjection { class: class.id, term, student, item, cited, text, handler, due_on })
    }
}

/// What is cited, and who had a hand in it; refuses what cannot be objected to now.
fn cited(
    look: &mut Look,
    class: &ClassRow,
    term: Term,
    student: StudentId,
    item: Item,
) -> Result<(String, Vec<AccountId>), Refused> {
    let now = look.now();
    let notices = notices_of(look, class.id, term, Part::Term)?;
    let first = notices.iter().find(|notice| notice.round == 1);
    let over = |last: NaiveDate| Refused::conflict(format!("公示 {last} 17:00 已经结束，过了提异议的时间。"));
    match item {
        Item::Band(domain) => {
            if signed_by(look, class, term)?.is_none() {
                return Err(Refused::conflict("这学期的等级还没有签字，签字以后才能提异议。"));
            }
            if let Some(closed) = first.filter(|notice| !notice.is_open(now)) {
                return Err(over(closed.last_on));
            }
            let scheme = scheme_of(look, class.name.cohort, term)?;
            let authors = band_authors(look, class.id, student, term, domain)?;
            Ok((format!("{}的等级", scheme.domain(domain).name), authors))
        }
        Item::Fact(activity) => {
            let first = first.ok_or(Refused::NotFound)?;
            let kept = record_now(look, student, term, activity)?.ok_or(Refused::NotFound)?;
            let again = notices.iter().any(|notice| {
                notice.is_open(now) && notice.change.as_ref().is_some_and(|change| change.student == student)
            });
            let shown = facts_of(look, class, term)?
                .into_iter()
                .any(|fact| fact.activity == activity && fact.names.iter().any(|name| name.student == student));
            if !shown {
                return Err(Refused::NotFound);
            }
            if !first.is_open(now) && !again {
                return Err(over(first.last_on));
            }
            Ok((kept.line(), record_authors(look, student, activity)?))
        }
        Item::Missing => {
            let first = first.ok_or_else(|| Refused::conflict("这个班还没有公示。"))?;
            if !first.is_open(now) {
                return Err(over(first.last_on));
            }
            Ok(("公示里少了一件事".to_owned(), signer(look, class.id, term)?.into_iter().collect()))
        }
    }
}

impl Act for RaiseObjection {
    const VERB: &'static str = "objection_raised";
    type Done = ObjectionId;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term, "student": self.student })
    }

    fn perform(&self, tx: &mut Tx) -> Result<ObjectionId, Refused> {
        let (id, by, role, at) = (ObjectionId::new(), tx.by().person()?, tx.by().role(), tx.now());
        let (item, domain, activity) = match self.item {
            Item::Band(domain) => ("band", Some(domain), None),
            Item::Fact(activity) => ("fact", None, Some(activity)),
            Item::Missing => ("missing", None, None),
        };
        tx.put(
            objection::rows,
            (
                (objection::id.eq(id), objection::class_id.eq(self.class), objection::term.eq(self.term)),
                (objection::student_id.eq(self.student), objection::item.eq(item)),
                (objection::domain.eq(domain), objection::activity_id.eq(activity)),
                (objection::cited.eq(self.cited.clone()), objection::text.eq(self.text.clone())),
                (objection::account_id.eq(by), objection::role.eq(role.code()), objection::at.eq(at)),
            ),
        )?;
        let instance = if self.handler.is_some() { Instance::Office } else { Instance::Committee };
        let new = NewStep { kind: StepKind::Assigned, instance, handler: self.handler, due_on: Some(self.due_on) };
        put_step(tx, id, 1, &new, "")?;
        Ok(id)
    }
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

/// A step that only moves an objection on: to another handler, back, or further up.
#[derive(Serialize)]
pub struct Moved {
    objection: ObjectionId,
    n: i32,
    #[serde(flatten)]
    step: NewStep,
    text: String,
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
                put_step(tx, self.0.objection, self.0.n, &self.0.step, &self.0.text)
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

/// Everyone who may not answer it.
pub(super) fn barred(look: &mut Look, thread: &Thread) -> Result<Vec<AccountId>, Refused> {
    let mut not = match thread.item {
        Item::Band(domain) => band_authors(look, thread.class.id, thread.student, thread.term, domain)?,
        Item::Fact(activity) => record_authors(look, thread.student, activity)?,
        Item::Missing => signer(look, thread.class.id, thread.term)?.into_iter().collect(),
    };
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
        Ok(ReassignObjection(Moved { objection: id, n: thread.next(), step, text: String::new() }))
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
        Ok(WithdrawObjection(Moved { objection: id, n: thread.next(), step, text: String::new() }))
    }
}

impl EscalateObjection {
    /// # Errors
    /// [`Refused::NotFound`] for somebody else's; [`Refused::Conflict`] before there is an
    /// answer that is not late, after the time for it, or above the county.
    pub fn prepare(tx: &mut Tx, id: ObjectionId, text: &str) -> Result<Self, Refused> {
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
        Ok(EscalateObjection(Moved { objection: id, n: thread.next(), step, text }))
    }
}
