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
        Ok(Day(raw.read_text().parse()?))
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
