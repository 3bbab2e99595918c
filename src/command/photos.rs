//! Photos go by themselves in every process that serves: a minute after consent was
//! taken back their rows go, and some minutes later the bytes, when nobody else holds
//! them. Hidden they are at once.

use super::beside::go_on;
use crate::access::{Door, Operator, Refused};
use crate::record::evidence::{LOOSE_FOR, PhotosWithdrawn, delete_loose, withdrawn};
use crate::roster::schools;
use std::time::Duration;

const EVERY: Duration = Duration::from_secs(60);

pub fn start(door: Door) {
    go_on("photos that should go did not all go", EVERY, EVERY, async move || once(&door).await.map(|()| false));
}

/// Removes the photos whose consent is gone, and deletes what nobody holds.
///
/// # Errors
/// What the database or the file store says; the rest goes the next time.
pub async fn once(door: &Door) -> Result<(), Refused> {
    let operator = Operator::at(door);
    for school in operator.process().look(schools).await? {
        let office = operator.school_office(&school.code).await?;
        let whole = office.whole_school();
        if office.look(move |look| withdrawn(look, whole)).await?.is_empty() {
            continue;
        }
        match office.act(move |tx| PhotosWithdrawn::prepare(tx, whole)).await {
            // Another process was quicker, or consent was given again.
            Ok(()) | Err(Refused::Conflict(_)) => {}
            Err(other) => return Err(other),
        }
    }
    delete_loose(door, door.house().clock.now() - LOOSE_FOR).await?;
    Ok(())
}
