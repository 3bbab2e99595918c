//! A kept print and the photos in it. A print is handed out as long as every photo in it
//! may be seen: it is asked each time, so that a consent taken back holds at once. From
//! then on another edition takes its place, made from the same sealed bytes.

use super::Issued;
use crate::access::own::portfolio;
use crate::access::{Look, Refused};
use crate::names::StudentId;
use crate::portfolio::file::GraduationFile;
use crate::record::evidence::{Ended, ended};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

crate::school_table!(pub(super) portfolio_photo (student_id, version, edition, sha256) {
    student_id -> Guid,
    version -> Integer,
    edition -> Integer,
    sha256 -> Text,
});

crate::school_table!(pub(super) portfolio_aside (student_id, version, edition, sha256) {
    student_id -> Guid,
    version -> Integer,
    edition -> Integer,
    sha256 -> Text,
    why -> Text,
    at -> Timestamp,
});

/// A print by its pupil, version and edition.
pub(super) type PrintKey = (StudentId, i32, i32);

/// A kept print.
#[derive(Clone, Debug, Queryable)]
pub(super) struct Edition {
    pub number: i32,
    pub pdf_sha256: String,
    pub credential_sha256: Option<String>,
    pub pages: i32,
}

/// The newest print of every version of some pupils' portfolios.
pub(super) fn newest_editions(
    look: &mut Look,
    students: &[StudentId],
) -> Result<HashMap<(StudentId, i32), Edition>, Refused> {
    let rows: Vec<(StudentId, i32, Edition)> = look
        .own(portfolio::rows)
        .filter(portfolio::student_id.eq_any(students))
        .order(portfolio::edition)
        .select((
            portfolio::student_id,
            portfolio::version,
            (portfolio::edition, portfolio::pdf_sha256, portfolio::credential_sha256, portfolio::pages),
        ))
        .load(look.conn())?;
    // The highest edition is met last and stands.
    Ok(rows.into_iter().map(|(student, version, edition)| ((student, version), edition)).collect())
}

/// The photos in some prints, print by print; one without photos is not among them.
pub(super) fn photos_in(
    look: &mut Look,
    prints: &HashSet<PrintKey>,
) -> Result<HashMap<PrintKey, BTreeSet<String>>, Refused> {
    let students: BTreeSet<StudentId> = prints.iter().map(|(student, ..)| *student).collect();
    let rows: Vec<(StudentId, i32, i32, String)> = look
        .own(portfolio_photo::rows)
        .filter(portfolio_photo::student_id.eq_any(students))
        .select((
            portfolio_photo::student_id,
            portfolio_photo::version,
            portfolio_photo::edition,
            portfolio_photo::sha256,
        ))
        .load(look.conn())?;
    let mut of: HashMap<PrintKey, BTreeSet<String>> = HashMap::new();
    for (student, version, edition, sha256) in rows {
        if prints.contains(&(student, version, edition)) {
            of.entry((student, version, edition)).or_default().insert(sha256);
        }
    }
    Ok(of)
}

/// Why a print was set aside, for which photo, and when.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    pub print: PrintKey,
    pub sha256: String,
    pub why: Ended,
    pub at: NaiveDateTime,
}

/// What of some pupils' prints was set aside, the oldest first.
pub(super) fn asides_of(look: &mut Look, students: &[StudentId]) -> Result<Vec<Aside>, Refused> {
    let rows: Vec<(StudentId, i32, i32, String, Ended, NaiveDateTime)> = look
        .own(portfolio_aside::rows)
        .filter(portfolio_aside::student_id.eq_any(students))
        .order((portfolio_aside::at, portfolio_aside::student_id, portfolio_aside::edition))
        .select((
            portfolio_aside::student_id,
            portfolio_aside::version,
            portfolio_aside::edition,
            portfolio_aside::sha256,
            portfolio_aside::why,
            portfolio_aside::at,
        ))
        .load(look.conn())?;
    let aside =
        |(student, version, edition, sha256, why, at)| Aside { print: (student, version, edition), sha256, why, at };
    Ok(rows.into_iter().map(aside).collect())
}

/// Of some prints, those that are not handed out: set aside, or with a photo that may no
/// longer be seen.
pub(super) fn unfit(look: &mut Look, prints: &HashSet<PrintKey>) -> Result<HashMap<PrintKey, Ended>, Refused> {
    let photos = photos_in(look, prints)?;
    if photos.is_empty() {
        return Ok(HashMap::new());
    }
    let students: Vec<StudentId> = photos.keys().map(|(student, ..)| *student).collect();
    let mut unfit: HashMap<PrintKey, Ended> =
        asides_of(look, &students)?.into_iter().map(|aside| (aside.print, aside.why)).collect();
    unfit.retain(|print, _| prints.contains(print));
    let rest = photos.iter().filter(|(print, _)| !unfit.contains_key(*print));
    let asked = rest.flat_map(|(print, files)| files.iter().map(|sha256| (print.0, sha256.clone()))).collect();
    let ended = ended(look, &asked)?;
    for (print, files) in photos {
        let why = files.into_iter().find_map(|sha256| ended.get(&(print.0, sha256)).copied());
        if let Some(why) = why {
            unfit.entry(print).or_insert(why);
        }
    }
    Ok(unfit)
}

/// Of some sealed portfolios, with their bytes, which photos each may be printed with:
/// those that may be seen now, and never one for which a print was set aside before. The
/// consent given again brings back what is kept, not what was on paper.
pub fn photos_to_print(look: &mut Look, sealed: &[(Issued, Vec<u8>)]) -> Result<Vec<BTreeSet<String>>, Refused> {
    let mut wanted: Vec<BTreeSet<String>> = Vec::with_capacity(sealed.len());
    for (_, bytes) in sealed {
        // Most portfolios name none, and reading the file twice costs a tenth of printing it.
        let names_some = bytes.windows(NAMED.len()).any(|part| part == NAMED);
        let photos = if names_some {
            let file: GraduationFile = serde_json::from_slice(bytes).map_err(Refused::broken)?;
            file.photos().map(str::to_owned).collect()
        } else {
            BTreeSet::new()
        };
        wanted.push(photos);
    }
    let each = sealed.iter().zip(&wanted);
    let asked: BTreeSet<(StudentId, String)> =
        each.flat_map(|((one, _), photos)| photos.iter().map(|sha256| (one.student, sha256.clone()))).collect();
    if asked.is_empty() {
        return Ok(wanted);
    }
    let students: Vec<StudentId> = asked.iter().map(|(student, _)| *student).collect();
    let ended = ended(look, &asked)?;
    let asides = asides_of(look, &students)?;
    for ((one, _), photos) in sealed.iter().zip(&mut wanted) {
        photos.retain(|sha256| {
            let of_this = |aside: &Aside| (aside.print.0, aside.print.1) == (one.student, one.version);
            !ended.contains_key(&(one.student, sha256.clone()))
                && !asides.iter().any(|aside| of_this(aside) && aside.sha256 == *sha256)
        });
    }
    Ok(wanted)
}

/// How a sealed file begins to name photos.
const NAMED: &[u8] = b"\"photos\":[";
