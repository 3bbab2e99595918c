use crate::access::own::{enrolment, seal};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::evaluation::paper::PAPER_COMMENT_CHARACTERS;
use crate::evaluation::{Band, Cell, PaperRow, Sheet};
use crate::names::{ClassId, Domain, StudentId, Term};
use crate::roster::calendar::term_dates;
use crate::roster::class_named;
use crate::schema::{account, school};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

crate::school_table!(paper_term (student_id, term, revision) {
    student_id -> Guid,
    term -> Integer,
    revision -> Integer,
    class_id -> Guid,
    moral -> Nullable<Text>,
    academic -> Nullable<Text>,
    physical -> Nullable<Text>,
    aesthetic -> Nullable<Text>,
    labour -> Nullable<Text>,
    comment -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(paper_term: enrolment; account);

/// A pupil's term as it was entered from paper.
#[derive(Clone, Debug)]
pub struct PaperTerm {
    pub sheet: Sheet,
    pub comment: String,
    pub by: String,
    pub at: NaiveDateTime,
    revision: i32,
}

impl PaperTerm {
    fn tells(&self, row: &PaperRow) -> bool {
        let same = Domain::ALL.iter().zip(row.bands).all(|(domain, band)| self.sheet.band(*domain) == band);
        same && self.comment == row.comment
    }
}

/// The terms of some pupils that were entered from paper, sealed or not.
pub fn paper_terms(look: &mut Look, students: &[StudentId]) -> Result<HashMap<(StudentId, Term), PaperTerm>, Refused> {
    type Five = (Option<Band>, Option<Band>, Option<Band>, Option<Band>, Option<Band>);
    let rows: Vec<((StudentId, Term, i32), Five, (String, String, NaiveDateTime))> = look
        .own(paper_term::rows)
        .inner_join(account::table.on(account::id.eq(paper_term::account_id)))
        .filter(paper_term::student_id.eq_any(students))
        .order(paper_term::revision)
        .select((
            (paper_term::student_id, paper_term::term, paper_term::revision),
            (paper_term::moral, paper_term::academic, paper_term::physical, paper_term::aesthetic, paper_term::labour),
            (paper_term::comment, account::name, paper_term::at),
        ))
        .load(look.conn())?;
    let mut terms = HashMap::new();
    for ((student, term, revision), (moral, academic, physical, aesthetic, labour), (comment, by, at)) in rows {
        let mut sheet = Sheet::default();
        for (domain, band) in Domain::ALL.iter().zip([moral, academic, physical, aesthetic, labour]) {
            sheet.set(*domain, Cell { band, ..Cell::default() });
        }
        terms.insert((student, term), PaperTerm { sheet, comment, by, at, revision });
    }
    Ok(terms)
}

/// The terms of a class before its school came to this platform: those that may be
/// brought in from paper.
pub fn terms_on_paper(look: &mut Look, whole: WholeSchool, class: ClassId) -> Result<Vec<Term>, Refused> {
    let cohort = class_named(look, whole, class)?.name.cohort;
    let id = look.school();
    let joined: NaiveDateTime = school::table.find(id.0).select(school::joined_at).first(look.conn())?;
    let mut terms = Vec::new();
    for term in Term::of_cohort(cohort) {
        match term_dates(look, term) {
            Ok(dates) if dates.ends_on < joined.date() => terms.push(term),
            // The calendar does not reach it yet.
            Ok(_) | Err(Refused::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(terms)
}

/// The office enters what paper tells of a class's term: five words and a comment a pupil.
#[derive(Serialize)]
pub struct EnterPaper {
    class: ClassId,
    term: Term,
    rows: Vec<(PaperRow, i32)>,
}

impl EnterPaper {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school, or a pupil of another class;
    /// [`Refused::Conflict`] for a term this platform has seen itself, for a pupil whose
    /// term is sealed, and where nothing is new.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        class: ClassId,
        term: Term,
        rows: Vec<PaperRow>,
    ) -> Result<Self, Refused> {
        if !terms_on_paper(tx, whole, class)?.contains(&term) {
            return Err(Refused::conflict("只能补录学校用本平台以前的学期。"));
        }
        let today = tx.today();
        let present: Vec<StudentId> = tx
            .own(enrolment::rows)
            .filter(enrolment::class_id.eq(class))
            .filter(enrolment::entered_on.le(today))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(today)))
            .select(enrolment::student_id)
            .load(tx.conn())?;
        let students: Vec<StudentId> = rows.iter().map(|row| row.student).collect();
        if students.iter().any(|student| !present.contains(student)) {
            return Err(Refused::NotFound);
        }
        if rows.iter().any(|row| row.comment.chars().count() > PAPER_COMMENT_CHARACTERS) {
            return Err(Refused::conflict(format!("评语最多 {PAPER_COMMENT_CHARACTERS} 个字。")));
        }
        let sealed: i64 = tx
            .own(seal::rows)
            .filter(seal::student_id.eq_any(&students))
            .filter(seal::term.eq(term))
            .filter(seal::part.eq("term"))
            .count()
            .get_result(tx.conn())?;
        if sealed > 0 {
            return Err(Refused::conflict("有学生这个学期已经归档，不能再补录。要改，请填更正单。"));
        }
        let standing = paper_terms(tx, &students)?;
        let rows: Vec<(PaperRow, i32)> = rows
            .into_iter()
            .filter_map(|row| match standing.get(&(row.student, term)) {
                Some(before) if before.tells(&row) => None,
                before => Some((row, before.map_or(0, |before| before.revision) + 1)),
            })
            .collect();
        if rows.is_empty() {
            return Err(Refused::conflict("和已经补录的一样，没有要收的。"));
        }
        Ok(EnterPaper { class, term, rows })
    }
}

impl Act for EnterPaper {
    const VERB: &'static str = "paper_entered";
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.rows.iter().map(|(row, _)| row.student).collect();
        json!({ "class": self.class, "term": self.term, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        for (row, revision) in &self.rows {
            let [moral, academic, physical, aesthetic, labour] = row.bands;
            tx.put(
                paper_term::rows,
                (
                    (paper_term::student_id.eq(row.student), paper_term::term.eq(self.term)),
                    (paper_term::revision.eq(*revision), paper_term::class_id.eq(self.class)),
                    (
                        paper_term::moral.eq(moral),
                        paper_term::academic.eq(academic),
                        paper_term::physical.eq(physical),
                        paper_term::aesthetic.eq(aesthetic),
                        paper_term::labour.eq(labour),
                    ),
                    (paper_term::comment.eq(row.comment.clone()), paper_term::account_id.eq(by), paper_term::at.eq(at)),
                ),
            )?;
        }
        Ok(self.rows.len())
    }
}
