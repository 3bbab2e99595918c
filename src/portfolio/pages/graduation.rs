//! 毕业: the class teacher's desk for it, and the child's own page.

use super::graduated::graduated_page;
use super::graduating::{FileView, RowView, StageView, file_view, row_view, stage_view};
use crate::access::{Family, Fault, Homeroom, Nothing, OwnClass, Posted, Refused};
use crate::cycle::{Part, first_notice};
use crate::evaluation::{Band, DecideGraduate, GRADUATION_COMMENT_CHARACTERS, STATEMENT_CHARACTERS, WriteStatement};
use crate::names::{Domain, StudentId, Term};
use crate::notice::CheckGraduation;
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::store::{child_graduating, own_graduates, six_terms};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Before the last term the page is not there yet, and leads back.
pub(super) fn when_due(page: Result<Page, Refused>, back: String) -> Result<Either<SeeOther, Page>, Refused> {
    match page {
        Err(Refused::Conflict(_)) => Ok(Either::Left(SeeOther(back))),
        page => page.map(Either::Right),
    }
}

#[derive(Serialize)]
struct ClassView {
    /// `/class/{class}/graduation`
    base: String,
    notice: String,
    desk: &'static str,
    class_name: String,
    term: Term,
    rows: Vec<RowView>,
    stage: StageView,
    may_sign: bool,
    faults: Vec<Fault>,
}

fn base(own: &OwnClass) -> String {
    format!("/class/{}/graduation", own.id())
}

async fn class_page(homeroom: &Homeroom, status: StatusCode, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (own, may_sign) = (homeroom.class(), homeroom.may_sign());
    let view = homeroom
        .look(move |look| {
            let rows = own_graduates(look, &own)?.into_iter().map(row_view).collect();
            let stage = stage_view(look, own.id(), own.term())?;
            let (desk, class_name, term) = ("homeroom", own.name(), own.term());
            let notice = format!("/class/{}/notice/graduation", own.id());
            Ok(ClassView { base: base(&own), notice, desk, class_name, term, rows, stage, may_sign, faults })
        })
        .await?;
    Ok(Page::of("portfolio/graduates.html", &view).within("shell", homeroom.shell()).with_status(status))
}

/// The graduates of the class, in seat order, and what each still lacks.
#[get("/graduation")]
pub(super) async fn graduates_page(homeroom: Homeroom) -> Result<Either<SeeOther, Page>, Refused> {
    let back = format!("/class/{}/check", homeroom.class().id());
    when_due(class_page(&homeroom, StatusCode::OK, Vec::new()).await, back)
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    saved: bool,
}

#[derive(Serialize)]
struct GraduateView {
    base: String,
    desk: &'static str,
    class_name: String,
    term: Term,
    student: StudentId,
    seat: i32,
    name: String,
    file: FileView,
    /// What stands, or what was typed and could not be taken.
    chosen: HashMap<String, String>,
    comment: String,
    most: usize,
    next: Option<StudentId>,
    saved: bool,
    faults: Vec<Fault>,
}

async fn one_page(
    homeroom: &Homeroom,
    student: StudentId,
    saved: bool,
    typed: Option<(HashMap<String, String>, StatusCode, Vec<Fault>)>,
) -> Result<Page, Refused> {
    let own = homeroom.class();
    let (typed, status, faults) = match typed {
        Some((typed, status, faults)) => (Some(typed), status, faults),
        None => (None, StatusCode::OK, Vec::new()),
    };
    let view = homeroom
        .look(move |look| {
            let rows = own_graduates(look, &own)?;
            let at = rows.iter().position(|row| row.student == student).ok_or(Refused::NotFound)?;
            let next = rows.get(at + 1).map(|row| row.student);
            let row = rows.into_iter().nth(at).ok_or(Refused::NotFound)?;
            let six = six_terms(look, &own.into(), student)?;
            let file = file_view(look, own.cohort(), own.term(), &row.file, six)?;
            let standing = |domain: &Domain| row.file.bands.sheet.band(*domain).map_or("", Band::code).to_owned();
            let chosen = match &typed {
                Some(typed) => typed.clone(),
                None => {
                    Domain::ALL.iter().map(|domain| (format!("band_{}", domain.code()), standing(domain))).collect()
                }
            };
            let comment = match &typed {
                Some(typed) => typed.get("comment").cloned().unwrap_or_default(),
                None => row.file.comment.as_ref().map(|said| said.text.clone()).unwrap_or_default(),
            };
            Ok(GraduateView {
                base: base(&own),
                desk: "homeroom",
                class_name: own.name(),
                term: own.term(),
                student,
                seat: row.seat,
                name: row.name,
                file,
                chosen,
                comment,
                most: GRADUATION_COMMENT_CHARACTERS,
                next,
                saved,
                faults,
            })
        })
        .await?;
    Ok(Page::of("portfolio/graduate.html", &view).within("shell", homeroom.shell()).with_status(status))
}

/// One graduate: six terms side by side, and what the class committee decides.
#[get("/graduation/{student}")]
pub(super) async fn graduate_page(
    homeroom: Homeroom,
    path: Path<(String, StudentId)>,
    asked: Query<Asked>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let back = format!("/class/{}/check", homeroom.class().id());
    when_due(one_page(&homeroom, path.1, asked.saved, None).await, back)
}

/// Puts in what was decided.
#[post("/graduation/{student}")]
pub(super) async fn decide(
    homeroom: Homeroom,
    path: Path<(String, StudentId)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, student, typed) = (homeroom.class(), path.1, form.0);
    let band = |domain: &Domain| typed.get(&format!("band_{}", domain.code())).and_then(|code| code.parse().ok());
    let chosen: Vec<(Domain, Option<Band>)> = Domain::ALL.iter().map(|domain| (*domain, band(domain))).collect();
    let comment = typed.get("comment").cloned().unwrap_or_default();
    let decided = homeroom.try_act(move |tx| DecideGraduate::prepare(tx, &own, student, &chosen, &comment)).await;
    match decided {
        Ok(_) => Ok(Either::Left(SeeOther(format!("{}/{student}?saved=true", base(&own))))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(one_page(&homeroom, student, false, Some((typed, status, faults))).await?))
        }
    }
}

/// The class teacher signs after the notice.
#[post("/graduation")]
pub(super) async fn check(homeroom: Homeroom, _: Posted<Nothing>) -> Result<Either<SeeOther, Page>, Refused> {
    if !homeroom.may_sign() {
        return Err(Refused::NotFound);
    }
    let own = homeroom.class();
    match homeroom.act(move |tx| CheckGraduation::prepare(tx, &own)).await {
        Ok(()) => Ok(Either::Left(SeeOther(base(&own)))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(class_page(&homeroom, status, faults).await?))
        }
    }
}

#[derive(Serialize)]
struct OwnView {
    student: StudentId,
    name: String,
    class_name: String,
    /// It is the last term.
    due: bool,
    /// The notice is open: the five bands are there to be read.
    told: bool,
    file: Option<FileView>,
    stage: Option<StageView>,
    statement: String,
    most: usize,
    /// The pupil, whose statement it is.
    writes: bool,
    saved: bool,
    faults: Vec<Fault>,
}

async fn own_page(
    family: &Family,
    saved: bool,
    typed: Option<(String, StatusCode, Vec<Fault>)>,
) -> Result<Page, Refused> {
    let (child, name, writes) = (family.child(), family.child_name().to_owned(), family.myself().is_ok());
    let (typed, status, faults) = match typed {
        Some((typed, status, faults)) => (Some(typed), status, faults),
        None => (None, StatusCode::OK, Vec::new()),
    };
    let view = family
        .look(move |look| {
            let mut view = OwnView {
                student: child.student(),
                name,
                class_name: String::new(),
                due: false,
                told: false,
                file: None,
                stage: None,
                statement: String::new(),
                most: STATEMENT_CHARACTERS,
                writes,
                saved,
                faults,
            };
            let Some((class, term, mut file, six)) = child_graduating(look, child)? else { return Ok(view) };
            view.due = true;
            view.class_name = class.name.in_year(term.year());
            view.told = first_notice(look, class.id, term, Part::Graduation)?.is_some();
            view.statement = match typed {
                Some(typed) => typed,
                None => file.statement.as_ref().map(|said| said.text.clone()).unwrap_or_default(),
            };
            if !view.told {
                // What the committee is at is shown when the notice opens.
                (file.bands, file.comment) = Default::default();
            }
            view.stage = Some(stage_view(look, class.id, term)?);
            let mut told = file_view(look, class.name.cohort, term, &file, six)?;
            told.forget_suggestions();
            view.file = Some(told);
            Ok(view)
        })
        .await?;
    Ok(Page::of("portfolio/graduation-child.html", &view).within("shell", family.shell()).with_status(status))
}

/// The end of junior high, for the pupil and the family: on the way there, or sealed.
#[get("/graduation")]
pub(super) async fn child_page(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    match graduated_page(&family).await? {
        Some(page) => Ok(page),
        None => own_page(&family, asked.saved, None).await,
    }
}

#[derive(Deserialize)]
pub(super) struct StatementForm {
    #[serde(default)]
    statement: String,
}

/// The pupil's own statement.
#[post("/graduation")]
pub(super) async fn write(family: Family, form: Posted<StatementForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let (me, text) = (family.myself()?, form.0.statement);
    let typed = text.clone();
    match family.try_act(move |tx| WriteStatement::prepare(tx, me, &text)).await {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/child/{}/graduation?saved=true", me.student())))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(own_page(&family, false, Some((typed, status, faults))).await?))
        }
    }
}
