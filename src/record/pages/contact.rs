use super::{NameChip, name_chips};
use crate::access::{Family, Fault, Homeroom, OwnClass, Posted, Refused};
use crate::names::{ContactId, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::record::{
    Contact, ContactKind, NewContact, ReplyToContact, ShareContact, Typed, WriteContact, class_contacts, day_words,
    family_contacts, read_date,
};
use crate::roster::calendar::term_dates;
use crate::roster::{Pupil, class_list};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct LogView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    id: ContactId,
    kinds: Vec<(&'static str, &'static str, bool)>,
    day: String,
    place: String,
    words: String,
    shared: bool,
    pupils: Vec<NameChip>,
    contacts: Vec<ContactView>,
    saved: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct ContactView {
    id: ContactId,
    kind: &'static str,
    day: String,
    ahead: bool,
    place: Option<String>,
    words: String,
    shared: bool,
    /// In seat order, or the whole class.
    with: String,
    replies: Vec<ReplyView>,
    waits: bool,
    coming: Option<bool>,
    reply: String,
}

#[derive(Serialize)]
struct ReplyView {
    name: String,
    coming: bool,
    words: String,
}

struct Read {
    pupils: Vec<Pupil>,
    contacts: Vec<Contact>,
    today: NaiveDate,
}

async fn read(homeroom: &Homeroom) -> Result<Read, Refused> {
    let own = homeroom.class();
    homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            Ok(Read {
                pupils: class_list(look, &own, dates)?,
                contacts: class_contacts(look, &own, own.term())?,
                today: look.today(),
            })
        })
        .await
}

fn with(contact: &Contact, pupils: &[Pupil]) -> String {
    let there: Vec<&str> = pupils
        .iter()
        .filter(|pupil| contact.families.contains_key(&pupil.id))
        .map(|pupil| pupil.name.as_str())
        .collect();
    if there.len() == pupils.len() && there.len() > 1 { "全班".to_owned() } else { there.join("、") }
}

fn page(homeroom: &Homeroom, read: &Read, id: ContactId, typed: &Typed, saved: bool, faults: Vec<Fault>) -> Page {
    let own = homeroom.class();
    let said = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let chosen = said("kind");
    let contacts = read.contacts.iter().map(|contact| ContactView {
        id: contact.id,
        kind: contact.kind.word(),
        day: day_words(contact.day),
        ahead: contact.day >= read.today && contact.kind.may_lie_ahead(),
        place: contact.place.clone(),
        words: contact.words.clone(),
        shared: contact.shared,
        with: with(contact, &read.pupils),
        replies: read
            .pupils
            .iter()
            .filter_map(|pupil| {
                let reply = contact.families.get(&pupil.id)?.as_ref()?;
                let words = reply.words.clone().unwrap_or_default();
                Some(ReplyView { name: pupil.name.clone(), coming: reply.coming, words })
            })
            .collect(),
        waits: false,
        coming: None,
        reply: String::new(),
    });
    let view = LogView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        id,
        kinds: ContactKind::ALL.iter().map(|kind| (kind.code(), kind.word(), kind.code() == chosen)).collect(),
        day: typed.get("day").cloned().unwrap_or_else(|| read.today.to_string()),
        place: said("place"),
        words: said("words"),
        shared: typed.contains_key("shared"),
        pupils: name_chips(&read.pupils, typed),
        contacts: contacts.collect(),
        saved,
        faults,
    };
    Page::of("record/contacts.html", &view).within("shell", homeroom.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<u8>,
}

/// The term's contact log, and a form for one more.
#[get("/contacts")]
pub(super) async fn class_page(homeroom: Homeroom, asked: Query<Saved>) -> Result<Page, Refused> {
    let read = read(&homeroom).await?;
    Ok(page(&homeroom, &read, ContactId::new(), &Typed::new(), asked.saved.is_some(), Vec::new()))
}

#[post("/contacts")]
pub(super) async fn write(homeroom: Homeroom, form: Posted<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, Posted(typed)) = (homeroom.class(), form);
    let read = read(&homeroom).await?;
    let said = |name: &str| tidy(typed.get(name).map_or("", String::as_str));
    let id = said("id").parse().unwrap_or_else(|_| ContactId::new());
    let mut faults = Vec::new();
    let kind = said("kind").parse::<ContactKind>().ok();
    if kind.is_none() {
        faults.push(Fault::at("kind", "还没有选是家访、家长会、开放日还是电话。"));
    }
    let day = read_date(&said("day"));
    if day.is_none() {
        faults.push(Fault::at("day", format!("日期“{}”认不出。写成 2026-12-31 这样。", said("day"))));
    }
    let all = typed.contains_key("all");
    let families: Vec<StudentId> = read
        .pupils
        .iter()
        .filter(|pupil| all || typed.contains_key(&format!("who_{}", pupil.id)))
        .map(|pupil| pupil.id)
        .collect();
    let (Some(kind), Some(day), true) = (kind, day, faults.is_empty()) else {
        return Ok(Either::Right(page(&homeroom, &read, id, &typed, false, faults)));
    };
    let place = Some(said("place")).filter(|place| !place.is_empty());
    let new = NewContact { id, kind, day, place, words: said("words"), shared: typed.contains_key("shared") };
    match homeroom.try_act(move |tx| WriteContact::prepare(tx, &own, new, &families)).await {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/class/{}/contacts?saved=1", own.id())))),
        Err(Refused::Invalid(faults)) => Ok(Either::Right(page(&homeroom, &read, id, &typed, false, faults))),
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
struct ShareForm {
    /// `yes` or `no`.
    #[serde(default)]
    shared: String,
}

/// Shares one with its families, or no longer.
#[post("/contacts/{contact}/share")]
pub(super) async fn share(
    homeroom: Homeroom,
    path: Path<(String, ContactId)>,
    form: Posted<ShareForm>,
) -> Result<SeeOther, Refused> {
    let (own, id, shared) = (homeroom.class(), path.1, form.0.shared == "yes");
    homeroom.try_act(move |tx| ShareContact::prepare(tx, &own, id, shared)).await?.unwrap_or_else(|same| same);
    Ok(SeeOther(format!("/class/{}/contacts", own.id())))
}

#[derive(Serialize)]
struct FamilyView {
    student: StudentId,
    name: String,
    guardian: bool,
    contacts: Vec<ContactView>,
    faults: Vec<Fault>,
}

async fn family_view(family: &Family, faults: Vec<Fault>) -> Result<Page, Refused> {
    let child = family.child();
    let (contacts, today) = family.look(move |look| Ok((family_contacts(look, child)?, look.today()))).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let guardian = family.guardian().is_ok();
    let contacts = contacts.into_iter().map(|contact| {
        let reply = contact.families.get(&child.student()).cloned().flatten();
        let ahead = contact.day >= today && contact.kind.may_lie_ahead();
        ContactView {
            id: contact.id,
            kind: contact.kind.word(),
            day: day_words(contact.day),
            ahead,
            place: contact.place,
            words: contact.words,
            shared: true,
            with: String::new(),
            replies: Vec::new(),
            waits: ahead && guardian && reply.is_none(),
            coming: reply.as_ref().map(|reply| reply.coming),
            reply: reply.and_then(|reply| reply.words).unwrap_or_default(),
        }
    });
    let view = FamilyView {
        student: child.student(),
        name: family.child_name().to_owned(),
        guardian,
        contacts: contacts.collect(),
        faults,
    };
    Ok(Page::of("record/family-contacts.html", &view).within("shell", family.shell()).with_status(status))
}

/// What school and this family said to each other, as far as it is shared.
#[get("/contacts")]
pub(super) async fn family_page(family: Family) -> Result<Page, Refused> {
    family_view(&family, Vec::new()).await
}

#[derive(Deserialize)]
struct ReplyForm {
    /// `yes` or `no`.
    #[serde(default)]
    coming: String,
    #[serde(default)]
    words: String,
}

/// A guardian answers an invitation.
#[post("/contacts/{contact}/reply")]
pub(super) async fn answer_invitation(
    family: Family,
    path: Path<(String, ContactId)>,
    form: Posted<ReplyForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    family.guardian()?;
    let (child, id, coming) = (family.child(), path.1, form.0.coming == "yes");
    let words = Some(tidy(&form.0.words)).filter(|words| !words.is_empty());
    match family.try_act(move |tx| ReplyToContact::prepare(tx, child, id, coming, words)).await {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/child/{}/contacts", child.student())))),
        Err(Refused::Invalid(faults)) => Ok(Either::Right(family_view(&family, faults).await?)),
        Err(other) => Err(other),
    }
}
