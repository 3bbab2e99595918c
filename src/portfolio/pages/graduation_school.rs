//! 毕业 for the school: the office opens the notice, looks every file through and reviews;
//! the principal seals.

use super::graduating::{FileView, RowView, StageView, file_view, row_view, stage_view, would_run};
use super::graduation::when_due;
use crate::access::{Fault, Look, Nothing, Posted, Principal, Refused, SchoolOffice, Shell, WholeSchool};
use crate::cycle::CycleRules;
use crate::evaluation::TickGraduate;
use crate::names::{ClassId, StudentId, Term};
use crate::notice::{OpenGraduation, ReviewGraduation};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::store::{SealGraduation, graduates, graduation_stages_done, six_terms};
use crate::roster::calendar::present_term;
use crate::roster::taught_classes;
use crate::scheme::scheme_of;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct ClassesView {
    base: &'static str,
    term_name: String,
    rows: Vec<(ClassId, String, StageView)>,
}

/// The classes that graduate this term, in class order.
fn classes(look: &mut Look, whole: WholeSchool, base: &'static str) -> Result<ClassesView, Refused> {
    let term = present_term(look)?.term;
    let mut rows = Vec::new();
    for class in taught_classes(look, whole, term)? {
        if Term::of_cohort(class.name.cohort)[5] == term {
            rows.push((class.id, class.name.in_year(term.year()), stage_view(look, class.id, term)?));
        }
    }
    Ok(ClassesView { base, term_name: term.name(), rows })
}

#[derive(Serialize)]
struct ClassView {
    base: String,
    notice: String,
    desk: &'static str,
    class_name: String,
    rows: Vec<RowView>,
    stage: StageView,
    would: String,
    typed: String,
    /// Why the principal cannot seal yet.
    waits: Option<String>,
    just: Option<usize>,
    faults: Vec<Fault>,
}

fn class_view(look: &mut Look, whole: WholeSchool, id: ClassId, desk: &'static str) -> Result<ClassView, Refused> {
    let present = present_term(look)?.term;
    let (class, term, rows) = graduates(look, whole, id, present)?;
    let rules = CycleRules::of(&*scheme_of(look, class.name.cohort, term)?);
    Ok(ClassView {
        base: format!("/{desk}/graduation/{id}"),
        notice: format!("/office/notice/{id}/graduation"),
        desk,
        class_name: class.name.in_year(term.year()),
        rows: rows.into_iter().map(row_view).collect(),
        stage: stage_view(look, id, term)?,
        would: would_run(look, rules.notice)?,
        typed: String::new(),
        waits: Refused::why_not(graduation_stages_done(look, id, term))?,
        just: None,
        faults: Vec::new(),
    })
}

fn shown(view: &ClassView, shell: &Shell, status: StatusCode) -> Page {
    Page::of("portfolio/graduates.html", view).within("shell", shell).with_status(status)
}

/// Where the office's part of it begins.
#[get("/graduation")]
pub(super) async fn office_classes(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office.look(move |look| classes(look, whole, "/office")).await?;
    Ok(Page::of("portfolio/graduation.html", &view).within("shell", office.shell()?))
}

async fn office_page(
    office: &SchoolOffice,
    id: ClassId,
    typed: String,
    status: StatusCode,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office
        .look(move |look| {
            let view = class_view(look, whole, id, "office")?;
            Ok(ClassView { typed, faults, ..view })
        })
        .await?;
    Ok(shown(&view, office.shell()?, status))
}

/// One class: who is how far, the notice, the review.
#[get("/graduation/{class}")]
pub(super) async fn office_class(office: SchoolOffice, path: Path<ClassId>) -> Result<Either<SeeOther, Page>, Refused> {
    let page = office_page(&office, path.into_inner(), String::new(), StatusCode::OK, Vec::new()).await;
    when_due(page, "/office/graduation".to_owned())
}

#[derive(Deserialize)]
struct NoticeForm {
    #[serde(default)]
    reason: String,
}

/// Opens the notice of the class's three years.
#[post("/graduation/{class}/notice")]
pub(super) async fn office_opens(
    office: SchoolOffice,
    path: Path<ClassId>,
    form: Posted<NoticeForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, id, reason) = (office.whole_school(), path.into_inner(), form.0.reason);
    let typed = reason.clone();
    match office.act(move |tx| OpenGraduation::prepare(tx, whole, id, &reason)).await {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/office/graduation/{id}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(office_page(&office, id, typed, status, faults).await?))
        }
    }
}

/// Signs that every file was looked through.
#[post("/graduation/{class}/review")]
pub(super) async fn office_reviews(
    office: SchoolOffice,
    path: Path<ClassId>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, id) = (office.whole_school(), path.into_inner());
    match office.act(move |tx| ReviewGraduation::prepare(tx, whole, id)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/office/graduation/{id}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(office_page(&office, id, String::new(), status, faults).await?))
        }
    }
}

#[derive(Serialize)]
struct TickView {
    base: String,
    desk: &'static str,
    class_name: String,
    student: StudentId,
    seat: i32,
    name: String,
    file: FileView,
    may_tick: bool,
    next: Option<StudentId>,
    faults: Vec<Fault>,
}

async fn tick_page(
    office: &SchoolOffice,
    (id, student): (ClassId, StudentId),
    status: StatusCode,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office
        .look(move |look| {
            let present = present_term(look)?.term;
            let (class, term, rows) = graduates(look, whole, id, present)?;
            let at = rows.iter().position(|row| row.student == student).ok_or(Refused::NotFound)?;
            let next = rows.iter().skip(at + 1).find(|row| row.file.ticked.is_none()).map(|row| row.student);
            let row = rows.into_iter().nth(at).ok_or(Refused::NotFound)?;
            let six = six_terms(look, &class, student)?;
            let mut file = file_view(look, class.name.cohort, term, &row.file, six)?;
            file.forget_suggestions();
            Ok(TickView {
                base: format!("/office/graduation/{id}"),
                desk: "office",
                class_name: class.name.in_year(term.year()),
                student,
                seat: row.seat,
                name: row.name,
                may_tick: row.file.is_decided() && row.file.ticked.is_none(),
                file,
                next,
                faults,
            })
        })
        .await?;
    Ok(Page::of("portfolio/graduate.html", &view).within("shell", office.shell()?).with_status(status))
}

/// One graduate's file, to be looked through.
#[get("/graduation/{class}/{student}")]
pub(super) async fn office_graduate(
    office: SchoolOffice,
    path: Path<(ClassId, StudentId)>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let page = tick_page(&office, path.into_inner(), StatusCode::OK, Vec::new()).await;
    when_due(page, "/office/graduation".to_owned())
}

/// Ticks it.
#[post("/graduation/{class}/{student}")]
pub(super) async fn office_ticks(
    office: SchoolOffice,
    path: Path<(ClassId, StudentId)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, (id, student)) = (office.whole_school(), path.into_inner());
    let ticked = office
        .act(move |tx| {
            let present = present_term(tx)?.term;
            let (_, _, rows) = graduates(tx, whole, id, present)?;
            if rows.iter().all(|row| row.student != student) {
                return Err(Refused::NotFound);
            }
            TickGraduate::prepare(tx, whole, id, student)
        })
        .await;
    match ticked {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/office/graduation/{id}/{student}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(tick_page(&office, (id, student), status, faults).await?))
        }
    }
}

/// Where the principal's part of it begins.
#[get("/graduation")]
pub(super) async fn principal_classes(principal: Principal) -> Result<Page, Refused> {
    let whole = principal.whole_school();
    let view = principal.look(move |look| classes(look, whole, "/principal")).await?;
    Ok(Page::of("portfolio/graduation.html", &view).within("shell", principal.shell()))
}

#[derive(Default, Deserialize)]
struct Asked {
    sealed: Option<usize>,
}

async fn principal_page(
    principal: &Principal,
    id: ClassId,
    just: Option<usize>,
    status: StatusCode,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = principal.whole_school();
    let view = principal
        .look(move |look| {
            let view = class_view(look, whole, id, "principal")?;
            Ok(ClassView { just, faults, ..view })
        })
        .await?;
    Ok(shown(&view, principal.shell(), status))
}

/// Who of a class can be sealed.
#[get("/graduation/{class}")]
pub(super) async fn principal_class(
    principal: Principal,
    path: Path<ClassId>,
    asked: Query<Asked>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let page = principal_page(&principal, path.into_inner(), asked.sealed, StatusCode::OK, Vec::new()).await;
    when_due(page, "/principal/graduation".to_owned())
}

/// Signs and seals all who are ready.
#[post("/graduation/{class}")]
pub(super) async fn principal_seals(
    principal: Principal,
    path: Path<ClassId>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, id) = (principal.whole_school(), path.into_inner());
    let county = principal.house().county.clone();
    match principal.act(move |tx| SealGraduation::prepare(tx, whole, &county, id, HashMap::new())).await {
        Ok((sealed, _)) => Ok(Either::Left(SeeOther(format!("/principal/graduation/{id}?sealed={sealed}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(principal_page(&principal, id, None, status, faults).await?))
        }
    }
}
