//! A child's own page: for its guardians and for the child itself.

use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::{Desk, InSchool, Refused, Shell};
use crate::names::{Role, SchoolId, StudentId};
use crate::platform::db::Conn;
use crate::schema::{consent, guardianship, membership, school, student};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::{Serialize, Serializer};
use std::ops::Deref;

/// The child whose door was opened: one's own, or oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Child(StudentId);

impl Child {
    pub fn student(&self) -> StudentId {
        self.0
    }

    /// The child of a case, which names the term that may be shown.
    pub(in crate::access) fn of_case(student: StudentId) -> Self {
        Child(student)
    }
}

impl Serialize for Child {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// The child who opened the door: a pupil, about themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Myself(Child);

impl Myself {
    pub fn child(&self) -> Child {
        self.0
    }

    pub fn student(&self) -> StudentId {
        self.0.0
    }
}

impl Serialize for Myself {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

/// Someone who may see all that is told of this child: a guardian, or the pupil.
#[derive(Clone)]
pub struct Family {
    desk: Desk<InSchool>,
    child: Child,
    name: String,
    relation: Option<String>,
    consent: Option<i32>,
    children: Vec<(StudentId, String)>,
    shell: Shell,
}

found_behind_its_keeper!(Family);

impl Deref for Family {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Family {
    pub fn child(&self) -> Child {
        self.child
    }

    /// The version of the text to which this guardian's consent stands; none of a pupil.
    pub fn consent(&self) -> Option<i32> {
        self.consent
    }

    /// The child's name.
    pub fn child_name(&self) -> &str {
        &self.name
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// All children of this guardian, in the order they were bound; none for the pupil.
    pub fn children(&self) -> &[(StudentId, String)] {
        &self.children
    }

    /// The pupil, at their own page: who alone speaks for themselves.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a guardian: what only the pupil does is not there.
    pub fn myself(&self) -> Result<Myself, Refused> {
        if self.relation.is_none() { Ok(Myself(self.child)) } else { Err(Refused::NotFound) }
    }

    /// The guardian in it, with the relation to the child; `None` for the pupil.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for the pupil: what only guardians do is not there.
    pub fn guardian(&self) -> Result<Guardian<'_>, Refused> {
        match &self.relation {
            Some(relation) => Ok(Guardian { family: self, relation }),
            None => Err(Refused::NotFound),
        }
    }
}

/// A guardian of this child.
pub struct Guardian<'f> {
    family: &'f Family,
    relation: &'f str,
}

impl Guardian<'_> {
    /// Father, mother, grandmother… as the slip was filled in.
    pub fn relation(&self) -> &str {
        self.relation
    }
}

impl Deref for Guardian<'_> {
    type Target = Family;

    fn deref(&self) -> &Family {
        self.family
    }
}

impl Family {
    pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
        let wanted: StudentId = entering.named("student")?;
        let (me, today) = (entering.who.account, entering.now.date());
        // Asked with the child, as every page of a guardian's needs both.
        let consents = consent::table
            .filter(consent::account_id.eq(me))
            .filter(consent::student_id.eq(student::id))
            .filter(consent::withdrawn_at.is_null())
            .select(max(consent::text_version))
            .single_value();
        let wards: Vec<(StudentId, SchoolId, String, String, String, Option<i32>)> = guardianship::table
            .inner_join(student::table.on(student::id.eq(guardianship::student_id)))
            .inner_join(school::table.on(school::id.eq(student::school_id)))
            .filter(guardianship::account_id.eq(me))
            .filter(guardianship::ended_at.is_null())
            .filter(guardianship::id.ne_all(super::desks::disputed()))
            .order(guardianship::since)
            .select((student::id, student::school_id, school::name, student::name, guardianship::relation, consents))
            .load(conn)?;
        let mut children: Vec<(StudentId, String)> =
            wards.iter().map(|(id, _, _, name, ..)| (*id, name.clone())).collect();
        let (school, place, name, relation, consent, role) = match wards.into_iter().find(|ward| ward.0 == wanted) {
            Some((_, school, place, name, relation, consent)) => {
                (school, place, name, Some(relation), consent, Role::Guardian)
            }
            None => {
                children.clear();
                let (school, place, name) = membership::table
                    .inner_join(student::table.on(student::id.nullable().eq(membership::student_id)))
                    .inner_join(school::table.on(school::id.eq(student::school_id)))
                    .filter(membership::account_id.eq(me))
                    .filter(membership::role.eq("pupil"))
                    .filter(membership::student_id.eq(wanted))
                    .filter(membership::until.is_null().or(membership::until.gt(today)))
                    .select((student::school_id, school::name, student::name))
                    .first(conn)
                    .optional()?
                    .ok_or(Refused::NotFound)?;
                (school, place, name, None, None, Role::Learner)
            }
        };
        entering.who.check_fresh(role, entering.now)?;
        Ok(Family {
            desk: Desk::of(entering.door.clone(), entering.actor(role), InSchool::granted(school)),
            child: Child(wanted),
            name,
            relation,
            consent,
            children,
            shell: Shell::of(entering, role, place, None),
        })
    }
}

/// Keeps the door of `/child/{student}`.
pub async fn family_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, Family::admitted).await
}
