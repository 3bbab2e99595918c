use super::form::{FieldsView, as_typed, fields};
use crate::access::{Family, Fault, Posted, PostedPhotos, Refused};
use crate::cycle::refuse_noticed;
use crate::names::{AccountId, ActivityId, StudentId};
use crate::platform::page::{Page, SeeOther};
use crate::record::evidence::{PhotosView, choose_again, lay, photos_among, photos_view, receive_among};
use crate::record::{
    Kept, Part, Pledge, State, SubmitRecord, TakeBack, Telling, Typed, choices, has_pledged, records_of_term,
};
use crate::roster::{AtSchool, at_school};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Serialize)]
struct SubmitView {
    student: StudentId,
    name: String,
    guardian: bool,
    term_name: String,
    fields: FieldsView,
    parts: Vec<(&'static str, &'static str, bool)>,
    /// 诚信承诺 is still to be given this term.
    pledge: bool,
    pledged: bool,
    /// What the teacher asked for.
    note: Option<String>,
    state: Option<&'static str>,
    /// Why nothing can be written now.
    closed: Option<String>,
    may_take_back: bool,
    /// What hangs on it already.
    photos: PhotosView,
    /// Whose drafts on this device are whose.
    account: AccountId,
}

struct Read {
    at: AtSchool,
    scheme: Arc<Scheme>,
    pledged: bool,
    today: NaiveDate,
    kept: Vec<Kept>,
    closed: Option<String>,
}

fn me(family: &Family) -> Result<AccountId, Refused> {
    family.by().account().ok_or(Refused::NotFound)
}

async fn read(family: &Family) -> Result<Read, Refused> {
    let (child, me) = (family.child(), me(family)?);
    family
        .look(move |look| {
            let at = at_school(look, child)?;
            let term = at.term.term;
            let open = at.check_learning().and_then(|()| refuse_noticed(look, &[child.student()], term));
            Ok(Read {
                closed: Refused::why_not(open)?,
                scheme: scheme_of(look, at.class.name.cohort, term)?,
                pledged: has_pledged(look, child, term, me)?,
                kept: records_of_term(look, child, term)?,
                today: look.today(),
                at,
            })
        })
        .await
}

async fn page(
    family: &Family,
    read: &Read,
    id: ActivityId,
    typed: &Typed,
    kept: Option<&Kept>,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let account = me(family)?;
    let child = family.child().student();
    let kept = kept.or_else(|| own(read, id, account));
    let photos = match kept {
        Some(_) => family.look(move |look| photos_among(look, &[id])).await?,
        None => HashMap::new(),
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let part = typed.get("part").map_or(Part::Participant.code(), String::as_str);
    let view = SubmitView {
        student: family.child().student(),
        name: family.child_name().to_owned(),
        guardian: family.guardian().is_ok(),
        term_name: read.at.term.term.name(),
        parts: Part::ALL.iter().rev().map(|one| (one.code(), one.word(), one.code() == part)).collect(),
        fields: fields(id, typed, &choices(&read.scheme, true), &read.scheme, faults),
        pledge: !read.pledged,
        pledged: typed.contains_key("pledge"),
        note: kept.and_then(|kept| kept.note.clone()),
        state: kept.map(|kept| kept.state.word()),
        closed: read.closed.clone(),
        may_take_back: kept.is_some(),
        photos: photos_view(&format!("/child/{child}"), id, photos.get(&id)),
        account,
    };
    Ok(Page::of("record/submit.html", &view).within("shell", family.shell()).with_status(status))
}

/// Something the pupil did, in the pupil's or a guardian's words.
#[get("/records/new")]
pub(super) async fn new_page(family: Family) -> Result<Page, Refused> {
    let read = read(&family).await?;
    let mut typed = Typed::new();
    typed.insert("on".to_owned(), read.today.min(read.at.term.ends_on).to_string());
    page(&family, &read, ActivityId::new(), &typed, None, Vec::new()).await
}

fn own(read: &Read, id: ActivityId, me: AccountId) -> Option<&Kept> {
    read.kept.iter().find(|kept| kept.activity == id && kept.account == me && kept.state != State::Withdrawn)
}

/// One's own draft, or what was handed in and is not confirmed yet.
#[get("/records/{activity}")]
pub(super) async fn edit_page(family: Family, path: Path<(String, ActivityId)>) -> Result<Page, Refused> {
    let read = read(&family).await?;
    let kept =
        own(&read, path.1, me(&family)?).filter(|kept| kept.state != State::Confirmed).ok_or(Refused::NotFound)?;
    let mut typed = as_typed(&kept.told);
    typed.insert("part".to_owned(), kept.part.code().to_owned());
    page(&family, &read, path.1, &typed, Some(kept), Vec::new()).await
}

/// What a form of one child may say; a name of another pupil in it is refused.
const FIELDS: [&str; 16] = [
    "csrf",
    "id",
    "act",
    "indicator",
    "main",
    "title",
    "on",
    "until",
    "place",
    "organiser",
    "level",
    "hours",
    "attained",
    "words",
    "part",
    "pledge",
];

/// Keeps a draft, or hands it in.
#[post("/records")]
pub(super) async fn save(family: Family, sent: PostedPhotos<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (child, typed, with_photos) = (family.child(), sent.form, !sent.photos.is_empty());
    let read = read(&family).await?;
    let draft = typed.get("act").is_some_and(|act| act == "draft");
    let id = typed.get("id").and_then(|id| id.parse().ok()).unwrap_or_else(ActivityId::new);
    let mut faults = Vec::new();
    if typed.keys().any(|name| !FIELDS.contains(&name.as_str()) && !name.starts_with("also_")) {
        faults.push(Fault::at("", format!("这里只写{}自己做的事，不能替别的同学写。", family.child_name())));
    }
    let part = match typed.get("part").map_or("", String::as_str) {
        "" => Part::Participant,
        said => said.parse().unwrap_or_else(|_| {
            faults.push(Fault::at("part", "分工认不出，请重新选。"));
            Part::Participant
        }),
    };
    let promises = typed.contains_key("pledge");
    if !draft && !read.pledged && !promises {
        faults.push(Fault::at("pledge", "交给老师以前，请先勾上诚信承诺。一学期一次就好。"));
    }
    let told = Telling::read(&typed, &choices(&read.scheme, true), read.at.term, read.today, draft);
    let told = told.map_err(|more| faults.extend(more)).ok();
    let arrived = receive_among(sent.photos, sent.too_much, &mut faults).await;
    let Some(told) = told.filter(|_| faults.is_empty()) else {
        choose_again(with_photos, &mut faults);
        return Ok(Either::Right(page(&family, &read, id, &typed, None, faults).await?));
    };
    let term = read.at.term.term;
    if promises && !read.pledged {
        family.try_act(move |tx| Pledge::prepare(tx, child, term)).await?.unwrap_or_else(|given| given);
    }
    let at = read.at.clone();
    let photos = lay(&family, arrived).await?;
    let saved = family.try_act(move |tx| SubmitRecord::prepare(tx, child, &at, id, told, part, (draft, photos))).await;
    match saved {
        Ok(_) => {
            let how = if draft { "draft" } else { "submitted" };
            Ok(Either::Left(SeeOther(format!("/child/{}/records?saved={how}", child.student()))))
        }
        Err(refused) => {
            let (status, mut faults) = refused.at_form("")?;
            choose_again(with_photos, &mut faults);
            Ok(Either::Right(page(&family, &read, id, &typed, None, faults).await?.with_status(status)))
        }
    }
}

/// Takes one's own record back, as long as it is not confirmed.
#[post("/records/{activity}/take-back")]
pub(super) async fn take_back(
    family: Family,
    path: Path<(String, ActivityId)>,
    _form: Posted<Typed>,
) -> Result<SeeOther, Refused> {
    let (child, id) = (family.child(), path.1);
    let acted = family
        .try_act(move |tx| {
            let term = at_school(tx, child)?.term.term;
            TakeBack::prepare(tx, child, term, id)
        })
        .await?;
    acted.unwrap_or_else(|done| done);
    Ok(SeeOther(format!("/child/{}/records?saved=withdrawn", child.student())))
}
