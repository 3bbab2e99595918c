//! The county's signature over a finished PDF: PAdES baseline B-B (ETSI EN 319 142-1),
//! `ETSI.CAdES.detached` over the whole file, as ISO 32000-1 12.8 describes it; the file
//! is written packed with it, in one piece. The field lies on the first page, without extent and without a
//! picture, which PDF/A-3 and PDF/UA-1 allow. The same file, key and time give the
//! same bytes.

use super::cms;
use super::keys::Keys;
use super::pdf_join::Objects;
use super::pdf_pack::pack;
use super::signing::{Pinned, PinnedKeys};
use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;

/// Room for the signature, in bytes; as hexadecimal it takes twice as many.
const ROOM: usize = 1536;
/// Digits of a place in the file.
const DIGITS: usize = 10;

/// A PDF that is not as our own printing leaves it: nothing is signed.
#[derive(Debug, thiserror::Error)]
#[error("the PDF is not of the form that can be signed: {0}")]
pub struct CannotSign(&'static str);

/// Signs a PDF as the typesetter makes it (a classical cross-reference table), and packs it.
/// `at` is a moment in China; `organization` and `issuer` name the signer.
pub fn sign(
    keys: &Keys,
    organization: &str,
    issuer: &str,
    pdf: &[u8],
    at: NaiveDateTime,
) -> Result<Vec<u8>, CannotSign> {
    let table = Table::of(pdf)?;
    let (signature, field) = (table.size, table.size + 1);
    let catalog = table.object(pdf, table.root)?;
    let page_number = table.first_page(pdf)?;
    let page = table.object(pdf, page_number)?;
    let dates = at.format("D:%Y%m%d%H%M%S+08'00'");
    let objects = [
        (page_number, with_annotation(page, field)),
        (table.root, format!("{}/AcroForm<</Fields[{field} 0 R]/SigFlags 3>>>>", inside(catalog)?)),
        (
            signature,
            format!(
                "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Name{}/M({dates})/ByteRange[0 {:<DIGITS$} {:<DIGITS$} {:<DIGITS$}]/Contents<{}>>>",
                text_string(organization),
                0,
                0,
                0,
                "0".repeat(2 * ROOM)
            ),
        ),
        (
            field,
            format!(
                "<</Type/Annot/Subtype/Widget/FT/Sig/T(county)/TU{}/V {signature} 0 R/F 132/Rect[0 0 0 0]/P {page_number} 0 R>>",
                text_string("县教育局的电子签名")
            ),
        ),
    ];
    let all = Objects::of(pdf).map_err(|_| CannotSign("its objects are not where the table says"))?.bodies;
    let first = pdf.windows(7).position(|part| part == b" 0 obj\n").ok_or(CannotSign("no objects"))?;
    let header = pdf[..first].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let mut all: BTreeMap<usize, Vec<u8>> = all.into_iter().map(|(number, body)| (number, body.to_vec())).collect();
    all.extend(objects.map(|(number, body)| (number, body.into_bytes())));
    let packed = pack(&pdf[..header], &all, field + 1, &table.kept).map_err(|_| CannotSign("it is too large"))?;
    fill_in(keys, organization, issuer, packed)
}

/// Writes what the signature covers, then the signature itself, into their room.
fn fill_in(keys: &Keys, organization: &str, issuer: &str, mut pdf: Vec<u8>) -> Result<Vec<u8>, CannotSign> {
    let ranges = find_last(&pdf, b"/ByteRange[0 ").ok_or(CannotSign("no room for the range"))? + b"/ByteRange[0 ".len();
    let open = ranges
        + find(&pdf[ranges..], b"/Contents<").ok_or(CannotSign("no room for the signature"))?
        + b"/Contents".len();
    let close = open + 1 + 2 * ROOM + 1;
    let written = format!("{open:<DIGITS$} {close:<DIGITS$} {:<DIGITS$}", pdf.len() - close);
    pdf[ranges..ranges + written.len()].copy_from_slice(written.as_bytes());
    let digest = digest_of(&pdf, [0..open, close..pdf.len()]);
    let signature = hex::encode(cms::sign(keys, organization, issuer, &digest));
    if signature.len() > 2 * ROOM {
        return Err(CannotSign("the signature is longer than its room"));
    }
    pdf[open + 1..open + 1 + signature.len()].copy_from_slice(signature.as_bytes());
    Ok(pdf)
}

fn digest_of(pdf: &[u8], ranges: [Range<usize>; 2]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for range in ranges {
        digest.update(&pdf[range]);
    }
    digest.finalize().into()
}

/// Why a PDF's signature does not hold. Each says it to a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSeal {
    #[error("PDF 上没有县里的电子签名")]
    Unsigned,
    #[error("PDF 少了一截，请重新拿一份")]
    CutShort,
    #[error("签名之后，PDF 后面又加了内容")]
    AddedAfter,
    #[error("PDF 上的签名认不出，可能被改过")]
    Unreadable,
    #[error("PDF 是用不在信任之列的钥匙签的")]
    UnknownKey,
    #[error("PDF 在签名之后被改过")]
    Changed,
}

/// Who has signed the whole of this PDF. The key must have been pinned before; the
/// certificate in the file only says which one to try.
pub fn check<'k>(pdf: &[u8], believed: &'k PinnedKeys) -> Result<&'k Pinned, BadSeal> {
    let name = b"/ByteRange[";
    let last = &pdf[pdf.len().saturating_sub(64)..];
    let whole = find(last, b"%%EOF").is_some();
    let place = find_last(pdf, name).ok_or(if whole { BadSeal::Unsigned } else { BadSeal::CutShort })? + name.len();
    let end = place + find(&pdf[place..], b"]").filter(|n| *n < 64).ok_or(BadSeal::Unreadable)?;
    let numbers: Option<Vec<usize>> = std::str::from_utf8(&pdf[place..end])
        .ok()
        .and_then(|text| text.split_ascii_whitespace().map(|number| number.parse().ok()).collect());
    let Some(&[0, open, close, length]) = numbers.as_deref() else { return Err(BadSeal::Unreadable) };
    let covered = close.checked_add(length).ok_or(BadSeal::Unreadable)?;
    if covered < pdf.len() {
        return Err(BadSeal::AddedAfter);
    }
    if covered > pdf.len() {
        return Err(BadSeal::CutShort);
    }
    if open >= close || close - open < 2 {
        return Err(BadSeal::Unreadable);
    }
    let Some(digits) = pdf[open..close].strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")) else {
        return Err(BadSeal::Unreadable);
    };
    if digits.iter().any(u8::is_ascii_uppercase) {
        return Err(BadSeal::Unreadable);
    }
    let signature = hex::decode(digits).map_err(|_| BadSeal::Unreadable)?;
    let digest = digest_of(pdf, [0..open, close..pdf.len()]);
    match cms::check(&signature, &digest, believed) {
        Ok(pinned) => Ok(pinned),
        Err(cms::BadSignature::UnknownKey) => Err(BadSeal::UnknownKey),
        Err(cms::BadSignature::OtherContent) => Err(BadSeal::Changed),
        Err(cms::BadSignature::Unreadable | cms::BadSignature::Forged) => Err(BadSeal::Unreadable),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn find_last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

/// The classical cross-reference table of a PDF just made, and its trailer.
struct Table {
    /// Where its lines begin, 20 bytes each.
    lines: usize,
    size: usize,
    root: usize,
    /// What the trailer says besides its size: root, information, identity.
    kept: String,
}

fn number_after(text: &str, name: &str) -> Option<usize> {
    let rest = text.split_once(name)?.1.trim_start();
    rest[..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())].parse().ok()
}

impl Table {
    fn of(pdf: &[u8]) -> Result<Self, CannotSign> {
        let no_table = CannotSign("no cross-reference table");
        let end = find_last(pdf, b"startxref\n").ok_or(CannotSign("no end"))?;
        let text = |range: Range<usize>| pdf.get(range).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let start =
            text(end..pdf.len()).and_then(|tail| number_after(tail, "startxref\n")).ok_or(CannotSign("no end"))?;
        let table = text(start..end).ok_or(CannotSign("the table is no text"))?;
        let Some(head) = table.strip_prefix("xref\n0 ") else { return Err(no_table) };
        let (size, _) = head.split_once('\n').ok_or(CannotSign("the table has no lines"))?;
        let (_, trailer) = table.split_once("trailer\n<<").ok_or(CannotSign("no trailer"))?;
        let trailer = trailer.trim_end().strip_suffix(">>").ok_or(CannotSign("the trailer does not end"))?;
        let declared = number_after(trailer, "/Size").ok_or(CannotSign("the trailer has no size"))?;
        Ok(Table {
            lines: start + "xref\n0 ".len() + size.len() + 1,
            size: declared,
            root: number_after(trailer, "/Root").ok_or(CannotSign("the trailer has no root"))?,
            kept: trailer.replacen(&format!("/Size {declared}"), "", 1),
        })
    }

    /// The dictionary of an object, `<<` to `>>`.
    fn object<'p>(&self, pdf: &'p [u8], number: usize) -> Result<&'p str, CannotSign> {
        let lost = || CannotSign("an object is not where the table says");
        let line = pdf.get(self.lines + 20 * number..).and_then(|rest| rest.get(..10)).ok_or_else(lost)?;
        let place: usize = std::str::from_utf8(line).ok().and_then(|digits| digits.parse().ok()).ok_or_else(lost)?;
        let rest = pdf.get(place..).ok_or_else(lost)?;
        let end = find(rest, b"\nendobj").ok_or_else(lost)?;
        let whole = std::str::from_utf8(&rest[..end]).map_err(|_| lost())?;
        whole.strip_prefix(&format!("{number} 0 obj\n")).filter(|body| body.starts_with("<<")).ok_or_else(lost)
    }

    fn first_page(&self, pdf: &[u8]) -> Result<usize, CannotSign> {
        let mut number = number_after(self.object(pdf, self.root)?, "/Pages").ok_or(CannotSign("no pages"))?;
        // A tree of pages is a few levels deep; a ring is none of ours.
        for _ in 0..16 {
            match number_after(self.object(pdf, number)?, "/Kids[") {
                Some(first) => number = first,
                None => return Ok(number),
            }
        }
        Err(CannotSign("the pages have no first"))
    }
}

fn inside(dictionary: &str) -> Result<&str, CannotSign> {
    dictionary.trim_end().strip_suffix(">>").ok_or(CannotSign("a dictionary does not end"))
}

/// The page with one more annotation.
fn with_annotation(page: &str, field: usize) -> String {
    match page.split_once("/Annots[") {
        Some((before, rest)) => format!("{before}/Annots[{field} 0 R {rest}"),
        None => {
            let open = page.trim_end();
            format!("{}/Annots[{field} 0 R]>>", open.strip_suffix(">>").unwrap_or(open))
        }
    }
}

/// A text string as PDF has it for every language: UTF-16 with a mark, in hexadecimal.
fn text_string(text: &str) -> String {
    let mut digits = String::from("<FEFF");
    for unit in text.encode_utf16() {
        digits.push_str(&format!("{unit:04X}"));
    }
    digits + ">"
}
