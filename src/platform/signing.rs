//! What others verify: compact JWS, ES256 only. A token is believed by a key that was
//! pinned before it came, never by one it brings along (RFC 8725, 3.10). A key's
//! public half stays published for ever, so that old signatures stay good.

use super::keys::{Key, Keys, Purpose};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::Error as JwtError;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use p256::PublicKey;
use p256::elliptic_curve::sec1::{FromEncodedPoint, ToEncodedPoint};
use p256::pkcs8::DecodePrivateKey;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Why a token is not believed. Each says it to a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadToken {
    #[error("这不是一份签名文件，或者只剩了一部分")]
    NotAToken,
    #[error("文件没有签名（alg: none），谁都写得出来")]
    Unsigned,
    #[error("签名用的是 {0}：它要双方共用一把密钥，谁能核对谁就能伪造")]
    Symmetric(String),
    #[error("签名用的是 {0}，本平台只用 ES256")]
    OtherAlgorithm(String),
    #[error("文件自带钥匙（{0}）：自己的钥匙证明不了自己")]
    BringsAKey(String),
    #[error("这是另一种用途的签名（{0}）")]
    OtherUse(String),
    #[error("签名的钥匙 {0} 不在信任的钥匙里")]
    UnknownKey(String),
    #[error("签名对不上，内容被改过，或者不是这把钥匙签的")]
    Forged,
}

/// A public key (P-256) that is believed, and for whom it may speak.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// As tokens name it: `urn:…#0123456789abcdef`, or its last part alone.
    pub kid: String,
    key: PublicKey,
    pub from: Option<i64>,
    /// Seconds since 1970 when another key took its place.
    pub until: Option<i64>,
    /// A key of this house speaks for whatever the house has signed.
    ours: bool,
}

impl Pinned {
    /// For whom it may speak; `None` when the key names nobody.
    pub fn issuer(&self) -> Option<&str> {
        Some(self.kid.split_once('#')?.0)
    }

    /// Whether it may speak for `issuer`.
    pub fn speaks_for(&self, issuer: &str) -> bool {
        self.ours || self.issuer().is_none_or(|own| own == issuer)
    }

    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// What two people read to each other over the telephone: the first 32 digits of
    /// the key's JWK thumbprint (RFC 7638, SHA-256), in groups of four.
    pub fn fingerprint(&self) -> String {
        let (x, y) = coordinates(&self.key);
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        let digits = hex::encode(&Sha256::digest(canonical)[..16]);
        digits.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
    }

    /// Whether a token's `kid` is this key.
    fn is_named(&self, kid: &str) -> bool {
        if self.kid.contains('#') && kid.contains('#') {
            return self.kid == kid;
        }
        last_part(&self.kid) == last_part(kid)
    }
}

fn last_part(kid: &str) -> &str {
    kid.rsplit_once('#').map_or(kid, |(_, last)| last)
}

fn coordinates(key: &PublicKey) -> (String, String) {
    let point = key.to_encoded_point(false);
    let text = |bytes: Option<&p256::FieldBytes>| URL_SAFE_NO_PAD.encode(bytes.map_or(&[][..], |b| b.as_slice()));
    (text(point.x()), text(point.y()))
}

/// The keys that are believed here.
#[derive(Clone, Debug, Default)]
pub struct PinnedKeys(Vec<Pinned>);

/// A public key as a key set publishes it (RFC 7517). `iat` and `exp` say from when
/// and until when it has signed, as in the historical keys of OpenID Federation.
#[derive(Serialize, Deserialize)]
struct Published {
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
    #[serde(default)]
    kid: String,
    #[serde(rename = "use", default = "signing_use")]
    public_use: String,
    #[serde(default = "es256")]
    alg: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// Never written: a private key that came where a public one belongs.
    #[serde(default, skip_serializing)]
    d: Option<Value>,
}

fn signing_use() -> String {
    "sig".to_owned()
}

fn es256() -> String {
    "ES256".to_owned()
}

#[derive(Serialize, Deserialize)]
struct KeySet {
    keys: Vec<Published>,
}

/// Why a file is no set of public keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeySet {
    #[error("不是公钥文件（JWKS）")]
    Unreadable,
    #[error("里面有私钥：这份文件不该离开它的主人，请告诉对方换钥匙")]
    Private,
    #[error("里面没有能用的公钥（要 P-256，带 kid）")]
    Empty,
}

impl PinnedKeys {
    /// Reads a set of public keys (JWKS). Keys of other kinds in it are passed over.
    pub fn from_jwks(bytes: &[u8]) -> Result<Self, NotAKeySet> {
        let set: KeySet = serde_json::from_slice(bytes).map_err(|_| NotAKeySet::Unreadable)?;
        if set.keys.iter().any(|key| key.d.is_some()) {
            return Err(NotAKeySet::Private);
        }
        let pinned = |key: Published| {
            if key.kty != "EC" || key.crv != "P-256" || key.kid.is_empty() {
                return None;
            }
            let field = |text: &str| -> Option<p256::FieldBytes> {
                let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
                (bytes.len() == 32).then(|| p256::FieldBytes::clone_from_slice(&bytes))
            };
            let point = p256::EncodedPoint::from_affine_coordinates(&field(&key.x)?, &field(&key.y)?, false);
            let public = Option::from(PublicKey::from_encoded_point(&point))?;
            Some(Pinned { kid: key.kid, key: public, from: key.iat, until: key.exp, ours: false })
        };
        let keys: Vec<Pinned> = set.keys.into_iter().filter_map(pinned).collect();
        if keys.is_empty() { Err(NotAKeySet::Empty) } else { Ok(PinnedKeys(keys)) }
    }

    /// As a key set, to be published or kept.
    pub fn to_jwks(&self) -> Value {
        let keys = self.0.iter().map(|pinned| {
            let (x, y) = coordinates(&pinned.key);
            Published {
                kty: "EC".to_owned(),
                crv: "P-256".to_owned(),
                x,
                y,
                kid: pinned.kid.clone(),
                public_use: signing_use(),
                alg: es256(),
                iat: pinned.from,
                exp: pinned.until,
                d: None,
            }
        });
        serde_json::json!({ "keys": keys.collect::<Vec<_>>() })
    }

    /// Those that speak for one issuer.
    pub fn of(&self, issuer: &str) -> PinnedKeys {
        PinnedKeys(self.0.iter().filter(|key| key.issuer() == Some(issuer)).cloned().collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &Pinned> {
        self.0.iter()
    }

    /// The fingerprint of the key that is named so.
    pub fn fingerprint_of(&self, kid: &str) -> Option<String> {
        self.0.iter().find(|key| key.kid == kid).map(Pinned::fingerprint)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Believes these as well.
    pub fn add(&mut self, others: PinnedKeys) {
        for other in others.0 {
            if !self.0.iter().any(|known| known.kid == other.kid && known.key == other.key) {
                self.0.push(other);
            }
        }
    }

    /// Who is believed under this public key.
    pub fn holder_of(&self, key: &PublicKey) -> Option<&Pinned> {
        self.0.iter().find(|pinned| pinned.key == *key)
    }

    /// The claims of a token signed for this use, and the key that signed them.
    pub fn open<C: DeserializeOwned>(&self, typ: &str, token: &str) -> Result<(C, &Pinned), BadToken> {
        let header = header_of(token)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        match text("alg") {
            "ES256" => {}
            none if none.is_empty() || none.eq_ignore_ascii_case("none") => return Err(BadToken::Unsigned),
            shared if shared.starts_with("HS") => return Err(BadToken::Symmetric(shared.to_owned())),
            other => return Err(BadToken::OtherAlgorithm(other.to_owned())),
        }
        if let Some(brought) = ["jwk", "jku", "x5c", "x5u"].into_iter().find(|name| header.get(*name).is_some()) {
            return Err(BadToken::BringsAKey(brought.to_owned()));
        }
        if text("typ") != typ || header.get("crit").is_some() {
            return Err(BadToken::OtherUse(text("typ").to_owned()));
        }
        let named: Vec<&Pinned> = self.0.iter().filter(|pinned| pinned.is_named(text("kid"))).collect();
        if named.is_empty() {
            return Err(BadToken::UnknownKey(text("kid").to_owned()));
        }
        let mut rules = Validation::new(Algorithm::ES256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        for pinned in named {
            let (x, y) = coordinates(&pinned.key);
            let Ok(key) = DecodingKey::from_ec_components(&x, &y) else { continue };
            if let Ok(opened) = jsonwebtoken::decode::<C>(token, &key, &rules) {
                return Ok((opened.claims, pinned));
            }
        }
        Err(BadToken::Forged)
    }
}

fn part<T: DeserializeOwned>(token: &str, n: usize) -> Result<T, BadToken> {
    let parts: Vec<&str> = token.trim().split('.').collect();
    if parts.len() != 3 {
        return Err(BadToken::NotAToken);
    }
    let bytes = URL_SAFE_NO_PAD.decode(parts[n]).map_err(|_| BadToken::NotAToken)?;
    serde_json::from_slice(&bytes).map_err(|_| BadToken::NotAToken)
}

fn header_of(token: &str) -> Result<serde_json::Map<String, Value>, BadToken> {
    part(token, 0)
}

/// What a token claims, believed or not: only to say what was changed.
pub fn claims_unverified<C: DeserializeOwned>(token: &str) -> Result<C, BadToken> {
    part(token, 1)
}

impl Key {
    pub(super) fn signing(&self) -> Option<p256::SecretKey> {
        p256::SecretKey::from_pkcs8_pem(&self.secret).ok()
    }
}

impl Keys {
    /// Signs claims as a compact JWS for use in this house: ES256, `typ` as given.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, JwtError> {
        self.signed(typ, self.newest(Purpose::Sign).kid.clone(), claims)
    }

    /// Signs claims that leave the house: the `kid` says for whom it speaks, as the
    /// published key does (`urn:…#0123456789abcdef`).
    pub fn sign_as(&self, issuer: &str, typ: &str, claims: &impl Serialize) -> Result<String, JwtError> {
        self.signed(typ, format!("{issuer}#{}", self.newest(Purpose::Sign).kid), claims)
    }

    fn signed(&self, typ: &str, kid: String, claims: &impl Serialize) -> Result<String, JwtError> {
        let secret = self.newest(Purpose::Sign).secret.as_bytes();
        let header = Header { typ: Some(typ.to_owned()), kid: Some(kid), ..Header::new(Algorithm::ES256) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ec_pem(secret)?)
    }

    /// The claims of a compact JWS that one of our own signing keys has signed with
    /// this `typ`.
    pub fn verify<C: DeserializeOwned>(&self, typ: &str, token: &str) -> Option<C> {
        Some(self.pinned().open(typ, token).ok()?.0)
    }

    /// Our own signing keys, present and past, as what is believed in this house.
    pub fn pinned(&self) -> PinnedKeys {
        let keys: Vec<(&Key, p256::SecretKey)> =
            self.all_of(Purpose::Sign).filter_map(|key| Some((key, key.signing()?))).collect();
        let seconds = |key: &Key| i64::try_from(key.made / 1000).ok();
        let pinned = keys.iter().enumerate().map(|(n, (key, secret))| Pinned {
            kid: key.kid.clone(),
            key: secret.public_key(),
            from: seconds(key),
            until: keys.get(n + 1).and_then(|(next, _)| seconds(next)),
            ours: true,
        });
        PinnedKeys(pinned.collect())
    }

    /// The public halves of every signing key there is or was, named for `issuer`.
    pub fn published(&self, issuer: &str) -> PinnedKeys {
        let mut keys = self.pinned();
        for key in &mut keys.0 {
            key.kid = format!("{issuer}#{}", key.kid);
            key.ours = false;
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn keys() -> (Keys, PathBuf) {
        let folder = std::env::temp_dir().join(format!("signing-{}", uuid::Uuid::now_v7()));
        (Keys::make(&folder).unwrap(), folder)
    }

    #[test]
    fn what_we_signed_is_ours_and_nothing_else() {
        let ((ours, folder), (theirs, their_folder)) = (keys(), keys());
        let token = ours.sign("paper", &serde_json::json!({ "name": "陈𠮷䶮" })).unwrap();
        let read = |keys: &Keys, typ, token: &str| keys.verify::<Value>(typ, token);
        assert_eq!(read(&ours, "paper", &token).unwrap()["name"], "陈𠮷䶮");
        assert!(read(&ours, "session", &token).is_none(), "another use");
        assert!(read(&theirs, "paper", &token).is_none(), "another county");
        let (head, rest) = token.split_once('.').unwrap();
        let (_, signature) = rest.split_once('.').unwrap();
        let other = URL_SAFE_NO_PAD.encode(r#"{"name":"别人"}"#);
        assert!(read(&ours, "paper", &format!("{head}.{other}.{signature}")).is_none(), "changed words");
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"paper"}"#);
        let open = |token: &str| ours.pinned().open::<Value>("paper", token).map(|_| ()).unwrap_err();
        assert_eq!(open(&format!("{none}.{other}.")), BadToken::Unsigned);
        std::fs::remove_dir_all(folder).unwrap();
        std::fs::remove_dir_all(their_folder).unwrap();
    }

    #[test]
    fn a_key_that_followed_another_signs_and_the_old_one_still_verifies() {
        let (mut keys, folder) = keys();
        let old = keys.sign_as("urn:x:1", "paper", &serde_json::json!({ "n": 1 })).unwrap();
        let kid = keys.make_another(&folder, Purpose::Sign).unwrap();
        let second = serde_json::json!({ "n": 2 });
        let new = keys.sign_as("urn:x:1", "paper", &second).unwrap();
        let published = keys.published("urn:x:1");
        assert_eq!(published.iter().map(|key| key.until.is_some()).collect::<Vec<_>>(), [true, false]);
        let read_back = PinnedKeys::from_jwks(published.to_jwks().to_string().as_bytes()).unwrap();
        for (token, says) in [(&old, 1), (&new, 2)] {
            let (said, by) = read_back.open::<Value>("paper", token).unwrap();
            assert_eq!((said["n"].as_i64(), by.issuer()), (Some(says), Some("urn:x:1")));
            assert!(by.speaks_for("urn:x:1") && !by.speaks_for("urn:x:2"));
        }
        assert!(read_back.iter().any(|key| key.kid == format!("urn:x:1#{kid}")));
        assert_eq!(Keys::load(&folder).unwrap().sign_as("urn:x:1", "paper", &second).unwrap(), new, "the newest works");
        let private = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"","y":"","d":"secret"}]}"#;
        assert_eq!(PinnedKeys::from_jwks(private.as_bytes()).unwrap_err(), NotAKeySet::Private);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
