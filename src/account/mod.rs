//! Who signs in: logins, passwords, sign-in attempts, single-use links.

pub mod pages;
mod password;
mod phone;
mod reseal;
mod second_factor;
mod sign_in;
mod store;
mod unlock;

pub use password::{Password, WeakPassword};
pub use phone::{Phone, PhoneClaimed, PhoneConfirmed, account_of_phone, claim_phone, login_words, phone_of};
pub use reseal::ResealAccounts;
pub use second_factor::SecondFactorOff;
pub use sign_in::{Attempted, KnownDevice};
pub use store::{
    Invite, LinkMade, NewAccount, PasswordSet, SigningIn, account_named, account_signing_in, close_if_unneeded,
    insert_account, write_password,
};

pub use unlock::{AccountUnlocked, locked_among};

use crate::platform::text;
use chrono::Duration;

/// How long a link to set a first or a new password may be used.
pub const LINK_LIFE: Duration = Duration::hours(24);

/// The name an account signs in with: staff number, auxiliary number, telephone
/// or slip code. Compared without regard to case and width.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Login(String);

impl Login {
    const MOST_CHARACTERS: usize = 40;

    /// # Errors
    /// A sentence for the person who typed it.
    pub fn parse(typed: &str) -> Result<Self, &'static str> {
        let login = text::code_like(typed).to_lowercase();
        if login.is_empty() {
            return Err("请填账号。");
        }
        if login.chars().count() > Self::MOST_CHARACTERS {
            return Err("账号太长了，最多 40 个字。");
        }
        if !login.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@')) {
            return Err("账号里只能有字母、数字、汉字和 - _ . @。");
        }
        Ok(Login(login))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A login as people read it: a slip's code as it stands on the slip, in capitals.
pub fn shown_login(login: &str) -> String {
    let is_code = login.len() == 9 && login.is_ascii() && login.as_bytes()[4] == b'-';
    if is_code { login.to_uppercase() } else { login.to_owned() }
}
