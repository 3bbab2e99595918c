//! The PE teacher's pages, and what others see of them: a history for the family,
//! a word for the homeroom teacher.

mod dry_run;
mod history;
mod school;
mod workbook;

pub use history::{HistoryView, history_view};

use actix_web::web::ServiceConfig;

/// What is behind `/office` of the tests.
pub fn office(door: &mut ServiceConfig) {
    door.service(school::school_page)
        .service(school::try_school)
        .service(school::take_school)
        .service(school::national_upload);
}

/// What is behind `/subject/{class}/fitness`.
pub fn physical_education(door: &mut ServiceConfig) {
    door.service(workbook::tests_page)
        .service(workbook::try_tests)
        .service(workbook::take_tests)
        .service(workbook::template);
}
