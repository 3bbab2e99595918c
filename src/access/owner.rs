//! Someone signed in, about their own account: desks, password, sessions.

use super::desks::{DeskPlace, desks_of};
use super::keeper::{Entering, found_behind_its_keeper, keep};
use super::session::{Who, holds};
use super::{CountyWide, Desk, Refused, Shell};
use crate::names::{AccountId, Role, SessionId};
use crate::platform::db::{Conn, Reach};
use crate::schema::{device, session};
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

    /// The sessions of this account that still hold, this one first, then by when
    /// they were seen.
    pub async fn open_sessions(&self) -> Result<Vec<OpenSession>, Refused> {
        let (me, here) = (self.account, self.session);
        let mut roles: Vec<Role> = self.desks.iter().map(|desk| desk.role).collect();
        if roles.is_empty() {
            roles.push(Role::Owner);
        }
        self.look(move |look| {
            let now = look.now();
            let rows: Vec<(SessionId, Option<String>, NaiveDateTime, NaiveDateTime)> = session::table
                .left_join(device::table.on(device::id.eq(session::device_id)))
                .filter(session::account_id.eq(me))
                .filter(session::ended_at.is_null())
                .order(session::seen_at.desc())
                .select((session::id, device::name.nullable(), session::signed_in_at, session::seen_at))
                .load(look.conn())?;
            let mut open: Vec<OpenSession> = rows
                .into_iter()
                .filter(|(.., signed_in_at, seen_at)| {
                    roles.iter().any(|role| holds(*role, *signed_in_at, *seen_at, now))
                })
                .map(|(id, device, signed_in_at, seen_at)| OpenSession {
                    id,
                    device,
                    signed_in_at,
                    seen_at,
                    here: id == here,
                })
                .collect();
            open.sort_by_key(|session| !session.here);
            Ok(open)
        })
        .await
    }

    /// Ends another session of this account, or all others, at once.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a session of someone else.
    pub async fn end_sessions(&self, wanted: Option<SessionId>) -> Result<(), Refused> {
        let (me, now) = (self.account, self.house().clock.now());
        let door = self.door().clone();
        let here = self.session;
        super::off_the_loop(move || {
            door.database().write(Reach::All, |conn| {
                let open = session::table.filter(session::account_id.eq(me)).filter(session::ended_at.is_null());
                let ended = match wanted {
                    Some(wanted) => diesel::update(open.filter(session::id.eq(wanted)))
                        .set(session::ended_at.eq(now))
                        .execute(conn)?,
                    None => diesel::update(open.filter(session::id.ne(here)))
                        .set(session::ended_at.eq(now))
                        .execute(conn)?,
                };
                if ended == 0 && wanted.is_some() { Err(Refused::NotFound) } else { Ok(()) }
            })
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

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct OpenSession {
    pub id: SessionId,
    /// What the browser is, in words; `None` for one not known any more.
    pub device: Option<String>,
    pub signed_in_at: NaiveDateTime,
    pub seen_at: NaiveDateTime,
    /// The one that asks.
    pub here: bool,
}

fn admit(conn: &mut Conn, entering: &Entering) -> Result<Owner, Refused> {
    let desks = desks_of(conn, entering.who.account, entering.now)?;
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
