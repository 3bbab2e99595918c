//! The county's office: sees that things are done everywhere, never a child.
//! What it can read of the schools are classes and their stages; no method here
//! yields a pupil, a band or a word about one.

use super::act::Scope;
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::own::{Owned, class, print_run, signature};
use super::{CountyWide, Desk, Look, Refused, Shell};
use crate::journal::COUNTY_CHAIN;
use crate::names::{Role, SchoolId};
use crate::platform::db::{Conn, Reach};
use crate::schema::membership;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use diesel::prelude::*;
use std::ops::Deref;

#[derive(Clone)]
pub struct County {
    desk: Desk<CountyWide>,
    process: Desk<EverySchool>,
    shell: Shell,
}

found_behind_its_keeper!(County);

impl Deref for County {
    type Target = Desk<CountyWide>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl County {
    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// Reads how far the classes of all schools are.
    pub async fn look_at_process<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Look<EverySchool>) -> Result<T, Refused> + Send + 'static,
    {
        self.process.look(f).await
    }
}

/// All schools, but only what tells of process.
#[derive(Clone, Debug)]
pub struct EverySchool(());

impl EverySchool {
    pub(in crate::access) fn granted() -> Self {
        EverySchool(())
    }
}

impl Scope for EverySchool {
    fn reach(&self) -> Reach {
        Reach::All
    }

    fn chain(&self) -> SchoolId {
        COUNTY_CHAIN
    }
}

/// Tables that tell of classes and stages, not of pupils.
pub trait OfProcess: Owned {}

impl OfProcess for class::rows {}
impl OfProcess for print_run::rows {}
impl OfProcess for signature::rows {}

impl Look<'_, EverySchool> {
    /// Where a query over the process of all schools starts.
    pub fn process<R: OfProcess>(&self, rows: R) -> R::Table {
        rows.table()
    }
}

pub(in crate::access) fn admit(conn: &mut Conn, entering: &Entering) -> Result<County, Refused> {
    let today = entering.now.date();
    let held: i64 = membership::table
        .filter(membership::account_id.eq(entering.who.account))
        .filter(membership::role.eq(Role::County.code()))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .count()
        .get_result(conn)?;
    if held == 0 {
        return Err(Refused::NotFound);
    }
    entering.who.check_fresh(Role::County, entering.now)?;
    entering.who.check_second_factor(entering.door.house())?;
    let place = entering.door.house().county.clone();
    Ok(County {
        desk: Desk::of(entering.door.clone(), entering.actor(Role::County), CountyWide),
        process: Desk::of(entering.door.clone(), entering.actor(Role::County), EverySchool(())),
        shell: Shell::of(entering, Role::County, place, None),
    })
}

/// Keeps the door of `/county`.
pub async fn county_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, admit).await
}
