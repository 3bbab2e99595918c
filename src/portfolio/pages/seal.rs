use crate::access::{Fault, Posted, Principal, Refused};
use crate::cycle::{Stage, class_stages};
use crate::names::{ClassId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::store::{SealTerm, Sealable, sealable};
use crate::roster::calendar::present_term;
use crate::roster::class_named;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ClassesView {
    term_name: String,
    rows: Vec<RowView>,
    /// A class leaves junior high this term.
    graduates: bool,
}

#[derive(Serialize)]
struct RowView {
    class: ClassId,
    name: String,
    stage: Stage,
    word: &'static str,
    sealed: i64,
    pupils: i64,
    /// Checked and reviewed: the principal can look and seal.
    reviewed: bool,
}

/// Every class and whether it can be sealed, in class order.
#[get("/seal")]
pub(super) async fn classes(principal: Principal) -> Result<Page, Refused> {
    let whole = principal.whole_school();
    let view = principal
        .look(move |look| {
            let dates = present_term(look)?;
            let stages = class_stages(look, whole, dates)?;
            let graduates = stages.iter().any(|class| Term::of_cohort(class.class.name.cohort)[5] == dates.term);
            let rows = stages.into_iter().map(|class| RowView {
                class: class.class.id,
                name: class.class.name.in_year(dates.term.year()),
                stage: class.stage,
                word: class.stage.word(),
                sealed: class.sealed,
                pupils: class.pupils,
                reviewed: class.reviewed.is_some(),
            });
            Ok(ClassesView { term_name: dates.term.name(), rows: rows.collect(), graduates })
        })
        .await?;
    Ok(Page::of("portfolio/seal.html", &view).within("shell", principal.shell()))
}

#[derive(Serialize)]
struct SealView {
    class: ClassId,
    class_name: String,
    term: Term,
    term_name: String,
    /// Why the class cannot be sealed at all yet.
    waits: Option<String>,
    sealed: usize,
    ready: usize,
    not_ready: Vec<WaitingView>,
    /// How many were sealed just now.
    just: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct WaitingView {
    seat: i32,
    name: String,
    why: String,
}

#[derive(Default, Deserialize)]
struct Asked {
    sealed: Option<usize>,
}

async fn seal_view(
    principal: &Principal,
    id: ClassId,
    just: Option<usize>,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = principal.whole_school();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let view = principal
        .look(move |look| {
            let term = present_term(look)?.term;
            let class = class_named(look, whole, id)?;
            let (waits, found) = match sealable(look, whole, id, term) {
                Ok(found) => (None, found),
                Err(Refused::Conflict(why)) => (Some(why), Sealable { sealed: 0, ready: 0, not_ready: Vec::new() }),
                Err(other) => return Err(other),
            };
            Ok(SealView {
                class: id,
                class_name: class.name.in_year(term.year()),
                term,
                term_name: term.name(),
                waits,
                sealed: found.sealed,
                ready: found.ready,
                not_ready: found
                    .not_ready
                    .into_iter()
                    .map(|one| WaitingView { seat: one.seat, name: one.name, why: one.why })
                    .collect(),
                just,
                faults,
            })
        })
        .await?;
    Ok(Page::of("portfolio/seal-class.html", &view).within("shell", principal.shell()).with_status(status))
}

/// Who of a class can be sealed, and who not, with the reason.
#[get("/seal/{class}")]
pub(super) async fn class_page(
    principal: Principal,
    path: Path<ClassId>,
    asked: Query<Asked>,
) -> Result<Page, Refused> {
    seal_view(&principal, path.into_inner(), asked.sealed, Vec::new()).await
}

#[derive(Deserialize)]
struct SealForm {
    term: Term,
}

/// Seals all who are ready.
#[post("/seal/{class}")]
pub(super) async fn seal(
    principal: Principal,
    path: Path<ClassId>,
    form: Posted<SealForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, id, term) = (principal.whole_school(), path.into_inner(), form.0.term);
    let county = principal.house().county.clone();
    match principal.act(move |tx| SealTerm::prepare(tx, whole, &county, id, term)).await {
        Ok((sealed, _)) => Ok(Either::Left(SeeOther(format!("/principal/seal/{id}?sealed={sealed}")))),
        Err(refused) => Ok(Either::Right(seal_view(&principal, id, None, refused.at_form("")?.1).await?)),
    }
}
