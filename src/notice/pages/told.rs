//! An objection's thread as a page tells it.

use crate::access::{Fault, Look, Refused};
use crate::cycle::{Instance, StepKind};
use crate::evaluation::{Band, band_now};
use crate::names::{AccountId, ObjectionId, Term};
use crate::notice::store::objection::{Item, able};
use crate::notice::store::thread::Thread;
use crate::record::{Part, day_words, record_now, unconfirmed_records};
use crate::scheme::{Scheme, scheme_of};
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;

#[derive(Serialize)]
pub struct ThreadView {
    pub id: ObjectionId,
    pub base: String,
    pub class_name: String,
    pub term: Term,
    pub student_name: String,
    pub cited: String,
    pub text: String,
    /// Who objects, in a word: never whose parent.
    pub by: String,
    pub at: String,
    pub state: &'static str,
    /// 0 handed in, 1 looked into, 2 answered.
    pub progress: usize,
    pub steps: Vec<StepView>,
    pub due: String,
    pub late: bool,
    pub who: String,
    pub may_withdraw: bool,
    pub may_escalate: bool,
    pub next: &'static str,
    pub answer: Option<AnswerView>,
    pub faults: Vec<Fault>,
    pub typed: String,
}

#[derive(Serialize)]
pub struct StepView {
    kind: StepKind,
    heading: String,
    text: String,
    at: String,
}

/// What a handler is given to decide with.
#[derive(Serialize)]
pub struct AnswerView {
    item: &'static str,
    mine: bool,
    /// The band and its ground as they stand.
    band: String,
    ground: String,
    bands: Vec<(&'static str, String)>,
    activity: String,
    title: String,
    on: String,
    until: String,
    part: &'static str,
    parts: Vec<(&'static str, &'static str)>,
    /// What the pupil handed in and nobody confirmed.
    waiting: Vec<(String, String)>,
    handlers: Vec<(AccountId, String)>,
    /// Nobody looks at it after this answer.
    last: bool,
    /// Only who took it up answers; that it is the committee or the county.
    further: bool,
}

pub fn moment(at: NaiveDateTime) -> String {
    at.format("%-m 月 %-d 日 %H:%M").to_string()
}

pub fn state_word(thread: &Thread, today: NaiveDate) -> &'static str {
    let newest = thread.newest();
    match newest.kind {
        kind if kind.waits() => "等答复",
        StepKind::Upheld => "成立，已更正",
        StepKind::Withdrawn => "已撤回",
        _ if newest.kind.holds(newest.due_on, today) => "维持不变，还可以请求复核",
        _ => "维持不变",
    }
}

/// The thread for whoever raised it.
pub fn thread_view(look: &mut Look, thread: Thread, base: String) -> Result<ThreadView, Refused> {
    let today = look.today();
    let newest = thread.newest();
    let late = newest.kind.waits() && newest.due_on.is_some_and(|due| due < today);
    let asks = newest.kind == StepKind::Refused && newest.due_on.is_some_and(|due| due >= today);
    let may_escalate = (late || asks) && newest.instance != Instance::County;
    let who = match newest.handler_name.as_str() {
        "" => newest.instance.word().to_owned(),
        name => format!("{} {name}", newest.instance.word()),
    };
    let steps = thread
        .steps
        .iter()
        .map(|step| StepView {
            kind: step.kind,
            heading: match step.kind {
                StepKind::Assigned if step.handler.is_none() => format!("交给{}", step.instance.word()),
                StepKind::Assigned if step.instance != Instance::Office => {
                    format!("{} {}接手", step.instance.word(), step.handler_name)
                }
                StepKind::Assigned => format!("交给{} {}", step.instance.word(), step.handler_name),
                StepKind::Escalated => format!("请{}复核", step.instance.word()),
                StepKind::Withdrawn => "撤回了异议".to_owned(),
                StepKind::Upheld => format!("{} {}：异议成立", step.instance.word(), step.by_name),
                StepKind::Refused => format!("{} {}：维持不变", step.instance.word(), step.by_name),
            },
            text: step.text.clone(),
            at: moment(step.at),
        })
        .collect();
    Ok(ThreadView {
        id: thread.id,
        base,
        class_name: thread.class.name.in_year(thread.term.year()),
        term: thread.term,
        student_name: thread.student_name.clone(),
        cited: thread.cited.clone(),
        text: thread.text.clone(),
        by: by_words(&thread).to_owned(),
        at: moment(thread.at),
        state: state_word(&thread, today),
        progress: match newest.kind {
            StepKind::Assigned if thread.steps.len() == 1 => 1,
            kind if kind.waits() => 1,
            _ => 2,
        },
        steps,
        due: newest.due_on.map(day_words).unwrap_or_default(),
        late,
        who,
        may_withdraw: newest.kind.holds(newest.due_on, today),
        may_escalate,
        next: if newest.instance == Instance::Office { "学校评价委员会" } else { "县教育局" },
        answer: None,
        faults: Vec::new(),
        typed: String::new(),
    })
}

fn by_words(thread: &Thread) -> &'static str {
    use crate::names::Role;
    match thread.role {
        Role::Guardian => "家长",
        Role::Learner => "学生本人",
        _ => "老师",
    }
}

/// The thread for whoever may answer it.
pub fn handling_view(
    look: &mut Look,
    thread: Thread,
    base: String,
    instance: Instance,
    me: Option<AccountId>,
) -> Result<ThreadView, Refused> {
    let newest = thread.newest();
    let waits = newest.kind.waits() && newest.instance == instance;
    let answer = if waits { Some(answer_view(look, &thread, me)?) } else { None };
    let named = format!("{} {}", by_words(&thread), thread.by_name);
    let mut view = thread_view(look, thread, base)?;
    view.by = named;
    view.may_withdraw = false;
    view.may_escalate = false;
    view.answer = answer;
    Ok(view)
}

fn answer_view(look: &mut Look, thread: &Thread, me: Option<AccountId>) -> Result<AnswerView, Refused> {
    let scheme = scheme_of(look, thread.class.name.cohort, thread.term)?;
    let newest = thread.newest();
    let able = able(look, thread)?;
    let mine = match newest.handler {
        Some(handler) => Some(handler) == me,
        None => newest.instance == Instance::Office && me.is_some_and(|me| me != thread.by),
    };
    let mut view = AnswerView {
        item: "missing",
        mine,
        band: String::new(),
        ground: String::new(),
        bands: Band::all().into_iter().map(|band| (band.code(), band.word(&scheme).to_owned())).collect(),
        activity: String::new(),
        title: String::new(),
        on: String::new(),
        until: String::new(),
        part: "",
        parts: Part::ALL.iter().map(|part| (part.code(), part.word())).collect(),
        waiting: Vec::new(),
        last: newest.instance == Instance::County,
        further: newest.instance != Instance::Office,
        handlers: able
            .into_iter()
            .filter(|able| Some(able.account) != newest.handler)
            .map(|able| {
                let post = if able.is_principal { "校长" } else { "教务" };
                (able.account, format!("{}（{post}）", able.name))
            })
            .collect(),
    };
    match thread.item {
        Item::Band(domain) => {
            let cell = band_now(look, thread.student, thread.term, domain)?;
            view.item = "band";
            view.band = band_word(&scheme, cell.band);
            view.ground = cell.ground.unwrap_or_default();
        }
        Item::Fact(activity) => {
            view.item = "fact";
            if let Some(kept) = record_now(look, thread.student, thread.term, activity)? {
                view.activity = activity.to_string();
                view.title = kept.told.title;
                (view.on, view.until) = (kept.told.starts_on.to_string(), kept.told.ends_on.to_string());
                view.part = kept.part.code();
            }
        }
        Item::Missing => {
            view.waiting = unconfirmed_records(look, thread.student, thread.term)?
                .into_iter()
                .map(|kept| (kept.activity.to_string(), kept.line()))
                .collect();
        }
    }
    Ok(view)
}

fn band_word(scheme: &Scheme, band: Option<Band>) -> String {
    band.map_or(scheme.no_record.as_str(), |band| band.word(scheme)).to_owned()
}

/// A line in a list of objections.
#[derive(Serialize)]
pub struct ThreadLine {
    id: ObjectionId,
    class_name: String,
    student_name: String,
    cited: String,
    at: String,
    state: &'static str,
    who: String,
    due: String,
    late: bool,
    /// The reader owes the answer.
    mine: bool,
}

pub fn lines(threads: Vec<Thread>, today: NaiveDate, me: Option<AccountId>) -> Vec<ThreadLine> {
    threads
        .into_iter()
        .map(|thread| {
            let newest = thread.newest();
            let waits = newest.kind.waits();
            ThreadLine {
                id: thread.id,
                class_name: thread.class.name.short_in_year(thread.term.year()),
                state: state_word(&thread, today),
                student_name: thread.student_name,
                cited: thread.cited,
                at: moment(thread.at),
                who: if !waits {
                    String::new()
                } else if newest.handler_name.is_empty() {
                    newest.instance.word().to_owned()
                } else {
                    newest.handler_name
                },
                due: newest.due_on.map(day_words).unwrap_or_default(),
                late: waits && newest.due_on.is_some_and(|due| due < today),
                mine: waits && newest.handler.is_some() && newest.handler == me,
            }
        })
        .collect()
}
