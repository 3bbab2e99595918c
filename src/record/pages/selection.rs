use crate::access::{Family, Fault, Homeroom, Look, OwnClass, Posted, Refused};
use crate::cycle::{Step, window};
use crate::names::{ActivityId, Domain, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::record::{
    Kept, OpenSelection, SelectRecords, Selection, State, WHY_CHARACTERS, child_selection, class_selections, day_words,
    may_select, records_of_term,
};
use crate::roster::calendar::term_dates;
use crate::roster::{at_school, class_list};
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Serialize)]
struct SelectView<'a> {
    student: StudentId,
    name: &'a str,
    term: Term,
    until: String,
    most: usize,
    /// Why nothing can be chosen now; a guardian only reads.
    closed: Option<String>,
    confirmed: bool,
    word: Option<String>,
    domains: Vec<DomainView<'a>>,
    chosen: usize,
    signed: String,
    characters: usize,
    saved: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct DomainView<'a> {
    code: Domain,
    character: &'static str,
    name: &'a str,
    said: String,
    cards: Vec<CardView>,
}

#[derive(Serialize)]
struct CardView {
    activity: ActivityId,
    title: String,
    about: String,
    picked: bool,
    why: String,
    /// Not confirmed by the teacher yet: shown, not to be chosen.
    waits: bool,
}

struct Read {
    scheme: Arc<Scheme>,
    term: Term,
    until: String,
    closed: Option<String>,
    stands: Selection,
    records: Vec<Kept>,
}

fn read(look: &mut Look, family: &Family) -> Result<Read, Refused> {
    let child = family.child();
    let at = at_school(look, child)?;
    let (term, today) = (at.term.term, look.today());
    let closed = Refused::why_not(may_select(look, child))?;
    let mut records = records_of_term(look, child, term)?;
    records.retain(|kept| matches!(kept.state, State::Confirmed | State::Submitted));
    Ok(Read {
        scheme: scheme_of(look, at.class.name.cohort, term)?,
        until: window(look, Step::Selection, term)?.until(today),
        stands: child_selection(look, child, term)?,
        records,
        term,
        closed,
    })
}

fn page(
    family: &Family,
    read: &Read,
    typed: Option<&HashMap<String, String>>,
    saved: bool,
    faults: Vec<Fault>,
    status: StatusCode,
) -> Page {
    let picked = |activity: &ActivityId| match typed {
        Some(typed) => typed.contains_key(&format!("pick_{activity}")),
        None => read.stands.chosen.contains_key(activity),
    };
    let why = |activity: &ActivityId| match typed {
        Some(typed) => typed.get(&format!("why_{activity}")).cloned().unwrap_or_default(),
        None => read.stands.chosen.get(activity).cloned().unwrap_or_default(),
    };
    let mine = family.myself().is_ok();
    let domains = Domain::ALL
        .iter()
        .map(|domain| {
            let of = read.records.iter().filter(|kept| kept.told.domain == *domain);
            let cards: Vec<CardView> = of
                .map(|kept| CardView {
                    activity: kept.activity,
                    title: kept.told.title.clone(),
                    about: format!("{} · {}", day_words(kept.told.starts_on), kept.source()),
                    picked: picked(&kept.activity),
                    why: why(&kept.activity),
                    waits: kept.state != State::Confirmed,
                })
                .collect();
            let said = match cards.iter().filter(|card| card.picked).count() {
                0 => String::new(),
                many if many >= read.scheme.selected_records => format!("选了 {many} 件，选满了"),
                many => format!("选了 {many} 件"),
            };
            let name = &read.scheme.domain(*domain).name;
            DomainView { code: *domain, character: domain.character(), name, said, cards }
        })
        .collect::<Vec<_>>();
    let chosen = domains.iter().flat_map(|domain| &domain.cards).filter(|card| card.picked).count();
    let reads = "由孩子自己来选，您可以陪着一起看。";
    let closed = if mine { read.closed.clone() } else { Some(reads.to_owned()) };
    let view = SelectView {
        student: family.child().student(),
        name: family.child_name(),
        term: read.term,
        until: read.until.clone(),
        most: read.scheme.selected_records,
        closed,
        confirmed: read.stands.confirmed,
        word: read.stands.word.clone(),
        domains,
        chosen,
        signed: typed.and_then(|typed| typed.get("signed").cloned()).unwrap_or_default(),
        characters: WHY_CHARACTERS,
        saved,
        faults,
    };
    Page::of("record/select.html", &view).within("shell", family.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Asked {
    saved: Option<u8>,
}

/// The pupil's own records of the term, to choose from; the family reads.
#[get("/selection")]
pub(super) async fn select_page(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    let grant = family.clone();
    let read = family.look(move |look| read(look, &grant)).await?;
    Ok(page(&family, &read, None, asked.saved.is_some(), Vec::new(), StatusCode::OK))
}

/// Keeps the choice as a draft, or confirms it with the pupil's name.
#[post("/selection")]
pub(super) async fn select(
    family: Family,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let me = family.myself()?;
    let (Posted(typed), grant, name) = (form, family.clone(), family.child_name().to_owned());
    let term: Term = typed.get("term").and_then(|term| term.parse().ok()).ok_or(Refused::NotFound)?;
    let mut chosen: BTreeMap<ActivityId, String> = BTreeMap::new();
    for id in typed.keys().filter_map(|field| field.strip_prefix("pick_")) {
        let activity: ActivityId = id.parse().map_err(|_| Refused::NotFound)?;
        chosen.insert(activity, typed.get(&format!("why_{id}")).cloned().unwrap_or_default());
    }
    let signed = (typed.get("go").map(String::as_str) != Some("draft"))
        .then(|| typed.get("signed").cloned().unwrap_or_default());
    let selected =
        family.try_act(move |tx| SelectRecords::prepare(tx, me, term, &name, &chosen, signed.as_deref())).await;
    let (status, faults) = match selected {
        Ok(_) => return Ok(Either::Left(SeeOther(format!("/child/{}/selection?saved=1", me.student())))),
        Err(refused) => refused.at_form("")?,
    };
    let read = family.look(move |look| read(look, &grant)).await?;
    Ok(Either::Right(page(&family, &read, Some(&typed), false, faults, status)))
}

#[derive(Serialize)]
struct ClassView {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    confirmed: usize,
    pupils: Vec<PupilView>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct PupilView {
    student: StudentId,
    seat: i32,
    name: String,
    state: &'static str,
    confirmed: bool,
    word: Option<String>,
    chosen: Vec<ChosenView>,
    typed: String,
}

#[derive(Serialize)]
struct ChosenView {
    character: &'static str,
    domain: Domain,
    title: String,
    why: String,
}

async fn class_page(
    homeroom: &Homeroom,
    typed: Option<(StudentId, String)>,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let own = homeroom.class();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
            let mut selections = class_selections(look, own.term(), &students)?;
            let pupils: Vec<PupilView> = pupils
                .into_iter()
                .map(|pupil| {
                    let (stands, chosen) = selections.remove(&pupil.id).unwrap_or_default();
                    // A draft is the pupil's own: the teacher sees what was confirmed.
                    let shown = stands.confirmed || stands.word.is_some();
                    PupilView {
                        student: pupil.id,
                        seat: pupil.seat,
                        name: pupil.name,
                        state: match (stands.confirmed, stands.word.is_some()) {
                            (true, _) => "已确认",
                            (_, true) => "重新打开了",
                            _ => "还没确认",
                        },
                        confirmed: stands.confirmed,
                        word: stands.word,
                        chosen: chosen
                            .into_iter()
                            .filter(|_| shown)
                            .map(|selected| ChosenView {
                                character: selected.kept.told.domain.character(),
                                domain: selected.kept.told.domain,
                                title: selected.kept.told.title,
                                why: selected.why,
                            })
                            .collect(),
                        typed: match &typed {
                            Some((student, word)) if *student == pupil.id => word.clone(),
                            _ => String::new(),
                        },
                    }
                })
                .collect();
            Ok(ClassView {
                class: own,
                class_name: own.name(),
                term: own.term(),
                term_name: own.term().name(),
                confirmed: pupils.iter().filter(|pupil| pupil.confirmed).count(),
                pupils,
                faults,
            })
        })
        .await?;
    Ok(Page::of("record/selections.html", &view).within("shell", homeroom.shell()).with_status(status))
}

/// What the pupils of the class chose, in seat order.
#[get("/selection")]
pub(super) async fn selections_page(homeroom: Homeroom) -> Result<Page, Refused> {
    class_page(&homeroom, None, Vec::new()).await
}

/// Opens one pupil's selection again, with a word.
#[post("/selection/{student}/open")]
pub(super) async fn open_selection(
    homeroom: Homeroom,
    path: Path<(String, StudentId)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, student) = (homeroom.class(), path.1);
    let word = form.0.get(&format!("word_{student}")).cloned().unwrap_or_default();
    let said = word.clone();
    match homeroom.act(move |tx| OpenSelection::prepare(tx, &own, student, &said)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/class/{}/selection", own.id())))),
        Err(Refused::Invalid(faults)) => class_page(&homeroom, Some((student, word)), faults).await.map(Either::Right),
        Err(other) => Err(other),
    }
}
