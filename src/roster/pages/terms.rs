//! The terms on the county's calendar page: the next one added, the days of one changed.

use super::calendar::{Told, page};
use crate::access::{Attempt, CountySystem, CountyWide, Fault, Look, Posted, Refused};
use crate::names::Term;
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::roster::calendar::{TermDates, present_term, terms};
use crate::roster::{AddTerm, Fields, MoveTerm, TermState, is_signed_anywhere, term_rule};
use actix_web::{Either, post};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
pub(super) struct TermsView {
    shown: Vec<TermView>,
    next: Option<NextView>,
}

#[derive(Serialize)]
struct TermView {
    term: Term,
    name: String,
    starts_on: String,
    ends_on: String,
    state: &'static str,
    running: bool,
    /// A class is signed: its days stand.
    signed: bool,
    first: FieldView,
    last: FieldView,
    may_first: bool,
    may_last: bool,
    /// It was changed and refused.
    open: bool,
}

#[derive(Serialize)]
struct FieldView {
    name: String,
    value: String,
}

/// The term that can be added.
#[derive(Serialize)]
struct NextView {
    term: Term,
    name: String,
    rule: String,
    first: FieldView,
    last: FieldView,
    /// No term that is known begins later than today.
    needed: bool,
}

fn fields(term: Term) -> Fields {
    Fields { first: format!("first_{term}"), last: format!("last_{term}") }
}

/// The terms from the one before the present on, with what was typed of them.
pub(super) fn terms_view(
    look: &mut Look<CountyWide>,
    signed: bool,
    typed: &HashMap<String, String>,
) -> Result<TermsView, Refused> {
    let (all, present, today) = (terms(look)?, present_term(look)?.term, look.today());
    let field = |name: String, stands: String| {
        let value = typed.get(&name).cloned().unwrap_or(stands);
        FieldView { name, value }
    };
    let shown = all.iter().filter(|dates| dates.term >= present.previous()).map(|dates| {
        let (state, Fields { first, last }) = (TermState::of(dates, today), fields(dates.term));
        let running = state == TermState::Running;
        TermView {
            term: dates.term,
            name: dates.term.name(),
            starts_on: dates.starts_on.to_string(),
            ends_on: dates.ends_on.to_string(),
            state: state.word(),
            running,
            signed: running && signed,
            may_first: state == TermState::Ahead,
            may_last: state == TermState::Ahead || running && !signed,
            open: typed.contains_key(&last),
            first: field(first, dates.starts_on.to_string()),
            last: field(last, dates.ends_on.to_string()),
        }
    });
    let shown = shown.collect();
    let next = all.last().map(|known| {
        let (term, needed) = (known.term.next(), known.starts_on <= today);
        let Fields { first, last } = fields(term);
        let (first, last) = (field(first, String::new()), field(last, String::new()));
        NextView { term, name: term.name(), rule: term_rule(term), first, last, needed }
    });
    Ok(TermsView { shown, next })
}

/// A day of a term as it was typed; whole-width figures are taken too.
fn day(typed: &HashMap<String, String>, field: &str, what: &str) -> Result<NaiveDate, Fault> {
    let text = typed.get(field).map_or("", |text| text.trim());
    half_width(text).parse().map_err(|_| match text {
        "" => Fault::at(field, format!("请写{what}的日子，像 2028-09-01 这样。")),
        text => Fault::at(field, format!("{what}的日子写成了“{text}”，认不出。请写成 2028-09-01 这样。")),
    })
}

fn term_of(typed: &HashMap<String, String>) -> Result<Term, Refused> {
    typed.get("term").and_then(|term| term.parse().ok()).ok_or(Refused::NotFound)
}

async fn answer<T>(
    county: &CountySystem,
    term: Term,
    typed: HashMap<String, String>,
    done: Result<T, Refused>,
) -> Result<Either<SeeOther, Page>, Refused> {
    match done {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/county/calendar?term={term}")))),
        Err(refused) => {
            let (_, faults) = refused.at_form(&fields(term).last)?;
            page(county, None, Told::refused(typed, faults)).await.map(Either::Right)
        }
    }
}

/// Adds the next term.
#[post("/calendar/term")]
pub(super) async fn add(
    county: CountySystem,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(typed) = form;
    let term = term_of(&typed)?;
    let at = fields(term);
    let done = match (day(&typed, &at.first, "开始"), day(&typed, &at.last, "结束")) {
        (Ok(starts_on), Ok(ends_on)) => {
            let added = TermDates { term, starts_on, ends_on };
            county.act(move |tx| AddTerm::prepare(tx, added, &at)).await
        }
        (first, last) => Err(Refused::Invalid(first.err().into_iter().chain(last.err()).collect())),
    };
    answer(&county, term, typed, done).await
}

/// Gives a term other days; the form of one that runs has only the last.
#[post("/calendar/term/move")]
pub(super) async fn change(
    county: CountySystem,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(typed) = form;
    let term = term_of(&typed)?;
    let at = fields(term);
    let first = match typed.contains_key(&at.first) {
        true => day(&typed, &at.first, "开始").map(Some),
        false => Ok(None),
    };
    let done = match (first, day(&typed, &at.last, "结束")) {
        (Ok(starts_on), Ok(ends_on)) => {
            // Read apart, for the county's own chain sees no school: a class that is signed
            // in this very moment is signed after the change.
            let signed = county.look_at_process(move |look| is_signed_anywhere(look, term)).await?;
            let moved = county.try_act(move |tx| {
                let act = MoveTerm::prepare(tx, term, (starts_on, ends_on), signed, &at)?;
                Ok(act.map_or(Attempt::Nothing(()), Attempt::Act))
            });
            moved.await.map(drop)
        }
        (first, last) => Err(Refused::Invalid(first.err().into_iter().chain(last.err()).collect())),
    };
    answer(&county, term, typed, done).await
}
