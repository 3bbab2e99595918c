//! The sheet of the homeroom teacher and of the doctor, the office's counts, and what
//! the family sees.

mod counts;
mod health;
mod sheet;
mod sight;

pub use sight::{SightView, sight_view};

use actix_web::web::ServiceConfig;

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(sheet::sheet).service(sheet::save).service(sheet::bring);
}

/// What is behind `/health`.
pub fn health(door: &mut ServiceConfig) {
    door.service(health::desk).service(health::sheet).service(health::save).service(health::bring);
}

/// What is behind `/office`.
pub fn office(door: &mut ServiceConfig) {
    door.service(counts::counts);
}
