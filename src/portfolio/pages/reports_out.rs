use super::run::file_stem;
use super::run_out::joined;
use crate::access::{Refused, SchoolOffice, off_the_loop};
use crate::cycle::SignedClass;
use crate::names::{ClassId, Term};
use crate::platform::page::{Download, zip_of};
use crate::portfolio::store::reports_run;
use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;

/// A printed report of a class, and where its bytes are.
struct Kept {
    seat: i32,
    name: String,
    pdf_sha256: String,
    pages: i32,
}

/// The printed reports of a class in seat order, and what the file they leave in is called.
///
/// # Errors
/// [`Refused::NotFound`] before any is printed.
async fn kept(office: &SchoolOffice, class: ClassId, term: Term) -> Result<(String, Vec<Kept>), Refused> {
    let whole = office.whole_school();
    office
        .look(move |look| {
            let signed = match SignedClass::of_school(look, whole, class, term) {
                Err(Refused::Conflict(_)) => return Err(Refused::NotFound),
                signed => signed?,
            };
            let found = reports_run(look, &signed)?.ok_or(Refused::NotFound)?;
            let kept = found.items.into_iter().filter_map(|(pupil, item)| {
                let (pdf_sha256, pages) = item.pdf?;
                Some(Kept { seat: pupil.seat, name: pupil.name, pdf_sha256, pages })
            });
            let kept: Vec<Kept> = kept.collect();
            let name = format!("{}-{}-学期报告单", signed.name(), term.name());
            if kept.is_empty() { Err(Refused::NotFound) } else { Ok((name, kept)) }
        })
        .await
}

/// A class's reports in one PDF, in seat order, for the printer.
#[get("/reports/{class}/{term}.pdf")]
pub(super) async fn reports_pdf(office: SchoolOffice, path: Path<(ClassId, Term)>) -> Result<Download, Refused> {
    let (name, kept) = kept(&office, path.0, path.1).await?;
    let files = office.house().files.clone();
    off_the_loop(move || {
        let bytes = joined(&files, kept.iter().map(|one| &one.pdf_sha256))?;
        Ok(Download { name: format!("{name}.pdf"), media_type: "application/pdf", bytes, inline: false })
    })
    .await
}

/// What `manifest.json` says of one report.
#[derive(Serialize)]
struct Listed<'k> {
    seat: i32,
    name: &'k str,
    file: String,
    pages: i32,
    sha256: &'k str,
}

/// 报告单目录: one line a report, with a column for ticking off the slips that come back.
fn index_sheet(listed: &[Listed<'_>]) -> Result<Vec<u8>, Refused> {
    let header = ["座号", "姓名", "页数", "回执收到", "SHA-256"].map(str::to_owned);
    let line = |one: &Listed<'_>| {
        vec![one.seat.to_string(), one.name.to_owned(), one.pages.to_string(), String::new(), one.sha256.to_owned()]
    };
    let lines: Vec<Vec<String>> = listed.iter().map(line).collect();
    crate::platform::workbook::write("报告单目录", &header, &lines).map_err(Refused::broken)
}

/// Each report in a file of its own, with a list with hashes and the index sheet.
#[get("/reports/{class}/{term}.zip")]
pub(super) async fn reports_zip(office: SchoolOffice, path: Path<(ClassId, Term)>) -> Result<Download, Refused> {
    let (name, kept) = kept(&office, path.0, path.1).await?;
    let files = office.house().files.clone();
    off_the_loop(move || {
        let listed: Vec<Listed<'_>> = kept
            .iter()
            .map(|one| Listed {
                seat: one.seat,
                name: &one.name,
                file: format!("{}.pdf", file_stem(one.seat, &one.name)),
                pages: one.pages,
                sha256: &one.pdf_sha256,
            })
            .collect();
        let mut entries = Vec::with_capacity(listed.len() + 2);
        for one in &listed {
            entries.push((one.file.clone(), files.get(one.sha256)?));
        }
        entries.push(("manifest.json".to_owned(), serde_json::to_vec_pretty(&listed).map_err(Refused::broken)?));
        entries.push(("报告单目录.xlsx".to_owned(), index_sheet(&listed)?));
        Ok(Download {
            name: format!("{name}.zip"),
            media_type: "application/zip",
            bytes: zip_of(entries)?,
            inline: false,
        })
    })
    .await
}
