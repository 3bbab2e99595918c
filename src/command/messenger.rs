//! What came to an inbox is told to the school's own messenger, in every process that
//! serves; where the county's administrator allows no host, nothing goes out.

use crate::access::{Door, Operator, Refused};
use crate::desk::{Sender, work_at_letters};
use crate::roster::schools;
use std::time::Duration;

const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

pub fn start(door: Door) {
    if door.house().webhook_hosts.is_empty() {
        return;
    }
    actix_web::rt::spawn(async move {
        let sender = match Sender::new() {
            Ok(sender) => sender,
            Err(refused) => return tracing::error!(%refused, "nothing can be sent to messengers"),
        };
        loop {
            match once(&door, &sender).await {
                Ok(true) => {}
                Ok(false) => actix_web::rt::time::sleep(BETWEEN_LOOKS).await,
                Err(refused) => {
                    tracing::error!(%refused, "letters did not go out");
                    actix_web::rt::time::sleep(BETWEEN_LOOKS * 12).await;
                }
            }
        }
    });
}

/// One lot for each school with a messenger; whether there was anything to do.
async fn once(door: &Door, sender: &Sender) -> Result<bool, Refused> {
    let operator = Operator::at(door);
    let mut worked = false;
    for school in operator.process().look(schools).await? {
        worked |= work_at_letters(&operator, &operator.school_office(&school.code).await?, sender).await?;
    }
    Ok(worked)
}
