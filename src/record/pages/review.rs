use super::{CardView, card, initial};
use crate::access::{Fault, Homeroom, OwnClass, Posted, Refused};
use crate::names::{ActivityId, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::record::evidence::{Photos, photos_among};
use crate::record::{Kept, ReviewRecords, Ruling, State, Typed, class_records, day_words, questions};
use crate::roster::calendar::term_dates;
use crate::roster::{Pupil, class_list};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// What is often missing, ready to be asked.
const ASKS: [&str; 5] = ["是哪一天", "和谁一起", "做了多久", "补一张照片", "自己做了哪一部分"];

#[derive(Serialize)]
struct ReviewView {
    class: OwnClass,
    class_name: String,
    term: Term,
    queue: Vec<WaitingView>,
    one: Option<OneView>,
    asks: Vec<(usize, &'static str, bool)>,
    words: String,
    returning: bool,
    /// What was decided last, to be taken back.
    undo: Option<String>,
    done: Option<&'static str>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct WaitingView {
    key: String,
    name: String,
    title: String,
    on: String,
    here: bool,
}

#[derive(Serialize)]
struct OneView {
    key: String,
    name: String,
    initial: String,
    seat: i32,
    handed_in: String,
    place: usize,
    next: Option<String>,
    card: CardView,
    questions: Vec<String>,
    same: Vec<SameView>,
    /// The pupil's other confirmed records of the domain.
    others: Vec<(String, String)>,
}

#[derive(Serialize)]
struct SameView {
    key: String,
    seat: i32,
    name: String,
    line: String,
}

struct Read {
    kept: Vec<Kept>,
    pupils: Vec<Pupil>,
    scheme: Arc<Scheme>,
    photos: HashMap<ActivityId, Photos>,
}

async fn read(homeroom: &Homeroom) -> Result<Read, Refused> {
    let own = homeroom.class();
    homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let kept = class_records(look, &own, dates)?;
            let waiting: Vec<ActivityId> = queue(&kept).iter().map(|kept| kept.activity).collect();
            Ok(Read {
                photos: photos_among(look, &waiting)?,
                kept,
                pupils: class_list(look, &own, dates)?,
                scheme: scheme_of(look, own.cohort(), own.term())?,
            })
        })
        .await
}

fn key(kept: &Kept) -> String {
    format!("{}.{}", kept.student, kept.activity)
}

fn read_key(text: &str) -> Option<(StudentId, ActivityId)> {
    let (student, activity) = text.split_once('.')?;
    Some((student.parse().ok()?, activity.parse().ok()?))
}

#[derive(Default, Deserialize)]
struct Asked {
    at: Option<String>,
    undo: Option<String>,
    done: Option<String>,
}

/// What waits, in the order it was handed in.
fn queue(kept: &[Kept]) -> Vec<&Kept> {
    let mut queue: Vec<&Kept> = kept.iter().filter(|kept| kept.state == State::Submitted).collect();
    queue.sort_by_key(|kept| (kept.at, kept.activity));
    queue
}

/// The same photo twice: a question, as all of them are.
fn photo_questions(kept: &Kept, read: &Read) -> Vec<String> {
    let Some(photos) = read.photos.get(&kept.activity) else { return Vec::new() };
    let asked = photos.like.iter().map(|like| {
        let other = read.kept.iter().find(|other| other.activity == *like);
        let which = other.map_or_else(
            || "本校以前的一条记录".to_owned(),
            |other| format!("{}的“{}”", day_words(other.told.starts_on), other.told.title),
        );
        format!("有一张照片和{which}里的很像。是同一次活动吗？")
    });
    asked.collect()
}

fn page(homeroom: &Homeroom, read: &Read, asked: &Asked, typed: &Typed, faults: Vec<Fault>) -> Page {
    let own = homeroom.class();
    let queue = queue(&read.kept);
    let pupil = |id: StudentId| read.pupils.iter().find(|pupil| pupil.id == id);
    let name = |id: StudentId| pupil(id).map(|pupil| pupil.name.clone()).unwrap_or_default();
    let wanted = asked.at.as_deref().and_then(|at| queue.iter().position(|kept| key(kept) == at));
    let here = wanted.unwrap_or(0);
    let one = queue.get(here).map(|kept| {
        let like = |other: &&&Kept| {
            key(other) != key(kept)
                && other.told.starts_on == kept.told.starts_on
                && other.told.indicator == kept.told.indicator
                && (other.told.title == kept.told.title
                    || other.told.place.is_some() && other.told.place == kept.told.place)
        };
        let mut same: Vec<SameView> = queue
            .iter()
            .filter(like)
            .map(|other| {
                let mut line = vec![day_words(other.told.starts_on), other.told.title.clone()];
                line.extend(other.told.minutes.map(crate::record::time_spent));
                let seat = pupil(other.student).map_or(0, |pupil| pupil.seat);
                SameView { key: key(other), seat, name: name(other.student), line: line.join(" · ") }
            })
            .collect();
        same.sort_by_key(|same| same.seat);
        OneView {
            key: key(kept),
            name: name(kept.student),
            initial: initial(&name(kept.student)),
            seat: pupil(kept.student).map_or(0, |pupil| pupil.seat),
            handed_in: day_words(kept.at.date()),
            place: here + 1,
            next: queue.get(here + 1).or_else(|| queue.first().filter(|_| here > 0)).map(|next| key(next)),
            card: card(kept, &read.scheme).with_photos(&format!("/class/{}", own.id()), &read.photos),
            questions: questions(kept, &read.kept).into_iter().chain(photo_questions(kept, read)).collect(),
            same,
            others: read
                .kept
                .iter()
                .filter(|other| {
                    other.student == kept.student
                        && other.state == State::Confirmed
                        && other.told.domain == kept.told.domain
                })
                .map(|other| {
                    (other.told.title.clone(), format!("{} · {}", day_words(other.told.starts_on), other.source()))
                })
                .collect(),
        }
    });
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = ReviewView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        queue: queue
            .iter()
            .enumerate()
            .map(|(n, kept)| WaitingView {
                key: key(kept),
                name: name(kept.student),
                title: kept.told.title.clone(),
                on: day_words(kept.at.date()),
                here: n == here,
            })
            .collect(),
        one,
        asks: ASKS.iter().enumerate().map(|(n, ask)| (n, *ask, typed.contains_key(&format!("ask_{n}")))).collect(),
        words: typed.get("words").cloned().unwrap_or_default(),
        returning: !faults.is_empty(),
        undo: asked.undo.clone().filter(|undo| read_key(undo).is_some()),
        done: match asked.done.as_deref() {
            Some("confirm") => Some("核实好了，家长看得到了。"),
            Some("return") => Some("发给孩子了，补好再交上来。"),
            Some("undo") => Some("撤回来了，又在待审核里。"),
            _ => None,
        },
        faults,
    };
    Page::of("record/review.html", &view).within("shell", homeroom.shell()).with_status(status)
}

/// What pupils and families handed in, one card at a time.
#[get("/review")]
pub(super) async fn review_page(homeroom: Homeroom, asked: Query<Asked>) -> Result<Page, Refused> {
    let read = read(&homeroom).await?;
    Ok(page(&homeroom, &read, &asked, &Typed::new(), Vec::new()))
}

/// The sentence that asks for what is missing.
fn returning(typed: &Typed) -> Result<Ruling, Refused> {
    let words = typed.get("words").map_or("", |words| words.trim());
    if !words.is_empty() {
        return Ruling::returning(words);
    }
    let asks: Vec<&str> =
        ASKS.iter().enumerate().filter(|(n, _)| typed.contains_key(&format!("ask_{n}"))).map(|(_, ask)| *ask).collect();
    if asks.is_empty() {
        Ruling::returning("")
    } else {
        Ruling::returning(&format!("想请你补充：{}。写好再交给我。", asks.join("，")))
    }
}

/// Confirms or returns one, or several of the same event at once; or takes that back.
#[post("/review")]
pub(super) async fn rule(homeroom: Homeroom, form: Posted<Typed>) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, Posted(typed)) = (homeroom.class(), form);
    let said = |name: &str| typed.get(name).map_or("", String::as_str);
    let record = said("record").to_owned();
    let mut wanted: Vec<(StudentId, ActivityId)> =
        record.split(',').map(read_key).collect::<Option<_>>().ok_or(Refused::NotFound)?;
    let act = said("act");
    let ruling = match act {
        "confirm" => Ok(Ruling::Confirm),
        "undo" => Ok(Ruling::Undo),
        "return" => returning(&typed),
        _ => return Err(Refused::NotFound),
    };
    let ruling = match ruling {
        Ok(ruling) => ruling,
        Err(Refused::Invalid(faults)) => {
            let read = read(&homeroom).await?;
            let asked = Asked { at: Some(record), ..Asked::default() };
            return Ok(Either::Right(page(&homeroom, &read, &asked, &typed, faults)));
        }
        Err(other) => return Err(other),
    };
    wanted.extend(typed.keys().filter_map(|name| read_key(name.strip_prefix("same_")?)));
    let decided: Vec<String> = wanted.iter().map(|(student, activity)| format!("{student}.{activity}")).collect();
    homeroom.try_act(move |tx| ReviewRecords::prepare(tx, &own, &wanted, ruling)).await?.unwrap_or_else(|same| same);
    let class = own.id();
    Ok(Either::Left(SeeOther(match act {
        "undo" => format!("/class/{class}/review?at={record}&done=undo"),
        _ => {
            let at =
                Some(said("next")).filter(|next| read_key(next).is_some() && !decided.iter().any(|one| one == next));
            let at = at.map(|next| format!("&at={next}")).unwrap_or_default();
            format!("/class/{class}/review?done={act}&undo={record}{at}")
        }
    })))
}
