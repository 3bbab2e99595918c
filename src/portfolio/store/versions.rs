use super::{TERM, sealed_bytes};
use crate::access::own::{handed_term, seal};
use crate::access::{Child, Look, Refused};
use crate::names::{StudentId, Term};
use crate::portfolio::file::TermFile;
use diesel::prelude::*;

/// One sealed version of a child's term.
#[derive(Clone, Debug)]
pub struct SealedVersion {
    pub file: TermFile,
    /// Another school sealed it: it came with the child.
    pub come: bool,
}

/// Where one sealed version of a pupil's term lies.
pub(super) struct Place {
    pub student: StudentId,
    pub term: Term,
    pub version: i32,
    pub sha256: String,
    /// It came from another school.
    pub come: bool,
}

/// Every sealed version of these pupils' terms that lies here, in the order of time and
/// once: a file that left with a pupil and came back is the school's own.
pub(super) fn places(look: &mut Look, students: &[StudentId]) -> Result<Vec<Place>, Refused> {
    type Row = (StudentId, Term, i32, String);
    let own: Vec<Row> = look
        .own(seal::rows)
        .filter(seal::student_id.eq_any(students))
        .filter(seal::part.eq(TERM))
        .select((seal::student_id, seal::term, seal::version, seal::sha256))
        .load(look.conn())?;
    let came: Vec<Row> = look
        .own(handed_term::rows)
        .filter(handed_term::student_id.eq_any(students))
        .select((handed_term::student_id, handed_term::term, handed_term::version, handed_term::sha256))
        .load(look.conn())?;
    let place = |come| move |(student, term, version, sha256)| Place { student, term, version, sha256, come };
    let mut all: Vec<Place> = own.into_iter().map(place(false)).chain(came.into_iter().map(place(true))).collect();
    all.sort_by_key(|place| (place.student, place.term, place.version));
    all.dedup_by_key(|place| (place.student, place.term, place.version));
    Ok(all)
}

/// A child's sealed terms, every version of each, in the order of time: sealed here, or
/// come from the school before.
pub fn child_versions(look: &mut Look, child: Child) -> Result<Vec<SealedVersion>, Refused> {
    let places = places(look, &[child.student()])?;
    let read = |place: Place| {
        let file = serde_json::from_slice(&sealed_bytes(look, &place.sha256)?).map_err(Refused::broken)?;
        Ok(SealedVersion { file, come: place.come })
    };
    places.into_iter().map(read).collect()
}

/// The very bytes of one version, and whether they came.
///
/// # Errors
/// [`Refused::NotFound`] where there is no such version.
pub fn child_version(look: &mut Look, child: Child, term: Term, version: i32) -> Result<(Vec<u8>, bool), Refused> {
    let mut places = places(look, &[child.student()])?.into_iter();
    let found = places.find(|place| (place.term, place.version) == (term, version)).ok_or(Refused::NotFound)?;
    Ok((sealed_bytes(look, &found.sha256)?, found.come))
}
