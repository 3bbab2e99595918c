use super::evaluate::{present_cells, sentence};
use super::{author, banding, comment};
use crate::access::own::{seal, signature};
use crate::access::{Look, Refused, Tx};
use crate::evaluation::{Band, Cell};
use crate::names::{AccountId, ClassId, Domain, StudentId, Term};
use diesel::prelude::*;

/// Everyone who had a hand in a pupil's band: whoever put one in, and who signed it.
pub fn band_authors(
    look: &mut Look,
    class: ClassId,
    student: StudentId,
    term: Term,
    domain: Domain,
) -> Result<Vec<AccountId>, Refused> {
    let mut authors: Vec<AccountId> = look
        .own(banding::rows)
        .filter(banding::student_id.eq(student))
        .filter(banding::term.eq(term))
        .filter(banding::domain.eq(domain))
        .select(banding::account_id)
        .distinct()
        .load(look.conn())?;
    authors.extend(signer(look, class, term)?);
    Ok(authors)
}

/// The terms of a pupil that are sealed at this school, in the order of time.
pub fn sealed_terms(look: &mut Look, student: StudentId) -> Result<Vec<Term>, Refused> {
    Ok(look
        .own(seal::rows)
        .filter(seal::student_id.eq(student))
        .filter(seal::part.eq("term"))
        .filter(seal::version.eq(1))
        .order(seal::term)
        .select(seal::term)
        .load(look.conn())?)
}

/// Who signed a class.
pub fn signer(look: &mut Look, class: ClassId, term: Term) -> Result<Option<AccountId>, Refused> {
    Ok(look
        .own(signature::rows)
        .filter(signature::class_id.eq(class))
        .filter(signature::term.eq(term))
        .select(signature::account_id)
        .first(look.conn())
        .optional()?)
}

/// A band of one pupil as it stands, for whom has to decide about it.
pub fn band_now(look: &mut Look, student: StudentId, term: Term, domain: Domain) -> Result<Cell, Refused> {
    let sheets = present_cells(look, term, &[student])?;
    Ok(sheets.get(&student).map(|sheet| sheet.cell(domain).clone()).unwrap_or_default())
}

/// The band that an upheld objection puts in place of the teacher's.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DecidedBand {
    band: Band,
    ground: Option<String>,
    help: Option<String>,
}

impl DecidedBand {
    /// # Errors
    /// [`Refused::Invalid`] where the band needs a ground or a help measure and has none.
    pub fn check(band: Option<Band>, ground: &str, help: &str) -> Result<Self, Refused> {
        let band = band.ok_or_else(|| Refused::invalid("band", "异议成立就要定一个等级，请选一个。"))?;
        let (ground, help) = (sentence("ground", Some(ground))?, sentence("help", Some(help))?);
        if band.needs_ground() && ground.is_none() {
            return Err(Refused::invalid("ground", "这个等级要写一句事实作依据。"));
        }
        if band.needs_help() && help.is_none() {
            return Err(Refused::invalid("help", "“待提高”要写打算怎样帮。"));
        }
        Ok(DecidedBand { band, ground, help: help.filter(|_| band.needs_help()) })
    }

    /// Puts it in; part of the act that decides.
    ///
    /// # Errors
    /// [`Refused::Conflict`] when the term is sealed, or the same band stands already.
    pub fn put(&self, tx: &mut Tx, student: StudentId, term: Term, domain: Domain) -> Result<(), Refused> {
        let sealed: i64 = tx
            .own(seal::rows)
            .filter(seal::student_id.eq(student))
            .filter(seal::term.eq(term))
            .filter(seal::part.eq("term"))
            .count()
            .get_result(tx.conn())?;
        if sealed > 0 {
            return Err(Refused::conflict("这个学期已经归档，不能再改。要改，请学校填更正单。"));
        }
        let standing = band_now(tx, student, term, domain)?;
        if standing.band == Some(self.band) {
            return Err(Refused::invalid("band", "和原来的等级一样。要维持原来的等级，请选“维持不变”。"));
        }
        self.put_next(tx, student, term, domain, standing.revision + 1)
    }

    /// Puts it in after the seal, where a correction was approved in the same act; the
    /// engine refuses it anywhere else.
    pub fn put_corrected(&self, tx: &mut Tx, student: StudentId, term: Term, domain: Domain) -> Result<(), Refused> {
        let standing = band_now(tx, student, term, domain)?;
        self.put_next(tx, student, term, domain, standing.revision + 1)
    }

    fn put_next(
        &self,
        tx: &mut Tx,
        student: StudentId,
        term: Term,
        domain: Domain,
        revision: i32,
    ) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        tx.put(
            banding::rows,
            (
                banding::term.eq(term),
                banding::student_id.eq(student),
                banding::domain.eq(domain),
                banding::revision.eq(revision),
                banding::band.eq(Some(self.band)),
                banding::ground.eq(self.ground.as_deref()),
                banding::help.eq(self.help.as_deref()),
                banding::account_id.eq(by),
                banding::at.eq(at),
            ),
        )?;
        Ok(())
    }
}

/// Puts a comment in after the seal, as [`DecidedBand::put_corrected`] does a band.
pub fn put_corrected_comment(tx: &mut Tx, student: StudentId, term: Term, text: &str) -> Result<(), Refused> {
    let newest: Option<i32> = tx
        .own(comment::rows)
        .filter(comment::student_id.eq(student))
        .filter(comment::term.eq(term))
        .select(diesel::dsl::max(comment::revision))
        .first(tx.conn())?;
    let (by, at) = (author(tx)?, tx.now());
    tx.put(
        comment::rows,
        (
            comment::term.eq(term),
            comment::student_id.eq(student),
            comment::revision.eq(newest.unwrap_or(0) + 1),
            comment::text.eq(text.to_owned()),
            comment::account_id.eq(by),
            comment::at.eq(at),
        ),
    )?;
    Ok(())
}
