use crate::access::{Family, Fault, Posted, Refused};
use crate::names::StudentId;
use crate::platform::page::{Page, SeeOther};
use crate::record::{Chore, Housework, HouseworkState, SayHousework, Typed, day_words, housework_of, monday_of};
use crate::roster::at_school;
use crate::roster::calendar::TermDates;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many weeks can be filled in: this one and those before it.
const WEEKS: u64 = 4;

#[derive(Serialize)]
struct HouseworkView {
    student: StudentId,
    name: String,
    guardian: bool,
    weeks: Vec<WeekLink>,
    week: NaiveDate,
    week_name: String,
    chores: Vec<(Chore, &'static str, bool)>,
    state: Option<&'static str>,
    confirmed: bool,
    note: String,
    saved: bool,
    /// Why nothing can be said now.
    closed: Option<String>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct WeekLink {
    monday: NaiveDate,
    name: String,
    said: &'static str,
    here: bool,
}

struct Read {
    dates: TermDates,
    today: NaiveDate,
    weeks: BTreeMap<NaiveDate, Housework>,
    closed: Option<String>,
}

async fn read(family: &Family) -> Result<Read, Refused> {
    let child = family.child();
    family
        .look(move |look| {
            let at = at_school(look, child)?;
            let weeks = housework_of(look, child, at.term.term)?;
            Ok(Read { today: look.today(), weeks, closed: Refused::why_not(at.check_learning())?, dates: at.term })
        })
        .await
}

fn page(family: &Family, read: &Read, week: NaiveDate, typed: Option<&Typed>, saved: bool, faults: Vec<Fault>) -> Page {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let latest = monday_of(read.today.min(read.dates.ends_on));
    let stands = read.weeks.get(&week);
    let name = |monday: NaiveDate| format!("{}—{}", day_words(monday), day_words(monday + Days::new(6)));
    let ticked = |chore: &Chore| match typed {
        Some(typed) => typed.contains_key(&format!("did_{}", chore.code())),
        None => stands.is_some_and(|week| week.items.contains(chore)),
    };
    let view = HouseworkView {
        student: family.child().student(),
        name: family.child_name().to_owned(),
        guardian: family.guardian().is_ok(),
        weeks: (0..WEEKS)
            .map(|n| latest - Days::new(7 * n))
            .filter(|monday| *monday + Days::new(4) >= read.dates.starts_on)
            .map(|monday| WeekLink {
                monday,
                name: name(monday),
                said: read.weeks.get(&monday).map_or("还没有写", |week| week.state.word()),
                here: monday == week,
            })
            .collect(),
        week,
        week_name: name(week),
        chores: Chore::ALL.iter().map(|chore| (*chore, chore.word(), ticked(chore))).collect(),
        state: stands.map(|week| week.state.word()),
        confirmed: stands.is_some_and(|week| week.state == HouseworkState::Confirmed),
        note: typed
            .map(|typed| typed.get("note").cloned().unwrap_or_default())
            .or(stands.and_then(|week| week.note.clone()))
            .unwrap_or_default(),
        saved,
        closed: read.closed.clone(),
        faults,
    };
    Page::of("record/housework.html", &view).within("shell", family.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Asked {
    week: Option<NaiveDate>,
    saved: Option<u8>,
}

/// A week's housework: the pupil ticks it, a guardian confirms it or says what differs.
#[get("/housework")]
pub(super) async fn housework_page(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    let read = read(&family).await?;
    let week = monday_of(asked.week.unwrap_or(read.today.min(read.dates.ends_on)));
    Ok(page(&family, &read, week, None, asked.saved.is_some(), Vec::new()))
}

#[post("/housework")]
pub(super) async fn say(family: Family, form: Posted<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (child, Posted(typed)) = (family.child(), form);
    let read = read(&family).await?;
    let said = |name: &str| typed.get(name).map_or("", String::as_str);
    let Ok(week) = said("week").parse::<NaiveDate>() else {
        let faults = vec![Fault::at("week", "认不出是哪一周，请从列出的几周里选。")];
        return Ok(Either::Right(page(&family, &read, monday_of(read.today), Some(&typed), false, faults)));
    };
    let state = match said("act") {
        "confirm" => HouseworkState::Confirmed,
        "differs" => HouseworkState::Differs,
        _ => HouseworkState::Said,
    };
    // What only a guardian says is not there for the pupil.
    if state != HouseworkState::Said {
        family.guardian()?;
    } else if family.guardian().is_ok() {
        return Err(Refused::NotFound);
    }
    let items: Vec<Chore> =
        Chore::ALL.iter().copied().filter(|chore| typed.contains_key(&format!("did_{}", chore.code()))).collect();
    let (dates, note) = (read.dates, said("note").to_owned());
    let acted = family.try_act(move |tx| SayHousework::prepare(tx, child, dates, week, items, state, &note)).await;
    match acted {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/child/{}/housework?week={week}&saved=1", child.student())))),
        Err(refused) => {
            let (status, faults) = refused.at_form("items")?;
            Ok(Either::Right(page(&family, &read, week, Some(&typed), false, faults).with_status(status)))
        }
    }
}
