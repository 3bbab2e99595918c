use super::{LINK_LIFE, Login, Phone, account_of_phone};
use crate::access::{Act, Refused, Scope, Tx};
use crate::names::AccountId;
use crate::platform::db::Conn;
use crate::platform::keys::{Keys, random_token};
use crate::schema::{account, account_phone, device, guardianship, membership, session, single_use_link};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

/// An account to be made, without a password: its owner sets one by a link.
#[derive(Clone, Debug, Serialize)]
pub struct NewAccount {
    pub login: Login,
    pub name: String,
}

/// Makes an account within an act.
///
/// # Errors
/// [`Refused::Invalid`] at `login` when it is taken.
pub fn insert_account(conn: &mut Conn, new: &NewAccount, now: NaiveDateTime) -> Result<AccountId, Refused> {
    let taken = account::table.filter(account::login.eq(new.login.as_str())).count().get_result::<i64>(conn)?;
    if taken > 0 {
        return Err(Refused::invalid("login", format!("账号“{}”已经有人用了，请换一个。", new.login.as_str())));
    }
    let id = AccountId::new();
    diesel::insert_into(account::table)
        .values((
            account::id.eq(id),
            account::login.eq(new.login.as_str()),
            account::name.eq(&new.name),
            account::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(id)
}

/// The account of that login, if there is one that is not disabled.
pub fn account_named(conn: &mut Conn, login: &Login) -> Result<Option<(AccountId, String)>, Refused> {
    Ok(account::table
        .filter(account::login.eq(login.as_str()))
        .filter(account::disabled_at.is_null())
        .select((account::id, account::name))
        .first(conn)
        .optional()?)
}

/// An account that someone signs in to.
#[derive(Clone, Debug)]
pub struct SigningIn {
    pub account: AccountId,
    pub login: String,
    pub name: String,
    pub(super) hash: Option<String>,
}

/// The account that what was typed signs in to: a login, a confirmed telephone
/// number, or a slip's code with or without its hyphen.
pub fn account_signing_in(conn: &mut Conn, keys: &Keys, typed: &str) -> Result<Option<SigningIn>, Refused> {
    let Ok(login) = Login::parse(typed) else { return Ok(None) };
    let mut find = |login: &str| -> QueryResult<Option<SigningIn>> {
        let row: Option<(AccountId, String, String, Option<String>)> = account::table
            .filter(account::login.eq(login))
            .filter(account::disabled_at.is_null())
            .select((account::id, account::login, account::name, account::password_hash))
            .first(conn)
            .optional()?;
        Ok(row.map(|(account, login, name, hash)| SigningIn { account, login, name, hash }))
    };
    if let Some(found) = find(login.as_str())? {
        return Ok(Some(found));
    }
    let code = login.as_str();
    if code.len() == 8 && code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(find(&format!("{}-{}", &code[..4], &code[4..]))?);
    }
    match Phone::parse(typed) {
        Ok(phone) => match account_of_phone(conn, keys, &phone)? {
            Some((_, login)) => account_signing_in(conn, keys, &login),
            None => Ok(None),
        },
        Err(_) => Ok(None),
    }
}

/// A link by which an account's owner sets a password, once, within a day.
pub struct Invite {
    token: String,
}

impl Invite {
    /// The whole address, to be given to its owner only.
    pub fn address(&self, public_url: &str) -> String {
        format!("{public_url}/welcome/{}", self.token)
    }
}

/// Someone makes a single-use link for an account; links made before end.
#[derive(Serialize)]
pub struct LinkMade {
    pub account: AccountId,
}

impl<S: Scope> Act<S> for LinkMade {
    const VERB: &'static str = "link_made";
    type Done = Invite;

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<S>) -> Result<Invite, Refused> {
        let (token, now) = (random_token(), tx.now());
        end_links(tx.conn(), self.account, now)?;
        diesel::insert_into(single_use_link::table)
            .values((
                single_use_link::token_sha256.eq(token_sha256(&token)),
                single_use_link::account_id.eq(self.account),
                single_use_link::expires_at.eq(now + LINK_LIFE),
            ))
            .execute(tx.conn())?;
        Ok(Invite { token })
    }
}

/// No link made so far opens the account any more.
fn end_links(conn: &mut Conn, account: AccountId, now: NaiveDateTime) -> QueryResult<()> {
    let unused = single_use_link::table
        .filter(single_use_link::account_id.eq(account))
        .filter(single_use_link::used_at.is_null())
        .filter(single_use_link::expires_at.gt(now));
    diesel::update(unused).set(single_use_link::expires_at.eq(now)).execute(conn).map(drop)
}

fn token_sha256(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// The account a link still opens: id, login, name.
pub(super) fn invited(
    conn: &mut Conn,
    token: &str,
    now: NaiveDateTime,
) -> Result<(AccountId, String, String), Refused> {
    single_use_link::table
        .inner_join(account::table.on(account::id.eq(single_use_link::account_id)))
        .filter(single_use_link::token_sha256.eq(token_sha256(token)))
        .filter(single_use_link::used_at.is_null())
        .filter(single_use_link::expires_at.gt(now))
        .filter(account::disabled_at.is_null())
        .select((account::id, account::login, account::name))
        .first(conn)
        .optional()?
        .ok_or(Refused::NotFound)
}

/// A password set by its owner. Every session of the account ends and every link to it,
/// and no device is known any more.
#[derive(Serialize)]
pub struct PasswordSet {
    pub account: AccountId,
    #[serde(skip)]
    pub hash: String,
    /// The link used, which ends with it.
    #[serde(skip)]
    pub link: Option<String>,
}

impl<S: Scope> Act<S> for PasswordSet {
    const VERB: &'static str = "password_set";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<S>) -> Result<(), Refused> {
        let now = tx.now();
        if let Some(token) = &self.link {
            let (account, ..) = invited(tx.conn(), token, now)?;
            if account != self.account {
                return Err(Refused::NotFound);
            }
            diesel::update(single_use_link::table.find(token_sha256(token)))
                .set(single_use_link::used_at.eq(now))
                .execute(tx.conn())?;
        }
        write_password(tx.conn(), self.account, &self.hash, now)?;
        end_links(tx.conn(), self.account, now)?;
        let open = session::table.filter(session::account_id.eq(self.account)).filter(session::ended_at.is_null());
        diesel::update(open).set(session::ended_at.eq(now)).execute(tx.conn())?;
        diesel::delete(device::table.filter(device::account_id.eq(self.account))).execute(tx.conn())?;
        Ok(())
    }
}

/// Writes the hash of an account's password, within the act that sets it.
pub fn write_password(conn: &mut Conn, account: AccountId, hash: &str, now: NaiveDateTime) -> Result<(), Refused> {
    diesel::update(account::table.find(account))
        .set((account::password_hash.eq(hash), account::password_at.eq(now)))
        .execute(conn)?;
    Ok(())
}

/// Login, name and password hash of one's own account.
pub(super) fn own_account(conn: &mut Conn, id: AccountId) -> Result<(String, String, Option<String>), Refused> {
    Ok(account::table.find(id).select((account::login, account::name, account::password_hash)).first(conn)?)
}

/// Disables an account that holds nothing any more: no membership, no child. Its
/// sessions end. Says whether it did.
pub fn close_if_unneeded(
    conn: &mut Conn,
    wanted: AccountId,
    now: NaiveDateTime,
    today: NaiveDate,
) -> Result<bool, Refused> {
    let held: i64 = membership::table
        .filter(membership::account_id.eq(wanted))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .count()
        .get_result(conn)?;
    let children: i64 = guardianship::table
        .filter(guardianship::account_id.eq(wanted))
        .filter(guardianship::ended_at.is_null())
        .count()
        .get_result(conn)?;
    if held + children > 0 {
        return Ok(false);
    }
    let open = account::table.find(wanted).filter(account::disabled_at.is_null());
    diesel::update(open).set(account::disabled_at.eq(now)).execute(conn)?;
    let sessions = session::table.filter(session::account_id.eq(wanted)).filter(session::ended_at.is_null());
    diesel::update(sessions).set(session::ended_at.eq(now)).execute(conn)?;
    // The number is free again for its owner's next account.
    diesel::delete(account_phone::table.find(wanted)).execute(conn)?;
    Ok(true)
}
