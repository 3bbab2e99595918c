//! The school calendar 校历: terms with their dates, and working days as the State
//! Council's yearly orders make them.

use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx};
use crate::names::Term;
use crate::schema::{calendar_day, calendar_year, term};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

const SEED_TERMS: &str = include_str!("../../seed/terms.csv");
const SEED_DAYS: &str = include_str!("../../seed/calendar.csv");
const SEED_YEARS: &str = include_str!("../../seed/calendar_years.csv");

/// A term and its days, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Serialize)]
pub struct TermDates {
    pub term: Term,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

impl TermDates {
    /// The last day that can be given to a step of the term: six weeks after its last, for
    /// what is sealed late.
    pub fn late_until(&self) -> NaiveDate {
        self.ends_on + Days::new(42)
    }
}

/// Which days are worked, in the stretch that was asked for.
pub struct WorkingDays {
    exceptions: HashMap<NaiveDate, bool>,
}

impl WorkingDays {
    pub fn is_worked(&self, day: NaiveDate) -> bool {
        let weekday = !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.exceptions.get(&day).copied().unwrap_or(weekday)
    }

    /// Working days from `first` to `last`, both included.
    pub fn between(&self, first: NaiveDate, last: NaiveDate) -> usize {
        first.iter_days().take_while(|day| *day <= last).filter(|day| self.is_worked(*day)).count()
    }

    /// The `n`-th working day after `day`; `day` itself does not count.
    pub fn after(&self, day: NaiveDate, n: usize) -> NaiveDate {
        let mut day = day;
        let mut left = n;
        while left > 0 {
            day = day + Days::new(1);
            if self.is_worked(day) {
                left -= 1;
            }
        }
        day
    }
}

/// The dates of one term.
pub fn term_dates<S: Scope>(look: &mut Look<S>, wanted: Term) -> Result<TermDates, Refused> {
    term::table.find(wanted).first(look.conn()).optional()?.ok_or(Refused::NotFound)
}

/// The term that runs today, or the last that began.
pub fn present_term<S: Scope>(look: &mut Look<S>) -> Result<TermDates, Refused> {
    let today = look.today();
    term::table
        .filter(term::starts_on.le(today))
        .order(term::id.desc())
        .first(look.conn())
        .optional()?
        .ok_or_else(|| Refused::conflict("校历里还没有学期，请县教育局先设好校历。"))
}

/// All terms there are, in the order of time.
pub fn terms<S: Scope>(look: &mut Look<S>) -> Result<Vec<TermDates>, Refused> {
    Ok(term::table.order(term::id).load(look.conn())?)
}

/// The working days from `first` to `last`, both included.
pub fn working_days<S: Scope>(look: &mut Look<S>, first: NaiveDate, last: NaiveDate) -> Result<WorkingDays, Refused> {
    let days: Vec<(NaiveDate, String)> = calendar_day::table
        .filter(calendar_day::day.between(first, last))
        .select((calendar_day::day, calendar_day::kind))
        .load(look.conn())?;
    Ok(WorkingDays { exceptions: days.into_iter().map(|(day, kind)| (day, kind == "workday")).collect() })
}

/// The years from `first` to `last` whose order is not issued yet: of them only the
/// weekends are known (未公布).
pub fn unannounced_years<S: Scope>(look: &mut Look<S>, first: i32, last: i32) -> Result<Vec<i32>, Refused> {
    let announced: Vec<i32> =
        calendar_year::table.filter(calendar_year::announced.eq(true)).select(calendar_year::year).load(look.conn())?;
    Ok((first..=last).filter(|year| !announced.contains(year)).collect())
}

/// The terms the program is born with, in the order of time.
pub fn seed_terms() -> Result<Vec<TermDates>, Refused> {
    seed_rows(SEED_TERMS)?
        .iter()
        .map(|row| {
            let [id, starts_on, ends_on] = fields(row)?;
            let term = id.parse::<Term>().map_err(Refused::broken)?;
            Ok(TermDates { term, starts_on: date(starts_on)?, ends_on: date(ends_on)? })
        })
        .collect()
}

/// The calendar the program is born with, taken into an empty county.
#[derive(Serialize)]
pub struct LayCalendar {}

impl Act<CountyWide> for LayCalendar {
    const VERB: &'static str = "calendar_laid";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({})
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        for laid in seed_terms()? {
            diesel::insert_into(term::table)
                .values((term::id.eq(laid.term), term::starts_on.eq(laid.starts_on), term::ends_on.eq(laid.ends_on)))
                .execute(tx.conn())?;
        }
        for row in seed_rows(SEED_DAYS)? {
            let [day, kind, name, order] = fields(&row)?;
            diesel::insert_into(calendar_day::table)
                .values((
                    calendar_day::day.eq(date(day)?),
                    calendar_day::kind.eq(kind),
                    calendar_day::name.eq(name),
                    calendar_day::issued_in.eq(order),
                ))
                .execute(tx.conn())?;
        }
        for row in seed_rows(SEED_YEARS)? {
            let [year, announced] = fields(&row)?;
            diesel::insert_into(calendar_year::table)
                .values((
                    calendar_year::year.eq(year.parse::<i32>().map_err(Refused::broken)?),
                    calendar_year::announced.eq(announced == "yes"),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}

fn seed_rows(text: &str) -> Result<Vec<csv::StringRecord>, Refused> {
    csv::Reader::from_reader(text.as_bytes()).into_records().collect::<Result<_, _>>().map_err(Refused::broken)
}

fn fields<const N: usize>(row: &csv::StringRecord) -> Result<[&str; N], Refused> {
    let fields: Vec<&str> = row.iter().collect();
    fields.try_into().map_err(|_| Refused::broken(format!("a seed row has other than {N} fields: {row:?}")))
}

fn date(text: &str) -> Result<NaiveDate, Refused> {
    text.parse().map_err(Refused::broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeded() -> WorkingDays {
        let days = seed_rows(SEED_DAYS).unwrap();
        WorkingDays { exceptions: days.iter().map(|row| (date(&row[0]).unwrap(), &row[1] == "workday")).collect() }
    }

    /// Working days of each year, counted from the orders' own texts by PyPI's
    /// chinesecalendar 1.11.0.
    #[test]
    fn each_year_has_the_working_days_of_its_order() {
        let calendar = seeded();
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        for (year, days) in WORKED {
            assert_eq!(calendar.between(day(year, 1, 1), day(year, 12, 31)), days, "{year}");
        }
        let announced =
            |year: &str| seed_rows(SEED_YEARS).unwrap().iter().any(|row| &row[0] == year && &row[1] == "yes");
        assert!(announced("2026") && !announced("2027"));
        // Five working days from the last of 2025: New Year's Day to the 3rd are
        // holidays, Sunday the 4th is worked.
        assert_eq!(calendar.after(day(2025, 12, 31), 5), day(2026, 1, 8));
    }

    const WORKED: [(i32, usize); 7] =
        [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)];

    #[test]
    fn every_exception_names_its_order() {
        for row in seed_rows(SEED_DAYS).unwrap() {
            assert!(row[3].starts_with("国办发明电〔20"), "{row:?}");
        }
        let terms = seed_rows(SEED_TERMS).unwrap();
        for pair in terms.windows(2) {
            assert!(pair[0][2] < pair[1][1], "{pair:?} overlap");
        }
    }
}
