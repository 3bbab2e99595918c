mod correct;
mod edition;
mod graduating;
mod handover;
mod issued;
mod keep_reports;
mod outgoing;
mod progress;
mod rule_correction;
mod run;
mod run_items;
mod seal_graduation;
mod seal_paper;
mod seal_term;
mod set_aside;
mod take_over;
mod told_at_end;
mod versions;
mod withdrawal;

pub use correct::{
    AskCorrection, CorrectionRow, CorrectionState, Wish, child_corrections, corrected_file, corrections,
};
pub use edition::photos_to_print;
pub use graduating::{GraduateRow, child_graduating, graduates, own_graduates, six_terms};
pub use handover::{
    HandOver, Handover, PupilsFiles, all_handovers, child_portfolio, files_of, package_of, package_of_former,
    package_out, pupils_portfolio,
};
pub use issued::{
    Issued, KeepPrints, Print, PrintFailed, PrintsArriving, Verified, cohorts_issued, issued, sealed_bytes,
    verify_code_found,
};
pub use keep_reports::{KeepReports, ReportPrint};
pub use outgoing::{BookletTaken, SendCohort, Sending, sendings};
pub use progress::{ClassProgress, RunProgress, latest_run};
pub use rule_correction::RuleCorrection;
pub use run::{Batch, PauseRun, Run, StartRun, runs_waiting, waiting_in};
pub use run_items::{ItemState, ReportsRun, reports_run};
pub use seal_graduation::{DECIDED_AGAIN, SealGraduation, graduation_stages_done};
pub use seal_paper::SealPaper;
pub use seal_term::{SealTerm, Sealable, sealable};
pub use set_aside::{SetAside, SetAsideNote, delete_withdrawn, set_aside_notes, to_make_again};
pub use take_over::{CameFrom, Candidate, OpenPackage, TakeOver, candidates};
pub use versions::{SealedVersion, child_version, child_versions};
pub use withdrawal::{WithdrawPortfolio, withdrawal_of, withdrawals};

use self::versions::{Place, places};
use super::file::{ByAt, Head, Previous, SchoolWords, Sealed};
use crate::access::own::{seal, sealed_file};
use crate::access::{Child, Look, Refused, Tx, WholeSchool};
use crate::journal;
use crate::names::{ClassId, SchoolId, StudentId, Term};
use crate::schema::school;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// Which part of junior high a seal closes.
const TERM: &str = "term";
const GRADUATION: &str = "graduation";

/// A pupil whose file is not sealed with the others of the class, and why.
#[derive(Clone, Debug, Serialize)]
pub struct NotReady {
    pub student: StudentId,
    #[serde(skip)]
    pub seat: i32,
    #[serde(skip)]
    pub name: String,
    pub why: String,
}

/// The newest seal of a pupil's term.
#[derive(Clone, Debug)]
struct SealFound {
    version: i32,
    sha256: String,
}

/// The newest seal of each of these pupils in each term that has one, here or in the
/// school they came from.
fn term_seals(look: &mut Look, students: &[StudentId]) -> Result<HashMap<(StudentId, Term), SealFound>, Refused> {
    let seal = |at: Place| ((at.student, at.term), SealFound { version: at.version, sha256: at.sha256 });
    // The newest version is met last and stands.
    Ok(places(look, students)?.into_iter().map(seal).collect())
}

/// Which terms of these pupils are sealed, here or in the school they came from.
pub fn sealed_of(look: &mut Look, students: &[StudentId]) -> Result<HashSet<(StudentId, Term)>, Refused> {
    Ok(term_seals(look, students)?.into_keys().collect())
}

/// As [`term_seal`], for the office, of one of its pupils.
pub fn term_seal_of(
    look: &mut Look,
    _: WholeSchool,
    student: StudentId,
    term: Term,
) -> Result<Option<TermSeal>, Refused> {
    newest_seal(look, student, term)
}

/// When a child's term was sealed, and as which version.
#[derive(Clone, Debug, Queryable)]
pub struct TermSeal {
    pub version: i32,
    pub at: NaiveDateTime,
    pub sha256: String,
}

/// The newest seal of a child's term, if it is sealed.
pub fn term_seal(look: &mut Look, child: Child, term: Term) -> Result<Option<TermSeal>, Refused> {
    newest_seal(look, child.student(), term)
}

fn newest_seal(look: &mut Look, student: StudentId, term: Term) -> Result<Option<TermSeal>, Refused> {
    Ok(look
        .own(seal::rows)
        .filter(seal::student_id.eq(student))
        .filter(seal::term.eq(term))
        .filter(seal::part.eq(TERM))
        .order(seal::version.desc())
        .select((seal::version, seal::at, seal::sha256))
        .first(look.conn())
        .optional()?)
}

/// Which of these pupils are sealed already for a term, in one part, in whatever class of
/// this school they were then.
fn sealed_among(look: &mut Look, students: &[StudentId], term: Term, part: &str) -> Result<Vec<StudentId>, Refused> {
    Ok(look
        .own(seal::rows)
        .filter(seal::student_id.eq_any(students))
        .filter(seal::term.eq(term))
        .filter(seal::version.eq(1))
        .filter(seal::part.eq(part))
        .select(seal::student_id)
        .load(look.conn())?)
}

/// The school as a file names it, and when it began with Qinghe.
pub fn school_words(look: &mut Look) -> Result<(SchoolWords, NaiveDateTime), Refused> {
    let id: SchoolId = look.school();
    let (code, name, joined_at) = school::table
        .find(id.0)
        .select((school::code, school::name, school::joined_at))
        .first::<(String, String, NaiveDateTime)>(look.conn())?;
    Ok((SchoolWords { code, name }, joined_at))
}

/// The journal's head and the hand that seals, for a file made in this act.
fn seal_words(tx: &mut Tx) -> Result<(Head, ByAt), Refused> {
    let chain = tx.school();
    let (n, sha256) = journal::head_before_this_act(tx.conn(), chain)?;
    Ok((Head { n, sha256 }, ByAt { by: tx.by().name().to_owned(), at: tx.now() }))
}

fn previous_of(found: Option<&SealFound>, term: Term, why_none: impl FnOnce() -> Option<String>) -> Option<Previous> {
    match found {
        Some(found) => Some(Previous::Sealed { term, version: found.version, sha256: found.sha256.clone() }),
        None => why_none().map(|none| Previous::None { none }),
    }
}

/// A file about to be sealed for one pupil.
struct ToSeal {
    student: StudentId,
    sealed: Sealed,
}

/// Keeps sealed bytes that came from elsewhere, once.
fn sealed_file_here(tx: &mut Tx, sha256: &str, bytes: &[u8]) -> Result<(), Refused> {
    let kept: i64 = tx.own(sealed_file::rows).filter(sealed_file::sha256.eq(sha256)).count().get_result(tx.conn())?;
    if kept == 0 {
        tx.put(sealed_file::rows, (sealed_file::sha256.eq(sha256.to_owned()), sealed_file::bytes.eq(bytes.to_vec())))?;
    }
    Ok(())
}

/// Puts the bytes and the seal's row in. Triggers of both engines refuse the seal of
/// a band without its ground, and every change to the term from now on.
fn put_seals(tx: &mut Tx, class: ClassId, term: Term, part: &str, files: &[ToSeal]) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    for file in files {
        tx.put(
            sealed_file::rows,
            (sealed_file::sha256.eq(file.sealed.sha256.clone()), sealed_file::bytes.eq(file.sealed.bytes.clone())),
        )?;
        tx.put(
            seal::rows,
            (
                seal::student_id.eq(file.student),
                seal::term.eq(term),
                seal::part.eq(part.to_owned()),
                seal::version.eq(1),
                seal::class_id.eq(class),
                seal::sha256.eq(file.sealed.sha256.clone()),
                seal::account_id.eq(by),
                seal::at.eq(at),
            ),
        )?;
    }
    Ok(())
}

/// Puts a later version of one pupil's term in. A trigger refuses it without a
/// correction that two approved.
fn put_seal_version(
    tx: &mut Tx,
    class: ClassId,
    student: StudentId,
    term: Term,
    version: i32,
    sealed: &Sealed,
) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    tx.put(
        sealed_file::rows,
        (sealed_file::sha256.eq(sealed.sha256.clone()), sealed_file::bytes.eq(sealed.bytes.clone())),
    )?;
    tx.put(
        seal::rows,
        (
            seal::student_id.eq(student),
            seal::term.eq(term),
            seal::part.eq(TERM.to_owned()),
            seal::version.eq(version),
            seal::class_id.eq(class),
            seal::sha256.eq(sealed.sha256.clone()),
            seal::account_id.eq(by),
            seal::at.eq(at),
        ),
    )?;
    Ok(())
}

/// The class in which a pupil's term was sealed.
fn class_of_seal(look: &mut Look, student: StudentId, term: Term) -> Result<ClassId, Refused> {
    look.own(seal::rows)
        .filter(seal::student_id.eq(student))
        .filter(seal::term.eq(term))
        .filter(seal::part.eq(TERM))
        .select(seal::class_id)
        .first(look.conn())
        .optional()?
        .ok_or_else(|| Refused::conflict("这个学期是在别的学校归档的，请那所学校更正。"))
}

/// What the journal keeps of a sealed file: whose, and its hash.
#[derive(Serialize)]
struct SealedLine<'a> {
    student: StudentId,
    sha256: &'a str,
}

fn lines(files: &[ToSeal]) -> Vec<SealedLine<'_>> {
    files.iter().map(|file| SealedLine { student: file.student, sha256: &file.sealed.sha256 }).collect()
}
