use super::answering::AnswerForm;
use super::followed::{AskedPhoto, Handler};
use crate::access::{Posted, Principal, Refused};
use crate::cycle::Instance;
use crate::names::ObjectionId;
use crate::platform::page::{Page, SeeOther};
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpResponse, get, post};

fn handler(principal: &Principal) -> Handler<'_> {
    let base = "/principal".to_owned();
    Handler { desk: principal, shell: principal.shell(), base, instance: Instance::Office }
}

/// The objections of the term.
#[get("/objections")]
pub(super) async fn objections_page(principal: Principal) -> Result<Page, Refused> {
    handler(&principal).objections().await
}

/// One objection; the principal answers what was given to the principal.
#[get("/objections/{objection}")]
pub(super) async fn objection_page(principal: Principal, path: Path<ObjectionId>) -> Result<Page, Refused> {
    handler(&principal).thread(path.into_inner()).await
}

/// A photo that came with it, for whom it was given to.
#[get("/objections/{objection}/photos/{ordinal}")]
pub(super) async fn photo(
    principal: Principal,
    path: Path<(ObjectionId, i32)>,
    asked: Query<AskedPhoto>,
) -> Result<HttpResponse, Refused> {
    handler(&principal).photo(path.into_inner(), asked.into_inner()).await
}

/// Answers it in writing.
#[post("/objections/{objection}/answer")]
pub(super) async fn answer(
    principal: Principal,
    path: Path<ObjectionId>,
    form: Posted<AnswerForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    handler(&principal).answer(path.into_inner(), form.0).await
}
