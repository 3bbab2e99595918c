//! What a draft changes, and its publishing as a version.

use super::{Read, VersionLine, moment, read};
use crate::access::{CountySystem, Fault, Posted, Refused};
use crate::names::Cohort;
use crate::platform::page::{Page, SeeOther};
use crate::scheme::{PublishDraft, changes};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

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
pub(super) async fn check_page(county: CountySystem, path: Path<i32>) -> Result<Either<SeeOther, Page>, Refused> {
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
pub(super) async fn publish(
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
pub(super) async fn version_page(county: CountySystem, path: Path<(i32, i32)>) -> Result<Page, Refused> {
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
