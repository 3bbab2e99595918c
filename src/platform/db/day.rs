use super::{MultiBackend, MultiRawValue};
use chrono::NaiveDate;
use diesel::deserialize::{FromSql, FromSqlRow, Result};
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Date;
use diesel::sqlite::{Sqlite, SqliteValue};

/// A date of which thousands come with one page: read as `YYYY-MM-DD`, where Diesel takes
/// the format itself apart for every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, FromSqlRow)]
pub struct Day(pub NaiveDate);

impl FromSql<Date, Sqlite> for Day {
    fn from_sql(mut raw: SqliteValue<'_, '_, '_>) -> Result<Self> {
        let text = raw.read_text();
        let part = |at: std::ops::Range<usize>| text.get(at).and_then(|digits| digits.parse::<u16>().ok());
        let day = match (part(0..4), part(5..7), part(8..10)) {
            (Some(year), Some(month), Some(day)) => NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()),
            _ => None,
        };
        day.map(Day).ok_or_else(|| format!("no day: {text}").into())
    }
}

impl FromSql<Date, Pg> for Day {
    fn from_sql(raw: PgValue<'_>) -> Result<Self> {
        <NaiveDate as FromSql<Date, Pg>>::from_sql(raw).map(Day)
    }
}

impl FromSql<Date, MultiBackend> for Day {
    fn from_sql(raw: MultiRawValue<'_>) -> Result<Self> {
        raw.from_sql::<Day, Date>()
    }
}
