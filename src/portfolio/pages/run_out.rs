use super::run::{cohort_name, file_stem};
use crate::access::{Refused, SchoolOffice, off_the_loop};
use crate::names::{Cohort, StudentId};
use crate::platform::files::Files;
use crate::platform::page::{Download, zip_of};
use crate::platform::pdf_join::join;
use crate::portfolio::file::GraduationFile;
use crate::portfolio::store::{Issued, issued, sealed_bytes};
use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;

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
    off_the_loop(move || {
        let name = format!("{}-{}.zip", cohort_name(cohort), kept[0].class);
        let mut entries = Vec::with_capacity(2 * kept.len() + 2);
        for one in &kept {
            entries.push((format!("{}.pdf", file_stem(one.seat, &one.name)), files.get(&one.pdf_sha256)?));
            if let Some(sha256) = &one.credential_sha256 {
                entries.push((format!("{}.jwt", file_stem(one.seat, &one.name)), files.get(sha256)?));
            }
        }
        let list: Vec<Listed<'_>> = kept
            .iter()
            .map(|one| Listed {
                seat: one.seat,
                name: &one.name,
                code: &one.code,
                version: one.version,
                file: format!("{}.pdf", file_stem(one.seat, &one.name)),
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

/// Kept PDFs as one, in their order.
pub(super) fn joined<'k>(files: &Files, kept: impl Iterator<Item = &'k String>) -> Result<Vec<u8>, Refused> {
    let pdfs = kept.map(|sha256| Ok(files.get(sha256)?)).collect::<Result<Vec<_>, Refused>>()?;
    join(&pdfs).map_err(Refused::broken)
}

/// A class's portfolios in one PDF, in seat order, for the printer.
#[get("/print/{cohort}/{class}.pdf")]
pub(super) async fn class_pdf(office: SchoolOffice, path: Path<(i32, i32)>) -> Result<Download, Refused> {
    let (cohort, number) = (Cohort(path.0), path.1);
    let kept = kept(&office, cohort, move |one| one.class_number == number).await?;
    let files = office.house().files.clone();
    off_the_loop(move || {
        Ok(Download {
            name: format!("{}-{}.pdf", cohort_name(cohort), kept[0].class),
            media_type: "application/pdf",
            bytes: joined(&files, kept.iter().map(|one| &one.pdf_sha256))?,
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
    off_the_loop(move || {
        let one = &kept[0];
        let bytes = files.get(&one.pdf_sha256)?;
        Ok(Download {
            name: format!("{}.pdf", file_stem(one.seat, &one.name)),
            media_type: "application/pdf",
            bytes,
            inline: true,
        })
    })
    .await
}
