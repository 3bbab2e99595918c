//! A guardian and a child belong together, and what the guardian has consented to.

use crate::access::{Refused, Tx};
use crate::names::{AccountId, ConsentId, GuardianshipId, StudentId};
use crate::schema::{consent, guardianship};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// How consent was given: the text's version, `phone` or `paper`, and when.
pub(super) struct Consented {
    pub version: i32,
    pub channel: &'static str,
    pub at: NaiveDateTime,
}

/// Binds an account to a child, with the consent given in the same step. Part of an act.
///
/// # Errors
/// [`Refused::Conflict`] where they are bound already.
pub(super) fn bind<S>(
    tx: &mut Tx<S>,
    account: AccountId,
    student: StudentId,
    relation: &str,
    consented: Option<Consented>,
) -> Result<(), Refused> {
    let now = tx.now();
    let bound: i64 = guardianship::table
        .filter(guardianship::account_id.eq(account))
        .filter(guardianship::student_id.eq(student))
        .filter(guardianship::ended_at.is_null())
        .count()
        .get_result(tx.conn())?;
    if bound > 0 {
        return Err(Refused::conflict("您已经绑定过这个孩子，直接登录就能看。"));
    }
    diesel::insert_into(guardianship::table)
        .values((
            guardianship::id.eq(GuardianshipId::new()),
            guardianship::account_id.eq(account),
            guardianship::student_id.eq(student),
            guardianship::relation.eq(relation),
            guardianship::since.eq(now),
        ))
        .execute(tx.conn())?;
    match consented {
        Some(consented) => consent_to(tx, account, student, &consented),
        None => Ok(()),
    }
}

/// Writes consent down: a new row, whatever stood before.
pub(super) fn consent_to<S>(
    tx: &mut Tx<S>,
    account: AccountId,
    student: StudentId,
    consented: &Consented,
) -> Result<(), Refused> {
    diesel::insert_into(consent::table)
        .values((
            consent::id.eq(ConsentId::new()),
            consent::account_id.eq(account),
            consent::student_id.eq(student),
            consent::text_version.eq(consented.version),
            consent::channel.eq(consented.channel),
            consent::given_at.eq(consented.at),
        ))
        .execute(tx.conn())?;
    Ok(())
}
