//! The county's catalogue of yearly events (articles 18, 19, 22): what every school
//! holds or sends its pupils to in a year, by month. A file people can read and edit.

use crate::names::Domain;
use crate::scheme::Scheme;

const SEED_EVENTS: &str = include_str!("../../seed/events.csv");

/// One event of the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearEvent {
    pub month: u32,
    pub title: String,
    pub domain: Domain,
    /// The observation item its records belong to.
    pub indicator: String,
    /// `校`, `县`
    pub held_by: String,
    pub article: String,
    pub words: String,
}

/// The year as the county has laid it, in the order of a school year.
///
/// # Errors
/// What is wrong in the seed, which a test would have found.
pub fn year_events() -> Result<Vec<YearEvent>, String> {
    let mut rows = csv::Reader::from_reader(SEED_EVENTS.as_bytes());
    let mut events = Vec::new();
    for row in rows.records() {
        let row = row.map_err(|e| e.to_string())?;
        let cell = |n: usize| row.get(n).unwrap_or_default().to_owned();
        events.push(YearEvent {
            month: cell(0).parse().map_err(|e| format!("{row:?}: {e}"))?,
            title: cell(1),
            domain: cell(2).parse().map_err(|e| format!("{row:?}: {e}"))?,
            indicator: cell(3),
            held_by: cell(4),
            article: cell(5),
            words: cell(6),
        });
    }
    Ok(events)
}

/// The observation item an event's records belong to, in words.
pub fn item_of<'s>(event: &YearEvent, scheme: &'s Scheme) -> &'s str {
    scheme.indicators.iter().find(|item| item.code == event.indicator).map_or("", |item| &item.item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_the_year_belongs_to_an_item_of_its_domain_and_article() {
        let scheme = Scheme::seed().unwrap();
        let events = year_events().unwrap();
        for article in ["18", "19", "22"] {
            assert!(events.iter().any(|event| event.article == article), "{article}");
        }
        for event in &events {
            let item = scheme.indicators.iter().find(|item| item.code == event.indicator);
            let item = item.unwrap_or_else(|| panic!("{event:?}"));
            assert!(item.domain == Some(event.domain), "{event:?}");
            assert!(item.articles.split(' ').any(|article| article == event.article), "{event:?}: {}", item.articles);
            assert!((1..=12).contains(&event.month) && !event.words.is_empty(), "{event:?}");
        }
        let in_year = |month: u32| (month + 3) % 12;
        assert!(events.windows(2).all(|pair| in_year(pair[0].month) <= in_year(pair[1].month)), "by month");
    }
}
