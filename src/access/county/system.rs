//! 系统管理: sees that things are done everywhere, never a child. What it can read of
//! the schools are classes and their stages.

use super::super::act::Scope;
use super::super::keeper::{Entering, found_behind_its_keeper, keep};
use super::super::own::{Owned, class, objection, objection_step, print_run, signature};
use super::super::{Act, CountyWide, Desk, InSchool, Look, Refused, Shell, Tx};
use super::desk_of;
use crate::journal::COUNTY_CHAIN;
use crate::names::{AccountId, ClassName, Cohort, Domain, Duty, ObjectionId, SchoolId, Term};
use crate::platform::db::{Conn, Reach};
use crate::schema::{account, school};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::BTreeMap;
use std::ops::Deref;

#[derive(Clone)]
pub struct CountySystem {
    desk: Desk<CountyWide>,
    process: Desk<EverySchool>,
    shell: Shell,
}

found_behind_its_keeper!(CountySystem);

impl Deref for CountySystem {
    type Target = Desk<CountyWide>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl CountySystem {
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

    /// Acts at the school of an objection that lies before the county and waits: takes it
    /// up there. What it is about the county then sees through a case, in no other way.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for an objection that does not lie here; as `prepare`.
    pub async fn take_up<A, F>(&self, id: ObjectionId, prepare: F) -> Result<A::Done, Refused>
    where
        A: Act,
        F: FnOnce(&mut Tx) -> Result<A, Refused> + Send + 'static,
    {
        let found = self.process.look(before_county).await?;
        let found = found.into_iter().find(|one| one.objection == id).ok_or(Refused::NotFound)?;
        let at_school = InSchool::granted(found.school);
        Desk::of(self.desk.door().clone(), self.desk.by().clone(), at_school).act(prepare).await
    }
}

/// An objection that lies before the county: where, on what, until when; not about whom.
pub struct BeforeCounty {
    pub objection: ObjectionId,
    pub place: String,
    pub class: ClassName,
    pub term: Term,
    /// The domain of a band that is objected to; `None` for a noticed fact.
    pub domain: Option<Domain>,
    pub due_on: Option<NaiveDate>,
    /// Who of the county has taken it up.
    pub handler: Option<(AccountId, String)>,
    school: SchoolId,
}

/// The objections of all schools that wait for the county, the most urgent first.
pub fn before_county(look: &mut Look<EverySchool>) -> Result<Vec<BeforeCounty>, Refused> {
    type Found = (
        (SchoolId, String, ObjectionId, Cohort, i32, Term, Option<Domain>),
        (String, Option<NaiveDate>, Option<(AccountId, String)>),
    );
    let rows: Vec<Found> = look
        .process(class::rows)
        .inner_join(
            objection::joined().on(objection::school_id.eq(class::school_id).and(objection::class_id.eq(class::id))),
        )
        .inner_join(
            objection_step::joined().on(objection_step::school_id
                .eq(objection::school_id)
                .and(objection_step::objection_id.eq(objection::id))),
        )
        .inner_join(school::table.on(school::id.eq(objection::school_id)))
        .left_join(account::table.on(account::id.nullable().eq(objection_step::handler_id)))
        .filter(objection_step::instance.eq("county"))
        .order(objection_step::n)
        .select((
            (school::id, school::name, objection::id, class::cohort, class::number, objection::term, objection::domain),
            (objection_step::kind, objection_step::due_on, (account::id, account::name).nullable()),
        ))
        .load(look.conn())?;
    // No instance comes after the county: the newest step there is where it stands.
    let mut newest = BTreeMap::new();
    for ((school, place, id, cohort, number, term, domain), (kind, due_on, handler)) in rows {
        let class = ClassName { cohort, number };
        let waits = matches!(kind.as_str(), "assigned" | "escalated");
        newest.insert(id, (waits, BeforeCounty { objection: id, place, class, term, domain, due_on, handler, school }));
    }
    let mut waiting: Vec<BeforeCounty> =
        newest.into_values().filter(|(waits, _)| *waits).map(|(_, found)| found).collect();
    waiting.sort_by_key(|found| (found.due_on, found.objection));
    Ok(waiting)
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

pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<CountySystem, Refused> {
    let (desk, shell) = desk_of(conn, entering, Duty::System)?;
    let process = Desk::of(entering.door.clone(), desk.by().clone(), EverySchool(()));
    Ok(CountySystem { desk, process, shell })
}

/// Keeps the door of `/county`, but for accounts and audit.
pub async fn county_system_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, admitted).await
}
