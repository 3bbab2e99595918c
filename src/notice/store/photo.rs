//! Photos that came with an objection. They are as little anybody's as its text: whoever
//! sent them sees them, whoever answers, and nobody else; they hang on no record and come
//! into no pupil's file. They stay as long as the objection does.

use super::thread::Thread;
use crate::access::own::objection_photo;
use crate::access::{Look, MOST_PHOTOS, Refused, Tx};
use crate::cycle::StepKind;
use crate::names::{AccountId, ObjectionId};
use crate::record::evidence::{NewPhoto, hold_files};
use diesel::prelude::*;
use serde::Serialize;

/// One of them: at which step it came, and how large it is in pixels.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectionPhoto {
    pub ordinal: i32,
    pub step: i32,
    pub width: i32,
    pub height: i32,
}

/// Hangs photos on a step of an objection, in the act that makes it.
///
/// # Errors
/// [`Refused::Invalid`] at `photos` for more than nine; [`Refused::Conflict`] when a file of
/// theirs was deleted in the meantime.
pub(super) fn put_photos(tx: &mut Tx, id: ObjectionId, step: i32, photos: &[NewPhoto]) -> Result<(), Refused> {
    if photos.is_empty() {
        return Ok(());
    }
    let there: Vec<String> = tx
        .own(objection_photo::rows)
        .filter(objection_photo::objection_id.eq(id))
        .select(objection_photo::sha256)
        .load(tx.conn())?;
    let mut new: Vec<&NewPhoto> = Vec::new();
    for photo in photos {
        if !there.contains(&photo.sha256) && !new.iter().any(|earlier| earlier.sha256 == photo.sha256) {
            new.push(photo);
        }
    }
    if there.len() + new.len() > MOST_PHOTOS {
        let said = format!("这件异议已有 {} 张照片，最多 {MOST_PHOTOS} 张。请少选几张。", there.len());
        return Err(Refused::invalid("photos", said));
    }
    hold_files(tx, &new)?;
    let at = tx.now();
    let first = i32::try_from(there.len()).unwrap_or(i32::MAX);
    for (photo, ordinal) in new.into_iter().zip(first + 1..) {
        tx.put(
            objection_photo::rows,
            (
                (objection_photo::objection_id.eq(id), objection_photo::ordinal.eq(ordinal)),
                (objection_photo::step.eq(step), objection_photo::at.eq(at)),
                objection_photo::sha256.eq(photo.sha256.clone()),
                objection_photo::thumb_sha256.eq(photo.thumb_sha256.clone()),
                (objection_photo::bytes.eq(photo.bytes), objection_photo::width.eq(photo.width)),
                objection_photo::height.eq(photo.height),
            ),
        )?;
    }
    Ok(())
}

/// The photos of an objection, in the order they came.
pub fn photos_of(look: &mut Look, id: ObjectionId) -> Result<Vec<ObjectionPhoto>, Refused> {
    let rows: Vec<(i32, i32, i32, i32)> = look
        .own(objection_photo::rows)
        .filter(objection_photo::objection_id.eq(id))
        .order(objection_photo::ordinal)
        .select((objection_photo::ordinal, objection_photo::step, objection_photo::width, objection_photo::height))
        .load(look.conn())?;
    let photo = |(ordinal, step, width, height)| ObjectionPhoto { ordinal, step, width, height };
    Ok(rows.into_iter().map(photo).collect())
}

/// Whether somebody answers an objection now, or has answered it.
pub fn answers(thread: &Thread, account: AccountId) -> bool {
    let answered = |kind| matches!(kind, StepKind::Upheld | StepKind::Refused);
    thread.newest().handler == Some(account)
        || thread.steps.iter().any(|step| step.by == account && answered(step.kind))
}

/// The file of a photo; the caller has found that the objection is the reader's to read.
///
/// # Errors
/// [`Refused::NotFound`] where there is none of that number.
pub fn photo_file(look: &mut Look, id: ObjectionId, ordinal: i32, small: bool) -> Result<String, Refused> {
    let (whole, thumb): (String, String) = look
        .own(objection_photo::rows)
        .filter(objection_photo::objection_id.eq(id))
        .filter(objection_photo::ordinal.eq(ordinal))
        .select((objection_photo::sha256, objection_photo::thumb_sha256))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    Ok(if small { thumb } else { whole })
}
