//! Photos go by themselves in every process that serves: a minute after consent was
//! taken back their rows go, and some minutes later the bytes, when nobody else holds
//! them. Hidden they are at once. A kept portfolio with such a photo in it goes as well,
//! and is made anew without the photo.

use super::beside::go_on;
use crate::access::{Door, Operator, Refused, SchoolOffice};
use crate::names::StudentId;
use crate::portfolio::{SetAside, delete_withdrawn, print_and_keep, to_make_again};
use crate::record::evidence::{LOOSE_FOR, PhotosWithdrawn, delete_loose, withdrawn};
use crate::roster::schools;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(60);

pub fn start(door: Door) {
    go_on("photos that should go did not all go", EVERY, EVERY, async move || once(&door).await.map(|()| false));
}

/// Removes the photos whose consent is gone, with the prints they are in, and deletes what
/// nobody holds.
///
/// # Errors
/// What the database or the file store says; the rest goes the next time.
pub async fn once(door: &Door) -> Result<(), Refused> {
    let operator = Operator::at(door);
    let mut again = Vec::new();
    for school in operator.process().look(schools).await? {
        let office = operator.school_office(&school.code).await?;
        let whole = office.whole_school();
        if office.look(move |look| withdrawn(look, whole)).await?.is_empty() {
            continue;
        }
        // First: when the photos are gone, nobody knows any more why.
        match office.try_act(move |tx| SetAside::prepare(tx, whole)).await {
            Ok(Ok(students)) => again.push((office.clone(), students)),
            Ok(Err(())) => {}
            Err(other) => return Err(other),
        }
        match office.act(move |tx| PhotosWithdrawn::prepare(tx, whole)).await {
            // Another process was quicker, or consent was given again.
            Ok(()) | Err(Refused::Conflict(_)) => {}
            Err(other) => return Err(other),
        }
    }
    delete_withdrawn(door).await?;
    delete_loose(door, door.house().clock.now() - LOOSE_FOR).await?;
    for (office, students) in again {
        make_again(&office, students).await?;
    }
    Ok(())
}

/// Prints anew what was set aside. What cannot be printed waits for the office, whose page
/// says so.
async fn make_again(office: &SchoolOffice, students: Vec<StudentId>) -> Result<(), Refused> {
    let whole = office.whole_school();
    let wanted = office.look(move |look| to_make_again(look, whole, &students)).await?;
    print_and_keep(office, None, wanted, 1).await?;
    Ok(())
}
