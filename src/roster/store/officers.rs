//! Whom the county's security lets in: its own staff and the schools' officers. Their
//! accounts, never their work.

use super::duty::county_staff;
use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx};
use crate::account::{LinkMade, SecondFactorOff, close_if_unneeded};
use crate::names::{AccountId, Role};
use crate::schema::{account, membership, school, second_factor};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Someone of a school's office, or its principal.
#[derive(Clone, Debug)]
pub struct Officer {
    pub account: AccountId,
    pub name: String,
    pub login: String,
    pub school: String,
    pub role: String,
    pub second_factor: bool,
    /// Has set a password.
    pub entered: bool,
}

/// Every office and principal, by the codes of their schools.
pub fn officers(look: &mut Look<CountyWide>) -> Result<Vec<Officer>, Refused> {
    let today = look.today();
    let rows: Vec<(AccountId, String, String, String, String, Option<NaiveDateTime>, Option<NaiveDateTime>)> =
        membership::table
            .inner_join(account::table.on(account::id.eq(membership::account_id)))
            .inner_join(school::table.on(school::id.nullable().eq(membership::school_id)))
            .left_join(second_factor::table.on(second_factor::account_id.eq(account::id)))
            .filter(membership::role.eq_any(["office", "principal"]))
            .filter(membership::until.is_null().or(membership::until.gt(today)))
            .order((school::code, membership::role, account::login))
            .select((
                account::id,
                account::name,
                account::login,
                school::name,
                membership::role,
                second_factor::confirmed_at.nullable(),
                account::password_at,
            ))
            .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|(account, name, login, school, role, second, password)| Officer {
            account,
            name,
            login,
            school,
            role,
            second_factor: second.is_some(),
            entered: password.is_some(),
        })
        .collect())
}

/// Whether an account is an officer's, of any school or of the county: such accounts
/// are let in by the county, not by a colleague.
pub fn is_officer<S: Scope>(look: &mut Look<S>, wanted: AccountId) -> Result<bool, Refused> {
    let today = look.today();
    let held: i64 = membership::table
        .filter(membership::account_id.eq(wanted))
        .filter(membership::role.eq_any(["office", "principal", "county", "supervisor"]))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .count()
        .get_result(look.conn())?;
    Ok(held > 0)
}

/// Whether an account is one that security looks after: of the county's staff or a
/// school's officer, and not one's own.
///
/// # Errors
/// [`Refused::NotFound`] for anyone else; [`Refused::Conflict`] for oneself.
pub fn managed(tx: &mut Tx<CountyWide>, wanted: AccountId) -> Result<(), Refused> {
    let of_a_school = officers(tx)?.into_iter().any(|officer| officer.account == wanted);
    let of_the_county = county_staff(tx)?.into_iter().any(|one| one.account == wanted);
    match of_a_school || of_the_county {
        false => Err(Refused::NotFound),
        true if tx.by().account() == Some(wanted) => Err(Refused::conflict(
            "自己的账号不能由自己处理，请另一位安全管理员，或在服务器上用 qinghe account reset。",
        )),
        true => Ok(()),
    }
}

/// A new single-use link for one of them.
///
/// # Errors
/// As [`managed`].
pub fn officer_link(tx: &mut Tx<CountyWide>, wanted: AccountId) -> Result<LinkMade, Refused> {
    managed(tx, wanted)?;
    Ok(LinkMade { account: wanted })
}

/// One of them has lost the phone, and the paper codes too.
///
/// # Errors
/// As [`officer_link`].
pub fn officer_without_phone(tx: &mut Tx<CountyWide>, wanted: AccountId) -> Result<SecondFactorOff, Refused> {
    managed(tx, wanted)?;
    Ok(SecondFactorOff { account: wanted })
}

/// Someone leaves a school's office, its head, or the county: the office ends today, and
/// the account with it when it holds nothing else.
#[derive(Serialize)]
pub struct OfficerLeft {
    account: AccountId,
}

impl OfficerLeft {
    /// # Errors
    /// As [`officer_link`].
    pub fn of(tx: &mut Tx<CountyWide>, wanted: AccountId) -> Result<Self, Refused> {
        managed(tx, wanted)?;
        Ok(OfficerLeft { account: wanted })
    }
}

impl Act<CountyWide> for OfficerLeft {
    const VERB: &'static str = "officer_left";
    type Done = bool;

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<bool, Refused> {
        let (now, today) = (tx.now(), tx.today());
        let held = membership::table
            .filter(membership::account_id.eq(self.account))
            .filter(membership::role.eq_any([Role::SchoolOffice.code(), Role::Principal.code(), Role::County.code()]))
            .filter(membership::until.is_null());
        diesel::update(held).set(membership::until.eq(today)).execute(tx.conn())?;
        close_if_unneeded(tx.conn(), self.account, now, today)
    }
}
