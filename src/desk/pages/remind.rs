use crate::access::{Homeroom, Nothing, OwnClass, Posted, Refused, SchoolOffice};
use crate::desk::{Matter, Remind, RemindTeacher, still_waiting};
use crate::names::{ClassId, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::record::{ClassWeek, HouseworkState, class_housework, day_words};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use actix_web::web::{Path, Query};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct RemindView {
    class: OwnClass,
    class_name: String,
    term: Term,
    matter: Matter,
    word: &'static str,
    waiting: Vec<WaitingView>,
    differing: Vec<DifferingView>,
    /// How many were told just now.
    told: Option<usize>,
}

#[derive(Serialize)]
struct WaitingView {
    student: StudentId,
    seat: i32,
    name: String,
    weeks: String,
}

/// A week of which a guardian says that something differs.
#[derive(Serialize)]
struct DifferingView {
    student: StudentId,
    seat: i32,
    name: String,
    week: String,
    note: String,
}

#[derive(Deserialize)]
struct Asked {
    told: Option<usize>,
}

/// The matter in an address; only a pupil's.
fn matter_of(text: &str) -> Result<Matter, Refused> {
    text.parse().ok().filter(|matter| *matter != Matter::Class).ok_or(Refused::NotFound)
}

fn weeks(weeks: &[ClassWeek]) -> String {
    let named: Vec<String> = weeks.iter().map(|week| format!("{}那一周", day_words(week.monday))).collect();
    named.join("、")
}

/// Who is waited for in a matter, in seat order, with one button that reminds them.
#[get("/remind/{matter}")]
pub(super) async fn waited_for(
    homeroom: Homeroom,
    path: Path<(String, String)>,
    asked: Query<Asked>,
) -> Result<Page, Refused> {
    let (own, matter) = (homeroom.class(), matter_of(&path.1)?);
    let view = homeroom
        .look(move |look| {
            let waiting = still_waiting(look, &own, matter)?;
            let mut differing = Vec::new();
            if matter == Matter::Housework {
                let dates = term_dates(look, own.term())?;
                let told = class_housework(look, &own, dates)?;
                let mut of: HashMap<StudentId, Vec<ClassWeek>> = HashMap::new();
                for week in told.into_iter().filter(|week| week.state == HouseworkState::Differs) {
                    of.entry(week.student).or_default().push(week);
                }
                for pupil in class_list(look, &own, dates)? {
                    differing.extend(of.remove(&pupil.id).into_iter().flatten().map(|week| DifferingView {
                        student: pupil.id,
                        seat: pupil.seat,
                        name: pupil.name.clone(),
                        week: format!("{}那一周", day_words(week.monday)),
                        note: week.note.unwrap_or_default(),
                    }));
                }
            }
            Ok(RemindView {
                class: own,
                class_name: own.name(),
                term: own.term(),
                matter,
                word: matter.word(),
                waiting: waiting
                    .into_iter()
                    .map(|waits| WaitingView {
                        student: waits.student,
                        seat: waits.seat,
                        name: waits.name,
                        weeks: weeks(&waits.weeks),
                    })
                    .collect(),
                differing,
                told: asked.told,
            })
        })
        .await?;
    Ok(Page::of("desk/remind.html", &view).within("shell", homeroom.shell()))
}

/// Reminds those whose names are ticked: each gets it in their own inbox.
#[post("/remind/{matter}")]
pub(super) async fn remind(
    homeroom: Homeroom,
    path: Path<(String, String)>,
    form: Posted<HashMap<String, String>>,
) -> Result<SeeOther, Refused> {
    let (own, matter) = (homeroom.class(), matter_of(&path.1)?);
    let ticked = form.0.keys().filter_map(|field| field.strip_prefix("who_"));
    let wanted: Vec<StudentId> = ticked.map(str::parse).collect::<Result<_, _>>().map_err(|_| Refused::NotFound)?;
    let told = match homeroom.try_act(move |tx| Remind::prepare(tx, &own, matter, &wanted)).await? {
        Ok(told) | Err(told) => told,
    };
    Ok(SeeOther(format!("/class/{}/remind/{}?told={told}", own.id(), matter.code())))
}

/// The office reminds the class teacher who is waited for on the board.
#[post("/board/{class}/remind")]
pub(super) async fn remind_teacher(
    office: SchoolOffice,
    class: Path<ClassId>,
    _: Posted<Nothing>,
) -> Result<SeeOther, Refused> {
    let (whole, class) = (office.whole_school(), class.into_inner());
    let told = match office.try_act(move |tx| RemindTeacher::prepare(tx, whole, class)).await? {
        Ok(told) | Err(told) => told,
    };
    Ok(SeeOther(format!("/office?told={told}")))
}
