//! Keys in a folder of their own (mode 0600), never in the database: one seals
//! secrets, one finds them again, one signs sessions, one signs what leaves the
//! county. Every sealed value and every signature names its key, so that a new
//! key can follow an old one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Seals values at rest (XChaCha20-Poly1305).
    Seal,
    /// Finds a sealed value by a keyed hash (HMAC-SHA-256).
    Find,
    /// Signs sessions (HS256).
    Session,
    /// Signs what others verify (ES256); its public half is published.
    Sign,
}

crate::text_code!(Purpose { Seal = "seal", Find = "find", Session = "session", Sign = "sign" });

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("钥匙目录 {} 读写不了：{error}", .folder.display())]
    Folder { folder: PathBuf, error: io::Error },
    #[error("钥匙文件 {} 认不出，请从备份里取回原件。", .0.display())]
    Unreadable(PathBuf),
    #[error("缺少用途为 {0} 的钥匙。请把原来的钥匙目录放回来，不要另造新的。")]
    Missing(&'static str),
}

/// A sealed value cannot be opened: another key, another place, or changed.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value cannot be opened with the keys at hand")]
pub struct CannotOpen;

/// A key as its file holds it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Key {
    /// 16 hexadecimal digits, random.
    pub(super) kid: String,
    purpose: Purpose,
    /// When it was made: milliseconds since 1970, by the machine's clock.
    pub(super) made: u128,
    /// 32 bytes in base64, or a PKCS#8 PEM for [`Purpose::Sign`].
    pub(super) secret: String,
}

/// The keys of one installation. Of several for a purpose, the newest works and
/// the older ones still open, find and verify.
#[derive(Clone)]
pub struct Keys {
    keys: Vec<Key>,
}

const KID_BYTES: usize = 8;
const NONCE_BYTES: usize = 24;

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Random letters and digits without those that look alike (0 O 1 I L): a
/// password or a code that people copy from paper. `length` characters of 5 bits.
pub fn random_code(length: usize) -> String {
    const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ*";
    let mut code = String::with_capacity(length);
    while code.len() < length {
        for byte in random::<32>() {
            let letter = LETTERS[usize::from(byte & 31)];
            if letter != b'*' && code.len() < length {
                code.push(char::from(letter));
            }
        }
    }
    code
}

/// A random secret of 160 bits (RFC 4226, 4).
pub fn random_secret() -> [u8; 20] {
    random()
}

/// A random token of 256 bits, URL-safe.
pub fn random_token() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::<32>())
}

impl Key {
    fn make(purpose: Purpose) -> Self {
        let secret = match purpose {
            Purpose::Sign => loop {
                // A scalar is refused only if it is 0 or beyond the curve's order.
                if let Ok(secret) = p256::SecretKey::from_slice(&random::<32>())
                    && let Ok(pem) = secret.to_pkcs8_pem(LineEnding::LF)
                {
                    break pem.to_string();
                }
            },
            _ => BASE64.encode(random::<32>()),
        };
        let made = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        Key { kid: hex::encode(random::<KID_BYTES>()), purpose, made, secret }
    }

    fn bytes(&self) -> Vec<u8> {
        BASE64.decode(&self.secret).unwrap_or_else(|_| self.secret.clone().into_bytes())
    }

    fn file_name(&self) -> String {
        format!("{}-{}.key", self.purpose.code(), self.kid)
    }
}

fn write_each(folder: &Path, keys: &[Key]) -> Result<(), KeyError> {
    let failed = |error| KeyError::Folder { folder: folder.to_owned(), error };
    fs::create_dir_all(folder).map_err(failed)?;
    for key in keys {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join(key.file_name()))
            .map_err(failed)?;
        let text = serde_json::to_vec_pretty(key).expect("a key is plain data");
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(failed)?;
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

impl Keys {
    /// Reads every key in the folder, in the order they were made.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::Folder { folder: folder.to_owned(), error };
        let mut keys: Vec<Key> = Vec::new();
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Keys { keys }),
            Err(error) => return Err(failed(error)),
        };
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|ending| ending == "key") {
                let text = fs::read_to_string(&path).map_err(failed)?;
                keys.push(serde_json::from_str(&text).map_err(|_| KeyError::Unreadable(path.clone()))?);
            }
        }
        keys.sort_by(|a, b| (a.made, &a.kid).cmp(&(b.made, &b.kid)));
        Ok(Keys { keys })
    }

    /// Makes one key for each purpose, on disk before it answers.
    pub fn make(folder: &Path) -> Result<Self, KeyError> {
        let keys: Vec<Key> = Purpose::ALL.iter().map(|purpose| Key::make(*purpose)).collect();
        write_each(folder, &keys)?;
        Keys::load(folder)
    }

    /// Makes one more key for a purpose, which from now on is the one that works;
    /// says its id.
    pub fn make_another(&mut self, folder: &Path, purpose: Purpose) -> Result<String, KeyError> {
        let key = Key::make(purpose);
        write_each(folder, std::slice::from_ref(&key))?;
        let kid = key.kid.clone();
        self.keys.push(key);
        Ok(kid)
    }

    /// All of them as JSON, secrets and all: for one who encrypts it at once.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(&self.keys).expect("keys are plain data")
    }

    /// Puts what [`Keys::to_json`] gave into a folder, on disk before it answers.
    pub fn put(folder: &Path, json: &[u8]) -> Result<(), KeyError> {
        let keys: Vec<Key> = serde_json::from_slice(json).map_err(|_| KeyError::Unreadable(folder.to_owned()))?;
        write_each(folder, &keys)
    }

    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Purpose and id of each key, for the database to name what it needs.
    pub fn names(&self) -> impl Iterator<Item = (Purpose, &str)> {
        self.keys.iter().map(|key| (key.purpose, key.kid.as_str()))
    }

    /// Of the keys named, those not at hand.
    pub fn missing_of<'a>(&self, named: &'a [String]) -> Vec<&'a str> {
        let at_hand = |kid: &&str| self.keys.iter().any(|key| key.kid == *kid);
        named.iter().map(String::as_str).filter(|kid| !at_hand(kid)).collect()
    }

    /// # Errors
    /// [`KeyError::Missing`] names the first purpose without a key.
    pub fn check_complete(&self) -> Result<(), KeyError> {
        match Purpose::ALL.iter().find(|purpose| self.of(**purpose).is_none()) {
            Some(purpose) => Err(KeyError::Missing(purpose.code())),
            None => Ok(()),
        }
    }

    fn of(&self, purpose: Purpose) -> Option<&Key> {
        self.keys.iter().rfind(|key| key.purpose == purpose)
    }

    pub(super) fn newest(&self, purpose: Purpose) -> &Key {
        self.of(purpose).expect("start-up has checked that every purpose has a key")
    }

    /// All of a purpose, the oldest first.
    pub(super) fn all_of(&self, purpose: Purpose) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.purpose == purpose)
    }

    fn named(&self, purpose: Purpose, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.purpose == purpose && key.kid == kid)
    }

    /// Seals a value for one place (`table.column`): it opens nowhere else.
    /// Layout: kid (8 bytes) ‖ nonce (24) ‖ ciphertext with tag.
    pub fn seal(&self, place: &str, value: &[u8]) -> Vec<u8> {
        let key = self.newest(Purpose::Seal);
        let nonce = random::<NONCE_BYTES>();
        let payload = Payload { msg: value, aad: place.as_bytes() };
        let sealed = XChaCha20Poly1305::new(key.bytes().as_slice().into())
            .encrypt(XNonce::from_slice(&nonce), payload)
            .expect("a value in memory is far below the cipher's limit");
        let kid = hex::decode(&key.kid).expect("a kid is hexadecimal");
        [kid.as_slice(), &nonce, &sealed].concat()
    }

    /// Opens what [`Keys::seal`] sealed for the same place.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (kid, rest) = sealed.split_at_checked(KID_BYTES).ok_or(CannotOpen)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES).ok_or(CannotOpen)?;
        let key = self.named(Purpose::Seal, &hex::encode(kid)).ok_or(CannotOpen)?;
        XChaCha20Poly1305::new(key.bytes().as_slice().into())
            .decrypt(XNonce::from_slice(nonce), Payload { msg: sealed, aad: place.as_bytes() })
            .map_err(|_| CannotOpen)
    }

    /// Opens a value and seals it anew, with the key that works now.
    pub fn reseal(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        Ok(self.seal(place, &self.open(place, sealed)?))
    }

    /// The keyed hash by which a sealed value is found again: HMAC-SHA-256, hex.
    pub fn fingerprint(&self, place: &str, value: &str) -> String {
        self.mac(Purpose::Find, &format!("{place}\0{value}"))
    }

    /// As [`fingerprint`](Self::fingerprint), by every key at hand: for codes that stand
    /// on paper only and could not be hashed anew.
    pub fn fingerprints(&self, place: &str, value: &str) -> Vec<String> {
        let text = format!("{place}\0{value}");
        self.all_of(Purpose::Find).map(|key| mac_with(&key.bytes(), &text)).collect()
    }

    /// Proves that `text` came from this server, for as long as its session key lives.
    pub fn session_mac(&self, text: &str) -> String {
        self.mac(Purpose::Session, text)
    }

    fn mac(&self, purpose: Purpose, text: &str) -> String {
        mac_with(&self.newest(purpose).bytes(), text)
    }

    /// Lays the keys of these ids aside: their files end in `.key.old` and are read no
    /// more. For a backup made before, one puts them back by hand.
    pub fn lay_aside(&mut self, folder: &Path, kids: &[String]) -> Result<(), KeyError> {
        let failed = |error| KeyError::Folder { folder: folder.to_owned(), error };
        for key in self.keys.iter().filter(|key| kids.contains(&key.kid)) {
            let name = key.file_name();
            fs::rename(folder.join(&name), folder.join(format!("{name}.old"))).map_err(failed)?;
        }
        self.keys.retain(|key| !kids.contains(&key.kid));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    /// Kid and secret that sign sessions now.
    pub fn session_secret(&self) -> (&str, Vec<u8>) {
        let key = self.newest(Purpose::Session);
        (&key.kid, key.bytes())
    }

    /// The secret of the session key of that name, if it is one of ours.
    pub fn session_secret_named(&self, kid: &str) -> Option<Vec<u8>> {
        self.named(Purpose::Session, kid).map(Key::bytes)
    }
}

/// HMAC-SHA-256 (RFC 2104), hex.
pub fn mac_with(key: &[u8], text: &str) -> String {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn keys() -> (Keys, PathBuf) {
        let folder = std::env::temp_dir().join(format!("keys-{}", uuid::Uuid::now_v7()));
        (Keys::make(&folder).unwrap(), folder)
    }

    #[test]
    fn a_sealed_value_opens_in_its_place_only() {
        let (keys, folder) = keys();
        let sealed = keys.seal("student.number", b"G210421200809150011");
        assert_eq!(keys.open("student.number", &sealed).unwrap(), b"G210421200809150011");
        assert!(keys.open("student.id", &sealed).is_err());
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert!(keys.open("student.number", &changed).is_err());
        assert!(keys.open("student.number", &sealed[..20]).is_err());
        assert_ne!(keys.seal("student.number", b"x"), keys.seal("student.number", b"x"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn keys_are_private_files_and_come_back() {
        let (keys, folder) = keys();
        for entry in fs::read_dir(&folder).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let again = Keys::load(&folder).unwrap();
        again.check_complete().unwrap();
        assert_eq!(again.fingerprint("a", "1"), keys.fingerprint("a", "1"));
        assert_ne!(keys.fingerprint("a", "1"), keys.fingerprint("b", "1"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn codes_have_no_letters_that_look_alike() {
        let code = random_code(400);
        assert_eq!(code.len(), 400);
        assert!(!code.contains(['0', 'O', '1', 'I', 'L', '*']));
    }
}
