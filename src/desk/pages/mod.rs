//! The class's desk, the lists from which one reminds, and the inbox.

mod class;
mod inbox;
mod remind;
mod webhook;

use actix_web::web::ServiceConfig;

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(class::desk).service(remind::waited_for).service(remind::remind);
}

/// The office's desk.
pub fn office(door: &mut ServiceConfig) {
    door.service(remind::remind_teacher).service(webhook::webhook_page).service(webhook::set).service(webhook::try_out);
}

/// What belongs to whoever is signed in.
pub fn owner(door: &mut ServiceConfig) {
    door.service(inbox::inbox);
}
