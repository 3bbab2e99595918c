//! Those who see the whole school: its office and its principal.

use super::keeper::{Entering, found_behind_its_keeper, keep, keep_noting};
use super::own::class;
use super::{Desk, InSchool, Look, Refused, Shell, TendedClass};
use crate::names::{ClassId, ClassName, Cohort, Role, SchoolId, Term};
use crate::platform::db::Conn;
use crate::schema::{membership, school};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use diesel::prelude::*;
use std::ops::Deref;

/// The office of one school 教务/学籍.
#[derive(Clone)]
pub struct SchoolOffice {
    desk: Desk<InSchool>,
    school: SchoolName,
    shell: Option<Shell>,
}

/// The principal of one school 校长.
#[derive(Clone)]
pub struct Principal {
    desk: Desk<InSchool>,
    shell: Shell,
}

/// Someone of the staff of one school, whatever their posts.
#[derive(Clone)]
pub struct Teacher {
    desk: Desk<InSchool>,
    shell: Shell,
}

/// Code and name of the school a grant is for.
#[derive(Clone, Debug)]
pub struct SchoolName {
    pub code: String,
    pub name: String,
}

/// The proof that someone sees the whole school: its office or its principal.
#[derive(Clone, Copy, Debug)]
pub struct WholeSchool(());

impl WholeSchool {
    /// The classes of the school in a term's school year, in class order, each with the
    /// proof for what is kept of it besides bands.
    pub fn classes(self, look: &mut Look, term: Term) -> Result<Vec<TendedClass>, Refused> {
        let rows: Vec<(ClassId, Cohort, i32)> = look
            .own(class::rows)
            .order((class::cohort.desc(), class::number))
            .select((class::id, class::cohort, class::number))
            .load(look.conn())?;
        let known = rows.into_iter().filter(|(_, cohort, _)| cohort.grade_in(term.year()).is_some());
        Ok(known.map(|(id, cohort, number)| TendedClass::granted(id, ClassName { cohort, number }, term)).collect())
    }
}

found_behind_its_keeper!(SchoolOffice);
found_behind_its_keeper!(Principal);
found_behind_its_keeper!(Teacher);

impl Deref for SchoolOffice {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Deref for Principal {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Deref for Teacher {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Teacher {
    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let (id, school) = school_of(conn, entering, Role::Teacher)?;
        Ok(Teacher {
            desk: Desk::of(entering.door.clone(), entering.actor(Role::Teacher), InSchool::granted(id)),
            shell: Shell::of(entering, Role::Teacher, school.name, None),
        })
    }
}

impl SchoolOffice {
    /// The office's work done at the server's command line.
    pub(in crate::access) fn at_the_command_line(desk: Desk<InSchool>, school: SchoolName) -> Self {
        SchoolOffice { desk, school, shell: None }
    }

    pub fn school(&self) -> &SchoolName {
        &self.school
    }

    pub fn whole_school(&self) -> WholeSchool {
        WholeSchool(())
    }

    /// # Errors
    /// [`Refused::NotFound`] at the command line, which has no pages.
    pub fn shell(&self) -> Result<&Shell, Refused> {
        self.shell.as_ref().ok_or(Refused::NotFound)
    }

    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let (id, school) = school_of(conn, entering, Role::SchoolOffice)?;
        entering.who.check_second_factor(entering.door.house())?;
        let role = Role::SchoolOffice;
        Ok(SchoolOffice {
            desk: Desk::of(entering.door.clone(), entering.actor(role), InSchool::granted(id)),
            shell: Some(Shell::of(entering, role, school.name.clone(), None)),
            school,
        })
    }
}

impl Principal {
    pub fn whole_school(&self) -> WholeSchool {
        WholeSchool(())
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let (id, school) = school_of(conn, entering, Role::Principal)?;
        entering.who.check_second_factor(entering.door.house())?;
        let role = Role::Principal;
        Ok(Principal {
            desk: Desk::of(entering.door.clone(), entering.actor(role), InSchool::granted(id)),
            shell: Shell::of(entering, role, school.name, None),
        })
    }
}

/// The school in which this account holds the role; of several, the one whose
/// desk was chosen.
fn school_of(conn: &mut Conn, entering: &Entering, role: Role) -> Result<(SchoolId, SchoolName), Refused> {
    let today = entering.now.date();
    let schools: Vec<(SchoolId, String, String)> = membership::table
        .inner_join(school::table.on(school::id.nullable().eq(membership::school_id)))
        .filter(membership::account_id.eq(entering.who.account))
        .filter(membership::role.eq(role.code()))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .order(school::code)
        .select((school::id, school::code, school::name))
        .load(conn)?;
    let chosen = entering.who.desk.as_deref().and_then(|desk| desk.rsplit_once('@')).map(|(_, code)| code);
    let at = schools.iter().position(|(_, code, _)| Some(code.as_str()) == chosen).unwrap_or(0);
    let (id, code, name) = schools.into_iter().nth(at).ok_or(Refused::NotFound)?;
    entering.who.check_fresh(role, entering.now)?;
    Ok((id, SchoolName { code, name }))
}

/// Keeps the door of `/office`.
pub async fn office_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep_noting(req, next, SchoolOffice::admitted).await
}

/// Keeps the door of `/principal`.
pub async fn principal_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep_noting(req, next, Principal::admitted).await
}

/// Keeps the door of `/case`.
pub async fn teacher_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, Teacher::admitted).await
}
