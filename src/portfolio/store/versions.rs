use super::{TERM, sealed_bytes};
use crate::access::own::{handed_term, seal};
use crate::access::{Child, Look, Refused};
use crate::names::Term;
use crate::portfolio::file::TermFile;
use diesel::prelude::*;

/// One sealed version of a child's term.
#[derive(Clone, Debug)]
pub struct SealedVersion {
    pub file: TermFile,
    /// Another school sealed it: it came with the child.
    pub come: bool,
}

/// Where the versions of a child's terms lie: term, version, SHA-256, whether it came.
type Place = (Term, i32, String, bool);

fn places(look: &mut Look, child: Child) -> Result<Vec<Place>, Refused> {
    let sealed: Vec<(Term, i32, String)> = look
        .own(seal::rows)
        .filter(seal::student_id.eq(child.student()))
        .filter(seal::part.eq(TERM))
        .select((seal::term, seal::version, seal::sha256))
        .load(look.conn())?;
    let came: Vec<(Term, i32, String)> = look
        .own(handed_term::rows)
        .filter(handed_term::student_id.eq(child.student()))
        .select((handed_term::term, handed_term::version, handed_term::sha256))
        .load(look.conn())?;
    let named = |come: bool| move |(term, version, sha256)| (term, version, sha256, come);
    let mut all: Vec<Place> = came.into_iter().map(named(true)).chain(sealed.into_iter().map(named(false))).collect();
    all.sort_by_key(|(term, version, ..)| (*term, *version));
    Ok(all)
}

/// A child's sealed terms, every version of each, in the order of time: sealed here, or
/// come from the school before.
pub fn child_versions(look: &mut Look, child: Child) -> Result<Vec<SealedVersion>, Refused> {
    let places = places(look, child)?;
    let read = |(_, _, sha256, come): Place| {
        let file = serde_json::from_slice(&sealed_bytes(look, &sha256)?).map_err(Refused::broken)?;
        Ok(SealedVersion { file, come })
    };
    places.into_iter().map(read).collect()
}

/// The very bytes of one version, and whether they came.
///
/// # Errors
/// [`Refused::NotFound`] where there is no such version.
pub fn child_version(look: &mut Look, child: Child, term: Term, version: i32) -> Result<(Vec<u8>, bool), Refused> {
    let found = places(look, child)?.into_iter().find(|place| (place.0, place.1) == (term, version));
    let (.., sha256, come) = found.ok_or(Refused::NotFound)?;
    Ok((sealed_bytes(look, &sha256)?, come))
}
