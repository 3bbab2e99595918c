//! What goes on beside the pages, in every process that serves.

use crate::access::Refused;
use std::time::Duration;

/// Works until the server stops: at once again while there was something to do, after
/// `rest` when there was nothing, after `after_fault` when it failed, which the log says.
pub fn go_on<F>(what: &'static str, rest: Duration, after_fault: Duration, once: F)
where
    F: AsyncFn() -> Result<bool, Refused> + 'static,
{
    actix_web::rt::spawn(async move {
        loop {
            match once().await {
                Ok(true) => {}
                Ok(false) => actix_web::rt::time::sleep(rest).await,
                Err(refused) => {
                    tracing::error!(%refused, "{what}");
                    actix_web::rt::time::sleep(after_fault).await;
                }
            }
        }
    });
}
