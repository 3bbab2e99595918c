use super::report::{Read, data};
use crate::access::{House, Look, Posted, Refused, SchoolOffice, WholeSchool, off_the_loop};
use crate::cycle::{signatures_of, signed_by};
use crate::evaluation::{ChildSheets, Sheet, subject_bands_of, term_records};
use crate::fitness::tests_of;
use crate::names::{ClassId, StudentId, Term};
use crate::platform::files::sha256_hex;
use crate::platform::page::{Download, Page, zip_of};
use crate::platform::pdf_join::join;
use crate::platform::typeset::Misprint;
use crate::portfolio::file::Facts;
use crate::portfolio::store::{ReportsPrinted, school_words, term_seal_of};
use crate::portfolio::told::{fitness_words, record_words, skill_words, subject_words};
use crate::record::records_among;
use crate::roster::calendar::{present_term, term_dates};
use crate::roster::{class_named, class_register, taught_classes};
use crate::scheme::scheme_of;
use crate::ticks::ticks_of;
use actix_web::web::Path;
use actix_web::{get, post};
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

/// The classes of this term and the last, and whose reports can be printed.
#[get("/reports")]
pub(super) async fn reports_page(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office
        .look(move |look| {
            let present = present_term(look)?.term;
            let mut terms = Vec::with_capacity(2);
            for term in [present, present.previous()] {
                let Ok(dates) = term_dates(look, term) else { continue };
                let day = look.today().min(dates.ends_on);
                let mut classes = Vec::new();
                for class in taught_classes(look, whole, term)? {
                    let signed = signed_by(look, &class, term)?;
                    classes.push(ClassView {
                        id: class.id,
                        name: class.name.in_year(term.year()),
                        pupils: class_register(look, whole, class.id, day)?.len(),
                        signed: signed.map(|by| format!("{} {}", by.name, by.at.format("%Y-%m-%d"))),
                    });
                }
                terms.push(TermView { term, name: term.name(), classes });
            }
            Ok(ReportsView { terms })
        })
        .await?;
    Ok(Page::of("portfolio/reports.html", &view).within("shell", office.shell()?))
}

/// What a class's reports are made from, in seat order, by name.
fn read_class(
    look: &mut Look,
    whole: WholeSchool,
    class_id: ClassId,
    term: Term,
) -> Result<Vec<(StudentId, String, Read)>, Refused> {
    let class = class_named(look, whole, class_id)?;
    let signed = signed_by(look, &class, term)?
        .ok_or_else(|| Refused::conflict("这个班这个学期还没有签字，报告单要等班主任签字以后才能打印。"))?;
    let dates = term_dates(look, term)?;
    let day = look.today().min(dates.ends_on);
    let mut pupils = class_register(look, whole, class_id, day)?;
    pupils.sort_by_key(|pupil| pupil.seat);
    let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
    let (cohort, before) = (class.name.cohort, term.previous());
    let mut now = term_records(look, whole, &ids, term)?;
    let mut earlier = term_records(look, whole, &ids, before)?;
    let (tests, subjects) = (tests_of(look, whole, &ids)?, subject_bands_of(look, whole, &ids)?);
    let (ticks, mut records) = (ticks_of(look, whole, &ids)?, records_among(look, whole, &ids, term)?);
    let (school, scheme) = (school_words(look)?.0, scheme_of(look, cohort, term)?);
    let mut all = Vec::with_capacity(pupils.len());
    for pupil in pupils {
        let record = now.remove(&pupil.id).unwrap_or_default();
        // Only what was signed stands beside this term, as the family sees it.
        let known = signatures_of(look, pupil.id)?.contains_key(&before);
        let last = earlier.remove(&pupil.id).map(|record| record.sheet).filter(|_| known);
        let sheets: Vec<(Term, Sheet)> =
            last.map(|sheet| (before, sheet)).into_iter().chain([(term, record.sheet)]).collect();
        let facts = Facts {
            fitness: tests.get(&pupil.id).map(|h| fitness_words(&h.in_year(term.year()), cohort)).unwrap_or_default(),
            subjects: subjects.get(&pupil.id).and_then(|bands| subject_words(bands, &[term])),
            skills: ticks.get(&pupil.id).map(|ticks| skill_words(ticks, &[term])).unwrap_or_default(),
            records: record_words(records.remove(&pupil.id).unwrap_or_default()),
            ..Facts::default()
        };
        all.push((
            pupil.id,
            pupil.name,
            Read {
                class: class.name,
                seat: pupil.seat,
                school: school.clone(),
                scheme: scheme.clone(),
                term,
                signed: signed.clone(),
                sheets: ChildSheets::of_terms(sheets),
                comment: record.comment,
                messages: record.messages,
                seal: term_seal_of(look, whole, pupil.id, term)?,
                facts,
            },
        ));
    }
    if all.is_empty() { Err(Refused::NotFound) } else { Ok(all) }
}

#[derive(Deserialize)]
struct PrintForm {
    /// `zip`: each in a file of its own; else one PDF for the printer.
    #[serde(default)]
    form: String,
}

struct Report {
    seat: i32,
    name: String,
    pages: usize,
    pdf: Vec<u8>,
}

/// One after another; what cannot be printed is named, and nothing half is handed out.
fn print_all(house: &House, all: &[(StudentId, String, Read)]) -> Result<Vec<Report>, Refused> {
    let press = house.press.press().map_err(Refused::conflict)?;
    let (mut reports, mut failed) = (Vec::with_capacity(all.len()), Vec::new());
    for (_, name, read) in all {
        match press.print("term-report.typ", data(read, name, &house.county)?) {
            Ok(made) => reports.push(Report { seat: read.seat, name: name.clone(), pages: made.pages, pdf: made.pdf }),
            Err(why @ (Misprint::NoGlyph(_) | Misprint::Template(_))) => {
                failed.push(format!("{} 号{name}：{why}", read.seat));
            }
            Err(broken) => return Err(Refused::broken(broken)),
        }
    }
    if failed.is_empty() { Ok(reports) } else { Err(Refused::conflict(failed.join("　"))) }
}

/// What `manifest.json` says of one report.
#[derive(Serialize)]
struct Listed<'r> {
    seat: i32,
    name: &'r str,
    file: String,
    pages: usize,
    sha256: String,
}

fn zip(reports: Vec<Report>) -> Result<Vec<u8>, Refused> {
    let file = |report: &Report| format!("{:02}-{}.pdf", report.seat, report.name);
    let listed: Vec<Listed<'_>> = reports
        .iter()
        .map(|report| Listed {
            seat: report.seat,
            name: &report.name,
            file: file(report),
            pages: report.pages,
            sha256: sha256_hex(&report.pdf),
        })
        .collect();
    let header = ["座号", "姓名", "页数", "回执收到", "SHA-256"].map(str::to_owned);
    let line = |one: &Listed<'_>| {
        vec![one.seat.to_string(), one.name.to_owned(), one.pages.to_string(), String::new(), one.sha256.clone()]
    };
    let lines: Vec<Vec<String>> = listed.iter().map(line).collect();
    let index = crate::platform::workbook::write("报告单目录", &header, &lines).map_err(Refused::broken)?;
    let manifest = serde_json::to_vec_pretty(&listed).map_err(Refused::broken)?;
    let mut entries: Vec<(String, Vec<u8>)> = reports.into_iter().map(|one| (file(&one), one.pdf)).collect();
    entries.push(("manifest.json".to_owned(), manifest));
    entries.push(("报告单目录.xlsx".to_owned(), index));
    Ok(zip_of(entries)?)
}

/// A signed class's term reports, each with its return slip 家长签字: one PDF in seat
/// order, or a zip with a list for ticking off the slips that come back.
#[post("/reports/{class}/{term}")]
pub(super) async fn print_reports(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    form: Posted<PrintForm>,
) -> Result<Download, Refused> {
    let ((class, term), whole, house) = (path.into_inner(), office.whole_school(), office.house().clone());
    let all = office.look(move |look| read_class(look, whole, class, term)).await?;
    let (pupils, class_name) = (all.len(), all[0].2.class.in_year(term.year()));
    let as_zip = form.0.form == "zip";
    let bytes = off_the_loop(move || {
        let reports = print_all(&house, &all)?;
        if as_zip {
            return zip(reports);
        }
        let pdfs: Vec<Vec<u8>> = reports.into_iter().map(|report| report.pdf).collect();
        join(&pdfs).map_err(Refused::broken)
    })
    .await?;
    office.act(move |_| Ok(ReportsPrinted { class, term, pupils })).await?;
    let (ending, media_type) = if as_zip { ("zip", "application/zip") } else { ("pdf", "application/pdf") };
    Ok(Download {
        name: format!("{class_name}-{}-学期报告单.{ending}", term.name()), media_type, bytes, inline: false
    })
}
