use super::cohort_out::COLUMNS;
use super::verify::tidy_code;
use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::names::{ClassName, Cohort, StudentId};
use crate::platform::page::zip_of;
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::pdf_join::join;
use crate::portfolio::file::GraduationFile;
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{
    ClassProgress, Issued, PauseRun, RunProgress, StartRun, WithdrawPortfolio, cohorts_issued, issued, latest_run,
    sealed_bytes,
};
use crate::portfolio::work::try_template;
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
    name: String,
    run: Option<RunView>,
    classes: Vec<ClassView>,
    faults: Vec<Fault>,
    /// What a workbook for another office may have.
    columns: [(&'static str, &'static str); 15],
}

#[derive(Serialize)]
struct RunView {
    asked: String,
    running: bool,
    paused: bool,
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
            paused: run.paused,
            done: sum(|class| class.done),
            failed: sum(|class| class.failed.len()),
            all: sum(|class| class.all),
        }
    });
    for progress in run.into_iter().flat_map(|run| run.classes) {
        if let Some(class) = classes.iter_mut().find(|class| class.number == progress.class.number) {
            class.failed =
                progress.failed.into_iter().map(|(seat, name, why)| FailedView { seat, name, why }).collect();
        }
    }
    CohortPage {
        cohort: cohort.0,
        name: cohort_name(cohort),
        run: run_view,
        classes,
        faults: Vec::new(),
        columns: COLUMNS,
    }
}

/// One cohort: start a run, see how far it is, take what is printed.
#[get("/print/{cohort}")]
pub(super) async fn cohort_page(office: SchoolOffice, path: Path<i32>) -> Result<Page, Refused> {
    shown(&office, Cohort(*path), Vec::new()).await
}

async fn shown(office: &SchoolOffice, cohort: Cohort, faults: Vec<Fault>) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (all, run) = office
        .look(move |look| {
            let all = issued(look, whole, cohort)?;
            if all.is_empty() {
                return Err(Refused::NotFound);
            }
            Ok((all, latest_run(look, whole, cohort)?))
        })
        .await?;
    let view = CohortPage { faults, ..cohort_view(cohort, &all, run) };
    Ok(Page::of("portfolio/cohort.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(serde::Deserialize)]
struct Start {}

/// Starts printing, or prints once more what failed. A county's own template is tried
/// first, on one pupil of each class.
#[post("/print/{cohort}")]
pub(super) async fn start(
    office: SchoolOffice,
    path: Path<i32>,
    _form: Posted<Start>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (cohort, whole) = (Cohort(*path), office.whole_school());
    let mut some = office.look(move |look| issued(look, whole, cohort)).await?;
    some.dedup_by_key(|one| one.class_number);
    if let Err(refused) = try_template(&office, some).await {
        return match refused {
            Refused::Invalid(faults) => Ok(Either::Right(shown(&office, cohort, faults).await?)),
            other => Err(other),
        };
    }
    office.act(move |tx| StartRun::prepare(tx, whole, cohort)).await?;
    Ok(Either::Left(SeeOther(format!("/office/print/{}", cohort.0))))
}

/// Stops after the lot in hand; what is made stays made.
#[post("/print/{cohort}/pause")]
pub(super) async fn pause(office: SchoolOffice, path: Path<i32>, _form: Posted<Start>) -> Result<SeeOther, Refused> {
    set_paused(&office, Cohort(*path), true).await
}

/// Goes on with what is left.
#[post("/print/{cohort}/resume")]
pub(super) async fn resume(office: SchoolOffice, path: Path<i32>, _form: Posted<Start>) -> Result<SeeOther, Refused> {
    set_paused(&office, Cohort(*path), false).await
}

async fn set_paused(office: &SchoolOffice, cohort: Cohort, paused: bool) -> Result<SeeOther, Refused> {
    let whole = office.whole_school();
    office.act(move |tx| PauseRun::prepare(tx, whole, cohort, paused)).await?;
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
    code: String,
    version: i32,
    pages: i32,
    pdf_sha256: String,
    credential_sha256: Option<String>,
    sealed_sha256: String,
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
                kept.push(Kept {
                    class: file.class.name,
                    seat: file.class.seat,
                    name: file.student.name,
                    code: file.code,
                    version: one.version,
                    pages: one.pages.unwrap_or(0),
                    pdf_sha256,
                    credential_sha256: one.credential_sha256,
                    sealed_sha256: one.sealed_sha256,
                });
            }
            Ok(kept)
        })
        .await?;
    kept.sort_by_key(|one| one.seat);
    if kept.is_empty() { Err(Refused::NotFound) } else { Ok(kept) }
}

/// What `manifest.json` in a class's zip says of one file.
#[derive(Serialize)]
struct Listed<'k> {
    seat: i32,
    name: &'k str,
    code: &'k str,
    version: i32,
    file: String,
    sha256: &'k str,
    credential_sha256: Option<&'k str>,
    sealed_sha256: &'k str,
}

/// 案卷目录: one line a portfolio, as the paper archive's index sheet has them.
fn index_sheet(kept: &[Kept]) -> Result<Vec<u8>, Refused> {
    let header = ["序号", "座号", "姓名", "档案编号", "版本", "页数", "SHA-256"].map(str::to_owned);
    let line = |(n, one): (usize, &Kept)| {
        vec![
            (n + 1).to_string(),
            one.seat.to_string(),
            one.name.clone(),
            one.code.clone(),
            format!("第 {} 版", one.version),
            one.pages.to_string(),
            one.pdf_sha256.clone(),
        ]
    };
    let lines: Vec<Vec<String>> = kept.iter().enumerate().map(line).collect();
    crate::platform::workbook::write("案卷目录", &header, &lines).map_err(Refused::broken)
}

/// The printed portfolios of a class in one zip, named by seat and name, each with its
/// credential; a list with hashes, and the index sheet for the paper archive.
#[get("/print/{cohort}/{class}.zip")]
pub(super) async fn class_zip(office: SchoolOffice, path: Path<(i32, i32)>) -> Result<Download, Refused> {
    let (cohort, number) = (Cohort(path.0), path.1);
    let kept = kept(&office, cohort, move |one| one.class_number == number).await?;
    let files = office.house().files.clone();
    crate::access::off_the_loop(move || {
        let name = format!("{}-{}.zip", cohort_name(cohort), kept[0].class);
        let mut entries = Vec::with_capacity(2 * kept.len() + 2);
        for one in &kept {
            entries.push((format!("{:02}-{}.pdf", one.seat, one.name), files.get(&one.pdf_sha256)?));
            if let Some(sha256) = &one.credential_sha256 {
                entries.push((format!("{:02}-{}.jwt", one.seat, one.name), files.get(sha256)?));
            }
        }
        let list: Vec<Listed<'_>> = kept
            .iter()
            .map(|one| Listed {
                seat: one.seat,
                name: &one.name,
                code: &one.code,
                version: one.version,
                file: format!("{:02}-{}.pdf", one.seat, one.name),
                sha256: &one.pdf_sha256,
                credential_sha256: one.credential_sha256.as_deref(),
                sealed_sha256: &one.sealed_sha256,
            })
            .collect();
        entries.push(("manifest.json".to_owned(), serde_json::to_vec_pretty(&list).map_err(Refused::broken)?));
        entries.push(("案卷目录.xlsx".to_owned(), index_sheet(&kept)?));
        Ok(Download { name, media_type: "application/zip", bytes: zip_of(entries)?, inline: false })
    })
    .await
}

/// A class's portfolios in one PDF, in seat order, for the printer.
#[get("/print/{cohort}/{class}.pdf")]
pub(super) async fn class_pdf(office: SchoolOffice, path: Path<(i32, i32)>) -> Result<Download, Refused> {
    let (cohort, number) = (Cohort(path.0), path.1);
    let kept = kept(&office, cohort, move |one| one.class_number == number).await?;
    let files = office.house().files.clone();
    crate::access::off_the_loop(move || {
        let pdfs = kept.iter().map(|one| Ok(files.get(&one.pdf_sha256)?)).collect::<Result<Vec<_>, Refused>>()?;
        Ok(Download {
            name: format!("{}-{}.pdf", cohort_name(cohort), kept[0].class),
            media_type: "application/pdf",
            bytes: join(&pdfs).map_err(Refused::broken)?,
            inline: false,
        })
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
        Ok(Download {
            name: format!("{:02}-{}.pdf", one.seat, one.name),
            media_type: "application/pdf",
            bytes,
            inline: true,
        })
    })
    .await
}
