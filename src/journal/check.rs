//! Walks every chain and says whether it is whole.

use super::night::signed_heads;
use super::{Told, chained, moment, salted};
use crate::names::AccountId;
use crate::platform::db::Conn;
use crate::platform::keys::Keys;
use crate::schema::{journal, journal_detail, journal_head};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// What was found in one chain; chain 0 is the county's.
#[derive(Debug, PartialEq, Eq)]
pub struct ChainReport {
    pub chain: i32,
    pub lines: i64,
    /// Lines whose detail a journalled purge has removed.
    pub purged: Vec<i64>,
    /// The first line that does not fit, and why.
    pub broken: Option<(i64, Break)>,
}

/// What is wrong at a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    LineMissing,
    LineChanged,
    DetailChanged,
    /// The detail is gone, and no purge says so.
    DetailLost,
    EndMissing,
    /// The line is not the one whose hash was signed that night.
    NotAsSigned,
    /// A night's signed head lies beyond the last line.
    SignedBeyondEnd,
    /// The signature over a night's heads does not verify.
    NightForged,
}

#[derive(Queryable)]
struct Row {
    n: i64,
    at: NaiveDateTime,
    account: Option<AccountId>,
    role: String,
    verb: String,
    about: String,
    detail_sha256: String,
    sha256: String,
}

/// How many lines are looked at together.
const STRETCH: i64 = 2_000;

/// Walks every chain from its first line to its head, and compares it with the
/// heads signed at night.
pub fn check(conn: &mut Conn, keys: &Keys) -> QueryResult<Vec<ChainReport>> {
    let heads: Vec<(i32, i64, String)> = journal_head::table.order(journal_head::school_id).load(conn)?;
    let mut signed: HashMap<i32, Vec<(i64, String)>> = HashMap::new();
    let nights = signed_heads(conn, keys)?;
    for (chain, n, sha256) in nights.heads {
        signed.entry(chain).or_default().push((n, sha256));
    }
    let mut reports = Vec::new();
    for (chain, n, sha256) in heads {
        let mut report = walk(conn, chain, n, &sha256, signed.get(&chain).map_or(&[], Vec::as_slice))?;
        if chain == super::COUNTY_CHAIN.0 && nights.forged && report.broken.is_none() {
            report.broken = Some((n, Break::NightForged));
        }
        reports.push(report);
    }
    Ok(reports)
}

fn walk(
    conn: &mut Conn,
    chain: i32,
    head_n: i64,
    head_sha256: &str,
    signed: &[(i64, String)],
) -> QueryResult<ChainReport> {
    let mut report = ChainReport { chain, lines: 0, purged: Vec::new(), broken: None };
    let (mut previous, mut unexplained, mut explained) = (String::new(), Vec::new(), HashSet::new());
    loop {
        let from = report.lines;
        let rows: Vec<Row> = journal::table
            .filter(journal::school_id.eq(chain))
            .filter(journal::n.gt(from))
            .order(journal::n)
            .limit(STRETCH)
            .select((
                journal::n,
                journal::at,
                journal::account_id,
                journal::role,
                journal::verb,
                journal::about,
                journal::detail_sha256,
                journal::sha256,
            ))
            .load(conn)?;
        let Some(last) = rows.last().map(|row| row.n) else { break };
        let details: HashMap<i64, (String, String)> = journal_detail::table
            .filter(journal_detail::school_id.eq(chain))
            .filter(journal_detail::n.gt(from))
            .filter(journal_detail::n.le(last))
            .select((journal_detail::n, journal_detail::salt, journal_detail::detail))
            .load::<(i64, String, String)>(conn)?
            .into_iter()
            .map(|(n, salt, detail)| (n, (salt, detail)))
            .collect();
        for row in rows {
            report.broken = fault(chain, &row, report.lines + 1, &previous, details.get(&row.n), signed);
            if report.broken.is_some() {
                return Ok(report);
            }
            if !details.contains_key(&row.n) {
                unexplained.push(row.n);
            }
            if row.verb == "purged" {
                explained.extend(purged_lines(&row.about));
            }
            report.lines = row.n;
            previous = row.sha256;
        }
    }
    let (purged, lost): (Vec<i64>, Vec<i64>) = unexplained.into_iter().partition(|n| explained.contains(n));
    report.purged = purged;
    report.broken = if let Some(n) = lost.first() {
        Some((*n, Break::DetailLost))
    } else if head_n != report.lines || head_sha256 != previous {
        Some((report.lines + 1, Break::EndMissing))
    } else if let Some((n, _)) = signed.iter().find(|(n, _)| *n > report.lines) {
        Some((*n, Break::SignedBeyondEnd))
    } else {
        None
    };
    Ok(report)
}

fn fault(
    chain: i32,
    row: &Row,
    expected: i64,
    previous: &str,
    detail: Option<&(String, String)>,
    signed: &[(i64, String)],
) -> Option<(i64, Break)> {
    if row.n != expected {
        return Some((expected, Break::LineMissing));
    }
    let told = Told(chain, row.n, moment(row.at), row.account, &row.role, &row.verb, &row.about, &row.detail_sha256);
    if chained(previous, &told) != row.sha256 {
        return Some((row.n, Break::LineChanged));
    }
    if detail.is_some_and(|(salt, detail)| salted(salt, detail) != row.detail_sha256) {
        return Some((row.n, Break::DetailChanged));
    }
    if signed.iter().any(|(n, sha256)| *n == row.n && *sha256 != row.sha256) {
        return Some((row.n, Break::NotAsSigned));
    }
    None
}

/// The lines a purge names: `{"purged":[{"n":17},…]}`.
fn purged_lines(about: &str) -> Vec<i64> {
    let about: serde_json::Value = serde_json::from_str(about).unwrap_or(serde_json::Value::Null);
    let lines = about.get("purged").and_then(|lines| lines.as_array()).cloned();
    lines.into_iter().flatten().filter_map(|line| line.get("n")?.as_i64()).collect()
}
