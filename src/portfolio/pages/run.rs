use super::cohort_out::{ColumnView, SentView, out_views};
use super::progress::RunView;
use super::verify::tidy_code;
use crate::access::{Fault, Nothing, Posted, Refused, SchoolOffice};
use crate::names::{ClassName, Cohort};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{
    Batch, ClassProgress, Issued, PauseRun, RunProgress, SetAsideNote, StartRun, WithdrawPortfolio, cohorts_issued,
    issued, latest_run, sendings, set_aside_notes,
};
use crate::portfolio::work::try_portfolios;
use crate::record::evidence::Ended;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::Serialize;

#[derive(Serialize)]
struct PrintView {
    cohorts: Vec<CohortView>,
}

#[derive(Serialize)]
struct CohortView {
    cohort: i32,
    name: String,
    pupils: i64,
}

/// `2026 届（2023 级）`
pub(super) fn cohort_name(cohort: Cohort) -> String {
    format!("{} 届（{} 级）", cohort.graduates_in(), cohort.0)
}

fn address(cohort: Cohort) -> String {
    format!("/office/print/{}", cohort.0)
}

/// The cohorts whose portfolios are sealed.
#[get("/print")]
pub(super) async fn print_page(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let cohorts = office.look(move |look| cohorts_issued(look, whole)).await?;
    let view = PrintView {
        cohorts: cohorts
            .into_iter()
            .map(|(cohort, pupils)| CohortView { cohort: cohort.0, name: cohort_name(cohort), pupils })
            .collect(),
    };
    Ok(Page::of("portfolio/print.html", &view).within("shell", office.shell()?))
}

/// `03-陈小禾`
pub(super) fn file_stem(seat: i32, name: &str) -> String {
    format!("{seat:02}-{name}")
}

#[derive(Serialize)]
struct CohortPage {
    cohort: i32,
    /// The address of this page; what it does lies under it.
    base: String,
    name: String,
    run: Option<RunView>,
    classes: Vec<ClassView>,
    /// Portfolios that were set aside for a photo in them.
    asides: Vec<AsideView>,
    /// How many of them wait to be made anew.
    waiting: usize,
    /// How many are not made yet, whatever the reason, and how many of these were sealed
    /// after the last run and are in none.
    unmade: usize,
    later: usize,
    faults: Vec<Fault>,
    typed: Typed,
    /// What a workbook for another office may have.
    columns: Vec<ColumnView>,
    /// What has left for one.
    sent: Vec<SentView>,
}

/// The form of the page that could not be taken, and what was typed into it.
#[derive(Default, Serialize)]
pub(super) struct Typed {
    pub(super) form: &'static str,
    pub(super) recipient: String,
    pub(super) code: String,
    pub(super) reason: String,
    #[serde(skip)]
    pub(super) columns: Option<Vec<&'static str>>,
}

#[derive(Serialize)]
struct ClassView {
    number: i32,
    name: String,
    all: usize,
    /// How many are printed and kept.
    printed: usize,
    failed: Vec<FailedView>,
}

#[derive(Serialize)]
struct FailedView {
    seat: i32,
    name: String,
    why: String,
}

#[derive(Serialize)]
struct AsideView {
    class: String,
    seat: i32,
    name: String,
    why: &'static str,
    /// `2026 年 12 月 3 日 14:20`
    at: Option<String>,
    again: bool,
}

fn why_aside(why: Ended) -> &'static str {
    match why {
        Ended::Withdrawn => "监护人收回了照片同意",
        Ended::Unbound => "照片里有同学现在没有监护人同意",
        Ended::Gone => "照片已经撤下",
    }
}

fn aside_view(cohort: Cohort, note: SetAsideNote) -> AsideView {
    AsideView {
        class: ClassName { cohort, number: note.class_number }.in_year(cohort.graduates_in() - 1),
        seat: note.seat,
        name: note.name,
        why: why_aside(note.why),
        at: note.at.map(moment_words),
        again: note.again,
    }
}

fn cohort_view(cohort: Cohort, all: &[Issued], run: Option<RunProgress>, asides: Vec<SetAsideNote>) -> CohortPage {
    let mut classes: Vec<ClassView> = Vec::new();
    for one in all {
        if classes.last().is_none_or(|last| last.number != one.class_number) {
            let name = ClassName { cohort, number: one.class_number }.in_year(cohort.graduates_in() - 1);
            classes.push(ClassView { number: one.class_number, name, all: 0, printed: 0, failed: Vec::new() });
        }
        if let Some(class) = classes.last_mut() {
            class.all += 1;
            class.printed += usize::from(one.pdf_sha256.is_some());
        }
    }
    let run_view = run.as_ref().map(|run| {
        let sum = |count: fn(&ClassProgress) -> usize| run.classes.iter().map(count).sum();
        let failed = sum(|class| class.failed.len());
        RunView::of(&run.run, sum(|class| class.all), sum(|class| class.done), failed)
    });
    for progress in run.into_iter().flat_map(|run| run.classes) {
        if let Some(class) = classes.iter_mut().find(|class| class.number == progress.class.number) {
            class.failed =
                progress.failed.into_iter().map(|(seat, name, why)| FailedView { seat, name, why }).collect();
        }
    }
    let waiting = asides.iter().filter(|note| !note.again).count();
    let unmade = all.iter().filter(|one| one.pdf_sha256.is_none()).count();
    let finished = run_view.as_ref().is_some_and(|run| !run.running && run.failed == 0);
    CohortPage {
        cohort: cohort.0,
        base: address(cohort),
        name: cohort_name(cohort),
        run: run_view,
        classes,
        waiting,
        unmade,
        later: if finished { unmade.saturating_sub(waiting) } else { 0 },
        asides: asides.into_iter().map(|note| aside_view(cohort, note)).collect(),
        faults: Vec::new(),
        typed: Typed::default(),
        columns: Vec::new(),
        sent: Vec::new(),
    }
}

/// One cohort: start a run, see how far it is, take what is printed.
#[get("/print/{cohort}")]
pub(super) async fn cohort_page(office: SchoolOffice, path: Path<i32>) -> Result<Page, Refused> {
    shown(&office, Cohort(*path), (StatusCode::OK, Vec::new()), Typed::default()).await
}

pub(super) async fn shown(
    office: &SchoolOffice,
    cohort: Cohort,
    (status, faults): (StatusCode, Vec<Fault>),
    typed: Typed,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let (all, run, asides, sendings) = office
        .look(move |look| {
            let all = issued(look, whole, cohort)?;
            if all.is_empty() {
                return Err(Refused::NotFound);
            }
            let asides = set_aside_notes(look, whole, &all)?;
            Ok((all, latest_run(look, whole, cohort)?, asides, sendings(look, whole)?))
        })
        .await?;
    let (columns, sent) = out_views(sendings, cohort, typed.columns.as_deref());
    let view = CohortPage { faults, typed, columns, sent, ..cohort_view(cohort, &all, run, asides) };
    Ok(Page::of("portfolio/cohort.html", &view).within("shell", office.shell()?).with_status(status))
}

/// Starts printing, or prints once more what failed. A county's own template is tried
/// first, on one pupil of each class.
#[post("/print/{cohort}")]
pub(super) async fn start(
    office: SchoolOffice,
    path: Path<i32>,
    _form: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (cohort, whole) = (Cohort(*path), office.whole_school());
    let mut some = office.look(move |look| issued(look, whole, cohort)).await?;
    some.dedup_by_key(|one| one.class_number);
    if let Err(refused) = try_portfolios(&office, some).await {
        return Ok(Either::Right(shown(&office, cohort, refused.at_form("")?, Typed::default()).await?));
    }
    office.act(move |tx| StartRun::portfolios(tx, whole, cohort)).await?;
    Ok(Either::Left(SeeOther(address(cohort))))
}

/// Stops after the lot in hand; what is made stays made.
#[post("/print/{cohort}/pause")]
pub(super) async fn pause(office: SchoolOffice, path: Path<i32>, _form: Posted<Nothing>) -> Result<SeeOther, Refused> {
    set_paused(&office, Cohort(*path), true).await
}

/// Goes on with what is left.
#[post("/print/{cohort}/resume")]
pub(super) async fn resume(office: SchoolOffice, path: Path<i32>, _form: Posted<Nothing>) -> Result<SeeOther, Refused> {
    set_paused(&office, Cohort(*path), false).await
}

async fn set_paused(office: &SchoolOffice, cohort: Cohort, paused: bool) -> Result<SeeOther, Refused> {
    let whole = office.whole_school();
    office.act(move |tx| PauseRun::prepare(tx, whole, Batch::Portfolios { cohort }, paused)).await?;
    Ok(SeeOther(address(cohort)))
}

#[derive(serde::Deserialize)]
struct Withdrawal {
    code: String,
    reason: String,
}

/// Takes a portfolio back: it stays, and whoever asks after it is told.
#[post("/print/{cohort}/withdraw")]
pub(super) async fn withdraw(
    office: SchoolOffice,
    path: Path<i32>,
    form: Posted<Withdrawal>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (cohort, whole) = (Cohort(*path), office.whole_school());
    let Posted(Withdrawal { code, reason }) = form;
    let (named, why) = (tidy_code(&code), reason.clone());
    match office.act(move |tx| WithdrawPortfolio::prepare(tx, whole, &named, &why)).await {
        Ok(()) => Ok(Either::Left(SeeOther(address(cohort)))),
        Err(refused) => {
            let typed = Typed { form: "withdraw", code, reason, ..Typed::default() };
            Ok(Either::Right(shown(&office, cohort, refused.at_form("code")?, typed).await?))
        }
    }
}
