//! The county's office: three duties, each with a grant of its own, none of which yields
//! a pupil, a band or a word about one. Whoever holds one is a stranger to the other two.

mod audit;
mod security;
mod system;

pub use audit::{CountyAudit, county_audit_only};
pub use security::{CountySecurity, county_security_only};
pub(in crate::access) use system::admitted;
pub use system::{BeforeCounty, CountySystem, EverySchool, before_county, county_system_only};

use super::keeper::Entering;
use super::{CountyWide, Desk, Refused, Shell};
use crate::names::{AccountId, Duty, Role};
use crate::platform::db::Conn;
use crate::schema::{county_duty, membership};
use chrono::NaiveDate;
use diesel::prelude::*;

/// The duty of an account that is one of the county's on that day.
pub(in crate::access) fn duty_of(
    conn: &mut Conn,
    account: AccountId,
    today: NaiveDate,
) -> Result<Option<Duty>, Refused> {
    Ok(membership::table
        .inner_join(county_duty::table.on(county_duty::account_id.eq(membership::account_id)))
        .filter(membership::account_id.eq(account))
        .filter(membership::role.eq(Role::County.code()))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .select(county_duty::duty)
        .first(conn)
        .optional()?)
}

/// The desk of who holds this duty, and no other.
fn desk_of(conn: &mut Conn, entering: &Entering, duty: Duty) -> Result<(Desk<CountyWide>, Shell), Refused> {
    if duty_of(conn, entering.who.account, entering.now.date())? != Some(duty) {
        return Err(Refused::NotFound);
    }
    let role = duty.role();
    entering.who.check_fresh(role, entering.now)?;
    entering.who.check_second_factor(entering.door.house())?;
    let place = entering.door.house().county.clone();
    let desk = Desk::of(entering.door.clone(), entering.actor(role), CountyWide);
    Ok((desk, Shell::of(entering, role, place, None)))
}
