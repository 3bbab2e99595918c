//! 审计管理: reads what was done and can do nothing: this grant opens no change.

use super::super::keeper::{Entering, found_behind_its_keeper, keep};
use super::super::{CountyWide, Desk, House, Look, Refused, Shell};
use super::desk_of;
use crate::names::Duty;
use crate::platform::db::Conn;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

/// No [`Desk`] is reached through it, and so no act.
#[derive(Clone)]
pub struct CountyAudit {
    desk: Desk<CountyWide>,
    shell: Shell,
}

found_behind_its_keeper!(CountyAudit);

impl CountyAudit {
    pub fn shell(&self) -> &Shell {
        &self.shell
    }

    pub fn house(&self) -> &House {
        self.desk.house()
    }

    /// Reads; there is no writing.
    ///
    /// # Errors
    /// What `f` says, and what the database says.
    pub async fn look<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Look<CountyWide>) -> Result<T, Refused> + Send + 'static,
    {
        self.desk.look(f).await
    }
}

fn admitted(conn: &mut Conn, entering: &Entering) -> Result<CountyAudit, Refused> {
    let (desk, shell) = desk_of(conn, entering, Duty::Audit)?;
    Ok(CountyAudit { desk, shell })
}

/// Keeps the door of `/county/audit`.
pub async fn county_audit_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, admitted).await
}
