//! 安全管理: lets the county's staff and the schools' officers in, and keeps them out.

use super::super::keeper::{Entering, found_behind_its_keeper, keep};
use super::super::{CountyWide, Desk, Refused, Shell};
use super::desk_of;
use crate::names::Duty;
use crate::platform::db::Conn;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use std::ops::Deref;

#[derive(Clone)]
pub struct CountySecurity {
    desk: Desk<CountyWide>,
    shell: Shell,
}

found_behind_its_keeper!(CountySecurity);

impl Deref for CountySecurity {
    type Target = Desk<CountyWide>;

    fn deref(&self) -> &Self::Target {
        &self.desk
    }
}

impl CountySecurity {
    pub fn shell(&self) -> &Shell {
        &self.shell
    }
}

fn admitted(conn: &mut Conn, entering: &Entering) -> Result<CountySecurity, Refused> {
    let (desk, shell) = desk_of(conn, entering, Duty::Security)?;
    Ok(CountySecurity { desk, shell })
}

/// Keeps the door of `/county/accounts`.
pub async fn county_security_only(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    keep(req, next, admitted).await
}
