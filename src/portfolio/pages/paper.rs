//! 补录: the office brings terms before this platform in from a workbook, the principal
//! signs them.

use crate::access::{Fault, Look, Nothing, Posted, Principal, Refused, SchoolOffice, Upload, WholeSchool};
use crate::evaluation::{EnterPaper, PaperRead, PaperRow, paper_header, paper_terms, read_paper, terms_on_paper};
use crate::names::{ClassId, StudentId, Term};
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::workbook;
use crate::portfolio::store::{SealPaper, sealed_of};
use crate::roster::calendar::present_term;
use crate::roster::{Pupil, class_named, class_register, taught_classes};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Serialize)]
struct ListView {
    base: &'static str,
    rows: Vec<LineView>,
    just: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct LineView {
    class: ClassId,
    class_name: String,
    term: Term,
    term_name: String,
    pupils: usize,
    entered: usize,
    sealed: usize,
}

/// The terms that paper may tell, class by class, in class order.
fn list(look: &mut Look, whole: WholeSchool, base: &'static str) -> Result<ListView, Refused> {
    let present = present_term(look)?.term;
    let today = look.today();
    let mut rows = Vec::new();
    for class in taught_classes(look, whole, present)? {
        let terms = terms_on_paper(look, whole, class.id)?;
        if terms.is_empty() {
            continue;
        }
        let ids: Vec<StudentId> =
            class_register(look, whole, class.id, today)?.into_iter().map(|pupil| pupil.id).collect();
        let entered: HashSet<(StudentId, Term)> = paper_terms(look, &ids)?.into_keys().collect();
        let sealed = sealed_of(look, &ids)?;
        for term in terms {
            rows.push(LineView {
                class: class.id,
                class_name: class.name.in_year(present.year()),
                term,
                term_name: term.name(),
                pupils: ids.len(),
                entered: ids.iter().filter(|id| entered.contains(&(**id, term))).count(),
                sealed: ids.iter().filter(|id| sealed.contains(&(**id, term))).count(),
            });
        }
    }
    Ok(ListView { base, rows, just: None, faults: Vec::new() })
}

/// What may be brought in.
#[get("/paper")]
pub(super) async fn office_list(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office.look(move |look| list(look, whole, "/office")).await?;
    Ok(Page::of("portfolio/papers.html", &view).within("shell", office.shell()?))
}

#[derive(Default, Deserialize)]
struct Asked {
    just: Option<usize>,
}

async fn principal_page(
    principal: &Principal,
    just: Option<usize>,
    status: StatusCode,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = principal.whole_school();
    let view = principal.look(move |look| list(look, whole, "/principal")).await?;
    let view = ListView { just, faults, ..view };
    Ok(Page::of("portfolio/papers.html", &view).within("shell", principal.shell()).with_status(status))
}

/// What waits for the principal's signature.
#[get("/paper")]
pub(super) async fn principal_list(principal: Principal, asked: Query<Asked>) -> Result<Page, Refused> {
    principal_page(&principal, asked.just, StatusCode::OK, Vec::new()).await
}

/// Signs and seals what was entered of a class's term.
#[post("/paper/{class}/{term}")]
pub(super) async fn principal_seals(
    principal: Principal,
    path: Path<(ClassId, Term)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, (class, term)) = (principal.whole_school(), path.into_inner());
    let county = principal.house().county.clone();
    match principal.act(move |tx| SealPaper::prepare(tx, whole, &county, class, term)).await {
        Ok(sealed) => Ok(Either::Left(SeeOther(format!("/principal/paper?just={sealed}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(principal_page(&principal, None, status, faults).await?))
        }
    }
}

#[derive(Serialize)]
struct PaperView {
    class: ClassId,
    class_name: String,
    term: Term,
    term_name: String,
    entered: Vec<EnteredView>,
    /// What a dry run came to.
    run: Option<RunView>,
    just: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct EnteredView {
    seat: i32,
    name: String,
    words: Vec<String>,
    comment: String,
}

#[derive(Serialize)]
struct RunView {
    file_name: String,
    good: Vec<EnteredView>,
    refused: Vec<(usize, String, Vec<String>)>,
    /// The good rows, to be taken; empty where there are none.
    rows: String,
    refused_href: Option<String>,
}

struct ClassRead {
    view: PaperView,
    pupils: Vec<Pupil>,
    scheme: Arc<Scheme>,
}

fn shown_row(pupils: &[Pupil], scheme: &Scheme, row: &PaperRow) -> Option<EnteredView> {
    let pupil = pupils.iter().find(|pupil| pupil.id == row.student)?;
    let words =
        row.bands.iter().map(|band| band.map_or(scheme.no_record.as_str(), |band| band.word(scheme)).to_owned());
    Some(EnteredView {
        seat: pupil.seat,
        name: pupil.name.clone(),
        words: words.collect(),
        comment: row.comment.clone(),
    })
}

fn read_class(look: &mut Look, whole: WholeSchool, (id, term): (ClassId, Term)) -> Result<ClassRead, Refused> {
    let class = class_named(look, whole, id)?;
    if !terms_on_paper(look, whole, id)?.contains(&term) {
        return Err(Refused::NotFound);
    }
    let scheme = scheme_of(look, class.name.cohort, term)?;
    let today = look.today();
    let pupils: Vec<Pupil> = class_register(look, whole, id, today)?
        .into_iter()
        .map(|pupil| Pupil { id: pupil.id, seat: pupil.seat, name: pupil.name, pinyin: String::new(), sex: pupil.sex })
        .collect();
    let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
    let entered = paper_terms(look, &ids)?;
    let entered = pupils
        .iter()
        .filter_map(|pupil| {
            let paper = entered.get(&(pupil.id, term))?;
            let bands = std::array::from_fn(|n| paper.sheet.band(crate::names::Domain::ALL[n]));
            shown_row(&pupils, &scheme, &PaperRow { student: pupil.id, bands, comment: paper.comment.clone() })
        })
        .collect();
    let view = PaperView {
        class: id,
        class_name: class.name.in_year(term.year()),
        term,
        term_name: term.name(),
        entered,
        run: None,
        just: None,
        faults: Vec::new(),
    };
    Ok(ClassRead { view, pupils, scheme })
}

async fn class_page(
    office: &SchoolOffice,
    at: (ClassId, Term),
    just: Option<usize>,
    status: StatusCode,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let read = office.look(move |look| read_class(look, whole, at)).await?;
    let view = PaperView { just, faults, ..read.view };
    Ok(Page::of("portfolio/paper.html", &view).within("shell", office.shell()?).with_status(status))
}

/// A class's term: what is entered, and where a workbook is given in.
#[get("/paper/{class}/{term}")]
pub(super) async fn office_paper(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    asked: Query<Asked>,
) -> Result<Page, Refused> {
    class_page(&office, path.into_inner(), asked.just, StatusCode::OK, Vec::new()).await
}

/// The workbook to fill in, with the class's names.
#[get("/paper/{class}/{term}/template.xlsx")]
pub(super) async fn template(office: SchoolOffice, path: Path<(ClassId, Term)>) -> Result<Download, Refused> {
    let (whole, at) = (office.whole_school(), path.into_inner());
    let read = office.look(move |look| read_class(look, whole, at)).await?;
    let rows: Vec<Vec<String>> = read
        .pupils
        .iter()
        .map(|pupil| {
            let mut row = vec![pupil.seat.to_string(), pupil.name.clone()];
            row.resize(paper_header().len(), String::new());
            row
        })
        .collect();
    let bytes = workbook::write("补录", &paper_header(), &rows).map_err(Refused::broken)?;
    let name = format!("补录-{}-{}.xlsx", read.view.class_name, read.view.term_name);
    Ok(Download { name, media_type: XLSX, bytes, inline: false })
}

fn refused_workbook(read: &PaperRead) -> Result<Vec<u8>, Refused> {
    let mut header = vec!["为什么没收，怎么改".to_owned(), "行号".to_owned()];
    header.extend(read.header.iter().cloned());
    let rows: Vec<Vec<String>> = read
        .faults
        .iter()
        .map(|fault| {
            let mut row = vec![fault.cures.join("\n"), fault.line.to_string()];
            row.extend(fault.cells.iter().cloned());
            row
        })
        .collect();
    let marked: HashSet<(usize, usize)> = (0..rows.len()).map(|at| (at, 0)).collect();
    workbook::write_marked("没收的行", &header, &rows, &marked).map_err(Refused::broken)
}

/// Tries a workbook: row by row what would be taken and what not; nothing is saved.
#[post("/paper/{class}/{term}")]
pub(super) async fn try_paper(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    upload: Result<Upload, Refused>,
) -> Result<Page, Refused> {
    let (whole, at) = (office.whole_school(), path.into_inner());
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            return class_page(&office, at, None, status, faults).await;
        }
    };
    let ClassRead { mut view, pupils, scheme } = office.look(move |look| read_class(look, whole, at)).await?;
    let status = match read_paper(&upload.bytes, &pupils, &scheme) {
        Err(no_paper) => {
            view.faults = vec![Fault::at("file", no_paper.to_string())];
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Ok(read) => {
            let refused_href = match read.faults.is_empty() {
                true => None,
                false => {
                    let workbook = base64::engine::general_purpose::STANDARD.encode(refused_workbook(&read)?);
                    Some(format!("data:{XLSX};base64,{workbook}"))
                }
            };
            view.run = Some(RunView {
                file_name: upload.file_name,
                good: read.rows.iter().filter_map(|row| shown_row(&pupils, &scheme, row)).collect(),
                rows: match read.rows.is_empty() {
                    true => String::new(),
                    false => serde_json::to_string(&read.rows).map_err(Refused::broken)?,
                },
                refused: read.faults.into_iter().map(|fault| (fault.line, fault.name, fault.cures)).collect(),
                refused_href,
            });
            StatusCode::OK
        }
    };
    Ok(Page::of("portfolio/paper.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct TakeForm {
    rows: String,
}

/// Takes the good rows of a dry run; each is checked again.
#[post("/paper/{class}/{term}/take")]
pub(super) async fn take(
    office: SchoolOffice,
    path: Path<(ClassId, Term)>,
    form: Posted<TakeForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, (class, term)) = (office.whole_school(), path.into_inner());
    let Ok(rows) = serde_json::from_str::<Vec<PaperRow>>(&form.0.rows) else {
        let fault = Fault::at("file", "没有要收的行。请重新选文件试一次。");
        return Ok(Either::Right(
            class_page(&office, (class, term), None, StatusCode::UNPROCESSABLE_ENTITY, vec![fault]).await?,
        ));
    };
    match office.act(move |tx| EnterPaper::prepare(tx, whole, class, term, rows)).await {
        Ok(many) => Ok(Either::Left(SeeOther(format!("/office/paper/{class}/{term}?just={many}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(class_page(&office, (class, term), None, status, faults).await?))
        }
    }
}
