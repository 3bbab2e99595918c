//! The heads of all chains, signed once a night: whoever rewrites a chain later
//! would have to forge the county's key.

use crate::platform::db::Conn;
use crate::platform::keys::Keys;
use crate::schema::{journal_head, journal_night};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

const TYP: &str = "journal-heads+jwt";

/// `(chain, n, sha256)` of every chain at the end of a night.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Heads {
    night: NaiveDate,
    heads: Vec<(i32, i64, String)>,
}

/// The heads as they stand now, signed (ES256 JWS) for the night of `night`.
pub fn nights_heads(conn: &mut Conn, keys: &Keys, night: NaiveDate) -> QueryResult<String> {
    let heads = journal_head::table
        .filter(journal_head::n.gt(0))
        .order(journal_head::school_id)
        .load::<(i32, i64, String)>(conn)?;
    keys.sign(TYP, &Heads { night, heads }).map_err(|e| diesel::result::Error::QueryBuilderError(e.into()))
}

/// Signs the night unless that was done already; says whether it did.
pub fn sign_night(conn: &mut Conn, keys: &Keys, night: NaiveDate) -> QueryResult<bool> {
    let done = diesel::select(diesel::dsl::exists(journal_night::table.find(night))).get_result::<bool>(conn)?;
    if done {
        return Ok(false);
    }
    let heads = nights_heads(conn, keys, night)?;
    diesel::insert_into(journal_night::table)
        .values((journal_night::night.eq(night), journal_night::heads.eq(heads)))
        .execute(conn)?;
    Ok(true)
}

pub(super) struct SignedHeads {
    pub heads: Vec<(i32, i64, String)>,
    pub forged: bool,
}

/// Every head signed so far, and whether one of the signatures is not ours.
pub(super) fn signed_heads(conn: &mut Conn, keys: &Keys) -> QueryResult<SignedHeads> {
    let nights: Vec<(NaiveDate, String)> = journal_night::table.order(journal_night::night).load(conn)?;
    let mut found = SignedHeads { heads: Vec::new(), forged: false };
    for (night, token) in nights {
        let heads: Option<Heads> = keys.verify(TYP, &token);
        match heads {
            Some(heads) if heads.night == night => found.heads.extend(heads.heads),
            _ => found.forged = true,
        }
    }
    Ok(found)
}
