use super::form::{FieldsView, as_typed, fields};
use super::{CardView, DomainChip, NameChip, card, chip, item_name, name_chips, span, titled};
use crate::access::{Fault, Homeroom, OwnClass, Posted, PostedPhotos, Refused};
use crate::cycle::is_frozen;
use crate::names::{ActivityId, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::record::evidence::{choose_again, lay, photos_among, receive_among};
use crate::record::{
    Kept, Part, RecordActivity, ReviewRecords, Ruling, State, Telling, Typed, choices, class_activities, class_records,
};
use crate::roster::calendar::{TermDates, term_dates};
use crate::roster::{Pupil, class_list};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rows for those who did more than take part.
pub(super) const PART_ROWS: [(&str, Part); 2] = [("organiser", Part::Organiser), ("main", Part::Main)];

struct Read {
    scheme: Arc<Scheme>,
    dates: TermDates,
    pupils: Vec<Pupil>,
    today: NaiveDate,
    frozen: bool,
}

async fn read(homeroom: &Homeroom) -> Result<Read, Refused> {
    let own = homeroom.class();
    homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            Ok(Read {
                scheme: scheme_of(look, own.cohort(), own.term())?,
                pupils: class_list(look, &own, dates)?,
                frozen: is_frozen(look, own.id(), own.term())?,
                dates,
                today: look.today(),
            })
        })
        .await
}

#[derive(Serialize)]
struct FormView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    fields: FieldsView,
    pupils: Vec<NameChip>,
    /// Whether those tapped were not there, or only they were.
    all: bool,
    parts: Vec<PartRow>,
    on_behalf: bool,
    last: Option<ActivityId>,
    /// From its notice on nothing more is written down of the term.
    frozen: bool,
}

#[derive(Serialize)]
struct PartRow {
    field: &'static str,
    word: &'static str,
    seats: String,
}

fn form(
    homeroom: &Homeroom,
    read: &Read,
    id: ActivityId,
    typed: &Typed,
    last: Option<ActivityId>,
    faults: Vec<Fault>,
) -> Page {
    let own = homeroom.class();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let said = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let view = FormView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        pupils: name_chips(&read.pupils, typed),
        all: said("mode") != "some",
        parts: PART_ROWS
            .iter()
            .map(|(field, part)| PartRow { field, word: part.word(), seats: said(&format!("seats_{field}")) })
            .collect(),
        on_behalf: typed.contains_key("on_behalf"),
        fields: fields(id, typed, &choices(&read.scheme, false), &read.scheme, faults),
        last,
        frozen: read.frozen,
    };
    Page::of("record/activity.html", &view).within("shell", homeroom.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Asked {
    /// An activity to begin from.
    like: Option<ActivityId>,
}

/// One activity for many pupils: all took part until a name is tapped.
#[get("/records")]
pub(super) async fn form_page(homeroom: Homeroom, asked: Query<Asked>) -> Result<Page, Refused> {
    let (own, term) = (homeroom.class(), homeroom.class().term());
    let activities = homeroom.look(move |look| class_activities(look, &own, term)).await?;
    let read = read(&homeroom).await?;
    let mut typed = Typed::new();
    if let Some(like) = asked.like {
        typed = as_typed(&activities.iter().find(|one| one.id == like).ok_or(Refused::NotFound)?.told);
        typed.remove("until");
    }
    typed.insert("on".to_owned(), read.today.min(read.dates.ends_on).to_string());
    let last = activities.first().map(|one| one.id).filter(|_| asked.like.is_none());
    Ok(form(&homeroom, &read, ActivityId::new(), &typed, last, Vec::new()))
}

/// Who was in it, by what was tapped and by the seats typed beside a part; `of` ends the
/// names of the fields where a form has several classes.
pub(super) fn who(typed: &Typed, pupils: &[Pupil], of: &str, faults: &mut Vec<Fault>) -> Vec<(StudentId, Part)> {
    let all = typed.get("mode").is_none_or(|mode| mode != "some");
    let mut parts: BTreeMap<StudentId, Part> = BTreeMap::new();
    let there = |pupil: &Pupil| all != typed.contains_key(&format!("who_{}", pupil.id));
    for pupil in pupils.iter().filter(|pupil| there(pupil)) {
        parts.insert(pupil.id, Part::Participant);
    }
    let mut named = BTreeSet::new();
    for (row, part) in PART_ROWS {
        let field = format!("seats_{row}{of}");
        let seats = half_width(typed.get(&field).map_or("", String::as_str));
        for seat in seats.split(|c: char| c.is_whitespace() || matches!(c, ',' | '、' | '，' | ';')) {
            if seat.is_empty() {
                continue;
            }
            let pupil = seat.parse::<i32>().ok().and_then(|seat| pupils.iter().find(|pupil| pupil.seat == seat));
            match pupil {
                None => {
                    faults.push(Fault::at(&field, format!("“{seat}”不是本班的班内学号，请核对。学号之间用空格隔开。")))
                }
                Some(pupil) if !parts.contains_key(&pupil.id) => {
                    faults.push(Fault::at(&field, format!("{seat} 号{}标了没参加，又写了分工，请先核对。", pupil.name)))
                }
                Some(pupil) if !named.insert(pupil.id) => {
                    faults.push(Fault::at(&field, format!("{seat} 号{}写了两种分工，请留一种。", pupil.name)))
                }
                Some(pupil) => {
                    parts.insert(pupil.id, part);
                }
            }
        }
    }
    if parts.is_empty() && faults.is_empty() {
        faults.push(Fault::at("who", "没有一位同学参加。点一点名字，至少要有一位，才有记录可写。"));
    }
    let in_seat_order = pupils.iter().filter_map(|pupil| parts.get(&pupil.id).map(|part| (pupil.id, *part)));
    in_seat_order.collect()
}

/// Takes the activity: each pupil who was in it has a record.
#[post("/records")]
pub(super) async fn save(homeroom: Homeroom, sent: PostedPhotos<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, typed, with_photos) = (homeroom.class(), sent.form, !sent.photos.is_empty());
    let read = read(&homeroom).await?;
    let id = typed.get("id").and_then(|id| id.parse().ok()).unwrap_or_else(ActivityId::new);
    let told = Telling::read(&typed, &choices(&read.scheme, false), read.dates, read.today, false);
    let (told, mut faults) = match told {
        Ok(told) => (Some(told), Vec::new()),
        Err(faults) => (None, faults),
    };
    let pupils = who(&typed, &read.pupils, "", &mut faults);
    let arrived = receive_among(sent.photos, sent.too_much, &mut faults).await;
    let Some(told) = told.filter(|_| faults.is_empty()) else {
        choose_again(with_photos, &mut faults);
        return Ok(Either::Right(form(&homeroom, &read, id, &typed, None, faults)));
    };
    let on_behalf = typed.contains_key("on_behalf");
    let photos = lay(&homeroom, arrived).await?;
    let saved =
        homeroom.try_act(move |tx| RecordActivity::prepare(tx, &own, id, told, on_behalf, &pupils, photos)).await;
    match saved {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/class/{}/records/{id}?made=1", own.id())))),
        Err(Refused::Invalid(mut faults)) => {
            choose_again(with_photos, &mut faults);
            Ok(Either::Right(form(&homeroom, &read, id, &typed, None, faults)))
        }
        Err(other) => Err(other),
    }
}

#[derive(Serialize)]
struct OneView {
    class: OwnClass,
    class_name: String,
    term: Term,
    activity: ActivityId,
    /// As one family sees it.
    card: CardView,
    pupils: Vec<InIt>,
    made: bool,
    /// Of how many pupils it was just taken back.
    withdrawn: Option<usize>,
    /// How many photos were just added.
    added: Option<usize>,
    /// From its notice on no photo comes or goes.
    frozen: bool,
    on_behalf: bool,
}

#[derive(Serialize)]
struct InIt {
    student: StudentId,
    seat: i32,
    name: String,
    part: &'static str,
}

#[derive(Deserialize)]
struct AskedOne {
    made: Option<u8>,
    withdrawn: Option<usize>,
    photos: Option<usize>,
}

/// One activity of the class, and who was in it.
#[get("/records/{activity}")]
pub(super) async fn activity_page(
    homeroom: Homeroom,
    path: Path<(String, ActivityId)>,
    asked: Query<AskedOne>,
) -> Result<Page, Refused> {
    let (own, id) = (homeroom.class(), path.1);
    let (kept, pupils, scheme, photos, frozen) = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let kept = class_records(look, &own, dates)?;
            let pupils = class_list(look, &own, dates)?;
            let frozen = is_frozen(look, own.id(), own.term())?;
            Ok((kept, pupils, scheme_of(look, own.cohort(), own.term())?, photos_among(look, &[id])?, frozen))
        })
        .await?;
    let of: BTreeMap<StudentId, &Kept> = kept
        .iter()
        .filter(|kept| kept.activity == id && kept.state == State::Confirmed)
        .map(|kept| (kept.student, kept))
        .collect();
    let first = pupils.iter().find_map(|pupil| of.get(&pupil.id)).ok_or(Refused::NotFound)?;
    let view = OneView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        activity: id,
        card: card(first, &scheme).with_photos(&format!("/class/{}", own.id()), &photos),
        on_behalf: first.on_behalf,
        pupils: pupils
            .iter()
            .filter_map(|pupil| {
                let kept = of.get(&pupil.id)?;
                Some(InIt { student: pupil.id, seat: pupil.seat, name: pupil.name.clone(), part: kept.part.word() })
            })
            .collect(),
        made: asked.made.is_some(),
        withdrawn: asked.withdrawn,
        added: asked.photos,
        frozen,
    };
    Ok(Page::of("record/one.html", &view).within("shell", homeroom.shell()))
}

#[derive(Deserialize)]
struct WithdrawForm {
    /// One pupil of it; empty: the whole activity.
    #[serde(default)]
    student: String,
}

/// Takes back what was written down by mistake, of one pupil or of all.
#[post("/records/{activity}/withdraw")]
pub(super) async fn withdraw(
    homeroom: Homeroom,
    path: Path<(String, ActivityId)>,
    form: Posted<WithdrawForm>,
) -> Result<SeeOther, Refused> {
    let (own, id, one) = (homeroom.class(), path.1, form.0.student);
    let left = homeroom
        .try_act(move |tx| {
            let dates = term_dates(tx, own.term())?;
            let kept = class_records(tx, &own, dates)?;
            let of = kept.iter().filter(|kept| kept.activity == id && kept.state == State::Confirmed);
            let wanted: Vec<(StudentId, ActivityId)> = of
                .map(|kept| (kept.student, id))
                .filter(|(student, _)| one.is_empty() || student.to_string() == one)
                .collect();
            if wanted.is_empty() {
                return Err(Refused::NotFound);
            }
            ReviewRecords::prepare(tx, &own, &wanted, Ruling::Withdraw)
        })
        .await;
    let gone = left?.map_err(|_: usize| Refused::NotFound)?;
    let there = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let kept = class_records(look, &own, dates)?;
            Ok(kept.iter().any(|kept| kept.activity == id && kept.state == State::Confirmed))
        })
        .await?;
    // Of the last pupil taken back, there is nothing to come back to.
    let at = if there { format!("records/{id}?withdrawn={gone}") } else { "calendar".to_owned() };
    Ok(SeeOther(format!("/class/{}/{at}", own.id())))
}

#[derive(Serialize)]
struct CalendarView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    months: Vec<MonthView>,
}

#[derive(Serialize)]
struct MonthView {
    name: String,
    activities: Vec<LineView>,
}

#[derive(Serialize)]
struct LineView {
    id: ActivityId,
    when: String,
    title: String,
    main: DomainChip,
    item: String,
    place: Option<String>,
    pupils: usize,
}

/// What the class has done this term, month by month.
#[get("/calendar")]
pub(super) async fn calendar(homeroom: Homeroom) -> Result<Page, Refused> {
    let (own, term) = (homeroom.class(), homeroom.class().term());
    let (activities, scheme) = homeroom
        .look(move |look| Ok((class_activities(look, &own, term)?, scheme_of(look, own.cohort(), own.term())?)))
        .await?;
    let mut months: Vec<MonthView> = Vec::new();
    for one in activities {
        let name = format!("{} 年 {} 月", one.told.starts_on.year(), one.told.starts_on.month());
        if months.last().is_none_or(|month| month.name != name) {
            months.push(MonthView { name, activities: Vec::new() });
        }
        let line = LineView {
            id: one.id,
            when: span(one.told.starts_on, one.told.ends_on),
            title: titled(&one.told),
            main: chip(&scheme, one.told.domain),
            item: item_name(&scheme, &one.told.indicator),
            place: one.told.place,
            pupils: one.pupils,
        };
        if let Some(month) = months.last_mut() {
            month.activities.push(line);
        }
    }
    let view = CalendarView { class: own, class_name: own.name(), term, term_name: term.name(), months };
    Ok(Page::of("record/calendar.html", &view).within("shell", homeroom.shell()))
}
