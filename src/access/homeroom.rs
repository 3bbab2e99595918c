//! The homeroom teacher, and the deputy, of one class in the present term.

use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::own::{class, enrolment, post, seal, signature};
use super::{Desk, InSchool, Refused, Shell, Tx};
use crate::names::{AccountId, ClassId, ClassName, Cohort, Role, SchoolId, StudentId, Term};
use crate::platform::db::Conn;
use crate::schema::{membership, school, term};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::{Serialize, Serializer};
use std::collections::HashMap;
use std::ops::Deref;

/// The class whose door was opened: not any class whose id one happens to know.
#[derive(Clone, Copy, Debug)]
pub struct OwnClass {
    id: ClassId,
    name: ClassName,
    term: Term,
}

impl OwnClass {
    pub(in crate::access) fn granted(id: ClassId, name: ClassName, term: Term) -> Self {
        OwnClass { id, name, term }
    }

    pub fn id(&self) -> ClassId {
        self.id
    }

    pub fn cohort(&self) -> Cohort {
        self.name.cohort
    }

    pub fn class_name(&self) -> ClassName {
        self.name
    }

    /// The present term.
    pub fn term(&self) -> Term {
        self.term
    }

    /// `八年级(3)班`, as it is called in the present school year.
    pub fn name(&self) -> String {
        self.name.in_year(self.term.year())
    }
}

/// A class that a keeper has found to be one's own to enter, in whatever post. What a
/// post may read or change of it is said by the proof a function asks for: bands want
/// an [`OwnClass`].
pub trait KnownClass: Copy + Send + 'static {
    fn id(&self) -> ClassId;
    fn class_name(&self) -> ClassName;
    /// The present term.
    fn term(&self) -> Term;
}

impl KnownClass for OwnClass {
    fn id(&self) -> ClassId {
        self.id
    }

    fn class_name(&self) -> ClassName {
        self.name
    }

    fn term(&self) -> Term {
        self.term
    }
}

impl Serialize for OwnClass {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

/// The signed-in homeroom teacher (or deputy) of the class named in the address.
#[derive(Clone)]
pub struct Homeroom {
    desk: Desk<InSchool>,
    class: OwnClass,
    shell: Shell,
}

found_behind_its_keeper!(Homeroom);

impl Deref for Homeroom {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Homeroom {
    pub fn class(&self) -> OwnClass {
        self.class
    }

    /// The deputy fills in and does not sign.
    pub fn may_sign(&self) -> bool {
        self.desk.by().role() == Role::Homeroom
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }
}

/// A pupil in the charge of the teacher who asked, in a term that is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    student: StudentId,
    term: Term,
}

impl Charge {
    pub fn student(&self) -> StudentId {
        self.student
    }

    pub fn term(&self) -> Term {
        self.term
    }
}

impl Serialize for Charge {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.student.serialize(to)
    }
}

/// Whether the class is signed: what a change to it then needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Open,
    Signed,
}

impl Tx<'_> {
    /// The pupils of `wanted` who are in this class now and whose term is open.
    ///
    /// # Errors
    /// [`Refused::Conflict`] when the term is over, or the class is signed and
    /// `reason` gives none; [`Refused::NotFound`] when one pupil is not in the
    /// class; a sealed pupil is a conflict.
    pub fn charges(
        &mut self,
        own: &OwnClass,
        asked: Term,
        wanted: &[StudentId],
        reason: Option<&str>,
    ) -> Result<HashMap<StudentId, Charge>, Refused> {
        if asked != own.term {
            return Err(Refused::conflict(format!(
                "这是{}的页面，现在是{}。上学期的等级不能再改，请回到本学期。",
                asked.name(),
                own.term.name()
            )));
        }
        if self.standing(own)? == Standing::Signed && reason.is_none() {
            return Err(Refused::conflict(
                "这个班本学期已经签字，家长看得到结果。要改，请到那位学生的单人页写明理由。",
            ));
        }
        self.charges_unsealed(own, wanted, "term", "这个学期已经归档，不能再改。要改，请学校填更正单。")
    }

    /// The pupils of `wanted` of whom someone who teaches this class says something
    /// besides the five bands, such as measures.
    ///
    /// # Errors
    /// [`Refused::NotFound`] when one pupil is not in the class; a sealed pupil is a
    /// conflict.
    pub fn taught(
        &mut self,
        own: &impl KnownClass,
        wanted: &[StudentId],
    ) -> Result<HashMap<StudentId, Charge>, Refused> {
        self.charges_unsealed(own, wanted, "term", "这个学期已经归档，不能再改。要改，请学校填更正单。")
    }

    /// The pupils of `wanted` who leave grade 9 with this class, for the committee's
    /// five bands: their terms may be sealed, the end of junior high not yet.
    ///
    /// # Errors
    /// [`Refused::Conflict`] when the class does not graduate this term, or a pupil's
    /// graduation is sealed; [`Refused::NotFound`] when one is not in the class.
    pub fn graduates(&mut self, own: &OwnClass, wanted: &[StudentId]) -> Result<HashMap<StudentId, Charge>, Refused> {
        if Term::of_cohort(own.cohort())[5] != own.term {
            return Err(Refused::conflict("毕业等级在九年级第二学期商定。"));
        }
        self.charges_unsealed(own, wanted, "graduation", "毕业档案已经归档，不能再改。要改，请学校填更正单。")
    }

    fn charges_unsealed(
        &mut self,
        own: &impl KnownClass,
        wanted: &[StudentId],
        part: &str,
        when_sealed: &str,
    ) -> Result<HashMap<StudentId, Charge>, Refused> {
        let today = self.today();
        let present: Vec<StudentId> = self
            .own(enrolment::rows)
            .filter(enrolment::class_id.eq(own.id()))
            .filter(enrolment::entered_on.le(today))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(today)))
            .select(enrolment::student_id)
            .load(self.conn())?;
        if wanted.iter().any(|student| !present.contains(student)) {
            return Err(Refused::NotFound);
        }
        let sealed: Vec<StudentId> = self
            .own(seal::rows)
            .filter(seal::class_id.eq(own.id()))
            .filter(seal::term.eq(own.term()))
            .filter(seal::part.eq(part))
            .select(seal::student_id)
            .load(self.conn())?;
        if wanted.iter().any(|student| sealed.contains(student)) {
            return Err(Refused::conflict(when_sealed));
        }
        Ok(wanted.iter().map(|student| (*student, Charge { student: *student, term: own.term() })).collect())
    }

    /// One pupil, as [`charges`](Self::charges).
    pub fn charge(
        &mut self,
        own: &OwnClass,
        asked: Term,
        student: StudentId,
        reason: Option<&str>,
    ) -> Result<Charge, Refused> {
        self.charges(own, asked, &[student], reason)?.remove(&student).ok_or(Refused::NotFound)
    }

    /// Whether the class is signed for the present term.
    pub fn standing(&mut self, own: &OwnClass) -> Result<Standing, Refused> {
        let signed: i64 = self
            .own(signature::rows)
            .filter(signature::class_id.eq(own.id))
            .filter(signature::term.eq(own.term))
            .count()
            .get_result(self.conn())?;
        Ok(if signed == 0 { Standing::Open } else { Standing::Signed })
    }
}

/// What a keeper finds about a post in a class.
#[derive(Queryable)]
pub(in crate::access) struct PostFound {
    pub school: SchoolId,
    pub school_name: String,
    pub cohort: Cohort,
    pub number: i32,
    pub term: Term,
    pub role: Role,
    pub subject: Option<String>,
}

/// The posts of this account in the class named in the address, in the present term; in
/// the last one, and then `true`, while the school has not opened the present.
pub(in crate::access) fn posts_in_class(
    conn: &mut Conn,
    entering: &Entering,
    class_id: ClassId,
) -> Result<(Vec<PostFound>, bool), Refused> {
    let today = entering.now.date();
    let found = posts_as_of(conn, entering, class_id, today)?;
    if !found.is_empty() {
        return Ok((found, false));
    }
    for (school, opened) in behind(conn, entering.who.account, today)? {
        let mut found = posts_as_of(conn, entering, class_id, opened)?;
        found.retain(|post| post.school == school);
        if !found.is_empty() {
            return Ok((found, true));
        }
    }
    Ok((found, false))
}

/// The schools of a teacher that have not opened the term of the calendar yet, each with
/// the first day of the last term it opened: there the posts of that term still hold.
pub(in crate::access) fn behind(
    conn: &mut Conn,
    account: AccountId,
    today: NaiveDate,
) -> Result<Vec<(SchoolId, NaiveDate)>, Refused> {
    let present: Option<NaiveDate> =
        term::table.filter(term::starts_on.le(today)).select(max(term::starts_on)).first(conn)?;
    let opened: Vec<(Option<SchoolId>, Option<NaiveDate>)> = membership::table
        .inner_join(post::joined().on(post::school_id.nullable().eq(membership::school_id)))
        .inner_join(term::table.on(term::id.eq(post::term)))
        .filter(membership::account_id.eq(account))
        .filter(membership::role.eq("teacher"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .filter(term::starts_on.le(today))
        .group_by(membership::school_id)
        .select((membership::school_id, max(term::starts_on)))
        .load(conn)?;
    let behind = opened.into_iter().filter(|(_, day)| *day != present);
    Ok(behind.filter_map(|(school, day)| school.zip(day)).collect())
}

/// The posts in the term that runs, or ran last, on `day`: whatever day they are from, for
/// a term opened ahead may have been made to begin earlier.
fn posts_as_of(
    conn: &mut Conn,
    entering: &Entering,
    class_id: ClassId,
    day: NaiveDate,
) -> Result<Vec<PostFound>, Refused> {
    let today = entering.now.date();
    let present = term::table.filter(term::starts_on.le(day)).select(max(term::id)).single_value();
    let found = membership::table
        .inner_join(
            post::joined().on(post::school_id
                .nullable()
                .eq(membership::school_id)
                .and(post::account_id.eq(membership::account_id))),
        )
        .inner_join(class::joined().on(class::school_id.eq(post::school_id).and(class::id.eq(post::class_id))))
        .inner_join(school::table.on(school::id.eq(class::school_id)))
        .filter(membership::account_id.eq(entering.who.account))
        .filter(membership::role.eq("teacher"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .filter(post::class_id.eq(class_id))
        .filter(post::until.is_null().or(post::until.gt(today)))
        .filter(post::term.nullable().eq(present))
        .order(post::role)
        .select((post::school_id, school::name, class::cohort, class::number, post::term, post::role, post::subject))
        .load(conn)?;
    Ok(found)
}

impl Homeroom {
    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let class_id: ClassId = entering.named("class")?;
        let (found, waits) = posts_in_class(conn, entering, class_id)?;
        let found = found
            .into_iter()
            .filter(|post| matches!(post.role, Role::Homeroom | Role::Deputy))
            .max_by_key(|post| post.role == Role::Homeroom)
            .ok_or(Refused::NotFound)?;
        entering.who.check_fresh(found.role, entering.now)?;
        entering.looks_at(found.school, class_id, found.role);
        let name = ClassName { cohort: found.cohort, number: found.number };
        Ok(Homeroom {
            desk: Desk::of(entering.door.clone(), entering.actor(found.role), InSchool::granted(found.school)),
            class: OwnClass::granted(class_id, name, found.term),
            shell: Shell::of(entering, found.role, found.school_name, Some(class_id)).waiting(waits),
        })
    }
}

/// Keeps the door of `/class/{class}`.
pub async fn homeroom_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, Homeroom::admitted).await
}
