//! Photos that have been kept as long as they may be: no pupil chose them, and everyone
//! in them graduated long enough ago (PIPL 19, 47). What a pupil chose stays with the
//! portfolio; sealed files and the records themselves are never touched.

use super::store::{children_of, loosen, remove};
use crate::access::own::{activity, class, enrolment, evidence, seal};
use crate::access::{Act, Attempt, Look, Refused, Tx, WholeSchool};
use crate::names::{ActivityId, ClassId, Cohort, StudentId, Term};
use crate::record::store::chosen_among;
use crate::schema::term;
use chrono::{Months, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

/// How many photos one act names at most.
const STRETCH: usize = 500;

/// What a school may let go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Photos whose time is over.
    pub photos: usize,
    /// Photos whose time would be over, were the graduation of everyone in them sealed.
    pub wait: usize,
}

/// A photo by its activity and place, with the names of its two files.
type Row = (ActivityId, i32, String, String);

#[derive(Default)]
struct Found {
    due: Vec<Row>,
    wait: usize,
}

/// How many photos of this school have been kept longer than `kept` after graduation.
pub fn overdue(look: &mut Look, whole: WholeSchool, kept: Months) -> Result<Overdue, Refused> {
    let found = find(look, whole, kept)?;
    Ok(Overdue { photos: found.due.len(), wait: found.wait })
}

fn find(look: &mut Look, _: WholeSchool, kept: Months) -> Result<Found, Refused> {
    let today = look.today();
    let ends: HashMap<Term, NaiveDate> =
        term::table.select((term::id, term::ends_on)).load(look.conn())?.into_iter().collect();
    let classes: Vec<(ClassId, Cohort)> =
        look.own(class::rows).order(class::id).select((class::id, class::cohort)).load(look.conn())?;
    let mut found = Found::default();
    for (id, cohort) in classes {
        let ended = ends.get(&Term::of_cohort(cohort)[5]).filter(|ended| **ended + kept <= today);
        if let Some(ended) = ended {
            of_class(look, id, *ended, kept, &mut found)?;
        }
    }
    Ok(found)
}

/// The photos of a class whose grade 9 ended on `ended`, longer ago than `kept`.
fn of_class(look: &mut Look, id: ClassId, ended: NaiveDate, kept: Months, found: &mut Found) -> Result<(), Refused> {
    let today = look.today();
    let rows: Vec<Row> = look
        .own(evidence::rows)
        .inner_join(
            activity::joined()
                .on(activity::school_id.eq(evidence::school_id).and(activity::id.eq(evidence::activity_id))),
        )
        .filter(activity::class_id.eq(id))
        .order((evidence::activity_id, evidence::ordinal))
        .select((evidence::activity_id, evidence::ordinal, evidence::sha256, evidence::thumb_sha256))
        .load(look.conn())?;
    let with: Vec<ActivityId> = rows.iter().map(|row| row.0).collect::<BTreeSet<_>>().into_iter().collect();
    if with.is_empty() {
        return Ok(());
    }
    let chosen = chosen_among(look, &with)?;
    let in_them = children_of(look, &with)?;
    let children: Vec<StudentId> =
        in_them.values().flat_map(|of| of.keys().copied()).collect::<BTreeSet<_>>().into_iter().collect();
    let (sealed, stayed) = (sealed_on(look, &children)?, stayed_until(look, &children, ended)?);
    for row in rows.into_iter().filter(|row| !chosen.contains(&row.0)) {
        // Who left the school before is as long gone as those who stayed.
        let graduated = |child: &StudentId| match sealed.get(child) {
            Some(day) => Some(*day),
            None => (!stayed.contains(child)).then_some(ended),
        };
        let days: Option<Vec<NaiveDate>> =
            in_them.get(&row.0).into_iter().flat_map(|of| of.keys()).map(graduated).collect();
        match days {
            None => found.wait += 1,
            Some(days) if days.iter().all(|day| *day + kept <= today) => found.due.push(row),
            Some(_) => {}
        }
    }
    Ok(())
}

/// The days on which the graduation of some children was sealed here.
fn sealed_on(look: &mut Look, children: &[StudentId]) -> Result<HashMap<StudentId, NaiveDate>, Refused> {
    let rows: Vec<(StudentId, NaiveDateTime)> = look
        .own(seal::rows)
        .filter(seal::student_id.eq_any(children))
        .filter(seal::part.eq("graduation"))
        .filter(seal::version.eq(1))
        .select((seal::student_id, seal::at))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(child, at)| (child, at.date())).collect())
}

/// Which of some children were at this school to the end of grade 9.
fn stayed_until(look: &mut Look, children: &[StudentId], ended: NaiveDate) -> Result<HashSet<StudentId>, Refused> {
    let stayed: Vec<StudentId> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq_any(children))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(ended)))
        .select(enrolment::student_id)
        .load(look.conn())?;
    Ok(stayed.into_iter().collect())
}

/// A stretch of overdue photos goes; files that another activity holds stay.
#[derive(Serialize)]
pub struct EvidencePurged {
    photos: Vec<(ActivityId, i32)>,
    kept_months: u32,
    #[serde(skip)]
    files: Vec<String>,
}

impl EvidencePurged {
    /// `Attempt::Nothing` when nothing of this school is overdue.
    ///
    /// # Errors
    /// As the database answers.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, kept: Months) -> Result<Attempt<Self, ()>, Refused> {
        let mut due = find(tx, whole, kept)?.due;
        due.truncate(STRETCH);
        if due.is_empty() {
            return Ok(Attempt::Nothing(()));
        }
        let files: BTreeSet<String> = due.iter().flat_map(|row| [row.2.clone(), row.3.clone()]).collect();
        Ok(Attempt::Act(EvidencePurged {
            photos: due.into_iter().map(|(id, ordinal, ..)| (id, ordinal)).collect(),
            kept_months: kept.as_u32(),
            files: files.into_iter().collect(),
        }))
    }
}

impl Act for EvidencePurged {
    const VERB: &'static str = "evidence_purged";
    /// How many photos went.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "photos": self.photos })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        for (activity, ordinal) in &self.photos {
            remove(tx, *activity, *ordinal)?;
        }
        loosen(tx, &self.files)?;
        Ok(self.photos.len())
    }
}
