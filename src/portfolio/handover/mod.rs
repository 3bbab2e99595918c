//! What goes with a pupil to the next school 转接: the sealed term files, and after
//! graduation the portfolio. A zip of two: `envelope.jwt`, signed by the county, says
//! from whom and the hash of `package.age`, which only the passphrase on the transfer
//! slip opens (age, scrypt). Inside are the files as they were sealed; each names the
//! one before it, and a gap that no file declares is refused.

use super::file::{GraduationFile, Previous, TermFile};
use super::verify::{Verdict, verify_file};
use crate::names::Term;
use crate::platform::clock::unix_seconds;
use crate::platform::files::sha256_hex;
use crate::platform::keys::{Keys, random_code};
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

/// What is inside an opened package, read.
#[derive(Debug)]
pub struct Inside {
    pub terms: Vec<TermFile>,
    pub graduation: Option<GraduationFile>,
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
    #[error("包里的毕业成长档案不对：{0}")]
    Portfolio(String),
    #[error("包没有做成：{0}")]
    NotMade(String),
}

fn bare(passphrase: &str) -> String {
    crate::platform::text::code_like(passphrase).replace('-', "")
}

/// 20 letters of 5 bits, in groups of five, as they stand on the transfer slip.
pub fn new_passphrase() -> String {
    let code = random_code(20);
    format!("{}-{}-{}-{}", &code[..5], &code[5..10], &code[10..15], &code[15..])
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
    let checked = check_chain(&package)?.terms;
    let mut files: Vec<(String, Vec<u8>)> = checked
        .iter()
        .zip(package.terms)
        .map(|(file, bytes)| (format!("terms/{}-v{}.json", file.term.term, file.version), bytes))
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
    let mut terms: Vec<Term> = checked.iter().map(|file| file.term.term).collect();
    terms.dedup();
    let last = checked.last().ok_or_else(|| BadPackage::Chain("没有归档的学期".to_owned()))?;
    let envelope = Envelope {
        format: 1,
        iss: sender.issuer.clone(),
        iat: unix_seconds(now),
        school: sender.school.clone(),
        school_code: sender.school_code.clone(),
        masked_name: crate::roster::masked_name(&last.student.name),
        terms,
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

    /// Opens it, and checks that every file holds to the one before, and that PDF and
    /// credential are genuine and say what the sealed file says.
    pub fn open(&self, passphrase: &str, believed: &PinnedKeys) -> Result<(Package, Inside), BadPackage> {
        let mut identity = age::scrypt::Identity::new(SecretString::from(bare(passphrase)));
        // A stranger's package does not choose how long we work at it.
        identity.set_max_work_factor(WORK_FACTOR + 4);
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
        let inside = check_chain(&package)?;
        check_portfolio(&package, believed)?;
        Ok((package, inside))
    }
}

/// Whether PDF and credential are genuine, and of the sealed file beside them.
fn check_portfolio(package: &Package, believed: &PinnedKeys) -> Result<(), BadPackage> {
    let printed = [(&package.pdf, "PDF"), (&package.credential, "凭证")];
    for (bytes, what) in printed.into_iter().filter_map(|(bytes, what)| Some((bytes.as_ref()?, what))) {
        let Some(sealed) = &package.graduation else {
            return Err(BadPackage::Portfolio(format!("有{what}，却没有毕业档案")));
        };
        match verify_file(bytes, believed) {
            Verdict::Genuine(all) if matches!(&all[..], [one] if one.told.is_of(sealed)) => {}
            Verdict::Genuine(_) => return Err(BadPackage::Portfolio(format!("{what}不是这一份毕业档案的"))),
            Verdict::NotGenuine(not) => return Err(BadPackage::Portfolio(format!("{what}：{}", not.why))),
            Verdict::NotReadable(why) => return Err(BadPackage::Portfolio(why)),
            Verdict::Package(..) => return Err(BadPackage::Unreadable(what.to_owned())),
        }
    }
    Ok(())
}

/// Reads what is inside, as far as it holds together: see [`Delivered::open`].
pub fn inside_of(package: &Package) -> Result<Inside, BadPackage> {
    check_chain(package)
}

/// Whether the files are one pupil's and each holds to the one before; read back. Of a
/// term that was corrected all versions are there: the later term holds to the one that
/// stood when it was sealed.
fn check_chain(package: &Package) -> Result<Inside, BadPackage> {
    let mut files: Vec<(TermFile, String)> = Vec::new();
    for bytes in &package.terms {
        let file: TermFile =
            serde_json::from_slice(bytes).map_err(|_| BadPackage::Unreadable("学期档案".to_owned()))?;
        let broken = |why: String| Err(BadPackage::Chain(format!("{}{why}", file.term.name)));
        let order = |(earlier, _): &(TermFile, String)| (earlier.term.term, earlier.version);
        if files.last().is_some_and(|last| order(last) >= (file.term.term, file.version)) {
            return broken("的档案次序不对".to_owned());
        }
        let is_linked = match &file.previous {
            Previous::None { .. } => false,
            Previous::Sealed { term, version, sha256 } => {
                if !files.iter().any(|known| order(known) == (*term, *version) && known.1 == *sha256) {
                    return broken(format!("说前面还有 {}，包里没有，或者不是那一份", term.name()));
                }
                true
            }
        };
        if file.version > 1 {
            let corrects = file.correction.as_ref().map(|correction| correction.corrects.as_str());
            let before = files.last().filter(|last| order(last) == (file.term.term, file.version - 1));
            if before.map(|(_, hash)| hash.as_str()) != corrects || corrects.is_none() {
                return broken(format!("第 {} 版更正的那一版不在包里", file.version));
            }
        } else if let Some((earlier, _)) = files.last().filter(|_| !is_linked) {
            // What no hash ties together must be one person's by its words.
            let (a, b) = (&earlier.student, &file.student);
            if a.id != b.id && (&a.name, a.born_on) != (&b.name, b.born_on) {
                return broken("的档案和前面的不是同一个学生".to_owned());
            }
        }
        files.push((file, sha256_hex(bytes)));
    }
    let mut graduation = None;
    if let Some(bytes) = &package.graduation {
        let file: GraduationFile =
            serde_json::from_slice(bytes).map_err(|_| BadPackage::Unreadable("毕业档案".to_owned()))?;
        let there = |sha256: &str| files.iter().any(|(_, hash)| hash == sha256);
        if !matches!(&file.previous, Previous::Sealed { sha256, .. } if there(sha256)) {
            return Err(BadPackage::Chain("毕业档案前面的学期不在包里".to_owned()));
        }
        graduation = Some(file);
    }
    Ok(Inside { terms: files.into_iter().map(|(file, _)| file).collect(), graduation })
}
