use super::author;
use crate::access::own::enrolment;
use crate::access::{Act, Attempt, Charge, Child, Look, OwnClass, OwnSubject, Refused, Standing, Tx, WholeSchool};
use crate::cycle::{Step, window};
use crate::evaluation::Band;
use crate::names::{StudentId, Term};
use crate::platform::text::tidy;
use crate::roster::calendar::TermDates;
use crate::roster::curriculum::place_of;
use crate::scheme::scheme_of;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

// Private, like the five domains' bands: no other module can order by it.
crate::school_table!(subject_band (term, student_id, subject, revision) {
    term -> Integer,
    student_id -> Guid,
    subject -> Text,
    revision -> Integer,
    band -> Nullable<Text>,
    line -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(subject_band: enrolment; account);

/// A subject's band and line as they stand, and how often they were set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SubjectCell {
    pub band: Option<Band>,
    /// What the teacher says in a sentence.
    pub line: Option<String>,
    pub revision: i32,
}

/// One pupil's subjects of a term with their bands, in the curriculum's order.
pub type SubjectBands = Vec<(String, Band)>;

/// A cell as a page sends it.
#[derive(Clone, Debug, Deserialize)]
pub struct WantedSubject {
    pub student: StudentId,
    pub band: Option<Band>,
    /// A sentence; not mentioned, it stays as it is.
    #[serde(default)]
    pub line: Option<String>,
    /// The revision the page has seen.
    pub revision: i32,
}

/// What came of each cell: taken, or not because someone else changed it meanwhile.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SubjectOutcome {
    pub saved: Vec<SubjectSaved>,
    pub conflicts: Vec<SubjectConflict>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SubjectSaved {
    pub student: StudentId,
    pub band: Option<Band>,
    pub revision: i32,
}

#[derive(Clone, Debug, Serialize)]
pub struct SubjectConflict {
    pub student: StudentId,
    pub theirs: Option<Band>,
    pub revision: i32,
}

/// A subject teacher gives one band a pupil: many pupils at once are one act.
#[derive(Serialize)]
pub struct BandSubject {
    class: OwnClass,
    term: Term,
    subject: OwnSubject,
    bands: Vec<NewBand>,
    /// Why, when families could already see what is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip)]
    outcome: SubjectOutcome,
}

#[derive(Serialize)]
struct NewBand {
    charge: Charge,
    band: Option<Band>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    revision: i32,
}

/// Most characters of a reason: a sentence.
const REASON_CHARACTERS: usize = 120;

/// Most characters of a subject teacher's line.
const LINE_CHARACTERS: usize = 60;

impl BandSubject {
    /// Checks what a page sent against what stands there now.
    ///
    /// # Errors
    /// As [`Tx::charges`]; [`Refused::Invalid`] when the class is signed and there is
    /// no reason.
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        subject: &OwnSubject,
        term: Term,
        wanted: &[WantedSubject],
        reason: Option<&str>,
    ) -> Result<Attempt<Self, SubjectOutcome>, Refused> {
        let standing = tx.standing(own)?;
        if standing == Standing::Signed && reason.is_none() {
            return Err(Refused::invalid("reason", "班主任已经签字，家长看得到等级。要改，请写一句理由。"));
        }
        if reason.is_some_and(|reason| reason.chars().count() > REASON_CHARACTERS) {
            return Err(Refused::invalid("reason", format!("理由最多 {REASON_CHARACTERS} 个字，写一句就好。")));
        }
        let students: Vec<StudentId> = wanted.iter().map(|w| w.student).collect();
        let charges = tx.charges(own, term, &students, reason)?;
        if standing == Standing::Open {
            if !scheme_of(tx, own.cohort(), term)?.voices.subject {
                return Err(Refused::conflict("县里的方案这学期没有用任课教师评价，不用填。"));
            }
            window(tx, Step::Subject, term)?.check(Step::Subject, tx.today())?;
        }
        let mut present = class_cells(tx, subject, term, &students)?;
        let mut act = BandSubject {
            class: *own,
            term,
            subject: subject.clone(),
            bands: Vec::new(),
            reason: reason.map(str::to_owned),
            outcome: SubjectOutcome::default(),
        };
        for wanted in wanted {
            let charge = charges.get(&wanted.student).copied().ok_or(Refused::NotFound)?;
            let stands = present.get(&wanted.student).cloned().unwrap_or_default();
            let saved = |revision| SubjectSaved { student: wanted.student, band: wanted.band, revision };
            let line = match wanted.line.as_deref().map(tidy) {
                None => stands.line.clone(),
                Some(line) if line.chars().count() > LINE_CHARACTERS => {
                    let field = format!("line_{}", wanted.student);
                    return Err(Refused::invalid(field, format!("“{line}”长了，一句话最多 {LINE_CHARACTERS} 个字。")));
                }
                Some(line) => Some(line).filter(|line| !line.is_empty()),
            };
            if stands.band == wanted.band && stands.line == line {
                act.outcome.saved.push(saved(stands.revision));
            } else if stands.revision != wanted.revision {
                let theirs =
                    SubjectConflict { student: wanted.student, theirs: stands.band, revision: stands.revision };
                act.outcome.conflicts.push(theirs);
            } else {
                let revision = stands.revision + 1;
                act.outcome.saved.push(saved(revision));
                // A second mention of the pupil in one request builds on the first.
                present.insert(wanted.student, SubjectCell { band: wanted.band, line: line.clone(), revision });
                act.bands.push(NewBand { charge, band: wanted.band, line, revision });
            }
        }
        if act.bands.is_empty() {
            return Ok(Attempt::Nothing(act.outcome));
        }
        Ok(Attempt::Act(act))
    }
}

impl Act for BandSubject {
    const VERB: &'static str = "subject_evaluated";
    type Done = SubjectOutcome;

    fn about(&self) -> serde_json::Value {
        let mut students: Vec<StudentId> = self.bands.iter().map(|new| new.charge.student()).collect();
        students.sort_unstable();
        json!({ "class": self.class, "term": self.term, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<SubjectOutcome, Refused> {
        let (by, at) = (author(tx)?, tx.now());
        let bands = self.bands.iter().map(|new| {
            (
                subject_band::term.eq(new.charge.term()),
                subject_band::student_id.eq(new.charge.student()),
                subject_band::subject.eq(self.subject.name()),
                subject_band::revision.eq(new.revision),
                subject_band::band.eq(new.band),
                subject_band::line.eq(new.line.as_deref()),
                subject_band::account_id.eq(by),
                subject_band::at.eq(at),
            )
        });
        tx.put_all(subject_band::rows, bands.collect())?;
        Ok(self.outcome.clone())
    }
}

/// One subject's cells of some pupils in a term, as they stand.
pub fn class_cells(
    look: &mut Look,
    subject: &OwnSubject,
    term: Term,
    students: &[StudentId],
) -> Result<HashMap<StudentId, SubjectCell>, Refused> {
    let rows: Vec<(StudentId, i32, Option<Band>, Option<String>)> = look
        .own(subject_band::rows)
        .filter(subject_band::term.eq(term))
        .filter(subject_band::subject.eq(subject.name()))
        .filter(subject_band::student_id.eq_any(students))
        .order(subject_band::revision)
        .select((subject_band::student_id, subject_band::revision, subject_band::band, subject_band::line))
        .load(look.conn())?;
    let cell = |(student, revision, band, line)| (student, SubjectCell { band, line, revision });
    Ok(rows.into_iter().map(cell).collect())
}

/// What the subject teachers say in a sentence of some pupils, in the curriculum's order.
pub fn class_subject_lines(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
) -> Result<HashMap<StudentId, Vec<(String, String)>>, Refused> {
    let rows: Vec<(StudentId, String, Option<String>)> = look
        .own(subject_band::rows)
        .filter(subject_band::student_id.eq_any(students))
        .filter(subject_band::term.eq(term))
        .order(subject_band::revision)
        .select((subject_band::student_id, subject_band::subject, subject_band::line))
        .load(look.conn())?;
    let mut newest: BTreeMap<(StudentId, usize, String), Option<String>> = BTreeMap::new();
    for (student, subject, line) in rows {
        newest.insert((student, place_of(&subject), subject), line);
    }
    let mut of: HashMap<StudentId, Vec<(String, String)>> = HashMap::new();
    for ((student, _, subject), line) in newest {
        of.entry(student).or_default().extend(line.map(|line| (subject, line)));
    }
    Ok(of)
}

/// The newest revision of each subject, in the curriculum's order.
fn laid(rows: impl IntoIterator<Item = (String, Option<Band>)>) -> SubjectBands {
    let newest: BTreeMap<(usize, String), Option<Band>> =
        rows.into_iter().map(|(subject, band)| ((place_of(&subject), subject), band)).collect();
    newest.into_iter().filter_map(|((_, subject), band)| Some((subject, band?))).collect()
}

/// The subject bands of one's own class in a term, for the homeroom teacher.
pub fn class_subject_bands(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
) -> Result<HashMap<StudentId, SubjectBands>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<(StudentId, String, Option<Band>)> = look
        .own(subject_band::rows)
        .inner_join(enrolment::joined().on(
            enrolment::school_id.eq(subject_band::school_id).and(enrolment::student_id.eq(subject_band::student_id)),
        ))
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(subject_band::term.eq(term.term))
        .order(subject_band::revision)
        .select((subject_band::student_id, subject_band::subject, subject_band::band))
        .load(look.conn())?;
    let mut of: HashMap<StudentId, Vec<(String, Option<Band>)>> = HashMap::new();
    for (student, subject, band) in rows {
        of.entry(student).or_default().push((subject, band));
    }
    Ok(of.into_iter().map(|(student, rows)| (student, laid(rows))).collect())
}

/// The subject bands of one child, term by term.
pub fn child_subject_bands(look: &mut Look, child: Child) -> Result<BTreeMap<Term, SubjectBands>, Refused> {
    Ok(bands_among(look, &[child.student()])?.remove(&child.student()).unwrap_or_default())
}

/// The subject bands of some pupils of this school, term by term: what a seal takes.
pub fn subject_bands_of(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
) -> Result<HashMap<StudentId, BTreeMap<Term, SubjectBands>>, Refused> {
    bands_among(look, students)
}

fn bands_among(
    look: &mut Look,
    students: &[StudentId],
) -> Result<HashMap<StudentId, BTreeMap<Term, SubjectBands>>, Refused> {
    let rows: Vec<(StudentId, Term, String, Option<Band>)> = look
        .own(subject_band::rows)
        .filter(subject_band::student_id.eq_any(students))
        .order(subject_band::revision)
        .select((subject_band::student_id, subject_band::term, subject_band::subject, subject_band::band))
        .load(look.conn())?;
    let mut of: HashMap<StudentId, BTreeMap<Term, Vec<(String, Option<Band>)>>> = HashMap::new();
    for (student, term, subject, band) in rows {
        of.entry(student).or_default().entry(term).or_default().push((subject, band));
    }
    Ok(of
        .into_iter()
        .map(|(student, terms)| (student, terms.into_iter().map(|(term, rows)| (term, laid(rows))).collect()))
        .collect())
}
