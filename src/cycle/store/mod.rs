pub(super) mod notices;
pub(super) mod objections;
pub(super) mod signed;
pub(super) mod stages;
pub(super) mod standing;

use crate::access::own::{enrolment, seal, signature};
use crate::access::{Look, Refused};
use crate::names::{StudentId, Term};
use crate::roster::ClassRow;
use crate::roster::calendar::TermDates;
use crate::schema::{account, term};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// Who signed a class, and when.
#[derive(Clone, Debug, Queryable, Serialize)]
pub struct SignedBy {
    pub name: String,
    pub at: NaiveDateTime,
}

/// Who signed this class in this term, if anyone did.
pub fn signed_by(look: &mut Look, class: &ClassRow, term: Term) -> Result<Option<SignedBy>, Refused> {
    Ok(look
        .own(signature::rows)
        .inner_join(account::table.on(account::id.eq(signature::account_id)))
        .filter(signature::class_id.eq(class.id))
        .filter(signature::term.eq(term))
        .select((account::name, signature::at))
        .first(look.conn())
        .optional()?)
}

/// The dates of a term and, if the class is signed for it, by whom.
pub fn term_of_class(look: &mut Look, class: &ClassRow, term: Term) -> Result<(TermDates, Option<SignedBy>), Refused> {
    let school = look.school();
    term::table
        .left_join(signature::joined().on(
            signature::term.eq(term::id).and(signature::school_id.eq(school)).and(signature::class_id.eq(class.id)),
        ))
        .left_join(account::table.on(account::id.nullable().eq(signature::account_id.nullable())))
        .filter(term::id.eq(term))
        .select(((term::id, term::starts_on, term::ends_on), (account::name, signature::at).nullable()))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)
}

/// The terms in which the class a pupil was in is signed: what the family may see. A
/// class left before it signed, or entered after the term, does not count.
pub fn signatures_of(look: &mut Look, student: StudentId) -> Result<HashMap<Term, SignedBy>, Refused> {
    Ok(signatures_and_corrections(look, student)?.0)
}

/// As [`signatures_of`], and of which of these terms a corrected version is sealed.
pub fn signatures_and_corrections(
    look: &mut Look,
    student: StudentId,
) -> Result<(HashMap<Term, SignedBy>, HashSet<Term>), Refused> {
    let rows: Vec<((Term, NaiveDate), SignedBy, Option<NaiveDate>, Option<i32>)> = look
        .own(signature::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(signature::school_id).and(enrolment::class_id.eq(signature::class_id))),
        )
        .inner_join(account::table.on(account::id.eq(signature::account_id)))
        .inner_join(term::table.on(term::id.eq(signature::term)))
        .left_join(
            seal::joined().on(seal::school_id
                .eq(signature::school_id)
                .and(seal::student_id.eq(student))
                .and(seal::term.eq(signature::term))
                .and(seal::part.eq("term"))
                // The first correction's; later ones come on top of it.
                .and(seal::version.eq(2))),
        )
        .filter(enrolment::student_id.eq(student))
        .filter(enrolment::entered_on.le(term::ends_on))
        .select((
            (signature::term, term::ends_on),
            (account::name, signature::at),
            enrolment::left_on,
            seal::version.nullable(),
        ))
        .load(look.conn())?;
    // Signed in the holidays, a term counts for everyone who stayed to its end.
    let stayed = |at: NaiveDateTime, ends_on: NaiveDate, left: Option<NaiveDate>| {
        left.is_none_or(|left| left >= at.date().min(ends_on))
    };
    let corrected = rows.iter().filter(|row| row.3.is_some()).map(|row| row.0.0).collect();
    let signed = rows.into_iter().filter(|((_, ends_on), by, left, _)| stayed(by.at, *ends_on, *left));
    let signed = signed.map(|((term, _), by, ..)| (term, by));
    Ok((signed.collect(), corrected))
}
