//! The work behind a print run: taken in small lots, kept lot by lot, safe to do
//! twice. What a killed process had not kept is simply printed again.

use super::press::print_portfolio;
use super::store::{Issued, KeepPrints, Print, PrintFailed, issued, sealed_bytes, waiting_in};
use crate::access::{House, Refused, SchoolOffice, off_the_loop};
use crate::names::{RunId, StudentId};
use crate::platform::typeset::{Misprint, Press};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Portfolios between two lines of the journal.
const LOT: usize = 20;

enum Outcome {
    Printed(Print),
    Failed(PrintFailed),
}

/// Prints what is not printed yet of `wanted`, in lots, on `hands` threads, and
/// keeps each lot. Says which could not be printed, and why.
///
/// # Errors
/// [`Refused::Conflict`] when the fonts are missing; what the database refuses.
pub async fn print_and_keep(
    office: &SchoolOffice,
    run: Option<RunId>,
    wanted: Vec<Issued>,
    hands: usize,
) -> Result<Vec<PrintFailed>, Refused> {
    let mut all_failed = Vec::new();
    for lot in wanted.chunks(LOT) {
        let (house, lot) = (office.house().clone(), lot.to_vec());
        let outcomes = print_lot(office, lot, hands, house).await?;
        let (mut printed, mut failed) = (Vec::new(), Vec::new());
        for outcome in outcomes {
            match outcome {
                Outcome::Printed(print) => printed.push(print),
                Outcome::Failed(one) => failed.push(one),
            }
        }
        all_failed.extend(failed.iter().cloned());
        if run.is_some() || !printed.is_empty() {
            office.act(move |_| Ok(KeepPrints { run, printed, failed })).await?;
        }
    }
    Ok(all_failed)
}

async fn print_lot(
    office: &SchoolOffice,
    lot: Vec<Issued>,
    hands: usize,
    house: House,
) -> Result<Vec<Outcome>, Refused> {
    let with_bytes: Vec<(Issued, Vec<u8>)> = office
        .look(move |look| {
            lot.into_iter()
                .map(|one| {
                    let bytes =
                        if one.pdf_sha256.is_none() { sealed_bytes(look, &one.sealed_sha256)? } else { Vec::new() };
                    Ok((one, bytes))
                })
                .collect()
        })
        .await?;
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        let (next, with_bytes) = (AtomicUsize::new(0), Arc::new(with_bytes));
        let print_some = || {
            let mut outcomes = Vec::new();
            while let Some((one, bytes)) = with_bytes.get(next.fetch_add(1, Ordering::Relaxed)) {
                outcomes.push(print_one(&house, press, one, bytes)?);
            }
            Ok::<_, Refused>(outcomes)
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..hands).map(|_| scope.spawn(print_some)).collect();
            let mut all: Vec<Outcome> = print_some()?;
            for other in others {
                all.extend(other.join().map_err(|_| Refused::broken("a printing thread stopped"))??);
            }
            Ok(all)
        })
    })
    .await
}

fn print_one(house: &House, press: &Press, one: &Issued, bytes: &[u8]) -> Result<Outcome, Refused> {
    let print = |pdf_sha256, credential_sha256, pages| {
        Outcome::Printed(Print {
            student: one.student,
            version: one.version,
            sealed_sha256: one.sealed_sha256.clone(),
            pdf_sha256,
            credential_sha256,
            pages,
        })
    };
    if let Some(kept) = &one.pdf_sha256 {
        return Ok(print(kept.clone(), one.credential_sha256.clone(), 0));
    }
    match print_portfolio(press, house, bytes) {
        Ok(made) => {
            let credential = house.files.put(made.credential.as_bytes())?;
            Ok(print(house.files.put(&made.pdf)?, Some(credential), made.pages))
        }
        Err(misprint) => Ok(Outcome::Failed(PrintFailed { student: one.student, why: misprint.to_string() })),
    }
}

/// Whether the county's own templates print these portfolios as an archive wants them:
/// nothing is kept. The built-in templates are not tried.
///
/// # Errors
/// [`Refused::Invalid`] with what is wrong, in which template and line.
pub async fn try_template(office: &SchoolOffice, some: Vec<Issued>) -> Result<(), Refused> {
    let house = office.house().clone();
    if !house.press.press().map_err(Refused::conflict)?.is_adapted() {
        return Ok(());
    }
    let sealed: Vec<Vec<u8>> =
        office.look(move |look| some.iter().map(|one| sealed_bytes(look, &one.sealed_sha256)).collect()).await?;
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        for bytes in sealed {
            // A name that no font can print is that pupil's, not the template's.
            if let Err(why @ Misprint::Template(_)) = print_portfolio(press, &house, &bytes) {
                return Err(Refused::invalid("", why.to_string()));
            }
        }
        Ok(())
    })
    .await
}

/// As many threads as the machine has, for a command that does nothing else.
pub fn all_hands() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does one lot of the school's oldest unfinished run; whether there was anything.
pub async fn work_at_runs(office: &SchoolOffice) -> Result<bool, Refused> {
    let whole = office.whole_school();
    let lot = office
        .look(move |look| {
            let Some((run, cohort, waiting)) = waiting_in(look)? else { return Ok(None) };
            Ok(Some((run, pick(&waiting, issued(look, whole, cohort)?))))
        })
        .await?;
    let Some((run, lot)) = lot else { return Ok(false) };
    let worked = !lot.is_empty();
    // One thread: the others are for those who wait for a page.
    print_and_keep(office, Some(run), lot, 1).await?;
    Ok(worked)
}

/// A lot of what waits, class by class, so that a class can be taken away as soon as
/// it is done; each process begins at a class of its own, and two seldom print the same.
fn pick(waiting: &[StudentId], mut issued: Vec<Issued>) -> Vec<Issued> {
    issued.retain(|one| waiting.contains(&one.student));
    let mut classes: Vec<i32> = issued.iter().map(|one| one.class_number).collect();
    classes.dedup();
    let begin = classes.get(std::process::id() as usize % classes.len().max(1)).copied();
    let at = issued.iter().position(|one| Some(one.class_number) == begin).unwrap_or(0);
    issued.rotate_left(at);
    issued.truncate(LOT);
    issued
}
