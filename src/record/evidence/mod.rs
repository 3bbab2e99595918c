//! Photos of an activity 佐证. They are made anew when they come, lie in the file store
//! under their own SHA-256, and are seen only through a grant, and only while guardians
//! of every child in the activity consent.
//!
//! A file is written before the row that names it, and deleted after the last such row
//! is gone. Between the two it stands in `loose_photo`: written there first, touched in
//! the transaction that adds the row, and deleted only after a while in nobody's hands.
//! So a program killed at any moment leaves neither a row without its photo nor a photo
//! that stays for ever without a row.

mod acts;
mod going;
mod overdue;
pub mod pages;
mod printed;
mod store;

pub use acts::{AddPhotos, PhotosArriving, RemovePhoto};
pub use going::{LOOSE_FOR, PhotosWithdrawn, delete_loose, withdrawn};
pub use overdue::{EvidencePurged, Overdue, overdue};
pub use pages::{PhotoView, PhotosView, photos_view, shown as photo_answer};
pub use printed::{ChosenPhoto, Ended, chosen_photos, ended, withdrawn_files};
pub use store::{Photo, Photos, hold_files, loosen, new_for, photos_among, put_photos, seen_by_class, seen_by_family};

use crate::access::{Desk, Fault, InSchool, MOST_PHOTOS, Refused, SentPhoto, off_the_loop};
use crate::platform::picture::{Alike, picture_in_turn};
use serde::Serialize;

/// A photo that has been made anew and waits to be kept.
pub struct Arrived {
    jpeg: Vec<u8>,
    thumb: Vec<u8>,
    width: u32,
    height: u32,
    looks: Alike,
}

/// A photo in the file store, about to hang on an activity.
#[derive(Clone, Debug, Serialize)]
pub struct NewPhoto {
    pub sha256: String,
    pub thumb_sha256: String,
    pub bytes: i32,
    pub width: i32,
    pub height: i32,
    #[serde(skip)]
    looks: Alike,
    #[serde(skip)]
    like: Option<crate::names::ActivityId>,
}

/// Makes all photos of a form anew, or none.
///
/// # Errors
/// One fault for each that cannot be taken, at `photos`, with its place and name.
pub async fn receive(sent: Vec<SentPhoto>) -> Result<Vec<Arrived>, Vec<Fault>> {
    let (mut arrived, mut faults) = (Vec::new(), Vec::new());
    let many = sent.len() > 1;
    for (n, photo) in sent.into_iter().enumerate() {
        let name: String = photo.file_name.chars().filter(|c| !c.is_control()).take(40).collect();
        match picture_in_turn(photo.bytes).await {
            Ok(made) => arrived.push(Arrived {
                jpeg: made.jpeg,
                thumb: made.thumb,
                width: made.width,
                height: made.height,
                looks: made.alike,
            }),
            Err(no_picture) => {
                let which = if many { format!("第 {} 张照片", n + 1) } else { "照片".to_owned() };
                let name = if name.is_empty() { name } else { format!("“{name}”") };
                faults.push(Fault::at("photos", format!("{which}{name}{no_picture}")));
            }
        }
    }
    if faults.is_empty() { Ok(arrived) } else { Err(faults) }
}

/// The photos of a form whose other faults are told with theirs.
pub async fn receive_among(sent: Vec<SentPhoto>, too_much: Option<Fault>, faults: &mut Vec<Fault>) -> Vec<Arrived> {
    faults.extend(too_much);
    receive(sent).await.unwrap_or_else(|more| {
        faults.extend(more);
        Vec::new()
    })
}

/// Lays the photos into the file store, for the act that follows to hold.
///
/// # Errors
/// [`Refused::Conflict`] while the very same photo is being deleted.
pub async fn lay(desk: &Desk<InSchool>, arrived: Vec<Arrived>) -> Result<Vec<NewPhoto>, Refused> {
    if arrived.is_empty() {
        return Ok(Vec::new());
    }
    let looks: Vec<Alike> = arrived.iter().map(|photo| photo.looks.clone()).collect();
    let like = desk.look(move |look| store::like(look, &looks)).await?;
    let files = desk.house().files.clone();
    let new: Vec<NewPhoto> = arrived.iter().zip(like).map(|(photo, like)| NewPhoto::of(photo, like)).collect();
    let names = new.iter().flat_map(|photo| [photo.sha256.clone(), photo.thumb_sha256.clone()]).collect();
    let arriving = PhotosArriving::of(names);
    desk.act(move |_| Ok(arriving)).await?;
    off_the_loop(move || {
        for photo in &arrived {
            files.put(&photo.jpeg)?;
            files.put(&photo.thumb)?;
        }
        Ok(())
    })
    .await?;
    Ok(new)
}

impl NewPhoto {
    fn of(photo: &Arrived, like: Option<crate::names::ActivityId>) -> Self {
        use crate::platform::files::sha256_hex;
        // At most 1600 pixels a side, so that all of these are small.
        let small = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        NewPhoto {
            sha256: sha256_hex(&photo.jpeg),
            thumb_sha256: sha256_hex(&photo.thumb),
            bytes: i32::try_from(photo.jpeg.len()).unwrap_or(i32::MAX),
            width: small(photo.width),
            height: small(photo.height),
            looks: photo.looks.clone(),
            like,
        }
    }
}

/// A form that is shown again has lost the photos that were chosen: a browser does not
/// let them be filled in.
pub fn choose_again(were_sent: bool, faults: &mut Vec<Fault>) {
    if were_sent && !faults.iter().any(|fault| fault.field == "photos") {
        faults.push(Fault::at("photos", "照片还没有存。把上面的改好，再选一次照片。"));
    }
}

fn too_many(there: usize) -> Refused {
    let rest = MOST_PHOTOS.saturating_sub(there);
    Refused::invalid(
        "photos",
        format!("这条记录已有 {there} 张照片，最多 {MOST_PHOTOS} 张，还能再加 {rest} 张。请再选一次。"),
    )
}
