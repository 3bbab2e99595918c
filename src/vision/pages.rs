//! The homeroom teacher's sheet, the office's counts, and what the family sees.

use super::reading::{SightRead, read_sight};
use super::store::{Eyes, RecordVision, Sight, class_recheck, class_sight};
use super::{Eye, Recheck};
use crate::access::{Fault, Homeroom, OwnClass, Posted, Refused, SchoolOffice, Upload};
use crate::names::{Cohort, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::{present_term, term_dates};
use crate::roster::{Pupil, class_list, taught_classes};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query, ServiceConfig};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(sheet).service(save).service(bring);
}

/// What is behind `/office`.
pub fn office(door: &mut ServiceConfig) {
    door.service(counts);
}

#[derive(Serialize)]
struct SheetView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    rows: Vec<RowView>,
    done: usize,
    saved: Option<usize>,
    /// The rows come from a file and are not stored yet.
    from_file: bool,
    unreadable: Option<String>,
    faults: Vec<Fault>,
    file_faults: Vec<FileFault>,
}

#[derive(Serialize)]
struct RowView {
    student: StudentId,
    seat: i32,
    name: String,
    left: String,
    right: String,
}

#[derive(Serialize)]
struct FileFault {
    line: usize,
    name: String,
    column: String,
    was: String,
    cure: String,
}

/// What is shown in place of what stands.
#[derive(Default)]
struct Around {
    typed: HashMap<String, String>,
    read: Option<SightRead>,
    saved: Option<usize>,
    unreadable: Option<String>,
    faults: Vec<Fault>,
}

type Standing = (Vec<Pupil>, HashMap<StudentId, Sight>);

async fn standing(homeroom: &Homeroom) -> Result<Standing, Refused> {
    let own = homeroom.class();
    homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
            Ok((pupils, class_sight(look, &own, &students)?))
        })
        .await
}

fn page(homeroom: &Homeroom, (pupils, sight): Standing, around: Around) -> Page {
    let own = homeroom.class();
    let done = pupils.iter().filter(|pupil| sight.get(&pupil.id).is_some_and(|sight| !sight.eyes.is_empty())).count();
    let say = |eye: Option<Eye>| eye.map(|eye| eye.to_string()).unwrap_or_default();
    let rows = pupils
        .into_iter()
        .map(|pupil| {
            let stands = sight.get(&pupil.id).copied().unwrap_or_default().eyes;
            let eyes = around.read.as_ref().and_then(|read| read.eyes.get(&pupil.id)).copied().unwrap_or(stands);
            let typed =
                |side: &str, eye| around.typed.get(&format!("{side}_{}", pupil.id)).cloned().unwrap_or(say(eye));
            let (left, right) = (typed("left", eyes.left), typed("right", eyes.right));
            RowView { student: pupil.id, seat: pupil.seat, name: pupil.name, left, right }
        })
        .collect();
    let refused = around.unreadable.is_some() || !around.faults.is_empty();
    let view = SheetView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        rows,
        done,
        saved: around.saved,
        from_file: around.read.is_some(),
        unreadable: around.unreadable,
        faults: around.faults,
        file_faults: around
            .read
            .into_iter()
            .flat_map(|read| read.faults)
            .map(|(line, name, note)| FileFault { line, name, column: note.column, was: note.was, cure: note.cure })
            .collect(),
    };
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Page::of("vision/sheet.html", &view).within("shell", homeroom.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<usize>,
}

/// One line a pupil, one field an eye.
#[get("/vision")]
async fn sheet(homeroom: Homeroom, asked: Query<Saved>) -> Result<Page, Refused> {
    let standing = standing(&homeroom).await?;
    Ok(page(&homeroom, standing, Around { saved: asked.saved, ..Around::default() }))
}

/// Reads a sheet into the form; stores nothing.
#[post("/vision")]
async fn bring(homeroom: Homeroom, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let standing = standing(&homeroom).await?;
    let around = match upload {
        Ok(upload) => match read_sight(&upload.bytes, &standing.0) {
            Ok(read) => Around { read: Some(read), ..Around::default() },
            Err(no_sheet) => Around { unreadable: Some(no_sheet.to_string()), ..Around::default() },
        },
        Err(refused @ Refused::Invalid(_)) => Around { unreadable: Some(refused.words().1), ..Around::default() },
        Err(other) => return Err(other),
    };
    Ok(page(&homeroom, standing, around))
}

/// Takes the form: the whole class in one act.
#[post("/{term}/vision")]
async fn save(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, term, Posted(typed)) = (homeroom.class(), path.1, form);
    let standing = standing(&homeroom).await?;
    let (mut wanted, mut faults) = (Vec::new(), Vec::new());
    for pupil in &standing.0 {
        let mut eye = |side: &str, word: &str| -> Option<Option<Eye>> {
            let field = format!("{side}_{}", pupil.id);
            match typed.get(&field).map(|typed| typed.trim())? {
                "" => Some(None),
                said => match Eye::read(said) {
                    Ok(eye) => Some(Some(eye)),
                    Err(cure) => {
                        faults.push(Fault::at(field, format!("{}的{word}“{said}”{cure}", pupil.name)));
                        None
                    }
                },
            }
        };
        if let (Some(left), Some(right)) = (eye("left", "左眼"), eye("right", "右眼")) {
            wanted.push((pupil.id, Eyes { left, right }));
        }
    }
    if !faults.is_empty() {
        return Ok(Either::Right(page(&homeroom, standing, Around { typed, faults, ..Around::default() })));
    }
    let saved = homeroom.try_act(move |tx| RecordVision::prepare(tx, &own, term, &wanted)).await?;
    let saved = saved.unwrap_or_else(|unchanged| unchanged);
    Ok(Either::Left(SeeOther(format!("/class/{}/vision?saved={saved}", own.id()))))
}

#[derive(Serialize)]
struct CountsView {
    term_name: String,
    rows: Vec<CountRow>,
}

#[derive(Serialize)]
struct CountRow {
    name: String,
    /// Screened, and of them to be looked at again; `None`: too few to say.
    counted: Option<(usize, usize)>,
    screened: bool,
}

/// How many of each class need a re-check, in class order; no pupil's eyes.
#[get("/vision")]
async fn counts(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let (term, classes, recheck) = office
        .look(move |look| {
            let dates = present_term(look)?;
            Ok((dates.term, taught_classes(look, whole, dates.term)?, class_recheck(look, whole, dates)?))
        })
        .await?;
    let rows = classes
        .into_iter()
        .map(|class| CountRow {
            name: class.name.in_year(term.year()),
            screened: recheck.contains_key(&class.id),
            counted: match recheck.get(&class.id) {
                Some(Recheck::Counted { screened, recheck }) => Some((*screened, *recheck)),
                _ => None,
            },
        })
        .collect();
    let view = CountsView { term_name: term.name(), rows };
    Ok(Page::of("vision/counts.html", &view).within("shell", office.shell()?))
}

/// One child's eyes, term by term, and how they changed.
#[derive(Serialize)]
pub struct SightView {
    terms: Vec<SightTerm>,
    sentence: String,
}

#[derive(Serialize)]
struct SightTerm {
    name: String,
    left: String,
    right: String,
}

/// `None` where nothing was screened.
pub fn sight_view(sight: &BTreeMap<Term, Eyes>, cohort: Cohort) -> Option<SightView> {
    let (_, newest) = sight.last_key_value()?;
    let say = |eye: Option<Eye>| eye.map_or_else(|| "—".to_owned(), |eye| eye.to_string());
    let before = sight.values().rev().nth(1);
    let change = |word: &str, of: fn(&Eyes) -> Option<Eye>| {
        let (now, then) = (of(newest)?, of(before?)?);
        let by = now.in_tenths() - then.in_tenths();
        (by != 0).then(|| format!("{word}比上次{} 0.{}", if by > 0 { "高了" } else { "低了" }, by.abs()))
    };
    let changes: Vec<String> =
        [change("左眼", |eyes| eyes.left), change("右眼", |eyes| eyes.right)].into_iter().flatten().collect();
    let mut sentence = match (before, changes.is_empty()) {
        (None, _) => String::new(),
        (Some(_), true) => "和上次一样。".to_owned(),
        (Some(_), false) => format!("{}。", changes.join("，")),
    };
    if newest.needs_recheck() {
        sentence.push_str("低于 5.0，建议带孩子到眼科复查一次，平时多到户外。");
    }
    let terms = sight.iter().map(|(term, eyes)| SightTerm {
        name: term.short_name(cohort),
        left: say(eyes.left),
        right: say(eyes.right),
    });
    Some(SightView { terms: terms.collect(), sentence })
}
