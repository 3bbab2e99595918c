//! Sign-in attempts. Failures are counted per login and network; a device that
//! signed in before is counted apart, so that no pupil can lock a teacher out.
//! An unknown login is answered the same, and as slowly.

use super::password::is_right;
use super::second_factor::{asks_code, ticket};
use super::{Login, SigningIn, account_signing_in};
use crate::access::{Refused, Visitor};
use crate::names::{AccountId, DeviceId};
use crate::platform::clock::unix_seconds;
use crate::platform::keys::random_token;
use crate::schema::{account, device, sign_in_failure};
use actix_web::cookie::Cookie;
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use sha2::{Digest, Sha256};

crate::id!(FailureId);

/// How long failures count, and how long one then has to wait.
pub(super) const WINDOW: Duration = Duration::minutes(30);
pub(super) const MOST_PER_STRANGE_DEVICE: i64 = 6;
const MOST_PER_KNOWN_DEVICE: i64 = 10;
/// Over all logins tried from one network: a school's own pupils share one.
const MOST_PER_NETWORK: i64 = 120;
/// Codes typed that there are not, slips and portfolios together.
const MOST_MISSES_PER_NETWORK: i64 = 60;

/// The token a browser keeps from one sign-in to the next.
#[derive(Clone)]
pub struct KnownDevice {
    pub token: String,
    /// What the browser calls itself, shortened for people.
    pub name: String,
}

impl KnownDevice {
    pub fn new(token: Option<String>, user_agent: &str) -> Self {
        let token = token.filter(|token| token.len() >= 40).unwrap_or_else(random_token);
        KnownDevice { token, name: device_name(user_agent) }
    }

    fn token_sha256(&self) -> String {
        hex::encode(Sha256::digest(self.token.as_bytes()))
    }
}

fn device_name(user_agent: &str) -> String {
    let system = [
        ("iPhone", "苹果手机"),
        ("iPad", "苹果平板"),
        ("HarmonyOS", "鸿蒙设备"),
        ("Android", "安卓手机"),
        ("Windows", "Windows 电脑"),
        ("Macintosh", "苹果电脑"),
        ("Linux", "Linux 电脑"),
    ]
    .iter()
    .find(|(mark, _)| user_agent.contains(mark))
    .map_or("别的设备", |(_, name)| name);
    let browser =
        [("MicroMessenger", "微信"), ("Edg/", "Edge"), ("Firefox", "火狐"), ("Chrome", "Chrome"), ("Safari", "Safari")]
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map_or("", |(_, name)| name);
    if browser.is_empty() { system.to_owned() } else { format!("{system}上的{browser}") }
}

/// What an attempt to sign in came to.
pub enum Attempted {
    /// The session's cookie, and who it is for.
    Welcome { cookie: Cookie<'static>, name: String },
    /// The password is right; a code is asked for, with this ticket.
    NeedsCode { ticket: String },
    /// Not this login with this password; so many more may be tried.
    Wrong { left: i64 },
    /// Too many failures: wait.
    Wait,
}

struct Counted {
    account: Option<SigningIn>,
    left: i64,
}

impl Visitor {
    /// Signs in with login and password.
    pub async fn sign_in(&self, typed: &str, password: String, device: KnownDevice) -> Result<Attempted, Refused> {
        let login = Login::parse(typed).ok();
        let tried = login.as_ref().map_or("", Login::as_str).to_owned();
        let now = self.house().clock.now();
        let Some(counted) = self.count_attempt(tried, device.clone(), now).await? else {
            return Ok(Attempted::Wait);
        };
        let hash = counted.account.as_ref().and_then(|found| found.hash.clone());
        if !is_right(password, hash).await? {
            return Ok(Attempted::Wrong { left: counted.left });
        }
        let Some(found) = counted.account else { return Ok(Attempted::Wrong { left: counted.left }) };
        let me = found.account;
        if self.look(move |look| Ok(asks_code(look.conn(), me)?)).await? {
            return Ok(Attempted::NeedsCode { ticket: ticket(&self.house().keys, me, unix_seconds(now), &device) });
        }
        let cookie = self.enter(me, device).await?;
        Ok(Attempted::Welcome { cookie, name: found.name })
    }

    /// Counts the attempt as a failure before it is known to be one, so that many
    /// at once do not slip through; `None` when there were too many.
    async fn count_attempt(
        &self,
        login: String,
        device: KnownDevice,
        now: NaiveDateTime,
    ) -> Result<Option<Counted>, Refused> {
        let (network, keys) = (self.network().to_owned(), self.house().keys.clone());
        self.at_the_threshold(move |threshold| {
            let conn = threshold.conn();
            let account = account_signing_in(conn, &keys, &login)?;
            // By whatever name it is tried, an account's failures are counted together.
            let login_hash = keys.fingerprint("login", account.as_ref().map_or(&login, |found| &found.login));
            let known: Option<DeviceId> = match &account {
                Some(found) => device::table
                    .filter(device::account_id.eq(found.account))
                    .filter(device::token_sha256.eq(device.token_sha256()))
                    .select(device::id)
                    .first(conn)
                    .optional()?,
                None => None,
            };
            let recent = sign_in_failure::table.filter(sign_in_failure::at.gt(now - WINDOW));
            let (failures, most): (i64, i64) = match known {
                Some(known) => {
                    let here = recent.filter(sign_in_failure::device_id.eq(known)).count().get_result(conn)?;
                    (here, MOST_PER_KNOWN_DEVICE)
                }
                None => {
                    let strange = recent.filter(sign_in_failure::network.eq(&network));
                    let strange = strange.filter(sign_in_failure::device_id.is_null());
                    let everyone: i64 = strange.count().get_result(conn)?;
                    if everyone >= MOST_PER_NETWORK {
                        return Ok(None);
                    }
                    let here = strange.filter(sign_in_failure::login_hash.eq(&login_hash)).count().get_result(conn)?;
                    (here, MOST_PER_STRANGE_DEVICE)
                }
            };
            if failures >= most {
                return Ok(None);
            }
            record_failure(conn, &login_hash, &network, known, now)?;
            Ok(Some(Counted { account, left: most - failures - 1 }))
        })
        .await
    }

    /// Counts one more attempt at an account's second step; how many are left.
    pub(super) async fn count_another(
        &self,
        login: String,
        device: KnownDevice,
        now: NaiveDateTime,
    ) -> Result<Option<i64>, Refused> {
        Ok(self.count_attempt(login, device, now).await?.map(|counted| counted.left))
    }

    /// Guards a code that anyone may type: a network may miss so often.
    ///
    /// # Errors
    /// What `look_up` says; [`Refused::TooMany`] when there were too many misses.
    pub async fn guess<T>(&self, look_up: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
        self.count_misses(false).await?;
        let found = look_up.await;
        if let Err(Refused::NotFound) = found {
            self.count_misses(true).await?;
        }
        found
    }

    async fn count_misses(&self, missed: bool) -> Result<(), Refused> {
        let (network, now) = (self.network().to_owned(), self.house().clock.now());
        let login_hash = self.house().keys.fingerprint("login", "\0code");
        self.at_the_threshold(move |threshold| {
            let conn = threshold.conn();
            let guesses: i64 = sign_in_failure::table
                .filter(sign_in_failure::at.gt(now - WINDOW))
                .filter(sign_in_failure::network.eq(&network))
                .filter(sign_in_failure::login_hash.eq(&login_hash))
                .count()
                .get_result(conn)?;
            if guesses >= MOST_MISSES_PER_NETWORK {
                return Err(Refused::TooMany("这个网络里试的次数太多了。请过 30 分钟再试。".to_owned()));
            }
            if missed {
                record_failure(conn, &login_hash, &network, None, now)?;
            }
            Ok(())
        })
        .await
    }

    /// Opens a session on this device for an account that has proved itself, and
    /// forgets the failures that led there.
    pub async fn enter(&self, account: AccountId, device: KnownDevice) -> Result<Cookie<'static>, Refused> {
        let network = self.network().to_owned();
        self.at_the_threshold(move |threshold| {
            let now = threshold.house().clock.now();
            let login: String = account::table.find(account).select(account::login).first(threshold.conn())?;
            let login_hash = threshold.house().keys.fingerprint("login", &login);
            let id = remember(threshold.conn(), account, &device, now)?;
            let forgiven = sign_in_failure::table.filter(sign_in_failure::login_hash.eq(login_hash)).filter(
                sign_in_failure::device_id
                    .eq(id)
                    .or(sign_in_failure::device_id.is_null().and(sign_in_failure::network.eq(network))),
            );
            diesel::delete(forgiven).execute(threshold.conn())?;
            threshold.open_session(account, id)
        })
        .await
    }
}

fn record_failure(
    conn: &mut crate::platform::db::Conn,
    login_hash: &str,
    network: &str,
    device: Option<DeviceId>,
    now: NaiveDateTime,
) -> QueryResult<usize> {
    diesel::insert_into(sign_in_failure::table)
        .values((
            sign_in_failure::id.eq(FailureId::new()),
            sign_in_failure::login_hash.eq(login_hash),
            sign_in_failure::network.eq(network),
            sign_in_failure::device_id.eq(device),
            sign_in_failure::at.eq(now),
        ))
        .execute(conn)
}

fn remember(
    conn: &mut crate::platform::db::Conn,
    account: AccountId,
    device: &KnownDevice,
    now: NaiveDateTime,
) -> QueryResult<DeviceId> {
    let known: Option<DeviceId> = device::table
        .filter(device::account_id.eq(account))
        .filter(device::token_sha256.eq(device.token_sha256()))
        .select(device::id)
        .first(conn)
        .optional()?;
    match known {
        Some(id) => {
            diesel::update(device::table.find(id)).set(device::last_at.eq(now)).execute(conn)?;
            Ok(id)
        }
        None => {
            let id = DeviceId::new();
            diesel::insert_into(device::table)
                .values((
                    device::id.eq(id),
                    device::account_id.eq(account),
                    device::token_sha256.eq(device.token_sha256()),
                    device::name.eq(&device.name),
                    device::first_at.eq(now),
                    device::last_at.eq(now),
                ))
                .execute(conn)?;
            Ok(id)
        }
    }
}
