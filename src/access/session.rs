//! Who is signed in: a row, and over it a JWT of 15 minutes in a cookie. The row
//! decides; sign-out, a new password and disabling end it at once.

use super::inbox::{ANSWERS, letter};
use super::own::{Owned, objection, objection_step, reminder};
use super::{Door, House, Refused};
use crate::names::{AccountId, DeviceId, Role, SessionId};
use crate::platform::clock::{from_unix_seconds, unix_seconds};
use crate::platform::db::Conn;
use crate::schema::{account, inbox_opening, second_factor, session};
use actix_web::cookie::{Cookie, SameSite, time};
use chrono::{Duration, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

const TOKEN_LIFE: Duration = Duration::minutes(15);
/// In a graded house (GB/T 22239: 定期更换).
const PASSWORD_LIFE: Duration = Duration::days(90);
const TOUCH_EVERY: Duration = Duration::seconds(60);
const ALGORITHM: Algorithm = Algorithm::HS256;
const TYP: &str = "session+jwt";
const ISSUER: &str = "qinghe";
const AUDIENCE: &str = "qinghe-session";

/// How long a browser may lie idle, and how long a sign-in holds at most.
struct Limits {
    idle: Duration,
    absolute: Duration,
}

/// By role, because a grandmother's phone is not the office's shared computer.
fn limits(role: Role) -> Limits {
    match role {
        Role::Guardian | Role::Learner => Limits { idle: Duration::days(30), absolute: Duration::days(90) },
        Role::SchoolOffice
        | Role::Principal
        | Role::County
        | Role::CountySecurity
        | Role::CountyAudit
        | Role::Supervisor => Limits { idle: Duration::minutes(15), absolute: Duration::hours(8) },
        _ => Limits { idle: Duration::minutes(30), absolute: Duration::hours(12) },
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    /// Seconds since 1970.
    iat: i64,
    exp: i64,
}

/// How a token stands to the newest of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Newest,
    /// The one before, while the newest has not come back yet: the answer that brought it may
    /// be lost on a telephone, or still be on its way to another tab.
    Replaced,
    Old,
}

/// A signed-in person, as found in the session row just now.
#[derive(Clone, Debug)]
pub struct Who {
    pub(in crate::access) account: AccountId,
    pub(in crate::access) session: SessionId,
    pub(in crate::access) name: String,
    /// The address of the desk chosen in this session.
    pub(in crate::access) desk: Option<String>,
    pub(in crate::access) many_desks: bool,
    pub(in crate::access) unread: i64,
    signed_in_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    token_issued_at: i64,
    token: Token,
    renewed_at: NaiveDateTime,
    /// Whether the newest token has still to come back for the first time.
    awaited: bool,
    password_at: Option<NaiveDateTime>,
    second_factor: bool,
}

impl Who {
    /// Someone of the demonstration county whose part the program plays.
    pub(in crate::access) fn standing_in(account: AccountId, now: NaiveDateTime) -> Self {
        Who {
            account,
            session: SessionId::new(),
            name: String::new(),
            desk: None,
            many_desks: false,
            unread: 0,
            signed_in_at: now,
            seen_at: now,
            token_issued_at: unix_seconds(now),
            token: Token::Newest,
            renewed_at: now,
            awaited: false,
            password_at: Some(now),
            second_factor: true,
        }
    }

    /// Whether the password has lasted as long as a graded house lets it.
    pub(in crate::access) fn password_is_old(&self, house: &House) -> bool {
        house.graded && self.password_at.is_some_and(|at| house.clock.now() - at > PASSWORD_LIFE)
    }

    /// Whether the session still holds for someone in this role.
    ///
    /// # Errors
    /// [`Refused::SignedOut`] when it lay idle too long or is too old.
    pub(in crate::access) fn check_fresh(&self, role: Role, now: NaiveDateTime) -> Result<(), Refused> {
        if holds(role, self.signed_in_at, self.seen_at, now) { Ok(()) } else { Err(Refused::SignedOut) }
    }

    /// Whether an officer has the second factor that a graded house asks for.
    ///
    /// # Errors
    /// [`Refused::NoSecondFactor`] when it is still to be set up.
    pub(in crate::access) fn check_second_factor(&self, house: &House) -> Result<(), Refused> {
        if house.graded && !self.second_factor { Err(Refused::NoSecondFactor) } else { Ok(()) }
    }

    /// A fresh token if the one at hand is past half of its life. Where it was replaced a
    /// moment ago, the same once more: whichever answer comes last, it brings the newest.
    pub(in crate::access) fn renewal(&self, house: &House) -> Option<Cookie<'static>> {
        let now = house.clock.now();
        let age = unix_seconds(now) - self.token_issued_at;
        let at = if self.is_replaced_just_now(now) { self.renewed_at } else { now };
        (age > TOKEN_LIFE.num_seconds() / 2).then(|| cookie(house, self.account, self.session, at))
    }

    fn is_replaced_just_now(&self, now: NaiveDateTime) -> bool {
        self.token == Token::Replaced && now - self.renewed_at < TOKEN_LIFE / 2
    }

    /// Writes down that the session is in use, and which token is its newest.
    pub(in crate::access) fn touch(&self, door: &Door, renewed: bool) -> Result<(), Refused> {
        let now = door.house().clock.now();
        let renewed = renewed && !self.is_replaced_just_now(now);
        let arrived = self.token == Token::Newest && self.awaited;
        if !renewed && !arrived && now - self.seen_at < TOUCH_EVERY {
            return Ok(());
        }
        let from = from_unix_seconds(self.token_issued_at);
        let this = session::table.find(self.session);
        door.database().write(crate::platform::db::Reach::All, |conn| {
            let seen = session::seen_at.eq(now);
            if renewed {
                let newest = (session::renewed_at.eq(now), session::renewed_from.eq(from));
                diesel::update(this).set((seen, newest)).execute(conn)?;
            } else if arrived {
                diesel::update(this).set((seen, session::renewed_from.eq(None::<NaiveDateTime>))).execute(conn)?;
            } else {
                diesel::update(this).set(seen).execute(conn)?;
            }
            Ok(())
        })
    }
}

/// Whether a session that was last seen then still holds for someone in this role.
pub(in crate::access) fn holds(
    role: Role,
    signed_in_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    now: NaiveDateTime,
) -> bool {
    let limits = limits(role);
    // A touch is written at most every minute, so idleness is known to the minute.
    now - seen_at <= limits.idle + TOUCH_EVERY && now - signed_in_at <= limits.absolute
}

fn cookie_name(house: &House) -> &'static str {
    if house.is_https() { "__Host-qinghe" } else { "qinghe" }
}

fn cookie(house: &House, account: AccountId, session: SessionId, now: NaiveDateTime) -> Cookie<'static> {
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: account,
        sid: session,
        iat: unix_seconds(now),
        exp: unix_seconds(now + TOKEN_LIFE),
    };
    let (kid, secret) = house.keys.session_secret();
    let header = Header { typ: Some(TYP.to_owned()), kid: Some(kid.to_owned()), ..Header::new(ALGORITHM) };
    let token =
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret)).expect("HS256 signs any claims");
    Cookie::build(cookie_name(house), token)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(house.is_https())
        .max_age(time::Duration::days(90))
        .finish()
}

/// A cookie that takes the session's cookie away.
pub fn farewell_cookie(house: &House) -> Cookie<'static> {
    let mut cookie = Cookie::build(cookie_name(house), "")
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(house.is_https())
        .finish();
    cookie.make_removal();
    cookie
}

/// Opens a session row and gives the cookie for it. Only sign-in does this.
pub(in crate::access) fn open(
    conn: &mut Conn,
    house: &House,
    account: AccountId,
    device: DeviceId,
    many_desks: bool,
) -> QueryResult<Cookie<'static>> {
    // Tokens count in whole seconds; the row must name the same one.
    let now = house.clock.now();
    let id = SessionId::new();
    diesel::insert_into(session::table)
        .values((
            session::id.eq(id),
            session::account_id.eq(account),
            session::device_id.eq(device),
            session::many_desks.eq(many_desks),
            session::signed_in_at.eq(now),
            session::seen_at.eq(now),
            session::renewed_at.eq(now),
        ))
        .execute(conn)?;
    Ok(cookie(house, account, id, now))
}

#[derive(Queryable)]
struct Row {
    name: String,
    disabled_at: Option<NaiveDateTime>,
    desk: Option<String>,
    many_desks: bool,
    signed_in_at: NaiveDateTime,
    seen_at: NaiveDateTime,
    renewed_at: NaiveDateTime,
    renewed_from: Option<NaiveDateTime>,
    ended_at: Option<NaiveDateTime>,
    password_at: Option<NaiveDateTime>,
    second_factor: Option<AccountId>,
    reminded: Option<i64>,
    answered: Option<i64>,
    said: Option<i64>,
}

/// The person behind a session cookie's value.
///
/// # Errors
/// [`Refused::SignedOut`] for a token that is not ours, of an ended session, or
/// expired and neither the session's newest nor the one it has just replaced (an old copy).
pub(in crate::access) fn who(conn: &mut Conn, house: &House, token: &str) -> Result<Who, Refused> {
    let claims = verify(house, token).ok_or(Refused::SignedOut)?;
    // What came to the inbox since it was last opened.
    let seen = inbox_opening::table.filter(inbox_opening::account_id.eq(claims.sub));
    let reminded = reminder::rows
        .table()
        .filter(reminder::account_id.eq(claims.sub))
        .filter(not(exists(seen.filter(inbox_opening::at.ge(reminder::at)))));
    let answered =
        objection::rows
            .table()
            .inner_join(objection_step::joined().on(
                objection_step::school_id.eq(objection::school_id).and(objection_step::objection_id.eq(objection::id)),
            ))
            .filter(objection::account_id.eq(claims.sub))
            // One by one: a statement with a list of any length is prepared anew every time.
            .filter(objection_step::kind.eq(ANSWERS[0]).or(objection_step::kind.eq(ANSWERS[1])))
            .filter(not(exists(seen.filter(inbox_opening::at.ge(objection_step::at)))));
    let said = letter::rows
        .table()
        .filter(letter::account_id.eq(claims.sub))
        .filter(not(exists(seen.filter(inbox_opening::at.ge(letter::at)))));
    let row: Row = session::table
        .inner_join(account::table.on(account::id.eq(session::account_id)))
        .left_join(
            second_factor::table
                .on(second_factor::account_id.eq(account::id).and(second_factor::confirmed_at.is_not_null())),
        )
        .filter(session::id.eq(claims.sid))
        .filter(session::account_id.eq(claims.sub))
        .select((
            account::name,
            account::disabled_at,
            session::desk,
            session::many_desks,
            session::signed_in_at,
            session::seen_at,
            session::renewed_at,
            session::renewed_from,
            session::ended_at,
            account::password_at,
            second_factor::account_id.nullable(),
            reminded.count().single_value(),
            answered.count().single_value(),
            said.count().single_value(),
        ))
        .first(conn)
        .optional()?
        .ok_or(Refused::SignedOut)?;
    let expired = claims.exp <= unix_seconds(house.clock.now());
    let token = if claims.iat >= unix_seconds(row.renewed_at) {
        Token::Newest
    } else if row.renewed_from.is_some_and(|from| claims.iat == unix_seconds(from)) {
        Token::Replaced
    } else {
        Token::Old
    };
    if row.ended_at.is_some() || row.disabled_at.is_some() || (expired && token == Token::Old) {
        return Err(Refused::SignedOut);
    }
    Ok(Who {
        account: claims.sub,
        session: claims.sid,
        name: row.name,
        desk: row.desk,
        many_desks: row.many_desks,
        unread: [row.reminded, row.answered, row.said].into_iter().flatten().sum(),
        signed_in_at: row.signed_in_at,
        seen_at: row.seen_at,
        token_issued_at: claims.iat,
        token,
        renewed_at: row.renewed_at,
        awaited: row.renewed_from.is_some(),
        password_at: row.password_at,
        second_factor: row.second_factor.is_some(),
    })
}

/// One algorithm, our own type, issuer and audience, a key of ours by name
/// (RFC 8725). Expiry is judged against the session row, by our own clock.
fn verify(house: &House, token: &str) -> Option<Claims> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.alg != ALGORITHM || header.typ.as_deref() != Some(TYP) {
        return None;
    }
    let secret = house.keys.session_secret_named(header.kid.as_deref()?)?;
    let mut rules = Validation::new(ALGORITHM);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&secret), &rules).ok()?.claims;
    (claims.exp - claims.iat == TOKEN_LIFE.num_seconds()).then_some(claims)
}

/// The value of the session cookie in a request.
pub(in crate::access) fn token_of(house: &House, req: &actix_web::HttpRequest) -> Option<String> {
    Some(req.cookie(cookie_name(house))?.value().to_owned())
}

/// A token for the forms of one session's pages: salted anew for each page, so
/// that compressed pages tell nothing about it.
pub(in crate::access) fn form_token(house: &House, session: SessionId) -> String {
    let salt = crate::platform::keys::random_code(8);
    let proof = house.keys.session_mac(&format!("form {session} {salt}"));
    format!("{salt}.{proof}")
}

pub(in crate::access) fn is_form_token(house: &House, session: SessionId, token: &str) -> bool {
    let Some((salt, proof)) = token.split_once('.') else { return false };
    let wanted = house.keys.session_mac(&format!("form {session} {salt}"));
    // Compared without telling by time how far they agree.
    wanted.len() == proof.len() && wanted.bytes().zip(proof.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}
