use super::said;
use crate::access::{Act, Refused, Tx, WholeSchool};
use crate::cycle::{
    CycleRules, NewNotice, Part, Signing, Step, days_ahead, days_of_notice, first_notice, put_notice, put_stage,
    signed_by, stage_signed, window,
};
use crate::evaluation::lacking;
use crate::names::{ClassId, NoticeId, StudentId, Term};
use crate::notice::REASON_CHARACTERS;
use crate::roster::calendar::present_term;
use crate::roster::{class_named, class_register};
use crate::scheme::scheme_of;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

/// The office opens the notice of a signed class, or goes on with what is missing and
/// says why.
#[derive(Serialize)]
pub struct OpenNotice {
    class: ClassId,
    term: Term,
    first_on: NaiveDate,
    last_on: NaiveDate,
    /// Of whom something is missing, by the office's own word.
    missing: Vec<StudentId>,
    reason: Option<String>,
    #[serde(skip)]
    rules: CycleRules,
}

impl OpenNotice {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] when the
    /// class is not signed or its notice was opened already; [`Refused::Invalid`] when
    /// something is missing and no reason is given.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        class_id: ClassId,
        asked: Term,
        reason: &str,
    ) -> Result<Self, Refused> {
        let class = class_named(tx, whole, class_id)?;
        let dates = present_term(tx)?;
        let name = class.name.in_year(dates.term.year());
        if asked != dates.term {
            return Err(Refused::conflict(format!("现在是{}，只能公示本学期。", dates.term.name())));
        }
        if let Some(open) = first_notice(tx, class_id, dates.term, Part::Term)? {
            return Err(Refused::conflict(format!(
                "{name}的公示，{}已经在 {} 开了，{} 结束。没有再开一次。",
                open.opened.name,
                open.opened.at.format("%Y-%m-%d %H:%M"),
                open.last_on
            )));
        }
        window(tx, Step::Notice, dates.term)?.check(Step::Notice, tx.today())?;
        if signed_by(tx, &class, dates.term)?.is_none() {
            return Err(Refused::conflict(format!("{name}还没有签字，不能公示。请班主任先签字。")));
        }
        let day = tx.today().min(dates.ends_on);
        if class_register(tx, whole, class_id, day)?.is_empty() {
            return Err(Refused::conflict(format!("{name}还没有学生，不能公示。")));
        }
        let missing: Vec<StudentId> =
            lacking(tx, whole, class_id, dates)?.into_iter().map(|pupil| pupil.student).collect();
        let reason = match missing.len() {
            0 => None,
            n => Some(said(
                "reason",
                reason,
                REASON_CHARACTERS,
                &format!("还有 {n} 人缺材料。要么等补齐，要么写明为什么现在就公示。"),
            )?),
        };
        let rules = CycleRules::of(&*scheme_of(tx, class.name.cohort, dates.term)?);
        let (first_on, last_on) = days_of_notice(&days_ahead(tx)?, tx.now(), rules.notice);
        Ok(OpenNotice { class: class_id, term: dates.term, first_on, last_on, missing, reason, rules })
    }
}

impl Act for OpenNotice {
    const VERB: &'static str = "notice_opened";
    type Done = (NoticeId, NaiveDate);

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused> {
        let id = put_notice(
            tx,
            &NewNotice {
                class: self.class,
                term: self.term,
                part: Part::Term,
                round: 1,
                audience: self.rules.audience,
                days: (self.first_on, self.last_on),
                missing: self.missing.len() as i32,
                reason: self.reason.clone(),
                change: None,
            },
        )?;
        Ok((id, self.last_on))
    }
}

/// The office has reviewed a class that its teacher has checked.
#[derive(Serialize)]
pub struct ReviewClass {
    class: ClassId,
    term: Term,
}

impl ReviewClass {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] before
    /// the class teacher has signed the checking, or when it was reviewed already.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, class_id: ClassId, asked: Term) -> Result<Self, Refused> {
        let class = class_named(tx, whole, class_id)?;
        let name = class.name.in_year(asked.year());
        match stage_signed(tx, class_id, asked, Part::Term)? {
            [None, _] => {
                Err(Refused::conflict(format!("{name}的班主任还没有核对签字，不能审核。公示结束后请班主任先核对。")))
            }
            [_, Some(done)] => Err(Refused::conflict(format!("{name}由{}审核过了。", done.name))),
            [Some(_), None] => Ok(ReviewClass { class: class_id, term: asked }),
        }
    }
}

impl Act for ReviewClass {
    const VERB: &'static str = "class_reviewed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_stage(tx, self.class, self.term, Part::Term, Signing::Reviewed)
    }
}
