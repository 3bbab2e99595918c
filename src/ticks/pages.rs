//! The grid of a kind, for the teacher of the subject; and what the family reads.

use super::store::{Grid, TickClass, grid};
use super::{ChildTicks, Kind, Level};
use crate::access::{Fault, OwnClass, OwnSubject, PHYSICAL_EDUCATION, Posted, Refused, Subject};
use crate::names::{StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::calendar::term_dates;
use crate::roster::{Pupil, class_list};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query, ServiceConfig};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Columns a page may send; more than a grid may have.
const MOST_COLUMNS: usize = 32;

/// What is behind `/subject/{class}`.
pub fn subject(door: &mut ServiceConfig) {
    door.service(ticks_page).service(save);
}

#[derive(Serialize)]
struct TicksView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    pe: bool,
    kind: Kind,
    kind_name: &'static str,
    example: &'static str,
    kinds: Vec<KindLink>,
    /// A tick each, or one of several words.
    levels: Vec<(&'static str, &'static str)>,
    items: Vec<String>,
    rows: Vec<RowView>,
    saved: Option<usize>,
    typed: String,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct KindLink {
    kind: Kind,
    name: &'static str,
}

#[derive(Serialize)]
struct RowView {
    student: StudentId,
    seat: i32,
    name: String,
    /// The level's code, column by column.
    cells: Vec<&'static str>,
}

#[derive(Deserialize)]
struct Asked {
    kind: Option<String>,
    saved: Option<usize>,
}

/// The kinds this teacher may tick, with the subject that allows each.
fn kinds(teacher: &Subject) -> Vec<(Kind, OwnSubject)> {
    let mut all: Vec<(Kind, OwnSubject)> = Vec::new();
    for subject in teacher.subjects() {
        for kind in Kind::of_subject(subject) {
            if let (false, Ok(own)) = (all.iter().any(|(known, _)| known == kind), teacher.own(subject)) {
                all.push((*kind, own));
            }
        }
    }
    all
}

fn chosen(teacher: &Subject, named: Option<&str>) -> Result<(Kind, OwnSubject), Refused> {
    let mut all = kinds(teacher);
    let at = match named {
        Some(named) => all.iter().position(|(kind, _)| kind.code() == named),
        None => (!all.is_empty()).then_some(0),
    };
    Ok(all.swap_remove(at.ok_or(Refused::NotFound)?))
}

async fn read(teacher: &Subject, kind: Kind) -> Result<(Vec<Pupil>, Grid), Refused> {
    let own = teacher.class();
    teacher
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
            let grid = grid(look, own.term(), kind, &students)?;
            Ok((pupils, grid))
        })
        .await
}

async fn page(
    teacher: &Subject,
    kind: Kind,
    saved: Option<usize>,
    typed: String,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let (pupils, grid) = read(teacher, kind).await?;
    let own = teacher.class();
    let level = |pupil: StudentId, item: &String| {
        grid.cells.get(&(pupil, item.clone())).and_then(|(level, _)| *level).map_or("", Level::code)
    };
    let rows = pupils
        .into_iter()
        .map(|pupil| RowView {
            student: pupil.id,
            seat: pupil.seat,
            cells: grid.items.iter().map(|item| level(pupil.id, item)).collect(),
            name: pupil.name,
        })
        .collect();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = TicksView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        pe: teacher.own(PHYSICAL_EDUCATION).is_ok(),
        kind,
        kind_name: kind.name(),
        example: kind.example(),
        kinds: kinds(teacher).into_iter().map(|(kind, _)| KindLink { kind, name: kind.name() }).collect(),
        levels: kind.levels().iter().map(|level| (level.code(), level.word())).collect(),
        items: grid.items,
        rows,
        saved,
        typed,
        faults,
    };
    Ok(Page::of("ticks/grid.html", &view).within("shell", teacher.shell()).with_status(status))
}

/// Pupils down, what was done across.
#[get("/ticks")]
async fn ticks_page(teacher: Subject, asked: Query<Asked>) -> Result<Page, Refused> {
    let (kind, _) = chosen(&teacher, asked.kind.as_deref())?;
    page(&teacher, kind, asked.saved, String::new(), Vec::new()).await
}

/// Takes the grid, and a new column for the whole class where one was named.
#[post("/{term}/ticks")]
async fn save(
    teacher: Subject,
    path: Path<(String, Term)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, term, Posted(typed)) = (teacher.class(), path.1, form);
    let (kind, subject) = chosen(&teacher, Some(typed.get("kind").map_or("", String::as_str)))?;
    let (pupils, grid) = read(&teacher, kind).await?;
    let mut wanted = Vec::new();
    // Columns are named by the page: one that somebody else has begun meanwhile is left alone.
    for n in 0..MOST_COLUMNS {
        let Some(item) = typed.get(&format!("item_{n}")).filter(|item| grid.items.contains(item)) else { continue };
        for pupil in &pupils {
            let said = typed.get(&format!("t_{n}_{}", pupil.id)).map_or("", String::as_str);
            wanted.push((pupil.id, item.clone(), said.parse::<Level>().ok()));
        }
    }
    let new = tidy(typed.get("item").map_or("", String::as_str));
    if !new.is_empty() && !grid.items.contains(&new) {
        let level = kind.levels().first().copied();
        wanted.extend(pupils.iter().map(|pupil| (pupil.id, new.clone(), level)));
    }
    let saved = teacher.try_act(move |tx| TickClass::prepare(tx, &own, &subject, term, kind, &wanted)).await;
    match saved {
        Ok(saved) => {
            let saved = saved.unwrap_or_else(|unchanged| unchanged);
            Ok(Either::Left(SeeOther(format!("/subject/{}/ticks?kind={}&saved={saved}", own.id(), kind.code()))))
        }
        Err(Refused::Invalid(faults)) => Ok(Either::Right(page(&teacher, kind, None, new, faults).await?)),
        Err(other) => Err(other),
    }
}

/// What a child has done in a term, kind by kind.
#[derive(Serialize)]
pub struct TickedView {
    name: &'static str,
    items: Vec<String>,
}

impl TickedView {
    /// `劳动：整理教室（会做）、种菜`
    pub fn line(&self) -> String {
        format!("{}：{}", self.name, self.items.join("、"))
    }
}

pub fn ticked_view(ticks: &ChildTicks, term: Term) -> Vec<TickedView> {
    let Some(kinds) = ticks.get(&term) else { return Vec::new() };
    let say = |kind: Kind, item: &str, level: Level| {
        if kind.levels().len() > 1 { format!("{item}（{}）", level.word()) } else { item.to_owned() }
    };
    kinds
        .iter()
        .map(|(kind, all)| TickedView {
            name: kind.name(),
            items: all.iter().map(|ticked| say(*kind, &ticked.item, ticked.level)).collect(),
        })
        .collect()
}
