use super::made::put_activity;
use super::{NewState, put_states, put_telling};
use crate::access::own::record;
use crate::access::{Charge, Look, Refused, Tx};
use crate::names::{ActivityId, ClassId, StudentId, Term};
use crate::record::{Part, State, Telling};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a sheet that is ticked class-wide tells of one activity: who has done it, and
/// who has not after all.
#[derive(Serialize)]
pub struct Fed {
    pub activity: ActivityId,
    /// What it is, where the sheet begins it.
    pub begun: Option<Telling>,
    pub pupils: Vec<FedPupil>,
}

#[derive(Serialize)]
pub struct FedPupil {
    pub charge: Charge,
    pub done: bool,
}

/// How far the records of some activities are: activity and pupil → whether it stands
/// confirmed.
pub fn standing_in(
    look: &mut Look,
    activities: &[ActivityId],
    students: &[StudentId],
) -> Result<BTreeMap<(ActivityId, StudentId), bool>, Refused> {
    Ok(newest(look, activities, students)?
        .into_iter()
        .map(|(key, (_, state))| (key, state == State::Confirmed))
        .collect())
}

fn newest(
    look: &mut Look,
    activities: &[ActivityId],
    students: &[StudentId],
) -> Result<BTreeMap<(ActivityId, StudentId), (i32, State)>, Refused> {
    let rows: Vec<(ActivityId, StudentId, i32, State)> = look
        .own(record::rows)
        .filter(record::activity_id.eq_any(activities))
        .filter(record::student_id.eq_any(students))
        .order(record::revision)
        .select((record::activity_id, record::student_id, record::revision, record::state))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    Ok(rows.into_iter().map(|(activity, student, revision, state)| ((activity, student), (revision, state))).collect())
}

/// Makes the records that a sheet tells of, confirmed by who ticks it, and takes back
/// those it no longer tells of. Part of an act.
pub fn put_fed(tx: &mut Tx, class: ClassId, term: Term, all: &[&Fed]) -> Result<(), Refused> {
    let activities: Vec<ActivityId> = all.iter().map(|fed| fed.activity).collect();
    let students: Vec<StudentId> = all.iter().flat_map(|fed| &fed.pupils).map(|of| of.charge.student()).collect();
    let stands = newest(tx, &activities, &students)?;
    let mut new = Vec::new();
    for fed in all {
        if let Some(told) = &fed.begun {
            put_activity(tx, fed.activity, term, class, false)?;
            put_telling(tx, fed.activity, 1, told)?;
        }
        new.extend(fed.pupils.iter().map(|of| NewState {
            term: of.charge.term(),
            student: of.charge.student(),
            activity: fed.activity,
            revision: stands.get(&(fed.activity, of.charge.student())).map_or(1, |(revision, _)| revision + 1),
            part: Part::Participant,
            state: if of.done { State::Confirmed } else { State::Withdrawn },
            note: None,
        }));
    }
    put_states(tx, new)
}
