use super::terms::{TermsView, terms_view};
use crate::access::{CountySystem, Fault, Posted, Refused};
use crate::names::Term;
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::{present_term, unannounced_years};
use crate::roster::{AddDays, AnnounceYear, DayKind, RemoveDay, calendar_days, calendar_years, is_signed_anywhere};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct CalendarView {
    year: i32,
    years: Vec<i32>,
    announced: bool,
    days: Vec<DayView>,
    first: String,
    last: String,
    kind: String,
    name: String,
    issued_in: String,
    terms: TermsView,
    saved: bool,
    saved_term: Option<SavedTerm>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct SavedTerm {
    term: Term,
    name: String,
}

/// What the page has to tell besides the calendar.
#[derive(Default)]
pub(super) struct Told {
    saved: bool,
    saved_term: Option<Term>,
    typed: HashMap<String, String>,
    faults: Vec<Fault>,
}

impl Told {
    /// What was typed and why it cannot be.
    pub fn refused(typed: HashMap<String, String>, faults: Vec<Fault>) -> Self {
        Told { typed, faults, ..Told::default() }
    }
}

#[derive(Serialize)]
struct DayView {
    day: NaiveDate,
    weekday: &'static str,
    kind: &'static str,
    works: bool,
    name: String,
    issued_in: String,
}

fn weekday(day: NaiveDate) -> &'static str {
    match day.weekday() {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    year: Option<i32>,
    saved: Option<u8>,
    term: Option<Term>,
}

pub(super) async fn page(county: &CountySystem, asked: Option<i32>, told: Told) -> Result<Page, Refused> {
    let Told { saved, saved_term, typed, faults } = told;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let signed = county.look_at_process(|look| present_term(look).and_then(|at| is_signed_anywhere(look, at.term)));
    let signed = signed.await?;
    let view = county
        .look(move |look| {
            let (from, to) = calendar_years(look)?;
            let year = asked.unwrap_or(look.today().year()).clamp(from, to);
            let text = |field: &str| typed.get(field).cloned().unwrap_or_default();
            let days = calendar_days(look, year)?
                .into_iter()
                .map(|of| DayView {
                    day: of.day,
                    weekday: weekday(of.day),
                    kind: of.kind.word(),
                    works: of.kind == DayKind::Workday,
                    name: of.name,
                    issued_in: of.issued_in,
                })
                .collect();
            Ok(CalendarView {
                year,
                years: (from..=to).collect(),
                announced: unannounced_years(look, year, year)?.is_empty(),
                days,
                first: text("first"),
                last: text("last"),
                kind: text("kind"),
                name: text("name"),
                issued_in: text("issued_in"),
                terms: terms_view(look, signed, &typed)?,
                saved,
                saved_term: saved_term.map(|term| SavedTerm { term, name: term.name() }),
                faults,
            })
        })
        .await?;
    Ok(Page::of("roster/calendar.html", &view).within("shell", county.shell()).with_status(status))
}

/// The terms; and the days that are not what their weekday says, one year at a time.
#[get("/calendar")]
pub(super) async fn calendar_page(county: CountySystem, asked: Query<Asked>) -> Result<Page, Refused> {
    let told = Told { saved: asked.saved.is_some(), saved_term: asked.term, ..Told::default() };
    page(&county, asked.year, told).await
}

fn date(typed: &HashMap<String, String>, field: &str) -> Result<NaiveDate, Fault> {
    let text = typed.get(field).map_or("", |text| text.trim());
    let cure = match text {
        "" => "还没有写日期，请写成 2027-10-01 这样。".to_owned(),
        text => format!("“{text}”不是日期，请写成 2027-10-01 这样。"),
    };
    text.parse().map_err(|_| Fault::at(field, cure))
}

/// Adds a stretch of days.
#[post("/calendar")]
pub(super) async fn add_days(
    county: CountySystem,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(typed) = form;
    let mut faults = Vec::new();
    let first = date(&typed, "first").map_err(|fault| faults.push(fault)).ok();
    // One day alone needs no last day.
    let last = match typed.get("last").is_none_or(|text| text.trim().is_empty()) {
        true => first,
        false => date(&typed, "last").map_err(|fault| faults.push(fault)).ok(),
    };
    let said = typed.get("kind").cloned().unwrap_or_default();
    let kind = said.parse::<DayKind>().map_err(|_| {
        faults.push(Fault::at("kind", format!("“{said}”认不出。请选放假或调休上班。")));
    });
    let (Some(first), Some(last), Ok(kind)) = (first, last, kind) else {
        return page(&county, None, Told::refused(typed, faults)).await.map(Either::Right);
    };
    let (name, order) = (typed.get("name").cloned(), typed.get("issued_in").cloned());
    let (name, order) = (name.unwrap_or_default(), order.unwrap_or_default());
    match county.act(move |tx| AddDays::prepare(tx, first, last, kind, &name, &order)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/county/calendar?year={}&saved=1", first.year())))),
        Err(Refused::Invalid(faults)) => {
            page(&county, Some(first.year()), Told::refused(typed, faults)).await.map(Either::Right)
        }
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
struct DayForm {
    day: Option<NaiveDate>,
}

/// Takes a day out.
#[post("/calendar/remove")]
pub(super) async fn remove_day(county: CountySystem, form: Posted<DayForm>) -> Result<SeeOther, Refused> {
    let day = form.0.day.ok_or(Refused::NotFound)?;
    county.act(move |tx| RemoveDay::prepare(tx, day)).await?;
    Ok(SeeOther(format!("/county/calendar?year={}&saved=1", day.year())))
}

#[derive(Deserialize)]
struct YearForm {
    year: Option<i32>,
    announced: Option<String>,
}

/// Says that a year's order is all in the calendar, or not yet.
#[post("/calendar/year")]
pub(super) async fn announce(county: CountySystem, form: Posted<YearForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let year = form.0.year.ok_or(Refused::NotFound)?;
    let announced = form.0.announced.is_some_and(|said| said == "yes");
    match county.act(move |tx| AnnounceYear::prepare(tx, year, announced)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/county/calendar?year={year}&saved=1")))),
        Err(Refused::Invalid(faults)) => {
            page(&county, Some(year), Told::refused(HashMap::new(), faults)).await.map(Either::Right)
        }
        Err(other) => Err(other),
    }
}
