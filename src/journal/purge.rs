//! What the law lets go: details whose time is over. A line says which were removed,
//! in the transaction that removes them; the lines themselves stay for ever.

use super::{Entry, take_line};
use crate::names::{Role, SchoolId};
use crate::platform::db::Conn;
use crate::schema::{journal, journal_detail};
use chrono::{Months, NaiveDateTime};
use diesel::prelude::*;
use serde_json::json;

/// How many one line names at most.
const STRETCH: i64 = 2_000;

/// The oldest details of a chain, up to a stretch, from before `before`.
pub fn overdue(conn: &mut Conn, chain: SchoolId, before: NaiveDateTime) -> QueryResult<Vec<i64>> {
    let oldest: Vec<i64> = journal_detail::table
        .filter(journal_detail::school_id.eq(chain.0))
        .order(journal_detail::n)
        .limit(STRETCH)
        .select(journal_detail::n)
        .load(conn)?;
    // In a chain what comes later happened later.
    journal::table
        .filter(journal::school_id.eq(chain.0))
        .filter(journal::n.eq_any(oldest))
        .filter(journal::at.lt(before))
        .order(journal::n)
        .select(journal::n)
        .load(conn)
}

/// Removes a stretch of details kept longer than `kept` and says so in the chain; how
/// many they were.
pub fn purge(conn: &mut Conn, chain: SchoolId, now: NaiveDateTime, kept: Months) -> QueryResult<usize> {
    let before = now - kept;
    if overdue(conn, chain, before)?.is_empty() {
        return Ok(0);
    }
    let line = take_line(conn, chain)?;
    // Once more behind the lock: another process may have done it meanwhile.
    let lines = overdue(conn, chain, before)?;
    let named: Vec<_> = lines.iter().map(|n| json!({ "n": n })).collect();
    let about = json!({ "purged": named }).to_string();
    let detail = json!({ "older_than": before }).to_string();
    let entry = Entry { at: now, account: None, role: Role::Operator, verb: "purged", about: &about, detail: &detail };
    line.write(conn, &entry)?;
    let gone =
        journal_detail::table.filter(journal_detail::school_id.eq(chain.0)).filter(journal_detail::n.eq_any(lines));
    diesel::delete(gone).execute(conn)
}
