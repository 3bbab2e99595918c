//! The teacher of one or more subjects in one class, in the present term.

use super::homeroom::posts_in_class;
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::{Desk, InSchool, OwnClass, Refused, Shell};
use crate::names::{ClassId, ClassName, Role};
use crate::platform::db::Conn;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
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

fn admit(conn: &mut Conn, entering: &Entering) -> Result<Subject, Refused> {
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

/// Keeps the door of `/subject/{class}`.
pub async fn subject_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, admit).await
}
