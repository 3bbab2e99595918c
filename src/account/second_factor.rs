//! A second factor: six digits from the owner's phone, new every half minute
//! (RFC 6238), and codes on paper for the day the phone is lost. The secret is
//! sealed, the paper codes are kept as keyed hashes, no code works twice.

use super::KnownDevice;
use super::sign_in::Attempted;
use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx, Visitor};
use crate::names::AccountId;
use crate::platform::clock::unix_seconds;
use crate::platform::db::Conn;
use crate::platform::keys::{Keys, random_code, random_secret};
use crate::platform::text::code_like;
use crate::schema::{account, recovery_code, second_factor};
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

/// The place a secret is sealed for.
pub(super) const PLACE: &str = "account.second_factor";
/// The place a recovery code's hash is made in.
const RECOVERY: &str = "account.recovery";
const RECOVERY_CODES: usize = 8;
/// How long after the password the code may be typed.
const TICKET_LIFE: Duration = Duration::minutes(5);
const ISSUER: &str = "青禾综评";

fn totp(secret: &[u8]) -> Totp {
    Builder::new().with_secret(Secret::from(secret)).build_noncompliant()
}

/// Where an account stands with its second factor.
pub enum SecondFactor {
    None,
    /// Begun: to be scanned, then confirmed by a first code.
    Begun(Scanned),
    Set {
        since: NaiveDateTime,
        recovery_left: i64,
    },
}

/// What an authenticator app scans or is typed into it.
pub struct Scanned {
    /// In base 32, in groups of four.
    pub secret: String,
    pub address: String,
}

fn opened(keys: &Keys, sealed: &[u8]) -> Result<Vec<u8>, Refused> {
    keys.open(PLACE, sealed).map_err(Refused::broken)
}

/// The second factor of one's own account.
pub(super) fn second_factor_of<S: Scope>(
    look: &mut Look<S>,
    keys: &Keys,
    me: AccountId,
) -> Result<SecondFactor, Refused> {
    let row: Option<(Vec<u8>, Option<NaiveDateTime>)> = second_factor::table
        .find(me)
        .select((second_factor::secret_sealed, second_factor::confirmed_at))
        .first(look.conn())
        .optional()?;
    match row {
        None => Ok(SecondFactor::None),
        Some((_, Some(since))) => {
            let left = recovery_code::table
                .filter(recovery_code::account_id.eq(me))
                .filter(recovery_code::used_at.is_null())
                .count()
                .get_result(look.conn())?;
            Ok(SecondFactor::Set { since, recovery_left: left })
        }
        Some((sealed, None)) => {
            let secret = Secret::from(opened(keys, &sealed)?).to_base32();
            let login: String = account::table.find(me).select(account::login).first(look.conn())?;
            let query = serde_urlencoded::to_string([("secret", secret.as_str()), ("issuer", ISSUER)]);
            let label = serde_urlencoded::to_string([("", format!("{ISSUER}:{login}"))]).map_err(Refused::broken)?;
            let address =
                format!("otpauth://totp/{}?{}", label.trim_start_matches('='), query.map_err(Refused::broken)?);
            let groups: Vec<&str> = (0..secret.len()).step_by(4).map(|n| &secret[n..secret.len().min(n + 4)]).collect();
            Ok(SecondFactor::Begun(Scanned { secret: groups.join(" "), address }))
        }
    }
}

/// Whether signing in asks this account for a code.
pub(super) fn asks_code(conn: &mut Conn, me: AccountId) -> QueryResult<bool> {
    let set: i64 =
        second_factor::table.find(me).filter(second_factor::confirmed_at.is_not_null()).count().get_result(conn)?;
    Ok(set > 0)
}

/// A new secret, to be scanned; one that was begun before and not confirmed ends.
#[derive(Serialize)]
pub(super) struct BeginSecondFactor {
    account: AccountId,
    #[serde(skip)]
    sealed: Vec<u8>,
}

impl BeginSecondFactor {
    pub(super) fn new(keys: &Keys, account: AccountId) -> Self {
        BeginSecondFactor { account, sealed: keys.seal(PLACE, &random_secret()) }
    }
}

impl Act<CountyWide> for BeginSecondFactor {
    const VERB: &'static str = "second_factor_begun";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let now = tx.now();
        if asks_code(tx.conn(), self.account)? {
            return Err(Refused::conflict("动态码已经开着了。要换手机，请先关掉再重新开。"));
        }
        diesel::delete(second_factor::table.find(self.account)).execute(tx.conn())?;
        diesel::insert_into(second_factor::table)
            .values((
                second_factor::account_id.eq(self.account),
                second_factor::secret_sealed.eq(&self.sealed),
                second_factor::made_at.eq(now),
                second_factor::last_step.eq(0),
            ))
            .execute(tx.conn())?;
        Ok(())
    }
}

/// The first code is right: from now on signing in asks for one. Yields the codes
/// for paper, told once.
#[derive(Serialize)]
pub(super) struct ConfirmSecondFactor {
    account: AccountId,
    #[serde(skip)]
    code: String,
    #[serde(skip)]
    keys: Keys,
}

impl ConfirmSecondFactor {
    pub(super) fn new(keys: Keys, account: AccountId, code: &str) -> Self {
        ConfirmSecondFactor { account, code: code_like(code), keys }
    }
}

impl Act<CountyWide> for ConfirmSecondFactor {
    const VERB: &'static str = "second_factor_set";
    type Done = Vec<String>;

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<Vec<String>, Refused> {
        let now = tx.now();
        let sealed: Vec<u8> = second_factor::table
            .find(self.account)
            .filter(second_factor::confirmed_at.is_null())
            .select(second_factor::secret_sealed)
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        let step = totp(&opened(&self.keys, &sealed)?).check(&self.code, unix_seconds(now).unsigned_abs());
        let Some(step) = step else {
            return Err(Refused::invalid(
                "code",
                "这个码不对，或者已经换了。请看手机上现在的 6 位数字；手机的时间也要准。",
            ));
        };
        diesel::update(second_factor::table.find(self.account))
            .set((second_factor::confirmed_at.eq(now), second_factor::last_step.eq(step.cast_signed())))
            .execute(tx.conn())?;
        diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(self.account))).execute(tx.conn())?;
        let codes: Vec<String> = (0..RECOVERY_CODES)
            .map(|_| {
                let code = random_code(10);
                format!("{}-{}", &code[..5], &code[5..])
            })
            .collect();
        for code in &codes {
            diesel::insert_into(recovery_code::table)
                .values((
                    recovery_code::account_id.eq(self.account),
                    recovery_code::code_hash.eq(recovery_hash(&self.keys, self.account, code)),
                ))
                .execute(tx.conn())?;
        }
        Ok(codes)
    }
}

fn recovery_hash(keys: &Keys, me: AccountId, code: &str) -> String {
    keys.fingerprint(RECOVERY, &recovery_words(me, code))
}

fn recovery_words(me: AccountId, code: &str) -> String {
    format!("{me} {}", code_like(code).replace('-', ""))
}

/// Signing in asks this account for no code any more.
#[derive(Serialize)]
pub struct SecondFactorOff {
    pub account: AccountId,
}

impl Act<CountyWide> for SecondFactorOff {
    const VERB: &'static str = "second_factor_off";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        diesel::delete(recovery_code::table.filter(recovery_code::account_id.eq(self.account))).execute(tx.conn())?;
        let gone = diesel::delete(second_factor::table.find(self.account)).execute(tx.conn())?;
        if gone == 0 { Err(Refused::conflict("这个账号没有开动态码。")) } else { Ok(()) }
    }
}

fn ticket_proof(keys: &Keys, me: AccountId, at: i64, device: &KnownDevice) -> String {
    keys.session_mac(&format!("second {me} {at} {}", device.token))
}

/// Says that this browser has just given the account's right password.
pub(super) fn ticket(keys: &Keys, me: AccountId, at: i64, device: &KnownDevice) -> String {
    format!("{me}.{at}.{}", ticket_proof(keys, me, at, device))
}

fn ticket_holder(keys: &Keys, ticket: &str, now: i64, device: &KnownDevice) -> Option<AccountId> {
    let mut parts = ticket.splitn(3, '.');
    let (me, at): (AccountId, i64) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let proof = parts.next()?;
    let young = (0..=TICKET_LIFE.num_seconds()).contains(&(now - at));
    (young && proof == ticket_proof(keys, me, at, device)).then_some(me)
}

impl Visitor {
    /// The second step of signing in: a code from the phone, or one from paper.
    ///
    /// # Errors
    /// [`Refused::SignedOut`] when the password was given too long ago, or elsewhere.
    pub(super) async fn sign_in_code(
        &self,
        presented: &str,
        code: &str,
        device: KnownDevice,
    ) -> Result<Attempted, Refused> {
        let (keys, now) = (self.house().keys.clone(), self.house().clock.now());
        let me = ticket_holder(&keys, presented, unix_seconds(now), &device).ok_or(Refused::SignedOut)?;
        let (login, name): (String, String) = self
            .look(move |look| Ok(account::table.find(me).select((account::login, account::name)).first(look.conn())?))
            .await?;
        let Some(left) = self.count_another(login, device.clone(), now).await? else { return Ok(Attempted::Wait) };
        let code = code_like(code);
        let right = self.at_the_threshold(move |threshold| take_code(threshold.conn(), &keys, me, &code, now)).await?;
        if !right {
            return Ok(Attempted::Wrong { left });
        }
        Ok(Attempted::Welcome { cookie: self.enter(me, device).await?, name })
    }
}

/// Whether the code is right and unused; it is used up with that.
fn take_code(conn: &mut Conn, keys: &Keys, me: AccountId, code: &str, now: NaiveDateTime) -> Result<bool, Refused> {
    let row: Option<(Vec<u8>, i64)> = second_factor::table
        .find(me)
        .filter(second_factor::confirmed_at.is_not_null())
        .select((second_factor::secret_sealed, second_factor::last_step))
        .first(conn)
        .optional()?;
    let Some((sealed, last)) = row else { return Ok(false) };
    if let Some(step) = totp(&opened(keys, &sealed)?).check(code, unix_seconds(now).unsigned_abs()) {
        let unused = second_factor::table.find(me).filter(second_factor::last_step.lt(step.cast_signed()));
        let taken = diesel::update(unused).set(second_factor::last_step.eq(step.cast_signed())).execute(conn)?;
        return Ok(taken == 1 && last < step.cast_signed());
    }
    let paper = recovery_code::table
        .filter(recovery_code::account_id.eq(me))
        .filter(recovery_code::code_hash.eq_any(keys.fingerprints(RECOVERY, &recovery_words(me, code))))
        .filter(recovery_code::used_at.is_null());
    Ok(diesel::update(paper).set(recovery_code::used_at.eq(now)).execute(conn)? == 1)
}
