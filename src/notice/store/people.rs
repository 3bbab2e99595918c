//! Who may answer an objection: never whoever wrote what is objected to, nor whoever
//! objects.

use crate::access::{Look, Refused};
use crate::names::AccountId;
use crate::schema::{account, membership};
use diesel::prelude::*;

/// Someone of the school's office, or its principal.
#[derive(Clone, Debug)]
pub struct Handler {
    pub account: AccountId,
    pub name: String,
    pub is_principal: bool,
}

/// Those at the school's desks who may answer, the office before the principal.
pub fn handlers(look: &mut Look, not: &[AccountId]) -> Result<Vec<Handler>, Refused> {
    let (school, today) = (look.school(), look.today());
    let rows: Vec<(AccountId, String, String)> = membership::table
        .inner_join(account::table.on(account::id.eq(membership::account_id)))
        .filter(membership::school_id.eq(school))
        .filter(membership::role.eq_any(["office", "principal"]))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .filter(account::disabled_at.is_null())
        .order((membership::role, account::login))
        .select((account::id, account::name, membership::role))
        .load(look.conn())?;
    let mut handlers: Vec<Handler> = Vec::new();
    for (account, name, role) in rows {
        let known = handlers.iter().any(|handler| handler.account == account);
        if !known && !not.contains(&account) {
            handlers.push(Handler { account, name, is_principal: role == "principal" });
        }
    }
    Ok(handlers)
}
