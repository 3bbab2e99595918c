//! Records as they stand.

use super::told::{Told, told_columns};
use crate::access::own::{activity, record, telling};
use crate::access::{Child, Look, OwnClass, Refused, WholeSchool};
use crate::names::{AccountId, ActivityId, Role, StudentId, Term};
use crate::record::{Part, State, Telling};
use crate::roster::calendar::TermDates;
use crate::roster::class_list;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// One record as it stands: an activity as it is told, and one pupil's part in it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub student: StudentId,
    pub activity: ActivityId,
    pub term: Term,
    pub told: Telling,
    pub part: Part,
    pub state: State,
    /// What was said when it came to this state.
    pub note: Option<String>,
    pub revision: i32,
    /// When it came to this state.
    pub at: NaiveDateTime,
    /// Who wrote the activity down, in which capacity.
    pub account: AccountId,
    pub role: Role,
    /// 代录: a teacher wrote down what the pupil told.
    pub on_behalf: bool,
}

impl Kept {
    /// `班主任记录`, `班主任代录`, `本人记录，班主任已核实`…
    pub fn source(&self) -> &'static str {
        match (self.role, self.on_behalf, self.state) {
            (Role::Learner, _, State::Confirmed) => "本人记录，班主任已核实",
            (Role::Learner, ..) => "本人记录",
            (Role::Guardian, _, State::Confirmed) => "家长记录，班主任已核实",
            (Role::Guardian, ..) => "家长记录",
            (_, true, _) => "班主任代录",
            (Role::Homeroom | Role::Deputy, ..) => "班主任记录",
            (Role::Subject, ..) => "任课教师记录",
            _ => "学校记录",
        }
    }
}

/// The records of some pupils in a term, or in every one, whatever their state, the
/// newest day first.
pub(super) fn kept_among(look: &mut Look, students: &[StudentId], term: Option<Term>) -> Result<Vec<Kept>, Refused> {
    kept_where(look, students, term, None)
}

/// As [`kept_among`], of some activities only.
pub(super) fn kept_where(
    look: &mut Look,
    students: &[StudentId],
    term: Option<Term>,
    activities: Option<&[ActivityId]>,
) -> Result<Vec<Kept>, Refused> {
    type Standing = (StudentId, ActivityId, Term, Part, State, Option<String>, i32, NaiveDateTime);
    let mut wanted = look
        .own(record::rows)
        .inner_join(
            activity::joined().on(activity::school_id.eq(record::school_id).and(activity::id.eq(record::activity_id))),
        )
        .inner_join(
            telling::joined()
                .on(telling::school_id.eq(record::school_id).and(telling::activity_id.eq(record::activity_id))),
        )
        .filter(record::student_id.eq_any(students))
        .select((
            (
                record::student_id,
                record::activity_id,
                record::term,
                record::part,
                record::state,
                record::note,
                record::revision,
                record::at,
            ),
            (activity::account_id, activity::role, activity::on_behalf),
            told_columns!(),
            telling::revision,
        ))
        .into_boxed();
    // A term named is named alone: over a span of terms SQLite reads those of the whole school.
    if let Some(term) = term {
        wanted = wanted.filter(record::term.eq(term));
    }
    if let Some(activities) = activities {
        wanted = wanted.filter(record::activity_id.eq_any(activities));
    }
    let mut rows: Vec<(Standing, (AccountId, Role, bool), Told, i32)> = wanted.load(look.conn())?;
    // The highest revisions are met last and stand. Put in order here: asked to do it, SQLite
    // goes through the whole school's records in that order instead of beginning with a pupil.
    rows.sort_unstable_by_key(|((.., revision, _), _, _, telling)| (*revision, *telling));
    let mut newest: BTreeMap<(StudentId, ActivityId), Kept> = BTreeMap::new();
    for ((student, activity, term, part, state, note, revision, at), (account, role, on_behalf), told, _) in rows {
        let told = told.into();
        let kept = Kept { student, activity, term, told, part, state, note, revision, at, account, role, on_behalf };
        newest.insert((student, activity), kept);
    }
    let mut kept: Vec<Kept> = newest.into_values().collect();
    kept.sort_by_key(|kept| std::cmp::Reverse((kept.told.starts_on, kept.activity)));
    Ok(kept)
}

/// Everything that is kept of one child in this school, in every state, the newest
/// first: what its own pages show.
pub fn records_of(look: &mut Look, child: Child) -> Result<Vec<Kept>, Refused> {
    kept_among(look, &[child.student()], None)
}

/// One child's records of one term.
pub fn records_of_term(look: &mut Look, child: Child, term: Term) -> Result<Vec<Kept>, Refused> {
    kept_among(look, &[child.student()], Some(term))
}

/// The confirmed records of some pupils of this school: what a seal takes.
pub fn records_among(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
    term: Term,
) -> Result<HashMap<StudentId, Vec<Kept>>, Refused> {
    kept_by_pupil(look, students, term, |state| state == State::Confirmed)
}

/// What is kept of some pupils of a term, in some states only.
pub(super) fn kept_by_pupil(
    look: &mut Look,
    students: &[StudentId],
    term: Term,
    wanted: impl Fn(State) -> bool,
) -> Result<HashMap<StudentId, Vec<Kept>>, Refused> {
    let mut of: HashMap<StudentId, Vec<Kept>> = HashMap::new();
    for kept in kept_among(look, students, Some(term))?.into_iter().filter(|kept| wanted(kept.state)) {
        of.entry(kept.student).or_default().push(kept);
    }
    Ok(of)
}

/// The records of one's own class in its present term, whatever their state but
/// drafts, which are their writers' own.
pub fn class_records(look: &mut Look, own: &OwnClass, term: TermDates) -> Result<Vec<Kept>, Refused> {
    let students: Vec<StudentId> = class_list(look, own, term)?.iter().map(|pupil| pupil.id).collect();
    let mut kept = kept_among(look, &students, Some(term.term))?;
    kept.retain(|kept| kept.state != State::Draft);
    Ok(kept)
}
