//! Pupils take other seats, in their class or another, many at once: all stand up before
//! anyone sits down, so that two at one seat are never let in. Lists of the days before
//! keep what they had.

use super::movement::put_class_change;
use crate::access::own::{enrolment, seal};
use crate::access::{Refused, Tx};
use crate::names::{ClassId, EnrolmentId, StudentId};
use crate::schema::term;
use chrono::{Days, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// One pupil's new seat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reseating {
    pub student: StudentId,
    /// The stay that ends the day before.
    pub stay: EnrolmentId,
    pub from: ClassId,
    pub to: ClassId,
    pub seat: i32,
    pub auxiliary: Option<String>,
}

/// Until which day it stands who of these was in which class: the newest of their sealed
/// terms, to its end or to its seal if that came before. What was brought in from paper or
/// corrected later says nothing of the days in between.
pub(super) fn sealed_until(tx: &mut Tx, students: &[StudentId]) -> Result<Option<NaiveDate>, Refused> {
    let sealed: Vec<(NaiveDateTime, NaiveDate)> = tx
        .own(seal::rows)
        .inner_join(term::table.on(term::id.eq(seal::term)))
        .filter(seal::student_id.eq_any(students))
        .filter(seal::part.eq("term"))
        .filter(seal::version.eq(1))
        .select((seal::at, term::ends_on))
        .load(tx.conn())?;
    Ok(sealed.into_iter().map(|(at, ends_on)| at.date().min(ends_on)).max())
}

/// Ends the stays and begins the others; answers the new ones. Part of an act.
///
/// # Errors
/// [`Refused::Conflict`] when a stay is not what it was, or began that day or later; or
/// when the day lies in a term a pupil's file is sealed for.
pub fn reseat(tx: &mut Tx, moves: &[Reseating], on: NaiveDate, reason: &str) -> Result<Vec<EnrolmentId>, Refused> {
    const CHANGED: &str = "看过以后名单又变了，什么都没有改。请重新试一次。";
    let students: Vec<StudentId> = moves.iter().map(|moved| moved.student).collect();
    if let Some(day) = sealed_until(tx, &students)?
        && on <= day
    {
        return Err(Refused::conflict(format!("{day} 以前已经归档，谁在哪个班不能再变。请写这一天以后的日子。")));
    }
    for moved in moves {
        let stay = tx
            .own(enrolment::rows)
            .filter(enrolment::id.eq(moved.stay))
            .filter(enrolment::class_id.eq(moved.from))
            .filter(enrolment::left_on.is_null())
            .filter(enrolment::entered_on.lt(on));
        if diesel::update(stay).set(enrolment::left_on.eq(on - Days::new(1))).execute(tx.conn())? == 0 {
            return Err(Refused::conflict(CHANGED));
        }
    }
    let mut begun = Vec::with_capacity(moves.len());
    for moved in moves {
        let id = EnrolmentId::new();
        let put = tx.put(
            enrolment::rows,
            (
                enrolment::id.eq(id),
                enrolment::student_id.eq(moved.student),
                enrolment::class_id.eq(moved.to),
                enrolment::seat.eq(moved.seat),
                enrolment::auxiliary.eq(moved.auxiliary.clone()),
                enrolment::entered_on.eq(on),
            ),
        );
        put.map_err(|error| {
            let taken = error.to_string().to_lowercase().contains("unique");
            if taken { Refused::conflict(CHANGED) } else { error.into() }
        })?;
        if moved.from != moved.to {
            put_class_change(tx, moved.student, on, reason, moved.from, moved.to)?;
        }
        begun.push(id);
    }
    Ok(begun)
}
