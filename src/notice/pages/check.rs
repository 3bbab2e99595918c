//! After the notice: what the class teacher signs.

use super::shown::{StateView, state_view};
use crate::access::{Fault, Homeroom, Nothing, Posted, Refused};
use crate::cycle::{Part, first_notice, holding, stage_signed};
use crate::names::Term;
use crate::notice::store::check::CheckClass;
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::Serialize;

#[derive(Serialize)]
struct CheckView {
    class: crate::access::OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    state: Option<StateView>,
    checked: Option<String>,
    reviewed: Option<String>,
    waiting: Vec<(i32, String, String)>,
    pupils: usize,
    may_sign: bool,
    /// The class leaves junior high this term.
    graduates: bool,
    faults: Vec<Fault>,
}

async fn check_view(homeroom: &Homeroom, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (own, may_sign) = (homeroom.class(), homeroom.may_sign());
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let view = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let held = holding(look, own.id(), own.term(), Part::Term)?;
            let state = match first_notice(look, own.id(), own.term(), Part::Term)? {
                Some(notice) => Some(state_view(look, &notice)?),
                None => None,
            };
            let [checked, reviewed] = stage_signed(look, own.id(), own.term(), Part::Term)?;
            let said =
                |done: crate::cycle::Done, word: &str| format!("{} {} {word}", super::told::moment(done.at), done.name);
            Ok(CheckView {
                class: own,
                class_name: own.name(),
                term: own.term(),
                term_name: own.term().name(),
                state,
                checked: checked.map(|done| said(done, "核对签字")),
                reviewed: reviewed.map(|done| said(done, "审核")),
                pupils: pupils.len(),
                waiting: pupils
                    .into_iter()
                    .filter_map(|pupil| Some((pupil.seat, pupil.name, held.get(&pupil.id)?.clone())))
                    .collect(),
                may_sign,
                graduates: Term::of_cohort(own.cohort())[5] == own.term(),
                faults,
            })
        })
        .await?;
    Ok(Page::of("notice/check.html", &view).within("shell", homeroom.shell()).with_status(status))
}

/// After the notice: what the class teacher signs.
#[get("/check")]
pub(super) async fn check_page(homeroom: Homeroom) -> Result<Page, Refused> {
    check_view(&homeroom, Vec::new()).await
}

/// Signs the checking.
#[post("/{term}/check")]
pub(super) async fn check(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    if !homeroom.may_sign() {
        return Err(Refused::NotFound);
    }
    let (own, term) = (homeroom.class(), path.1);
    match homeroom.act(move |tx| CheckClass::prepare(tx, &own, term)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/class/{}/check", own.id())))),
        Err(refused) => Ok(Either::Right(check_view(&homeroom, refused.at_form("")?.1).await?)),
    }
}
