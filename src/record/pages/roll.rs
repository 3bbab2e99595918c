use crate::access::{Fault, Homeroom, OwnClass, Posted, Refused};
use crate::names::{StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::record::{DayTaken, Roll, RollKind, TakeRoll, Typed, day_words, monday_of, week_rolls};
use crate::roster::calendar::{TermDates, term_dates, working_days};
use crate::roster::{Pupil, class_list};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct RollView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    kind: RollKind,
    kind_name: &'static str,
    exception: &'static str,
    kinds: Vec<(RollKind, &'static str)>,
    week: NaiveDate,
    week_name: String,
    before: Option<NaiveDate>,
    after: Option<NaiveDate>,
    days: Vec<DayView>,
    rows: Vec<RowView>,
    taken: bool,
    saved: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct DayView {
    day: NaiveDate,
    name: String,
    off: bool,
}

#[derive(Serialize)]
struct RowView {
    student: StudentId,
    seat: i32,
    name: String,
    /// Day by day: whether this pupil was not there.
    absent: Vec<bool>,
}

#[derive(Deserialize)]
struct Asked {
    kind: Option<RollKind>,
    week: Option<NaiveDate>,
    saved: Option<usize>,
}

struct Read {
    dates: TermDates,
    today: NaiveDate,
    pupils: Vec<Pupil>,
    /// The school days of the week until today, one where it is held once a week.
    days: Vec<NaiveDate>,
    rolls: BTreeMap<NaiveDate, Roll>,
}

async fn read(homeroom: &Homeroom, kind: RollKind, monday: NaiveDate) -> Result<Read, Refused> {
    let own = homeroom.class();
    homeroom
        .look(move |look| {
            let (dates, today) = (term_dates(look, own.term())?, look.today());
            let sunday = monday + Days::new(6);
            let (first, last) = (monday.max(dates.starts_on), sunday.min(dates.ends_on));
            let worked = working_days(look, monday, sunday)?;
            let mut days: Vec<NaiveDate> =
                first.iter_days().take_while(|day| *day <= last).filter(|day| worked.is_worked(*day)).collect();
            if kind.is_weekly() {
                days.truncate(1);
            }
            days.retain(|day| *day <= today);
            let rolls = week_rolls(look, &own, kind, monday)?;
            Ok(Read { dates, today, pupils: class_list(look, &own, dates)?, days, rolls })
        })
        .await
}

const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

fn page(
    homeroom: &Homeroom,
    kind: RollKind,
    monday: NaiveDate,
    read: Read,
    saved: Option<usize>,
    faults: Vec<Fault>,
) -> Page {
    let own = homeroom.class();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let off = |day: &NaiveDate| read.rolls.get(day).is_some_and(|roll| !roll.held);
    let absent =
        |day: &NaiveDate, pupil: &Pupil| read.rolls.get(day).is_some_and(|roll| roll.absent.contains(&pupil.id));
    let (before, after) = (monday - Days::new(7), monday + Days::new(7));
    let view = RollView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        kind,
        kind_name: kind.word(),
        exception: kind.exception(),
        kinds: RollKind::ALL.iter().map(|kind| (*kind, kind.word())).collect(),
        week: monday,
        week_name: format!("{}这一周", day_words(monday)),
        before: Some(before).filter(|before| *before + Days::new(6) >= read.dates.starts_on),
        after: Some(after).filter(|after| *after <= read.today.min(read.dates.ends_on)),
        days: read
            .days
            .iter()
            .map(|day| DayView {
                day: *day,
                name: format!("{} {}", WEEKDAYS[day.weekday().num_days_from_monday() as usize], day_words(*day)),
                off: off(day),
            })
            .collect(),
        rows: read
            .pupils
            .iter()
            .map(|pupil| RowView {
                student: pupil.id,
                seat: pupil.seat,
                name: pupil.name.clone(),
                absent: read.days.iter().map(|day| absent(day, pupil)).collect(),
            })
            .collect(),
        taken: !read.days.is_empty() && read.days.iter().all(|day| read.rolls.contains_key(day)),
        saved,
        faults,
    };
    Page::of("record/roll.html", &view).within("shell", homeroom.shell()).with_status(status)
}

/// A week of one kind: all were there; one taps who was not.
#[get("/roll")]
pub(super) async fn roll_page(homeroom: Homeroom, asked: Query<Asked>) -> Result<Page, Refused> {
    let kind = asked.kind.unwrap_or(RollKind::Flag);
    let own = homeroom.class();
    let latest = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            Ok(look.today().min(dates.ends_on))
        })
        .await?;
    let monday = monday_of(asked.week.unwrap_or(latest));
    let read = read(&homeroom, kind, monday).await?;
    Ok(page(&homeroom, kind, monday, read, asked.saved, Vec::new()))
}

/// Takes the week: the days shown, each with who was not there.
#[post("/roll")]
pub(super) async fn take(homeroom: Homeroom, form: Posted<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, Posted(typed)) = (homeroom.class(), form);
    let said = |name: &str| typed.get(name).map_or("", String::as_str);
    let kind: RollKind =
        said("kind").parse().map_err(|_| Refused::invalid("kind", "认不出要记哪一项，请刷新页面再填。"))?;
    let week: NaiveDate =
        said("week").parse().map_err(|_| Refused::invalid("week", "认不出是哪一周，请刷新页面再填。"))?;
    let monday = monday_of(week);
    let read = read(&homeroom, kind, monday).await?;
    let wanted: Vec<DayTaken> = read
        .days
        .iter()
        .map(|day| DayTaken {
            day: *day,
            held: !typed.contains_key(&format!("off_{day}")),
            absent: read
                .pupils
                .iter()
                .filter(|pupil| typed.contains_key(&format!("a_{day}_{}", pupil.id)))
                .map(|pupil| pupil.id)
                .collect(),
        })
        .collect();
    if wanted.is_empty() {
        let faults = vec![Fault::at("week", "这一周还没有可以记的日子：要么在学期外，要么还没有到，要么都放假。")];
        return Ok(Either::Right(page(&homeroom, kind, monday, read, None, faults)));
    }
    let dates = read.dates;
    let saved = homeroom.try_act(move |tx| TakeRoll::prepare(tx, &own, dates, kind, &wanted)).await?;
    let saved = saved.unwrap_or_else(|unchanged| unchanged);
    Ok(Either::Left(SeeOther(format!("/class/{}/roll?kind={}&week={monday}&saved={saved}", own.id(), kind.code()))))
}
