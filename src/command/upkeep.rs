//! What a running server does by itself: at night it signs the heads of the
//! journal and clears what has expired.

use crate::access::{Door, Operator, Refused};
use crate::journal;
use crate::schema::{session, sign_in_failure, single_use_link};
use chrono::{Days, Duration, Timelike};
use diesel::prelude::*;

const EVERY: std::time::Duration = std::time::Duration::from_secs(600);
/// 网络安全法 21: sign-ins are kept for at least six months.
const SESSIONS_KEPT: Days = Days::new(190);

pub fn start(door: Door) {
    actix_web::rt::spawn(async move {
        loop {
            if let Err(refused) = once(&door).await {
                tracing::error!(%refused, "upkeep did not finish");
            }
            actix_web::rt::time::sleep(EVERY).await;
        }
    });
}

async fn once(door: &Door) -> Result<(), Refused> {
    let now = door.house().clock.now();
    let keys = door.house().keys.clone();
    Operator::at(door)
        .keep_house(move |conn| {
            if now.hour() >= 1 {
                journal::sign_night(conn, &keys, now.date() - Days::new(1))?;
            }
            let stale = now - Duration::days(2);
            diesel::delete(sign_in_failure::table.filter(sign_in_failure::at.lt(stale))).execute(conn)?;
            diesel::delete(single_use_link::table.filter(single_use_link::expires_at.lt(stale))).execute(conn)?;
            let old = now - SESSIONS_KEPT;
            diesel::delete(session::table.filter(session::seen_at.lt(old))).execute(conn)?;
            for chain in super::purge::chains(conn)? {
                journal::purge(conn, chain, now)?;
            }
            Ok(())
        })
        .await
}
