//! The scheme as a form, and its draft.

use super::{Read, moment, read};
use crate::access::{CountySystem, Fault, Posted, Refused};
use crate::names::{Cohort, Domain};
use crate::platform::page::{Page, SeeOther};
use crate::scheme::{Audience, KeepDraft, Kind, Scheme, read_typed};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

#[derive(Serialize)]
struct EditView {
    cohort: i32,
    base: i32,
    drafted: Option<String>,
    name: String,
    no_record: String,
    bands: Vec<BandForm>,
    domains: Vec<DomainForm>,
    voices: Vec<SwitchForm>,
    notice_days: String,
    audiences: Vec<AudienceForm>,
    selected_records: String,
    peers: String,
    comment_characters: String,
    message_characters: String,
    dimensions: Vec<DimensionForm>,
    schools: Vec<SchoolForm>,
    faults: Vec<Fault>,
}

#[derive(Clone, Serialize)]
struct BandForm {
    code: &'static str,
    word: String,
    /// In a domain: what it says there.
    said: String,
}

#[derive(Serialize)]
struct DomainForm {
    code: Domain,
    character: &'static str,
    name: String,
    bands: Vec<BandForm>,
}

#[derive(Serialize)]
struct SwitchForm {
    field: String,
    word: String,
    on: bool,
}

#[derive(Serialize)]
struct AudienceForm {
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

#[derive(Serialize)]
struct DimensionForm {
    domain: Option<Domain>,
    character: &'static str,
    switch: SwitchForm,
    items: Vec<ItemForm>,
}

#[derive(Serialize)]
struct ItemForm {
    code: String,
    item: String,
    on: bool,
    banded: bool,
    who: String,
}

#[derive(Serialize)]
struct SchoolForm {
    id: i32,
    name: String,
    codes: String,
}

/// The form, from what stands or from what was typed and could not be taken.
fn edit_view(
    scheme: &Scheme,
    base: i32,
    drafted: Option<String>,
    schools: &BTreeMap<i32, String>,
    typed: Option<&HashMap<String, String>>,
    faults: Vec<Fault>,
) -> EditView {
    let text = |field: &str, standing: &str| match typed {
        Some(typed) => typed.get(field).cloned().unwrap_or_default(),
        None => standing.to_owned(),
    };
    let on = |field: &str, standing: bool| typed.map_or(standing, |typed| typed.contains_key(field));
    let bands = [
        ("excellent", &scheme.bands.excellent.word),
        ("good", &scheme.bands.good.word),
        ("qualified", &scheme.bands.qualified.word),
        ("developing", &scheme.bands.developing.word),
    ];
    let domains = Domain::ALL
        .iter()
        .map(|domain| {
            let (words, code) = (scheme.domain(*domain), domain.code());
            let said = [&words.excellent, &words.good, &words.qualified, &words.developing];
            let said = bands.iter().zip(said).map(|((band, word), said)| BandForm {
                code: band,
                word: (*word).clone(),
                said: text(&format!("said_{code}_{band}"), said),
            });
            DomainForm {
                code: *domain,
                character: domain.character(),
                name: text(&format!("domain_{code}"), &words.name),
                bands: said.collect(),
            }
        })
        .collect();
    let voices = [
        ("voice_pupil", "学生自评", scheme.voices.pupil),
        ("voice_peer", "同学互评", scheme.voices.peer),
        ("voice_guardian", "家长评价", scheme.voices.guardian),
        ("voice_subject", "任课教师评价", scheme.voices.subject),
    ];
    let audience = text("notice_audience", scheme.notice_audience.code());
    let mut dimensions: Vec<DimensionForm> = Vec::new();
    for item in &scheme.indicators {
        let field = format!("dimension_{}", item.dimension_key());
        if dimensions.last().is_none_or(|last| last.switch.field != field) {
            let is_on = !scheme.dimensions_off.contains(&item.dimension_key());
            let switch = SwitchForm { on: on(&field, is_on), field, word: item.dimension.clone() };
            let character = item.domain.map_or("校", Domain::character);
            dimensions.push(DimensionForm { domain: item.domain, character, switch, items: Vec::new() });
        }
        if let Some(last) = dimensions.last_mut() {
            last.items.push(ItemForm {
                on: on(&format!("on_{}", item.code), item.is_on()),
                code: item.code.clone(),
                item: item.item.clone(),
                banded: item.kind == Kind::Band,
                who: item.who.clone(),
            });
        }
    }
    let codes = |id: i32| {
        let codes: Vec<&str> = scheme.off_at.get(&id).into_iter().flatten().map(String::as_str).collect();
        text(&format!("off_{id}"), &codes.join(" "))
    };
    EditView {
        cohort: scheme.cohort.0,
        base,
        drafted,
        name: text("name", &scheme.name),
        no_record: text("no_record", &scheme.no_record),
        bands: bands
            .iter()
            .map(|(code, word)| BandForm { code, word: text(&format!("band_{code}"), word), said: String::new() })
            .collect(),
        domains,
        voices: voices
            .into_iter()
            .map(|(field, word, is_on)| SwitchForm {
                field: field.to_owned(),
                word: word.to_owned(),
                on: on(field, is_on),
            })
            .collect(),
        notice_days: text("notice_days", &scheme.notice_days.to_string()),
        audiences: Audience::ALL
            .iter()
            .map(|of| AudienceForm { code: of.code(), word: of.word(), chosen: audience == of.code() })
            .collect(),
        selected_records: text("selected_records", &scheme.selected_records.to_string()),
        peers: text("peers", &scheme.peers.to_string()),
        comment_characters: text("comment_characters", &scheme.comment_characters.to_string()),
        message_characters: text("message_characters", &scheme.message_characters.to_string()),
        dimensions,
        schools: schools
            .iter()
            .map(|(id, name)| SchoolForm { id: *id, name: name.clone(), codes: codes(*id) })
            .collect(),
        faults,
    }
}

/// What is edited: the draft, or the newest version.
fn standing(read: &Read, cohort: Cohort) -> Result<(Scheme, i32, Option<String>), Refused> {
    match (&read.draft, read.newest(cohort)) {
        (Some(draft), _) => Ok((draft.scheme.clone(), draft.base, Some(moment(draft.saved_at)))),
        (None, Some(newest)) => Ok(((*newest.scheme).clone(), newest.scheme.version, None)),
        (None, None) => Err(Refused::NotFound),
    }
}

/// The scheme as a form.
#[get("/scheme/{cohort}")]
pub(super) async fn edit_page(county: CountySystem, path: Path<i32>) -> Result<Page, Refused> {
    let cohort = Cohort(*path);
    let read = county.look(move |look| read(look, cohort)).await?;
    let (scheme, base, drafted) = standing(&read, cohort)?;
    let view = edit_view(&scheme, base, drafted, &read.schools, None, Vec::new());
    Ok(Page::of("scheme/edit.html", &view).within("shell", county.shell()))
}

/// Keeps the draft and goes on to what it changes.
#[post("/scheme/{cohort}")]
pub(super) async fn keep(
    county: CountySystem,
    path: Path<i32>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (cohort, Posted(typed)) = (Cohort(*path), form);
    let read = county.look(move |look| read(look, cohort)).await?;
    let (scheme, base, drafted) = standing(&read, cohort)?;
    let refuse = |typed: &HashMap<String, String>, faults: Vec<Fault>, status: StatusCode| {
        let view = edit_view(&scheme, base, drafted.clone(), &read.schools, Some(typed), faults);
        Ok(Either::Right(Page::of("scheme/edit.html", &view).within("shell", county.shell()).with_status(status)))
    };
    let new = match read_typed(&scheme, &typed, &read.schools) {
        Ok(new) => new,
        Err(faults) => return refuse(&typed, faults, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let from = typed.get("base").and_then(|base| base.parse().ok()).unwrap_or(base);
    match county.act(move |tx| KeepDraft::prepare(tx, new, from)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/county/scheme/{}/check", cohort.0)))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            refuse(&typed, faults, status)
        }
    }
}
