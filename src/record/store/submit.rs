use super::made::{put_activity, writer_of};
use super::{Kept, NewState, kept_among, newest_telling, put_state, put_telling};
use crate::access::{Act, Attempt, Child, Refused, Tx};
use crate::cycle::refuse_noticed;
use crate::names::{ActivityId, Term};
use crate::record::evidence::{NewPhoto, new_for, put_photos};
use crate::record::{Part, State, Telling};
use crate::roster::AtSchool;
use serde::Serialize;
use serde_json::json;

/// A pupil or a guardian writes something down about the child: kept as a draft, or
/// handed in for the homeroom teacher.
#[derive(Serialize)]
pub struct SubmitRecord {
    child: Child,
    term: Term,
    #[serde(skip)]
    class: crate::names::ClassId,
    id: ActivityId,
    state: State,
    part: Part,
    told: Telling,
    /// Revisions to be added; 0 where nothing changed.
    #[serde(skip)]
    telling_revision: i32,
    #[serde(skip)]
    record_revision: i32,
    #[serde(skip)]
    new: bool,
    photos: Vec<NewPhoto>,
}

/// Somebody's own record of a child as it stands.
fn mine(tx: &mut Tx, child: Child, term: Term, id: ActivityId) -> Result<Option<Kept>, Refused> {
    let Some(by) = writer_of(tx, id)? else { return Ok(None) };
    let kept = kept_among(tx, &[child.student()], Some(term))?;
    let kept = kept.into_iter().find(|kept| kept.activity == id && Some(by) == tx.by().account());
    Ok(Some(kept.ok_or(Refused::NotFound)?))
}

impl SubmitRecord {
    /// The form's own `id` makes that the same form sent twice is one record.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for an id that is not one's own record of this child;
    /// [`Refused::Conflict`] when it is confirmed or taken back already.
    pub fn prepare(
        tx: &mut Tx,
        child: Child,
        at: &AtSchool,
        id: ActivityId,
        told: Telling,
        part: Part,
        (draft, photos): (bool, Vec<NewPhoto>),
    ) -> Result<Attempt<Self, ActivityId>, Refused> {
        let term = at.term.term;
        at.check_learning()?;
        refuse_noticed(tx, &[child.student()], term)?;
        let state = if draft { State::Draft } else { State::Submitted };
        let stands = mine(tx, child, term, id)?;
        let photos = new_for(tx, id, photos)?;
        let (told_before, kept) = match (newest_telling(tx, id)?, &stands) {
            (Some(before), Some(kept)) => (before, kept),
            _ => {
                let class = at.class.id;
                let (telling_revision, record_revision) = (1, 1);
                let new = true;
                return Ok(Attempt::Act(SubmitRecord {
                    child,
                    term,
                    class,
                    id,
                    state,
                    part,
                    told,
                    telling_revision,
                    record_revision,
                    new,
                    photos,
                }));
            }
        };
        let told_same = told_before.1 == told && kept.part == part;
        let same = told_same && photos.is_empty();
        match kept.state {
            State::Confirmed | State::Withdrawn if !same => {
                return Err(Refused::conflict(format!(
                    "这条记录{}，不能再改。要补充，请另写一条。",
                    kept.state.word()
                )));
            }
            State::Confirmed | State::Withdrawn => return Ok(Attempt::Nothing(id)),
            // What waits for the teacher is not turned into a draft behind the teacher's back.
            State::Submitted if draft => {
                return Err(Refused::conflict("这条已经交给老师了。要改，请先收回，或改好再交一次。"));
            }
            _ => {}
        }
        let moves = kept.state != state && !(draft && kept.state == State::Returned) || kept.part != part;
        if same && !moves {
            return Ok(Attempt::Nothing(id));
        }
        let state = if moves && !(draft && kept.state == State::Returned) { state } else { kept.state };
        Ok(Attempt::Act(SubmitRecord {
            child,
            term,
            class: at.class.id,
            id,
            state,
            part,
            telling_revision: if told_before.1 == told { 0 } else { told_before.0 + 1 },
            record_revision: if moves { kept.revision + 1 } else { 0 },
            told,
            new: false,
            photos,
        }))
    }
}

impl Act for SubmitRecord {
    const VERB: &'static str = "record_written";
    type Done = ActivityId;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "term": self.term, "activity": self.id, "state": self.state })
    }

    fn perform(&self, tx: &mut Tx) -> Result<ActivityId, Refused> {
        if self.new {
            put_activity(tx, self.id, self.term, self.class, false)?;
        }
        if self.telling_revision > 0 {
            put_telling(tx, self.id, self.telling_revision, &self.told)?;
        }
        if self.record_revision > 0 {
            let (term, student, activity) = (self.term, self.child.student(), self.id);
            let (revision, part, state) = (self.record_revision, self.part, self.state);
            put_state(tx, NewState { term, student, activity, revision, part, state, note: None })?;
        }
        put_photos(tx, self.id, &self.photos)?;
        Ok(self.id)
    }
}

/// Whoever wrote a record takes it back, as long as it is not confirmed.
#[derive(Serialize)]
pub struct TakeBack {
    child: Child,
    term: Term,
    id: ActivityId,
    revision: i32,
    #[serde(skip)]
    part: Part,
}

impl TakeBack {
    /// # Errors
    /// [`Refused::NotFound`] for what is not one's own; [`Refused::Conflict`] when it is
    /// confirmed.
    pub fn prepare(tx: &mut Tx, child: Child, term: Term, id: ActivityId) -> Result<Attempt<Self, ()>, Refused> {
        refuse_noticed(tx, &[child.student()], term)?;
        let kept = mine(tx, child, term, id)?.ok_or(Refused::NotFound)?;
        match kept.state {
            State::Withdrawn => Ok(Attempt::Nothing(())),
            State::Confirmed => Err(Refused::conflict("老师已经核实这条记录，不能收回。有不对的地方请告诉班主任。")),
            _ => Ok(Attempt::Act(TakeBack { child, term, id, revision: kept.revision + 1, part: kept.part })),
        }
    }
}

impl Act for TakeBack {
    const VERB: &'static str = "record_withdrawn";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "term": self.term, "activity": self.id })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (term, student, activity) = (self.term, self.child.student(), self.id);
        let (revision, part, state) = (self.revision, self.part, State::Withdrawn);
        put_state(tx, NewState { term, student, activity, revision, part, state, note: None })
    }
}
