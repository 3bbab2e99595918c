use super::told::{Told, told_columns};
use super::{NewState, put_states, put_telling};
use crate::access::own::{activity, record, telling};
use crate::access::{Act, Attempt, Charge, KnownClass, Look, OwnClass, Refused, Tx};
use crate::cycle::refuse_noticed;
use crate::names::{AccountId, ActivityId, ClassId, StudentId, Term};
use crate::record::evidence::{NewPhoto, new_for, put_photos};
use crate::record::{Part, State, Telling};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

/// What came of writing an activity down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    pub activity: ActivityId,
    pub pupils: usize,
}

/// A teacher writes an activity down: each pupil who was in it has a record, confirmed
/// by who writes it.
#[derive(Serialize)]
pub struct RecordActivity {
    class: ClassId,
    term: Term,
    id: ActivityId,
    told: Telling,
    on_behalf: bool,
    records: Vec<NewRecord>,
    photos: Vec<NewPhoto>,
}

#[derive(Serialize)]
struct NewRecord {
    charge: Charge,
    part: Part,
}

impl RecordActivity {
    /// The form's own `id` makes that the same form sent twice is one activity.
    ///
    /// # Errors
    /// [`Refused::Invalid`] when nobody was in it; as [`Tx::taught`]; an id of somebody
    /// else's activity is not found.
    pub fn prepare(
        tx: &mut Tx,
        own: &impl KnownClass,
        id: ActivityId,
        told: Telling,
        on_behalf: bool,
        pupils: &[(StudentId, Part)],
        photos: Vec<NewPhoto>,
    ) -> Result<Attempt<Self, Made>, Refused> {
        if pupils.is_empty() {
            return Err(Refused::invalid("pupils", "全班都标了没参加。至少要有一位同学参加，才有记录可写。"));
        }
        if let Some(by) = writer_of(tx, id)? {
            let mine = Some(by) == tx.by().account();
            return if mine {
                Ok(Attempt::Nothing(Made { activity: id, pupils: pupils.len() }))
            } else {
                Err(Refused::NotFound)
            };
        }
        let students: Vec<StudentId> = pupils.iter().map(|(student, _)| *student).collect();
        refuse_noticed(tx, &students, own.term())?;
        let charges = tx.taught(own, &students)?;
        let records = pupils
            .iter()
            .map(|(student, part)| {
                let charge = charges.get(student).copied().ok_or(Refused::NotFound)?;
                Ok(NewRecord { charge, part: *part })
            })
            .collect::<Result<_, Refused>>()?;
        let photos = new_for(tx, id, photos)?;
        Ok(Attempt::Act(RecordActivity { class: own.id(), term: own.term(), id, told, on_behalf, records, photos }))
    }
}

impl Act for RecordActivity {
    const VERB: &'static str = "activity_recorded";
    type Done = Made;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.records.iter().map(|new| new.charge.student()).collect();
        json!({ "class": self.class, "term": self.term, "activity": self.id, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Made, Refused> {
        put_activity(tx, self.id, self.term, self.class, self.on_behalf)?;
        put_telling(tx, self.id, 1, &self.told)?;
        let new = self.records.iter().map(|new| NewState {
            term: self.term,
            student: new.charge.student(),
            activity: self.id,
            revision: 1,
            part: new.part,
            state: State::Confirmed,
            note: None,
        });
        put_states(tx, new.collect())?;
        put_photos(tx, self.id, &self.photos)?;
        Ok(Made { activity: self.id, pupils: self.records.len() })
    }
}

pub(super) fn put_activity(
    tx: &mut Tx,
    id: ActivityId,
    term: Term,
    class: ClassId,
    on_behalf: bool,
) -> Result<(), Refused> {
    let (by, role, at) = (tx.by().person()?, tx.by().role(), tx.now());
    tx.put(
        activity::rows,
        (
            activity::id.eq(id),
            activity::term.eq(term),
            activity::class_id.eq(class),
            activity::account_id.eq(by),
            activity::role.eq(role.code()),
            activity::on_behalf.eq(on_behalf),
            activity::made_at.eq(at),
        ),
    )?;
    Ok(())
}

/// Who wrote an activity of this school down, if it is there.
pub(in crate::record) fn writer_of(look: &mut Look, id: ActivityId) -> Result<Option<AccountId>, Refused> {
    Ok(look
        .own(activity::rows)
        .filter(activity::id.eq(id))
        .select(activity::account_id)
        .first(look.conn())
        .optional()?)
}

/// An activity of one's own class as its calendar shows it.
#[derive(Clone, Debug)]
pub struct ClassActivity {
    pub id: ActivityId,
    pub told: Telling,
    /// Of how many pupils it is confirmed.
    pub pupils: usize,
}

/// The activities of one's own class in a term with a confirmed record, the newest day
/// first.
pub fn class_activities(look: &mut Look, own: &OwnClass, term: Term) -> Result<Vec<ClassActivity>, Refused> {
    // Asked in one, SQLite begins with the whole school's records.
    let ids: Vec<ActivityId> = look
        .own(activity::rows)
        .filter(activity::class_id.eq(own.id()))
        .filter(activity::term.eq(term))
        .select(activity::id)
        .load(look.conn())?;
    let tellings: Vec<(ActivityId, Told)> = look
        .own(telling::rows)
        .filter(telling::activity_id.eq_any(&ids))
        .order((telling::activity_id, telling::revision))
        .select((telling::activity_id, told_columns!()))
        .load(look.conn())?;
    let records: Vec<(ActivityId, StudentId, i32, State)> = look
        .own(record::rows)
        .filter(record::activity_id.eq_any(&ids))
        .select((record::activity_id, record::student_id, record::revision, record::state))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    let told: BTreeMap<ActivityId, Told> = tellings.into_iter().collect();
    let mut standing: BTreeMap<(ActivityId, StudentId), (i32, State)> = BTreeMap::new();
    for (id, student, revision, state) in records {
        let known = standing.entry((id, student)).or_insert((revision, state));
        if revision > known.0 {
            *known = (revision, state);
        }
    }
    let mut all: BTreeMap<ActivityId, ClassActivity> = BTreeMap::new();
    for ((id, _), (_, state)) in standing {
        let Some(told) = told.get(&id).filter(|_| state == State::Confirmed) else { continue };
        let new = || ClassActivity { id, told: told.clone().into(), pupils: 0 };
        all.entry(id).or_insert_with(new).pupils += 1;
    }
    let mut all: Vec<ClassActivity> = all.into_values().collect();
    all.sort_by_key(|one| std::cmp::Reverse((one.told.starts_on, one.id)));
    Ok(all)
}
