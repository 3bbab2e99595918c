use super::grid::day;
use super::{BandView, band_views};
use crate::access::{Fault, OwnClass, OwnSubject, PHYSICAL_EDUCATION, Posted, PostedJson, Refused, Subject, Told};
use crate::cycle::signed_by;
use crate::evaluation::store::{BandSubject, SubjectCell, SubjectOutcome, WantedSubject, class_cells};
use crate::names::{StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::{Pupil, class_list};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct AskedSubject {
    pub(super) subject: Option<String>,
    saved: Option<usize>,
}

#[derive(Serialize)]
struct SubjectView<'a> {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    subject: String,
    subjects: &'a [String],
    pe: bool,
    pupils: Vec<PupilView>,
    done: usize,
    bands: Vec<BandView<'a>>,
    signed: Option<String>,
    reason: String,
    faults: Vec<Fault>,
    saved: Option<usize>,
    /// Why the file brought could not be taken.
    unreadable: Option<String>,
    /// The file brought holds marks: offer to turn them into bands.
    offered: bool,
    lines: LinesView,
}

/// The lines as they were typed.
#[derive(Default, Serialize)]
pub(super) struct LinesView {
    pub(super) excellent: String,
    pub(super) good: String,
    pub(super) qualified: String,
    pub(super) fault: Option<(&'static str, &'static str)>,
}

#[derive(Serialize)]
struct PupilView {
    student: StudentId,
    seat: i32,
    name: String,
    band: String,
    line: String,
    revision: i32,
}

/// What the page reads of one subject.
pub(super) struct Read {
    pub(super) scheme: Arc<Scheme>,
    pub(super) pupils: Vec<Pupil>,
    pub(super) cells: HashMap<StudentId, SubjectCell>,
    pub(super) signed: Option<String>,
}

pub(super) async fn read(teacher: &Subject, subject: &OwnSubject) -> Result<Read, Refused> {
    let (own, subject) = (teacher.class(), subject.clone());
    teacher
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
            let signed = signed_by(look, &own.into(), own.term())?;
            Ok(Read {
                scheme: scheme_of(look, own.cohort(), own.term())?,
                cells: class_cells(look, &subject, own.term(), &students)?,
                pupils,
                signed: signed.map(|by| format!("{} {} 签字", day(by.at.date()), by.name)),
            })
        })
        .await
}

/// What is shown around the class besides what stands.
#[derive(Default)]
pub(super) struct Around {
    pub(super) typed: HashMap<String, String>,
    pub(super) faults: Vec<Fault>,
    pub(super) saved: Option<usize>,
    pub(super) unreadable: Option<String>,
    pub(super) offered: bool,
    pub(super) lines: LinesView,
}

pub(super) fn page(teacher: &Subject, subject: &OwnSubject, read: &Read, around: Around) -> Page {
    let own = teacher.class();
    let refused = !around.faults.is_empty() || around.unreadable.is_some() || around.offered;
    let pupils: Vec<PupilView> = read
        .pupils
        .iter()
        .map(|pupil| {
            let cell = read.cells.get(&pupil.id).cloned().unwrap_or_default();
            let stands = cell.band.map_or("", |band| band.code());
            let line = around.typed.get(&format!("line_{}", pupil.id)).cloned().or(cell.line).unwrap_or_default();
            let band = around.typed.get(&format!("band_{}", pupil.id)).map_or(stands, String::as_str).to_owned();
            let (seat, name) = (pupil.seat, pupil.name.clone());
            PupilView { student: pupil.id, seat, name, band, line, revision: cell.revision }
        })
        .collect();
    let view = SubjectView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        subject: subject.name().to_owned(),
        subjects: teacher.subjects(),
        pe: teacher.own(PHYSICAL_EDUCATION).is_ok(),
        done: pupils.iter().filter(|pupil| !pupil.band.is_empty()).count(),
        pupils,
        bands: band_views(&read.scheme),
        signed: read.signed.clone(),
        reason: around.typed.get("reason").cloned().unwrap_or_default(),
        faults: around.faults,
        saved: around.saved,
        unreadable: around.unreadable,
        offered: around.offered,
        lines: around.lines,
    };
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Page::of("evaluation/subject.html", &view).within("shell", teacher.shell()).with_status(status)
}

/// The subject named, or the first this teacher teaches the class.
pub(super) fn chosen(teacher: &Subject, named: Option<&str>) -> Result<OwnSubject, Refused> {
    match named {
        Some(named) => teacher.own(named),
        None => teacher.own(teacher.subjects().first().ok_or(Refused::NotFound)?),
    }
}

/// One band a pupil, in one subject.
#[get("")]
pub(super) async fn subject_page(teacher: Subject, asked: Query<AskedSubject>) -> Result<Page, Refused> {
    let subject = chosen(&teacher, asked.subject.as_deref())?;
    let read = read(&teacher, &subject).await?;
    Ok(page(&teacher, &subject, &read, Around { saved: asked.saved, ..Around::default() }))
}

/// Takes the form: the bands of a class in one act.
#[post("/bands")]
pub(super) async fn save_bands(
    teacher: Subject,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(typed) = form;
    let subject = chosen(&teacher, typed.get("subject").map(String::as_str))?;
    let standing = read(&teacher, &subject).await?;
    let (own, term) = (teacher.class(), teacher.class().term());
    let refuse = |typed, faults| {
        Ok(Either::Right(page(&teacher, &subject, &standing, Around { typed, faults, ..Around::default() })))
    };
    let asked_term = typed.get("term").and_then(|term| term.parse::<Term>().ok());
    if asked_term != Some(term) {
        return refuse(HashMap::new(), vec![Fault::at("", "这一页是别的学期的。请核对后再存一次。")]);
    }
    let (mut wanted, mut faults) = (Vec::new(), Vec::new());
    for pupil in &standing.pupils {
        // Radios send nothing where none is chosen: the line alone is an answer as well.
        let line = typed.get(&format!("line_{}", pupil.id)).cloned();
        let said = match (typed.get(&format!("band_{}", pupil.id)), &line) {
            (Some(said), _) => said.as_str(),
            (None, Some(_)) => standing.cells.get(&pupil.id).and_then(|cell| cell.band).map_or("", |band| band.code()),
            (None, None) => continue,
        };
        let revision = typed.get(&format!("revision_{}", pupil.id)).and_then(|text| text.parse().ok());
        match (said, said.parse()) {
            ("", _) => {
                wanted.push(WantedSubject { student: pupil.id, band: None, line, revision: revision.unwrap_or(0) })
            }
            (_, Ok(band)) => {
                wanted.push(WantedSubject {
                    student: pupil.id,
                    band: Some(band),
                    line,
                    revision: revision.unwrap_or(0),
                });
            }
            (_, Err(_)) => faults.push(Fault::at("", format!("{}的等级认不出，请在四个等级里选一个。", pupil.name))),
        }
    }
    if !faults.is_empty() {
        return refuse(typed, faults);
    }
    let reason = typed.get("reason").map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let owned = subject.clone();
    let attempt =
        teacher.try_act(move |tx| BandSubject::prepare(tx, &own, &owned, term, &wanted, reason.as_deref())).await;
    match attempt {
        Ok(done) => {
            let outcome: SubjectOutcome = done.unwrap_or_else(|unchanged| unchanged);
            if let Some(first) = outcome.conflicts.first() {
                let name =
                    standing.pupils.iter().find(|pupil| pupil.id == first.student).map_or("", |pupil| &pupil.name);
                let many = outcome.conflicts.len();
                let fault = format!("{name}等 {many} 人的等级有人在别处刚改过，没有存。请核对后再存一次。");
                let fresh = read(&teacher, &subject).await?;
                let around = Around { faults: vec![Fault::at("", fault)], ..Around::default() };
                return Ok(Either::Right(page(&teacher, &subject, &fresh, around).with_status(StatusCode::CONFLICT)));
            }
            let query =
                serde_urlencoded::to_string([("subject", subject.name()), ("saved", &outcome.saved.len().to_string())]);
            Ok(Either::Left(SeeOther(format!("/subject/{}?{}", own.id(), query.map_err(Refused::broken)?))))
        }
        Err(refused) => refuse(typed, refused.at_form("")?.1),
    }
}

#[derive(Deserialize)]
struct Cell {
    subject: String,
    #[serde(flatten)]
    wanted: WantedSubject,
}

/// Saves cells of the page as they are set; many at once are one act.
#[post("/{term}/cells")]
pub(super) async fn save_cells(
    teacher: Subject,
    path: Path<(String, Term)>,
    cells: PostedJson<Vec<Cell>>,
) -> Result<HttpResponse, Told> {
    let (own, term) = (teacher.class(), path.1);
    let Some(first) = cells.0.first() else { return Ok(HttpResponse::Ok().json(SubjectOutcome::default())) };
    let subject = teacher.own(&first.subject)?;
    if cells.0.iter().any(|cell| cell.subject != subject.name()) {
        return Err(Refused::invalid("subject", "一次只能存一门学科。").into());
    }
    let wanted: Vec<WantedSubject> = cells.0.into_iter().map(|cell| cell.wanted).collect();
    let outcome = teacher.try_act(move |tx| BandSubject::prepare(tx, &own, &subject, term, &wanted, None)).await?;
    let outcome = outcome.unwrap_or_else(|unchanged| unchanged);
    if outcome.saved.is_empty() && !outcome.conflicts.is_empty() {
        return Ok(HttpResponse::Conflict().json(outcome));
    }
    Ok(HttpResponse::Ok().json(outcome))
}
