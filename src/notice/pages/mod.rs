//! The notice for its audience, the office's desk of notices and objections, and the
//! thread of an objection for each who takes part in it.

mod answering;
mod check;
mod class;
mod family;
mod followed;
mod handling;
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
        .service(office::graduation_page)
        .service(office::open)
        .service(office::review)
        .service(office::objections_page)
        .service(office::objection_page)
        .service(office::photo)
        .service(office::assign)
        .service(office::answer);
}

/// What is behind `/principal`.
pub fn principal(door: &mut ServiceConfig) {
    door.service(principal::objections_page)
        .service(principal::objection_page)
        .service(principal::photo)
        .service(principal::answer);
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
    door.service(reviewing::case_objection).service(reviewing::case_photo).service(reviewing::case_answer);
}

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    class::of_teacher(door);
    door.service(check::check_page).service(check::check);
}

/// What is behind `/subject/{class}`.
pub fn subject(door: &mut ServiceConfig) {
    subject::of_teacher(door);
}

/// What is behind `/child/{student}`.
pub fn family(door: &mut ServiceConfig) {
    door.service(family::notice_page)
        .service(family::graduation_page)
        .service(family::object_form)
        .service(family::raise)
        .service(family::mine)
        .service(family::own_thread)
        .service(family::own_photo)
        .service(family::withdraw)
        .service(family::escalate);
}
