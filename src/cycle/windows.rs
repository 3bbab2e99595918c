//! 时间窗: when a stage of a term is open. The county gives the dates, a school may get
//! longer with a reason; what has no dates is open all term.

use crate::access::{Act, CountyWide, Look, Refused, Tx};
use crate::names::{SchoolId, Term};
use crate::roster::calendar::term_dates;
use crate::schema::{school, stage_window, window_extension};
use chrono::{Datelike, NaiveDate};
use diesel::deserialize::FromSqlRow;
use diesel::dsl::max;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// What can be done in a term and has dates of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Step {
    Record,
    Pupil,
    Peer,
    Guardian,
    Subject,
    Homeroom,
    Selection,
    Notice,
    Seal,
}

crate::text_code!(Step {
    Record = "record",
    Pupil = "self",
    Peer = "peer",
    Guardian = "guardian",
    Subject = "subject",
    Homeroom = "homeroom",
    Selection = "selection",
    Notice = "notice",
    Seal = "seal",
});

impl Step {
    pub fn word(self) -> &'static str {
        match self {
            Step::Record => "写实记录",
            Step::Pupil => "学生自评",
            Step::Peer => "同学互评",
            Step::Guardian => "家长评价",
            Step::Subject => "任课教师评价",
            Step::Homeroom => "班主任评价",
            Step::Selection => "遴选",
            Step::Notice => "公示",
            Step::Seal => "审核归档",
        }
    }
}

/// When a step is open, both days included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    pub opens_on: Option<NaiveDate>,
    pub closes_on: Option<NaiveDate>,
    /// Why this school has longer than the others.
    pub extended: Option<String>,
}

/// `1 月 8 日`
fn day(date: NaiveDate) -> String {
    format!("{} 月 {} 日", date.month(), date.day())
}

impl Window {
    pub fn is_open(&self, today: NaiveDate) -> bool {
        self.opens_on.is_none_or(|opens| opens <= today) && self.closes_on.is_none_or(|closes| today <= closes)
    }

    /// # Errors
    /// [`Refused::Conflict`] outside the window, with the day that counts.
    pub fn check(&self, step: Step, today: NaiveDate) -> Result<(), Refused> {
        let what = step.word();
        match (self.opens_on, self.closes_on) {
            (Some(opens), _) if today < opens => {
                Err(Refused::conflict(format!("{what}从 {}开始，到那天再来。", day(opens))))
            }
            (_, Some(closes)) if closes < today => {
                Err(Refused::conflict(format!("{what}已经在 {}截止。确实需要，请告诉学校，由县里延长。", day(closes))))
            }
            _ => Ok(()),
        }
    }

    /// `1 月 8 日截止，还有 4 天`; empty where there are no dates.
    pub fn until(&self, today: NaiveDate) -> String {
        match (self.opens_on, self.closes_on) {
            (Some(opens), _) if today < opens => format!("{}开始", day(opens)),
            (_, Some(closes)) if closes < today => format!("{}已截止", day(closes)),
            (_, Some(closes)) if closes == today => "今天截止".to_owned(),
            (_, Some(closes)) => format!("{}截止，还有 {} 天", day(closes), (closes - today).num_days()),
            _ => String::new(),
        }
    }
}

/// When a step is open for this school.
pub fn window(look: &mut Look, step: Step, term: Term) -> Result<Window, Refused> {
    Ok(windows(look, term)?.remove(&step).unwrap_or_default())
}

/// All windows of a term, as they hold for this school; what is not among them is open.
pub fn windows(look: &mut Look, term: Term) -> Result<BTreeMap<Step, Window>, Refused> {
    let school = look.school();
    let own = window_extension::table
        .filter(window_extension::term.eq(term))
        .filter(window_extension::school_id.eq(school))
        .order(window_extension::revision)
        .select((window_extension::step, window_extension::closes_on, window_extension::reason));
    let longer: Vec<(Step, NaiveDate, String)> = own.load(look.conn())?;
    Ok(lengthened(county_windows(look, term)?, longer))
}

/// The county's windows with what a school has longer, the newest extension of a step last.
pub(super) fn lengthened(
    mut windows: BTreeMap<Step, Window>,
    longer: impl IntoIterator<Item = (Step, NaiveDate, String)>,
) -> BTreeMap<Step, Window> {
    for (step, closes_on, reason) in longer {
        // The county may have given everyone as much meanwhile.
        if let Some(window) =
            windows.get_mut(&step).filter(|window| window.closes_on.is_some_and(|day| day < closes_on))
        {
            *window = Window { closes_on: Some(closes_on), extended: Some(reason), ..window.clone() };
        }
    }
    windows
}

/// The county's own dates of a term.
pub fn county_windows<S: crate::access::Scope>(
    look: &mut Look<S>,
    term: Term,
) -> Result<BTreeMap<Step, Window>, Refused> {
    let rows: Vec<(Step, Option<NaiveDate>, Option<NaiveDate>)> = stage_window::table
        .filter(stage_window::term.eq(term))
        .order(stage_window::revision)
        .select((stage_window::step, stage_window::opens_on, stage_window::closes_on))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    Ok(rows
        .into_iter()
        .map(|(step, opens_on, closes_on)| (step, Window { opens_on, closes_on, extended: None }))
        .collect())
}

/// A school that has longer for a step.
#[derive(Clone, Debug)]
pub struct Extension {
    pub school: SchoolId,
    pub school_name: String,
    pub step: Step,
    pub closes_on: NaiveDate,
    pub reason: String,
}

/// The extensions that stand in a term, by school code and step.
pub fn extensions(look: &mut Look<CountyWide>, term: Term) -> Result<Vec<Extension>, Refused> {
    let rows: Vec<(SchoolId, String, String, Step, NaiveDate, String)> = window_extension::table
        .inner_join(school::table.on(school::id.eq(window_extension::school_id)))
        .filter(window_extension::term.eq(term))
        .order(window_extension::revision)
        .select((
            school::id,
            school::code,
            school::name,
            window_extension::step,
            window_extension::closes_on,
            window_extension::reason,
        ))
        .load(look.conn())?;
    let mut standing: BTreeMap<(String, Step), Extension> = BTreeMap::new();
    for (school, code, school_name, step, closes_on, reason) in rows {
        standing.insert((code, step), Extension { school, school_name, step, closes_on, reason });
    }
    Ok(standing.into_values().collect())
}

/// The days a window may lie on: from the term's first to some weeks after its last.
fn lies_in(look: &mut Look<CountyWide>, term: Term) -> Result<(NaiveDate, NaiveDate), Refused> {
    let dates = term_dates(look, term)?;
    Ok((dates.starts_on, dates.late_until()))
}

/// The county sets the windows of a term.
#[derive(Serialize)]
pub struct SetWindows {
    term: Term,
    windows: Vec<(Step, Option<NaiveDate>, Option<NaiveDate>)>,
    #[serde(skip)]
    revisions: BTreeMap<Step, i32>,
}

impl SetWindows {
    /// Of `wanted` what differs from what stands; `None` where nothing does.
    ///
    /// # Errors
    /// [`Refused::Invalid`] with the field of each window that ends before it begins or
    /// lies outside the term.
    pub fn prepare(
        tx: &mut Tx<CountyWide>,
        term: Term,
        wanted: &[(Step, Option<NaiveDate>, Option<NaiveDate>)],
    ) -> Result<Option<Self>, Refused> {
        let (first, last) = lies_in(tx, term)?;
        let standing = county_windows(tx, term)?;
        let mut faults = Vec::new();
        for (step, opens, closes) in wanted {
            let (field, what) = (format!("closes_{}", step.code()), step.word());
            if let Some(out) = [opens, closes].into_iter().flatten().find(|day| !(first..=last).contains(*day)) {
                faults.push(crate::access::Fault::at(
                    field,
                    format!("{what}的 {out} 不在这个学期里，应在 {first} 到 {last} 之间。"),
                ));
            } else if matches!((opens, closes), (Some(opens), Some(closes)) if opens > closes) {
                faults.push(crate::access::Fault::at(field, format!("{what}的截止日在开始日前面，请改一个。")));
            }
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        let nothing = Window::default();
        let windows: Vec<_> = wanted
            .iter()
            .filter(|(step, opens, closes)| {
                let stands = standing.get(step).unwrap_or(&nothing);
                (stands.opens_on, stands.closes_on) != (*opens, *closes)
            })
            .copied()
            .collect();
        if windows.is_empty() {
            return Ok(None);
        }
        let revisions: Vec<(Step, Option<i32>)> = stage_window::table
            .filter(stage_window::term.eq(term))
            .group_by(stage_window::step)
            .select((stage_window::step, max(stage_window::revision)))
            .load(tx.conn())?;
        let revisions = revisions.into_iter().map(|(step, last)| (step, last.unwrap_or(0))).collect();
        Ok(Some(SetWindows { term, windows, revisions }))
    }
}

impl Act<CountyWide> for SetWindows {
    const VERB: &'static str = "windows_set";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "term": self.term })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        for (step, opens_on, closes_on) in &self.windows {
            diesel::insert_into(stage_window::table)
                .values((
                    stage_window::term.eq(self.term),
                    stage_window::step.eq(*step),
                    stage_window::revision.eq(self.revisions.get(step).copied().unwrap_or(0) + 1),
                    stage_window::opens_on.eq(*opens_on),
                    stage_window::closes_on.eq(*closes_on),
                    stage_window::account_id.eq(by),
                    stage_window::at.eq(at),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}

/// Most characters of a reason: a sentence.
const REASON_CHARACTERS: usize = 120;

/// The county gives one school longer.
#[derive(Serialize)]
pub struct ExtendWindow {
    term: Term,
    step: Step,
    school: SchoolId,
    closes_on: NaiveDate,
    reason: String,
    #[serde(skip)]
    revision: i32,
}

impl ExtendWindow {
    /// # Errors
    /// [`Refused::Invalid`] without a reason, or for a day that is no extension;
    /// [`Refused::NotFound`] for a school that is not there.
    pub fn prepare(
        tx: &mut Tx<CountyWide>,
        term: Term,
        step: Step,
        school: SchoolId,
        closes_on: NaiveDate,
        reason: &str,
    ) -> Result<Self, Refused> {
        let there: i64 = school::table.filter(school::id.eq(school)).count().get_result(tx.conn())?;
        if there == 0 {
            return Err(Refused::NotFound);
        }
        let Some(county) = county_windows(tx, term)?.remove(&step).and_then(|window| window.closes_on) else {
            let said = format!("{}没有截止日，整个学期都开着，不用延长。", step.word());
            return Err(Refused::invalid("step", said));
        };
        let (_, last) = lies_in(tx, term)?;
        if closes_on <= county || closes_on > last {
            let said = format!("延长到的日子应在 {county} 以后、{last} 以前，现在写的是 {closes_on}。");
            return Err(Refused::invalid("closes_on", said));
        }
        let reason = crate::platform::text::tidy(reason);
        if reason.is_empty() || reason.chars().count() > REASON_CHARACTERS {
            let said = format!("请用一句话写明为什么延长，最多 {REASON_CHARACTERS} 个字。");
            return Err(Refused::invalid("reason", said));
        }
        let revision: Option<i32> = window_extension::table
            .filter(window_extension::term.eq(term))
            .filter(window_extension::step.eq(step))
            .filter(window_extension::school_id.eq(school))
            .select(max(window_extension::revision))
            .first(tx.conn())?;
        Ok(ExtendWindow { term, step, school, closes_on, reason, revision: revision.unwrap_or(0) + 1 })
    }
}

impl Act<CountyWide> for ExtendWindow {
    const VERB: &'static str = "window_extended";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "term": self.term, "step": self.step, "school": self.school })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        diesel::insert_into(window_extension::table)
            .values((
                window_extension::term.eq(self.term),
                window_extension::step.eq(self.step),
                window_extension::school_id.eq(self.school),
                window_extension::revision.eq(self.revision),
                window_extension::closes_on.eq(self.closes_on),
                window_extension::reason.eq(&self.reason),
                window_extension::account_id.eq(by),
                window_extension::at.eq(at),
            ))
            .execute(tx.conn())?;
        Ok(())
    }
}
