use super::{BandView, band_views};
use crate::access::{Attempt, Family, Fault, Look, Posted, Refused};
use crate::cycle::{Step, window};
use crate::evaluation::Band;
use crate::evaluation::store::{
    BandIndicator, GivenBy, TellView, VIEW_CHARACTERS, indicator_cells, may_speak, own_views,
};
use crate::names::{Domain, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::at_school;
use crate::scheme::{Recorder, Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Serialize)]
struct ViewView<'a> {
    student: StudentId,
    child: &'a str,
    term: Term,
    until: String,
    closed: Option<String>,
    domains: Vec<DomainForm<'a>>,
    indicators: Vec<IndicatorForm<'a>>,
    bands: Vec<BandView<'a>>,
    characters: usize,
    saved: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct DomainForm<'a> {
    code: Domain,
    character: &'static str,
    name: &'a str,
    text: String,
}

#[derive(Serialize)]
struct IndicatorForm<'a> {
    code: &'a str,
    item: &'a str,
    band: String,
}

struct Read {
    scheme: Arc<Scheme>,
    school: crate::names::SchoolId,
    term: Term,
    until: String,
    closed: Option<String>,
    views: BTreeMap<Domain, (String, i32)>,
    bands: BTreeMap<String, Band>,
}

fn read(look: &mut Look, family: &Family) -> Result<Read, Refused> {
    let child = family.child();
    let me = family.by().account().ok_or(Refused::NotFound)?;
    let at = at_school(look, child)?;
    let (term, today, school) = (at.term.term, look.today(), look.school());
    let closed = Refused::why_not(may_speak(look, child, Step::Guardian))?;
    let scheme = scheme_of(look, at.class.name.cohort, term)?;
    let mut bands = BTreeMap::new();
    for item in scheme.banded_by(school, Recorder::Guardian) {
        let cells = indicator_cells(look, term, &item.code, &GivenBy::guardian(), &[child.student()])?;
        if let Some(band) = cells.get(&child.student()).and_then(|(band, _)| *band) {
            bands.insert(item.code.clone(), band);
        }
    }
    Ok(Read {
        until: window(look, Step::Guardian, term)?.until(today),
        views: own_views(look, child, me, term)?,
        scheme,
        school,
        term,
        closed,
        bands,
    })
}

fn page(
    family: &Family,
    read: &Read,
    typed: &HashMap<String, String>,
    saved: bool,
    faults: Vec<Fault>,
    status: StatusCode,
) -> Page {
    let view = ViewView {
        student: family.child().student(),
        child: family.child_name(),
        term: read.term,
        until: read.until.clone(),
        closed: read.closed.clone(),
        domains: Domain::ALL
            .iter()
            .map(|domain| DomainForm {
                code: *domain,
                character: domain.character(),
                name: &read.scheme.domain(*domain).name,
                text: typed
                    .get(&format!("view_{}", domain.code()))
                    .cloned()
                    .or_else(|| read.views.get(domain).map(|(text, _)| text.clone()))
                    .unwrap_or_default(),
            })
            .collect(),
        indicators: read
            .scheme
            .banded_by(read.school, Recorder::Guardian)
            .map(|item| IndicatorForm {
                code: &item.code,
                item: &item.item,
                band: typed
                    .get(&format!("band_{}", item.code))
                    .cloned()
                    .or_else(|| read.bands.get(&item.code).map(|band| band.code().to_owned()))
                    .unwrap_or_default(),
            })
            .collect(),
        bands: band_views(&read.scheme),
        characters: VIEW_CHARACTERS,
        saved,
        faults,
    };
    Page::of("evaluation/view.html", &view).within("shell", family.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Asked {
    saved: Option<u8>,
}

/// How a guardian sees the child, domain by domain.
#[get("/view")]
pub(super) async fn view_page(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    family.guardian()?;
    let grant = family.clone();
    let read = family.look(move |look| read(look, &grant)).await?;
    Ok(page(&family, &read, &HashMap::new(), asked.saved.is_some(), Vec::new(), StatusCode::OK))
}

/// Takes the guardian's words, and the observation items guardians give.
#[post("/view")]
pub(super) async fn tell_view(
    family: Family,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    family.guardian()?;
    let (Posted(typed), grant, child) = (form, family.clone(), family.child());
    let term: Term = typed.get("term").and_then(|term| term.parse().ok()).ok_or(Refused::NotFound)?;
    let standing = family.look(move |look| read(look, &grant)).await?;
    let refuse =
        |faults: Vec<Fault>, status| Ok(Either::Right(page(&family, &standing, &typed, false, faults, status)));
    let views: BTreeMap<Domain, String> = Domain::ALL
        .iter()
        .filter_map(|domain| Some((*domain, typed.get(&format!("view_{}", domain.code()))?.clone())))
        .collect();
    let (mut bands, mut faults) = (Vec::new(), Vec::new());
    for item in standing.scheme.banded_by(standing.school, Recorder::Guardian) {
        let field = format!("band_{}", item.code);
        match typed.get(&field).map_or("", String::as_str) {
            "" => {}
            code => match code.parse::<Band>() {
                Ok(band) => bands.push((item.code.clone(), Some(band))),
                Err(_) => faults.push(Fault::at(field, format!("“{}”选的认不出，请重新选。", item.item))),
            },
        }
    }
    if !faults.is_empty() {
        return refuse(faults, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut told = family.try_act(move |tx| TellView::prepare(tx, child, term, &views)).await.map(|_| ());
    for (code, band) in bands {
        if told.is_ok() {
            let banded = family.try_act(move |tx| -> Result<Attempt<BandIndicator, usize>, Refused> {
                BandIndicator::of_child(tx, child, &code, band)
            });
            told = banded.await.map(|_| ());
        }
    }
    match told {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/child/{}/view?saved=1", child.student())))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            refuse(faults, status)
        }
    }
}
