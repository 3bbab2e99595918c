//! The term report a family takes home, the class booklet that stays in the school, the
//! office's print runs, and `/verify`.

mod booklet;
mod bring;
mod class_reports;
mod cohort_out;
mod correction;
mod graduated;
mod graduating;
mod graduation;
mod graduation_case;
mod graduation_school;
mod handover;
mod paper;
mod progress;
mod report;
mod reports_out;
mod run;
mod run_out;
mod seal;
mod verify;
mod versions;

use actix_web::web::ServiceConfig;

/// What is behind `/child/{student}`.
pub fn family(door: &mut ServiceConfig) {
    door.service(report::report)
        .service(versions::versions)
        .service(versions::version_file)
        .service(versions::version_page)
        .service(graduated::portfolio_pdf)
        .service(graduation::child_page)
        .service(graduation::write);
}

/// What is behind `/office`.
pub fn office(door: &mut ServiceConfig) {
    door.service(run::print_page)
        .service(run::start)
        .service(run::cohort_page)
        .service(run::withdraw)
        .service(run::pause)
        .service(run::resume)
        .service(run_out::class_pdf)
        .service(run_out::class_zip)
        .service(run_out::one_pdf)
        .service(cohort_out::send)
        .service(class_reports::reports_page)
        .service(reports_out::reports_pdf)
        .service(reports_out::reports_zip)
        .service(class_reports::class_page)
        .service(class_reports::start_reports)
        .service(class_reports::pause_reports)
        .service(class_reports::resume_reports)
        .service(booklet::office_booklet)
        .service(bring::take_in)
        .service(bring::bring)
        .service(handover::overview)
        .service(handover::looked_at)
        .service(handover::take)
        .service(handover::pupil_page)
        .service(handover::make)
        .service(handover::package_zip)
        .service(handover::slip_pdf)
        .service(handover::come_pdf)
        .service(correction::office_list)
        .service(correction::office_form)
        .service(correction::office_ask)
        .service(correction::office_rule)
        .service(graduation_school::office_classes)
        .service(graduation_school::office_class)
        .service(graduation_school::office_opens)
        .service(graduation_school::office_reviews)
        .service(graduation_school::office_graduate)
        .service(graduation_school::office_ticks)
        .service(paper::office_list)
        .service(paper::office_paper)
        .service(paper::template)
        .service(paper::try_paper)
        .service(paper::take);
}

/// What is behind `/principal`.
pub fn principal(door: &mut ServiceConfig) {
    door.service(seal::classes)
        .service(seal::class_page)
        .service(seal::seal)
        .service(correction::principal_list)
        .service(correction::principal_rule)
        .service(graduation_school::principal_classes)
        .service(graduation_school::principal_class)
        .service(graduation_school::principal_seals)
        .service(paper::principal_list)
        .service(paper::principal_seals);
}

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(booklet::homeroom_booklet)
        .service(correction::homeroom_form)
        .service(correction::homeroom_ask)
        .service(graduation::graduates_page)
        .service(graduation::check)
        .service(graduation::graduate_page)
        .service(graduation::decide);
}

/// What is behind `/case/{case}`.
pub fn case(door: &mut ServiceConfig) {
    door.service(graduation_case::six_terms_page);
}

/// What is behind `/verify`.
pub fn verify(door: &mut ServiceConfig) {
    door.service(verify::enter)
        .service(verify::entered)
        .service(verify::paper)
        .service(verify::looked_at)
        .service(verify::withdrawn_list)
        .service(verify::typed);
}
