//! Is this portfolio genuine? Answered from the file and from keys that were pinned
//! before it came: no network, no database, and nothing is made. What is not genuine
//! is named for what it is, and where it can be told, so is what was changed.

mod attached;
mod told;
mod withdrawn;

pub use told::{BandTold, DomainTold, Told};
pub use withdrawn::Withdrawn;

use super::credential::CREDENTIAL_TYP;
use super::handover::{BadPackage, Envelope, is_package, receive};
use crate::platform::pades::{self, BadSeal};
use crate::platform::signing::{BadToken, Pinned, PinnedKeys, claims_unverified};
use attached::attached;
use serde::Serialize;
use std::io::{Cursor, Read};
use told::Claims;
use zip::ZipArchive;

/// Files in a zip, and bytes that one and all may unpack to: a class of fifty with
/// photos. They are looked at one by one, so the memory is one file's.
const MOST_FILES: usize = 400;
const MOST_FILE_BYTES: u64 = 24 << 20;
const MOST_BYTES: u64 = 512 << 20;
/// Bytes of a credential: it is some ten thousand.
const MOST_TOKEN_BYTES: u64 = 1 << 20;

/// What a file turned out to be.
#[derive(Debug)]
pub enum Verdict {
    /// Every portfolio in the file; one, but for a zip.
    Genuine(Vec<Genuine>),
    /// A handover package from someone believed, still closed.
    Package(Box<Envelope>, String),
    NotGenuine(NotGenuine),
    /// No portfolio, credential or package: why.
    NotReadable(String),
}

#[derive(Debug, Serialize)]
pub struct Genuine {
    #[serde(flatten)]
    pub told: Told,
    /// The key that signed it.
    pub kid: String,
    pub fingerprint: String,
    /// The pages are signed as well, not only the data.
    pub pages_signed: bool,
}

#[derive(Debug, Default, Serialize)]
pub struct NotGenuine {
    /// A sentence without its full stop.
    pub why: String,
    /// What was changed, one sentence each, where it can be told.
    pub changes: Vec<String>,
    /// What the county did sign, when that much still holds.
    pub signed: Option<Box<Told>>,
}

impl From<BadToken> for NotGenuine {
    fn from(bad: BadToken) -> Self {
        let hint = match &bad {
            BadToken::UnknownKey(_) => {
                "。如果是别的县发的档案，先向那个县要公钥文件，核对指纹后用 qinghe keys trust 收下"
            }
            _ => "",
        };
        NotGenuine { why: format!("{bad}{hint}"), ..NotGenuine::default() }
    }
}

fn because(why: impl Into<String>) -> NotGenuine {
    NotGenuine { why: why.into(), ..NotGenuine::default() }
}

/// Looks at a PDF, a credential (VC-JWT) or a zip of them.
pub fn verify_file(bytes: &[u8], believed: &PinnedKeys) -> Verdict {
    if is_zip(bytes) {
        return if is_package(bytes) { verify_package(bytes, believed) } else { verify_zip(bytes, believed) };
    }
    match verify_one(bytes, believed) {
        Some(Ok(genuine)) => Verdict::Genuine(vec![genuine]),
        Some(Err(not)) => Verdict::NotGenuine(not),
        None => Verdict::NotReadable("这不是成长档案（PDF）、凭证（JWT）或者档案包（zip）".to_owned()),
    }
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

fn is_pdf(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-") || bytes.windows(b"/ByteRange[".len()).any(|window| window == b"/ByteRange[")
}

/// A credential as text, as it stands in a file: three parts, no blanks.
fn token_in(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let parts = text.split('.').count() == 3;
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    (parts && letters).then_some(text)
}

fn verify_one(bytes: &[u8], believed: &PinnedKeys) -> Option<Result<Genuine, NotGenuine>> {
    if is_pdf(bytes) {
        return Some(verify_pdf(bytes, believed));
    }
    let token = token_in(bytes)?;
    Some(open_credential(token, believed).map(|(told, pinned)| genuine(told, pinned, false)))
}

fn genuine(told: Told, pinned: &Pinned, pages_signed: bool) -> Genuine {
    Genuine { told, kid: pinned.kid.clone(), fingerprint: pinned.fingerprint(), pages_signed }
}

fn open_credential<'k>(token: &str, believed: &'k PinnedKeys) -> Result<(Told, &'k Pinned), NotGenuine> {
    let (claims, pinned) = believed.open::<serde_json::Value>(CREDENTIAL_TYP, token)?;
    let claims: Claims = serde_json::from_value(claims).map_err(|_| because("签名是真的，但签的不是成长档案凭证"))?;
    let told = claims.told().ok_or_else(|| because("签名是真的，但凭证前后说的不是一回事"))?;
    if !pinned.speaks_for(&told.issuer) {
        return Err(because(format!("凭证说是 {} 签发的，签名的钥匙却是 {} 的", told.issuer, pinned.kid)));
    }
    Ok((told, pinned))
}

fn verify_pdf(pdf: &[u8], believed: &PinnedKeys) -> Result<Genuine, NotGenuine> {
    let (token, sealed) = (attached(pdf, "credential.jwt"), attached(pdf, "portfolio.json"));
    let credential = token.as_deref().and_then(token_in).map(|token| (token, open_credential(token, believed)));
    let seal = pades::check(pdf, believed);
    match (seal, credential) {
        (Ok(by), Some((_, Ok((told, pinned))))) => {
            let changes = sealed.map_or_else(
                || vec!["档案数据（portfolio.json）不在里面".to_owned()],
                |sealed| told.differences(&sealed),
            );
            if !changes.is_empty() || !by.speaks_for(&told.issuer) {
                return Err(NotGenuine {
                    why: "PDF 里的数据和凭证对不上".to_owned(),
                    changes,
                    signed: Some(Box::new(told)),
                });
            }
            Ok(genuine(told, pinned, true))
        }
        // The seal holds, so the county did put this in; no program of ours would have.
        (Ok(_), Some((_, Err(not)))) => Err(not),
        (Ok(_), None) => Err(because("PDF 是县里签的，但里面没有成长档案凭证")),
        (Err(bad), credential) => Err(explain(&bad, credential, sealed)),
    }
}

/// Says what became of a PDF whose seal does not hold.
fn explain(
    bad: &BadSeal,
    credential: Option<(&str, Result<(Told, &Pinned), NotGenuine>)>,
    sealed: Option<Vec<u8>>,
) -> NotGenuine {
    match credential {
        Some((_, Ok((told, _)))) => {
            let mut changes = match sealed {
                Some(sealed) => told.differences(&sealed),
                None => vec!["档案数据（portfolio.json）不在里面，或者读不出了".to_owned()],
            };
            if changes.is_empty() {
                changes
                    .push("里面的档案数据和凭证没有变，变的是页面或者别处。请把凭证签的等级与页面逐项核对".to_owned());
            }
            NotGenuine { why: bad.to_string(), changes, signed: Some(Box::new(told)) }
        }
        Some((token, Err(not))) => {
            // The credential does not hold either; what it claims may still show what
            // was changed in one of the two.
            let claimed = claims_unverified::<Claims>(token).ok().and_then(|claims| claims.told());
            let mut changes = vec![format!("里面的凭证也不对：{}", not.why)];
            if let (Some(told), Some(sealed)) = (claimed, sealed) {
                changes.extend(told.differences(&sealed));
            }
            NotGenuine { why: bad.to_string(), changes, signed: None }
        }
        None => because(bad.to_string()),
    }
}

fn verify_package(bytes: &[u8], believed: &PinnedKeys) -> Verdict {
    match receive(bytes, believed) {
        Ok(delivered) => Verdict::Package(Box::new(delivered.envelope), delivered.kid),
        Err(BadPackage::Signature(bad)) => Verdict::NotGenuine(bad.into()),
        Err(bad) => Verdict::NotGenuine(because(bad.to_string())),
    }
}

fn verify_zip(bytes: &[u8], believed: &PinnedKeys) -> Verdict {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return Verdict::NotGenuine(because("档案包不完整，少了一截，请重新拿一份"));
    };
    if archive.len() > MOST_FILES {
        return Verdict::NotReadable(format!("包里有 {} 个文件，不像档案包", archive.len()));
    }
    let (mut left, mut found) = (MOST_BYTES, Vec::new());
    for n in 0..archive.len() {
        let Ok(mut entry) = archive.by_index(n) else {
            return Verdict::NotGenuine(because("档案包里有打不开的文件"));
        };
        let name = entry.name().map(|name| name.into_owned()).unwrap_or_default();
        if !name.ends_with(".pdf") && !name.ends_with(".jwt") {
            continue;
        }
        let of_its_kind = if name.ends_with(".jwt") { MOST_TOKEN_BYTES } else { MOST_FILE_BYTES };
        let (mut bytes, most) = (Vec::new(), left.min(of_its_kind));
        match (&mut entry).take(most + 1).read_to_end(&mut bytes) {
            Ok(read) if read as u64 > most => {
                return Verdict::NotReadable("包里的内容展开后大得出奇，没有再看".to_owned());
            }
            Ok(read) => left -= read as u64,
            Err(_) => return Verdict::NotGenuine(because(format!("包里的 {name} 已经损坏"))),
        }
        match verify_one(&bytes, believed) {
            Some(Ok(genuine)) => found.push(genuine),
            Some(Err(not)) => return Verdict::NotGenuine(NotGenuine { why: format!("{name}：{}", not.why), ..not }),
            None => {}
        }
    }
    if found.is_empty() {
        Verdict::NotReadable("包里没有成长档案，也没有凭证".to_owned())
    } else {
        Verdict::Genuine(found)
    }
}
