use super::handover::{Note, note};
use super::set_aside::withdrawn_among;
use super::{sealed_file_here, term_seals};
use crate::access::own::{class, enrolment, handed_portfolio, handed_term};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassName, Cohort, HandoverId, StudentId, Term};
use crate::platform::files::{Files, sha256_hex};
use crate::portfolio::file::TermFile;
use crate::portfolio::handover::{Envelope, Inside, Package};
use crate::roster::keep_waiting;
use crate::schema::student;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A pupil enrolled here whom some files may be about.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub student: StudentId,
    pub class: ClassName,
    pub seat: i32,
    /// The first of the terms that lie here already.
    pub has: Option<Term>,
}

/// Who is enrolled here under the name and birth date of the files, in seat order.
pub fn candidates(look: &mut Look, _: WholeSchool, files: &[TermFile]) -> Result<Vec<Candidate>, Refused> {
    // The newest file has the name the pupil bears now.
    let Some(last) = files.last() else { return Ok(Vec::new()) };
    let day = look.today();
    let rows: Vec<(StudentId, Cohort, i32, i32)> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .filter(student::name.eq(&last.student.name))
        .filter(student::born_on.eq(last.student.born_on))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order((class::cohort, class::number, enrolment::seat))
        .select((student::id, class::cohort, class::number, enrolment::seat))
        .load(look.conn())?;
    let mut found: Vec<Candidate> = Vec::new();
    for (student, cohort, number, seat) in rows {
        let class = ClassName { cohort, number };
        found.retain(|earlier| earlier.student != student);
        found.push(Candidate { student, class, seat, has: None });
    }
    let ids: Vec<StudentId> = found.iter().map(|one| one.student).collect();
    let known = term_seals(look, &ids)?;
    for one in &mut found {
        let mut there = files.iter().map(|file| file.term.term);
        one.has = there.find(|term| known.contains_key(&(one.student, *term)));
    }
    Ok(found)
}

/// The end of junior high, come with a pupil: its files lie in the store already.
#[derive(Serialize)]
struct ComePortfolio {
    version: i32,
    sealed: String,
    pdf: Option<String>,
    credential: Option<String>,
    #[serde(skip)]
    bytes: Vec<u8>,
}

/// A pupil's files come from another school and are bound to the pupil's enrolment
/// here; from now on the chain goes on from them.
#[derive(Serialize)]
pub struct TakeOver {
    student: StudentId,
    issuer: String,
    package: String,
    peer: Option<String>,
    terms: Vec<(Term, i32, String)>,
    portfolio: Option<ComePortfolio>,
    #[serde(skip)]
    bytes: Vec<Vec<u8>>,
}

/// From whom some files come.
pub struct CameFrom<'f> {
    pub issuer: &'f str,
    /// Of the package; empty where the files came without one, inside a county.
    pub package: &'f str,
    pub school: &'f str,
}

impl<'e> From<&'e Envelope> for CameFrom<'e> {
    fn from(envelope: &'e Envelope) -> Self {
        CameFrom { issuer: &envelope.iss, package: &envelope.sha256, school: &envelope.school }
    }
}

impl TakeOver {
    /// `chosen`: the office's own word on whom it is; without it there must be one.
    ///
    /// # Errors
    /// [`Refused::Conflict`] when nobody enrolled here has the name and birth date of
    /// the files, when several have, or when it was taken in before.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        from: CameFrom<'_>,
        (mut package, inside): (Package, &Inside),
        chosen: Option<StudentId>,
        store: &Files,
    ) -> Result<Self, Refused> {
        let files = &inside.terms;
        let last = files.last().ok_or_else(|| Refused::conflict("包里没有归档的学期，没有什么可收。"))?;
        let (name, born_on) = (last.student.name.clone(), last.student.born_on);
        let mut here = candidates(tx, whole, files)?;
        here.retain(|one| chosen.is_none_or(|chosen| chosen == one.student));
        let [child] = &here[..] else {
            return Err(Refused::conflict(if here.is_empty() {
                format!("本校在籍的学生里没有 {born_on} 出生的{name}。请先把学生收进学籍，再收档案。")
            } else {
                format!("本校有 {} 个 {born_on} 出生的{name}，请写明是哪一个。", here.len())
            }));
        };
        if let Some(twice) = child.has {
            return Err(Refused::conflict(format!("{name}的{}已经有档案，这一包没有收。", twice.name())));
        }
        leave_withdrawn(tx, &mut package)?;
        Self::of(from, (package, inside), child.student, store)
    }

    /// Of a pupil who is known, only what does not lie here yet; `None` where nothing is new.
    pub fn of_known(
        tx: &mut Tx,
        from: CameFrom<'_>,
        (mut package, mut inside): (Package, Inside),
        child: StudentId,
        store: &Files,
    ) -> Result<Option<Self>, Refused> {
        let known = term_seals(tx, &[child])?;
        let is_new = |file: &TermFile| known.get(&(child, file.term.term)).is_none_or(|k| k.version < file.version);
        let new: Vec<bool> = inside.terms.iter().map(is_new).collect();
        let mut at = new.iter();
        package.terms.retain(|_| at.next().is_some_and(|new| *new));
        inside.terms.retain(is_new);
        let portfolios: i64 = tx
            .own(handed_portfolio::rows)
            .filter(handed_portfolio::student_id.eq(child))
            .count()
            .get_result(tx.conn())?;
        if portfolios > 0 {
            (package.graduation, inside.graduation) = (None, None);
        }
        if package.terms.is_empty() && package.graduation.is_none() {
            return Ok(None);
        }
        leave_withdrawn(tx, &mut package)?;
        Self::of(from, (package, &inside), child, store).map(Some)
    }

    fn of(
        from: CameFrom<'_>,
        (package, inside): (Package, &Inside),
        child: StudentId,
        store: &Files,
    ) -> Result<Self, Refused> {
        let terms = inside.terms.iter().zip(&package.terms);
        let terms = terms.map(|(file, bytes)| (file.term.term, file.version, sha256_hex(bytes))).collect();
        let put = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| store.put(bytes)).transpose();
        let portfolio = match package.graduation.zip(inside.graduation.as_ref()) {
            Some((bytes, file)) => Some(ComePortfolio {
                version: file.version,
                sealed: sha256_hex(&bytes),
                pdf: put(package.pdf.as_ref())?,
                credential: put(package.credential.as_ref())?,
                bytes,
            }),
            None => None,
        };
        Ok(TakeOver {
            student: child,
            issuer: from.issuer.to_owned(),
            package: from.package.to_owned(),
            peer: Some(from.school.to_owned()),
            terms,
            portfolio,
            bytes: package.terms,
        })
    }

    pub fn student(&self) -> StudentId {
        self.student
    }
}

/// A print that was set aside in the meantime is not taken in again; its sealed file is.
fn leave_withdrawn(look: &mut Look, package: &mut Package) -> Result<(), Refused> {
    let pdf = package.pdf.as_deref().map(sha256_hex);
    if !withdrawn_among(look, &pdf)?.is_empty() {
        package.pdf = None;
    }
    Ok(())
}

impl Act for TakeOver {
    const VERB: &'static str = "taken_over";
    /// How many terms came, and under which handover they are noted.
    type Done = (usize, HandoverId);

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "package": self.package })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(usize, HandoverId), Refused> {
        let id = note(
            tx,
            Note {
                student: self.student,
                direction: "in",
                issuer: &self.issuer,
                package: &self.package,
                peer: self.peer.as_deref(),
                file: None,
                pdf: None,
            },
        )?;
        for ((term, version, sha256), bytes) in self.terms.iter().zip(&self.bytes) {
            sealed_file_here(tx, sha256, bytes)?;
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
        if let Some(come) = &self.portfolio {
            sealed_file_here(tx, &come.sealed, &come.bytes)?;
            tx.put(
                handed_portfolio::rows,
                (
                    handed_portfolio::student_id.eq(self.student),
                    handed_portfolio::version.eq(come.version),
                    handed_portfolio::sealed_sha256.eq(come.sealed.clone()),
                    handed_portfolio::pdf_sha256.eq(come.pdf.clone()),
                    handed_portfolio::credential_sha256.eq(come.credential.clone()),
                    handed_portfolio::handover_id.eq(id),
                ),
            )?;
        }
        let mut terms: Vec<Term> = self.terms.iter().map(|(term, ..)| *term).collect();
        terms.dedup();
        Ok((terms.len(), id))
    }
}

/// A package was opened to be looked at: what is in it is a child's, so it is
/// written down; it waits an hour for the office's word.
#[derive(Serialize)]
pub struct OpenPackage {
    pub package: String,
    #[serde(skip)]
    pub sealed: Vec<u8>,
}

impl Act for OpenPackage {
    const VERB: &'static str = "package_opened";
    /// The token it waits under.
    type Done = String;

    fn about(&self) -> serde_json::Value {
        json!({ "package": self.package })
    }

    fn perform(&self, tx: &mut Tx) -> Result<String, Refused> {
        keep_waiting(tx, &self.sealed)
    }
}
