//! The county's own staff: one person, one of three duties.

use crate::access::{Act, CountyWide, Look, Refused, Tx};
use crate::account::{NewAccount, insert_account};
use crate::names::{AccountId, Duty, MembershipId, Role};
use crate::schema::{account, county_duty, membership, second_factor};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Someone of the county's office.
#[derive(Clone, Debug)]
pub struct CountyStaff {
    pub account: AccountId,
    pub name: String,
    pub login: String,
    pub duty: Duty,
    pub second_factor: bool,
    /// Has set a password.
    pub entered: bool,
}

/// Everyone of the county's office, by login.
pub fn county_staff(look: &mut Look<CountyWide>) -> Result<Vec<CountyStaff>, Refused> {
    let today = look.today();
    let rows: Vec<(AccountId, String, String, Duty, Option<NaiveDateTime>, Option<NaiveDateTime>)> = membership::table
        .inner_join(county_duty::table.on(county_duty::account_id.eq(membership::account_id)))
        .inner_join(account::table.on(account::id.eq(membership::account_id)))
        .left_join(second_factor::table.on(second_factor::account_id.eq(account::id)))
        .filter(membership::role.eq(Role::County.code()))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .order(account::login)
        .select((
            account::id,
            account::name,
            account::login,
            county_duty::duty,
            second_factor::confirmed_at.nullable(),
            account::password_at,
        ))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|(account, name, login, duty, second, password)| CountyStaff {
            account,
            name,
            login,
            duty,
            second_factor: second.is_some(),
            entered: password.is_some(),
        })
        .collect())
}

/// Someone new becomes one of the county's office, with one duty. It is given with the
/// account, by somebody else, and never changed: so nobody has two, and nobody gives
/// herself one.
#[derive(Serialize)]
pub struct AppointCounty {
    pub new: NewAccount,
    pub duty: Duty,
}

impl Act<CountyWide> for AppointCounty {
    const VERB: &'static str = "county_appointed";
    type Done = AccountId;

    fn about(&self) -> serde_json::Value {
        json!({ "duty": self.duty })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<AccountId, Refused> {
        let (now, today, by) = (tx.now(), tx.today(), tx.by().account());
        let account = insert_account(tx.conn(), &self.new, now)?;
        diesel::insert_into(membership::table)
            .values((
                membership::id.eq(MembershipId::new()),
                membership::account_id.eq(account),
                membership::role.eq(Role::County.code()),
                membership::since.eq(today),
            ))
            .execute(tx.conn())?;
        diesel::insert_into(county_duty::table)
            .values((
                county_duty::account_id.eq(account),
                county_duty::duty.eq(self.duty),
                county_duty::since.eq(today),
                county_duty::granted_by.eq(by),
            ))
            .execute(tx.conn())?;
        Ok(account)
    }
}
