//! Anyone, with no account or not signed in yet.

use super::desks::desks_of;
use super::keeper::{found_behind_its_keeper, welcome};
use super::{Actor, CountyWide, Desk, Door, House, Refused, session};
use crate::names::{AccountId, DeviceId, Role};
use crate::platform::db::{Conn, Reach};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::cookie::Cookie;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use std::net::IpAddr;
use std::ops::Deref;

#[derive(Clone)]
pub struct Visitor {
    desk: Desk<CountyWide>,
    network: String,
    /// The session cookie's value, where the browser has one.
    token: Option<String>,
}

found_behind_its_keeper!(Visitor);

impl Deref for Visitor {
    type Target = Desk<CountyWide>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

/// Writing at the threshold: sign-in attempts and sessions, which are no acts
/// about the record and have no line in the journal.
pub struct Threshold<'c> {
    conn: &'c mut Conn,
    house: &'c House,
}

impl Threshold<'_> {
    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    pub fn house(&self) -> &House {
        self.house
    }

    /// Opens a session for an account that has just proved itself.
    pub fn open_session(&mut self, account: AccountId, device: DeviceId) -> Result<Cookie<'static>, Refused> {
        let desks = desks_of(self.conn, account, self.house.clock.now())?;
        Ok(session::open(self.conn, self.house, account, device, desks.len() > 1)?)
    }
}

impl Visitor {
    /// The asker's network: a /24 or /64, as a keyed hash.
    pub fn network(&self) -> &str {
        &self.network
    }

    pub async fn at_the_threshold<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Threshold) -> Result<T, Refused> + Send + 'static,
    {
        let door = self.door().clone();
        super::off_the_loop(move || {
            door.database().write(Reach::All, |conn| f(&mut Threshold { conn, house: door.house() }))
        })
        .await
    }

    /// Who is signed in on this browser, if anyone is.
    pub async fn signed_in(&self) -> Result<Option<(AccountId, String)>, Refused> {
        let Some(token) = self.token.clone() else { return Ok(None) };
        let door = self.door().clone();
        super::off_the_loop(move || {
            let (house, now) = (door.house(), door.house().clock.now());
            door.database().read(Reach::All, |conn| match session::who(conn, house, &token) {
                Ok(who) => {
                    let desks = desks_of(conn, who.account, now)?;
                    let fresh = super::owner::is_fresh(&desks, &who, now);
                    Ok(fresh.then_some((who.account, who.name)))
                }
                Err(Refused::SignedOut) => Ok(None),
                Err(other) => Err(other),
            })
        })
        .await
    }

    /// The same visitor, known by now to be the owner of an account; only proof of
    /// a password, a link, a slip or a session justifies this.
    pub fn as_owner(&self, account: AccountId, name: &str) -> Desk<CountyWide> {
        let by = Actor { account: Some(account), role: Role::Owner, name: name.to_owned() };
        Desk::of(self.door().clone(), by, CountyWide)
    }
}

/// The address the asker comes from; a trusted proxy says it for others.
fn asker(req: &HttpRequest, house: &House) -> Option<IpAddr> {
    let peer = req.peer_addr().map(|address| address.ip());
    if peer.is_some() && peer == house.trusted_proxy {
        let forwarded = req.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
        return forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok()).or(peer);
    }
    peer
}

fn network_of(address: Option<IpAddr>) -> String {
    match address {
        Some(IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        None => "unknown".to_owned(),
    }
}

/// Keeps nothing: the addresses that anyone may ask for.
pub async fn anyone(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if let Some(door) = req.app_data::<Data<Door>>().map(|door| door.get_ref().clone()) {
        let network = network_of(asker(req.request(), door.house()));
        let network = door.house().keys.fingerprint("network", &network);
        let by = Actor { account: None, role: Role::Visitor, name: String::new() };
        let token = session::token_of(door.house(), req.request());
        req.extensions_mut().insert(Visitor { desk: Desk::of(door, by, CountyWide), network, token });
    }
    welcome(req, next).await
}
