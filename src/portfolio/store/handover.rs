use super::issued::issued_among;
use super::sealed_bytes;
use super::set_aside::{is_fit, withdrawn_among};
use super::versions::places;
use crate::access::own::{handed_portfolio, handover};
use crate::access::{Act, Child, Former, Look, Refused, Tx, WholeSchool};
use crate::names::{HandoverId, StudentId, Term};
use crate::platform::files::Files;
use crate::portfolio::file::{GraduationFile, TermFile};
use crate::portfolio::handover::Package;
use crate::schema::student;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Everything that goes with a pupil of this school.
///
/// # Errors
/// [`Refused::NotFound`] for a pupil without a sealed term here.
pub fn package_of(look: &mut Look, _: WholeSchool, files: &Files, child: StudentId) -> Result<Package, Refused> {
    let mut package = sealed_package(look, child)?.ok_or(Refused::NotFound)?;
    let Some(made) = portfolio_of(look, child)? else { return Ok(package) };
    package.graduation = Some(sealed_bytes(look, &made.sealed_sha256)?);
    package.pdf = made.pdf_sha256.map(|sha256| files.get(&sha256)).transpose()?;
    package.credential = made.credential_sha256.map(|sha256| files.get(&sha256)).transpose()?;
    Ok(package)
}

/// The sealed terms of a pupil that lie here, every version, in their order; `None`
/// where there are none.
fn sealed_package(look: &mut Look, child: StudentId) -> Result<Option<Package>, Refused> {
    let mut package = Package::default();
    for place in places(look, &[child])? {
        package.terms.push(sealed_bytes(look, &place.sha256)?);
    }
    Ok((!package.terms.is_empty()).then_some(package))
}

/// The sealed terms of a pupil who goes to another school of the county, read there.
pub fn package_of_former(look: &mut Look, former: Former) -> Result<Package, Refused> {
    Ok(sealed_package(look, former.student())?.unwrap_or_default())
}

/// A graduate's sealed file with what was made of it, by their hashes.
#[derive(Clone, Debug, Serialize)]
pub struct PortfolioHere {
    pub version: i32,
    pub sealed_sha256: String,
    pub pdf_sha256: Option<String>,
    pub credential_sha256: Option<String>,
}

/// The newest portfolio of a pupil: sealed here, or come from elsewhere. Its PDF is none
/// while there is no print that may be handed out.
fn portfolio_of(look: &mut Look, child: StudentId) -> Result<Option<PortfolioHere>, Refused> {
    if let Some(own) = issued_among(look, &[child])?.pop() {
        return Ok(Some(PortfolioHere {
            version: own.version,
            sealed_sha256: own.sealed_sha256,
            pdf_sha256: own.pdf_sha256,
            credential_sha256: own.credential_sha256,
        }));
    }
    let handed: Option<(i32, String, Option<String>, Option<String>)> = look
        .own(handed_portfolio::rows)
        .filter(handed_portfolio::student_id.eq(child))
        .order(handed_portfolio::version.desc())
        .select((
            handed_portfolio::version,
            handed_portfolio::sealed_sha256,
            handed_portfolio::pdf_sha256,
            handed_portfolio::credential_sha256,
        ))
        .first(look.conn())
        .optional()?;
    let Some((version, sealed_sha256, pdf_sha256, credential_sha256)) = handed else { return Ok(None) };
    // The school it came from may have set it aside since.
    let withdrawn = withdrawn_among(look, &pdf_sha256)?;
    let pdf_sha256 = pdf_sha256.filter(|sha256| !withdrawn.contains(sha256));
    Ok(Some(PortfolioHere { version, sealed_sha256, pdf_sha256, credential_sha256 }))
}

/// A graduate's portfolio as it was sealed, and the hash of its print, as long as that may
/// be handed out; `None` before the seal.
type PortfolioRead = Option<(GraduationFile, Option<String>)>;

/// # Errors
/// [`Refused::Broken`] for a file that was changed in the database.
pub fn child_portfolio(look: &mut Look, child: Child) -> Result<PortfolioRead, Refused> {
    portfolio_read(look, child.student())
}

/// As [`child_portfolio`], for the office, of one of its pupils.
pub fn pupils_portfolio(look: &mut Look, _: WholeSchool, student: StudentId) -> Result<PortfolioRead, Refused> {
    portfolio_read(look, student)
}

fn portfolio_read(look: &mut Look, student: StudentId) -> Result<PortfolioRead, Refused> {
    let Some(made) = portfolio_of(look, student)? else { return Ok(None) };
    let file = serde_json::from_slice(&sealed_bytes(look, &made.sealed_sha256)?).map_err(Refused::broken)?;
    Ok(Some((file, made.pdf_sha256)))
}

/// A sealed term that lies in this school, wherever it was sealed.
#[derive(Clone, Debug, Serialize)]
pub struct TermHere {
    pub term: Term,
    pub version: i32,
    /// The school that sealed it.
    pub school: String,
    pub from_elsewhere: bool,
    pub paper: bool,
}

/// What lies here of a pupil, and what happened to it.
pub struct PupilsFiles {
    pub terms: Vec<TermHere>,
    pub portfolio: Option<PortfolioHere>,
    /// The newest first.
    pub handovers: Vec<Handover>,
}

/// # Errors
/// [`Refused::Broken`] for a file that was changed in the database.
pub fn files_of(look: &mut Look, _: WholeSchool, child: StudentId) -> Result<PupilsFiles, Refused> {
    let places = places(look, &[child])?;
    let mut terms: Vec<TermHere> = Vec::with_capacity(places.len());
    for place in places {
        let bytes = sealed_bytes(look, &place.sha256)?;
        let file: TermFile = serde_json::from_slice(&bytes).map_err(Refused::broken)?;
        terms.retain(|older| older.term != place.term);
        terms.push(TermHere {
            term: place.term,
            version: place.version,
            from_elsewhere: place.come,
            school: file.school.name,
            paper: file.origin == crate::portfolio::file::Origin::Paper,
        });
    }
    let mut all = handovers(look, Some(child))?;
    all.reverse();
    Ok(PupilsFiles { terms, portfolio: portfolio_of(look, child)?, handovers: all })
}

/// A package that left or came.
#[derive(Clone, Debug)]
pub struct Handover {
    pub id: HandoverId,
    pub student: StudentId,
    pub name: String,
    pub out: bool,
    /// Who it went to or came from.
    pub peer: Option<String>,
    pub at: NaiveDateTime,
    /// Where the closed package lies, as long as it is kept, and what is printed in it may
    /// be handed out.
    pub file_sha256: Option<String>,
}

fn handovers(look: &mut Look, child: Option<StudentId>) -> Result<Vec<Handover>, Refused> {
    type Row = (HandoverId, StudentId, String, String, Option<String>, NaiveDateTime, Option<String>, Option<String>);
    let columns = (
        handover::id,
        handover::student_id,
        student::name,
        handover::direction,
        handover::peer,
        handover::at,
        handover::file_sha256,
        handover::pdf_sha256,
    );
    let all = look
        .own(handover::rows)
        .inner_join(student::table.on(student::id.eq(handover::student_id)))
        .order((handover::at, handover::id))
        .select(columns);
    let rows: Vec<Row> = match child {
        Some(child) => all.filter(handover::student_id.eq(child)).load(look.conn())?,
        None => all.load(look.conn())?,
    };
    let withdrawn = withdrawn_among(look, rows.iter().filter_map(|row| row.6.as_ref()))?;
    let mut told = Vec::with_capacity(rows.len());
    for (id, student, name, direction, peer, at, file_sha256, pdf_sha256) in rows {
        let mut file_sha256 = file_sha256.filter(|sha256| !withdrawn.contains(sha256));
        if let (Some(_), Some(pdf)) = (&file_sha256, pdf_sha256)
            && !is_fit(look, student, &pdf)?
        {
            file_sha256 = None;
        }
        told.push(Handover { id, student, name, out: direction == "out", peer, at, file_sha256 });
    }
    Ok(told)
}

/// Every package that left or came, the newest first.
pub fn all_handovers(look: &mut Look, _: WholeSchool) -> Result<Vec<Handover>, Refused> {
    let mut all = handovers(look, None)?;
    all.reverse();
    Ok(all)
}

/// A package that left from here and still lies here.
///
/// # Errors
/// [`Refused::NotFound`] for any other.
pub fn package_out(look: &mut Look, _: WholeSchool, id: HandoverId) -> Result<(Handover, String), Refused> {
    let found = handovers(look, None)?.into_iter().find(|one| one.id == id && one.out).ok_or(Refused::NotFound)?;
    let sha256 = found.file_sha256.clone().ok_or(Refused::NotFound)?;
    Ok((found, sha256))
}

/// Something goes or comes with a pupil, as its row says it.
pub(super) struct Note<'n> {
    pub student: StudentId,
    pub direction: &'n str,
    pub issuer: &'n str,
    pub package: &'n str,
    pub peer: Option<&'n str>,
    pub file: Option<&'n str>,
    pub pdf: Option<&'n str>,
}

pub(super) fn note(tx: &mut Tx, told: Note<'_>) -> Result<HandoverId, Refused> {
    let (id, at) = (HandoverId::new(), tx.now());
    tx.put(
        handover::rows,
        (
            handover::id.eq(id),
            handover::student_id.eq(told.student),
            handover::direction.eq(told.direction.to_owned()),
            handover::issuer.eq(told.issuer.to_owned()),
            handover::package_sha256.eq(told.package.to_owned()),
            handover::at.eq(at),
            handover::peer.eq(told.peer.map(str::to_owned)),
            handover::file_sha256.eq(told.file.map(str::to_owned)),
            handover::pdf_sha256.eq(told.pdf.map(str::to_owned)),
        ),
    )?;
    Ok(id)
}

/// A pupil's files leave for another school.
#[derive(Serialize)]
pub struct HandOver {
    pub student: StudentId,
    pub issuer: String,
    /// Of `package.age`.
    pub sha256: String,
    /// The school it goes to, where the office has said so.
    pub peer: Option<String>,
    /// The whole package in the file store; the command line keeps none.
    pub file: Option<String>,
    /// The print in it, so that both go when a photo in it is taken back.
    pub pdf: Option<String>,
}

impl Act for HandOver {
    const VERB: &'static str = "handed_over";
    type Done = HandoverId;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "package": self.sha256 })
    }

    fn perform(&self, tx: &mut Tx) -> Result<HandoverId, Refused> {
        let (peer, file, pdf) = (self.peer.as_deref(), self.file.as_deref(), self.pdf.as_deref());
        let (student, issuer, package) = (self.student, &self.issuer, &self.sha256);
        // Packed a moment ago, and a photo in it taken back since.
        if let Some(pdf) = pdf
            && !is_fit(tx, student, pdf)?
        {
            return Err(Refused::conflict("包里的成长档案刚刚停用了：有一张照片收回了同意。请再做一次转接包。"));
        }
        note(tx, Note { student, direction: "out", issuer, package, peer, file, pdf })
    }
}
