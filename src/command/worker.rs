//! Print runs go on beside the pages, in every process that serves.

use crate::access::{Door, Operator, Refused};
use crate::portfolio::{runs_waiting, work_at_runs};
use crate::roster::schools;
use std::time::Duration;

const BETWEEN_LOOKS: Duration = Duration::from_secs(2);

pub fn start(door: Door) {
    actix_web::rt::spawn(async move {
        loop {
            match once(&door).await {
                Ok(true) => {}
                Ok(false) => actix_web::rt::time::sleep(BETWEEN_LOOKS).await,
                Err(refused) => {
                    tracing::error!(%refused, "a print run did not go on");
                    actix_web::rt::time::sleep(BETWEEN_LOOKS * 15).await;
                }
            }
        }
    });
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
