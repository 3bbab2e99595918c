//! What is done with photos: they come, hang on an activity, and are taken back.

use super::NewPhoto;
use super::store::{children_of, loosen, new_for, put_photos, remove};
use crate::access::own::{activity, evidence};
use crate::access::{Act, Attempt, OwnClass, Refused, Tx};
use crate::cycle::refuse_noticed;
use crate::names::{ActivityId, StudentId, Term};
use crate::record::State;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Files are about to be written that no row names yet.
#[derive(Serialize)]
pub struct PhotosArriving {
    files: Vec<String>,
}

impl PhotosArriving {
    pub(super) fn of(mut files: Vec<String>) -> Self {
        files.sort_unstable();
        files.dedup();
        PhotosArriving { files }
    }
}

impl Act for PhotosArriving {
    const VERB: &'static str = "photos_arriving";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({})
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        loosen(tx, &self.files)
    }
}

/// A teacher adds photos to an activity of the class.
#[derive(Serialize)]
pub struct AddPhotos {
    activity: ActivityId,
    photos: Vec<NewPhoto>,
}

impl AddPhotos {
    /// # Errors
    /// [`Refused::NotFound`] for an activity that is not this class's in its present
    /// term; [`Refused::Conflict`] from its notice on; as [`new_for`].
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        id: ActivityId,
        photos: Vec<NewPhoto>,
    ) -> Result<Attempt<Self, usize>, Refused> {
        let of_class: i64 = tx
            .own(activity::rows)
            .filter(activity::id.eq(id))
            .filter(activity::class_id.eq(own.id()))
            .filter(activity::term.eq(own.term()))
            .count()
            .get_result(tx.conn())?;
        let children = children_of(tx, &[id])?.remove(&id).unwrap_or_default();
        if of_class == 0 || !children.values().any(|state| *state != State::Draft) {
            return Err(Refused::NotFound);
        }
        let in_it: Vec<StudentId> = children.into_keys().collect();
        refuse_noticed(tx, &in_it, own.term())?;
        let photos = new_for(tx, id, photos)?;
        Ok(if photos.is_empty() { Attempt::Nothing(0) } else { Attempt::Act(AddPhotos { activity: id, photos }) })
    }
}

impl Act for AddPhotos {
    const VERB: &'static str = "photos_added";
    /// How many.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "activity": self.activity, "photos": self.photos.len() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        put_photos(tx, self.activity, &self.photos)?;
        Ok(self.photos.len())
    }
}

/// Who sent a photo takes it back.
#[derive(Serialize)]
pub struct RemovePhoto {
    activity: ActivityId,
    ordinal: i32,
    files: Vec<String>,
}

impl RemovePhoto {
    /// # Errors
    /// [`Refused::NotFound`] for what one did not send; [`Refused::Conflict`] when a
    /// pupil's or guardian's record is confirmed already, and from the notice on: what
    /// was noticed keeps its evidence, unless a family takes its consent back.
    pub fn prepare(tx: &mut Tx, id: ActivityId, ordinal: i32) -> Result<Self, Refused> {
        let me = tx.by().person()?;
        let (sha256, thumb): (String, String) = tx
            .own(evidence::rows)
            .filter(evidence::activity_id.eq(id))
            .filter(evidence::ordinal.eq(ordinal))
            .filter(evidence::account_id.eq(me))
            .select((evidence::sha256, evidence::thumb_sha256))
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        let own_word = matches!(tx.by().role(), crate::names::Role::Learner | crate::names::Role::Guardian);
        let children = children_of(tx, &[id])?.remove(&id).unwrap_or_default();
        let confirmed = children.values().any(|state| *state == State::Confirmed);
        if own_word && confirmed {
            return Err(Refused::conflict("老师已经核实这条记录，照片不能自己删。要删，请告诉班主任。"));
        }
        let term: Term = tx
            .own(activity::rows)
            .filter(activity::id.eq(id))
            .select(activity::term)
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        let in_it: Vec<StudentId> = children.into_keys().collect();
        refuse_noticed(tx, &in_it, term)?;
        Ok(RemovePhoto { activity: id, ordinal, files: vec![sha256, thumb] })
    }
}

impl Act for RemovePhoto {
    const VERB: &'static str = "photo_removed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "activity": self.activity, "ordinal": self.ordinal })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        remove(tx, self.activity, self.ordinal)?;
        loosen(tx, &self.files)
    }
}
