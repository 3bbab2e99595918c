use crate::access::{Homeroom, PostedJson, Told};
use crate::evaluation::store::{EvaluateStudents, Outcome, Wanted, WantedComment};
use crate::names::{Domain, StudentId, Term};
use crate::scheme::scheme_of;
use actix_web::web::Path;
use actix_web::{HttpResponse, post};
use serde::Deserialize;

/// 200 with what was saved and what was not; 409 when nothing was.
fn answer(outcome: &Outcome) -> HttpResponse {
    if outcome.saved.is_empty() && !outcome.conflicts.is_empty() {
        HttpResponse::Conflict().json(outcome)
    } else {
        HttpResponse::Ok().json(outcome)
    }
}

async fn save(
    homeroom: Homeroom,
    term: Term,
    bands: Vec<Wanted>,
    comments: Vec<WantedComment>,
) -> Result<HttpResponse, Told> {
    let own = homeroom.class();
    let outcome = homeroom
        .try_act(move |tx| {
            let scheme = scheme_of(tx, own.cohort(), own.term())?;
            EvaluateStudents::prepare(tx, &own, term, &bands, &comments, None, scheme.comment_characters)
        })
        .await?;
    Ok(answer(&outcome.unwrap_or_else(|unchanged| unchanged)))
}

/// Saves cells of the grid; many at once are one act.
#[post("/{term}/cells")]
pub(super) async fn save_cells(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    cells: PostedJson<Vec<Wanted>>,
) -> Result<HttpResponse, Told> {
    save(homeroom, path.1, cells.0, Vec::new()).await
}

/// Saves comments of the grid.
#[post("/{term}/comments")]
pub(super) async fn save_comments(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    comments: PostedJson<Vec<WantedComment>>,
) -> Result<HttpResponse, Told> {
    save(homeroom, path.1, Vec::new(), comments.0).await
}

#[derive(Deserialize)]
struct Repeated {
    student: StudentId,
    domain: Domain,
    revision: i32,
}

/// The same as last term, for the cells named: an act of its own kind.
#[post("/{term}/repeat")]
pub(super) async fn repeat(
    homeroom: Homeroom,
    path: Path<(String, Term)>,
    cells: PostedJson<Vec<Repeated>>,
) -> Result<HttpResponse, Told> {
    let (own, term) = (homeroom.class(), path.1);
    let wanted: Vec<_> = cells.0.into_iter().map(|cell| (cell.student, cell.domain, cell.revision)).collect();
    let outcome = homeroom.try_act(move |tx| EvaluateStudents::as_last_term(tx, &own, term, &wanted)).await?;
    Ok(answer(&outcome.unwrap_or_else(|unchanged| unchanged)))
}
