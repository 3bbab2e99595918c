use crate::access::{CountySystem, EverySchool, Look, Refused};
use crate::cycle::process_of_schools;
use crate::names::Term;
use crate::platform::page::Page;
use crate::roster::calendar::{TermDates, present_term, terms, unannounced_years, working_days};
use crate::roster::schools;
use actix_web::get;
use actix_web::web::ServiceConfig;
use serde::Serialize;

#[derive(Serialize)]
struct ProcessView {
    term_name: String,
    schools: Vec<SchoolView>,
    terms: Vec<TermView>,
    /// The calendar knows no term after the present.
    last_known: bool,
    unannounced: Vec<i32>,
}

#[derive(Serialize)]
struct SchoolView {
    code: String,
    name: String,
    classes: usize,
    signed: usize,
}

#[derive(Serialize)]
struct TermView {
    name: String,
    starts_on: String,
    ends_on: String,
    days: usize,
    present: bool,
}

fn read(look: &mut Look<EverySchool>) -> Result<ProcessView, Refused> {
    let present = present_term(look)?;
    let process = process_of_schools(look, present.term)?;
    let schools = schools(look)?
        .into_iter()
        .map(|school| {
            let (classes, signed) = process.get(&school.id).copied().unwrap_or_default();
            SchoolView { code: school.code, name: school.name, classes, signed }
        })
        .collect();
    let shown = |dates: &TermDates| dates.term.year() >= present.term.year() - 1;
    let shown: Vec<TermDates> = terms(look)?.into_iter().filter(shown).collect();
    let last_known = shown.last().is_none_or(|dates| dates.term == present.term);
    let (first, last) =
        (shown.first().map_or(look.today(), |t| t.starts_on), shown.last().map_or(look.today(), |t| t.ends_on));
    let days = working_days(look, first, last)?;
    let terms: Vec<TermView> = shown
        .into_iter()
        .map(|dates| TermView {
            name: dates.term.name(),
            starts_on: dates.starts_on.to_string(),
            ends_on: dates.ends_on.to_string(),
            days: days.between(dates.starts_on, dates.ends_on),
            present: dates.term == present.term,
        })
        .collect();
    let year = present.term.year();
    let unannounced = unannounced_years(look, year, year + 2)?;
    Ok(ProcessView { term_name: Term::name(present.term), schools, terms, last_known, unannounced })
}

/// The process of every school, in the order of codes; and the calendar.
#[get("")]
async fn every_school(county: CountySystem) -> Result<Page, Refused> {
    let view = county.look_at_process(read).await?;
    Ok(Page::of("overview/process.html", &view).within("shell", county.shell()))
}

/// What is behind `/county`.
pub fn county(door: &mut ServiceConfig) {
    door.service(every_school);
}
