//! An account that was tried too often, and its lock taken off before its time.

use super::sign_in::{MOST_PER_STRANGE_DEVICE, WINDOW};
use crate::access::{Act, Look, Refused, Scope, Tx};
use crate::names::AccountId;
use crate::platform::keys::Keys;
use crate::schema::{account, sign_in_failure};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Which of some logins were tried so often that somewhere one has to wait by now.
pub fn locked_among<S>(look: &mut Look<S>, keys: &Keys, logins: &[&str]) -> Result<HashSet<String>, Refused> {
    let of: HashMap<String, String> =
        logins.iter().map(|login| (keys.fingerprint("login", login), (*login).to_owned())).collect();
    let since = look.now() - WINDOW;
    let tried: Vec<(String, i64)> = sign_in_failure::table
        .filter(sign_in_failure::at.gt(since))
        .filter(sign_in_failure::login_hash.eq_any(of.keys().collect::<Vec<_>>()))
        .group_by((sign_in_failure::login_hash, sign_in_failure::network, sign_in_failure::device_id))
        .select((sign_in_failure::login_hash, diesel::dsl::count_star()))
        .load(look.conn())?;
    let locked = tried.into_iter().filter(|(_, times)| *times >= MOST_PER_STRANGE_DEVICE);
    Ok(locked.filter_map(|(hash, _)| of.get(&hash).cloned()).collect())
}

/// What an account's owner, or somebody else, typed wrong is forgotten: it may be tried
/// again at once.
#[derive(Serialize)]
pub struct AccountUnlocked {
    account: AccountId,
    #[serde(skip)]
    login_hash: String,
}

impl AccountUnlocked {
    /// # Errors
    /// [`Refused::NotFound`] for an account there is not; [`Refused::Conflict`] when
    /// nobody typed anything wrong.
    pub fn of<S>(tx: &mut Tx<S>, keys: &Keys, wanted: AccountId) -> Result<Self, Refused> {
        let login: Option<String> = account::table.find(wanted).select(account::login).first(tx.conn()).optional()?;
        let login_hash = keys.fingerprint("login", &login.ok_or(Refused::NotFound)?);
        let failures: i64 =
            sign_in_failure::table.filter(sign_in_failure::login_hash.eq(&login_hash)).count().get_result(tx.conn())?;
        if failures == 0 {
            return Err(Refused::conflict("这个账号没有锁。"));
        }
        Ok(AccountUnlocked { account: wanted, login_hash })
    }
}

impl<S: Scope> Act<S> for AccountUnlocked {
    const VERB: &'static str = "account_unlocked";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<S>) -> Result<(), Refused> {
        let failures = sign_in_failure::table.filter(sign_in_failure::login_hash.eq(&self.login_hash));
        diesel::delete(failures).execute(tx.conn())?;
        Ok(())
    }
}
