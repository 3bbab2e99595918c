use crate::access::{CountySystem, Fault, Posted, Refused};
use crate::cycle::{ExtendWindow, SetWindows, Step, county_windows, extensions};
use crate::names::{SchoolId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::{present_term, terms};
use crate::roster::schools;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct WindowsView {
    term: Term,
    term_name: String,
    starts_on: String,
    ends_on: String,
    terms: Vec<TermLink>,
    steps: Vec<StepForm>,
    schools: Vec<SchoolOption>,
    extensions: Vec<ExtensionView>,
    typed: HashMap<String, String>,
    saved: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct TermLink {
    term: Term,
    name: String,
}

#[derive(Serialize)]
struct StepForm {
    code: &'static str,
    word: &'static str,
    opens: String,
    closes: String,
}

#[derive(Serialize)]
struct SchoolOption {
    id: i32,
    name: String,
    chosen: bool,
}

#[derive(Serialize)]
struct ExtensionView {
    school: String,
    step: &'static str,
    closes_on: String,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    term: Option<Term>,
    saved: Option<u8>,
}

async fn page(
    county: &CountySystem,
    asked: Option<Term>,
    saved: bool,
    typed: HashMap<String, String>,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let again = !faults.is_empty();
    let view = county
        .look(move |look| {
            let present = present_term(look)?;
            let all = terms(look)?;
            let wanted = asked.unwrap_or(present.term);
            let dates = *all.iter().find(|dates| dates.term == wanted).ok_or(Refused::NotFound)?;
            let windows = county_windows(look, wanted)?;
            let date = |date: Option<NaiveDate>| date.map(|day| day.to_string()).unwrap_or_default();
            let text = |field: String, standing: String| match typed.get(&field) {
                Some(typed) if again => typed.clone(),
                _ => standing,
            };
            let steps = Step::ALL
                .iter()
                .map(|step| {
                    let (window, code) = (windows.get(step).cloned().unwrap_or_default(), step.code());
                    StepForm {
                        code,
                        word: step.word(),
                        opens: text(format!("opens_{code}"), date(window.opens_on)),
                        closes: text(format!("closes_{code}"), date(window.closes_on)),
                    }
                })
                .collect();
            let chosen = typed.get("school").cloned().unwrap_or_default();
            Ok(WindowsView {
                term: wanted,
                term_name: wanted.name(),
                starts_on: dates.starts_on.to_string(),
                ends_on: dates.ends_on.to_string(),
                terms: all
                    .iter()
                    .filter(|dates| (present.term.year()..=present.term.year() + 1).contains(&dates.term.year()))
                    .map(|dates| TermLink { term: dates.term, name: dates.term.name() })
                    .collect(),
                steps,
                schools: schools(look)?
                    .into_iter()
                    .map(|school| SchoolOption {
                        id: school.id.0,
                        chosen: school.id.0.to_string() == chosen,
                        name: school.name,
                    })
                    .collect(),
                extensions: extensions(look, wanted)?
                    .into_iter()
                    .map(|given| ExtensionView {
                        school: given.school_name,
                        step: given.step.word(),
                        closes_on: given.closes_on.to_string(),
                        reason: given.reason,
                    })
                    .collect(),
                typed,
                saved,
                faults,
            })
        })
        .await?;
    Ok(Page::of("cycle/windows.html", &view).within("shell", county.shell()).with_status(status))
}

/// When each step of a term is open.
#[get("/windows")]
pub(super) async fn windows_page(county: CountySystem, asked: Query<Asked>) -> Result<Page, Refused> {
    page(&county, asked.term, asked.saved.is_some(), HashMap::new(), Vec::new()).await
}

/// A date field: empty is no date.
fn day(typed: &HashMap<String, String>, field: &str, what: &str) -> Result<Option<NaiveDate>, Fault> {
    match typed.get(field).map_or("", |text| text.trim()) {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| Fault::at(field, format!("{what}写成了“{text}”，认不出。请写成 2027-01-08 这样。"))),
    }
}

fn term_of(typed: &HashMap<String, String>) -> Result<Term, Refused> {
    typed.get("term").and_then(|term| term.parse().ok()).ok_or(Refused::NotFound)
}

/// Sets the windows of a term.
#[post("/windows")]
pub(super) async fn set(
    county: CountySystem,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(typed) = form;
    let term = term_of(&typed)?;
    let (mut wanted, mut faults) = (Vec::new(), Vec::new());
    for step in Step::ALL {
        let (code, word) = (step.code(), step.word());
        let opens = day(&typed, &format!("opens_{code}"), &format!("{word}的开始日"));
        let closes = day(&typed, &format!("closes_{code}"), &format!("{word}的截止日"));
        match (opens, closes) {
            (Ok(opens), Ok(closes)) => wanted.push((*step, opens, closes)),
            (opens, closes) => faults.extend(opens.err().into_iter().chain(closes.err())),
        }
    }
    if !faults.is_empty() {
        return page(&county, Some(term), false, typed, faults).await.map(Either::Right);
    }
    let set = county
        .try_act(move |tx| {
            Ok(match SetWindows::prepare(tx, term, &wanted)? {
                Some(act) => crate::access::Attempt::Act(act),
                None => crate::access::Attempt::Nothing(()),
            })
        })
        .await;
    match set {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/county/windows?term={term}&saved=1")))),
        Err(Refused::Invalid(faults)) => page(&county, Some(term), false, typed, faults).await.map(Either::Right),
        Err(other) => Err(other),
    }
}

/// Gives one school longer.
#[post("/windows/extend")]
pub(super) async fn extend(
    county: CountySystem,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(typed) = form;
    let term = term_of(&typed)?;
    let step: Option<Step> = typed.get("step").and_then(|step| step.parse().ok());
    let school = typed.get("school").and_then(|school| school.parse().ok()).map(SchoolId);
    let mut faults = Vec::new();
    if school.is_none() {
        faults.push(Fault::at("school", "请选延长的是哪一所学校。"));
    }
    if step.is_none() {
        faults.push(Fault::at("step", "请选延长的是哪一步。"));
    }
    let closes_on = match day(&typed, "closes_on", "延长到的日子") {
        Ok(Some(day)) => Some(day),
        Ok(None) => {
            faults.push(Fault::at("closes_on", "请写延长到哪一天。"));
            None
        }
        Err(fault) => {
            faults.push(fault);
            None
        }
    };
    let (Some(school), Some(step), Some(closes_on)) = (school, step, closes_on) else {
        return page(&county, Some(term), false, typed, faults).await.map(Either::Right);
    };
    let reason = typed.get("reason").cloned().unwrap_or_default();
    match county.act(move |tx| ExtendWindow::prepare(tx, term, step, school, closes_on, &reason)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/county/windows?term={term}&saved=1")))),
        Err(Refused::Invalid(faults)) => page(&county, Some(term), false, typed, faults).await.map(Either::Right),
        Err(other) => Err(other),
    }
}
