//! Several PDFs of our own as one to print: every page as it is, one file after the
//! other. What belongs to a file and not to its pages (outline, attachments, tags,
//! signature) stays with the file; links between its pages go along.

use super::pdf_pack::ENTRY;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// A PDF that is not as our own printing leaves it.
#[derive(Debug, thiserror::Error)]
#[error("a PDF is not of the form that can be joined: {0}")]
pub struct CannotJoin(&'static str);

/// Numbers of a file's objects and their bytes, from behind `obj` to before `endobj`. What
/// lies packed in a stream is not among them: those are tags.
pub(super) struct Objects<'p> {
    pub(super) bodies: BTreeMap<usize, &'p [u8]>,
    root: usize,
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::ZlibDecoder::new(packed).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

fn number_after(bytes: &[u8], name: &[u8]) -> Option<usize> {
    let rest = &bytes[find(bytes, name)? + name.len()..];
    let digits = rest.iter().skip_while(|b| **b == b' ').take_while(|b| b.is_ascii_digit());
    String::from_utf8(digits.copied().collect()).ok()?.parse().ok()
}

impl<'p> Objects<'p> {
    /// Reads the one cross-reference stream of a packed file; or follows the tables of
    /// another from the last to the first: a later object takes the place of an earlier one.
    pub(super) fn of(pdf: &'p [u8]) -> Result<Self, CannotJoin> {
        let tail = pdf.len().saturating_sub(64);
        let mut at = number_after(&pdf[tail..], b"startxref\n");
        if let Some(start) = at.filter(|at| pdf.get(*at..).is_some_and(|rest| !rest.starts_with(b"xref\n"))) {
            return Self::packed(pdf, start);
        }
        let (mut bodies, mut root) = (BTreeMap::new(), None);
        for _ in 0..8 {
            let Some(start) = at else { break };
            let table = pdf.get(start..).and_then(|rest| rest.strip_prefix(b"xref\n")).ok_or(CannotJoin("no table"))?;
            let trailer = find(table, b"trailer\n").ok_or(CannotJoin("no trailer"))?;
            let lines = std::str::from_utf8(&table[..trailer]).map_err(|_| CannotJoin("the table is no text"))?;
            let mut next = 0;
            for line in lines.lines() {
                match line.split_ascii_whitespace().collect::<Vec<_>>()[..] {
                    [first, _] => next = first.parse().map_err(|_| CannotJoin("the table is no table"))?,
                    [place, _, kind] => {
                        let place: usize = place.parse().map_err(|_| CannotJoin("the table is no table"))?;
                        if kind == "n" && !bodies.contains_key(&next) {
                            bodies.insert(next, body(pdf, next, place)?);
                        }
                        next += 1;
                    }
                    _ => return Err(CannotJoin("the table is no table")),
                }
            }
            let trailer = &table[trailer..];
            let trailer = &trailer[..find(trailer, b"startxref").ok_or(CannotJoin("no end"))?];
            root = root.or_else(|| number_after(trailer, b"/Root"));
            at = number_after(trailer, b"/Prev");
        }
        Ok(Objects { bodies, root: root.ok_or(CannotJoin("no root"))? })
    }

    fn packed(pdf: &'p [u8], start: usize) -> Result<Self, CannotJoin> {
        let no_table = || CannotJoin("no table");
        let stream = pdf.get(start..).ok_or_else(no_table)?;
        let keys = &stream[..find(stream, b"stream\n").ok_or_else(no_table)?];
        let (root, length) = (number_after(keys, b"/Root"), number_after(keys, b"/Length").ok_or_else(no_table)?);
        let packed = stream.get(keys.len() + b"stream\n".len()..).and_then(|rest| rest.get(..length));
        let entries = unpacked(packed.ok_or_else(no_table)?).ok_or_else(no_table)?;
        let mut bodies = BTreeMap::new();
        for (number, entry) in entries.chunks_exact(ENTRY).enumerate() {
            let place = u32::from_be_bytes([entry[1], entry[2], entry[3], entry[4]]) as usize;
            if entry[0] == 1 && place != start {
                bodies.insert(number, body(pdf, number, place)?);
            }
        }
        Ok(Objects { bodies, root: root.ok_or(CannotJoin("no root"))? })
    }

    fn dictionary(&self, number: usize) -> Result<&'p [u8], CannotJoin> {
        self.bodies.get(&number).copied().ok_or(CannotJoin("an object is missing"))
    }
}

fn body(pdf: &[u8], number: usize, place: usize) -> Result<&[u8], CannotJoin> {
    let head = format!("{number} 0 obj\n");
    let rest = pdf
        .get(place..)
        .and_then(|rest| rest.strip_prefix(head.as_bytes()))
        .ok_or(CannotJoin("an object is elsewhere"))?;
    // A stream may hold any bytes, so its own length says where it ends. It is looked for
    // before the object's end only: most objects have none, and the next may be far away.
    let first_end = find(rest, b"endobj");
    let end = match find(&rest[..first_end.unwrap_or(rest.len())], b"stream\n") {
        Some(stream) => {
            let length = number_after(&rest[..stream], b"/Length").ok_or(CannotJoin("a stream without length"))?;
            let after = stream + b"stream\n".len() + length;
            after
                + rest.get(after..).and_then(|rest| find(rest, b"endobj")).ok_or(CannotJoin("a stream does not end"))?
        }
        None => first_end.ok_or(CannotJoin("an object does not end"))?,
    };
    Ok(&rest[..end])
}

/// The body with every reference (`12 0 R`) outside strings and streams renamed.
fn renamed(body: &[u8], mut name: impl FnMut(usize) -> usize) -> Vec<u8> {
    let dictionary = find(body, b"stream\n").unwrap_or(body.len());
    let mut out = Vec::with_capacity(body.len() + 64);
    let (mut at, mut depth) = (0, 0);
    while at < dictionary {
        let byte = body[at];
        match byte {
            b'\\' if depth > 0 => {
                out.extend_from_slice(&body[at..(at + 2).min(dictionary)]);
                at += 2;
                continue;
            }
            b'(' => depth += 1,
            b')' if depth > 0 => depth -= 1,
            b'0'..=b'9' if depth == 0 => {
                let digits = body[at..dictionary].iter().take_while(|b| b.is_ascii_digit()).count();
                let (text, rest) = (&body[at..at + digits], &body[at + digits..dictionary]);
                let fresh = at == 0 || !matches!(body[at - 1], b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
                let reference =
                    fresh && rest.starts_with(b" 0 R") && !rest.get(4).is_some_and(u8::is_ascii_alphanumeric);
                match std::str::from_utf8(text).ok().and_then(|text| text.parse::<usize>().ok()) {
                    Some(number) if reference => out.extend_from_slice(name(number).to_string().as_bytes()),
                    _ => out.extend_from_slice(text),
                }
                at += digits;
                continue;
            }
            _ => {}
        }
        out.push(byte);
        at += 1;
    }
    out.extend_from_slice(&body[dictionary..]);
    out
}

impl Objects<'_> {
    /// What the pages need, and nothing else.
    fn behind(&self, pages: usize) -> BTreeSet<usize> {
        let (mut found, mut open) = (BTreeSet::from([pages]), vec![pages]);
        while let Some(number) = open.pop() {
            let Some(body) = self.bodies.get(&number) else { continue };
            renamed(body, |other| {
                if found.insert(other) {
                    open.push(other);
                }
                other
            });
        }
        found
    }
}

/// One PDF of them all, in their order. A file with an odd number of pages gets no
/// blank one: which printer and which fold is the office's to say.
pub fn join(files: &[Vec<u8>]) -> Result<Vec<u8>, CannotJoin> {
    // 1 is the catalog, 2 the tree of all pages.
    let (mut next, mut kids, mut count) = (3, String::new(), 0);
    let mut pdf = b"%PDF-1.7\n%\xe9\x9d\x92\xe7\xa6\xbe\n".to_vec();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut put = |pdf: &mut Vec<u8>, number: usize, body: &[u8]| {
        places.insert(number, pdf.len());
        pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        pdf.extend_from_slice(body);
        if !body.ends_with(b"\n") {
            pdf.push(b'\n');
        }
        pdf.extend_from_slice(b"endobj\n");
    };
    for file in files {
        let objects = Objects::of(file)?;
        let pages = number_after(objects.dictionary(objects.root)?, b"/Pages").ok_or(CannotJoin("no pages"))?;
        count += number_after(objects.dictionary(pages)?, b"/Count").ok_or(CannotJoin("pages are not counted"))?;
        let by = next;
        kids.push_str(&format!("{} 0 R ", pages + by));
        let needed = objects.behind(pages);
        for (number, body) in objects.bodies.iter().filter(|(number, _)| needed.contains(number)) {
            let mut body = renamed(body, |other| other + by);
            if *number == pages {
                let open = find(&body, b"<<").ok_or(CannotJoin("pages without a dictionary"))? + 2;
                body.splice(open..open, b"/Parent 2 0 R".iter().copied());
            }
            put(&mut pdf, number + by, &body);
        }
        next += objects.bodies.keys().last().map_or(0, |last| last + 1);
    }
    put(&mut pdf, 1, b"<</Type/Catalog/Pages 2 0 R/Lang(zh-CN)>>");
    put(&mut pdf, 2, format!("<</Type/Pages/Count {count}/Kids[{}]>>", kids.trim_end()).as_bytes());
    let start = pdf.len();
    let size = places.keys().last().map_or(1, |last| last + 1);
    let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
    for number in 1..size {
        match places.get(&number) {
            Some(place) => table.push_str(&format!("{place:010} 00000 n \n")),
            None => table.push_str("0000000000 65535 f \n"),
        }
    }
    table.push_str(&format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    pdf.extend_from_slice(table.as_bytes());
    Ok(pdf)
}
