//! The homeroom teacher's pages: an activity for many, the roll, the review, contacts;
//! the family's: timeline, form, housework; the school's year of events.

mod activity;
mod contact;
mod family;
mod form;
mod housework;
mod organiser;
mod review;
mod roll;
mod selection;
mod submit;
mod year;

use super::evidence::{Photos, PhotosView, photos_view};
use super::{Kept, Telling, Typed, day_words, time_spent};
use crate::names::{ActivityId, Domain, StudentId};
use crate::roster::Pupil;
use crate::scheme::Scheme;
use actix_web::web::ServiceConfig;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::HashMap;

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.configure(super::evidence::pages::homeroom)
        .service(activity::form_page)
        .service(activity::save)
        .service(activity::activity_page)
        .service(activity::withdraw)
        .service(activity::calendar)
        .service(roll::roll_page)
        .service(roll::take)
        .service(review::review_page)
        .service(review::rule)
        .service(contact::class_page)
        .service(contact::write)
        .service(contact::share)
        .service(selection::selections_page)
        .service(selection::open_selection);
}

/// What is behind `/child/{student}`.
pub fn family(door: &mut ServiceConfig) {
    door.configure(super::evidence::pages::family)
        .service(family::timeline)
        .service(submit::new_page)
        .service(submit::save)
        .service(submit::edit_page)
        .service(submit::take_back)
        .service(housework::housework_page)
        .service(housework::say)
        .service(contact::family_page)
        .service(contact::answer_invitation)
        .service(selection::select_page)
        .service(selection::select);
}

/// What is behind `/organiser`.
pub fn organiser(door: &mut ServiceConfig) {
    door.service(organiser::form_page).service(organiser::save);
}

/// The office's desk.
pub fn office(door: &mut ServiceConfig) {
    door.service(year::office_year);
}

/// A domain as a chip shows it.
#[derive(Clone, Serialize)]
struct DomainChip {
    code: Domain,
    character: &'static str,
    name: String,
    on: bool,
}

fn chips(scheme: &Scheme, on: impl Fn(Domain) -> bool) -> Vec<DomainChip> {
    Domain::ALL.iter().map(|domain| DomainChip { on: on(*domain), ..chip(scheme, *domain) }).collect()
}

fn chip(scheme: &Scheme, domain: Domain) -> DomainChip {
    DomainChip { code: domain, character: domain.character(), name: scheme.domain(domain).name.clone(), on: false }
}

/// A pupil whose name is tapped or not.
#[derive(Serialize)]
struct NameChip {
    student: StudentId,
    seat: i32,
    name: String,
    tapped: bool,
}

fn name_chips(pupils: &[Pupil], typed: &Typed) -> Vec<NameChip> {
    let chip = |pupil: &Pupil| NameChip {
        student: pupil.id,
        seat: pupil.seat,
        name: pupil.name.clone(),
        tapped: typed.contains_key(&format!("who_{}", pupil.id)),
    };
    pupils.iter().map(chip).collect()
}

/// One record as a card shows it.
#[derive(Serialize)]
struct CardView {
    activity: ActivityId,
    student: StudentId,
    title: String,
    main: DomainChip,
    also: Vec<DomainChip>,
    item: String,
    when: String,
    spent: Option<String>,
    place: Option<String>,
    organiser: Option<String>,
    level: Option<&'static str>,
    attained: Option<String>,
    words: Option<String>,
    part: &'static str,
    state: &'static str,
    state_word: &'static str,
    note: Option<String>,
    source: &'static str,
    photos: PhotosView,
}

impl CardView {
    /// With what may be seen of its photos, through the door `/class/…` or `/child/…`.
    fn with_photos(self, door: &str, of: &HashMap<ActivityId, Photos>) -> Self {
        CardView { photos: photos_view(door, self.activity, of.get(&self.activity)), ..self }
    }
}

fn card(kept: &Kept, scheme: &Scheme) -> CardView {
    let told = &kept.told;
    CardView {
        activity: kept.activity,
        student: kept.student,
        title: titled(told),
        main: chip(scheme, told.domain),
        also: told.also.iter().map(|domain| chip(scheme, *domain)).collect(),
        item: item_name(scheme, &told.indicator),
        when: span(told.starts_on, told.ends_on),
        spent: told.minutes.map(time_spent),
        place: told.place.clone(),
        organiser: told.organiser.clone(),
        level: told.level.map(|level| level.word()),
        attained: told.attained.clone(),
        words: told.words.clone(),
        part: kept.part.word(),
        state: kept.state.code(),
        state_word: kept.state.word(),
        note: kept.note.clone(),
        source: kept.source(),
        photos: PhotosView::default(),
    }
}

fn titled(told: &Telling) -> String {
    if told.title.is_empty() { "（还没有名称）".to_owned() } else { told.title.clone() }
}

fn item_name(scheme: &Scheme, code: &str) -> String {
    scheme.indicators.iter().find(|item| item.code == code).map(|item| item.item.clone()).unwrap_or_default()
}

/// `12 月 26 日`, `5 月 6 日—5 月 8 日`
fn span(first: NaiveDate, last: NaiveDate) -> String {
    if first == last { day_words(first) } else { format!("{}—{}", day_words(first), day_words(last)) }
}

/// The character shown for a person: the first after the surname.
fn initial(name: &str) -> String {
    name.chars().nth(1).or(name.chars().next()).map(String::from).unwrap_or_default()
}
