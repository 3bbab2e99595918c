use super::GRADUATION;
use super::run_items::{Item, finish, settle};
use crate::access::own::{class, portfolio, seal, sealed_file};
use crate::access::{Act, CountyWide, Look, Refused, Tx, WholeSchool};
use crate::names::{Cohort, RunId, StudentId};
use crate::roster::masked_name;
use crate::schema::{school, student, verify_code};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// A graduate's portfolio that is sealed, printed or not yet.
#[derive(Clone, Debug)]
pub struct Issued {
    pub student: StudentId,
    pub class_number: i32,
    pub version: i32,
    /// Of the sealed graduation file.
    pub sealed_sha256: String,
    /// Of the PDF, once it is printed.
    pub pdf_sha256: Option<String>,
    /// Of the credential made with it.
    pub credential_sha256: Option<String>,
    pub pages: Option<i32>,
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
    type Row = (StudentId, i32, i32, String, Option<String>, Option<String>, Option<i32>);
    let rows: Vec<Row> = look
        .own(seal::rows)
        .inner_join(class::joined().on(class::school_id.eq(seal::school_id).and(class::id.eq(seal::class_id))))
        .left_join(
            portfolio::joined().on(portfolio::school_id
                .eq(seal::school_id)
                .and(portfolio::student_id.eq(seal::student_id))
                .and(portfolio::version.eq(seal::version))),
        )
        .filter(seal::part.eq(GRADUATION))
        .filter(class::cohort.eq(cohort.0))
        .order((class::number, seal::student_id, seal::version))
        .select((
            seal::student_id,
            class::number,
            seal::version,
            seal::sha256,
            portfolio::pdf_sha256.nullable(),
            portfolio::credential_sha256.nullable(),
            portfolio::pages.nullable(),
        ))
        .load(look.conn())?;
    let mut newest: Vec<Issued> = Vec::with_capacity(rows.len());
    for (student, class_number, version, sealed_sha256, pdf_sha256, credential_sha256, pages) in rows {
        newest.retain(|earlier| earlier.student != student);
        newest.push(Issued { student, class_number, version, sealed_sha256, pdf_sha256, credential_sha256, pages });
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
}

/// A portfolio that could not be printed, and why.
#[derive(Clone, Debug, Serialize)]
pub struct PrintFailed {
    pub student: StudentId,
    #[serde(skip)]
    pub why: String,
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
        let kept: Vec<(StudentId, i32)> = tx
            .own(portfolio::rows)
            .filter(portfolio::student_id.eq_any(students))
            .select((portfolio::student_id, portfolio::version))
            .load(tx.conn())?;
        for print in &self.printed {
            // Another process may have been quicker; the same file gives the same print.
            if !kept.contains(&(print.student, print.version)) {
                tx.put(
                    portfolio::rows,
                    (
                        portfolio::student_id.eq(print.student),
                        portfolio::version.eq(print.version),
                        portfolio::sealed_sha256.eq(print.sealed_sha256.clone()),
                        portfolio::pdf_sha256.eq(print.pdf_sha256.clone()),
                        portfolio::pages.eq(print.pages as i32),
                        portfolio::made_at.eq(at),
                        portfolio::credential_sha256.eq(print.credential_sha256.clone()),
                    ),
                )?;
            }
        }
        let Some(run) = self.run else { return Ok(()) };
        for print in &self.printed {
            settle(tx, run, print.student, Item::done(None))?;
        }
        for failed in &self.failed {
            settle(tx, run, failed.student, Item::failed(&failed.why))?;
        }
        finish(tx, run)
    }
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
