//! A child's term as its family leafs through it.

use super::kept::{Kept, kept_where};
use super::told::domains;
use crate::access::own::{record, telling};
use crate::access::{Child, Look, Refused};
use crate::names::{ActivityId, Domain, Term};
use crate::record::State;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;

/// Cards on one page of a timeline: a phone's page stays light however much was done.
pub const CARDS_A_PAGE: usize = 10;

/// One page of a child's term.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// The confirmed ones of this page, the newest day first.
    pub page: Vec<Kept>,
    /// What waits: drafts, handed in, asked to be completed; whoever wrote them.
    pub waiting: Vec<Kept>,
    /// How many confirmed ones there are, and how many lie before this page.
    pub all: usize,
    pub before: usize,
}

/// The page of confirmed records that begins after `before` newer ones, of all domains
/// or of one. What only chooses the page is read without its words, what is shown whole:
/// a term of two hundred records costs hardly more than one of ten.
pub fn timeline_of(
    look: &mut Look,
    child: Child,
    term: Term,
    domain: Option<Domain>,
    before: usize,
) -> Result<Timeline, Refused> {
    let states: Vec<(ActivityId, State)> = look
        .own(record::rows)
        .filter(record::student_id.eq(child.student()))
        .filter(record::term.eq(term))
        .order((record::activity_id, record::revision))
        .select((record::activity_id, record::state))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    let standing: HashMap<ActivityId, State> = states.into_iter().collect();
    let ids: Vec<ActivityId> =
        standing.iter().filter(|(_, state)| **state == State::Confirmed).map(|(id, _)| *id).collect();
    type Told = (Domain, String, NaiveDate);
    let told: Vec<(ActivityId, Told)> = look
        .own(telling::rows)
        .filter(telling::activity_id.eq_any(&ids))
        .order((telling::activity_id, telling::revision))
        .select((telling::activity_id, (telling::domain, telling::also, telling::starts_on)))
        .load(look.conn())?;
    let told: HashMap<ActivityId, Told> = told.into_iter().collect();
    let belongs =
        |(main, also, _): &Told| domain.is_none_or(|domain| *main == domain || domains(also).contains(&domain));
    let mut confirmed: Vec<(NaiveDate, ActivityId)> =
        told.iter().filter(|(_, told)| belongs(told)).map(|(id, told)| (told.2, *id)).collect();
    confirmed.sort_unstable_by(|one, other| other.cmp(one));
    let all = confirmed.len();
    let shown = confirmed.into_iter().skip(before).take(CARDS_A_PAGE).map(|(_, id)| id);
    let waits = standing.iter().filter(|(_, state)| !matches!(state, State::Confirmed | State::Withdrawn));
    let wanted: Vec<ActivityId> = shown.chain(waits.map(|(id, _)| *id)).collect();
    let kept = kept_where(look, &[child.student()], Some(term), Some(&wanted))?;
    let (page, waiting) = kept.into_iter().partition(|kept| kept.state == State::Confirmed);
    Ok(Timeline { page, waiting, all, before })
}
