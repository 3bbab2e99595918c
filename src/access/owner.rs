//! Someone signed in, about their own account: desks, password, sessions.

use super::desks::{DeskPlace, desks_of};
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::session::Who;
use super::{CountyWide, Desk, Refused, Shell};
use crate::names::{AccountId, Role, SessionId};
use crate::platform::db::{Conn, Reach};
use crate::schema::session;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::ops::Deref;

#[derive(Clone)]
pub struct Owner {
    desk: Desk<CountyWide>,
    account: AccountId,
    session: SessionId,
    chosen: Option<String>,
    desks: Vec<DeskPlace>,
    shell: Shell,
}

found_behind_its_keeper!(Owner);

impl Deref for Owner {
    type Target = Desk<CountyWide>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl Owner {
    pub fn account(&self) -> AccountId {
        self.account
    }

    pub fn session(&self) -> SessionId {
        self.session
    }

    pub fn desks(&self) -> &[DeskPlace] {
        &self.desks
    }

    /// The desk chosen in this session, if it still is one of the account's.
    pub fn chosen_desk(&self) -> Option<&DeskPlace> {
        let chosen = self.chosen.as_deref()?;
        self.desks.iter().find(|desk| desk.mark == chosen)
    }

    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    /// Remembers in the session at which desk its owner sits.
    pub async fn choose(&self, desk: &DeskPlace) -> Result<(), Refused> {
        let mark = desk.mark.clone();
        self.note(move |conn, session| {
            diesel::update(session::table.find(session)).set(session::desk.eq(mark)).execute(conn)
        })
        .await
    }

    /// Ends this session at once.
    pub async fn sign_out(&self) -> Result<(), Refused> {
        let now = self.house().clock.now();
        self.note(move |conn, session| {
            diesel::update(session::table.find(session)).set(session::ended_at.eq(now)).execute(conn)
        })
        .await
    }

    async fn note(
        &self,
        f: impl FnOnce(&mut Conn, SessionId) -> QueryResult<usize> + Send + 'static,
    ) -> Result<(), Refused> {
        let (door, session) = (self.door().clone(), self.session);
        super::off_the_loop(move || {
            door.database().write(Reach::All, |conn| {
                f(conn, session)?;
                Ok(())
            })
        })
        .await
    }
}

fn admit(conn: &mut Conn, entering: &Entering) -> Result<Owner, Refused> {
    let desks = desks_of(conn, entering.who.account, entering.now.date())?;
    if !is_fresh(&desks, &entering.who, entering.now) {
        return Err(Refused::SignedOut);
    }
    Ok(Owner {
        desk: Desk::of(entering.door.clone(), entering.actor(Role::Owner), CountyWide),
        account: entering.who.account,
        session: entering.who.session,
        chosen: entering.who.desk.clone(),
        desks,
        shell: Shell::of(entering, Role::Owner, String::new(), None),
    })
}

/// Their own account they may look after for as long as any of their roles may.
pub(in crate::access) fn is_fresh(desks: &[DeskPlace], who: &Who, now: NaiveDateTime) -> bool {
    let fresh = |role| who.check_fresh(role, now).is_ok();
    if desks.is_empty() { fresh(Role::Owner) } else { desks.iter().any(|desk| fresh(desk.role)) }
}

/// Keeps every address that belongs to no other scope.
pub async fn owner_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, admit).await
}
