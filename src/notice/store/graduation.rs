//! The end of junior high, class by class: the office opens its notice, the class teacher
//! signs that all was checked, the office reviews when every file was looked through.

use super::said;
use crate::access::{Act, OwnClass, Refused, Tx, WholeSchool};
use crate::cycle::{
    CycleRules, NewNotice, Part, Signing, days_ahead, days_of_notice, first_notice, is_frozen, put_notice, put_stage,
    stage_signed,
};
use crate::evaluation::{Graduating, graduating, sealed_terms};
use crate::names::{ClassId, NoticeId, StudentId, Term};
use crate::notice::REASON_CHARACTERS;
use crate::roster::calendar::{present_term, term_dates};
use crate::roster::{Registered, class_named, class_register};
use crate::scheme::scheme_of;
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

/// The office opens the notice of a class that graduates: its facts of three years. From
/// then on families see the five bands of their own child.
#[derive(Serialize)]
pub struct OpenGraduation {
    class: ClassId,
    term: Term,
    days: (NaiveDate, NaiveDate),
    missing: Vec<StudentId>,
    reason: Option<String>,
    #[serde(skip)]
    rules: CycleRules,
}

fn pupils(tx: &mut Tx, whole: WholeSchool, class: ClassId, term: Term) -> Result<Vec<Registered>, Refused> {
    let ends = term_dates(tx, term)?.ends_on;
    let day = tx.today().min(ends);
    class_register(tx, whole, class, day)
}

/// The facts of three years are shown, and what is shown stands still: earlier terms are
/// sealed, and the last one is noticed by now, or sealed as well.
fn refuse_unfrozen(tx: &mut Tx, class: ClassId, term: Term, pupils: &[StudentId]) -> Result<(), Refused> {
    if is_frozen(tx, class, term)? {
        return Ok(());
    }
    for pupil in pupils {
        if !sealed_terms(tx, *pupil)?.contains(&term) {
            let why = "本学期还没有公示，写实记录还会改。请先开本学期的公示，再开毕业公示。";
            return Err(Refused::conflict(why));
        }
    }
    Ok(())
}

impl OpenGraduation {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] before its
    /// last term, when it was opened already, while nobody's file is decided, and before
    /// the last term's own notice;
    /// [`Refused::Invalid`] when somebody's is not, or without statement, and no reason is given.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, class_id: ClassId, reason: &str) -> Result<Self, Refused> {
        let class = class_named(tx, whole, class_id)?;
        let term = Term::of_cohort(class.name.cohort)[5];
        if present_term(tx)?.term != term {
            return Err(Refused::conflict("毕业公示在九年级第二学期。"));
        }
        if let Some(open) = first_notice(tx, class_id, term, Part::Graduation)? {
            return Err(Refused::conflict(format!("{}已经开了毕业公示，没有再开一次。", open.opened.name)));
        }
        let ids: Vec<StudentId> = pupils(tx, whole, class_id, term)?.into_iter().map(|pupil| pupil.id).collect();
        refuse_unfrozen(tx, class_id, term, &ids)?;
        let files = graduating(tx, &ids)?;
        let decided = |id: &StudentId| files.get(id).is_some_and(|file| file.is_decided());
        if !ids.iter().any(decided) {
            return Err(Refused::conflict("这个班还没有商定毕业等级，不能公示。请班主任先填。"));
        }
        let spoken = |id: &StudentId| files.get(id).is_some_and(|file| file.statement.is_some());
        let missing: Vec<StudentId> = ids.into_iter().filter(|id| !decided(id) || !spoken(id)).collect();
        let reason = match missing.len() {
            0 => None,
            n => {
                let empty = format!("还有 {n} 人没写好。要么等写好，要么写明为什么现在就公示。");
                Some(said("reason", reason, REASON_CHARACTERS, &empty)?)
            }
        };
        let rules = CycleRules::of(&*scheme_of(tx, class.name.cohort, term)?);
        let days = days_of_notice(&days_ahead(tx)?, tx.now(), rules.notice);
        Ok(OpenGraduation { class: class_id, term, days, missing, reason, rules })
    }
}

impl Act for OpenGraduation {
    const VERB: &'static str = "graduation_noticed";
    type Done = (NoticeId, NaiveDate);

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused> {
        let notice = NewNotice {
            class: self.class,
            term: self.term,
            part: Part::Graduation,
            round: 1,
            audience: self.rules.audience,
            days: self.days,
            missing: self.missing.len() as i32,
            reason: self.reason.clone(),
            change: None,
        };
        Ok((put_notice(tx, &notice)?, self.days.1))
    }
}

/// The class teacher signs after the graduation notice.
#[derive(Serialize)]
pub struct CheckGraduation {
    class: OwnClass,
    term: Term,
}

impl CheckGraduation {
    /// # Errors
    /// [`Refused::Conflict`] before the notice is over, or when it was signed already.
    pub fn prepare(tx: &mut Tx, own: &OwnClass) -> Result<Self, Refused> {
        let term = Term::of_cohort(own.cohort())[5];
        let notice = first_notice(tx, own.id(), term, Part::Graduation)?
            .ok_or_else(|| Refused::conflict("还没有毕业公示。等级和评语写好以后由教务开公示。"))?;
        if notice.is_open(tx.now()) {
            return Err(Refused::conflict(format!("公示到 {} 17:00 才结束，结束以后再签字。", notice.last_on)));
        }
        if let [Some(done), _] = stage_signed(tx, own.id(), term, Part::Graduation)? {
            return Err(Refused::conflict(format!("{}已经签字了。", done.name)));
        }
        Ok(CheckGraduation { class: *own, term })
    }
}

impl Act for CheckGraduation {
    const VERB: &'static str = "graduation_checked";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_stage(tx, self.class.id(), self.term, Part::Graduation, Signing::Checked)
    }
}

/// What an objection sent back is looked through when it is decided again; it does not
/// hold the others.
fn wants_a_look(file: &Graduating) -> bool {
    file.is_decided() && file.ticked.is_none() && file.again.is_empty()
}

/// The office signs that every decided file was looked through, one by one.
#[derive(Serialize)]
pub struct ReviewGraduation {
    class: ClassId,
    term: Term,
}

impl ReviewGraduation {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] before the
    /// class teacher has signed, while a decided file is not ticked, or when it was reviewed.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, class: ClassId) -> Result<Self, Refused> {
        let term = Term::of_cohort(class_named(tx, whole, class)?.name.cohort)[5];
        match stage_signed(tx, class, term, Part::Graduation)? {
            [None, _] => return Err(Refused::conflict("班主任还没有签字，不能审核。公示结束后请班主任先签字。")),
            [_, Some(done)] => return Err(Refused::conflict(format!("{}审核过了。", done.name))),
            [Some(_), None] => {}
        }
        let pupils = pupils(tx, whole, class, term)?;
        let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
        let files = graduating(tx, &ids)?;
        let open: Vec<&Registered> =
            pupils.iter().filter(|pupil| files.get(&pupil.id).is_some_and(wants_a_look)).collect();
        if let Some(first) = open.first() {
            return Err(Refused::conflict(format!(
                "还有 {} 份没有逐份核对，先核对 {} 号{}这一份。",
                open.len(),
                first.seat,
                first.name
            )));
        }
        Ok(ReviewGraduation { class, term })
    }
}

impl Act for ReviewGraduation {
    const VERB: &'static str = "graduation_reviewed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_stage(tx, self.class, self.term, Part::Graduation, Signing::Reviewed)
    }
}
