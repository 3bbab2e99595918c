//! What an upheld objection makes of a pupil's fact at the end of junior high. The term it
//! was in is sealed and stays as it is; the notice and the graduate's file tell it anew.

use super::Kept;
use super::decide::line;
use super::kept::kept_where;
use crate::access::{Look, Refused, Tx};
use crate::names::{ActivityId, Domain, ObjectionId, StudentId, Term};
use crate::record::{Part, State, Telling};
use crate::schema::term;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

crate::school_table!(graduation_fact (objection_id) {
    objection_id -> Guid,
    student_id -> Guid,
    activity_id -> Nullable<Guid>,
    domain -> Text,
    title -> Nullable<Text>,
    starts_on -> Date,
    ends_on -> Date,
    part -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

/// One decision about one pupil's fact.
#[derive(Clone, Debug)]
pub struct FactAtEnd {
    pub objection: ObjectionId,
    /// The record it is about; none for what was never written down.
    pub activity: Option<ActivityId>,
    pub domain: Domain,
    /// None: this pupil is no longer in it.
    pub title: Option<String>,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub part: Part,
    pub at: NaiveDateTime,
}

impl FactAtEnd {
    /// How it is told now, laid over how it was; `None` when it is left out.
    pub fn told(&self, before: Option<Telling>) -> Option<Telling> {
        let title = self.title.clone()?;
        let told = bare(self.domain, title, (self.starts_on, self.ends_on));
        Some(match before {
            Some(kept) => Telling { title: told.title, starts_on: told.starts_on, ends_on: told.ends_on, ..kept },
            None => told,
        })
    }
}

/// A fact of which nothing is told but what and when.
fn bare(domain: Domain, title: String, (starts_on, ends_on): (NaiveDate, NaiveDate)) -> Telling {
    Telling {
        indicator: String::new(),
        domain,
        also: Vec::new(),
        title,
        starts_on,
        ends_on,
        place: None,
        organiser: None,
        level: None,
        minutes: None,
        attained: None,
        words: None,
    }
}

/// What an upheld objection makes of the fact it is about.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToldAtEnd {
    LeftOut,
    Told { domain: Domain, title: String, starts_on: NaiveDate, ends_on: NaiveDate, part: Part },
}

impl ToldAtEnd {
    /// How the item reads afterwards.
    pub fn becomes(&self) -> String {
        match self {
            ToldAtEnd::LeftOut => "这一条不再列这位同学".to_owned(),
            ToldAtEnd::Told { domain, title, starts_on, ends_on, part } => {
                line(&bare(*domain, title.clone(), (*starts_on, *ends_on)), *part)
            }
        }
    }

    /// Puts it in; part of the act that decides, after its step. `kept`: the record it is
    /// about, which stays as it is.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for leaving out what never stood.
    pub fn put(
        &self,
        tx: &mut Tx,
        objection: ObjectionId,
        student: StudentId,
        kept: Option<&Kept>,
    ) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        let (domain, title, days, part) = match (self, kept) {
            (ToldAtEnd::Told { domain, title, starts_on, ends_on, part }, _) => {
                (*domain, Some(title.clone()), (*starts_on, *ends_on), *part)
            }
            (ToldAtEnd::LeftOut, Some(kept)) => {
                (kept.told.domain, None, (kept.told.starts_on, kept.told.ends_on), kept.part)
            }
            (ToldAtEnd::LeftOut, None) => return Err(Refused::invalid("verdict", "没有这一条记录，不能撤下。")),
        };
        tx.put(
            graduation_fact::rows,
            (
                (graduation_fact::objection_id.eq(objection), graduation_fact::student_id.eq(student)),
                (graduation_fact::activity_id.eq(kept.map(|kept| kept.activity)), graduation_fact::domain.eq(domain)),
                (graduation_fact::title.eq(title), graduation_fact::part.eq(part)),
                (graduation_fact::starts_on.eq(days.0), graduation_fact::ends_on.eq(days.1)),
                (graduation_fact::account_id.eq(by), graduation_fact::at.eq(at)),
            ),
        )?;
        Ok(())
    }
}

/// What was decided of the facts of some pupils, in the order it was.
pub fn facts_at_end(look: &mut Look, students: &[StudentId]) -> Result<HashMap<StudentId, Vec<FactAtEnd>>, Refused> {
    type Row = (
        (StudentId, ObjectionId, Option<ActivityId>, Domain, Option<String>),
        (NaiveDate, NaiveDate, Part, NaiveDateTime),
    );
    let rows: Vec<Row> = look
        .own(graduation_fact::rows)
        .filter(graduation_fact::student_id.eq_any(students))
        .order((graduation_fact::at, graduation_fact::objection_id))
        .select((
            (
                graduation_fact::student_id,
                graduation_fact::objection_id,
                graduation_fact::activity_id,
                graduation_fact::domain,
                graduation_fact::title,
            ),
            (graduation_fact::starts_on, graduation_fact::ends_on, graduation_fact::part, graduation_fact::at),
        ))
        .load(look.conn())?;
    let mut of: HashMap<StudentId, Vec<FactAtEnd>> = HashMap::new();
    for ((student, objection, activity, domain, title), (starts_on, ends_on, part, at)) in rows {
        let one = FactAtEnd { objection, activity, domain, title, starts_on, ends_on, part, at };
        of.entry(student).or_default().push(one);
    }
    Ok(of)
}

/// One pupil's confirmed record of an activity in whatever term it is.
pub fn record_ever(look: &mut Look, student: StudentId, activity: ActivityId) -> Result<Option<Kept>, Refused> {
    let kept = kept_where(look, &[student], None, Some(&[activity]))?;
    Ok(kept.into_iter().find(|kept| kept.state == State::Confirmed))
}

/// The term that runs, or ran last, on a day.
pub fn term_of_day(look: &mut Look, day: NaiveDate) -> Result<Option<Term>, Refused> {
    Ok(term::table
        .filter(term::starts_on.le(day))
        .order(term::starts_on.desc())
        .select(term::id)
        .first(look.conn())
        .optional()?)
}
