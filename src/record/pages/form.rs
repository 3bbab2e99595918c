//! The fields of an activity, the same for teachers and families.

use super::{DomainChip, chips};
use crate::access::Fault;
use crate::names::{ActivityId, Domain};
use crate::record::{Level, Telling, Typed};
use crate::scheme::{Indicator, Kind, Scheme};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct FieldsView {
    pub id: ActivityId,
    groups: Vec<GroupView>,
    mains: Vec<DomainChip>,
    alsos: Vec<DomainChip>,
    levels: Vec<(&'static str, &'static str, bool)>,
    title: String,
    on: String,
    until: String,
    place: String,
    organiser: String,
    hours: String,
    attained: String,
    words: String,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct GroupView {
    name: String,
    items: Vec<ItemView>,
}

#[derive(Serialize)]
struct ItemView {
    code: String,
    item: String,
    /// Said after the item: what the form then asks for.
    asks: &'static str,
    on: bool,
}

fn asks(kind: Kind) -> &'static str {
    match kind {
        Kind::Hours => "（记时长）",
        Kind::Skill => "（记程度）",
        _ => "",
    }
}

pub(super) fn fields(
    id: ActivityId,
    typed: &Typed,
    choices: &[&Indicator],
    scheme: &Scheme,
    faults: Vec<Fault>,
) -> FieldsView {
    let said = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let chosen = said("indicator");
    let item = |item: &&&Indicator| ItemView {
        code: item.code.clone(),
        item: item.item.clone(),
        asks: asks(item.kind),
        on: item.code == chosen,
    };
    let of = |domain: Option<Domain>| choices.iter().filter(move |item| item.domain == domain);
    let mut groups: Vec<GroupView> = Domain::ALL
        .iter()
        .map(|domain| GroupView {
            name: scheme.domain(*domain).name.clone(),
            items: of(Some(*domain)).map(|i| item(&i)).collect(),
        })
        .collect();
    groups.push(GroupView { name: "学校特色".to_owned(), items: of(None).map(|i| item(&i)).collect() });
    groups.retain(|group| !group.items.is_empty());
    let level = said("level");
    FieldsView {
        id,
        groups,
        mains: chips(scheme, |domain| said("main") == domain.code()),
        alsos: chips(scheme, |domain| !said(&format!("also_{}", domain.code())).is_empty()),
        levels: Level::ALL.iter().map(|one| (one.code(), one.word(), one.code() == level)).collect(),
        title: said("title"),
        on: said("on"),
        until: said("until"),
        place: said("place"),
        organiser: said("organiser"),
        hours: said("hours"),
        attained: said("attained"),
        words: said("words"),
        faults,
    }
}

/// A telling as the fields that would tell it.
pub(super) fn as_typed(told: &Telling) -> Typed {
    let mut typed = Typed::new();
    let mut put = |name: &str, value: String| typed.insert(name.to_owned(), value);
    put("indicator", told.indicator.clone());
    put("main", told.domain.code().to_owned());
    for domain in &told.also {
        put(&format!("also_{}", domain.code()), "on".to_owned());
    }
    put("title", told.title.clone());
    put("on", told.starts_on.to_string());
    if told.ends_on != told.starts_on {
        put("until", told.ends_on.to_string());
    }
    put("place", told.place.clone().unwrap_or_default());
    put("organiser", told.organiser.clone().unwrap_or_default());
    put("level", told.level.map(Level::code).unwrap_or_default().to_owned());
    let hours = told.minutes.map(|minutes| {
        if minutes % 60 == 0 { (minutes / 60).to_string() } else { format!("{}.{}", minutes / 60, minutes % 60 / 6) }
    });
    put("hours", hours.unwrap_or_default());
    put("attained", told.attained.clone().unwrap_or_default());
    put("words", told.words.clone().unwrap_or_default());
    typed
}
