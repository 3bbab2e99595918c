//! The subject's bands by workbook: one to fill in, and one brought back, shown before
//! anything is kept.

use super::subject::{Around, AskedSubject, LinesView, Read, chosen, page, read};
use crate::access::{OwnClass, OwnSubject, PHYSICAL_EDUCATION, Refused, Subject, Upload};
use crate::evaluation::subject::{BandsRead, Lines, Read as ReadFile, read_workbook};
use crate::names::{StudentId, Term};
use crate::platform::page::Page;
use crate::platform::workbook::write;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentDisposition};
use actix_web::web::Query;
use actix_web::{HttpResponse, get, post};
use serde::Serialize;

/// The workbook to fill in: names by seat, and one column for the band.
#[get("/template.xlsx")]
pub(super) async fn template(teacher: Subject, asked: Query<AskedSubject>) -> Result<HttpResponse, Refused> {
    let subject = chosen(&teacher, asked.subject.as_deref())?;
    let read = read(&teacher, &subject).await?;
    let header = ["班内学号".to_owned(), "姓名".to_owned(), format!("{}等级", subject.name())];
    let rows: Vec<Vec<String>> = read
        .pupils
        .iter()
        .map(|pupil| {
            let band = read.cells.get(&pupil.id).and_then(|cell| cell.band);
            vec![pupil.seat.to_string(), pupil.name.clone(), band.map_or("", |band| band.word(&read.scheme)).to_owned()]
        })
        .collect();
    let bytes = write("学科等级", &header, &rows).map_err(Refused::broken)?;
    let name = format!("{}{}等级.xlsx", teacher.class().name(), subject.name());
    Ok(HttpResponse::Ok()
        .content_type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        .insert_header((CONTENT_DISPOSITION, ContentDisposition::attachment(name)))
        .body(bytes))
}

#[derive(Serialize)]
struct PreviewView<'a> {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    subject: &'a str,
    pe: bool,
    file_name: &'a str,
    /// Whether the bands come of lines drawn through marks.
    drawn: bool,
    rows: Vec<PreviewRow<'a>>,
    /// How many of them would change something.
    changing: usize,
    faults: Vec<FaultRow<'a>>,
    signed: Option<&'a str>,
}

#[derive(Serialize)]
struct PreviewRow<'a> {
    student: StudentId,
    seat: i32,
    name: &'a str,
    code: &'static str,
    word: &'a str,
    /// What stands now, where it is another.
    was: &'a str,
    revision: i32,
}

#[derive(Serialize)]
struct FaultRow<'a> {
    line: usize,
    name: &'a str,
    column: &'a str,
    was: &'a str,
    cure: &'a str,
}

/// Reads a workbook and shows what each pupil would get; keeps nothing. What is shown
/// are bands, and the page's own form stores them. Marks, if that is what the file
/// holds, live in this one request: without lines the file is refused and lines are
/// offered, with them it is read once more.
#[post("/workbook")]
pub(super) async fn try_workbook(teacher: Subject, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused @ Refused::Invalid(_)) => {
            let subject = chosen(&teacher, None)?;
            let read = read(&teacher, &subject).await?;
            return Ok(page(
                &teacher,
                &subject,
                &read,
                Around { unreadable: Some(refused.words().1), ..Around::default() },
            ));
        }
        Err(other) => return Err(other),
    };
    let subject = chosen(&teacher, Some(upload.field("subject")).filter(|named| !named.is_empty()))?;
    let read = read(&teacher, &subject).await?;
    let typed = ["excellent", "good", "qualified"].map(|line| upload.field(line).to_owned());
    let draws = typed.iter().any(|line| !line.is_empty());
    let drawn = draws.then(|| Lines::drawn(&typed[0], &typed[1], &typed[2])).transpose();
    let [excellent, good, qualified] = typed;
    let lines = match drawn {
        Ok(lines) => lines,
        Err(fault) => {
            let lines = LinesView { excellent, good, qualified, fault: Some(fault) };
            return Ok(page(&teacher, &subject, &read, Around { offered: true, lines, ..Around::default() }));
        }
    };
    match read_workbook(&upload.bytes, subject.name(), &read.pupils, &read.scheme, lines) {
        Err(no_bands) => {
            Ok(page(&teacher, &subject, &read, Around { unreadable: Some(no_bands.to_string()), ..Around::default() }))
        }
        Ok(ReadFile::Figures) => Ok(page(&teacher, &subject, &read, Around { offered: true, ..Around::default() })),
        Ok(ReadFile::Bands(found)) => {
            Ok(preview(&teacher, &subject, &read, &found, &upload.file_name, lines.is_some()))
        }
    }
}

fn preview(
    teacher: &Subject,
    subject: &OwnSubject,
    read: &Read,
    found: &BandsRead,
    file_name: &str,
    drawn: bool,
) -> Page {
    let own = teacher.class();
    let rows: Vec<PreviewRow> = read
        .pupils
        .iter()
        .filter_map(|pupil| {
            let band = found.rows.iter().find(|row| row.student == pupil.id)?.band;
            let cell = read.cells.get(&pupil.id).cloned().unwrap_or_default();
            let was = cell.band.filter(|stands| *stands != band).map_or("", |stands| stands.word(&read.scheme));
            let (code, word, revision) = (band.code(), band.word(&read.scheme), cell.revision);
            Some(PreviewRow { student: pupil.id, seat: pupil.seat, name: &pupil.name, code, word, was, revision })
        })
        .collect();
    let changes = |row: &&PreviewRow| {
        read.cells.get(&row.student).and_then(|cell| cell.band).map(|band| band.code()) != Some(row.code)
    };
    let view = PreviewView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        subject: subject.name(),
        pe: teacher.own(PHYSICAL_EDUCATION).is_ok(),
        file_name,
        drawn,
        changing: rows.iter().filter(changes).count(),
        rows,
        faults: found
            .faults
            .iter()
            .map(|(line, name, note)| FaultRow {
                line: *line,
                name,
                column: &note.column,
                was: &note.was,
                cure: &note.cure,
            })
            .collect(),
        signed: read.signed.as_deref(),
    };
    Page::of("evaluation/subject-preview.html", &view).within("shell", teacher.shell())
}
