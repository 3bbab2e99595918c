//! Pupils take other seats, in their class or another, many at once: all stand up before
//! anyone sits down, so that two at one seat are never let in. Lists of the days before
//! keep what they had.

use super::movement::put_class_change;
use crate::access::own::{enrolment, seal};
use crate::access::{Refused, Tx};
use crate::names::{ClassId, EnrolmentId, StudentId};
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

/// Ends the stays and begins the others; answers the new ones. Part of an act.
///
/// # Errors
/// [`Refused::Conflict`] when a stay is not what it was, or began that day or later; or
/// when the day lies in a term a pupil's file is sealed for.
pub fn reseat(tx: &mut Tx, moves: &[Reseating], on: NaiveDate, reason: &str) -> Result<Vec<EnrolmentId>, Refused> {
    const CHANGED: &str = "看过以后名单又变了，什么都没有改。请重新试一次。";
    let students: Vec<StudentId> = moves.iter().map(|moved| moved.student).collect();
    let sealed: Option<NaiveDateTime> = tx
        .own(seal::rows)
        .filter(seal::student_id.eq_any(&students))
        .select(seal::at)
        .order(seal::at.desc())
        .first(tx.conn())
        .optional()?;
    if sealed.is_some_and(|at| on <= at.date()) {
        return Err(Refused::conflict("这一天所在的学期已经归档，谁在哪个班不能再变。请写归档以后的日子。"));
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
