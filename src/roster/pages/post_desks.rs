//! The desks of those who have a post in several classes.

use crate::access::{Committee, KnownClass, Organiser, Posts, Refused};
use crate::names::ClassId;
use crate::platform::page::Page;
use crate::roster::calendar::term_dates;
use crate::roster::{CaseRow, class_list, my_cases};
use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;

#[derive(Serialize)]
struct DeskView {
    term_name: String,
    classes: Vec<ClassView>,
    cases: Vec<CaseRow>,
}

#[derive(Serialize)]
struct ClassView {
    class: ClassId,
    name: String,
}

fn desk(posts: &Posts, template: &'static str, cases: Vec<CaseRow>) -> Page {
    let year = posts.term().year();
    let classes = posts.classes().map(|(class, name)| ClassView { class, name: name.in_year(year) });
    let view = DeskView { term_name: posts.term().name(), classes: classes.collect(), cases };
    Page::of(template, &view).within("shell", posts.shell())
}

/// The classes one keeps records for.
#[get("")]
pub(super) async fn organiser_desk(organiser: Organiser) -> Page {
    desk(&organiser, "roster/organiser.html", Vec::new())
}

#[derive(Serialize)]
struct NamesView {
    class_name: String,
    term_name: String,
    pupils: Vec<(i32, String)>,
}

/// Who is in one of the classes: seats and names.
#[get("/{class}/list")]
pub(super) async fn organiser_class(organiser: Organiser, class: Path<ClassId>) -> Result<Page, Refused> {
    let class = organiser.enter(class.into_inner()).await?;
    let pupils = organiser
        .look(move |look| {
            let dates = term_dates(look, class.term())?;
            class_list(look, &class, dates)
        })
        .await?;
    let view = NamesView {
        class_name: class.name(),
        term_name: class.term().name(),
        pupils: pupils.into_iter().map(|pupil| (pupil.seat, pupil.name)).collect(),
    };
    Ok(Page::of("roster/organiser-class.html", &view).within("shell", organiser.shell()))
}

/// The committee's classes, and the cases that name the member.
#[get("")]
pub(super) async fn committee_desk(committee: Committee) -> Result<Page, Refused> {
    let me = committee.by().person()?;
    let cases = committee.look(move |look| my_cases(look, me)).await?;
    Ok(desk(&committee, "roster/committee.html", cases.into_iter().filter(|case| case.stands).collect()))
}
