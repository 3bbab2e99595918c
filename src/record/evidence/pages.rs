//! The photos themselves, through the class's and the family's doors, and how a card
//! shows them.

use super::acts::{AddPhotos, RemovePhoto};
use super::store::{Photos, Size, seen_by_class, seen_by_family};
use super::{lay, receive};
use crate::access::{Desk, Family, Homeroom, InSchool, Nothing, PostedPhotos, Refused, off_the_loop};
use crate::names::ActivityId;
use crate::platform::page::SeeOther;
use actix_web::http::header;
use actix_web::web::{Path, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use serde::Serialize;

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(class_photo).service(class_thumb).service(class_add).service(class_remove);
}

/// What is behind `/child/{student}`.
pub fn family(door: &mut ServiceConfig) {
    door.service(family_photo).service(family_thumb).service(family_remove);
}

/// The photos of a card.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PhotosView {
    pub seen: Vec<PhotoView>,
    /// Why some are not shown.
    pub hidden: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PhotoView {
    pub address: String,
    pub ordinal: i32,
    pub width: i32,
    pub height: i32,
}

/// `door` is the address before `/evidence`: `/class/…` or `/child/…`.
pub fn photos_view(door: &str, activity: ActivityId, photos: Option<&Photos>) -> PhotosView {
    let Some(photos) = photos else { return PhotosView::default() };
    PhotosView {
        seen: photos
            .seen
            .iter()
            .map(|photo| PhotoView {
                address: format!("{door}/evidence/{activity}/{}", photo.ordinal),
                ordinal: photo.ordinal,
                width: photo.width,
                height: photo.height,
            })
            .collect(),
        hidden: photos.hidden.map(|(count, children)| match children {
            0 => format!("{count} 张照片不显示：有家长撤回了同意。"),
            _ => format!("{count} 张照片已收好，先不显示：还有 {children} 位同学的家长没有同意。"),
        }),
    }
}

/// A photo's bytes, for whom has been found to be allowed to see it.
///
/// # Errors
/// [`Refused::NotFound`] when it is deleted by now; what the file store says.
pub async fn shown(desk: &Desk<InSchool>, sha256: String) -> Result<HttpResponse, Refused> {
    let files = desk.house().files.clone();
    let bytes = off_the_loop(move || match files.get(&sha256) {
        Ok(bytes) => Ok(bytes),
        // Deleted between the question and the answer.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Refused::NotFound),
        Err(error) => Err(error.into()),
    })
    .await?;
    Ok(HttpResponse::Ok()
        .content_type("image/jpeg")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(bytes))
}

type Named = Path<(String, ActivityId, i32)>;

async fn of_class(homeroom: Homeroom, named: Named, size: Size) -> Result<HttpResponse, Refused> {
    let (own, id, ordinal) = (homeroom.class(), named.1, named.2);
    let sha256 = homeroom.look(move |look| seen_by_class(look, &own, id, ordinal, size)).await?;
    shown(&homeroom, sha256).await
}

async fn of_family(family: Family, named: Named, size: Size) -> Result<HttpResponse, Refused> {
    let (child, id, ordinal) = (family.child(), named.1, named.2);
    let me = family.by().person()?;
    let sha256 = family.look(move |look| seen_by_family(look, child, me, id, ordinal, size)).await?;
    shown(&family, sha256).await
}

#[get("/evidence/{activity}/{ordinal}")]
async fn class_photo(homeroom: Homeroom, named: Named) -> Result<HttpResponse, Refused> {
    of_class(homeroom, named, Size::Whole).await
}

#[get("/evidence/{activity}/{ordinal}/small")]
async fn class_thumb(homeroom: Homeroom, named: Named) -> Result<HttpResponse, Refused> {
    of_class(homeroom, named, Size::Small).await
}

#[get("/evidence/{activity}/{ordinal}")]
async fn family_photo(family: Family, named: Named) -> Result<HttpResponse, Refused> {
    of_family(family, named, Size::Whole).await
}

#[get("/evidence/{activity}/{ordinal}/small")]
async fn family_thumb(family: Family, named: Named) -> Result<HttpResponse, Refused> {
    of_family(family, named, Size::Small).await
}

/// Adds photos to an activity: all of one form, or none.
#[post("/evidence/{activity}")]
async fn class_add(
    homeroom: Homeroom,
    named: Path<(String, ActivityId)>,
    sent: PostedPhotos<Nothing>,
) -> Result<SeeOther, Refused> {
    let (own, id) = (homeroom.class(), named.1);
    if let Some(fault) = sent.too_much {
        return Err(Refused::Invalid(vec![fault]));
    }
    if sent.photos.is_empty() {
        return Err(Refused::invalid("photos", "还没有选照片。请退回上一页，先选再传。"));
    }
    let arrived = receive(sent.photos).await.map_err(Refused::Invalid)?;
    let photos = lay(&homeroom, arrived).await?;
    let added = homeroom.try_act(move |tx| AddPhotos::prepare(tx, &own, id, photos)).await?;
    let added = added.unwrap_or_else(|none| none);
    Ok(SeeOther(format!("/class/{}/records/{id}?photos={added}", own.id())))
}

/// Takes a photo back that one has sent oneself.
#[post("/evidence/{activity}/{ordinal}/remove")]
async fn class_remove(
    homeroom: Homeroom,
    named: Named,
    _: crate::access::Posted<Nothing>,
) -> Result<SeeOther, Refused> {
    let (own, id, ordinal) = (homeroom.class(), named.1, named.2);
    homeroom.act(move |tx| RemovePhoto::prepare(tx, id, ordinal)).await?;
    Ok(SeeOther(format!("/class/{}/records/{id}", own.id())))
}

#[post("/evidence/{activity}/{ordinal}/remove")]
async fn family_remove(family: Family, named: Named, _: crate::access::Posted<Nothing>) -> Result<SeeOther, Refused> {
    let (child, id, ordinal) = (family.child().student(), named.1, named.2);
    family.act(move |tx| RemovePhoto::prepare(tx, id, ordinal)).await?;
    Ok(SeeOther(format!("/child/{child}/records/{id}")))
}
