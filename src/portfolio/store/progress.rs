use super::issued::{Issued, issued, names_and_seats};
use super::run::{Batch, Run, newest_run};
use super::run_items::{ItemState, items};
use crate::access::{Look, Refused, WholeSchool};
use crate::names::{ClassName, Cohort};

/// How far a cohort's run is, class by class in class order.
#[derive(Clone, Debug)]
pub struct RunProgress {
    pub run: Run,
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

/// The newest run of a cohort's portfolios.
pub fn latest_run(look: &mut Look, whole: WholeSchool, cohort: Cohort) -> Result<Option<RunProgress>, Refused> {
    let Some(run) = newest_run(look, Batch::Portfolios { cohort })? else { return Ok(None) };
    let items = items(look, run.id)?;
    let all: Vec<Issued> =
        issued(look, whole, cohort)?.into_iter().filter(|one| items.contains_key(&one.student)).collect();
    let has_failed = |one: &&Issued| items[&one.student].state == ItemState::Failed;
    let failed: Vec<Issued> = all.iter().filter(has_failed).cloned().collect();
    let named = names_and_seats(look, &failed)?;
    let mut classes: Vec<ClassProgress> = Vec::new();
    for one in &all {
        let class = ClassName { cohort, number: one.class_number };
        if classes.last().is_none_or(|last| last.class != class) {
            classes.push(ClassProgress { class, all: 0, done: 0, failed: Vec::new() });
        }
        let Some(counted) = classes.last_mut() else { continue };
        let item = &items[&one.student];
        counted.all += 1;
        counted.done += usize::from(item.state == ItemState::Done);
        if let Some((name, seat)) = named.get(&one.student) {
            counted.failed.push((*seat, name.clone(), item.reason.clone().unwrap_or_default()));
        }
    }
    for class in &mut classes {
        class.failed.sort_unstable();
    }
    Ok(Some(RunProgress { run, classes }))
}
