use crate::access::{Refused, SchoolOffice};
use crate::platform::page::Page;
use crate::roster::calendar::present_term;
use crate::roster::taught_classes;
use crate::vision::{Recheck, class_recheck};
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct CountsView {
    term_name: String,
    rows: Vec<CountRow>,
}

#[derive(Serialize)]
struct CountRow {
    name: String,
    /// Screened, and of them to be looked at again; `None`: too few to say.
    counted: Option<(usize, usize)>,
    screened: bool,
}

/// How many of each class need a re-check, in class order; no pupil's eyes.
#[get("/vision")]
pub(super) async fn counts(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let (term, classes, recheck) = office
        .look(move |look| {
            let dates = present_term(look)?;
            Ok((dates.term, taught_classes(look, whole, dates.term)?, class_recheck(look, whole, dates)?))
        })
        .await?;
    let rows = classes
        .into_iter()
        .map(|class| CountRow {
            name: class.name.in_year(term.year()),
            screened: recheck.contains_key(&class.id),
            counted: match recheck.get(&class.id) {
                Some(Recheck::Counted { screened, recheck }) => Some((*screened, *recheck)),
                _ => None,
            },
        })
        .collect();
    let view = CountsView { term_name: term.name(), rows };
    Ok(Page::of("vision/counts.html", &view).within("shell", office.shell()?))
}
