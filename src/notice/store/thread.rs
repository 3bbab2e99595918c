use super::objection::{Item, Of};
use crate::access::own::{class, objection, objection_step};
use crate::access::{Look, Refused};
use crate::cycle::{Instance, Part, StepKind};
use crate::names::{AccountId, ActivityId, ClassId, ClassName, Cohort, Domain, ObjectionId, Role, StudentId, Term};
use crate::roster::ClassRow;
use crate::schema::{account, student};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::HashMap;

/// An objection with all its steps.
#[derive(Clone, Debug)]
pub struct Thread {
    pub id: ObjectionId,
    pub class: ClassRow,
    pub term: Term,
    pub part: Part,
    pub student: StudentId,
    pub student_name: String,
    pub item: Item,
    pub cited: String,
    pub text: String,
    pub by: AccountId,
    pub by_name: String,
    pub role: Role,
    pub at: NaiveDateTime,
    /// In the order of time; there is always one.
    pub steps: Vec<StepRow>,
}

#[derive(Clone, Debug)]
pub struct StepRow {
    pub n: i32,
    pub kind: StepKind,
    pub instance: Instance,
    pub handler: Option<AccountId>,
    pub handler_name: String,
    pub due_on: Option<NaiveDate>,
    pub text: String,
    pub by: AccountId,
    pub by_name: String,
    pub at: NaiveDateTime,
}

impl Thread {
    /// Where it stands.
    pub fn newest(&self) -> StepRow {
        self.steps.last().cloned().unwrap_or(StepRow {
            n: 0,
            kind: StepKind::Withdrawn,
            instance: Instance::Office,
            handler: None,
            handler_name: String::new(),
            due_on: None,
            text: String::new(),
            by: self.by,
            by_name: String::new(),
            at: self.at,
        })
    }

    /// What it is about.
    pub fn of(&self) -> Of {
        Of { class: self.class, term: self.term, part: self.part, student: self.student, item: self.item }
    }

    /// The number of the step to come.
    pub fn next(&self) -> i32 {
        self.newest().n + 1
    }

    /// # Errors
    /// [`Refused::NotFound`] for anyone but whoever objected.
    pub fn raised_by(&self, account: AccountId) -> Result<(), Refused> {
        if self.by == account { Ok(()) } else { Err(Refused::NotFound) }
    }
}

/// One objection of this school.
///
/// # Errors
/// [`Refused::NotFound`] for another school's.
pub fn thread(look: &mut Look, id: ObjectionId) -> Result<Thread, Refused> {
    threads(look, |thread| thread.id == id, Some(id))?.into_iter().next().ok_or(Refused::NotFound)
}

/// Whether an objection is to the end of junior high.
///
/// # Errors
/// As [`thread`].
pub fn is_of_graduation(look: &mut Look, id: ObjectionId) -> Result<bool, Refused> {
    Ok(thread(look, id)?.part == Part::Graduation)
}

/// The objections somebody raised at this school, the newest first.
pub fn threads_by(look: &mut Look, account: AccountId) -> Result<Vec<Thread>, Refused> {
    threads(look, |thread| thread.by == account, None)
}

/// All objections of a term at this school, the newest first.
pub fn threads_in(look: &mut Look, term: Term) -> Result<Vec<Thread>, Refused> {
    threads(look, |thread| thread.term == term, None)
}

/// The objections of some classes that wait for the school's committee, the most urgent
/// first.
pub fn threads_before_committee(look: &mut Look, classes: &[ClassId]) -> Result<Vec<Thread>, Refused> {
    let mut waiting = threads(look, |thread| classes.contains(&thread.class.id), None)?;
    waiting.retain(|thread| {
        let newest = thread.newest();
        newest.kind.waits() && newest.instance == Instance::Committee
    });
    waiting.sort_by_key(|thread| thread.newest().due_on);
    Ok(waiting)
}

fn threads(look: &mut Look, keep: impl Fn(&Thread) -> bool, only: Option<ObjectionId>) -> Result<Vec<Thread>, Refused> {
    type Found = (
        (ObjectionId, ClassId, Cohort, i32, Term, Part),
        (StudentId, String, String, Option<Domain>, Option<ActivityId>),
        (String, String, AccountId, String, Role, NaiveDateTime),
    );
    let mut query = look
        .own(objection::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(objection::school_id).and(class::id.eq(objection::class_id))),
        )
        .inner_join(student::table.on(student::id.eq(objection::student_id)))
        .inner_join(account::table.on(account::id.eq(objection::account_id)))
        .order(objection::at.desc())
        .select((
            (objection::id, class::id, class::cohort, class::number, objection::term, objection::part),
            (objection::student_id, student::name, objection::item, objection::domain, objection::activity_id),
            (objection::cited, objection::text, objection::account_id, account::name, objection::role, objection::at),
        ))
        .into_boxed();
    if let Some(only) = only {
        query = query.filter(objection::id.eq(only));
    }
    let rows: Vec<Found> = query.load(look.conn())?;
    let mut all: Vec<Thread> = rows
        .into_iter()
        .map(|((id, class, cohort, number, term, part), (student, student_name, item, domain, activity), said)| {
            let item = match (item.as_str(), domain, activity) {
                ("band", Some(domain), _) => Item::Band(domain),
                ("fact", _, Some(activity)) => Item::Fact(activity),
                _ => Item::Missing,
            };
            let (cited, text, by, by_name, role, at) = said;
            let class = ClassRow { id: class, name: ClassName { cohort, number } };
            let steps = Vec::new();
            Thread { id, class, term, part, student, student_name, item, cited, text, by, by_name, role, at, steps }
        })
        .filter(keep)
        .collect();
    let ids: Vec<ObjectionId> = all.iter().map(|thread| thread.id).collect();
    let mut steps = steps_of(look, &ids)?;
    for thread in &mut all {
        thread.steps = steps.remove(&thread.id).unwrap_or_default();
    }
    Ok(all)
}

fn steps_of(look: &mut Look, ids: &[ObjectionId]) -> Result<HashMap<ObjectionId, Vec<StepRow>>, Refused> {
    type Found = (
        (ObjectionId, i32, StepKind, Instance, Option<AccountId>, Option<NaiveDate>),
        (String, AccountId, NaiveDateTime),
    );
    let rows: Vec<Found> = look
        .own(objection_step::rows)
        .filter(objection_step::objection_id.eq_any(ids))
        .order((objection_step::objection_id, objection_step::n))
        .select((
            (
                objection_step::objection_id,
                objection_step::n,
                objection_step::kind,
                objection_step::instance,
                objection_step::handler_id,
                objection_step::due_on,
            ),
            (objection_step::text, objection_step::account_id, objection_step::at),
        ))
        .load(look.conn())?;
    let mut people: Vec<AccountId> = rows.iter().map(|(_, (_, by, _))| *by).collect();
    people.extend(rows.iter().filter_map(|((.., handler, _), _)| *handler));
    let names: Vec<(AccountId, String)> =
        account::table.filter(account::id.eq_any(people)).select((account::id, account::name)).load(look.conn())?;
    let names: HashMap<AccountId, String> = names.into_iter().collect();
    let name = |id: &AccountId| names.get(id).cloned().unwrap_or_default();
    let mut steps: HashMap<ObjectionId, Vec<StepRow>> = HashMap::new();
    for ((id, n, kind, instance, handler, due_on), (text, by, at)) in rows {
        let handler_name = handler.as_ref().map(name).unwrap_or_default();
        let step = StepRow { n, kind, instance, handler, handler_name, due_on, text, by, by_name: name(&by), at };
        steps.entry(id).or_default().push(step);
    }
    Ok(steps)
}
