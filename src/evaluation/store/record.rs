use super::evaluate::present_cells;
use super::message::messages_of;
use super::{Comment, Message, comment};
use crate::access::{Look, Refused, WholeSchool};
use crate::cycle::SignedClass;
use crate::evaluation::Sheet;
use crate::names::{StudentId, Term};
use crate::schema::account;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashMap;

/// Everything said of one pupil in one term, as it stands: what a seal takes.
#[derive(Clone, Debug, Default)]
pub struct TermRecord {
    pub sheet: Sheet,
    pub comment: Option<Comment>,
    pub messages: Vec<Message>,
}

/// What is said of some pupils of this school in a term.
pub fn term_records(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
    term: Term,
) -> Result<HashMap<StudentId, TermRecord>, Refused> {
    said_of(look, students, term)
}

/// What is said of the pupils of a signed class in its term.
pub fn signed_records(look: &mut Look, signed: &SignedClass) -> Result<HashMap<StudentId, TermRecord>, Refused> {
    said_of(look, &signed.ids(), signed.term())
}

fn said_of(look: &mut Look, students: &[StudentId], term: Term) -> Result<HashMap<StudentId, TermRecord>, Refused> {
    let mut records: HashMap<StudentId, TermRecord> = HashMap::new();
    for (student, sheet) in present_cells(look, term, students)? {
        records.entry(student).or_default().sheet = sheet;
    }
    let words: Vec<(StudentId, i32, String, NaiveDateTime, String)> = look
        .own(comment::rows)
        .inner_join(account::table.on(account::id.eq(comment::account_id)))
        .filter(comment::term.eq(term))
        .filter(comment::student_id.eq_any(students))
        .order(comment::revision)
        .select((comment::student_id, comment::revision, comment::text, comment::at, account::name))
        .load(look.conn())?;
    for (student, revision, text, at, by) in words {
        let newest = Comment { text, revision, by: Some(by), at: Some(at) };
        records.entry(student).or_default().comment = Some(newest).filter(|comment| !comment.text.is_empty());
    }
    for message in messages_of(look, students)?.into_iter().filter(|message| message.term == term) {
        records.entry(message.student).or_default().messages.push(message);
    }
    Ok(records)
}
