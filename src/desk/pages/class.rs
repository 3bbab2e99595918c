use crate::access::{Homeroom, OwnClass, Refused};
use crate::desk::{AtDesk, Group, Lately, Stop, grouped, lately, stops, what_waits};
use crate::names::{StudentId, Term};
use crate::platform::page::Page;
use crate::record::day_words;
use actix_web::get;
use actix_web::web::Query;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

#[derive(Serialize)]
struct DeskView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    today: String,
    pupils: usize,
    stops: Vec<Stop>,
    things: usize,
    groups: Vec<Group>,
    /// The next date of the term, where nothing waits.
    next: Option<String>,
    filters: Vec<FilterView>,
    tiles: Vec<TileView>,
    lately: Vec<Lately>,
    /// The class is signed, and its booklet this teacher's to take.
    booklet: bool,
}

/// A filter leaves seats in their order; there is no other order.
#[derive(Serialize)]
struct FilterView {
    address: String,
    words: String,
    here: bool,
}

/// A name, and under it only what is to be done.
#[derive(Serialize)]
struct TileView {
    student: StudentId,
    seat: i32,
    name: String,
    todo: &'static str,
    /// It waits for the teacher, not for the pupil.
    mine: bool,
}

#[derive(Deserialize)]
struct Asked {
    show: Option<String>,
}

/// Activities shown.
const LATELY: usize = 3;

fn weekday(day: NaiveDate) -> &'static str {
    ["一", "二", "三", "四", "五", "六", "日"][day.weekday().num_days_from_monday() as usize]
}

fn filters(at: &AtDesk, base: &str, asked: &str) -> Vec<FilterView> {
    let one = |code: &str, words: &str, of: &HashSet<StudentId>| {
        (!of.is_empty()).then(|| FilterView {
            address: format!("{base}?show={code}"),
            words: format!("{words} {}", of.len()),
            here: asked == code,
        })
    };
    let some = [
        one("review", "待审核", &at.submitted),
        one("self", "缺自评", &at.without_own_words),
        one("quiet", "三周没有记录", &at.quiet),
    ];
    let mut filters: Vec<FilterView> = some.into_iter().flatten().collect();
    let here = filters.iter().all(|filter| !filter.here);
    filters.insert(0, FilterView { address: base.to_owned(), words: format!("全部 {}", at.book.len()), here });
    filters
}

/// The class teacher's desk: what waits, by deadline, and all pupils in seat order.
#[get("/desk")]
pub(super) async fn desk(homeroom: Homeroom, asked: Query<Asked>) -> Result<Page, Refused> {
    let (own, today) = (homeroom.class(), homeroom.house().clock.today());
    let at = homeroom.look(move |look| what_waits(look, &own)).await?;
    let (base, show) = (format!("/class/{}/desk", own.id()), asked.show.as_deref().unwrap_or_default());
    let shown = |student: &StudentId| match show {
        "review" if !at.submitted.is_empty() => at.submitted.contains(student),
        "self" if !at.without_own_words.is_empty() => at.without_own_words.contains(student),
        "quiet" if !at.quiet.is_empty() => at.quiet.contains(student),
        _ => true,
    };
    let todo = |student: &StudentId| match student {
        it if at.submitted.contains(it) => "待审核",
        it if at.without_own_words.contains(it) => "缺自评",
        it if at.quiet.contains(it) => "三周无记",
        _ => "",
    };
    let tiles = at.book.iter().filter(|pupil| shown(&pupil.student)).map(|pupil| TileView {
        student: pupil.student,
        seat: pupil.seat,
        name: pupil.name.clone(),
        todo: todo(&pupil.student),
        mine: at.submitted.contains(&pupil.student),
    });
    let stops = stops(&at.standing, today);
    let next = stops.iter().find(|stop| stop.state.is_empty() && !stop.when.is_empty());
    let view = DeskView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        today: format!("{} 星期{}", day_words(today), weekday(today)),
        pupils: at.book.len(),
        next: next.map(|stop| format!("下一步是{}，{}", stop.word, stop.when)),
        booklet: homeroom.may_sign() && at.standing.signed_at.is_some(),
        stops,
        things: at.waiting.len(),
        filters: filters(&at, &base, show),
        tiles: tiles.collect(),
        lately: lately(&at.book, own.id(), LATELY),
        groups: grouped(at.waiting, today),
    };
    Ok(Page::of("desk/class.html", &view).within("shell", homeroom.shell()))
}
