//! An objection's thread for whoever may answer it, with what it is decided by.

use super::told::{ThreadView, by_words, thread_view};
use crate::access::{Look, Refused};
use crate::cycle::Instance;
use crate::evaluation::{Band, band_now, graduation_bands};
use crate::names::{AccountId, Domain};
use crate::notice::store::objection::{Item, able};
use crate::notice::store::thread::Thread;
use crate::record::{Part, unconfirmed_records};
use crate::scheme::{Scheme, scheme_of};
use serde::Serialize;

/// What a handler is given to decide with.
#[derive(Serialize)]
pub struct AnswerView {
    item: &'static str,
    /// It is about the end of junior high.
    at_end: bool,
    domains: Vec<(&'static str, String)>,
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
    let mut view = thread_view(look, thread, base, me)?;
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
    let at_end = thread.part == crate::cycle::Part::Graduation;
    let mut view = AnswerView {
        item: "missing",
        at_end,
        domains: Domain::ALL.iter().map(|of| (of.code(), scheme.domain(*of).name.clone())).collect(),
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
        Item::Band(domain) if at_end => {
            let decided = graduation_bands(look, &[thread.student])?.remove(&thread.student).unwrap_or_default();
            view.item = "band";
            view.band = band_word(&scheme, decided.sheet.band(domain));
        }
        Item::Band(domain) => {
            let cell = band_now(look, thread.student, thread.term, domain)?;
            view.item = "band";
            view.band = band_word(&scheme, cell.band);
            view.ground = cell.ground.unwrap_or_default();
        }
        Item::Fact(activity) => {
            view.item = "fact";
            if let Some(kept) = thread.of().record(look, activity)? {
                view.activity = activity.to_string();
                view.title = kept.told.title;
                (view.on, view.until) = (kept.told.starts_on.to_string(), kept.told.ends_on.to_string());
                view.part = kept.part.code();
            }
        }
        Item::Missing if at_end => view.part = Part::Participant.code(),
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
