use super::grid::of_class;
use crate::access::{Homeroom, OwnClass, Posted, Refused, Told};
use crate::cycle::{Step, windows};
use crate::evaluation::store::{DrawPeers, PeerProgress};
use crate::evaluation::voices::{Said, class_voices};
use crate::names::{Domain, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use crate::scheme::{Recorder, Voices, scheme_of};
use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize)]
struct VoicesView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    voices: Voices,
    pupils: usize,
    steps: Vec<StepView>,
    drawn: usize,
    answered: usize,
    peers: usize,
    /// Pupils who came after the lot.
    undrawn: bool,
    drawn_now: bool,
    waiting: Vec<WaitingView>,
    indicators: Vec<IndicatorLink>,
}

#[derive(Serialize)]
struct StepView {
    word: &'static str,
    until: String,
    extended: Option<String>,
}

#[derive(Serialize)]
struct WaitingView {
    student: StudentId,
    seat: i32,
    name: String,
    what: Vec<&'static str>,
}

#[derive(Serialize)]
struct IndicatorLink {
    code: String,
    item: String,
}

#[derive(Deserialize)]
struct Asked {
    drawn: Option<u8>,
}

/// Who else has their say of the class, and how far they are; in seat order.
#[get("/voices")]
pub(super) async fn voices_page(homeroom: Homeroom, asked: Query<Asked>) -> Result<Page, Refused> {
    let own = homeroom.class();
    let drawn_now = asked.drawn.is_some();
    let view = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let scheme = scheme_of(look, own.cohort(), own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
            let voices = class_voices(look, &own, dates, &students)?;
            let (windows, today, school) = (windows(look, own.term())?, look.today(), look.school());
            let steps = [Step::Pupil, Step::Peer, Step::Guardian, Step::Subject, Step::Homeroom].into_iter();
            let PeerProgress { drawn, answered } = voices.peers;
            let waiting = pupils
                .iter()
                .filter_map(|pupil| {
                    let mut what = Vec::new();
                    if scheme.voices.pupil && !voices.confirmed.contains(&pupil.id) {
                        what.push("缺自评");
                    }
                    if scheme.voices.guardian && !voices.guardians.contains(&pupil.id) {
                        what.push("家长还没写");
                    }
                    let (student, seat, name) = (pupil.id, pupil.seat, pupil.name.clone());
                    (!what.is_empty()).then_some(WaitingView { student, seat, name, what })
                })
                .collect();
            Ok(VoicesView {
                class: own,
                class_name: own.name(),
                term: own.term(),
                term_name: own.term().name(),
                voices: scheme.voices,
                pupils: pupils.len(),
                steps: steps
                    .map(|step| {
                        let window = windows.get(&step).cloned().unwrap_or_default();
                        let until = match window.closes_on {
                            None => "整个学期都开着".to_owned(),
                            Some(_) => window.until(today),
                        };
                        StepView { word: step.word(), until, extended: window.extended }
                    })
                    .collect(),
                drawn,
                answered,
                peers: scheme.peers,
                undrawn: drawn > 0 && drawn < pupils.len(),
                drawn_now,
                waiting,
                indicators: scheme
                    .banded_by(school, Recorder::Homeroom)
                    .map(|item| IndicatorLink { code: item.code.clone(), item: item.item.clone() })
                    .collect(),
            })
        })
        .await?;
    Ok(Page::of("evaluation/voices.html", &view).within("shell", homeroom.shell()))
}

#[derive(Deserialize)]
struct DrawForm {}

/// Draws by lot who is asked about whom.
#[post("/voices/draw")]
pub(super) async fn draw_peers(homeroom: Homeroom, form: Posted<DrawForm>) -> Result<SeeOther, Refused> {
    let (own, DrawForm {}) = (homeroom.class(), form.0);
    homeroom.act(move |tx| DrawPeers::prepare(tx, &own)).await?;
    Ok(SeeOther(format!("/class/{}/voices?drawn=1", own.id())))
}

/// What others say that stands beside a cell.
#[derive(Serialize)]
struct BesideCell {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    said: Vec<Said>,
    /// What was promised last term, and what came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    helped: Option<HelpedCell>,
}

#[derive(Serialize)]
struct HelpedCell {
    help: String,
    outcome: String,
}

type Others = BTreeMap<StudentId, BTreeMap<Domain, BesideCell>>;

/// Student → domain → the other voices. The grid asks for them last: it can be filled in
/// without.
#[get("/{term}/voices")]
pub(super) async fn others(homeroom: Homeroom, path: Path<(String, Term)>) -> Result<Json<Others>, Told> {
    let own = homeroom.class();
    let term = of_class(&own, path.1)?;
    let others = homeroom
        .look(move |look| {
            let dates = term_dates(look, term)?;
            let students: Vec<StudentId> = class_list(look, &own, dates)?.into_iter().map(|pupil| pupil.id).collect();
            let voices = class_voices(look, &own, dates, &students)?;
            let cell = |voices: crate::evaluation::Voices| BesideCell {
                said: voices.said,
                helped: voices.help.map(|help| HelpedCell { help: help.help, outcome: help.outcome }),
            };
            let told = voices.of.into_iter().filter(|(_, of)| !of.is_empty());
            Ok(told.map(|(id, of)| (id, of.into_iter().map(|(domain, of)| (domain, cell(of))).collect())).collect())
        })
        .await?;
    Ok(Json(others))
}
