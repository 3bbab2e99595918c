//! Passwords: at least 8 characters of any kind, not one that many people use or
//! that the account itself gives away (OWASP ASVS 5.0, 6.2.1–6.2.12: no rules of
//! composition, no forced change); kept as argon2id.

use crate::access::{House, Refused, off_the_loop};
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// argon2id with 19 MiB, 2 passes, 1 lane (OWASP Password Storage, 2026).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Each check takes 19 MiB and a core for some 30 ms: a morning's rush waits in
/// line instead of taking the machine down.
const AT_ONCE: usize = 4;
static TURN: Semaphore = Semaphore::const_new(AT_ONCE);

/// Checked against when there is no such account, so that the answer takes as long.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash_now(&crate::platform::keys::random_token()).expect("start-up: argon2 hashes"));

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("start-up: the parameters are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, Refused> {
    Ok(argon2().hash_password(password.as_bytes()).map_err(|e| Refused::broken(e.to_string()))?.to_string())
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WeakPassword {
    #[error("密码至少 8 位。")]
    TooShort,
    #[error("密码最多 128 位。")]
    TooLong,
    #[error("这个密码太容易猜到。换几个不相干的词，或加长一些。")]
    Guessable,
    #[error("密码里大写字母、小写字母、数字和符号要有三种。")]
    OneKind,
    #[error("两次输入的密码不一样，请再输一次。")]
    Mismatch,
}

/// What Chinese users reach for first, besides the words every estimator knows.
const REACHED_FOR: [&str; 24] = [
    "woaini",
    "woaini1314",
    "5201314",
    "1314520",
    "wodemima",
    "mima",
    "laoshi",
    "xuesheng",
    "jiazhang",
    "xuexiao",
    "banzhuren",
    "qinghe",
    "zonghe",
    "zongping",
    "zhongguo",
    "beijing",
    "liaoning",
    "fushun",
    "shenyang",
    "baobao",
    "nihao",
    "wangyi",
    "qazwsx",
    "147258369",
];

/// A password someone chose, good enough to be kept.
pub struct Password(String);

impl Password {
    /// Checks a chosen password; `known` are words an attacker would try first:
    /// login, name, school.
    pub fn choose(typed: &str, again: &str, known: &[&str]) -> Result<Self, WeakPassword> {
        let length = typed.chars().count();
        if length < 8 {
            return Err(WeakPassword::TooShort);
        }
        if length > 128 {
            return Err(WeakPassword::TooLong);
        }
        if typed != again {
            return Err(WeakPassword::Mismatch);
        }
        let folded = typed.to_lowercase();
        let gives_away = known.iter().any(|word| word.chars().count() > 3 && folded.contains(&word.to_lowercase()));
        let first: Vec<&str> = REACHED_FOR.iter().chain(known).copied().collect();
        let guesses = zxcvbn::zxcvbn(typed, &first).guesses();
        // A million guesses are what an online attacker could hope for in years of
        // throttled attempts.
        if gives_away || guesses < 1_000_000 {
            return Err(WeakPassword::Guessable);
        }
        Ok(Password(typed.to_owned()))
    }

    /// As [`choose`](Self::choose); in a graded house also of three kinds of characters.
    pub fn choose_in(house: &House, typed: &str, again: &str, known: &[&str]) -> Result<Self, WeakPassword> {
        let kinds: [fn(char) -> bool; 4] = [
            |c| c.is_uppercase(),
            |c| c.is_lowercase(),
            |c| c.is_numeric(),
            |c| !c.is_uppercase() && !c.is_lowercase() && !c.is_numeric(),
        ];
        let chosen = Self::choose(typed, again, known)?;
        let found = kinds.iter().filter(|kind| typed.chars().any(**kind)).count();
        if house.graded && found < 3 { Err(WeakPassword::OneKind) } else { Ok(chosen) }
    }

    /// A random one for a demonstration county: four groups of four.
    pub fn random() -> Self {
        let code = crate::platform::keys::random_code(16);
        let groups: Vec<&str> = (0..4).map(|n| &code[n * 4..n * 4 + 4]).collect();
        Password(groups.join("-"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The argon2id hash, in PHC form.
    pub async fn hash(&self) -> Result<String, Refused> {
        let password = self.0.clone();
        let _turn = TURN.acquire().await.map_err(Refused::broken)?;
        off_the_loop(move || hash_now(&password)).await
    }
}

/// Whether `typed` is the password of `hash`; takes as long without one.
pub(super) async fn is_right(typed: String, hash: Option<String>) -> Result<bool, Refused> {
    let _turn = TURN.acquire().await.map_err(Refused::broken)?;
    off_the_loop(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let hash = PasswordHash::new(&hash).map_err(|e| Refused::broken(e.to_string()))?;
        Ok(argon2().verify_password(typed.as_bytes(), &hash).is_ok() && known)
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(typed: &str) -> Result<(), WeakPassword> {
        Password::choose(typed, typed, &["wangmin", "王敏", "石泉学校"]).map(|_| ())
    }

    #[test]
    fn a_password_that_many_use_is_refused() {
        for typed in [
            "12345678",
            "password1",
            "abcd1234",
            "woaini1314",
            "88888888",
            "qwertyuiop",
            "wangmin2026",
            "石泉学校石泉学校",
        ] {
            assert_eq!(choose(typed), Err(WeakPassword::Guessable), "{typed}");
        }
        assert_eq!(choose("短密码1"), Err(WeakPassword::TooShort));
        assert_eq!(choose(&"长".repeat(129)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn a_long_or_odd_password_is_taken() {
        for typed in ["山里的第七棵梨树", "correct horse battery", "kT9#vq2w"] {
            assert_eq!(choose(typed), Ok(()), "{typed}");
        }
        assert!(matches!(Password::choose("山里的第七棵梨树", "山里的第八棵梨树", &[]), Err(WeakPassword::Mismatch)));
    }

    #[test]
    fn what_lies_beyond_72_bytes_counts() {
        let (one, other) = ("梨".repeat(30) + "一", "梨".repeat(30) + "二");
        let hash = hash_now(&one).unwrap();
        let hash = PasswordHash::new(&hash).unwrap();
        assert!(argon2().verify_password(one.as_bytes(), &hash).is_ok());
        assert!(argon2().verify_password(other.as_bytes(), &hash).is_err());
        assert!(hash.to_string().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }
}
