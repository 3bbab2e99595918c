use super::author;
use super::pupil::may_speak;
use crate::access::{Act, Attempt, Child, Look, OwnClass, OwnSubject, Refused, Tx};
use crate::cycle::{Step, window};
use crate::evaluation::Band;
use crate::names::{StudentId, Term};
use crate::scheme::{Recorder, scheme_of};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

// Private, like the five domains' bands: no other module can order by it.
crate::school_table!(indicator_band (student_id, term, code, recorder, of_subject, revision) {
    student_id -> Guid,
    term -> Integer,
    code -> Text,
    recorder -> Text,
    of_subject -> Text,
    revision -> Integer,
    band -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

/// Who gives an observation item its band here: the teacher of a subject with its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GivenBy {
    recorder: &'static str,
    subject: String,
}

impl GivenBy {
    pub fn homeroom() -> Self {
        GivenBy { recorder: Recorder::Homeroom.code(), subject: String::new() }
    }

    pub fn guardian() -> Self {
        GivenBy { recorder: Recorder::Guardian.code(), subject: String::new() }
    }

    pub fn subject(subject: &OwnSubject) -> Self {
        GivenBy { recorder: Recorder::Subject.code(), subject: subject.name().to_owned() }
    }

    fn is(&self, recorder: Recorder) -> bool {
        self.recorder == recorder.code()
    }
}

/// The bands of one observation item as one recorder gave them, with their revisions.
pub fn indicator_cells(
    look: &mut Look,
    term: Term,
    code: &str,
    by: &GivenBy,
    students: &[StudentId],
) -> Result<HashMap<StudentId, (Option<Band>, i32)>, Refused> {
    let rows: Vec<(StudentId, Option<Band>, i32)> = look
        .own(indicator_band::rows)
        .filter(indicator_band::student_id.eq_any(students))
        .filter(indicator_band::term.eq(term))
        .filter(indicator_band::code.eq(code))
        .filter(indicator_band::recorder.eq(by.recorder))
        .filter(indicator_band::of_subject.eq(&by.subject))
        .order(indicator_band::revision)
        .select((indicator_band::student_id, indicator_band::band, indicator_band::revision))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(student, band, revision)| (student, (band, revision))).collect())
}

/// Who gave it (the subject's name, or 班主任, 家长), and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndicatorTold {
    pub code: String,
    pub by: String,
    pub band: Band,
}

/// All observation items that were given a band, of some pupils in a term.
pub(in crate::evaluation) fn indicators_told(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
) -> Result<HashMap<StudentId, Vec<IndicatorTold>>, Refused> {
    let rows: Vec<(StudentId, String, Recorder, String, Option<Band>)> = look
        .own(indicator_band::rows)
        .filter(indicator_band::student_id.eq_any(students))
        .filter(indicator_band::term.eq(term))
        .order(indicator_band::revision)
        .select((
            indicator_band::student_id,
            indicator_band::code,
            indicator_band::recorder,
            indicator_band::of_subject,
            indicator_band::band,
        ))
        .load(look.conn())?;
    let mut newest: BTreeMap<(StudentId, String, &'static str, String), Option<Band>> = BTreeMap::new();
    for (student, code, recorder, subject, band) in rows {
        newest.insert((student, code, recorder.code(), subject), band);
    }
    let mut told: HashMap<StudentId, Vec<IndicatorTold>> = HashMap::new();
    for ((student, code, recorder, subject), band) in newest {
        let by = match recorder {
            "subject" => subject,
            "guardian" => "家长".to_owned(),
            _ => "班主任".to_owned(),
        };
        if let Some(band) = band {
            told.entry(student).or_default().push(IndicatorTold { code, by, band });
        }
    }
    Ok(told)
}

/// What a recorder wants of one pupil.
#[derive(Clone, Copy, Debug)]
pub struct WantedIndicator {
    pub student: StudentId,
    pub band: Option<Band>,
    /// The revision that was shown, 0 where there was none; `None` for one whose last word
    /// stands, whatever was there.
    pub seen: Option<i32>,
}

/// One recorder gives the bands of one observation item: a whole class is one act.
#[derive(Serialize)]
pub struct BandIndicator {
    term: Term,
    code: String,
    #[serde(skip)]
    by: GivenBy,
    recorder: &'static str,
    subject: String,
    bands: Vec<(StudentId, Option<Band>)>,
    #[serde(skip)]
    revisions: HashMap<StudentId, i32>,
}

impl BandIndicator {
    /// A teacher's grid of a class.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for an item the scheme does not use or another gives;
    /// [`Refused::Conflict`] for a cell that somebody changed since it was seen: then none
    /// is changed; as [`Tx::charges`].
    pub fn of_class(
        tx: &mut Tx,
        own: &OwnClass,
        term: Term,
        code: &str,
        by: GivenBy,
        wanted: &[WantedIndicator],
    ) -> Result<Attempt<Self, usize>, Refused> {
        let school = tx.school();
        let scheme = scheme_of(tx, own.cohort(), own.term())?;
        let recorder = if by.is(Recorder::Homeroom) { Recorder::Homeroom } else { Recorder::Subject };
        let item = scheme.banded_by(school, recorder).find(|item| item.code == code).ok_or(Refused::NotFound)?;
        if recorder == Recorder::Subject && !item.is_of_subject(&by.subject) {
            return Err(Refused::NotFound);
        }
        let step = if recorder == Recorder::Homeroom { Step::Homeroom } else { Step::Subject };
        window(tx, step, own.term())?.check(step, tx.today())?;
        let students: Vec<StudentId> = wanted.iter().map(|cell| cell.student).collect();
        tx.charges(own, term, &students, None)?;
        Self::of(tx, term, code, by, wanted)
    }

    /// A guardian's own child.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for an item that guardians do not give; as [`may_speak`].
    pub fn of_child(
        tx: &mut Tx,
        child: Child,
        code: &str,
        band: Option<Band>,
    ) -> Result<Attempt<Self, usize>, Refused> {
        let school = tx.school();
        let (at, scheme) = may_speak(tx, child, Step::Guardian)?;
        if !scheme.banded_by(school, Recorder::Guardian).any(|item| item.code == code) {
            return Err(Refused::NotFound);
        }
        // One family speaks with one voice.
        let wanted = WantedIndicator { student: child.student(), band, seen: None };
        Self::of(tx, at.term.term, code, GivenBy::guardian(), &[wanted])
    }

    fn of(
        tx: &mut Tx,
        term: Term,
        code: &str,
        by: GivenBy,
        wanted: &[WantedIndicator],
    ) -> Result<Attempt<Self, usize>, Refused> {
        let students: Vec<StudentId> = wanted.iter().map(|cell| cell.student).collect();
        let stands = indicator_cells(tx, term, code, &by, &students)?;
        let standing = |student: &StudentId| stands.get(student).copied().unwrap_or_default();
        let changed: Vec<&WantedIndicator> =
            wanted.iter().filter(|cell| standing(&cell.student).0 != cell.band).collect();
        if changed.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        if changed.iter().any(|cell| cell.seen.is_some_and(|seen| seen != standing(&cell.student).1)) {
            return Err(Refused::conflict(
                "您打开这一页以后，有人改过几位同学的等级，您的还没有存。改过的标在名字后面；看过以后再按一次“存好”，就以您选的为准。",
            ));
        }
        let bands: Vec<(StudentId, Option<Band>)> = changed.into_iter().map(|cell| (cell.student, cell.band)).collect();
        let revisions = bands.iter().map(|(student, _)| (*student, standing(student).1 + 1)).collect();
        let (recorder, subject) = (by.recorder, by.subject.clone());
        Ok(Attempt::Act(BandIndicator { term, code: code.to_owned(), by, recorder, subject, bands, revisions }))
    }
}

impl Act for BandIndicator {
    const VERB: &'static str = "indicator_banded";
    /// How many cells changed.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let mut students: Vec<StudentId> = self.bands.iter().map(|(student, _)| *student).collect();
        students.sort_unstable();
        json!({ "term": self.term, "code": self.code, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let (by, at) = (author(tx)?, tx.now());
        let bands = self.bands.iter().map(|(student, band)| {
            (
                indicator_band::student_id.eq(*student),
                indicator_band::term.eq(self.term),
                indicator_band::code.eq(&self.code),
                indicator_band::recorder.eq(self.by.recorder),
                indicator_band::of_subject.eq(&self.by.subject),
                indicator_band::revision.eq(self.revisions.get(student).copied().unwrap_or(1)),
                indicator_band::band.eq(*band),
                indicator_band::account_id.eq(by),
                indicator_band::at.eq(at),
            )
        });
        tx.put_all(indicator_band::rows, bands.collect())?;
        Ok(self.bands.len())
    }
}
