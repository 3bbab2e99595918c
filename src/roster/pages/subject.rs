use crate::access::{Refused, Subject};
use crate::platform::page::Page;
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct SubjectView {
    class_name: String,
    term_name: String,
    subjects: Vec<String>,
    pupils: Vec<PupilView>,
}

#[derive(Serialize)]
struct PupilView {
    seat: i32,
    name: String,
}

/// The class list of a subject teacher.
#[get("")]
pub(super) async fn subject_page(subject: Subject) -> Result<Page, Refused> {
    let own = subject.class();
    let pupils = subject
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            class_list(look, &own, dates)
        })
        .await?;
    let view = SubjectView {
        class_name: own.name(),
        term_name: own.term().name(),
        subjects: subject.subjects().to_vec(),
        pupils: pupils.into_iter().map(|pupil| PupilView { seat: pupil.seat, name: pupil.name }).collect(),
    };
    Ok(Page::of("roster/subject.html", &view).within("shell", subject.shell()))
}
