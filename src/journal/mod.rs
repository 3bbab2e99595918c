//! The journal: what was done, by whom, when, in one chain per school and one
//! for the county (chain 0). A line is written in the transaction of the act it
//! tells of, and carries the hash of the line before it. What was done in full
//! lies beside the line, bound to it by a salted hash, so that the law's right
//! to deletion can be met without breaking the chain.

mod check;
mod night;
mod purge;

pub use check::{Break, ChainReport, check};
pub use night::{nights_heads, sign_night};
pub use purge::{overdue, purge};

use crate::names::{AccountId, Role, SchoolId};
use crate::platform::db::Conn;
use crate::schema::{journal, journal_detail, journal_head};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The chain of the county's own acts.
pub const COUNTY_CHAIN: SchoolId = SchoolId(0);

/// What an act leaves in the journal.
pub struct Entry<'a> {
    pub at: NaiveDateTime,
    /// `None` for someone at the server's command line.
    pub account: Option<AccountId>,
    pub role: Role,
    pub verb: &'static str,
    /// Opaque ids only: whom and what the act is about, as JSON.
    pub about: &'a str,
    /// The whole act as JSON; kept apart from the chained line.
    pub detail: &'a str,
}

/// The next free line of one chain, held until its entry is written.
pub struct Line {
    chain: SchoolId,
    n: i64,
    previous: String,
}

/// Begins the chain of a school, or the county's.
pub fn begin(conn: &mut Conn, chain: SchoolId) -> QueryResult<()> {
    diesel::insert_into(journal_head::table)
        .values((journal_head::school_id.eq(chain.0), journal_head::n.eq(0), journal_head::sha256.eq("")))
        .execute(conn)?;
    Ok(())
}

/// Takes the next line of a chain. The head stays locked until the transaction
/// ends, so acts of one school follow each other and see each other's outcome.
pub fn take_line(conn: &mut Conn, chain: SchoolId) -> QueryResult<Line> {
    let (n, previous) = diesel::update(journal_head::table.find(chain.0))
        .set(journal_head::n.eq(journal_head::n + 1))
        .returning((journal_head::n, journal_head::sha256))
        .get_result(conn)?;
    Ok(Line { chain, n, previous })
}

/// The head of a chain as it stood before the act under way, which has taken its
/// line already: how many lines, and the last one's hash.
pub fn head_before_this_act(conn: &mut Conn, chain: SchoolId) -> QueryResult<(i64, String)> {
    let (n, sha256): (i64, String) =
        journal_head::table.find(chain.0).select((journal_head::n, journal_head::sha256)).first(conn)?;
    Ok((n - 1, sha256))
}

impl Line {
    pub fn write(self, conn: &mut Conn, entry: &Entry) -> QueryResult<()> {
        let salt = crate::platform::keys::random_token();
        let detail_sha256 = salted(&salt, entry.detail);
        let sha256 = chained(&self.previous, &Told::of(&self, entry, &detail_sha256));
        diesel::insert_into(journal::table)
            .values((
                journal::school_id.eq(self.chain.0),
                journal::n.eq(self.n),
                journal::at.eq(entry.at),
                journal::account_id.eq(entry.account),
                journal::role.eq(entry.role.code()),
                journal::verb.eq(entry.verb),
                journal::about.eq(entry.about),
                journal::detail_sha256.eq(&detail_sha256),
                journal::sha256.eq(&sha256),
            ))
            .execute(conn)?;
        diesel::insert_into(journal_detail::table)
            .values((
                journal_detail::school_id.eq(self.chain.0),
                journal_detail::n.eq(self.n),
                journal_detail::salt.eq(&salt),
                journal_detail::detail.eq(entry.detail),
            ))
            .execute(conn)?;
        diesel::update(journal_head::table.find(self.chain.0)).set(journal_head::sha256.eq(&sha256)).execute(conn)?;
        Ok(())
    }
}

/// A line as it is hashed: a JSON array in this order of fields.
#[derive(Serialize)]
struct Told<'a>(i32, i64, String, Option<AccountId>, &'a str, &'a str, &'a str, &'a str);

impl<'a> Told<'a> {
    fn of(line: &Line, entry: &'a Entry, detail_sha256: &'a str) -> Self {
        Told(
            line.chain.0,
            line.n,
            moment(entry.at),
            entry.account,
            entry.role.code(),
            entry.verb,
            entry.about,
            detail_sha256,
        )
    }
}

fn moment(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// SHA-256(previous hash ‖ line as JSON), hex.
fn chained(previous: &str, told: &Told) -> String {
    let line = serde_json::to_string(told).expect("a line is plain data");
    let mut hash = Sha256::new();
    hash.update(previous.as_bytes());
    hash.update(line.as_bytes());
    hex::encode(hash.finalize())
}

/// SHA-256(salt ‖ detail), hex.
fn salted(salt: &str, detail: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    hash.update(detail.as_bytes());
    hex::encode(hash.finalize())
}
