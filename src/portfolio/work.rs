//! The work behind a print run: taken in small lots, kept lot by lot, safe to do
//! twice. What a killed process had not kept is simply printed again.

use super::press::print_portfolio;
use super::report::{ReportOf, TEMPLATE, report_data, reports_of_class};
use super::store::{
    Batch, Issued, KeepPrints, KeepReports, Print, PrintFailed, PrintsArriving, ReportPrint, issued, photos_to_print,
    sealed_bytes, waiting_in,
};
use crate::access::{House, Look, Refused, SchoolOffice, off_the_loop};
use crate::cycle::SignedClass;
use crate::names::{ClassId, RunId, StudentId, Term};
use crate::platform::files::sha256_hex;
use crate::platform::typeset::{Misprint, Press};
use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Files between two lines of the journal.
const LOT: usize = 20;

/// A file that was printed, or what could not be.
type Outcome<P> = Result<P, PrintFailed>;

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
        let outcomes = print_lot(office, lot.to_vec(), hands).await?;
        let (printed, failed) = sorted(outcomes);
        all_failed.extend(failed.iter().cloned());
        if run.is_some() || !printed.is_empty() {
            office.act(move |_| Ok(KeepPrints { run, printed, failed })).await?;
        }
    }
    Ok(all_failed)
}

fn sorted<P>(outcomes: Vec<Outcome<P>>) -> (Vec<P>, Vec<PrintFailed>) {
    let (mut printed, mut failed) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(print) => printed.push(print),
            Err(one) => failed.push(one),
        }
    }
    (printed, failed)
}

/// A sealed portfolio on its way to the press: its bytes, and which of its photos may be
/// in it. Both are empty for one that is printed already.
type ToPrint = (Issued, Vec<u8>, BTreeSet<String>);

fn to_print(look: &mut Look, lot: Vec<Issued>) -> Result<Vec<ToPrint>, Refused> {
    let mut sealed = Vec::with_capacity(lot.len());
    for one in lot {
        let bytes = if one.pdf_sha256.is_none() { sealed_bytes(look, &one.sealed_sha256)? } else { Vec::new() };
        sealed.push((one, bytes));
    }
    let photos = photos_to_print(look, &sealed)?;
    Ok(sealed.into_iter().zip(photos).map(|((one, bytes), photos)| (one, bytes, photos)).collect())
}

/// A print and its files, which are not written yet.
struct Fresh {
    print: Print,
    files: Vec<Vec<u8>>,
}

async fn print_lot(office: &SchoolOffice, lot: Vec<Issued>, hands: usize) -> Result<Vec<Outcome<Print>>, Refused> {
    let lot = office.look(move |look| to_print(look, lot)).await?;
    let fresh = in_hands(office.house().clone(), hands, lot, print_one).await?;
    // A process killed between file and row leaves no picture behind for ever.
    let made = fresh.iter().filter_map(|one| one.as_ref().ok());
    let pictured = made.filter(|one| !one.print.photos.is_empty()).map(|one| one.print.pdf_sha256.clone());
    let pictured: Vec<String> = pictured.collect();
    if !pictured.is_empty() {
        office.act(move |_| Ok(PrintsArriving { files: pictured })).await?;
    }
    let store = office.house().files.clone();
    off_the_loop(move || {
        let written = |one: Outcome<Fresh>| match one {
            Ok(Fresh { print, files }) => {
                files.iter().try_for_each(|bytes| store.put(bytes).map(drop))?;
                Ok(Ok(print))
            }
            Err(failed) => Ok(Err(failed)),
        };
        fresh.into_iter().map(written).collect()
    })
    .await
}

/// Prints each of `items` on one of `hands` threads.
async fn in_hands<I, P>(
    house: House,
    hands: usize,
    items: Vec<I>,
    print: impl Fn(&House, &Press, &I) -> Result<Outcome<P>, Refused> + Send + Sync + 'static,
) -> Result<Vec<Outcome<P>>, Refused>
where
    I: Send + Sync + 'static,
    P: Send + 'static,
{
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        let next = AtomicUsize::new(0);
        let print_some = || {
            let mut outcomes = Vec::new();
            while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                outcomes.push(print(&house, press, item)?);
            }
            Ok::<_, Refused>(outcomes)
        };
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..hands).map(|_| scope.spawn(print_some)).collect();
            let mut all: Vec<Outcome<P>> = print_some()?;
            for other in others {
                all.extend(other.join().map_err(|_| Refused::broken("a printing thread stopped"))??);
            }
            Ok(all)
        })
    })
    .await
}

fn print_one(house: &House, press: &Press, (one, bytes, photos): &ToPrint) -> Result<Outcome<Fresh>, Refused> {
    let print = |pdf_sha256, credential_sha256, pages, photos| Print {
        student: one.student,
        version: one.version,
        sealed_sha256: one.sealed_sha256.clone(),
        pdf_sha256,
        credential_sha256,
        pages,
        photos,
    };
    if let Some(kept) = &one.pdf_sha256 {
        let print = print(kept.clone(), one.credential_sha256.clone(), 0, Vec::new());
        return Ok(Ok(Fresh { print, files: Vec::new() }));
    }
    Ok(match print_portfolio(press, house, bytes, photos) {
        Ok(made) => {
            let credential = made.credential.into_bytes();
            let hashes = (sha256_hex(&made.pdf), Some(sha256_hex(&credential)));
            Ok(Fresh { print: print(hashes.0, hashes.1, made.pages, made.photos), files: vec![credential, made.pdf] })
        }
        Err(misprint) => Err(PrintFailed { student: one.student, why: misprint.to_string() }),
    })
}

/// Whether the county's own templates print these portfolios as an archive wants them:
/// nothing is kept. The built-in templates are not tried.
///
/// # Errors
/// [`Refused::Invalid`] with what is wrong, in which template and line.
pub async fn try_portfolios(office: &SchoolOffice, some: Vec<Issued>) -> Result<(), Refused> {
    let some: Vec<Issued> = some.into_iter().map(|one| Issued { pdf_sha256: None, ..one }).collect();
    let sealed = office.look(move |look| to_print(look, some)).await?;
    tried(office, move |house, press| {
        sealed.iter().try_for_each(|(_, bytes, photos)| print_portfolio(press, house, bytes, photos).map(drop))
    })
    .await
}

/// As [`try_portfolios`], the first report of a class.
///
/// # Errors
/// As there.
pub async fn try_report(office: &SchoolOffice, class: ClassId, term: Term) -> Result<(), Refused> {
    let whole = office.whole_school();
    let first = office
        .look(move |look| {
            let signed = SignedClass::of_school(look, whole, class, term)?;
            Ok(reports_of_class(look, whole, &signed)?.into_iter().next())
        })
        .await?;
    let Some((_, name, report)) = first else { return Ok(()) };
    let data = report_data(&report, &name, &office.house().county)?;
    tried(office, move |_, press| press.print(TEMPLATE, data).map(drop)).await
}

async fn tried(
    office: &SchoolOffice,
    print: impl FnOnce(&House, &Press) -> Result<(), Misprint> + Send + 'static,
) -> Result<(), Refused> {
    let house = office.house().clone();
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        if !press.is_adapted() {
            return Ok(());
        }
        match print(&house, press) {
            // A name that no font can print is that pupil's, not the template's.
            Err(why @ Misprint::Template(_)) => Err(Refused::invalid("", why.to_string())),
            _ => Ok(()),
        }
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
    let Some((run, batch, waiting)) = office.look(waiting_in).await? else { return Ok(false) };
    match batch {
        Batch::Portfolios { cohort } => {
            let lot = office.look(move |look| Ok(pick(&waiting, issued(look, whole, cohort)?))).await?;
            let worked = !lot.is_empty();
            // One thread: the others are for those who wait for a page.
            print_and_keep(office, Some(run), lot, 1).await?;
            Ok(worked)
        }
        Batch::Reports { class, term, .. } => {
            print_reports(office, run, (class, term), waiting).await?;
            Ok(true)
        }
    }
}

/// Prints one lot of a class's reports as they stand now, and keeps it.
async fn print_reports(
    office: &SchoolOffice,
    run: RunId,
    (class, term): (ClassId, Term),
    mut lot: Vec<StudentId>,
) -> Result<(), Refused> {
    lot.truncate(LOT);
    let whole = office.whole_school();
    let mut reports = office
        .look(move |look| match SignedClass::of_school(look, whole, class, term) {
            Ok(signed) => reports_of_class(look, whole, &signed),
            // Everyone has left the class meanwhile.
            Err(Refused::NotFound) => Ok(Vec::new()),
            Err(refused) => Err(refused),
        })
        .await?;
    reports.retain(|(student, ..)| lot.contains(student));
    let gone = lot.into_iter().filter(|student| reports.iter().all(|(there, ..)| there != student));
    let gone = gone.map(|student| PrintFailed { student, why: "已经不在这个班".to_owned() });
    let gone: Vec<PrintFailed> = gone.collect();
    let outcomes = in_hands(office.house().clone(), 1, reports, print_report).await?;
    let (printed, mut failed) = sorted(outcomes);
    failed.extend(gone);
    office.act(move |_| Ok(KeepReports { run, class, term, printed, failed })).await
}

fn print_report(
    house: &House,
    press: &Press,
    (student, name, report): &(StudentId, String, ReportOf),
) -> Result<Outcome<ReportPrint>, Refused> {
    let (student, data) = (*student, report_data(report, name, &house.county)?);
    Ok(match press.print(TEMPLATE, data) {
        Ok(made) => Ok(ReportPrint { student, pdf_sha256: house.files.put(&made.pdf)?, pages: made.pages }),
        Err(misprint) => Err(PrintFailed { student, why: misprint.to_string() }),
    })
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
