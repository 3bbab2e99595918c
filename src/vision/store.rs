use super::{Eye, Recheck};
use crate::access::own::{class, enrolment};
use crate::access::{Act, Attempt, Charge, Child, KnownClass, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, StudentId, Term};
use crate::roster::calendar::TermDates;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

// Private: read by the family, and by the school as counts only.
crate::school_table!(vision_check (term, student_id, revision) {
    term -> Integer,
    student_id -> Guid,
    revision -> Integer,
    left_eye -> Nullable<Integer>,
    right_eye -> Nullable<Integer>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(vision_check: class, enrolment;);

/// Both eyes as they were screened; one alone may be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Eyes {
    pub left: Option<Eye>,
    pub right: Option<Eye>,
}

impl Eyes {
    pub fn is_empty(self) -> bool {
        self.left.is_none() && self.right.is_none()
    }

    pub fn needs_recheck(self) -> bool {
        [self.left, self.right].into_iter().flatten().any(Eye::needs_recheck)
    }
}

/// What stands of a pupil in a term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    pub eyes: Eyes,
    pub revision: i32,
}

/// The homeroom teacher or the doctor writes down a screening: many pupils are one act. The journal
/// holds who and when; the eyes stand in their table alone.
#[derive(Serialize)]
pub struct RecordVision {
    class: ClassId,
    term: Term,
    checks: Vec<NewCheck>,
}

#[derive(Serialize)]
struct NewCheck {
    charge: Charge,
    revision: i32,
    #[serde(skip)]
    eyes: Eyes,
}

impl RecordVision {
    /// # Errors
    /// As [`Tx::taught`]; [`Refused::Conflict`] for another term's page.
    pub fn prepare(
        tx: &mut Tx,
        own: &impl KnownClass,
        term: Term,
        wanted: &[(StudentId, Eyes)],
    ) -> Result<Attempt<Self, usize>, Refused> {
        if term != own.term() {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期再填。"));
        }
        let students: Vec<StudentId> = wanted.iter().map(|(student, _)| *student).collect();
        let charges = tx.taught(own, &students)?;
        let stands = sight_among(tx, term, &students)?;
        let mut checks = Vec::new();
        for (student, eyes) in wanted {
            let before = stands.get(student).copied().unwrap_or_default();
            if before.eyes != *eyes {
                let charge = charges.get(student).copied().ok_or(Refused::NotFound)?;
                checks.push(NewCheck { charge, revision: before.revision + 1, eyes: *eyes });
            }
        }
        if checks.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        Ok(Attempt::Act(RecordVision { class: own.id(), term, checks }))
    }
}

impl Act for RecordVision {
    const VERB: &'static str = "vision_recorded";
    /// How many pupils' checks changed.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.checks.iter().map(|check| check.charge.student()).collect();
        json!({ "class": self.class, "term": self.term, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        let checks = self.checks.iter().map(|check| {
            (
                vision_check::term.eq(check.charge.term()),
                vision_check::student_id.eq(check.charge.student()),
                vision_check::revision.eq(check.revision),
                vision_check::left_eye.eq(check.eyes.left),
                vision_check::right_eye.eq(check.eyes.right),
                vision_check::account_id.eq(by),
                vision_check::at.eq(at),
            )
        });
        tx.put_all(vision_check::rows, checks.collect())?;
        Ok(self.checks.len())
    }
}

fn sight_among(look: &mut Look, term: Term, students: &[StudentId]) -> Result<HashMap<StudentId, Sight>, Refused> {
    let rows: Vec<(StudentId, i32, Option<Eye>, Option<Eye>)> = look
        .own(vision_check::rows)
        .filter(vision_check::term.eq(term))
        .filter(vision_check::student_id.eq_any(students))
        .order(vision_check::revision)
        .select((vision_check::student_id, vision_check::revision, vision_check::left_eye, vision_check::right_eye))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|(id, revision, left, right)| (id, Sight { eyes: Eyes { left, right }, revision }))
        .collect())
}

/// What was screened in one's own class this term, for whom screens it.
pub fn class_sight(
    look: &mut Look,
    own: &impl KnownClass,
    students: &[StudentId],
) -> Result<HashMap<StudentId, Sight>, Refused> {
    sight_among(look, own.term(), students)
}

/// One child's eyes, term by term.
pub fn child_sight(look: &mut Look, child: Child) -> Result<BTreeMap<Term, Eyes>, Refused> {
    let rows: Vec<(Term, Option<Eye>, Option<Eye>)> = look
        .own(vision_check::rows)
        .filter(vision_check::student_id.eq(child.student()))
        .order(vision_check::revision)
        .select((vision_check::term, vision_check::left_eye, vision_check::right_eye))
        .load(look.conn())?;
    let newest: BTreeMap<Term, Eyes> =
        rows.into_iter().map(|(term, left, right)| (term, Eyes { left, right })).collect();
    Ok(newest.into_iter().filter(|(_, eyes)| !eyes.is_empty()).collect())
}

/// How many pupils of each class have been screened in a term: how far the work is, for
/// whom screens them all.
pub fn screened(look: &mut Look, term: Term) -> Result<HashMap<ClassId, usize>, Refused> {
    let day = look.today();
    let rows: Vec<(ClassId, StudentId, Option<Eye>, Option<Eye>)> = look
        .own(vision_check::rows)
        .inner_join(enrolment::joined().on(
            enrolment::school_id.eq(vision_check::school_id).and(enrolment::student_id.eq(vision_check::student_id)),
        ))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(vision_check::term.eq(term))
        .order(vision_check::revision)
        .select((enrolment::class_id, vision_check::student_id, vision_check::left_eye, vision_check::right_eye))
        .load(look.conn())?;
    let newest: HashMap<(ClassId, StudentId), bool> =
        rows.into_iter().map(|(class, id, left, right)| ((class, id), left.is_some() || right.is_some())).collect();
    let mut counts = HashMap::new();
    for ((class, _), _) in newest.into_iter().filter(|(_, done)| *done) {
        *counts.entry(class).or_default() += 1;
    }
    Ok(counts)
}

/// For each class of the school in a term: how many need a re-check, where that may
/// be said.
pub fn class_recheck(look: &mut Look, _: WholeSchool, term: TermDates) -> Result<HashMap<ClassId, Recheck>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<(ClassId, StudentId, Option<Eye>, Option<Eye>)> = look
        .own(vision_check::rows)
        .inner_join(enrolment::joined().on(
            enrolment::school_id.eq(vision_check::school_id).and(enrolment::student_id.eq(vision_check::student_id)),
        ))
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(vision_check::term.eq(term.term))
        .order(vision_check::revision)
        .select((class::id, vision_check::student_id, vision_check::left_eye, vision_check::right_eye))
        .load(look.conn())?;
    let newest: HashMap<StudentId, (ClassId, Eyes)> =
        rows.into_iter().map(|(class, student, left, right)| (student, (class, Eyes { left, right }))).collect();
    let mut counts: HashMap<ClassId, (usize, usize)> = HashMap::new();
    for (class, eyes) in newest.into_values().filter(|(_, eyes)| !eyes.is_empty()) {
        let count = counts.entry(class).or_default();
        count.0 += 1;
        count.1 += usize::from(eyes.needs_recheck());
    }
    Ok(counts.into_iter().map(|(class, (screened, recheck))| (class, Recheck::of(screened, recheck))).collect())
}
