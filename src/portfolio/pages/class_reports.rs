use super::progress::RunView;
use crate::access::{Fault, Nothing, Posted, Refused, SchoolOffice};
use crate::cycle::{SignedClass, signed_by};
use crate::names::{ClassId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::store::{Batch, ItemState, PauseRun, ReportsRun, StartRun, reports_run};
use crate::portfolio::work::try_report;
use crate::roster::calendar::{present_term, term_dates};
use crate::roster::{class_named, class_register, taught_classes};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ReportsView {
    terms: Vec<TermView>,
}

#[derive(Serialize)]
struct TermView {
    term: Term,
    name: String,
    classes: Vec<ClassView>,
}

#[derive(Serialize)]
struct ClassView {
    id: ClassId,
    name: String,
    pupils: usize,
    /// Who signed, and when; reports are printed after that.
    signed: Option<String>,
}

fn signed_words(by: &crate::cycle::SignedBy) -> String {
    format!("{} {}", by.name, by.at.format("%Y-%m-%d"))
}

/// The classes of this term and the last, and whose reports can be printed.
#[get("/reports")]
pub(super) async fn reports_page(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office
        .look(move |look| {
            let present = present_term(look)?.term;
            let mut terms = Vec::with_capacity(2);
            for term in [present, present.previous()] {
                let dates = match term_dates(look, term) {
                    Err(Refused::NotFound) => continue,
                    dates => dates?,
                };
                let day = look.today().min(dates.ends_on);
                let mut classes = Vec::new();
                for class in taught_classes(look, whole, term)? {
                    let signed = signed_by(look, &class, term)?;
                    classes.push(ClassView {
                        id: class.id,
                        name: class.name.in_year(term.year()),
                        pupils: class_register(look, whole, class.id, day)?.len(),
                        signed: signed.as_ref().map(signed_words),
                    });
                }
                terms.push(TermView { term, name: term.name(), classes });
            }
            Ok(ReportsView { terms })
        })
        .await?;
    Ok(Page::of("portfolio/reports.html", &view).within("shell", office.shell()?))
}

#[derive(Serialize)]
struct ClassPage {
    /// The address of this page; what it does lies under it.
    base: String,
    class_name: String,
    term_name: String,
    signed: Option<String>,
    pupils: usize,
    run: Option<RunView>,
    /// How many are printed and kept.
    printed: usize,
    failed: Vec<FailedView>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct FailedView {
    seat: i32,
    name: String,
    why: String,
}

fn run_view(found: &ReportsRun) -> (RunView, Vec<FailedView>) {
    let failed: Vec<FailedView> = found
        .items
        .iter()
        .filter(|(_, item)| item.state == ItemState::Failed)
        .map(|(pupil, item)| FailedView {
            seat: pupil.seat,
            name: pupil.name.clone(),
            why: item.reason.clone().unwrap_or_default(),
        })
        .collect();
    let done = found.items.iter().filter(|(_, item)| item.state == ItemState::Done).count();
    (RunView::of(&found.run, found.items.len(), done, failed.len()), failed)
}

async fn shown(office: &SchoolOffice, id: ClassId, term: Term, faults: Vec<Fault>) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let class = class_named(look, whole, id)?;
            let mut view = ClassPage {
                base: address(id, term).0,
                class_name: class.name.in_year(term.year()),
                term_name: term.name(),
                signed: None,
                pupils: 0,
                run: None,
                printed: 0,
                failed: Vec::new(),
                faults,
            };
            let Some(by) = signed_by(look, &class, term)? else { return Ok(view) };
            let signed = SignedClass::of_school(look, whole, id, term)?;
            (view.signed, view.pupils) = (Some(signed_words(&by)), signed.pupils().len());
            if let Some(found) = reports_run(look, &signed)? {
                let (run, failed) = run_view(&found);
                view.printed = found.items.iter().filter(|(_, item)| item.pdf.is_some()).count();
                (view.run, view.failed) = (Some(run), failed);
            }
            Ok(view)
        })
        .await?;
    Ok(Page::of("portfolio/class-reports.html", &view).within("shell", office.shell()?).with_status(status))
}

/// One class: start a run of its term reports, see how far it is, take what is printed.
#[get("/reports/{class}/{term}")]
pub(super) async fn class_page(office: SchoolOffice, path: Path<(ClassId, Term)>) -> Result<Page, Refused> {
    shown(&office, path.0, path.1, Vec::new()).await
}

#[derive(Deserialize)]
struct Start {
    /// `failed`: only what the last run could not print.
    #[serde(default)]
    only: String,
}

fn address(class: ClassId, term: Term) -> SeeOther {
    SeeOther(format!("/office/reports/{class}/{term}"))
}

/// Starts printing a signed class's term reports, each with its return slip 家长签字. A
/// county's own template is tried first.
#[post("/reports/{class}/{term}")]
pub(super) async fn start_reports(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    form: Posted<Start>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let ((class, term), whole) = (path.into_inner(), office.whole_school());
    match try_report(&office, class, term).await {
        Err(Refused::Invalid(faults)) => return Ok(Either::Right(shown(&office, class, term, faults).await?)),
        tried => tried?,
    }
    let only_failed = form.0.only == "failed";
    office
        .act(move |tx| {
            let signed = SignedClass::of_school(tx, whole, class, term)?;
            StartRun::reports(tx, &signed, only_failed)
        })
        .await?;
    Ok(Either::Left(address(class, term)))
}

/// Stops after the lot in hand; what is made stays made.
#[post("/reports/{class}/{term}/pause")]
pub(super) async fn pause_reports(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    _form: Posted<Nothing>,
) -> Result<SeeOther, Refused> {
    set_paused(&office, path.into_inner(), true).await
}

/// Goes on with what is left.
#[post("/reports/{class}/{term}/resume")]
pub(super) async fn resume_reports(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    _form: Posted<Nothing>,
) -> Result<SeeOther, Refused> {
    set_paused(&office, path.into_inner(), false).await
}

async fn set_paused(office: &SchoolOffice, (class, term): (ClassId, Term), paused: bool) -> Result<SeeOther, Refused> {
    let whole = office.whole_school();
    office
        .act(move |tx| {
            let signed = SignedClass::of_school(tx, whole, class, term)?;
            PauseRun::prepare(tx, whole, Batch::reports(&signed), paused)
        })
        .await?;
    Ok(address(class, term))
}
