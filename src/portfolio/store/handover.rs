use super::{GRADUATION, SealFound, sealed_bytes, term_seals};
use crate::access::own::{enrolment, handed_term, handover, portfolio, seal, sealed_file};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{HandoverId, StudentId, Term};
use crate::platform::files::{Files, sha256_hex};
use crate::portfolio::file::TermFile;
use crate::portfolio::handover::{Delivered, Package};
use crate::schema::student;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// The newest handed-over file of each term of these pupils.
pub(super) fn handed_terms(
    look: &mut Look,
    students: &[StudentId],
) -> Result<HashMap<(StudentId, Term), SealFound>, Refused> {
    let rows: Vec<(StudentId, Term, i32, String)> = look
        .own(handed_term::rows)
        .filter(handed_term::student_id.eq_any(students))
        .order(handed_term::version)
        .select((handed_term::student_id, handed_term::term, handed_term::version, handed_term::sha256))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|(student, term, version, sha256)| ((student, term), SealFound { version, sha256 }))
        .collect())
}

/// Everything that goes with a pupil of this school.
///
/// # Errors
/// [`Refused::NotFound`] for a pupil without a sealed term here.
pub fn package_of(look: &mut Look, _: WholeSchool, files: &Files, child: StudentId) -> Result<Package, Refused> {
    let mut seals: Vec<((StudentId, Term), SealFound)> = term_seals(look, &[child])?.into_iter().collect();
    if seals.is_empty() {
        return Err(Refused::NotFound);
    }
    seals.sort_by_key(|((_, term), _)| *term);
    let mut package = Package::default();
    for (_, found) in seals {
        package.terms.push(sealed_bytes(look, &found.sha256)?);
    }
    let graduation: Option<(i32, String)> = look
        .own(seal::rows)
        .filter(seal::student_id.eq(child))
        .filter(seal::part.eq(GRADUATION))
        .order(seal::version.desc())
        .select((seal::version, seal::sha256))
        .first(look.conn())
        .optional()?;
    let Some((version, sha256)) = graduation else { return Ok(package) };
    package.graduation = Some(sealed_bytes(look, &sha256)?);
    let printed: Option<(String, Option<String>)> = look
        .own(portfolio::rows)
        .filter(portfolio::student_id.eq(child))
        .filter(portfolio::version.eq(version))
        .select((portfolio::pdf_sha256, portfolio::credential_sha256))
        .first(look.conn())
        .optional()?;
    if let Some((pdf, credential)) = printed {
        package.pdf = Some(files.get(&pdf)?);
        package.credential = credential.map(|sha256| files.get(&sha256)).transpose()?;
    }
    Ok(package)
}

/// A pupil's files leave for another school.
#[derive(Serialize)]
pub struct HandOver {
    pub student: StudentId,
    pub issuer: String,
    /// Of `package.age`.
    pub sha256: String,
}

fn note(tx: &mut Tx, student: StudentId, direction: &str, issuer: &str, sha256: &str) -> Result<HandoverId, Refused> {
    let (id, at) = (HandoverId::new(), tx.now());
    tx.put(
        handover::rows,
        (
            handover::id.eq(id),
            handover::student_id.eq(student),
            handover::direction.eq(direction.to_owned()),
            handover::issuer.eq(issuer.to_owned()),
            handover::package_sha256.eq(sha256.to_owned()),
            handover::at.eq(at),
        ),
    )?;
    Ok(id)
}

impl Act for HandOver {
    const VERB: &'static str = "handed_over";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "package": self.sha256 })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        note(tx, self.student, "out", &self.issuer, &self.sha256)?;
        Ok(())
    }
}

/// A pupil's files come from another school and are bound to the pupil's enrolment
/// here; from now on the chain goes on from them.
#[derive(Serialize)]
pub struct TakeOver {
    student: StudentId,
    issuer: String,
    package: String,
    terms: Vec<(Term, i32, String)>,
    #[serde(skip)]
    bytes: Vec<Vec<u8>>,
}

impl TakeOver {
    /// `chosen`: the office's own word on whom it is, where two have one name.
    ///
    /// # Errors
    /// [`Refused::Conflict`] when nobody enrolled here has the name and birth date of
    /// the files, when several have, or when it was taken in before.
    pub fn prepare(
        tx: &mut Tx,
        _: WholeSchool,
        delivered: &Delivered,
        package: Package,
        files: &[TermFile],
        chosen: Option<StudentId>,
    ) -> Result<Self, Refused> {
        let first = files.first().ok_or_else(|| Refused::conflict("包里没有归档的学期，没有什么可收。"))?;
        let (name, born_on) = (first.student.name.clone(), first.student.born_on);
        let day = tx.today();
        let mut here: Vec<StudentId> = tx
            .own(enrolment::rows)
            .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
            .filter(student::name.eq(&name))
            .filter(student::born_on.eq(born_on))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
            .select(student::id)
            .distinct()
            .load(tx.conn())?;
        here.retain(|id| chosen.is_none_or(|chosen| chosen == *id));
        let [child] = here[..] else {
            return Err(Refused::conflict(if here.is_empty() {
                format!("本校在籍的学生里没有 {born_on} 出生的{name}。请先把学生收进学籍，再收档案。")
            } else {
                format!("本校有 {} 个 {born_on} 出生的{name}，请用 --student 写明是哪一个。", here.len())
            }));
        };
        let known = term_seals(tx, &[child])?;
        if let Some(twice) = files.iter().find(|file| known.contains_key(&(child, file.term.term))) {
            return Err(Refused::conflict(format!("{name}的{}已经有档案，这一包没有收。", twice.term.name)));
        }
        let terms =
            files.iter().zip(&package.terms).map(|(file, bytes)| (file.term.term, file.version, sha256_hex(bytes)));
        Ok(TakeOver {
            student: child,
            issuer: delivered.envelope.iss.clone(),
            package: delivered.envelope.sha256.clone(),
            terms: terms.collect(),
            bytes: package.terms,
        })
    }
}

impl Act for TakeOver {
    const VERB: &'static str = "taken_over";
    /// How many terms came.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "package": self.package })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let id = note(tx, self.student, "in", &self.issuer, &self.package)?;
        for ((term, version, sha256), bytes) in self.terms.iter().zip(&self.bytes) {
            let kept: i64 =
                tx.own(sealed_file::rows).filter(sealed_file::sha256.eq(sha256)).count().get_result(tx.conn())?;
            if kept == 0 {
                tx.put(
                    sealed_file::rows,
                    (sealed_file::sha256.eq(sha256.clone()), sealed_file::bytes.eq(bytes.clone())),
                )?;
            }
            tx.put(
                handed_term::rows,
                (
                    handed_term::student_id.eq(self.student),
                    handed_term::term.eq(*term),
                    handed_term::version.eq(*version),
                    handed_term::sha256.eq(sha256.clone()),
                    handed_term::handover_id.eq(id),
                ),
            )?;
        }
        Ok(self.terms.len())
    }
}
