use super::{Kept, NewState, kept_among, kept_by_pupil, newest_telling, put_state, put_telling};
use crate::access::own::{activity, record};
use crate::access::{Look, Refused, Tx, WholeSchool};
use crate::names::{AccountId, ActivityId, StudentId, Term};
use crate::record::{Part, State, Telling, day_words};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

/// What an upheld objection does to a pupil's record in a noticed term. Whoever
/// decides notices the item again in the same act, before this is put in.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// The pupil was not in it, or it is not for others to see.
    Withdraw,
    /// It is told otherwise, and the pupil's part in it is another.
    Retell { told: Telling, part: Part },
    /// What was handed in and not confirmed is confirmed.
    Confirm,
}

impl Kept {
    /// One line, as a notice shows it: `校园菜地种植 · 11 月 6 日—12 月 18 日 · 主要参与`.
    pub fn line(&self) -> String {
        line(&self.told, self.part)
    }
}

pub(super) fn line(told: &Telling, part: Part) -> String {
    let days = match told.starts_on == told.ends_on {
        true => day_words(told.starts_on),
        false => format!("{}—{}", day_words(told.starts_on), day_words(told.ends_on)),
    };
    format!("{} · {days} · {}", told.title, part.word())
}

/// One pupil's record of an activity as it stands, for whom decides about it.
pub fn record_now(
    look: &mut Look,
    student: StudentId,
    term: Term,
    activity: ActivityId,
) -> Result<Option<Kept>, Refused> {
    Ok(kept_among(look, &[student], Some(term))?.into_iter().find(|kept| kept.activity == activity))
}

/// What a pupil has handed in and nobody has confirmed.
pub fn unconfirmed_records(look: &mut Look, student: StudentId, term: Term) -> Result<Vec<Kept>, Refused> {
    let mut kept = kept_among(look, &[student], Some(term))?;
    kept.retain(|kept| is_unconfirmed(kept.state));
    Ok(kept)
}

fn is_unconfirmed(state: State) -> bool {
    matches!(state, State::Submitted | State::Returned)
}

/// As [`unconfirmed_records`], of some pupils of this school.
pub fn unconfirmed_among(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
    term: Term,
) -> Result<HashMap<StudentId, Vec<Kept>>, Refused> {
    kept_by_pupil(look, students, term, is_unconfirmed)
}

/// Everyone who had a hand in a pupil's record: whoever wrote it and whoever ruled on it.
pub fn record_authors(look: &mut Look, student: StudentId, id: ActivityId) -> Result<Vec<AccountId>, Refused> {
    let mut authors: Vec<AccountId> =
        look.own(activity::rows).filter(activity::id.eq(id)).select(activity::account_id).load(look.conn())?;
    let ruled: Vec<AccountId> = look
        .own(record::rows)
        .filter(record::activity_id.eq(id))
        .filter(record::student_id.eq(student))
        .select(record::account_id)
        .distinct()
        .load(look.conn())?;
    authors.extend(ruled);
    Ok(authors)
}

impl Correction {
    /// How the item reads afterwards.
    pub fn becomes(&self, kept: &Kept) -> String {
        match self {
            Correction::Withdraw => "这一条不再列这位同学".to_owned(),
            Correction::Retell { told, part } => line(told, *part),
            Correction::Confirm => kept.line(),
        }
    }

    /// Puts it in; part of the act that decides.
    pub fn put(&self, tx: &mut Tx, kept: &Kept) -> Result<(), Refused> {
        let (state, part) = match self {
            Correction::Withdraw => (State::Withdrawn, kept.part),
            Correction::Retell { part, .. } => (State::Confirmed, *part),
            Correction::Confirm => (State::Confirmed, kept.part),
        };
        if let Correction::Retell { told, .. } = self
            && *told != kept.told
            && let Some((revision, _)) = newest_telling(tx, kept.activity)?
        {
            put_telling(tx, kept.activity, revision + 1, told)?;
        }
        if state == kept.state && part == kept.part {
            return Ok(());
        }
        let (term, student, activity, revision) = (kept.term, kept.student, kept.activity, kept.revision + 1);
        put_state(tx, NewState { term, student, activity, revision, part, state, note: None })
    }
}
