//! The doctor's desk: the classes of the post, and the sheet of each.

use super::sheet::{Saved, Screening};
use crate::access::{Health, Posted, Refused, TendedClass, Upload};
use crate::names::{ClassId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::vision::screened;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct DeskView {
    term_name: String,
    classes: Vec<ClassView>,
}

#[derive(Serialize)]
struct ClassView {
    class: ClassId,
    name: String,
    screened: usize,
}

/// The classes to screen, in class order.
#[get("")]
pub(super) async fn desk(health: Health) -> Result<Page, Refused> {
    let term = health.term();
    let done = health.look(move |look| screened(look, term)).await?;
    let classes = health.classes().map(|(class, name)| ClassView {
        class,
        name: name.in_year(term.year()),
        screened: done.get(&class).copied().unwrap_or(0),
    });
    let view = DeskView { term_name: term.name(), classes: classes.collect() };
    Ok(Page::of("vision/health.html", &view).within("shell", health.shell()))
}

async fn of(health: &Health, class: ClassId) -> Result<Screening<'_, TendedClass>, Refused> {
    let class = health.enter(class).await?;
    Ok(Screening { desk: health, shell: health.shell(), class, door: "/health" })
}

/// One line a pupil, one field an eye.
#[get("/{class}/vision")]
pub(super) async fn sheet(health: Health, class: Path<ClassId>, asked: Query<Saved>) -> Result<Page, Refused> {
    of(&health, class.into_inner()).await?.show(asked.saved).await
}

/// Reads a sheet into the form; stores nothing.
#[post("/{class}/vision")]
pub(super) async fn bring(
    health: Health,
    class: Path<ClassId>,
    upload: Result<Upload, Refused>,
) -> Result<Page, Refused> {
    of(&health, class.into_inner()).await?.bring(upload).await
}

/// Takes the form.
#[post("/{class}/{term}/vision")]
pub(super) async fn save(
    health: Health,
    path: Path<(ClassId, Term)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (class, term) = path.into_inner();
    of(&health, class).await?.save(term, form.0).await
}
