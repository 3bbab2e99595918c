use super::objection::{Item, NewStep, Of, authors, band_words, missing_words, put_step};
use super::people::handlers;
use super::photo::put_photos;
use super::said;
use crate::access::own::objection;
use crate::access::{Act, Look, Refused, Tx};
use crate::cycle::{CycleRules, Instance, Part, StepKind, days_ahead, notices_of, signed_by};
use crate::evaluation::graduation_bands;
use crate::names::{AccountId, ActivityId, ClassId, Domain, ObjectionId, StudentId, Term};
use crate::notice::OBJECTION_CHARACTERS;
use crate::notice::facts::{FactView, facts_of};
use crate::record::Kept;
use crate::record::evidence::NewPhoto;
use crate::scheme::scheme_of;
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Somebody objects.
#[derive(Serialize)]
pub struct RaiseObjection {
    class: ClassId,
    term: Term,
    part: Part,
    student: StudentId,
    item: Item,
    cited: String,
    text: String,
    handler: Option<AccountId>,
    due_on: NaiveDate,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    photos: Vec<NewPhoto>,
}

impl RaiseObjection {
    /// The caller has proved that the class is the child's or the teacher's own, and
    /// for a band or something missing that the child is.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for a text that is empty or too long; [`Refused::NotFound`]
    /// for what was never noticed; [`Refused::Conflict`] outside the time for it.
    pub fn prepare(tx: &mut Tx, of: &Of, text: &str, photos: Vec<NewPhoto>) -> Result<Self, Refused> {
        let Of { class, term, part, student, item } = *of;
        let text = said("text", text, OBJECTION_CHARACTERS, "还没有写哪里不对。请说说情况，希望怎么改。")?;
        let me = tx.by().person()?;
        let (cited, opener) = match part {
            Part::Term => in_term(tx, of)?,
            Part::Graduation => at_end(tx, of)?,
        };
        let open: i64 = tx
            .own(objection::rows)
            .filter(objection::account_id.eq(me))
            .filter(objection::student_id.eq(student))
            .filter(objection::term.eq(term))
            .filter(objection::part.eq(part))
            .filter(objection::cited.eq(&cited))
            .count()
            .get_result(tx.conn())?;
        if open > 0 && item != Item::Missing {
            return Err(Refused::conflict("您已经对这一条提过异议，请在“我的异议”里看答复。"));
        }
        let mut not = authors(tx, of)?;
        not.push(me);
        let able = handlers(tx, &not)?;
        let handler = able.iter().find(|able| Some(able.account) == opener).or(able.first());
        let rules = CycleRules::of(&*scheme_of(tx, class.name.cohort, term)?);
        let handler = handler.map(|handler| handler.account);
        let days = if handler.is_some() { rules.answer } else { rules.review };
        let due_on = days_ahead(tx)?.after(tx.today(), days);
        Ok(RaiseObjection { class: class.id, term, part, student, item, cited, text, handler, due_on, photos })
    }
}

fn over(last: NaiveDate) -> Refused {
    Refused::conflict(format!("公示 {last} 17:00 已经结束，过了提异议的时间。"))
}

/// The fact of a pupil that one objects to.
///
/// # Errors
/// [`Refused::NotFound`] for one that no notice of the class has shown with this pupil in
/// it: a draft, what another class did, what is only handed in.
pub fn shown_fact(look: &mut Look, of: &Of, activity: ActivityId) -> Result<Kept, Refused> {
    let Of { class, term, part, student, .. } = *of;
    if !notices_of(look, class.id, term, part)?.iter().any(|notice| notice.round == 1) {
        return Err(Refused::NotFound);
    }
    let kept = of.record(look, activity)?.ok_or(Refused::NotFound)?;
    let page = if part == Part::Term { term } else { kept.term };
    let is_it =
        |fact: &FactView| fact.activity == Some(activity) && fact.names.iter().any(|name| name.student == student);
    if facts_of(look, &class, term, part, page)?.iter().any(is_it) { Ok(kept) } else { Err(Refused::NotFound) }
}

/// What of a term is cited, and who opened its notice; refuses what cannot be objected to
/// now.
fn in_term(look: &mut Look, of: &Of) -> Result<(String, Option<AccountId>), Refused> {
    let Of { class, term, part, student, item } = *of;
    let now = look.now();
    let notices = notices_of(look, class.id, term, part)?;
    let first = notices.iter().find(|notice| notice.round == 1);
    let opener = first.map(|notice| notice.opened.account);
    let cited = match item {
        Item::Band(domain) => {
            if signed_by(look, &class, term)?.is_none() {
                return Err(Refused::conflict("这学期的等级还没有签字，签字以后才能提异议。"));
            }
            if let Some(closed) = first.filter(|notice| !notice.is_open(now)) {
                return Err(over(closed.last_on));
            }
            band_words(&*scheme_of(look, class.name.cohort, term)?, part, domain)
        }
        Item::Fact(activity) => {
            let kept = shown_fact(look, of, activity)?;
            let first = first.ok_or(Refused::NotFound)?;
            let again = notices.iter().any(|notice| {
                notice.is_open(now) && notice.change.as_ref().is_some_and(|change| change.student == student)
            });
            if !first.is_open(now) && !again {
                return Err(over(first.last_on));
            }
            kept.line()
        }
        Item::Missing => {
            let first = first.ok_or_else(|| Refused::conflict("这个班还没有公示。"))?;
            if !first.is_open(now) {
                return Err(over(first.last_on));
            }
            missing_words(part)
        }
    };
    Ok((cited, opener))
}

/// As [`in_term`], of the end of junior high: while its notice runs.
fn at_end(look: &mut Look, of: &Of) -> Result<(String, Option<AccountId>), Refused> {
    let Of { class, term, part, student, item } = *of;
    let notices = notices_of(look, class.id, term, part)?;
    let first = notices
        .iter()
        .find(|notice| notice.round == 1)
        .ok_or_else(|| Refused::conflict("毕业公示还没有开始，开始以后才能提异议。"))?;
    let cited = match item {
        Item::Band(domain) => {
            let decided = graduation_bands(look, &[student])?.remove(&student).unwrap_or_default();
            if decided.sheet.band(domain).is_none() {
                return Err(Refused::conflict("这一育还没有商定毕业等级，商定以后才能提异议。"));
            }
            band_words(&*scheme_of(look, class.name.cohort, term)?, part, domain)
        }
        Item::Fact(activity) => shown_fact(look, of, activity)?.line(),
        Item::Missing => missing_words(part),
    };
    if !first.is_open(look.now()) {
        return Err(over(first.last_on));
    }
    Ok((cited, Some(first.opened.account)))
}

impl Act for RaiseObjection {
    const VERB: &'static str = "objection_raised";
    type Done = ObjectionId;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term, "student": self.student })
    }

    fn perform(&self, tx: &mut Tx) -> Result<ObjectionId, Refused> {
        let (id, by, role, at) = (ObjectionId::new(), tx.by().person()?, tx.by().role(), tx.now());
        let (item, domain, activity): (&str, Option<Domain>, Option<ActivityId>) = match self.item {
            Item::Band(domain) => ("band", Some(domain), None),
            Item::Fact(activity) => ("fact", None, Some(activity)),
            Item::Missing => ("missing", None, None),
        };
        tx.put(
            objection::rows,
            (
                (objection::id.eq(id), objection::class_id.eq(self.class), objection::term.eq(self.term)),
                (objection::part.eq(self.part), objection::student_id.eq(self.student), objection::item.eq(item)),
                (objection::domain.eq(domain), objection::activity_id.eq(activity)),
                (objection::cited.eq(self.cited.clone()), objection::text.eq(self.text.clone())),
                (objection::account_id.eq(by), objection::role.eq(role.code()), objection::at.eq(at)),
            ),
        )?;
        let instance = if self.handler.is_some() { Instance::Office } else { Instance::Committee };
        let new = NewStep { kind: StepKind::Assigned, instance, handler: self.handler, due_on: Some(self.due_on) };
        put_step(tx, id, 1, &new, "")?;
        put_photos(tx, id, 1, &self.photos)?;
        Ok(id)
    }
}
