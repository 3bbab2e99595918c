//! Those with a post in several classes who never see a band: who organises (德育处,
//! 团队, 体艺), the committee 综评委员会, the school's doctor. Each sits at one desk a
//! school and enters one class after the other.

use super::homeroom::behind;
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::own::{class, post};
use super::{Desk, InSchool, KnownClass, Refused, Shell};
use crate::names::{AccountId, ClassId, ClassName, Cohort, Role, SchoolId, Term};
use crate::platform::db::Conn;
use crate::schema::{membership, school, term};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::{Serialize, Serializer};
use std::ops::Deref;

/// A class one keeps something of besides bands: it opens no sheet of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TendedClass {
    id: ClassId,
    name: ClassName,
    term: Term,
}

impl KnownClass for TendedClass {
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

impl TendedClass {
    pub(in crate::access) fn granted(id: ClassId, name: ClassName, term: Term) -> Self {
        TendedClass { id, name, term }
    }

    pub fn cohort(&self) -> Cohort {
        self.name.cohort
    }

    /// `八年级(3)班`, as it is called in the present school year.
    pub fn name(&self) -> String {
        self.name.in_year(self.term.year())
    }
}

impl Serialize for TendedClass {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

/// The classes of one school in which someone has the same post in the present term; in
/// the last one while the school has not opened the present.
#[derive(Clone)]
pub struct Posts {
    desk: Desk<InSchool>,
    classes: Vec<TendedClass>,
    shell: Shell,
}

impl Deref for Posts {
    type Target = Desk<InSchool>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Posts {
    /// The classes in class order: what they are called, not yet the proof.
    pub fn classes(&self) -> impl Iterator<Item = (ClassId, ClassName)> {
        self.classes.iter().map(|class| (class.id, class.name))
    }

    /// The term of the posts.
    pub fn term(&self) -> Term {
        self.classes[0].term
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// The proof for one class; that its pupils are looked at today is noted.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a class one has no such post in.
    pub async fn enter(&self, wanted: ClassId) -> Result<TendedClass, Refused> {
        let found = *self.classes.iter().find(|class| class.id == wanted).ok_or(Refused::NotFound)?;
        self.desk.notes([wanted]).await?;
        Ok(found)
    }

    fn admitted(conn: &mut Conn, entering: &Entering, role: Role) -> Result<Self, Refused> {
        let (account, today) = (entering.who.account, entering.now.date());
        let present = held(conn, account, role, today, today)?;
        let mut found: Vec<(Held, bool)> = present.into_iter().map(|row| (row, false)).collect();
        for (behind, opened) in behind(conn, account, today)? {
            let last = held(conn, account, role, today, opened)?;
            found.extend(last.into_iter().filter(|row| row.school.0 == behind).map(|row| (row, true)));
        }
        let chosen = entering.who.desk.as_deref().and_then(|desk| desk.rsplit_once('@')).map(|(_, code)| code);
        let at = found.iter().position(|(row, _)| Some(row.school.1.as_str()) == chosen).unwrap_or(0);
        let (school, waits) =
            found.get(at).map(|(row, waits)| (row.school.clone(), *waits)).ok_or(Refused::NotFound)?;
        entering.who.check_fresh(role, entering.now)?;
        let mut classes: Vec<TendedClass> = found
            .into_iter()
            .filter(|(row, _)| row.school.0 == school.0)
            .map(|(row, _)| TendedClass {
                id: row.class,
                name: ClassName { cohort: row.cohort, number: row.number },
                term: row.term,
            })
            .collect();
        classes.dedup();
        Ok(Posts {
            desk: Desk::of(entering.door.clone(), entering.actor(role), InSchool::granted(school.0)),
            classes,
            shell: Shell::of(entering, role, school.2, None).waiting(waits),
        })
    }
}

/// A post found, with id, code and name of its school.
#[derive(Queryable)]
struct Held {
    school: (SchoolId, String, String),
    class: ClassId,
    cohort: Cohort,
    number: i32,
    term: Term,
}

/// The posts of this kind in the term that runs, or ran last, on `day`; in class order.
fn held(
    conn: &mut Conn,
    account: AccountId,
    role: Role,
    today: NaiveDate,
    day: NaiveDate,
) -> Result<Vec<Held>, Refused> {
    let present = term::table.filter(term::starts_on.le(day)).select(max(term::id)).single_value();
    Ok(membership::table
        .inner_join(
            post::joined().on(post::school_id
                .nullable()
                .eq(membership::school_id)
                .and(post::account_id.eq(membership::account_id))),
        )
        .inner_join(class::joined().on(class::school_id.eq(post::school_id).and(class::id.eq(post::class_id))))
        .inner_join(school::table.on(school::id.eq(class::school_id)))
        .filter(membership::account_id.eq(account))
        .filter(membership::role.eq("teacher"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .filter(post::role.eq(role.code()))
        .filter(post::until.is_null().or(post::until.gt(today)))
        .filter(post::term.nullable().eq(present))
        .order((school::code, class::cohort.desc(), class::number))
        .select(((school::id, school::code, school::name), class::id, class::cohort, class::number, post::term))
        .load(conn)?)
}

macro_rules! post_of_several_classes {
    ($(#[$about:meta])* $grant:ident, $keeper:ident at $address:literal) => {
        $(#[$about])*
        #[derive(Clone)]
        pub struct $grant(Posts);

        found_behind_its_keeper!($grant);

        impl Deref for $grant {
            type Target = Posts;

            fn deref(&self) -> &Posts {
                &self.0
            }
        }

        impl $grant {
            pub(in crate::access) fn admitted(conn: &mut Conn, entering: &Entering) -> Result<Self, Refused> {
                Posts::admitted(conn, entering, Role::$grant).map($grant)
            }
        }

        #[doc = concat!("Keeps the door of `", $address, "`.")]
        pub async fn $keeper(
            req: ServiceRequest,
            next: Next<impl MessageBody + 'static>,
        ) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
            keep(req, next, $grant::admitted).await
        }
    };
}

post_of_several_classes! {
    /// Makes records for the classes of the post: 德育处, 团队, 体艺.
    Organiser, organiser_only at "/organiser"
}

post_of_several_classes! {
    /// A member of the committee 综评委员会: what it decides about a child it sees
    /// through a case.
    Committee, committee_only at "/committee"
}

post_of_several_classes! {
    /// The school's doctor: screens the sight of the classes of the post.
    Health, health_only at "/health"
}
