//! An objection's thread as a page tells it.

use super::handling::AnswerView;
use crate::access::{Fault, Look, Refused};
use crate::cycle::{Instance, Part, StepKind};
use crate::names::{AccountId, ObjectionId, Term};
use crate::notice::store::photo::{answers, photos_of};
use crate::notice::store::thread::Thread;
use crate::record::day_words;
use crate::record::evidence::PhotoView;
use chrono::{NaiveDate, NaiveDateTime};
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// `term` or `graduation`.
    pub part: Part,
    /// What came with the objection itself.
    pub photos: Vec<PhotoView>,
    pub faults: Vec<Fault>,
    pub typed: String,
}

#[derive(Serialize)]
pub struct StepView {
    kind: StepKind,
    heading: String,
    text: String,
    at: String,
    photos: Vec<PhotoView>,
}

/// The photos of a thread by the step they came with; none for whoever is not to see them.
fn photos(
    look: &mut Look,
    thread: &Thread,
    base: &str,
    me: Option<AccountId>,
) -> Result<BTreeMap<i32, Vec<PhotoView>>, Refused> {
    let mut of: BTreeMap<i32, Vec<PhotoView>> = BTreeMap::new();
    if me.is_some_and(|me| thread.by == me || answers(thread, me)) {
        for photo in photos_of(look, thread.id)? {
            let address = format!("{base}/objections/{}/photos/{}", thread.id, photo.ordinal);
            let (ordinal, width, height) = (photo.ordinal, photo.width, photo.height);
            of.entry(photo.step).or_default().push(PhotoView { address, ordinal, width, height });
        }
    }
    Ok(of)
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

/// The thread for whoever raised it, or with [`handling_view`] answers.
pub fn thread_view(
    look: &mut Look,
    thread: Thread,
    base: String,
    me: Option<AccountId>,
) -> Result<ThreadView, Refused> {
    let today = look.today();
    let mut photos = photos(look, &thread, &base, me)?;
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
            // Those of the first step came with the objection.
            photos: if step.n == 1 { Vec::new() } else { photos.remove(&step.n).unwrap_or_default() },
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
        part: thread.part,
        photos: photos.remove(&1).unwrap_or_default(),
        faults: Vec::new(),
        typed: String::new(),
    })
}

pub(super) fn by_words(thread: &Thread) -> &'static str {
    use crate::names::Role;
    match thread.role {
        Role::Guardian => "家长",
        Role::Learner => "学生本人",
        _ => "老师",
    }
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
