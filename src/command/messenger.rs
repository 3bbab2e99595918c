//! What came to an inbox is told to the school's own messenger, in every process that
//! serves; where the county's administrator allows no host, nothing goes out.

use super::beside::go_on;
use crate::access::{Door, Operator, Refused};
use crate::desk::{Sender, messengers, work_at_letters};
use crate::roster::schools;
use std::time::Duration;

const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

pub fn start(door: Door) {
    if door.house().webhook_hosts.is_empty() {
        return;
    }
    match Sender::new() {
        Ok(sender) => {
            let once = async move || once(&door, &sender).await;
            go_on("letters did not go out", BETWEEN_LOOKS, BETWEEN_LOOKS * 12, once);
        }
        Err(refused) => tracing::error!(%refused, "nothing can be sent to messengers"),
    }
}

/// One lot for each school with a messenger; whether there was anything to do.
async fn once(door: &Door, sender: &Sender) -> Result<bool, Refused> {
    let operator = Operator::at(door);
    let with = operator.survey(messengers).await?;
    if with.is_empty() {
        return Ok(false);
    }
    let mut worked = false;
    for school in operator.process().look(schools).await?.into_iter().filter(|school| with.contains(&school.id)) {
        worked |= work_at_letters(&operator, &operator.school_office(&school.code).await?, sender).await?;
    }
    Ok(worked)
}
