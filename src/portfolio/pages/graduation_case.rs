//! The end of junior high before the person of a case that serves an objection to it.

use super::graduating::{FileView, file_view};
use crate::access::{CaseView, Refused};
use crate::notice::is_of_graduation;
use crate::platform::page::Page;
use crate::portfolio::store::child_graduating;
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct CaseFile {
    base: String,
    name: String,
    class_name: String,
    file: FileView,
}

/// Six terms side by side, and what the committee of the class decided.
///
/// # Errors
/// [`Refused::NotFound`] for a case that serves no objection to the end of junior high.
#[get("/graduation")]
pub(super) async fn six_terms_page(case: CaseView) -> Result<Page, Refused> {
    let (child, item, name) = (case.child(), case.item(), case.child_name().to_owned());
    let base = format!("/case/{}", case.case());
    let view = case
        .look(move |look| {
            let objection = item.objection.ok_or(Refused::NotFound)?;
            if !is_of_graduation(look, objection)? {
                return Err(Refused::NotFound);
            }
            let (class, term, file, six) = child_graduating(look, child)?.ok_or(Refused::NotFound)?;
            let mut shown = file_view(look, class.name.cohort, term, &file, six)?;
            shown.forget_suggestions();
            let base = format!("{base}/objections/{objection}");
            Ok(CaseFile { base, name, class_name: class.name.in_year(term.year()), file: shown })
        })
        .await?;
    Ok(Page::of("portfolio/graduation-case.html", &view).within("shell", case.shell()))
}
