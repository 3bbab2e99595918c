use super::{DomainChip, chip};
use crate::access::{Refused, SchoolOffice};
use crate::names::Cohort;
use crate::platform::page::Page;
use crate::record::{item_of, year_events};
use crate::roster::calendar::present_term;
use crate::scheme::scheme_of;
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct YearView {
    year: String,
    months: Vec<MonthView>,
}

#[derive(Serialize)]
struct MonthView {
    name: String,
    now: bool,
    events: Vec<EventView>,
}

#[derive(Serialize)]
struct EventView {
    title: String,
    main: DomainChip,
    item: String,
    held_by: String,
    article: String,
    words: String,
}

/// The school's year: what the county asks every school to hold, month by month.
#[get("/year")]
pub(super) async fn office_year(office: SchoolOffice) -> Result<Page, Refused> {
    let (term, scheme, today) = office
        .look(move |look| {
            let term = present_term(look)?.term;
            Ok((term, scheme_of(look, Cohort(term.year()), term)?, look.today()))
        })
        .await?;
    let this_month = chrono::Datelike::month(&today);
    let mut months: Vec<MonthView> = Vec::new();
    for event in year_events().map_err(Refused::broken)? {
        let name = format!("{} 月", event.month);
        if months.last().is_none_or(|month| month.name != name) {
            months.push(MonthView { name, now: event.month == this_month, events: Vec::new() });
        }
        let shown = EventView {
            main: chip(&scheme, event.domain),
            item: item_of(&event, &scheme).to_owned(),
            title: event.title,
            held_by: event.held_by,
            article: event.article,
            words: event.words,
        };
        if let Some(month) = months.last_mut() {
            month.events.push(shown);
        }
    }
    let view = YearView { year: format!("{}—{} 学年", term.year(), term.year() + 1), months };
    Ok(Page::of("record/year.html", &view).within("shell", office.shell()?))
}
