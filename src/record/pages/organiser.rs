//! One activity for several classes: 德育处, 团队, 体艺 write it down once.

use super::activity::{PART_ROWS, who};
use super::form::{FieldsView, fields};
use super::{NameChip, name_chips};
use crate::access::{Fault, KnownClass, Organiser, PostedPhotos, Refused, TendedClass};
use crate::names::{ActivityId, ClassId};
use crate::platform::page::{Page, SeeOther};
use crate::record::evidence::{choose_again, lay, receive_among};
use crate::record::{RecordActivity, Telling, Typed, choices};
use crate::roster::calendar::{TermDates, term_dates};
use crate::roster::{Pupil, class_list};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Serialize)]
struct SeveralView {
    term_name: String,
    fields: FieldsView,
    classes: Vec<ClassForm>,
    saved: Option<usize>,
}

#[derive(Serialize)]
struct ClassForm {
    class: ClassId,
    name: String,
    chosen: bool,
    id: ActivityId,
    pupils: Vec<NameChip>,
    parts: Vec<(String, &'static str, String)>,
}

struct Read {
    scheme: Arc<Scheme>,
    dates: TermDates,
    classes: Vec<(TendedClass, Vec<Pupil>)>,
    today: NaiveDate,
}

async fn read(organiser: &Organiser) -> Result<Read, Refused> {
    let ids: Vec<ClassId> = organiser.classes().map(|(id, _)| id).collect();
    let mut entered = Vec::new();
    for id in ids {
        entered.push(organiser.enter(id).await?);
    }
    let term = organiser.term();
    organiser
        .look(move |look| {
            let dates = term_dates(look, term)?;
            let youngest = entered.iter().map(TendedClass::cohort).max().ok_or(Refused::NotFound)?;
            let classes = entered
                .into_iter()
                .map(|class| Ok((class, class_list(look, &class, dates)?)))
                .collect::<Result<_, Refused>>()?;
            Ok(Read { scheme: scheme_of(look, youngest, term)?, dates, classes, today: look.today() })
        })
        .await
}

fn page(organiser: &Organiser, read: &Read, typed: &Typed, saved: Option<usize>, faults: Vec<Fault>) -> Page {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let said = |name: &str| typed.get(name).cloned().unwrap_or_default();
    let classes = read.classes.iter().map(|(class, pupils)| {
        let id = class.id();
        ClassForm {
            class: id,
            name: class.name(),
            chosen: typed.contains_key(&format!("class_{id}")),
            id: said(&format!("id_{id}")).parse().unwrap_or_else(|_| ActivityId::new()),
            pupils: name_chips(pupils, typed),
            parts: PART_ROWS
                .iter()
                .map(|(field, part)| {
                    let field = format!("seats_{field}_{id}");
                    (field.clone(), part.word(), said(&field))
                })
                .collect(),
        }
    });
    let view = SeveralView {
        term_name: organiser.term().name(),
        classes: classes.collect(),
        fields: fields(ActivityId::new(), typed, &choices(&read.scheme, false), &read.scheme, faults),
        saved,
    };
    Page::of("record/organiser.html", &view).within("shell", organiser.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<usize>,
}

/// The classes of the post, each to be opened: all of it took part until a name is tapped.
#[get("/records")]
pub(super) async fn form_page(organiser: Organiser, asked: Query<Saved>) -> Result<Page, Refused> {
    let read = read(&organiser).await?;
    let mut typed = Typed::new();
    typed.insert("on".to_owned(), read.today.min(read.dates.ends_on).to_string());
    Ok(page(&organiser, &read, &typed, asked.saved, Vec::new()))
}

/// Takes it: each class has the activity, and its photos, in its own calendar.
#[post("/records")]
pub(super) async fn save(organiser: Organiser, sent: PostedPhotos<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (typed, with_photos) = (sent.form, !sent.photos.is_empty());
    let read = read(&organiser).await?;
    let told = Telling::read(&typed, &choices(&read.scheme, false), read.dates, read.today, false);
    let (told, mut faults) = match told {
        Ok(told) => (Some(told), Vec::new()),
        Err(faults) => (None, faults),
    };
    let mut wanted = Vec::new();
    for (class, pupils) in &read.classes {
        let id = class.id();
        if typed.contains_key(&format!("class_{id}")) {
            let there = who(&typed, pupils, &format!("_{id}"), &mut faults);
            let activity = typed.get(&format!("id_{id}")).and_then(|id| id.parse().ok());
            wanted.push((*class, activity.unwrap_or_else(ActivityId::new), there));
        }
    }
    if wanted.is_empty() {
        faults.push(Fault::at("classes", "还没有选班级。勾上参加的班，再看看谁没参加。"));
    }
    let arrived = receive_among(sent.photos, sent.too_much, &mut faults).await;
    let Some(told) = told.filter(|_| faults.is_empty()) else {
        choose_again(with_photos, &mut faults);
        return Ok(Either::Right(page(&organiser, &read, &typed, None, faults)));
    };
    let photos = lay(&organiser, arrived).await?;
    let mut saved = 0;
    for (class, id, pupils) in wanted {
        let (told, photos) = (told.clone(), photos.clone());
        // Each class's own id makes that what was taken before a refusal is not taken twice.
        let made =
            organiser.try_act(move |tx| RecordActivity::prepare(tx, &class, id, told, false, &pupils, photos)).await?;
        saved += made.unwrap_or_else(|again| again).pupils;
    }
    Ok(Either::Left(SeeOther(format!("/organiser/records?saved={saved}"))))
}
