//! A telephone number as a login: once it is confirmed, its owner signs in with it.
//! Confirmed is a number that the school's roster has for this family, or one that
//! the homeroom teacher has checked; a number that is only claimed opens nothing.

use super::shown_login;
use super::store::own_account;
use crate::access::{Act, Look, Refused, Scope, Tx};
use crate::names::AccountId;
use crate::platform::db::Conn;
use crate::platform::keys::Keys;
use crate::platform::text::half_width;
use crate::schema::{account, account_phone};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// The place a telephone number of an account is sealed for.
pub(super) const PLACE: &str = "account.phone";

/// A mobile number of the mainland: 11 digits from 13 to 19.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn parse(typed: &str) -> Result<Self, String> {
        let typed = half_width(typed);
        let number: String = typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')')).collect();
        let number = number.strip_prefix("+86").unwrap_or(&number);
        if let Some(odd) = number.chars().find(|c| !c.is_ascii_digit()) {
            return Err(format!("手机号里只能有数字，这里有一个“{odd}”。"));
        }
        if number.len() != 11 {
            return Err(format!("手机号是 11 位，这里写了 {} 位。", number.len()));
        }
        if !matches!(&number.as_bytes()[..2], [b'1', b'3'..=b'9']) {
            return Err("手机号应以 13 到 19 开头，请再看一看。".to_owned());
        }
        Ok(Phone(number.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `138••••8206`: enough to know one's own by.
    pub fn masked(&self) -> String {
        format!("{}••••{}", &self.0[..3], &self.0[7..])
    }

    fn hash(&self, keys: &Keys) -> String {
        keys.fingerprint(PLACE, &self.0)
    }
}

/// A number as it is kept: sealed, with the hash it is found by.
#[derive(Clone)]
pub struct PhoneClaimed {
    hash: String,
    sealed: Vec<u8>,
    /// Known to the school's roster already.
    pub known: bool,
}

impl PhoneClaimed {
    pub fn new(keys: &Keys, phone: &Phone, known: bool) -> Self {
        PhoneClaimed { hash: phone.hash(keys), sealed: keys.seal(PLACE, phone.0.as_bytes()), known }
    }
}

/// Writes an account's number, within the act that makes the account.
///
/// # Errors
/// [`Refused::Invalid`] at `login` when another account has it, confirmed.
pub fn claim_phone(conn: &mut Conn, me: AccountId, phone: &PhoneClaimed, now: NaiveDateTime) -> Result<(), Refused> {
    if phone.known {
        refuse_taken(conn, &phone.hash)?;
    }
    diesel::insert_into(account_phone::table)
        .values((
            account_phone::account_id.eq(me),
            account_phone::phone_hash.eq(&phone.hash),
            account_phone::phone_sealed.eq(&phone.sealed),
            account_phone::asked_at.eq(now),
            account_phone::confirmed_at.eq(phone.known.then_some(now)),
        ))
        .execute(conn)?;
    Ok(())
}

fn refuse_taken(conn: &mut Conn, hash: &str) -> Result<(), Refused> {
    let taken: i64 = account_phone::table
        .filter(account_phone::phone_hash.eq(hash))
        .filter(account_phone::confirmed_at.is_not_null())
        .count()
        .get_result(conn)?;
    if taken == 0 { Ok(()) } else { Err(Refused::invalid("login", "这个手机号已经有账号用着了。")) }
}

/// The account that signs in with this number.
pub fn account_of_phone(conn: &mut Conn, keys: &Keys, phone: &Phone) -> Result<Option<(AccountId, String)>, Refused> {
    Ok(account_phone::table
        .inner_join(account::table.on(account::id.eq(account_phone::account_id)))
        .filter(account_phone::phone_hash.eq(phone.hash(keys)))
        .filter(account_phone::confirmed_at.is_not_null())
        .filter(account::disabled_at.is_null())
        .select((account::id, account::login))
        .first(conn)
        .optional()?)
}

/// The number of an account, and whether it is confirmed.
///
/// # Errors
/// [`Refused::Broken`] when the number does not open with our keys.
pub fn phone_of<S: Scope>(look: &mut Look<S>, keys: &Keys, me: AccountId) -> Result<Option<(Phone, bool)>, Refused> {
    let row: Option<(Vec<u8>, Option<NaiveDateTime>)> = account_phone::table
        .find(me)
        .select((account_phone::phone_sealed, account_phone::confirmed_at))
        .first(look.conn())
        .optional()?;
    row.map(|(sealed, confirmed)| {
        let number = keys.open(PLACE, &sealed).map_err(Refused::broken)?;
        let number = String::from_utf8(number).map_err(Refused::broken)?;
        Ok((Phone(number), confirmed.is_some()))
    })
    .transpose()
}

/// What an account signs in with, as its owner reads it: the confirmed number, else
/// the login.
pub fn login_words<S: Scope>(look: &mut Look<S>, keys: &Keys, me: AccountId) -> Result<String, Refused> {
    match phone_of(look, keys, me)? {
        Some((phone, true)) => Ok(phone.0),
        _ => Ok(shown_login(&own_account(look.conn(), me)?.0)),
    }
}

/// Someone of the school has checked that the number is the account's owner's.
#[derive(Serialize)]
pub struct PhoneConfirmed {
    pub account: AccountId,
}

impl<S: Scope> Act<S> for PhoneConfirmed {
    const VERB: &'static str = "phone_confirmed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx<S>) -> Result<(), Refused> {
        let now = tx.now();
        own_account(tx.conn(), self.account)?;
        let hash: String = account_phone::table
            .find(self.account)
            .filter(account_phone::confirmed_at.is_null())
            .select(account_phone::phone_hash)
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        refuse_taken(tx.conn(), &hash)
            .map_err(|_| Refused::conflict("这个手机号已经是另一个账号的登录名，不能再用。"))?;
        diesel::update(account_phone::table.find(self.account))
            .set(account_phone::confirmed_at.eq(now))
            .execute(tx.conn())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_eleven_digits_and_what_is_wrong_is_said() {
        for good in ["13804138206", " 138 0413-8206", "+86 138 0413 8206", "１３８０４１３８２０６"] {
            assert_eq!(Phone::parse(good).unwrap().as_str(), "13804138206", "{good}");
        }
        for (bad, said) in
            [("1380413820", "10 位"), ("1380413820a", "“a”"), ("02452100000", "13 到 19"), ("找他爸", "只能有数字")]
        {
            assert!(Phone::parse(bad).unwrap_err().contains(said), "{bad}");
        }
        assert_eq!(Phone::parse("13804138206").unwrap().masked(), "138••••8206");
    }
}
