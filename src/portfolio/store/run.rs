use super::issued::issued;
use super::run_items::{ItemState, items};
use crate::access::own::{print_item, print_run};
use crate::access::{Act, EverySchool, Look, Refused, Tx, WholeSchool};
use crate::cycle::SignedClass;
use crate::names::{ClassId, Cohort, RunId, SchoolId, StudentId, Term};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

/// What a print run makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Batch {
    /// The portfolios of a cohort.
    Portfolios { cohort: Cohort },
    /// The term reports of a signed class.
    Reports { cohort: Cohort, class: ClassId, term: Term },
}

impl Batch {
    pub fn reports(signed: &SignedClass) -> Self {
        let class = signed.class();
        Batch::Reports { cohort: class.name.cohort, class: class.id, term: signed.term() }
    }

    fn of(cohort: Cohort, class: Option<(ClassId, Term)>) -> Self {
        match class {
            Some((class, term)) => Batch::Reports { cohort, class, term },
            None => Batch::Portfolios { cohort },
        }
    }

    fn cohort(self) -> Cohort {
        match self {
            Batch::Portfolios { cohort } | Batch::Reports { cohort, .. } => cohort,
        }
    }

    fn class_and_term(self) -> Option<(ClassId, Term)> {
        match self {
            Batch::Portfolios { .. } => None,
            Batch::Reports { class, term, .. } => Some((class, term)),
        }
    }
}

/// A run: asked for when, ended or paused when.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Run {
    pub id: RunId,
    pub asked_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
    pub paused_at: Option<NaiveDateTime>,
}

/// The newest run of a batch; at most this one is under way.
pub(super) fn newest_run(look: &mut Look, batch: Batch) -> Result<Option<Run>, Refused> {
    let mut runs = look
        .own(print_run::rows)
        .filter(print_run::cohort.eq(batch.cohort().0))
        .order(print_run::id.desc())
        .select((print_run::id, print_run::asked_at, print_run::finished_at, print_run::paused_at))
        .into_boxed();
    runs = match batch.class_and_term() {
        Some((class, term)) => runs.filter(print_run::class_id.eq(class)).filter(print_run::term.eq(term)),
        None => runs.filter(print_run::class_id.is_null()),
    };
    Ok(runs.first(look.conn()).optional()?)
}

/// A pupil's file that a run begins with: to be printed, or printed by the run before.
#[derive(Serialize)]
struct Begun {
    student: StudentId,
    #[serde(skip)]
    printed: Option<(String, i32)>,
}

/// Starts printing a batch, or what failed of it once more.
#[derive(Serialize)]
pub struct StartRun {
    batch: Batch,
    students: Vec<Begun>,
}

impl StartRun {
    /// All portfolios of a cohort; those made already stay as they are.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a cohort without sealed portfolios;
    /// [`Refused::Conflict`] while a run of it is under way.
    pub fn portfolios(tx: &mut Tx, whole: WholeSchool, cohort: Cohort) -> Result<Self, Refused> {
        let to_print = |student| Begun { student, printed: None };
        let students: Vec<Begun> = issued(tx, whole, cohort)?.into_iter().map(|one| to_print(one.student)).collect();
        if students.is_empty() {
            return Err(Refused::NotFound);
        }
        let batch = Batch::Portfolios { cohort };
        refuse_under_way(newest_run(tx, batch)?, "这一届正在打印，不用再点。看看下面的进度。")?;
        Ok(StartRun { batch, students })
    }

    /// The term reports of a signed class as its term stands now; with `only_failed`
    /// those that the last run printed stay as they are.
    ///
    /// # Errors
    /// [`Refused::Conflict`] while a run of it is under way.
    pub fn reports(tx: &mut Tx, signed: &SignedClass, only_failed: bool) -> Result<Self, Refused> {
        let batch = Batch::reports(signed);
        let last = newest_run(tx, batch)?;
        refuse_under_way(last, "这个班的报告单正在打印，不用再点。看看下面的进度。")?;
        let mut printed = match last.filter(|_| only_failed) {
            Some(last) => items(tx, last.id)?,
            None => HashMap::new(),
        };
        let students = signed.ids().into_iter();
        let begun = |student| Begun { student, printed: printed.remove(&student).and_then(|item| item.pdf) };
        Ok(StartRun { batch, students: students.map(begun).collect() })
    }
}

fn refuse_under_way(last: Option<Run>, why: &str) -> Result<(), Refused> {
    match last {
        Some(run) if run.finished_at.is_none() => Err(Refused::conflict(why)),
        _ => Ok(()),
    }
}

impl Act for StartRun {
    const VERB: &'static str = "print_run_started";
    type Done = RunId;

    fn about(&self) -> serde_json::Value {
        match self.batch {
            Batch::Portfolios { cohort } => json!({ "cohort": cohort }),
            Batch::Reports { class, term, .. } => json!({ "class": class, "term": term }),
        }
    }

    fn perform(&self, tx: &mut Tx) -> Result<RunId, Refused> {
        let (id, by, at) = (RunId::new(), tx.by().person()?, tx.now());
        let (class, term) = self.batch.class_and_term().unzip();
        tx.put(
            print_run::rows,
            (
                print_run::id.eq(id),
                print_run::cohort.eq(self.batch.cohort().0),
                print_run::account_id.eq(by),
                print_run::asked_at.eq(at),
                (print_run::class_id.eq(class), print_run::term.eq(term)),
            ),
        )?;
        for begun in &self.students {
            let (sha256, pages) = begun.printed.clone().unzip();
            let state = if sha256.is_some() { ItemState::Done } else { ItemState::Waiting };
            tx.put(
                print_item::rows,
                (
                    print_item::run_id.eq(id),
                    print_item::student_id.eq(begun.student),
                    print_item::state.eq(state.code().to_owned()),
                    (print_item::pdf_sha256.eq(sha256), print_item::pages.eq(pages)),
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
    /// [`Refused::Conflict`] when no run of the batch is under way.
    pub fn prepare(tx: &mut Tx, _: WholeSchool, batch: Batch, paused: bool) -> Result<Self, Refused> {
        let run = newest_run(tx, batch)?.filter(|run| run.finished_at.is_none());
        let run = run.ok_or_else(|| Refused::conflict("现在没有在制作，不用暂停。"))?;
        Ok(PauseRun { run: run.id, paused })
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

/// What the school's oldest run makes, and for whom it still waits.
pub fn waiting_in(look: &mut Look) -> Result<Option<(RunId, Batch, Vec<StudentId>)>, Refused> {
    let rows: Vec<(RunId, Cohort, Option<ClassId>, Option<Term>, StudentId)> = look
        .own(print_run::rows)
        .inner_join(
            print_item::joined()
                .on(print_item::school_id.eq(print_run::school_id).and(print_item::run_id.eq(print_run::id))),
        )
        .filter(print_run::finished_at.is_null())
        .filter(print_run::paused_at.is_null())
        .filter(print_item::state.eq(ItemState::Waiting.code()))
        .order((print_run::id, print_item::student_id))
        .select((print_run::id, print_run::cohort, print_run::class_id, print_run::term, print_item::student_id))
        .load(look.conn())?;
    let Some((run, cohort, class, term, _)) = rows.first().copied() else { return Ok(None) };
    let waiting = rows.into_iter().take_while(|(of, ..)| *of == run).map(|(.., student)| student).collect();
    Ok(Some((run, Batch::of(cohort, class.zip(term)), waiting)))
}
