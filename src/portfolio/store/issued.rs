use super::GRADUATION;
use super::edition::{newest_editions, portfolio_photo, unfit};
use super::run_items::{Item, finish, settle};
use super::set_aside::{replace, withdraw_files};
use crate::access::own::{class, portfolio, seal, sealed_file};
use crate::access::{Act, CountyWide, Look, Refused, Tx, WholeSchool};
use crate::names::{Cohort, RunId, StudentId};
use crate::record::evidence::{Ended, loosen};
use crate::roster::masked_name;
use crate::schema::{school, student, verify_code};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A graduate's portfolio that is sealed, printed or not yet.
#[derive(Clone, Debug)]
pub struct Issued {
    pub student: StudentId,
    pub class_number: i32,
    pub version: i32,
    /// Of the sealed graduation file.
    pub sealed_sha256: String,
    /// Of the PDF, once it is printed and as long as every photo in it may be seen.
    pub pdf_sha256: Option<String>,
    /// Of the credential made with it.
    pub credential_sha256: Option<String>,
    pub pages: Option<i32>,
    /// Of the newest print, handed out or not.
    pub edition: Option<i32>,
    /// Why the newest print is not handed out.
    pub unfit: Option<Ended>,
}

/// The cohorts with sealed portfolios, the youngest first, and how many each has.
pub fn cohorts_issued(look: &mut Look, _: WholeSchool) -> Result<Vec<(Cohort, i64)>, Refused> {
    Ok(look
        .own(seal::rows)
        .inner_join(class::joined().on(class::school_id.eq(seal::school_id).and(class::id.eq(seal::class_id))))
        .filter(seal::part.eq(GRADUATION))
        .filter(seal::version.eq(1))
        .group_by(class::cohort)
        .order(class::cohort.desc())
        .select((class::cohort, diesel::dsl::count_star()))
        .load(look.conn())?)
}

/// The sealed portfolios of a cohort, each pupil's newest version, class by class;
/// inside a class the files themselves tell the seat.
pub fn issued(look: &mut Look, _: WholeSchool, cohort: Cohort) -> Result<Vec<Issued>, Refused> {
    let rows = look
        .own(seal::rows)
        .inner_join(class::joined().on(class::school_id.eq(seal::school_id).and(class::id.eq(seal::class_id))))
        .filter(seal::part.eq(GRADUATION))
        .filter(class::cohort.eq(cohort.0))
        .order((class::number, seal::student_id, seal::version))
        .select((seal::student_id, class::number, seal::version, seal::sha256))
        .load(look.conn())?;
    with_prints(look, rows)
}

/// As [`issued`], of some pupils.
pub(super) fn issued_among(look: &mut Look, students: &[StudentId]) -> Result<Vec<Issued>, Refused> {
    let rows = look
        .own(seal::rows)
        .inner_join(class::joined().on(class::school_id.eq(seal::school_id).and(class::id.eq(seal::class_id))))
        .filter(seal::part.eq(GRADUATION))
        .filter(seal::student_id.eq_any(students))
        .order((class::number, seal::student_id, seal::version))
        .select((seal::student_id, class::number, seal::version, seal::sha256))
        .load(look.conn())?;
    with_prints(look, rows)
}

type Sealed = (StudentId, i32, i32, String);

/// The newest version of each, with the print that is handed out.
fn with_prints(look: &mut Look, rows: Vec<Sealed>) -> Result<Vec<Issued>, Refused> {
    let mut newest: Vec<Issued> = Vec::with_capacity(rows.len());
    for (student, class_number, version, sealed_sha256) in rows {
        // Versions of one pupil follow each other.
        if newest.last().is_some_and(|earlier| earlier.student == student) {
            newest.pop();
        }
        newest.push(Issued {
            student,
            class_number,
            version,
            sealed_sha256,
            pdf_sha256: None,
            credential_sha256: None,
            pages: None,
            edition: None,
            unfit: None,
        });
    }
    let students: Vec<StudentId> = newest.iter().map(|one| one.student).collect();
    let mut editions = newest_editions(look, &students)?;
    let prints = editions.iter().map(|((student, version), edition)| (*student, *version, edition.number)).collect();
    let unfit = unfit(look, &prints)?;
    for one in &mut newest {
        let Some(edition) = editions.remove(&(one.student, one.version)) else { continue };
        one.unfit = unfit.get(&(one.student, one.version, edition.number)).copied();
        // The credential tells no picture and goes on.
        one.credential_sha256 = edition.credential_sha256;
        one.edition = Some(edition.number);
        if one.unfit.is_none() {
            one.pdf_sha256 = Some(edition.pdf_sha256);
            one.pages = Some(edition.pages);
        }
    }
    Ok(newest)
}

/// The very bytes that were sealed.
///
/// # Errors
/// [`Refused::Broken`] when they are no longer those of that hash.
pub fn sealed_bytes(look: &mut Look, sha256: &str) -> Result<Vec<u8>, Refused> {
    let bytes: Vec<u8> = look
        .own(sealed_file::rows)
        .filter(sealed_file::sha256.eq(sha256))
        .select(sealed_file::bytes)
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    if crate::platform::files::sha256_hex(&bytes) != sha256 {
        return Err(Refused::broken(format!("the sealed file {sha256} was changed in the database")));
    }
    Ok(bytes)
}

/// A portfolio just printed, its PDF in the file store already.
#[derive(Clone, Debug, Serialize)]
pub struct Print {
    pub student: StudentId,
    pub version: i32,
    pub sealed_sha256: String,
    pub pdf_sha256: String,
    /// Of the credential; none with one printed before there were any.
    pub credential_sha256: Option<String>,
    pub pages: usize,
    /// The photos in it.
    pub photos: Vec<String>,
}

/// A portfolio that could not be printed, and why.
#[derive(Clone, Debug, Serialize)]
pub struct PrintFailed {
    pub student: StudentId,
    #[serde(skip)]
    pub why: String,
}

/// Prints with photos in them are about to be written that no row names yet.
#[derive(Serialize)]
pub struct PrintsArriving {
    pub files: Vec<String>,
}

impl Act for PrintsArriving {
    const VERB: &'static str = "prints_arriving";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({})
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        loosen(tx, &self.files)
    }
}

/// Keeps what was printed: from now on every print of this version is this file.
#[derive(Serialize)]
pub struct KeepPrints {
    pub run: Option<RunId>,
    pub printed: Vec<Print>,
    pub failed: Vec<PrintFailed>,
}

impl Act for KeepPrints {
    const VERB: &'static str = "portfolios_printed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.printed.iter().map(|print| print.student).collect();
        json!({ "run": self.run, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let at = tx.now();
        let students: Vec<StudentId> = self.printed.iter().map(|print| print.student).collect();
        let newest = newest_editions(tx, &students)?;
        let prints = newest.iter().map(|((student, version), edition)| (*student, *version, edition.number)).collect();
        let unfit = unfit(tx, &prints)?;
        let (mut replaced, mut idle, mut again) = (HashSet::new(), BTreeSet::new(), HashSet::new());
        for print in &self.printed {
            let before = newest.get(&(print.student, print.version));
            let key = before.map(|edition| (print.student, print.version, edition.number));
            // Another process may have been quicker; the same file gives the same print, or
            // one without a photo that was taken back in between.
            if let Some(before) = before.filter(|_| key.is_some_and(|key| !unfit.contains_key(&key))) {
                idle.extend(Some(print.pdf_sha256.clone()).filter(|pdf| *pdf != before.pdf_sha256));
                continue;
            }
            // Found printed already, and no longer fit: that is no new print. It waits for one.
            if before.is_some_and(|before| before.pdf_sha256 == print.pdf_sha256) {
                again.insert(print.student);
                continue;
            }
            replaced.extend(key);
            put_print(tx, print, before.map_or(1, |edition| edition.number + 1), at)?;
        }
        withdraw_files(tx, idle)?;
        replace(tx, replaced)?;
        let Some(run) = self.run else { return Ok(()) };
        for print in self.printed.iter().filter(|print| !again.contains(&print.student)) {
            settle(tx, run, print.student, Item::done(None))?;
        }
        for failed in &self.failed {
            settle(tx, run, failed.student, Item::failed(&failed.why))?;
        }
        finish(tx, run)
    }
}

fn put_print(tx: &mut Tx, print: &Print, edition: i32, at: NaiveDateTime) -> Result<(), Refused> {
    tx.put(
        portfolio::rows,
        (
            (portfolio::student_id.eq(print.student), portfolio::version.eq(print.version)),
            portfolio::edition.eq(edition),
            portfolio::sealed_sha256.eq(print.sealed_sha256.clone()),
            portfolio::pdf_sha256.eq(print.pdf_sha256.clone()),
            portfolio::pages.eq(print.pages as i32),
            portfolio::made_at.eq(at),
            portfolio::credential_sha256.eq(print.credential_sha256.clone()),
        ),
    )?;
    for sha256 in &print.photos {
        tx.put(
            portfolio_photo::rows,
            (
                (portfolio_photo::student_id.eq(print.student), portfolio_photo::version.eq(print.version)),
                (portfolio_photo::edition.eq(edition), portfolio_photo::sha256.eq(sha256.clone())),
            ),
        )?;
    }
    Ok(())
}

/// What a typed code answers: no more than a stranger may know.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    pub masked_name: String,
    pub school: String,
    pub version: i32,
}

/// The portfolio a code stands for, if one was issued.
pub fn verify_code_found(look: &mut Look<CountyWide>, code: &str) -> Result<Option<Verified>, Refused> {
    let found: Option<(String, String, i32)> = verify_code::table
        .inner_join(student::table.on(student::id.eq(verify_code::student_id)))
        .inner_join(school::table.on(school::id.eq(verify_code::school_id)))
        .filter(verify_code::code.eq(code))
        .select((student::name, school::name, verify_code::version))
        .first(look.conn())
        .optional()?;
    Ok(found.map(|(name, school, version)| Verified { masked_name: masked_name(&name), school, version }))
}

/// Name and seat of some pupils, as the sealed files tell them: what a list of
/// portfolios is written with.
pub fn names_and_seats(look: &mut Look, issued: &[Issued]) -> Result<HashMap<StudentId, (String, i32)>, Refused> {
    let mut named = HashMap::with_capacity(issued.len());
    for one in issued {
        let bytes = sealed_bytes(look, &one.sealed_sha256)?;
        let file: crate::portfolio::file::GraduationFile = serde_json::from_slice(&bytes).map_err(Refused::broken)?;
        named.insert(one.student, (file.student.name, file.class.seat));
    }
    Ok(named)
}
