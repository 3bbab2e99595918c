//! The files attached to a PDF of ours, found without reading the rest of it. Only
//! the form our own printing writes is known, and no more is unpacked than a
//! portfolio can hold: the file may be anyone's.

use std::io::Read;

/// A portfolio's data is some ten kilobytes, with photos' captions not ten times that.
const MOST: u64 = 4 << 20;

/// The bytes attached under this name.
pub fn attached(pdf: &[u8], name: &str) -> Option<Vec<u8>> {
    let specification = find_last(pdf, format!("/Type/Filespec/F({name})").as_bytes())?;
    let dictionary = &pdf[specification..];
    let reference = &dictionary[find(dictionary, b"/EF<</F ")? + b"/EF<</F ".len()..];
    let number = std::str::from_utf8(&reference[..find(reference, b" ")?]).ok()?;
    let head = format!("\n{number} 0 obj\n<<");
    let object = &pdf[find_last(pdf, head.as_bytes())? + head.len()..];
    let stream = find(object, b">>\nstream\n")?;
    let dictionary = std::str::from_utf8(&object[..stream]).ok()?;
    let digits = dictionary.split_once("/Length ")?.1;
    let length: usize = digits[..digits.find(|c: char| !c.is_ascii_digit())?].parse().ok()?;
    let start = stream + b">>\nstream\n".len();
    let bytes = object.get(start..start.checked_add(length)?)?;
    if !dictionary.contains("/Filter") {
        return Some(bytes.to_vec());
    }
    if !dictionary.contains("/Filter/FlateDecode") {
        return None;
    }
    let mut unpacked = Vec::new();
    flate2::read::ZlibDecoder::new(bytes).take(MOST + 1).read_to_end(&mut unpacked).ok()?;
    (unpacked.len() as u64 <= MOST).then_some(unpacked)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn find_last(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}
