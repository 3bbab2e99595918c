use super::issued::{Issued, issued, names_and_seats};
use crate::access::own::{print_item, print_run};
use crate::access::{Act, EverySchool, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassName, Cohort, RunId, SchoolId, StudentId};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// Starts printing a cohort's portfolios, or those that failed once more.
#[derive(Serialize)]
pub struct StartRun {
    cohort: Cohort,
    students: Vec<StudentId>,
}

impl StartRun {
    /// # Errors
    /// [`Refused::NotFound`] for a cohort without sealed portfolios;
    /// [`Refused::Conflict`] while a run of it is under way.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, cohort: Cohort) -> Result<Self, Refused> {
        let students: Vec<StudentId> = issued(tx, whole, cohort)?.into_iter().map(|issued| issued.student).collect();
        if students.is_empty() {
            return Err(Refused::NotFound);
        }
        let under_way: i64 = tx
            .own(print_run::rows)
            .filter(print_run::cohort.eq(cohort.0))
            .filter(print_run::finished_at.is_null())
            .count()
            .get_result(tx.conn())?;
        if under_way > 0 {
            return Err(Refused::conflict("这一届正在打印，不用再点。看看下面的进度。"));
        }
        Ok(StartRun { cohort, students })
    }
}

impl Act for StartRun {
    const VERB: &'static str = "print_run_started";
    type Done = RunId;

    fn about(&self) -> serde_json::Value {
        json!({ "cohort": self.cohort })
    }

    fn perform(&self, tx: &mut Tx) -> Result<RunId, Refused> {
        let (id, by, at) = (RunId::new(), tx.by().person()?, tx.now());
        tx.put(
            print_run::rows,
            (
                print_run::id.eq(id),
                print_run::cohort.eq(self.cohort.0),
                print_run::account_id.eq(by),
                print_run::asked_at.eq(at),
            ),
        )?;
        for student in &self.students {
            tx.put(
                print_item::rows,
                (
                    print_item::run_id.eq(id),
                    print_item::student_id.eq(*student),
                    print_item::state.eq("waiting".to_owned()),
                ),
            )?;
        }
        Ok(id)
    }
}

/// Stops a run after the lot in hand, or goes on with it.
#[derive(Serialize)]
pub struct PauseRun {
    run: RunId,
    paused: bool,
}

impl PauseRun {
    /// # Errors
    /// [`Refused::Conflict`] when no run of the cohort is under way.
    pub fn prepare(tx: &mut Tx, _: WholeSchool, cohort: Cohort, paused: bool) -> Result<Self, Refused> {
        let run: Option<RunId> = tx
            .own(print_run::rows)
            .filter(print_run::cohort.eq(cohort.0))
            .filter(print_run::finished_at.is_null())
            .select(print_run::id)
            .first(tx.conn())
            .optional()?;
        let run = run.ok_or_else(|| Refused::conflict("这一届现在没有在制作，不用暂停。"))?;
        Ok(PauseRun { run, paused })
    }
}

impl Act for PauseRun {
    const VERB: &'static str = "print_run_paused";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "run": self.run, "paused": self.paused })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let at = self.paused.then(|| tx.now());
        let run = tx.own(print_run::rows).filter(print_run::id.eq(self.run));
        diesel::update(run).set(print_run::paused_at.eq(at)).execute(tx.conn())?;
        Ok(())
    }
}

/// The schools with a run under way.
pub fn runs_waiting(look: &mut Look<EverySchool>) -> Result<Vec<SchoolId>, Refused> {
    Ok(look
        .process(print_run::rows)
        .filter(print_run::finished_at.is_null())
        .filter(print_run::paused_at.is_null())
        .select(print_run::school_id)
        .distinct()
        .load(look.conn())?)
}

/// What the school's oldest run still waits for, and the cohort it prints.
pub fn waiting_in(look: &mut Look) -> Result<Option<(RunId, Cohort, Vec<StudentId>)>, Refused> {
    let rows: Vec<(RunId, Cohort, StudentId)> = look
        .own(print_run::rows)
        .inner_join(
            print_item::joined()
                .on(print_item::school_id.eq(print_run::school_id).and(print_item::run_id.eq(print_run::id))),
        )
        .filter(print_run::finished_at.is_null())
        .filter(print_run::paused_at.is_null())
        .filter(print_item::state.eq("waiting"))
        .order((print_run::id, print_item::student_id))
        .select((print_run::id, print_run::cohort, print_item::student_id))
        .load(look.conn())?;
    let Some((run, cohort, _)) = rows.first().copied() else { return Ok(None) };
    let waiting = rows.into_iter().take_while(|(of, ..)| *of == run).map(|(.., student)| student).collect();
    Ok(Some((run, cohort, waiting)))
}

/// Closes the run when nothing waits any more.
pub(super) fn finish(tx: &mut Tx, run: RunId) -> Result<(), Refused> {
    let waiting: i64 = tx
        .own(print_item::rows)
        .filter(print_item::run_id.eq(run))
        .filter(print_item::state.eq("waiting"))
        .count()
        .get_result(tx.conn())?;
    if waiting == 0 {
        let now = tx.now();
        let done = tx.own(print_run::rows).filter(print_run::id.eq(run));
        diesel::update(done).set(print_run::finished_at.eq(now)).execute(tx.conn())?;
    }
    Ok(())
}

/// How far a run is, class by class in class order.
#[derive(Clone, Debug)]
pub struct RunProgress {
    pub asked_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
    pub paused: bool,
    pub classes: Vec<ClassProgress>,
}

#[derive(Clone, Debug)]
pub struct ClassProgress {
    pub class: ClassName,
    pub all: usize,
    pub done: usize,
    /// Seat, name and reason of those that could not be printed, in seat order.
    pub failed: Vec<(i32, String, String)>,
}

/// The newest run of a cohort.
pub fn latest_run(look: &mut Look, whole: WholeSchool, cohort: Cohort) -> Result<Option<RunProgress>, Refused> {
    let run: Option<(RunId, NaiveDateTime, Option<NaiveDateTime>, Option<NaiveDateTime>)> = look
        .own(print_run::rows)
        .filter(print_run::cohort.eq(cohort.0))
        .order(print_run::id.desc())
        .select((print_run::id, print_run::asked_at, print_run::finished_at, print_run::paused_at))
        .first(look.conn())
        .optional()?;
    let Some((run, asked_at, finished_at, paused_at)) = run else { return Ok(None) };
    let rows: Vec<(StudentId, String, Option<String>)> = look
        .own(print_item::rows)
        .filter(print_item::run_id.eq(run))
        .select((print_item::student_id, print_item::state, print_item::reason))
        .load(look.conn())?;
    let states: HashMap<StudentId, (String, Option<String>)> =
        rows.into_iter().map(|(student, state, reason)| (student, (state, reason))).collect();
    let all: Vec<Issued> =
        issued(look, whole, cohort)?.into_iter().filter(|one| states.contains_key(&one.student)).collect();
    let failed: Vec<Issued> = all.iter().filter(|one| states[&one.student].0 == "failed").cloned().collect();
    let named = names_and_seats(look, &failed)?;
    let mut classes: Vec<ClassProgress> = Vec::new();
    for one in &all {
        let class = ClassName { cohort, number: one.class_number };
        if classes.last().is_none_or(|last| last.class != class) {
            classes.push(ClassProgress { class, all: 0, done: 0, failed: Vec::new() });
        }
        let Some(counted) = classes.last_mut() else { continue };
        let (state, reason) = &states[&one.student];
        counted.all += 1;
        counted.done += usize::from(state == "done");
        if let Some((name, seat)) = named.get(&one.student) {
            counted.failed.push((*seat, name.clone(), reason.clone().unwrap_or_default()));
        }
    }
    for class in &mut classes {
        class.failed.sort_unstable();
    }
    Ok(Some(RunProgress { asked_at, finished_at, paused: paused_at.is_some(), classes }))
}
