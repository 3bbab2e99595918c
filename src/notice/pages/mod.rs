//! The notice for its audience, the office's desk of notices and objections, and the
//! thread of an objection for each who takes part in it.

mod class;
mod family;
mod followed;
mod objecting;
mod office;
mod principal;
mod reviewing;
mod shown;
mod subject;
mod teaching;
mod told;

use actix_web::web::ServiceConfig;

/// What is behind `/office`.
pub fn office(door: &mut ServiceConfig) {
    door.service(office::notices)
        .service(office::class_page)
        .service(office::open)
        .service(office::review)
        .service(office::objections_page)
        .service(office::objection_page)
        .service(office::assign)
        .service(office::answer);
}

/// What is behind `/principal`.
pub fn principal(door: &mut ServiceConfig) {
    door.service(principal::objections_page).service(principal::objection_page).service(principal::answer);
}

/// What is behind `/committee`.
pub fn committee(door: &mut ServiceConfig) {
    door.service(reviewing::committee_list).service(reviewing::committee_takes);
}

/// What is behind `/county`.
pub fn county(door: &mut ServiceConfig) {
    door.service(reviewing::county_list).service(reviewing::county_takes);
}

/// What is behind `/case/{case}`.
pub fn case(door: &mut ServiceConfig) {
    door.service(reviewing::case_objection).service(reviewing::case_answer);
}

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(class::notice_page)
        .service(class::check_page)
        .service(class::check)
        .service(class::object_form)
        .service(class::raise)
        .service(class::mine)
        .service(class::own_thread)
        .service(class::withdraw)
        .service(class::escalate);
}

/// What is behind `/subject/{class}`.
pub fn subject(door: &mut ServiceConfig) {
    door.service(subject::notice_page)
        .service(subject::object_form)
        .service(subject::raise)
        .service(subject::mine)
        .service(subject::own_thread)
        .service(subject::withdraw)
        .service(subject::escalate);
}

/// What is behind `/child/{student}`.
pub fn family(door: &mut ServiceConfig) {
    door.service(family::notice_page)
        .service(family::object_form)
        .service(family::raise)
        .service(family::mine)
        .service(family::own_thread)
        .service(family::withdraw)
        .service(family::escalate);
}
