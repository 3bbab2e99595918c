//! The accepted rows of a dry run wait, sealed, under a token that only its author has.

use crate::access::own::import_waiting;
use crate::access::{Refused, Tx};
use crate::platform::keys::{Keys, random_token};
use chrono::Duration;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

const WAIT: Duration = Duration::hours(1);

/// Lays sealed rows down for an hour; the token takes them out again.
pub fn keep_waiting(tx: &mut Tx, sealed: &[u8]) -> Result<String, Refused> {
    let (now, token) = (tx.now(), random_token());
    let expired = tx.own(import_waiting::rows).filter(import_waiting::expires_at.lt(now));
    diesel::delete(expired).execute(tx.conn())?;
    tx.put(
        import_waiting::rows,
        (
            import_waiting::token_sha256.eq(hex::encode(Sha256::digest(&token))),
            import_waiting::rows_sealed.eq(sealed),
            import_waiting::expires_at.eq(now + WAIT),
        ),
    )?;
    Ok(token)
}

/// What waits under a token, opened and taken out of its waiting. `place` is what it
/// was sealed for: rows of another kind do not open.
///
/// # Errors
/// [`Refused::Conflict`] when it was taken already or the hour is over.
pub fn take_out(tx: &mut Tx, keys: &Keys, place: &str, token: &str) -> Result<Vec<u8>, Refused> {
    let now = tx.now();
    let digest = hex::encode(Sha256::digest(token));
    let waiting = tx.own(import_waiting::rows).filter(import_waiting::token_sha256.eq(&digest));
    let sealed: Option<Vec<u8>> = waiting
        .filter(import_waiting::expires_at.gt(now))
        .select(import_waiting::rows_sealed)
        .first(tx.conn())
        .optional()?;
    let sealed = sealed.ok_or_else(|| Refused::conflict("这次试跑已经收过，或者过了一小时。请重新选文件试跑一次。"))?;
    let used = tx.own(import_waiting::rows).filter(import_waiting::token_sha256.eq(&digest));
    diesel::delete(used).execute(tx.conn())?;
    keys.open(place, &sealed).map_err(Refused::broken)
}
