//! Print runs go on beside the pages, in every process that serves.

use super::beside::go_on;
use crate::access::{Door, Operator, Refused};
use crate::portfolio::{runs_waiting, work_at_runs};
use crate::roster::schools;
use std::time::Duration;

const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

pub fn start(door: Door) {
    go_on("a print run did not go on", BETWEEN_LOOKS, BETWEEN_LOOKS * 15, async move || once(&door).await);
}

/// One lot for each school with a run under way; whether there was anything to do.
async fn once(door: &Door) -> Result<bool, Refused> {
    let operator = Operator::at(door);
    let (waiting, schools) = operator.process().look(|look| Ok((runs_waiting(look)?, schools(look)?))).await?;
    let mut worked = false;
    for school in schools.into_iter().filter(|school| waiting.contains(&school.id)) {
        worked |= work_at_runs(&operator.school_office(&school.code).await?).await?;
    }
    Ok(worked)
}
