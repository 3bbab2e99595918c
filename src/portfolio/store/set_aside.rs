//! Prints that are no longer handed out, because of a photo in them; and their bytes, which
//! leave the file store.

use super::edition::{Aside, PrintKey, asides_of, photos_in, portfolio_aside, portfolio_photo, unfit};
use super::issued::{Issued, issued_among, names_and_seats};
use crate::access::own::{handover, portfolio};
use crate::access::{Act, Attempt, Door, Look, Operator, Refused, Tx, WholeSchool, off_the_loop};
use crate::names::StudentId;
use crate::record::evidence::{Ended, ended, withdrawn_files};
use crate::schema::withdrawn_file;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A photo for which a print is set aside.
#[derive(Clone, Debug, Serialize)]
struct ForPhoto {
    student: StudentId,
    version: i32,
    edition: i32,
    photo: String,
    why: Ended,
}

/// Prints with photos whose consent was taken back are not handed out any more.
#[derive(Serialize)]
pub struct SetAside {
    prints: Vec<ForPhoto>,
}

impl SetAside {
    /// What the photos that are about to go are printed in. `Attempt::Nothing` where they
    /// are in no print.
    ///
    /// # Errors
    /// As the database answers.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool) -> Result<Attempt<Self, ()>, Refused> {
        let going = withdrawn_files(tx, whole)?;
        let printed: Vec<(StudentId, i32, i32, String)> = tx
            .own(portfolio_photo::rows)
            .filter(portfolio_photo::sha256.eq_any(going))
            .order((portfolio_photo::student_id, portfolio_photo::version, portfolio_photo::edition))
            .select((
                portfolio_photo::student_id,
                portfolio_photo::version,
                portfolio_photo::edition,
                portfolio_photo::sha256,
            ))
            .load(tx.conn())?;
        let prints = for_photos(tx, printed)?;
        Ok(if prints.is_empty() { Attempt::Nothing(()) } else { Attempt::Act(SetAside { prints }) })
    }
}

/// Those of some photos in prints that may no longer be seen and are not noted yet.
fn for_photos(tx: &mut Tx, printed: Vec<(StudentId, i32, i32, String)>) -> Result<Vec<ForPhoto>, Refused> {
    let ended = ended(tx, &printed.iter().map(|row| (row.0, row.3.clone())).collect())?;
    let students: Vec<StudentId> = printed.iter().map(|row| row.0).collect();
    let noted: HashSet<(PrintKey, String)> =
        asides_of(tx, &students)?.into_iter().map(|aside| (aside.print, aside.sha256)).collect();
    let due = printed.into_iter().filter_map(|(student, version, edition, photo)| {
        let why = *ended.get(&(student, photo.clone()))?;
        let is_new = !noted.contains(&((student, version, edition), photo.clone()));
        is_new.then_some(ForPhoto { student, version, edition, photo, why })
    });
    Ok(due.collect())
}

impl Act for SetAside {
    const VERB: &'static str = "prints_set_aside";
    /// Whose.
    type Done = Vec<StudentId>;

    fn about(&self) -> serde_json::Value {
        json!({ "students": whose(&self.prints) })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Vec<StudentId>, Refused> {
        put_aside(tx, &self.prints)?;
        Ok(whose(&self.prints))
    }
}

fn whose(prints: &[ForPhoto]) -> Vec<StudentId> {
    prints.iter().map(|print| print.student).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Notes it, and lets the bytes go: of the prints, and of packages with one inside.
fn put_aside(tx: &mut Tx, prints: &[ForPhoto]) -> Result<(), Refused> {
    let at = tx.now();
    for print in prints {
        tx.put(
            portfolio_aside::rows,
            (
                (portfolio_aside::student_id.eq(print.student), portfolio_aside::version.eq(print.version)),
                (portfolio_aside::edition.eq(print.edition), portfolio_aside::sha256.eq(print.photo.clone())),
                (portfolio_aside::why.eq(print.why), portfolio_aside::at.eq(at)),
            ),
        )?;
    }
    let asides: HashSet<PrintKey> = prints.iter().map(|print| (print.student, print.version, print.edition)).collect();
    let kept: Vec<(StudentId, i32, i32, String)> = tx
        .own(portfolio::rows)
        .filter(portfolio::student_id.eq_any(whose(prints)))
        .select((portfolio::student_id, portfolio::version, portfolio::edition, portfolio::pdf_sha256))
        .load(tx.conn())?;
    let pdfs: BTreeSet<String> = kept
        .into_iter()
        .filter(|(student, version, edition, _)| asides.contains(&(*student, *version, *edition)))
        .map(|(.., pdf)| pdf)
        .collect();
    let packages: Vec<Option<String>> = tx
        .own(handover::rows)
        .filter(handover::pdf_sha256.eq_any(&pdfs))
        .filter(handover::file_sha256.is_not_null())
        .select(handover::file_sha256)
        .load(tx.conn())?;
    let files: BTreeSet<String> = pdfs.into_iter().chain(packages.into_iter().flatten()).collect();
    withdraw_files(tx, files)
}

/// Some prints that another edition takes the place of, in the act that keeps it.
pub(super) fn replace(tx: &mut Tx, prints: HashSet<PrintKey>) -> Result<(), Refused> {
    let photos = photos_in(tx, &prints)?;
    let printed = photos
        .into_iter()
        .flat_map(|((student, version, edition), files)| {
            files.into_iter().map(move |sha256| (student, version, edition, sha256))
        })
        .collect();
    let prints = for_photos(tx, printed)?;
    put_aside(tx, &prints)
}

/// These bytes are handed out by nobody any more, and leave the file store.
pub(super) fn withdraw_files(tx: &mut Tx, files: BTreeSet<String>) -> Result<(), Refused> {
    let now = tx.now();
    for sha256 in files {
        // The same bytes may have come again after they were deleted.
        let again = withdrawn_file::table.filter(withdrawn_file::sha256.eq(&sha256));
        if diesel::update(again).set(withdrawn_file::gone.eq(false)).execute(tx.conn())? == 0 {
            diesel::insert_into(withdrawn_file::table)
                .values((
                    withdrawn_file::sha256.eq(sha256),
                    withdrawn_file::since.eq(now),
                    withdrawn_file::gone.eq(false),
                ))
                .execute(tx.conn())?;
        }
    }
    Ok(())
}

/// Which of some files are handed out by nobody any more.
pub(super) fn withdrawn_among<'f>(
    look: &mut Look,
    files: impl IntoIterator<Item = &'f String>,
) -> Result<HashSet<String>, Refused> {
    let files: Vec<&String> = files.into_iter().collect();
    if files.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<String> = withdrawn_file::table
        .filter(withdrawn_file::sha256.eq_any(files))
        .select(withdrawn_file::sha256)
        .load(look.conn())?;
    Ok(found.into_iter().collect())
}

/// Deletes what nobody hands out any more; says how many files. May be done at any time, in
/// any process, twice.
///
/// # Errors
/// What the database or the file store says; the rest goes the next time.
pub async fn delete_withdrawn(door: &Door) -> Result<usize, Refused> {
    let operator = Operator::at(door);
    let going: Vec<String> = operator
        .survey(|conn| {
            let there = withdrawn_file::table.filter(withdrawn_file::gone.eq(false));
            Ok(there.order(withdrawn_file::sha256).select(withdrawn_file::sha256).load(conn)?)
        })
        .await?;
    let deleted = going.len();
    for sha256 in going {
        let (files, name) = (door.house().files.clone(), sha256.clone());
        off_the_loop(move || Ok(files.delete(&name)?)).await?;
        operator
            .keep_house(move |conn| {
                let row = withdrawn_file::table.filter(withdrawn_file::sha256.eq(sha256));
                diesel::update(row).set(withdrawn_file::gone.eq(true)).execute(conn)?;
                Ok(())
            })
            .await?;
    }
    Ok(deleted)
}

/// A pupil's print that was set aside, for the office.
#[derive(Clone, Debug)]
pub struct SetAsideNote {
    pub class_number: i32,
    pub seat: i32,
    pub name: String,
    pub why: Ended,
    /// When; none where it has not been noted yet.
    pub at: Option<NaiveDateTime>,
    /// Another one is there.
    pub again: bool,
}

/// What of some portfolios was set aside, class by class and seat by seat.
pub fn set_aside_notes(look: &mut Look, _: WholeSchool, all: &[Issued]) -> Result<Vec<SetAsideNote>, Refused> {
    let students: Vec<StudentId> = all.iter().map(|one| one.student).collect();
    // Of several the newest is met last and told.
    let noted: HashMap<(StudentId, i32), Aside> =
        asides_of(look, &students)?.into_iter().map(|aside| ((aside.print.0, aside.print.1), aside)).collect();
    let told = |one: &&Issued| one.unfit.is_some() || noted.contains_key(&(one.student, one.version));
    let some: Vec<Issued> = all.iter().filter(told).cloned().collect();
    let named = names_and_seats(look, &some)?;
    let mut notes: Vec<SetAsideNote> = some
        .into_iter()
        .filter_map(|one| {
            let (name, seat) = named.get(&one.student)?.clone();
            let noted = noted.get(&(one.student, one.version));
            // What was set aside before tells nothing of the print that waits now.
            let noted = noted.filter(|aside| one.unfit.is_none() || one.edition == Some(aside.print.2));
            let (class_number, again) = (one.class_number, one.pdf_sha256.is_some());
            let (why, at) = (one.unfit.or(noted.map(|aside| aside.why))?, noted.map(|aside| aside.at));
            Some(SetAsideNote { class_number, seat, name, why, at, again })
        })
        .collect();
    notes.sort_by_key(|note| (note.class_number, note.seat));
    Ok(notes)
}

/// Those of some pupils whose portfolio is to be made anew.
pub fn to_make_again(look: &mut Look, _: WholeSchool, students: &[StudentId]) -> Result<Vec<Issued>, Refused> {
    let mut all = issued_among(look, students)?;
    all.retain(|one| one.unfit.is_some());
    Ok(all)
}

/// Whether a print of a pupil may still be handed out, inside whatever it lies.
pub(super) fn is_fit(look: &mut Look, student: StudentId, pdf_sha256: &str) -> Result<bool, Refused> {
    let this: Vec<(i32, i32)> = look
        .own(portfolio::rows)
        .filter(portfolio::student_id.eq(student))
        .filter(portfolio::pdf_sha256.eq(pdf_sha256))
        .select((portfolio::version, portfolio::edition))
        .load(look.conn())?;
    let this = this.into_iter().map(|(version, edition)| (student, version, edition)).collect();
    Ok(unfit(look, &this)?.is_empty())
}
