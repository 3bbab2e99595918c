//! What every keeper does: find out who asks, give the grant or answer 404,
//! renew the session's token on the way out.

use super::forms::{FormsOf, wants_json};
use super::looked::Looked;
use super::session::{self, Who, token_of};
use super::{Actor, Desk, Door, InSchool, Refused, Told};
use crate::names::{AccountId, ClassId, Role, SchoolId};
use crate::platform::db::{Conn, Reach};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use chrono::NaiveDateTime;
use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Deref;
use std::str::FromStr;

/// Someone signed in who asks for an address.
pub(in crate::access) struct Entering {
    pub door: Door,
    pub who: Who,
    pub now: NaiveDateTime,
    /// What a keeper of a class leaves to be noted.
    looked: Cell<Option<Looked>>,
    path: HashMap<String, String>,
}

impl Entering {
    /// A part of the address; one that cannot be what it should be is not found.
    pub fn named<T: FromStr>(&self, part: &str) -> Result<T, Refused> {
        self.path.get(part).and_then(|text| text.parse().ok()).ok_or(Refused::NotFound)
    }

    /// As if `account` asked for an address with these parts; see [`super::StandIn`].
    pub fn standing_in(door: &Door, account: AccountId, path: &[(&str, String)]) -> Self {
        let now = door.house().clock.now();
        let path = path.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Entering { door: door.clone(), who: Who::standing_in(account, now), now, looked: Cell::default(), path }
    }

    /// Someone of the staff looks at the pupils of a class.
    pub fn looks_at(&self, school: SchoolId, class: ClassId, role: Role) {
        self.looked.set(Some(Looked { school, class, role, account: self.who.account, day: self.now.date() }));
    }

    pub fn actor(&self, role: Role) -> Actor {
        Actor { account: Some(self.who.account), role, name: self.who.name.clone() }
    }
}

fn door_of(req: &HttpRequest) -> Option<Door> {
    req.app_data::<Data<Door>>().map(|door| door.get_ref().clone())
}

/// Lets through whom `admit` grants something, which the page then finds by type.
pub(in crate::access) async fn keep<G: Clone + Send + 'static>(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    admit: fn(&mut Conn, &Entering) -> Result<G, Refused>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(door) = door_of(req.request()) else { return Ok(turn_away(req, Refused::NotFound)) };
    let Some(token) = token_of(door.house(), req.request()) else {
        return Ok(turn_away(req, Refused::SignedOut));
    };
    // Where an old password is changed, and what one may always do.
    let about_oneself = matches!(req.path(), "/password" | "/sign-out" | "/sessions" | "/sessions/end");
    let path = req.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let entered = super::off_the_loop(move || {
        let now = door.house().clock.now();
        let (grant, looked, who) = door.database().read(Reach::All, |conn| {
            let who = session::who(conn, door.house(), &token)?;
            if who.password_is_old(door.house()) && !about_oneself {
                return Err(Refused::PasswordOld);
            }
            let entering = Entering { door: door.clone(), who, now, looked: Cell::default(), path };
            let grant = admit(conn, &entering)?;
            Ok::<_, Refused>((grant, entering.looked.take(), entering.who))
        })?;
        if let Some(looked) = looked {
            looked.note(&door)?;
        }
        let renewal = who.renewal(door.house());
        match who.touch(&door, renewal.is_some()) {
            Ok(()) => Ok((grant, who.session, renewal)),
            // On a full disk what is saved can still be read; the session is renewed later.
            Err(Refused::DiskFull) => Ok((grant, who.session, None)),
            Err(refused) => Err(refused),
        }
    });
    match entered.await {
        Ok((grant, session, renewal)) => {
            req.extensions_mut().insert(grant);
            req.extensions_mut().insert(FormsOf(Some(session)));
            let mut answer = next.call(req).await?.map_into_boxed_body();
            if let Some(cookie) = renewal
                && let Ok(value) = cookie.to_string().parse()
            {
                answer.headers_mut().append(header::SET_COOKIE, value);
            }
            Ok(answer)
        }
        Err(refused) => Ok(turn_away(req, refused)),
    }
}

/// As [`keep`], for those who see the whole school: what of its pupils an address names
/// is noted before the page leaves. An address that turns away, or only leads on, shows
/// nobody and notes nothing.
pub(in crate::access) async fn keep_noting<G>(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    admit: fn(&mut Conn, &Entering) -> Result<G, Refused>,
) -> Result<ServiceResponse<BoxBody>, Error>
where
    G: Deref<Target = Desk<InSchool>> + Clone + Send + 'static,
{
    let answer = keep(req, next, admit).await?;
    let grant = answer.request().extensions().get::<G>().cloned();
    let Some(grant) = grant.filter(|_| answer.status().is_success()) else { return Ok(answer) };
    let parts = answer.request().match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    match grant.notes_named(parts.collect()).await {
        Ok(()) => Ok(answer),
        Err(refused) => {
            let (req, _) = answer.into_parts();
            Ok(ServiceResponse::new(req, refused.error_response()))
        }
    }
}

/// Lets anyone through: the addresses that need no account.
pub(in crate::access) async fn welcome(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    req.extensions_mut().insert(FormsOf(None));
    Ok(next.call(req).await?.map_into_boxed_body())
}

/// Answers in place of the page. `Ok`, not `Err`: an error would skip the outer
/// middleware, and with it the headers every answer must carry.
fn turn_away(req: ServiceRequest, refused: Refused) -> ServiceResponse<BoxBody> {
    let answer = match refused {
        refused if wants_json(req.request()) => Told(refused).error_response(),
        Refused::SignedOut => to_sign_in(req.request()),
        Refused::PasswordOld => see_other("/password?old=1"),
        Refused::NoSecondFactor => see_other("/second-factor"),
        refused => refused.error_response(),
    };
    req.into_response(answer)
}

fn see_other(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address)).finish()
}

/// Signed out, every address leads here, existing or not.
fn to_sign_in(req: &HttpRequest) -> HttpResponse {
    let next = if req.method() == Method::GET {
        req.uri().path_and_query().map_or("/", |address| address.as_str())
    } else {
        "/"
    };
    let next = serde_urlencoded::to_string([("next", next)]).unwrap_or_default();
    HttpResponse::SeeOther().insert_header((header::LOCATION, format!("/sign-in?{next}"))).finish()
}

/// A grant that the keeper of the scope has left for the page; anywhere else the
/// page does not exist.
macro_rules! found_behind_its_keeper {
    ($grant:ty) => {
        impl actix_web::FromRequest for $grant {
            type Error = $crate::access::Refused;
            type Future = std::future::Ready<Result<Self, $crate::access::Refused>>;

            fn from_request(req: &actix_web::HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
                use actix_web::HttpMessage;
                std::future::ready(req.extensions().get::<$grant>().cloned().ok_or($crate::access::Refused::NotFound))
            }
        }
    };
}

pub(in crate::access) use found_behind_its_keeper;
