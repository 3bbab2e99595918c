//! As much of DER (X.690) as a certificate and a signature need: definite lengths,
//! tags of one byte.

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OID: u8 = 0x06;
pub const UTF8: u8 = 0x0c;
pub const GENERALIZED_TIME: u8 = 0x18;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// `[n]`, constructed.
pub const fn tagged(n: u8) -> u8 {
    0xa0 | n
}

/// One element: tag, length, these contents one after the other.
pub fn element(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let length: usize = contents.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match length {
        0..0x80 => out.push(length as u8),
        _ => {
            let bytes = length.to_be_bytes();
            let used = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            out.push(0x80 | used.len() as u8);
            out.extend_from_slice(used);
        }
    }
    for part in contents {
        out.extend_from_slice(part);
    }
    out
}

/// `SET OF`, in the order DER wants.
pub fn set_of(mut elements: Vec<Vec<u8>>) -> Vec<u8> {
    elements.sort();
    element(SET, &elements.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// An element as it was read.
#[derive(Clone, Copy)]
pub struct Read<'d> {
    pub tag: u8,
    pub contents: &'d [u8],
    /// With tag and length.
    pub whole: &'d [u8],
}

impl<'d> Read<'d> {
    /// The elements inside; what holds none, or does not read to its end, yields `None`.
    pub fn children(self) -> Option<Vec<Read<'d>>> {
        const CONSTRUCTED: u8 = 0x20;
        if self.tag & CONSTRUCTED == 0 {
            return None;
        }
        let mut rest = self.contents;
        let mut children = Vec::new();
        while !rest.is_empty() {
            let (child, after) = read(rest)?;
            children.push(child);
            rest = after;
        }
        Some(children)
    }
}

/// The first element of some bytes, and what follows it.
pub fn read(bytes: &[u8]) -> Option<(Read<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
    };
    let (contents, after) = rest.split_at_checked(length)?;
    Some((Read { tag, contents, whole: &bytes[..bytes.len() - after.len()] }, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_a_cut_off_end_does_not() {
        let long = vec![7; 300];
        let whole = element(SEQUENCE, &[&element(INTEGER, &[&[1]]), &element(OCTET_STRING, &[&long])]);
        let (read_back, after) = read(&whole).unwrap();
        assert!(after.is_empty());
        let children = read_back.children().unwrap();
        assert_eq!((children[0].contents, children[1].contents), (&[1_u8][..], long.as_slice()));
        assert!(read(&whole[..whole.len() - 1]).is_none());
        assert!(read(&[SEQUENCE, 0x85, 1, 1, 1, 1, 1]).is_none());
    }
}
