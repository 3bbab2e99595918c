//! The signed list of credentials that no longer hold.

use super::Told;
use crate::platform::clock::unix_seconds;
use crate::platform::keys::Keys;
use crate::platform::signing::{BadToken, PinnedKeys};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

/// The `typ` of the list; nothing else of ours is signed with it.
const WITHDRAWN_TYP: &str = "qinghe-withdrawn+jwt";

/// What a county has withdrawn, as of `iat` (seconds since 1970).
#[derive(Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    iss: String,
    iat: i64,
    withdrawn: Vec<One>,
}

#[derive(Debug, Serialize, Deserialize)]
struct One {
    /// `urn:uuid:…`, the credential's own name.
    credential: String,
    at: i64,
}

impl Withdrawn {
    /// The list as it stands at `now`, to be signed by the county.
    pub fn list(issuer: &str, all: Vec<(String, NaiveDateTime)>, now: NaiveDateTime) -> Self {
        let one = |(credential, at)| One { credential, at: unix_seconds(at) };
        Withdrawn { iss: issuer.to_owned(), iat: unix_seconds(now), withdrawn: all.into_iter().map(one).collect() }
    }

    pub fn signed(&self, keys: &Keys) -> Result<String, jsonwebtoken::errors::Error> {
        keys.sign_as(&self.iss, WITHDRAWN_TYP, self)
    }

    /// Reads a list that someone believed has signed for its own county.
    pub fn open(token: &str, believed: &PinnedKeys) -> Result<Self, BadToken> {
        let (list, pinned) = believed.open::<Withdrawn>(WITHDRAWN_TYP, token.trim())?;
        if pinned.speaks_for(&list.iss) { Ok(list) } else { Err(BadToken::Forged) }
    }

    /// Whether the list takes this portfolio back.
    pub fn takes_back(&self, told: &Told) -> bool {
        self.iss == told.issuer && self.withdrawn.iter().any(|one| one.credential == told.credential)
    }
}
