//! The county's scheme desk: a draft is written, checked, and published as a version.

use super::{Audience, Draft, KeepDraft, Kind, PublishDraft, Published, Scheme, changes, draft, published, read_typed};
use crate::access::{CountySystem, CountyWide, Fault, Look, Posted, Refused};
use crate::names::{Cohort, Domain};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::roster::schools;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query, ServiceConfig};
use actix_web::{Either, get, post};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What is behind `/county`.
pub fn county(door: &mut ServiceConfig) {
    door.service(schemes_page)
        .service(begin)
        .service(check_page)
        .service(publish)
        .service(version_page)
        .service(edit_page)
        .service(keep);
}

/// What the desk reads: all versions, the draft of one scheme, the schools' names.
struct Read {
    versions: Vec<Published>,
    draft: Option<Draft>,
    schools: BTreeMap<i32, String>,
}

fn read(look: &mut Look<CountyWide>, cohort: Cohort) -> Result<Read, Refused> {
    let versions = published(look)?;
    let schools = schools(look)?.into_iter().map(|school| (school.id.0, school.name)).collect();
    Ok(Read { versions, draft: draft(look, cohort)?, schools })
}

impl Read {
    fn newest(&self, cohort: Cohort) -> Option<&Published> {
        self.versions.iter().find(|version| version.scheme.cohort == cohort)
    }

    /// What a version followed, or what a scheme of a new year was copied from.
    fn before(&self, cohort: Cohort, version: i32) -> Option<&Published> {
        let own = self.versions.iter().find(|p| p.scheme.cohort == cohort && p.scheme.version < version);
        own.or_else(|| self.versions.iter().find(|p| p.scheme.cohort < cohort))
    }
}

fn moment(at: chrono::NaiveDateTime) -> String {
    format!("{} 年 {} 月 {} 日 {}", at.year(), at.month(), at.day(), at.format("%H:%M"))
}

#[derive(Serialize)]
struct SchemesView {
    schemes: Vec<SchemeView>,
    /// A year typed for a new scheme.
    year: String,
    faults: Vec<Fault>,
    published: bool,
}

#[derive(Serialize)]
struct SchemeView {
    cohort: i32,
    name: String,
    drafted: Option<String>,
    versions: Vec<VersionLine>,
}

#[derive(Serialize)]
struct VersionLine {
    version: i32,
    at: String,
    by: String,
    reason: String,
}

#[derive(Default, Deserialize)]
struct Asked {
    published: Option<u8>,
}

async fn list(county: &CountySystem, year: String, faults: Vec<Fault>, published_now: bool) -> Result<Page, Refused> {
    let (versions, drafts) = county
        .look(|look| {
            let versions = published(look)?;
            let mut drafts = super::store::drafts(look)?;
            drafts.sort_by_key(|draft| -draft.scheme.cohort.0);
            Ok((versions, drafts))
        })
        .await?;
    let mut schemes: Vec<SchemeView> = Vec::new();
    for draft in drafts.iter().filter(|draft| draft.base == 0) {
        let (cohort, name) = (draft.scheme.cohort.0, draft.scheme.name.clone());
        schemes.push(SchemeView { cohort, name, drafted: Some(moment(draft.saved_at)), versions: Vec::new() });
    }
    for version in versions {
        let line = VersionLine {
            version: version.scheme.version,
            at: moment(version.at),
            by: version.by.unwrap_or_else(|| "建县时".to_owned()),
            reason: version.reason.unwrap_or_else(|| "程序自带的方案".to_owned()),
        };
        match schemes.iter_mut().find(|scheme| scheme.cohort == version.scheme.cohort.0) {
            Some(scheme) => scheme.versions.push(line),
            None => schemes.push(SchemeView {
                cohort: version.scheme.cohort.0,
                name: version.scheme.name.clone(),
                drafted: drafts
                    .iter()
                    .find(|draft| draft.scheme.cohort == version.scheme.cohort)
                    .map(|draft| moment(draft.saved_at)),
                versions: vec![line],
            }),
        }
    }
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = SchemesView { schemes, year, faults, published: published_now };
    Ok(Page::of("scheme/list.html", &view).within("shell", county.shell()).with_status(status))
}

/// Every scheme with its versions.
#[get("/scheme")]
async fn schemes_page(county: CountySystem, asked: Query<Asked>) -> Result<Page, Refused> {
    list(&county, String::new(), Vec::new(), asked.published.is_some()).await
}

#[derive(Deserialize)]
struct BeginForm {
    #[serde(default)]
    year: String,
}

/// A scheme of its own for those who enter from another year on: a draft of the one
/// they would have.
#[post("/scheme")]
async fn begin(county: CountySystem, form: Posted<BeginForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let typed = form.0.year.trim().to_owned();
    let refuse = async |said: String| {
        list(&county, typed.clone(), vec![Fault::at("year", said)], false).await.map(Either::Right)
    };
    let Some(year) = half_width(&typed).parse().ok().filter(|year| (2020..=2099).contains(year)) else {
        return refuse(format!("“{typed}”不是入学的年份，请写四位数字，例如 2027。")).await;
    };
    let cohort = Cohort(year);
    let read = county.look(move |look| read(look, cohort)).await?;
    if read.newest(cohort).is_some() || read.draft.is_some() {
        return refuse(format!("{year} 级已经有自己的方案或草稿了，请在上面打开。")).await;
    }
    let Some(standing) = read.before(cohort, 1) else {
        return refuse(format!("{year} 年以前没有方案可以照着起草。最早的一份从 2020 级开始。")).await;
    };
    let scheme = Scheme { cohort, ..(*standing.scheme).clone() };
    county.act(move |tx| KeepDraft::prepare(tx, scheme, 0)).await?;
    Ok(Either::Left(SeeOther(format!("/county/scheme/{year}"))))
}

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
async fn edit_page(county: CountySystem, path: Path<i32>) -> Result<Page, Refused> {
    let cohort = Cohort(*path);
    let read = county.look(move |look| read(look, cohort)).await?;
    let (scheme, base, drafted) = standing(&read, cohort)?;
    let view = edit_view(&scheme, base, drafted, &read.schools, None, Vec::new());
    Ok(Page::of("scheme/edit.html", &view).within("shell", county.shell()))
}

/// Keeps the draft and goes on to what it changes.
#[post("/scheme/{cohort}")]
async fn keep(
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
        Err(Refused::Conflict(said)) => refuse(&typed, vec![Fault::at("", said)], StatusCode::CONFLICT),
        Err(other) => Err(other),
    }
}

#[derive(Serialize)]
struct CheckView {
    cohort: i32,
    version: i32,
    changes: Vec<String>,
    seen: i64,
    reason: String,
    faults: Vec<Fault>,
    /// Of a version that is published.
    published: Option<VersionLine>,
}

fn check(
    county: &CountySystem,
    read: &Read,
    cohort: Cohort,
    reason: String,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let Some(draft) = &read.draft else { return Err(Refused::NotFound) };
    let before = read.before(cohort, draft.base + 1).ok_or(Refused::NotFound)?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = CheckView {
        cohort: cohort.0,
        version: draft.base + 1,
        changes: changes(&before.scheme, &draft.scheme, &read.schools),
        seen: draft.mark(),
        reason,
        faults,
        published: None,
    };
    Ok(Page::of("scheme/check.html", &view).within("shell", county.shell()).with_status(status))
}

/// What the draft would change, in words, before it is published.
#[get("/scheme/{cohort}/check")]
async fn check_page(county: CountySystem, path: Path<i32>) -> Result<Either<SeeOther, Page>, Refused> {
    let cohort = Cohort(*path);
    let read = county.look(move |look| read(look, cohort)).await?;
    if read.draft.is_none() {
        return Ok(Either::Left(SeeOther(format!("/county/scheme/{}", cohort.0))));
    }
    check(&county, &read, cohort, String::new(), Vec::new()).map(Either::Right)
}

#[derive(Deserialize)]
struct PublishForm {
    #[serde(default)]
    seen: String,
    #[serde(default)]
    reason: String,
}

/// Publishes what was looked at, as the next version.
#[post("/scheme/{cohort}/publish")]
async fn publish(
    county: CountySystem,
    path: Path<i32>,
    form: Posted<PublishForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (cohort, Posted(form)) = (Cohort(*path), form);
    let (seen, reason) = (form.seen.parse().unwrap_or(0), form.reason.clone());
    match county.act(move |tx| PublishDraft::prepare(tx, cohort, seen, &reason)).await {
        Ok(()) => Ok(Either::Left(SeeOther("/county/scheme?published=1".to_owned()))),
        Err(Refused::Invalid(faults)) => {
            let read = county.look(move |look| read(look, cohort)).await?;
            check(&county, &read, cohort, form.reason, faults).map(Either::Right)
        }
        Err(other) => Err(other),
    }
}

/// A published version: what it changed, why, when and by whom.
#[get("/scheme/{cohort}/{version}")]
async fn version_page(county: CountySystem, path: Path<(i32, i32)>) -> Result<Page, Refused> {
    let (cohort, version) = (Cohort(path.0), path.1);
    let read = county.look(move |look| read(look, cohort)).await?;
    let found = read.versions.iter().find(|p| p.scheme.cohort == cohort && p.scheme.version == version);
    let found = found.ok_or(Refused::NotFound)?;
    let before = read.before(cohort, version);
    let view = CheckView {
        cohort: cohort.0,
        version,
        changes: before.map(|before| changes(&before.scheme, &found.scheme, &read.schools)).unwrap_or_default(),
        seen: 0,
        reason: String::new(),
        faults: Vec::new(),
        published: Some(VersionLine {
            version,
            at: moment(found.at),
            by: found.by.clone().unwrap_or_else(|| "建县时".to_owned()),
            reason: found.reason.clone().unwrap_or_else(|| "程序自带的方案".to_owned()),
        }),
    };
    Ok(Page::of("scheme/check.html", &view).within("shell", county.shell()))
}
