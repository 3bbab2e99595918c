//! A child's term as its family leafs through it.

use super::kept::{Kept, kept_where};
use super::told::domains;
use crate::access::own::{record, telling};
use crate::access::{Child, Look, Refused};
use crate::names::{ActivityId, Domain, Term};
use crate::on;
use crate::platform::db::Day;
use crate::record::State;
use diesel::prelude::*;

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
    type Row = (ActivityId, (i32, i32), State, Domain, String, Day);
    let all = look
        .own(record::rows)
        .inner_join(
            telling::joined()
                .on(telling::school_id.eq(record::school_id).and(telling::activity_id.eq(record::activity_id))),
        )
        .filter(record::student_id.eq(child.student()))
        .filter(record::term.eq(term))
        .select((
            record::activity_id,
            (record::revision, telling::revision),
            record::state,
            telling::domain,
            telling::also,
            telling::starts_on,
        ));
    let mut rows: Vec<Row> = on!(look.conn(), c => all.load(c))?;
    rows.sort_unstable_by_key(|(id, revisions, ..)| (*id, *revisions));
    // The highest revisions of an activity stand.
    let standing = rows.chunk_by(|one, next| one.0 == next.0).filter_map(<[Row]>::last);
    let belongs =
        |main: Domain, also: &str| domain.is_none_or(|domain| main == domain || domains(also).contains(&domain));
    let mut confirmed = Vec::new();
    let mut waits = Vec::new();
    for (id, _, state, main, also, day) in standing {
        match state {
            State::Confirmed if belongs(*main, also) => confirmed.push((*day, *id)),
            State::Confirmed | State::Withdrawn => {}
            _ => waits.push(*id),
        }
    }
    confirmed.sort_unstable_by(|one, other| other.cmp(one));
    let all = confirmed.len();
    let shown = confirmed.into_iter().skip(before).take(CARDS_A_PAGE).map(|(_, id)| id);
    let wanted: Vec<ActivityId> = shown.chain(waits).collect();
    let kept = kept_where(look, &[child.student()], Some(term), Some(&wanted))?;
    let (page, waiting) = kept.into_iter().partition(|kept| kept.state == State::Confirmed);
    Ok(Timeline { page, waiting, all, before })
}
