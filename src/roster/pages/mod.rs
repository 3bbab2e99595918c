//! The office's pages for roster, classes and teachers; binding slips; joining.

mod calendar;
mod cases;
mod class_list;
mod classes;
mod family;
mod import;
mod join;
mod officers;
mod opening;
mod post_desks;
mod pupil;
mod pupils;
mod regroup;
mod requests;
mod slips;
mod staff;
mod staff_sheet;
mod terms;

pub use pupils::{MoveForm, TakeIn, take_in_again};

use actix_web::web::ServiceConfig;

/// What is behind `/office` of the roster.
pub fn office(door: &mut ServiceConfig) {
    door.service(import::roster_page)
        .service(import::try_roster)
        .service(import::take_roster)
        .service(import::undo_taking)
        .service(import::template)
        .service(classes::classes_page)
        .service(classes::open_class)
        .service(classes::open_classes)
        .service(classes::appoint_homeroom)
        .service(classes::renew_link)
        .service(opening::opening_page)
        .service(opening::open_term)
        .service(regroup::regroup_page)
        .service(regroup::try_regroup)
        .service(regroup::take_regroup)
        .service(staff::staff_page)
        .service(staff::appoint)
        .service(staff::appoint_several)
        .service(staff_sheet::sheet_page)
        .service(staff_sheet::try_sheet)
        .service(staff_sheet::take_sheet)
        .service(staff::end_post)
        .service(staff::leave)
        .service(pupils::find_page)
        .service(class_list::class_page)
        .service(class_list::number_seats)
        .service(pupil::pupil_page)
        .service(pupil::move_pupil)
        .service(slips::families_page)
        .service(slips::office_slips)
        .service(family::office_family)
        .service(family::rule)
        .service(requests::requests_page)
        .service(requests::answer_request)
        .service(cases::office_cases)
        .service(cases::office_opens)
        .service(cases::office_ends);
}

/// What is behind `/principal` of the roster.
pub fn principal(door: &mut ServiceConfig) {
    door.service(cases::principal_cases).service(cases::principal_opens).service(cases::principal_ends);
}

/// What is behind `/organiser`.
pub fn organiser(door: &mut ServiceConfig) {
    door.service(post_desks::organiser_desk).service(post_desks::organiser_class);
}

/// What is behind `/committee`.
pub fn committee(door: &mut ServiceConfig) {
    door.service(post_desks::committee_desk);
}

/// What is behind `/case`, for the staff.
pub fn teacher(door: &mut ServiceConfig) {
    door.service(cases::reason_page).service(cases::look_beyond);
}

/// What is behind `/class/{class}` of the roster.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(slips::slips_page)
        .service(slips::make_slips)
        .service(family::family_page)
        .service(family::attest)
        .service(family::confirm_phone)
        .service(family::renew_family_link);
}

/// What is behind `/county/accounts`.
pub fn county_accounts(door: &mut ServiceConfig) {
    door.service(officers::accounts_page)
        .service(officers::open)
        .service(officers::renew_link)
        .service(officers::without_phone)
        .service(officers::unlock)
        .service(officers::close);
}

/// What is behind `/county` of the roster.
pub fn county(door: &mut ServiceConfig) {
    door.service(calendar::calendar_page)
        .service(calendar::add_days)
        .service(calendar::remove_day)
        .service(calendar::announce)
        .service(terms::add)
        .service(terms::change);
}

/// What is behind `/join`.
pub fn join(door: &mut ServiceConfig) {
    door.service(join::enter).service(join::entered).service(join::join_page).service(join::join);
}
