//! The county's windows of a term.

mod windows;

use actix_web::web::ServiceConfig;

/// What is behind `/county`.
pub fn county(door: &mut ServiceConfig) {
    door.service(windows::windows_page).service(windows::set).service(windows::extend);
}
