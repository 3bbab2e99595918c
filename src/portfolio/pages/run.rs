use super::verify::tidy_code;
use crate::access::{Posted, Refused, SchoolOffice, Shell};
use crate::names::{ClassName, Cohort, StudentId};
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::page::zip_of;
use crate::portfolio::file::GraduationFile;
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{
    ClassProgress, Issued, RunProgress, StartRun, WithdrawPortfolio, cohorts_issued, issued, latest_run, sealed_bytes,
};
use actix_web::web::Path;
use actix_web::{get, post};
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
fn cohort_name(cohort: Cohort) -> String {
    format!("{} 届（{} 级）", cohort.graduates_in(), cohort.0)
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

#[derive(Serialize)]
struct CohortPage {
    cohort: i32,
    name: String,
    run: Option<RunView>,
    classes: Vec<ClassView>,
}

#[derive(Serialize)]
struct RunView {
    asked: String,
    running: bool,
    done: usize,
    failed: usize,
    all: usize,
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

fn cohort_view(cohort: Cohort, all: &[Issued], run: Option<RunProgress>) -> CohortPage {
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
        RunView {
            asked: moment_words(run.asked_at),
            running: run.finished_at.is_none(),
            done: sum(|class| class.done),
            failed: sum(|class| class.failed.len()),
            all: sum(|class| class.all),
        }
    });
    for progress in run.into_iter().flat_map(|run| run.classes) {
        if let Some(class) = classes.iter_mut().find(|class| class.number == progress.class.number) {
            class.failed = progress
                .failed
                .into_iter()
                .map(|(seat, name, why)| FailedView { seat, name, why })
                .collect();
        }
    }
    CohortPage { cohort: cohort.0, name: cohort_name(cohort), run: run_view, classes }
}

/// One cohort: start a run, see how far it is, take what is printed.
#[get("/print/{cohort}")]
pub(super) async fn cohort_page(office: SchoolOffice, path: Path<i32>) -> Result<Page, Refused> {
    let (cohort, whole) = (Cohort(*path), office.whole_school());
    let (all, run) = office
        .look(move |look| {
            let all = issued(look, whole, cohort)?;
            if all.is_empty() {
                return Err(Refused::NotFound);
            }
            Ok((all, latest_run(look, whole, cohort)?))
        })
        .await?;
    let shell: &Shell = office.shell()?;
    Ok(Page::of("portfolio/cohort.html", &cohort_view(cohort, &all, run)).within("shell", shell))
}

#[derive(serde::Deserialize)]
struct Start {}

/// Starts printing, or prints once more what failed.
#[post("/print/{cohort}")]
pub(super) async fn start(office: SchoolOffice, path: Path<i32>, _form: Posted<Start>) -> Result<SeeOther, Refused> {
    let (cohort, whole) = (Cohort(*path), office.whole_school());
    office.act(move |tx| StartRun::prepare(tx, whole, cohort)).await?;
    Ok(SeeOther(format!("/office/print/{}", cohort.0)))
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
) -> Result<SeeOther, Refused> {
    let whole = office.whole_school();
    let (code, reason) = (tidy_code(&form.0.code), form.0.reason);
    office.act(move |tx| WithdrawPortfolio::prepare(tx, whole, &code, &reason)).await?;
    Ok(SeeOther(format!("/office/print/{}", *path)))
}

/// A printed portfolio: what it is called, and where its bytes are.
struct Kept {
    class: String,
    seat: i32,
    name: String,
    pdf_sha256: String,
}

async fn kept(
    office: &SchoolOffice,
    cohort: Cohort,
    wanted: impl Fn(&Issued) -> bool + Send + 'static,
) -> Result<Vec<Kept>, Refused> {
    let whole = office.whole_school();
    let mut kept: Vec<Kept> = office
        .look(move |look| {
            let mut kept = Vec::new();
            for one in issued(look, whole, cohort)?.into_iter().filter(wanted) {
                let Some(pdf_sha256) = one.pdf_sha256 else { continue };
                let file: GraduationFile =
                    serde_json::from_slice(&sealed_bytes(look, &one.sealed_sha256)?).map_err(Refused::broken)?;
                kept.push(Kept { class: file.class.name, seat: file.class.seat, name: file.student.name, pdf_sha256 });
            }
            Ok(kept)
        })
        .await?;
    kept.sort_by_key(|one| one.seat);
    if kept.is_empty() { Err(Refused::NotFound) } else { Ok(kept) }
}

/// The printed portfolios of a class in one zip, named by seat and name.
#[get("/print/{cohort}/{class}.zip")]
pub(super) async fn class_zip(office: SchoolOffice, path: Path<(i32, i32)>) -> Result<Download, Refused> {
    let (cohort, number) = (Cohort(path.0), path.1);
    let kept = kept(&office, cohort, move |one| one.class_number == number).await?;
    let files = office.house().files.clone();
    crate::access::off_the_loop(move || {
        let name = format!("{}-{}.zip", cohort_name(cohort), kept[0].class);
        let mut entries = Vec::with_capacity(kept.len());
        for one in &kept {
            entries.push((format!("{:02}-{}.pdf", one.seat, one.name), files.get(&one.pdf_sha256)?));
        }
        Ok(Download { name, media_type: "application/zip", bytes: zip_of(entries)?, inline: false })
    })
    .await
}

/// One printed portfolio.
#[get("/print/{cohort}/pupil/{student}.pdf")]
pub(super) async fn one_pdf(office: SchoolOffice, path: Path<(i32, StudentId)>) -> Result<Download, Refused> {
    let (cohort, student) = (Cohort(path.0), path.1);
    let kept = kept(&office, cohort, move |one| one.student == student).await?;
    let files = office.house().files.clone();
    crate::access::off_the_loop(move || {
        let one = &kept[0];
        let bytes = files.get(&one.pdf_sha256)?;
        Ok(Download { name: format!("{:02}-{}.pdf", one.seat, one.name), media_type: "application/pdf", bytes, inline: true })
    })
    .await
}
