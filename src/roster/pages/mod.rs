//! The office's pages for roster, classes and teachers; binding slips; joining.

mod classes;
mod import;
mod join;
mod opening;
mod pupils;
mod slips;
mod staff;

use actix_web::web::ServiceConfig;

/// What is behind `/office` of the roster.
pub fn office(door: &mut ServiceConfig) {
    door.service(import::roster_page)
        .service(import::try_roster)
        .service(import::take_roster)
        .service(classes::classes_page)
        .service(classes::open_class)
        .service(classes::open_classes)
        .service(classes::appoint_homeroom)
        .service(classes::renew_link)
        .service(opening::opening_page)
        .service(opening::open_term)
        .service(staff::staff_page)
        .service(staff::appoint)
        .service(staff::end_post)
        .service(staff::leave)
        .service(pupils::find_page)
        .service(pupils::take_in)
        .service(pupils::class_page)
        .service(pupils::pupil_page)
        .service(pupils::move_pupil);
}

/// What is behind `/class/{class}` of the roster.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(slips::slips_page).service(slips::make_slips);
}

/// What is behind `/join`.
pub fn join(door: &mut ServiceConfig) {
    door.service(join::enter).service(join::entered).service(join::join_page).service(join::join);
}
