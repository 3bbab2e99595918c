use super::{banding, columns, comment, lay};
use crate::access::own::enrolment;
use crate::access::{Look, Refused, WholeSchool};
use crate::evaluation::Sheet;
use crate::names::{ClassId, StudentId};
use crate::roster::calendar::TermDates;
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

/// How far a class is with its evaluation: people, never what they were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pupils with five bands, every ground and a comment.
    pub complete: usize,
    pub pupils: usize,
    /// Pupils whose five bands stand but who lack a comment.
    pub without_comment: usize,
    /// Pupils with a band that lacks its ground or help measure.
    pub without_ground: usize,
}

/// The progress of every class of the school in a term.
pub fn school_progress(
    look: &mut Look,
    _: WholeSchool,
    term: TermDates,
) -> Result<HashMap<ClassId, Progress>, Refused> {
    let day = look.today().min(term.ends_on);
    let seats: Vec<(StudentId, ClassId)> = look
        .own(enrolment::rows)
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .select((enrolment::student_id, enrolment::class_id))
        .load(look.conn())?;
    let students: Vec<StudentId> = seats.iter().map(|(student, _)| *student).collect();
    let rows: Vec<super::Row> = look
        .own(banding::rows)
        .filter(banding::student_id.eq_any(&students))
        .filter(banding::term.eq(term.term))
        .select(columns!())
        .load(look.conn())?;
    let mut sheets: HashMap<StudentId, Sheet> = HashMap::new();
    for row in rows {
        let student = row.student;
        lay(row, sheets.entry(student).or_default());
    }
    let words: Vec<(StudentId, String)> = look
        .own(comment::rows)
        .filter(comment::student_id.eq_any(&students))
        .filter(comment::term.eq(term.term))
        .order(comment::revision)
        .select((comment::student_id, comment::text))
        .load(look.conn())?;
    let newest: HashMap<StudentId, String> = words.into_iter().collect();
    let commented: HashSet<StudentId> =
        newest.into_iter().filter(|(_, text)| !text.is_empty()).map(|(id, _)| id).collect();
    let empty = Sheet::default();
    let mut progress: HashMap<ClassId, Progress> = HashMap::new();
    for (student, class) in seats {
        let sheet = sheets.get(&student).unwrap_or(&empty);
        let (full, lacks, comment) = (sheet.is_full(), sheet.lacks(), commented.contains(&student));
        let class = progress.entry(class).or_default();
        class.pupils += 1;
        class.complete += usize::from(full && !lacks && comment);
        class.without_comment += usize::from(full && !comment);
        class.without_ground += usize::from(lacks);
    }
    Ok(progress)
}
