//! What goes with a pupil to the next school 转接: the sealed term files, and after
//! graduation the portfolio. A zip of two: `envelope.jwt`, signed by the county, says
//! from whom and the hash of `package.age`, which only the passphrase on the transfer
//! slip opens (age, scrypt). Inside are the files as they were sealed; each names the
//! one before it, and a gap that no file declares is refused.

use super::file::{GraduationFile, Previous, TermFile};
use crate::names::Term;
use crate::platform::clock::unix_seconds;
use crate::platform::files::sha256_hex;
use crate::platform::keys::Keys;
use crate::platform::page::zip_of;
use crate::platform::signing::{BadToken, PinnedKeys};
use age::secrecy::SecretString;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// The `typ` of an envelope; nothing else of ours is signed with it.
const ENVELOPE_TYP: &str = "qinghe-handover+jwt";
const ENVELOPE: &str = "envelope.jwt";
const PACKAGE: &str = "package.age";
/// Where the passphrase is sealed for the county that sent it.
const OWN_PLACE: &str = "handover.passphrase";
/// The passphrase is random and longer than any that is stretched.
const WORK_FACTOR: u8 = 12;
const MOST_BYTES: u64 = 64 << 20;
const MOST_FILES: usize = 40;

/// What leaves with a pupil, each file as it lies in the school.
#[derive(Debug, Default)]
pub struct Package {
    /// Sealed bytes, in the order of the terms.
    pub terms: Vec<Vec<u8>>,
    pub graduation: Option<Vec<u8>>,
    pub pdf: Option<Vec<u8>>,
    pub credential: Option<Vec<u8>>,
}

/// What is said on the outside, signed by the county it comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Envelope {
    pub format: u32,
    pub iss: String,
    /// Seconds since 1970.
    pub iat: i64,
    pub school: String,
    pub school_code: String,
    pub masked_name: String,
    /// The terms inside.
    pub terms: Vec<Term>,
    /// Of `package.age`.
    pub sha256: String,
    /// The passphrase, sealed with the sending county's own keys.
    own: String,
}

/// Why nothing is taken in.
#[derive(Debug, thiserror::Error)]
pub enum BadPackage {
    #[error("这不是转接包")]
    NotAPackage,
    #[error("转接包不完整，少了一截，请对方重新导出")]
    CutShort,
    #[error("转接包的签名不能信：{0}")]
    Signature(#[from] BadToken),
    #[error("转接包的签名是 {signed} 的钥匙签的，却说是 {says} 发的")]
    OtherIssuer { signed: String, says: String },
    #[error("包里的内容在签名之后被改过")]
    Changed,
    #[error("口令不对，打不开。口令在转接单上，连字符可以不写")]
    WrongPassphrase,
    #[error("包里的内容大得出奇，没有收")]
    TooLarge,
    #[error("包里的 {0} 认不出")]
    Unreadable(String),
    #[error("档案的链断了：{0}")]
    Chain(String),
    #[error("包没有做成：{0}")]
    NotMade(String),
}

fn bare(passphrase: &str) -> String {
    crate::platform::text::code_like(passphrase).replace('-', "")
}

/// Who sends, as the envelope says it.
pub struct Sender<'s> {
    pub keys: &'s Keys,
    pub issuer: String,
    pub school: String,
    pub school_code: String,
}

/// Closes a package under a passphrase and signs its envelope.
pub fn close(
    sender: &Sender<'_>,
    package: Package,
    passphrase: &str,
    now: NaiveDateTime,
) -> Result<Vec<u8>, BadPackage> {
    let not_made = |e: &dyn std::fmt::Display| BadPackage::NotMade(e.to_string());
    let checked = check_chain(&package)?;
    let mut files: Vec<(String, Vec<u8>)> = checked
        .iter()
        .zip(package.terms)
        .map(|(file, bytes)| (format!("terms/{}.json", file.term.term), bytes))
        .collect();
    let rest = [
        ("graduation.json", package.graduation),
        ("portfolio.pdf", package.pdf),
        ("credential.jwt", package.credential),
    ];
    files.extend(rest.into_iter().filter_map(|(name, bytes)| Some((name.to_owned(), bytes?))));
    let inside = zip_of(files).map_err(|e| not_made(&e))?;
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(bare(passphrase)));
    recipient.set_work_factor(WORK_FACTOR);
    let sealed = age::encrypt(&recipient, &inside).map_err(|e| not_made(&e))?;
    let first = checked.first().ok_or_else(|| BadPackage::Chain("没有归档的学期".to_owned()))?;
    let envelope = Envelope {
        format: 1,
        iss: sender.issuer.clone(),
        iat: unix_seconds(now),
        school: sender.school.clone(),
        school_code: sender.school_code.clone(),
        masked_name: crate::roster::masked_name(&first.student.name),
        terms: checked.iter().map(|file| file.term.term).collect(),
        sha256: sha256_hex(&sealed),
        own: URL_SAFE_NO_PAD.encode(sender.keys.seal(OWN_PLACE, bare(passphrase).as_bytes())),
    };
    let token = sender.keys.sign_as(&sender.issuer, ENVELOPE_TYP, &envelope).map_err(|e| not_made(&e))?;
    zip_of(vec![(ENVELOPE.to_owned(), token.into_bytes()), (PACKAGE.to_owned(), sealed)]).map_err(|e| not_made(&e))
}

/// A package whose envelope was believed; what is inside is still closed.
#[derive(Debug)]
pub struct Delivered {
    pub envelope: Envelope,
    /// The key that signed it.
    pub kid: String,
    sealed: Vec<u8>,
}

/// Whether some bytes are a handover package, genuine or not.
pub fn is_package(bytes: &[u8]) -> bool {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return false };
    archive.by_name(ENVELOPE).is_ok()
}

fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, BadPackage> {
    let entry = archive.by_name(name).map_err(|_| BadPackage::NotAPackage)?;
    let mut bytes = Vec::new();
    entry.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|_| BadPackage::CutShort)?;
    if bytes.len() as u64 > MOST_BYTES { Err(BadPackage::TooLarge) } else { Ok(bytes) }
}

/// Checks the envelope and that the package is the one it names.
pub fn receive(bytes: &[u8], believed: &PinnedKeys) -> Result<Delivered, BadPackage> {
    let no_end = if bytes.starts_with(b"PK") { BadPackage::CutShort } else { BadPackage::NotAPackage };
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| no_end)?;
    let token = String::from_utf8(entry(&mut archive, ENVELOPE)?).map_err(|_| BadPackage::NotAPackage)?;
    let sealed = entry(&mut archive, PACKAGE)?;
    let (envelope, pinned) = believed.open::<Envelope>(ENVELOPE_TYP, &token)?;
    if !pinned.speaks_for(&envelope.iss) {
        return Err(BadPackage::OtherIssuer { signed: pinned.kid.clone(), says: envelope.iss });
    }
    if sha256_hex(&sealed) != envelope.sha256 {
        return Err(BadPackage::Changed);
    }
    Ok(Delivered { envelope, kid: pinned.kid.clone(), sealed })
}

impl Delivered {
    /// The passphrase, where the package came from this very county.
    pub fn own_passphrase(&self, keys: &Keys) -> Option<String> {
        let sealed = URL_SAFE_NO_PAD.decode(&self.envelope.own).ok()?;
        String::from_utf8(keys.open(OWN_PLACE, &sealed).ok()?).ok()
    }

    /// Opens it, and checks that every file holds to the one before.
    pub fn open(&self, passphrase: &str) -> Result<(Package, Vec<TermFile>), BadPackage> {
        let identity = age::scrypt::Identity::new(SecretString::from(bare(passphrase)));
        let inside = age::decrypt(&identity, &self.sealed).map_err(|_| BadPackage::WrongPassphrase)?;
        let mut archive = ZipArchive::new(Cursor::new(inside.as_slice())).map_err(|_| BadPackage::CutShort)?;
        if archive.len() > MOST_FILES {
            return Err(BadPackage::TooLarge);
        }
        let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
        let mut package = Package::default();
        for name in names {
            let bytes = entry(&mut archive, &name)?;
            match name.as_str() {
                "graduation.json" => package.graduation = Some(bytes),
                "portfolio.pdf" => package.pdf = Some(bytes),
                "credential.jwt" => package.credential = Some(bytes),
                term if term.starts_with("terms/") => package.terms.push(bytes),
                _ => return Err(BadPackage::Unreadable(name)),
            }
        }
        let files = check_chain(&package)?;
        Ok((package, files))
    }
}

/// Whether the files are one pupil's and each holds to the one before; read back.
fn check_chain(package: &Package) -> Result<Vec<TermFile>, BadPackage> {
    let mut files: Vec<(TermFile, String)> = Vec::new();
    for bytes in &package.terms {
        let file: TermFile =
            serde_json::from_slice(bytes).map_err(|_| BadPackage::Unreadable("学期档案".to_owned()))?;
        files.push((file, sha256_hex(bytes)));
    }
    let mut before: Option<&(TermFile, String)> = None;
    for found in &files {
        let (file, _) = found;
        match (&file.previous, before) {
            (Previous::None { .. }, _) => {}
            (Previous::Sealed { term, version, sha256 }, Some((earlier, hash)))
                if earlier.term.term == *term && earlier.version == *version && hash == sha256 => {}
            (Previous::Sealed { term, .. }, _) => {
                return Err(BadPackage::Chain(format!(
                    "{} 说前面还有 {}，包里没有，或者不是那一份",
                    file.term.name,
                    term.name()
                )));
            }
        }
        if let Some((earlier, _)) = before
            && (earlier.term.term >= file.term.term
                || earlier.student.name != file.student.name
                || earlier.student.born_on != file.student.born_on)
        {
            return Err(BadPackage::Chain(format!("{}的档案和前面的不是同一个学生，或者次序不对", file.term.name)));
        }
        before = Some(found);
    }
    if let Some(bytes) = &package.graduation {
        let file: GraduationFile =
            serde_json::from_slice(bytes).map_err(|_| BadPackage::Unreadable("毕业档案".to_owned()))?;
        let last = files.last().map(|(_, hash)| hash.as_str());
        if !matches!(&file.previous, Previous::Sealed { sha256, .. } if Some(sha256.as_str()) == last) {
            return Err(BadPackage::Chain("毕业档案前面的学期不在包里".to_owned()));
        }
    }
    Ok(files.into_iter().map(|(file, _)| file).collect())
}
