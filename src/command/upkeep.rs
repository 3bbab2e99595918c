//! What a running server does by itself: at night it signs the heads of the
//! journal and clears what has expired.

use super::beside::go_on;
use super::purge::{chains, evidence_gone};
use crate::access::{Door, Operator, Refused};
use crate::journal;
use crate::roster::schools;
use crate::schema::{session, sign_in_failure, single_use_link, webhook_try};
use chrono::{Days, Duration, Timelike};
use diesel::prelude::*;

const EVERY: std::time::Duration = std::time::Duration::from_secs(600);

pub fn start(door: Door) {
    go_on("upkeep did not finish", EVERY, EVERY, async move || once(&door).await.map(|()| false));
}

/// Signs and clears. The photos of graduates are gone through once a night, by the
/// process that signed it.
///
/// # Errors
/// What the database says; the rest is done the next time.
pub async fn once(door: &Door) -> Result<(), Refused> {
    let (now, kept_for) = (door.house().clock.now(), door.house().kept_for);
    let (operator, keys) = (Operator::at(door), door.house().keys.clone());
    let signed = operator
        .keep_house(move |conn| {
            let signed = now.hour() >= 1 && journal::sign_night(conn, &keys, now.date() - Days::new(1))?;
            let stale = now - Duration::days(2);
            diesel::delete(sign_in_failure::table.filter(sign_in_failure::at.lt(stale))).execute(conn)?;
            diesel::delete(single_use_link::table.filter(single_use_link::expires_at.lt(stale))).execute(conn)?;
            let old = now - kept_for.sessions;
            diesel::delete(session::table.filter(session::seen_at.lt(old))).execute(conn)?;
            diesel::delete(webhook_try::table.filter(webhook_try::begun_at.lt(old))).execute(conn)?;
            for chain in chains(conn)? {
                journal::purge(conn, chain, now, kept_for.detail)?;
            }
            Ok(signed)
        })
        .await?;
    if signed {
        for school in operator.process().look(schools).await? {
            evidence_gone(&operator.school_office(&school.code).await?).await?;
        }
    }
    Ok(())
}
