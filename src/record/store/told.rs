//! What is told of an activity, revision by revision.

use crate::access::own::telling;
use crate::access::{Look, Refused, Tx};
use crate::names::{ActivityId, Domain};
use crate::record::{Level, Telling};
use chrono::NaiveDate;
use diesel::prelude::*;

pub(super) type Told = (
    String,
    Domain,
    String,
    String,
    NaiveDate,
    NaiveDate,
    Option<String>,
    Option<String>,
    Option<Level>,
    Option<i32>,
    Option<String>,
    Option<String>,
);

/// The columns of [`Told`].
macro_rules! told_columns {
    () => {
        (
            telling::indicator,
            telling::domain,
            telling::also,
            telling::title,
            telling::starts_on,
            telling::ends_on,
            telling::place,
            telling::organiser,
            telling::level,
            telling::minutes,
            telling::attained,
            telling::words,
        )
    };
}
pub(super) use told_columns;

impl From<Told> for Telling {
    fn from(
        (indicator, domain, also, title, starts_on, ends_on, place, organiser, level, minutes, attained, words): Told,
    ) -> Self {
        let also = domains(&also);
        Telling {
            indicator,
            domain,
            also,
            title,
            starts_on,
            ends_on,
            place,
            organiser,
            level,
            minutes,
            attained,
            words,
        }
    }
}

/// The other domains, as one column holds them: codes with blanks between.
pub(super) fn domains(text: &str) -> Vec<Domain> {
    text.split(' ').filter_map(|code| code.parse().ok()).collect()
}

pub(super) fn put_telling(tx: &mut Tx, id: ActivityId, revision: i32, told: &Telling) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    let also: Vec<&str> = told.also.iter().map(|domain| domain.code()).collect();
    tx.put(
        telling::rows,
        (
            (telling::activity_id.eq(id), telling::revision.eq(revision)),
            telling::indicator.eq(told.indicator.clone()),
            telling::domain.eq(told.domain),
            telling::also.eq(also.join(" ")),
            telling::title.eq(told.title.clone()),
            (telling::starts_on.eq(told.starts_on), telling::ends_on.eq(told.ends_on)),
            (telling::place.eq(told.place.clone()), telling::organiser.eq(told.organiser.clone())),
            (telling::level.eq(told.level), telling::minutes.eq(told.minutes)),
            (telling::attained.eq(told.attained.clone()), telling::words.eq(told.words.clone())),
            (telling::account_id.eq(by), telling::at.eq(at)),
        ),
    )?;
    Ok(())
}

/// The highest revision and the text of a telling.
pub(super) fn newest_telling(look: &mut Look, id: ActivityId) -> Result<Option<(i32, Telling)>, Refused> {
    let row: Option<(i32, Told)> = look
        .own(telling::rows)
        .filter(telling::activity_id.eq(id))
        .order(telling::revision.desc())
        .select((telling::revision, told_columns!()))
        .first(look.conn())
        .optional()?;
    Ok(row.map(|(revision, told)| (revision, told.into())))
}
