//! The form of an objection, and the answer to one, as they are posted.

use crate::access::{Fault, Look, Refused};
use crate::cycle::{CycleRules, days_ahead};
use crate::evaluation::{Band, DecidedBand};
use crate::names::{ActivityId, Domain, StudentId, Term};
use crate::notice::OBJECTION_CHARACTERS;
use crate::notice::store::answer::Verdict;
use crate::notice::store::audience::pupil_name;
use crate::notice::store::objection::Item;
use crate::notice::store::thread::Thread;
use crate::record::{Correction, day_words, read_date, record_now};
use crate::roster::ClassRow;
use crate::scheme::scheme_of;
use serde::{Deserialize, Serialize};

/// What somebody wants to object to, in an address and in a form alike.
#[derive(Clone, Default, Deserialize)]
pub struct Asked {
    pub domain: Option<Domain>,
    pub activity: Option<ActivityId>,
    /// Whose place in the fact.
    pub of: Option<StudentId>,
    #[serde(default)]
    pub text: String,
}

impl Asked {
    pub fn item(&self) -> Item {
        match (self.domain, self.activity) {
            (Some(domain), None) => Item::Band(domain),
            (None, Some(activity)) => Item::Fact(activity),
            _ => Item::Missing,
        }
    }
}

#[derive(Serialize)]
pub struct FormView {
    base: String,
    class_name: String,
    item: &'static str,
    domain: String,
    activity: String,
    of: String,
    student_name: String,
    cited: String,
    due: String,
    most: usize,
    text: String,
    faults: Vec<Fault>,
}

/// The form for an item. What may not be objected to is told when it is sent.
pub fn form_view(
    look: &mut Look,
    class: &ClassRow,
    term: Term,
    student: StudentId,
    asked: &Asked,
    base: String,
    faults: Vec<Fault>,
) -> Result<FormView, Refused> {
    let scheme = scheme_of(look, class.name.cohort, term)?;
    let item = asked.item();
    let (code, cited) = match item {
        Item::Band(domain) => ("band", format!("{}的等级", scheme.domain(domain).name)),
        Item::Fact(activity) => ("fact", record_now(look, student, term, activity)?.ok_or(Refused::NotFound)?.line()),
        Item::Missing => ("missing", "公示里少了一件事".to_owned()),
    };
    let due = days_ahead(look)?.after(look.today(), CycleRules::of(&*scheme).answer);
    Ok(FormView {
        base,
        class_name: class.name.in_year(term.year()),
        item: code,
        domain: asked.domain.map(|domain| domain.code().to_owned()).unwrap_or_default(),
        activity: asked.activity.map(|id| id.to_string()).unwrap_or_default(),
        of: student.to_string(),
        student_name: pupil_name(look, student)?,
        cited,
        due: day_words(due),
        most: OBJECTION_CHARACTERS,
        text: asked.text.clone(),
        faults,
    })
}

/// An answer as a handler's form sends it.
#[derive(Clone, Default, Deserialize)]
pub struct AnswerForm {
    /// `stands`, `change` or `withdraw`.
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    band: String,
    #[serde(default)]
    ground: String,
    #[serde(default)]
    help: String,
    #[serde(default)]
    activity: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    on: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    part: String,
}

impl AnswerForm {
    /// # Errors
    /// [`Refused::Invalid`] for a verdict that says nothing, or a change half filled in.
    pub fn verdict(&self, look: &mut Look, thread: &Thread) -> Result<Verdict, Refused> {
        match (self.verdict.as_str(), thread.item) {
            ("stands", _) => Ok(Verdict::Stands),
            ("change", Item::Band(_)) => {
                let band: Option<Band> = self.band.parse().ok();
                Ok(Verdict::Band(DecidedBand::check(band, &self.ground, &self.help)?))
            }
            ("change", Item::Missing) => {
                let unchosen = |_| Refused::invalid("activity", "请选要补进公示的是哪一条记录。");
                Ok(Verdict::Record(self.activity.parse().map_err(unchosen)?, Correction::Confirm))
            }
            ("withdraw", Item::Fact(activity)) => Ok(Verdict::Record(activity, Correction::Withdraw)),
            ("change", Item::Fact(activity)) => {
                let kept = record_now(look, thread.student, thread.term, activity)?.ok_or(Refused::NotFound)?;
                Ok(Verdict::Record(activity, self.retold(kept)?))
            }
            _ => Err(Refused::invalid("verdict", "还没有选怎么定。请选维持不变，还是怎样改。")),
        }
    }

    fn retold(&self, kept: crate::record::Kept) -> Result<Correction, Refused> {
        let mut told = kept.told;
        told.title = crate::platform::text::tidy(&self.title);
        let long = told.title.chars().count();
        if long == 0 || long > crate::record::TITLE_CHARACTERS {
            let most = crate::record::TITLE_CHARACTERS;
            return Err(Refused::invalid("title", format!("做了什么要写 1 到 {most} 个字，现在 {long} 个字。")));
        }
        let day = |field: &str, typed: &str| {
            read_date(typed)
                .ok_or_else(|| Refused::invalid(field, format!("日期“{typed}”认不出。写成 2026-12-31 这样。")))
        };
        (told.starts_on, told.ends_on) = (day("on", &self.on)?, day("until", &self.until)?);
        if told.ends_on < told.starts_on {
            return Err(Refused::invalid("until", "结束的日期在开始之前，请把两个日期对一下。"));
        }
        let part = self.part.parse().map_err(|_| Refused::invalid("part", "请选这位同学做了什么。"))?;
        Ok(Correction::Retell { told, part })
    }
}

/// What was refused, as faults on the page; anything else goes on as it is.
pub fn faults_of(refused: Refused) -> Result<Vec<Fault>, Refused> {
    match refused {
        Refused::Invalid(faults) => Ok(faults),
        Refused::Conflict(message) => Ok(vec![Fault::at("", message)]),
        other => Err(other),
    }
}
