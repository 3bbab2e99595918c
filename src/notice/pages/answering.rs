//! The answer to an objection, as a handler's form sends it.

use crate::access::{Look, Refused};
use crate::cycle::Part;
use crate::evaluation::{Band, DecidedBand};
use crate::names::Term;
use crate::notice::store::answer::Verdict;
use crate::notice::store::objection::Item;
use crate::notice::store::thread::Thread;
use crate::platform::text::tidy;
use crate::record::{Correction, Kept, TITLE_CHARACTERS, ToldAtEnd, read_date};
use crate::roster::calendar::term_dates;
use chrono::NaiveDate;
use serde::Deserialize;

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
    domain: String,
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
        match (self.verdict.as_str(), thread.item, thread.part) {
            ("stands", ..) => Ok(Verdict::Stands),
            ("change", Item::Band(_), Part::Graduation) => Ok(Verdict::Again),
            ("change", Item::Band(_), Part::Term) => {
                let band: Option<Band> = self.band.parse().ok();
                Ok(Verdict::Band(DecidedBand::check(band, &self.ground, &self.help)?))
            }
            ("change", Item::Missing, Part::Term) => {
                let unchosen = |_| Refused::invalid("activity", "请选要补进公示的是哪一条记录。");
                Ok(Verdict::Record(self.activity.parse().map_err(unchosen)?, Correction::Confirm))
            }
            ("withdraw", Item::Fact(activity), Part::Term) => Ok(Verdict::Record(activity, Correction::Withdraw)),
            ("withdraw", Item::Fact(_), Part::Graduation) => Ok(Verdict::AtEnd(ToldAtEnd::LeftOut)),
            ("change", Item::Fact(activity), Part::Term) => {
                let kept = thread.of().record(look, activity)?.ok_or(Refused::NotFound)?;
                Ok(Verdict::Record(activity, self.retold(kept)?))
            }
            ("change", Item::Fact(_) | Item::Missing, Part::Graduation) => {
                Ok(Verdict::AtEnd(self.told_at_end(look, thread)?))
            }
            _ => Err(Refused::invalid("verdict", "还没有选怎么定。请选维持不变，还是怎样改。")),
        }
    }

    fn title(&self) -> Result<String, Refused> {
        let title = tidy(&self.title);
        match title.chars().count() {
            1..=TITLE_CHARACTERS => Ok(title),
            long => {
                let said = format!("做了什么要写 1 到 {TITLE_CHARACTERS} 个字，现在 {long} 个字。");
                Err(Refused::invalid("title", said))
            }
        }
    }

    fn days(&self) -> Result<(NaiveDate, NaiveDate), Refused> {
        let day = |field: &str, typed: &str| {
            read_date(typed)
                .ok_or_else(|| Refused::invalid(field, format!("日期“{typed}”认不出。写成 2026-12-31 这样。")))
        };
        let (on, until) = (day("on", &self.on)?, day("until", &self.until)?);
        if until < on {
            return Err(Refused::invalid("until", "结束的日期在开始之前，请把两个日期对一下。"));
        }
        Ok((on, until))
    }

    fn part(&self) -> Result<crate::record::Part, Refused> {
        self.part.parse().map_err(|_| Refused::invalid("part", "请选这位同学做了什么。"))
    }

    fn retold(&self, kept: Kept) -> Result<Correction, Refused> {
        let mut told = kept.told;
        told.title = self.title()?;
        (told.starts_on, told.ends_on) = self.days()?;
        Ok(Correction::Retell { told, part: self.part()? })
    }

    fn told_at_end(&self, look: &mut Look, thread: &Thread) -> Result<ToldAtEnd, Refused> {
        let domain = match thread.item {
            Item::Fact(activity) => thread.of().record(look, activity)?.ok_or(Refused::NotFound)?.told.domain,
            _ => self.domain.parse().map_err(|_| Refused::invalid("domain", "请选这件事属于哪一育。"))?,
        };
        let title = self.title()?;
        let (starts_on, ends_on) = self.days()?;
        let first = term_dates(look, Term::of_cohort(thread.class.name.cohort)[0])?.starts_on;
        if starts_on < first || ends_on > look.today() {
            let said = format!("日期要在初中三年里：{first} 到今天。请对一下。");
            return Err(Refused::invalid("on", said));
        }
        Ok(ToldAtEnd::Told { domain, title, starts_on, ends_on, part: self.part()? })
    }
}
