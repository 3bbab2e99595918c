//! A PDF written whole from its objects, as small as PDF 1.7 allows: the tags, of which a
//! document for everyone's reader has many hundreds, lie together in one compressed object
//! stream, and the cross-reference is a stream too (ISO 32000-1, 7.5.7 and 7.5.8, which
//! PDF/A-3 permits). Everything else lies open, so that what pages, attachments and
//! signature say can be found without unpacking.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// How the typesetter begins a tag.
const TAG: &[u8] = b"<</Type/StructElem";
/// Bytes of an entry of the cross-reference: kind, place, and place inside.
const WIDTHS: [usize; 3] = [1, 4, 2];
pub(super) const ENTRY: usize = WIDTHS[0] + WIDTHS[1] + WIDTHS[2];

/// Writes the objects (number, and what stands between `obj` and `endobj`) behind `header`.
/// `size` is one more than the highest number; `kept` is what the trailer says besides it.
/// The same objects give the same bytes.
///
/// # Errors
/// A file too large for the widths of its cross-reference.
pub fn pack(header: &[u8], objects: &BTreeMap<usize, Vec<u8>>, size: usize, kept: &str) -> io::Result<Vec<u8>> {
    let (bundle, table) = (size, size + 1);
    let mut pdf = header.to_vec();
    let mut entries = vec![entry(0, 0, u16::MAX.into())?; size + 2];
    let (mut heads, mut tags, mut many) = (String::new(), Vec::new(), 0);
    for (number, body) in objects {
        if body.starts_with(TAG) {
            heads.push_str(&format!("{number} {} ", tags.len()));
            tags.extend_from_slice(body.trim_ascii());
            tags.push(b'\n');
            entries[*number] = entry(2, bundle, many)?;
            many += 1;
        } else {
            entries[*number] = entry(1, pdf.len(), 0)?;
            put(&mut pdf, *number, body);
        }
    }
    if many > 0 {
        entries[bundle] = entry(1, pdf.len(), 0)?;
        let first = heads.len();
        let keys = format!("/Type/ObjStm/N {many}/First {first}");
        put(&mut pdf, bundle, &stream(&keys, &[heads.as_bytes(), &tags].concat())?);
    }
    let start = pdf.len();
    entries[table] = entry(1, start, 0)?;
    let [kind, place, inside] = WIDTHS;
    let keys = format!("/Type/XRef/Size {}/W[{kind} {place} {inside}]{kept}", size + 2);
    put(&mut pdf, table, &stream(&keys, &entries.concat())?);
    pdf.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    Ok(pdf)
}

fn entry(kind: u8, place: usize, inside: usize) -> io::Result<[u8; ENTRY]> {
    let too_large = || io::Error::new(io::ErrorKind::InvalidData, "a PDF too large for its cross-reference");
    let place = u32::try_from(place).map_err(|_| too_large())?.to_be_bytes();
    let inside = u16::try_from(inside).map_err(|_| too_large())?.to_be_bytes();
    Ok([kind, place[0], place[1], place[2], place[3], inside[0], inside[1]])
}

fn put(pdf: &mut Vec<u8>, number: usize, body: &[u8]) {
    pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
    pdf.extend_from_slice(body);
    if !body.ends_with(b"\n") {
        pdf.push(b'\n');
    }
    pdf.extend_from_slice(b"endobj\n");
}

fn stream(keys: &str, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes)?;
    let packed = packed.finish()?;
    let mut body = format!("<<{keys}/Filter/FlateDecode/Length {}>>\nstream\n", packed.len()).into_bytes();
    body.extend_from_slice(&packed);
    body.extend_from_slice(b"\nendstream\n");
    Ok(body)
}
