//! The county's scheme desk: a draft is written, checked, and published as a version.

mod edit;
mod publish;

use super::{Draft, KeepDraft, Published, Scheme, draft, published};
use crate::access::{CountySystem, CountyWide, Fault, Look, Posted, Refused};
use crate::names::Cohort;
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::roster::schools;
use actix_web::http::StatusCode;
use actix_web::web::{Query, ServiceConfig};
use actix_web::{Either, get, post};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is behind `/county`.
pub fn county(door: &mut ServiceConfig) {
    door.service(schemes_page)
        .service(begin)
        .service(publish::check_page)
        .service(publish::publish)
        .service(publish::version_page)
        .service(edit::edit_page)
        .service(edit::keep);
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
