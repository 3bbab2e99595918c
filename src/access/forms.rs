//! What comes in by POST. These extractors are the only ones for a body, and
//! each asks for the session's own token first, so that a form from another
//! site is refused whatever it says. They run after the keeper of the scope.

use super::session::is_form_token;
use super::{Door, Fault, Refused};
use crate::names::SessionId;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

const MOST_FORM_BYTES: usize = 256 << 10;
const MOST_JSON_BYTES: usize = 1 << 20;
/// A roster of a whole school is about half a megabyte.
pub const MOST_UPLOAD_BYTES: usize = 12 << 20;

/// Beside an uploaded file a form has a handful of short fields.
const MOST_FIELDS: usize = 24;
const MOST_FIELD_BYTES: usize = 4 << 10;

/// Photos of one form, and their bytes together; what is more is read on to the end, so
/// that what was typed is there again, up to what no browser of ours sends.
pub const MOST_PHOTOS: usize = 9;
const MOST_PHOTO_BYTES: usize = 64 << 20;
const MOST_PHOTO_BODY: usize = 200 << 20;
/// Forty classes of one activity, each with its parts and some names tapped.
const MOST_PHOTO_FIELDS: usize = 2_000;
/// Megabytes of photos that forms hold in memory at once, in this process.
const PHOTOS_AT_ONCE: u32 = 256;
const WAIT_FOR_ROOM: Duration = Duration::from_secs(20);

static ROOM: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(PHOTOS_AT_ONCE as usize));

/// Left by a keeper: the session whose forms are taken here; `None` before sign-in.
#[derive(Clone, Copy)]
pub(in crate::access) struct FormsOf(pub Option<SessionId>);

/// A form with nothing in it: pressing its button says all.
#[derive(serde::Deserialize)]
pub struct Nothing {}

/// A submitted form.
pub struct Posted<T>(pub T);

/// A JSON body, from our own scripts.
pub struct PostedJson<T>(pub T);

/// A form with photos beside its fields: multipart, or a plain form where there are none.
pub struct PostedPhotos<T> {
    pub form: T,
    pub photos: Vec<SentPhoto>,
    /// What was sent is more than one form may carry; none of the photos was taken.
    pub too_much: Option<Fault>,
}

/// A photo as it was sent, in memory only.
pub struct SentPhoto {
    pub file_name: String,
    pub bytes: Vec<u8>,
}

/// One uploaded file, in memory only, with the form's other fields.
pub struct Upload {
    pub file_name: String,
    pub bytes: Vec<u8>,
    fields: HashMap<String, String>,
}

impl Upload {
    /// What was typed or chosen beside the file; empty when there was nothing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |typed| typed.trim())
    }
}

/// `Origin` and `Sec-Fetch-Site` refuse only when present and disagreeing: over
/// plain http on a LAN browsers leave them out, and some proxies drop them.
fn check_origin(req: &HttpRequest, door: &Door) -> Result<(), Refused> {
    let text = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(origin) = text("origin") {
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        let ours = Some(host) == text("host") || door.house().public_url == origin;
        if !ours {
            return Err(Refused::Forged);
        }
    }
    match text("sec-fetch-site") {
        Some("cross-site" | "same-site") => Err(Refused::Forged),
        _ => Ok(()),
    }
}

fn check_token(req: &HttpRequest, door: &Door, token: Option<&str>) -> Result<(), Refused> {
    let Some(FormsOf(forms_of)) = req.extensions().get::<FormsOf>().copied() else {
        return Err(Refused::NotFound);
    };
    match forms_of {
        None => Ok(()),
        Some(session) if token.is_some_and(|token| is_form_token(door.house(), session, token)) => Ok(()),
        Some(_) => Err(Refused::Forged),
    }
}

fn door(req: &HttpRequest) -> Result<Door, Refused> {
    req.app_data::<Data<Door>>().map(|door| door.get_ref().clone()).ok_or(Refused::NotFound)
}

async fn body(payload: &mut Payload, most: usize) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    while let Some(part) = payload.next().await {
        let part = part.map_err(|_| Refused::invalid("", "内容没有传完，请再提交一次。"))?;
        if bytes.len() + part.len() > most {
            return Err(Refused::invalid("", "一次提交的内容太多了，请分几次提交。"));
        }
        bytes.extend_from_slice(&part);
    }
    Ok(bytes)
}

impl<T: DeserializeOwned + 'static> FromRequest for Posted<T> {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let door = door(&req)?;
            check_origin(&req, &door)?;
            let bytes = body(&mut payload, MOST_FORM_BYTES).await?;
            let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes)
                .map_err(|_| Refused::invalid("", "表单的内容认不出，请刷新页面再提交。"))?;
            let token = fields.iter().find(|(name, _)| name == "csrf").map(|(_, value)| value.as_str());
            check_token(&req, &door, token)?;
            serde_urlencoded::from_bytes(&bytes)
                .map(Posted)
                .map_err(|e| Refused::invalid("", format!("表单里有一项认不出（{e}），请刷新页面再提交。")))
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for PostedJson<T> {
    type Error = super::Told;
    type Future = LocalBoxFuture<'static, Result<Self, super::Told>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let door = door(&req)?;
            check_origin(&req, &door)?;
            let token = req.headers().get("x-csrf-token").and_then(|value| value.to_str().ok());
            check_token(&req, &door, token)?;
            let bytes = body(&mut payload, MOST_JSON_BYTES).await?;
            let value = serde_json::from_slice(&bytes)
                .map_err(|e| Refused::invalid("", format!("内容认不出：{e}。没有改动任何一格。")))?;
            Ok(PostedJson(value))
        })
    }
}

impl FromRequest for Upload {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            let door = door(&req)?;
            check_origin(&req, &door)?;
            let broken_off = |_| Refused::invalid("file", "文件没有传完，请再选一次。");
            let mut parts = actix_multipart::Multipart::new(req.headers(), payload);
            let (mut token, mut upload, mut fields) = (None, None, HashMap::new());
            while let Some(part) = parts.next().await {
                let mut part = part.map_err(broken_off)?;
                let field = part.name().unwrap_or_default().to_owned();
                let file_name =
                    part.content_disposition().and_then(|d| d.get_filename()).unwrap_or_default().to_owned();
                let mut bytes = Vec::new();
                while let Some(chunk) = part.next().await {
                    let chunk = chunk.map_err(broken_off)?;
                    if bytes.len() + chunk.len() > MOST_UPLOAD_BYTES {
                        return Err(Refused::invalid(
                            "file",
                            "文件超过 12 MB。名单请只留一张表，另存后再传；档案包请用命令 qinghe verify 核验。",
                        ));
                    }
                    bytes.extend_from_slice(&chunk);
                }
                match field.as_str() {
                    "csrf" => token = String::from_utf8(bytes).ok(),
                    "file" => {
                        // The token comes first in our forms: a forged upload is not read on.
                        check_token(&req, &door, token.as_deref())?;
                        upload = Some((file_name, bytes));
                    }
                    _ if fields.len() < MOST_FIELDS && bytes.len() <= MOST_FIELD_BYTES => {
                        fields.extend(String::from_utf8(bytes).ok().map(|typed| (field, typed)));
                    }
                    _ => {}
                }
            }
            check_token(&req, &door, token.as_deref())?;
            upload
                .filter(|(name, bytes): &(String, Vec<u8>)| !name.is_empty() || !bytes.is_empty())
                .ok_or_else(|| Refused::invalid("file", "还没有选文件。请先选一份。"))
                .and_then(|(file_name, bytes)| match bytes.is_empty() {
                    true => Err(Refused::invalid("file", format!("“{file_name}”里什么也没有。请换一份再选。"))),
                    false => Ok(Upload { file_name, bytes, fields }),
                })
        })
    }
}

/// Room in memory for a form of this length; a form that does not say how long it is
/// takes the most one may.
async fn room(req: &HttpRequest) -> Result<SemaphorePermit<'static>, Refused> {
    let length = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let megabytes = length.unwrap_or(usize::MAX).min(MOST_PHOTO_BYTES).div_ceil(1 << 20).max(1);
    let wanted = ROOM.acquire_many(u32::try_from(megabytes).unwrap_or(PHOTOS_AT_ONCE));
    let room = tokio::time::timeout(WAIT_FOR_ROOM, wanted).await.map_err(|_| Refused::Busy)?;
    room.map_err(|_| Refused::Busy)
}

fn far_too_much(bytes: usize) -> Refused {
    let (sent, most) = (bytes.div_ceil(1 << 20), MOST_PHOTO_BYTES >> 20);
    let said = format!(
        "照片一共约 {sent} MB，太大了，一次最多 {most} MB。什么也没有存；请退回上一页，少选几张，或在手机里调小再传。"
    );
    Refused::invalid("photos", said)
}

impl<T: DeserializeOwned + 'static> FromRequest for PostedPhotos<T> {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, mut payload) = (req.clone(), payload.take());
        Box::pin(async move {
            if !req.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/")) {
                let Posted(form) = Posted::from_request(&req, &mut payload).await?;
                return Ok(PostedPhotos { form, photos: Vec::new(), too_much: None });
            }
            let door = door(&req)?;
            check_origin(&req, &door)?;
            let length = req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
            // Before a byte of it is read.
            if let Some(length) = length.filter(|length| *length > MOST_PHOTO_BODY) {
                return Err(far_too_much(length));
            }
            let _room = room(&req).await?;
            let broken_off =
                |_| Refused::invalid("photos", "照片没有传完，可能网络断了一下。什么也没有存，请再提交一次。");
            let mut parts = actix_multipart::Multipart::new(req.headers(), payload);
            let (mut token, mut fields, mut photos) = (None, Vec::new(), Vec::new());
            let (mut photo_bytes, mut all_bytes) = (0, 0);
            while let Some(part) = parts.next().await {
                let mut part = part.map_err(broken_off)?;
                let field = part.name().unwrap_or_default().to_owned();
                let file_name =
                    part.content_disposition().and_then(|d| d.get_filename()).unwrap_or_default().to_owned();
                let is_photo = field == "photos";
                if is_photo {
                    // The token comes first in our forms: a forged upload is not read on.
                    check_token(&req, &door, token.as_deref())?;
                }
                let mut bytes = Vec::new();
                while let Some(chunk) = part.next().await {
                    let chunk = chunk.map_err(broken_off)?;
                    all_bytes += chunk.len();
                    photo_bytes += if is_photo { chunk.len() } else { 0 };
                    if all_bytes > MOST_PHOTO_BODY {
                        return Err(far_too_much(all_bytes));
                    }
                    let taken =
                        if is_photo { photo_bytes <= MOST_PHOTO_BYTES } else { bytes.len() <= MOST_FIELD_BYTES };
                    if taken {
                        bytes.extend_from_slice(&chunk);
                    }
                }
                if is_photo {
                    // A browser sends an empty part where nothing was chosen.
                    if !bytes.is_empty() || !file_name.is_empty() {
                        photos.push(SentPhoto { file_name, bytes });
                    }
                } else if field == "csrf" {
                    token = String::from_utf8(bytes).ok();
                } else if fields.len() < MOST_PHOTO_FIELDS {
                    fields.extend(String::from_utf8(bytes).ok().map(|typed| (field, typed)));
                }
            }
            check_token(&req, &door, token.as_deref())?;
            let too_much = if photo_bytes > MOST_PHOTO_BYTES {
                let (sent, most) = (photo_bytes.div_ceil(1 << 20), MOST_PHOTO_BYTES >> 20);
                Some(Fault::at(
                    "photos",
                    format!("照片一共 {sent} MB，一次最多 {most} MB。请少选几张，或在手机里调小，再选一次。"),
                ))
            } else if photos.len() > MOST_PHOTOS {
                let said = format!("选了 {} 张照片，一条记录最多 {MOST_PHOTOS} 张。请再选一次。", photos.len());
                Some(Fault::at("photos", said))
            } else {
                None
            };
            if too_much.is_some() {
                photos.clear();
            }
            let unread = |e: &dyn std::fmt::Display| {
                Refused::invalid("", format!("表单里有一项认不出（{e}），请刷新页面再提交。"))
            };
            let encoded = serde_urlencoded::to_string(&fields).map_err(|e| unread(&e))?;
            let form = serde_urlencoded::from_str(&encoded).map_err(|e| unread(&e))?;
            Ok(PostedPhotos { form, photos, too_much })
        })
    }
}

/// The address a request came to, as `next` carries it through sign-in: a path
/// of this site, never another site's.
pub fn safe_next(next: Option<&str>) -> Option<&str> {
    next.filter(|next| {
        next.starts_with('/') && !next.starts_with("//") && !next.contains('\\') && !next.contains(char::is_control)
    })
}

/// Whether the asker is a script that wants JSON rather than a page.
pub(in crate::access) fn wants_json(req: &HttpRequest) -> bool {
    [header::ACCEPT, header::CONTENT_TYPE].iter().any(|name| {
        req.headers().get(name).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("application/json"))
    })
}
