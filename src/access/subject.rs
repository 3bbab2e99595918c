//! The teacher of one or more subjects in one class, in the present term.

use super::homeroom::posts_in_class;
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::{Desk, InSchool, OwnClass, Refused, Shell};
use crate::names::{ClassId, ClassName, Role};
use crate::platform::db::Conn;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use serde::{Serialize, Serializer};
use std::ops::Deref;

#[derive(Clone)]
pub struct Subject {
    desk: Desk<InSchool>,
    class: OwnClass,
    subjects: Vec<String>,
    shell: Shell,
}

found_behind_its_keeper!(Subject);

impl Deref for Subject {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Subject {
    pub fn class(&self) -> OwnClass {
        self.class
    }

    /// What this teacher teaches the class.
    pub fn subjects(&self) -> &[String] {
        &self.subjects
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }
}

/// One subject of the class whose door was opened, taught by the one who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSubject(String);

impl OwnSubject {
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Serialize for OwnSubject {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl Subject {
    /// The proof that this teacher teaches the class a subject.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a subject of someone else.
    pub fn own(&self, subject: &str) -> Result<OwnSubject, Refused> {
        let taught = self.subjects.iter().find(|taught| *taught == subject);
        taught.cloned().map(OwnSubject).ok_or(Refused::NotFound)
    }
}

/// What the curriculum of 2022 calls the subject that measures fitness.
pub const PHYSICAL_EDUCATION: &str = "体育与健康";

/// The teacher of 体育与健康 in one class.
#[derive(Clone)]
pub struct PhysicalEducation(Subject);

found_behind_its_keeper!(PhysicalEducation);

impl Deref for PhysicalEducation {
    type Target = Subject;

    fn deref(&self) -> &Subject {
        &self.0
    }
}

impl PhysicalEducation {
    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let subject = Subject::admitted(conn, entering)?;
        subject.own(PHYSICAL_EDUCATION)?;
        Ok(PhysicalEducation(subject))
    }
}

/// Keeps the door of `/subject/{class}/fitness`.
pub async fn physical_education_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, PhysicalEducation::admitted).await
}

impl Subject {
    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let class_id: ClassId = entering.named("class")?;
        let (posts, waits) = posts_in_class(conn, entering, class_id)?;
        let subjects: Vec<String> = posts.iter().filter_map(|post| post.subject.clone()).collect();
        let found = posts.into_iter().find(|post| post.role == Role::Subject).ok_or(Refused::NotFound)?;
        entering.who.check_fresh(Role::Subject, entering.now)?;
        entering.looks_at(found.school, class_id, Role::Subject);
        let name = ClassName { cohort: found.cohort, number: found.number };
        Ok(Subject {
            desk: Desk::of(entering.door.clone(), entering.actor(Role::Subject), InSchool::granted(found.school)),
            class: OwnClass::granted(class_id, name, found.term),
            subjects,
            shell: Shell::of(entering, Role::Subject, found.school_name, Some(class_id)).waiting(waits),
        })
    }
}

/// Keeps the door of `/subject/{class}`.
pub async fn subject_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, Subject::admitted).await
}
