//! The county keeps its calendar: days that are not what their weekday says, and which
//! years have their order.

use crate::access::{Act, CountyWide, Fault, Look, Refused, Tx};
use crate::platform::text::tidy;
use crate::schema::{calendar_day, calendar_year, term};
use chrono::{Datelike, NaiveDate, Weekday};
use diesel::dsl::{max, min};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A day that is not what its weekday says.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct CalendarDay {
    pub day: NaiveDate,
    pub kind: DayKind,
    pub name: String,
    /// The order that says so.
    pub issued_in: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum DayKind {
    Holiday,
    /// 调休: a Saturday or Sunday that is worked.
    Workday,
}

crate::text_code!(DayKind { Holiday = "holiday", Workday = "workday" });

impl DayKind {
    pub fn word(self) -> &'static str {
        match self {
            DayKind::Holiday => "放假",
            DayKind::Workday => "调休上班",
        }
    }
}

/// The exceptional days of a year, in the order of time.
pub fn calendar_days(look: &mut Look<CountyWide>, year: i32) -> Result<Vec<CalendarDay>, Refused> {
    let (Some(first), Some(last)) = (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31)) else {
        return Ok(Vec::new());
    };
    Ok(calendar_day::table.filter(calendar_day::day.between(first, last)).order(calendar_day::day).load(look.conn())?)
}

/// The first and the last year that has a term in it: the county's calendar.
pub fn calendar_years(look: &mut Look<CountyWide>) -> Result<(i32, i32), Refused> {
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) =
        term::table.select((min(term::starts_on), max(term::ends_on))).first(look.conn())?;
    let this = look.today().year();
    Ok((first.map_or(this, |day| day.year()), last.map_or(this, |day| day.year())))
}

/// The county adds a stretch of days, first and last included.
#[derive(Serialize)]
pub struct AddDays {
    days: Vec<NaiveDate>,
    kind: DayKind,
    name: String,
    issued_in: String,
}

/// Longer than any holiday of the orders.
const MOST_DAYS: i64 = 40;

impl AddDays {
    /// # Errors
    /// [`Refused::Invalid`] with the field, for a day that is there already, lies outside
    /// the calendar, is no day of that kind, or a name or order left empty.
    pub fn prepare(
        tx: &mut Tx<CountyWide>,
        first: NaiveDate,
        last: NaiveDate,
        kind: DayKind,
        name: &str,
        issued_in: &str,
    ) -> Result<Self, Refused> {
        let (name, issued_in) = (tidy(name), tidy(issued_in));
        let mut faults = Vec::new();
        let (from, to) = calendar_years(tx)?;
        let stretch = (last - first).num_days();
        if !(0..MOST_DAYS).contains(&stretch) {
            faults.push(Fault::at("last", format!("从 {first} 到 {last} 不像一段假期，请核对先后和长短。")));
        } else if let Some(out) = [first, last].into_iter().find(|day| !(from..=to).contains(&day.year())) {
            faults.push(Fault::at("first", format!("{out} 不在校历里，校历从 {from} 年到 {to} 年。")));
        }
        if name.is_empty() || name.chars().count() > 20 {
            faults.push(Fault::at("name", "请写是什么日子，例如 国庆节，最多 20 个字。"));
        }
        if issued_in.is_empty() || issued_in.chars().count() > 60 {
            faults.push(Fault::at("issued_in", "请写是哪一份通知定的，例如 国办发明电〔2026〕7号，最多 60 个字。"));
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        let days: Vec<NaiveDate> = first.iter_days().take_while(|day| *day <= last).collect();
        let is_weekend = |day: &NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if let Some(day) = days.iter().find(|day| kind == DayKind::Workday && !is_weekend(day)) {
            return Err(Refused::invalid("kind", format!("{day} 本来就上班，不用写成调休。调休上班的是周六、周日。")));
        }
        let taken: Vec<(NaiveDate, DayKind, String)> = calendar_day::table
            .filter(calendar_day::day.between(first, last))
            .order(calendar_day::day)
            .select((calendar_day::day, calendar_day::kind, calendar_day::name))
            .load(tx.conn())?;
        if let Some((day, kind, name)) = taken.first() {
            let said = format!("{day} 已经写过了，是{name}{}。要改，请先把它去掉。", kind.word());
            return Err(Refused::invalid("first", said));
        }
        Ok(AddDays { days, kind, name, issued_in })
    }
}

impl Act<CountyWide> for AddDays {
    const VERB: &'static str = "calendar_days_added";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "first": self.days.first(), "last": self.days.last(), "kind": self.kind })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        for day in &self.days {
            diesel::insert_into(calendar_day::table)
                .values((
                    calendar_day::day.eq(day),
                    calendar_day::kind.eq(self.kind),
                    calendar_day::name.eq(&self.name),
                    calendar_day::issued_in.eq(&self.issued_in),
                ))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}

/// The county takes a day out: it is again what its weekday says.
#[derive(Serialize)]
pub struct RemoveDay {
    was: CalendarDay,
}

impl RemoveDay {
    /// # Errors
    /// [`Refused::NotFound`] for a day that is not in the calendar.
    pub fn prepare(tx: &mut Tx<CountyWide>, day: NaiveDate) -> Result<Self, Refused> {
        let was = calendar_day::table.find(day).first(tx.conn()).optional()?.ok_or(Refused::NotFound)?;
        Ok(RemoveDay { was })
    }
}

impl Act<CountyWide> for RemoveDay {
    const VERB: &'static str = "calendar_day_removed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "day": self.was.day })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        diesel::delete(calendar_day::table.find(self.was.day)).execute(tx.conn())?;
        Ok(())
    }
}

/// A year has its order: what is in the calendar of it is all there is.
#[derive(Serialize)]
pub struct AnnounceYear {
    year: i32,
    announced: bool,
}

impl AnnounceYear {
    /// # Errors
    /// [`Refused::Invalid`] for a year outside the calendar, or without a single holiday.
    pub fn prepare(tx: &mut Tx<CountyWide>, year: i32, announced: bool) -> Result<Self, Refused> {
        let (from, to) = calendar_years(tx)?;
        if !(from..=to).contains(&year) {
            return Err(Refused::invalid("year", format!("{year} 年不在校历里，校历从 {from} 年到 {to} 年。")));
        }
        if announced && !calendar_days(tx, year)?.iter().any(|day| day.kind == DayKind::Holiday) {
            return Err(Refused::invalid("year", format!("{year} 年还一个假日都没有写，请先把通知里的日子写上。")));
        }
        Ok(AnnounceYear { year, announced })
    }
}

impl Act<CountyWide> for AnnounceYear {
    const VERB: &'static str = "calendar_year_announced";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "year": self.year, "announced": self.announced })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        diesel::delete(calendar_year::table.find(self.year)).execute(tx.conn())?;
        diesel::insert_into(calendar_year::table)
            .values((calendar_year::year.eq(self.year), calendar_year::announced.eq(self.announced)))
            .execute(tx.conn())?;
        Ok(())
    }
}
