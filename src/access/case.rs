//! 个案查看: whoever is not on the list of those who see a child sees one term of it
//! through a case: a named person, a reason, an end. County and supervisor have no
//! other way.

use super::county::duty_of;
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::own::case_view;
use super::{Child, Desk, InSchool, Refused, Shell};
use crate::names::{AccountId, CaseId, Duty, ObjectionId, Role, SchoolId, StudentId, Term};
use crate::platform::db::Conn;
use crate::schema::{account, membership, school, student};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use std::ops::Deref;

/// What a case is about: one term of one child, and the objection it serves, if any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CaseItem {
    pub student: StudentId,
    pub term: Term,
    pub objection: Option<ObjectionId>,
}

/// The named person of a case that stands.
#[derive(Clone)]
pub struct CaseView {
    desk: Desk<InSchool>,
    case: CaseId,
    child: Child,
    name: String,
    item: CaseItem,
    reason: String,
    expires_at: NaiveDateTime,
    shell: Shell,
}

found_behind_its_keeper!(CaseView);

impl Deref for CaseView {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl CaseView {
    pub fn case(&self) -> CaseId {
        self.case
    }

    /// The child; of it only [`term`](Self::term) may be shown.
    pub fn child(&self) -> Child {
        self.child
    }

    pub fn child_name(&self) -> &str {
        &self.name
    }

    pub fn term(&self) -> Term {
        self.item.term
    }

    pub fn item(&self) -> CaseItem {
        self.item
    }

    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub fn expires_at(&self) -> NaiveDateTime {
        self.expires_at
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let case: CaseId = entering.named("case")?;
        let (me, now) = (entering.who.account, entering.now);
        type Found = (SchoolId, String, StudentId, String, Term, Option<ObjectionId>, String, NaiveDateTime);
        let (school, place, student, name, term, objection, reason, expires_at): Found = account::table
            .inner_join(case_view::joined().on(case_view::account_id.eq(account::id)))
            .inner_join(school::table.on(school::id.eq(case_view::school_id)))
            .inner_join(student::table.on(student::id.eq(case_view::student_id)))
            .filter(case_view::id.eq(case))
            .filter(account::id.eq(me))
            .filter(case_view::ended_at.is_null())
            .filter(case_view::expires_at.gt(now))
            .select((
                school::id,
                school::name,
                student::id,
                student::name,
                case_view::term,
                case_view::objection_id,
                case_view::reason,
                case_view::expires_at,
            ))
            .first(conn)
            .optional()?
            .ok_or(Refused::NotFound)?;
        let held = capacities(conn, me, school, now.date())?;
        if held.is_empty() {
            return Err(Refused::NotFound);
        }
        entering.who.check_fresh(Role::Case, now)?;
        if held.iter().any(|role| role != "teacher") {
            entering.who.check_second_factor(entering.door.house())?;
        }
        Ok(CaseView {
            desk: Desk::of(entering.door.clone(), entering.actor(Role::Case), InSchool::granted(school)),
            case,
            child: Child::of_case(student),
            name,
            item: CaseItem { student, term, objection },
            reason,
            expires_at,
            shell: Shell::of(entering, Role::Case, place, None),
        })
    }
}

/// As what an account may be named in a case of this school: its staff, or the county.
pub(in crate::access) fn capacities(
    conn: &mut Conn,
    account: AccountId,
    school: SchoolId,
    today: NaiveDate,
) -> Result<Vec<String>, Refused> {
    let mut held: Vec<String> = membership::table
        .filter(membership::account_id.eq(account))
        .filter(membership::role.ne("pupil"))
        .filter(membership::school_id.is_null().or(membership::school_id.eq(school)))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .select(membership::role)
        .load(conn)?;
    // Who lets people in, or reads what was done, is not to look at a child as well.
    if held.iter().any(|role| role == Role::County.code()) && duty_of(conn, account, today)? != Some(Duty::System) {
        held.retain(|role| role != Role::County.code());
    }
    Ok(held)
}

/// The cases that stand of one account: each opens a desk of its own.
pub(in crate::access) fn cases_of(
    conn: &mut Conn,
    who: AccountId,
    now: NaiveDateTime,
) -> Result<Vec<(CaseId, String, Term, String)>, Refused> {
    let rows: Vec<(SchoolId, CaseId, String, Term, String)> = account::table
        .inner_join(case_view::joined().on(case_view::account_id.eq(account::id)))
        .inner_join(school::table.on(school::id.eq(case_view::school_id)))
        .inner_join(student::table.on(student::id.eq(case_view::student_id)))
        .filter(account::id.eq(who))
        .filter(case_view::ended_at.is_null())
        .filter(case_view::expires_at.gt(now))
        .order((case_view::opened_at, case_view::id))
        .select((school::id, case_view::id, student::name, case_view::term, school::name))
        .load(conn)?;
    let mut open = Vec::new();
    for (school, case, name, term, place) in rows {
        if !capacities(conn, who, school, now.date())?.is_empty() {
            open.push((case, name, term, place));
        }
    }
    Ok(open)
}

impl InSchool {
    /// Whether an account may be named in a case of this school.
    ///
    /// # Errors
    /// As the database answers.
    pub fn may_name(&self, conn: &mut Conn, account: AccountId, today: NaiveDate) -> Result<bool, Refused> {
        Ok(!capacities(conn, account, self.id(), today)?.is_empty())
    }
}

/// Keeps the door of `/case/{case}`.
pub async fn case_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, CaseView::admitted).await
}
