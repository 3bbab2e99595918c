use super::run::{Batch, Run, newest_run};
use crate::access::own::{print_item, print_run};
use crate::access::{Look, Refused, Tx};
use crate::cycle::{Seated, SignedClass};
use crate::names::{RunId, StudentId};
use diesel::prelude::*;
use std::collections::HashMap;

/// How far one file of a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    Waiting,
    Done,
    Failed,
}

impl ItemState {
    pub fn code(self) -> &'static str {
        match self {
            ItemState::Waiting => "waiting",
            ItemState::Done => "done",
            ItemState::Failed => "failed",
        }
    }

    fn of(code: &str) -> Self {
        match code {
            "done" => ItemState::Done,
            "failed" => ItemState::Failed,
            _ => ItemState::Waiting,
        }
    }
}

/// One file of a run.
#[derive(Clone, Debug)]
pub struct Item {
    pub state: ItemState,
    /// Why it could not be printed.
    pub reason: Option<String>,
    /// SHA-256 and pages of a report that is printed; a portfolio has its own row.
    pub pdf: Option<(String, i32)>,
}

impl Item {
    pub(super) fn done(pdf: Option<(String, i32)>) -> Self {
        Item { state: ItemState::Done, reason: None, pdf }
    }

    pub(super) fn failed(why: &str) -> Self {
        Item { state: ItemState::Failed, reason: Some(why.to_owned()), pdf: None }
    }
}

/// The files of a run, pupil by pupil.
pub(super) fn items(look: &mut Look, run: RunId) -> Result<HashMap<StudentId, Item>, Refused> {
    type Row = (StudentId, String, Option<String>, Option<String>, Option<i32>);
    let rows: Vec<Row> = look
        .own(print_item::rows)
        .filter(print_item::run_id.eq(run))
        .select((
            print_item::student_id,
            print_item::state,
            print_item::reason,
            print_item::pdf_sha256,
            print_item::pages,
        ))
        .load(look.conn())?;
    let item = |state: &str, reason, sha256: Option<String>, pages| Item {
        state: ItemState::of(state),
        reason,
        pdf: sha256.zip(pages),
    };
    Ok(rows
        .into_iter()
        .map(|(student, state, reason, sha256, pages)| (student, item(&state, reason, sha256, pages)))
        .collect())
}

/// The newest run of a class's term reports.
#[derive(Clone, Debug)]
pub struct ReportsRun {
    pub run: Run,
    /// In seat order; a pupil who came to the class since is not among them.
    pub items: Vec<(Seated, Item)>,
}

/// How far the reports of a signed class are, if a run was ever started.
pub fn reports_run(look: &mut Look, signed: &SignedClass) -> Result<Option<ReportsRun>, Refused> {
    let Some(run) = newest_run(look, Batch::reports(signed))? else { return Ok(None) };
    let mut items = items(look, run.id)?;
    let known = signed.pupils().iter().filter_map(|pupil| Some((pupil.clone(), items.remove(&pupil.id)?)));
    Ok(Some(ReportsRun { run, items: known.collect() }))
}

/// Writes down what became of one pupil's file.
pub(super) fn settle(tx: &mut Tx, run: RunId, student: StudentId, item: Item) -> Result<(), Refused> {
    let (sha256, pages) = item.pdf.unzip();
    let row = tx.own(print_item::rows).filter(print_item::run_id.eq(run)).filter(print_item::student_id.eq(student));
    diesel::update(row)
        .set((
            print_item::state.eq(item.state.code().to_owned()),
            print_item::reason.eq(item.reason),
            print_item::pdf_sha256.eq(sha256),
            print_item::pages.eq(pages),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Closes the run when nothing waits any more.
pub(super) fn finish(tx: &mut Tx, run: RunId) -> Result<(), Refused> {
    let waiting: i64 = tx
        .own(print_item::rows)
        .filter(print_item::run_id.eq(run))
        .filter(print_item::state.eq(ItemState::Waiting.code()))
        .count()
        .get_result(tx.conn())?;
    if waiting == 0 {
        let now = tx.now();
        let done = tx.own(print_run::rows).filter(print_run::id.eq(run));
        diesel::update(done).set(print_run::finished_at.eq(now)).execute(tx.conn())?;
    }
    Ok(())
}
