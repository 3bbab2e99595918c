use super::family::{EscalateForm, Nothing};
use super::objecting::Asked;
use super::teaching::Teaching;
use crate::access::{Posted, Refused, Subject};
use crate::names::ObjectionId;
use crate::platform::page::{Page, SeeOther};
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};

fn teaching(subject: &Subject) -> Teaching<'_> {
    let own = subject.class();
    Teaching { desk: subject, shell: subject.shell(), own, base: format!("/subject/{}", own.id()), post: "subject" }
}

/// The notice of a class one teaches.
#[get("/notice")]
pub(super) async fn notice_page(subject: Subject) -> Result<Page, Refused> {
    teaching(&subject).notice().await
}

/// Who teaches the class objects to a fact of the class.
#[get("/objection")]
pub(super) async fn object_form(subject: Subject, asked: Query<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
    teaching(&subject).form(asked.into_inner()).await
}

/// Sends it.
#[post("/objection")]
pub(super) async fn raise(subject: Subject, form: Posted<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
    teaching(&subject).raise(form.0).await
}

/// What this teacher has objected to.
#[get("/objections")]
pub(super) async fn mine(subject: Subject) -> Result<Page, Refused> {
    teaching(&subject).objector().mine().await
}

/// One objection of one's own.
#[get("/objections/{objection}")]
pub(super) async fn own_thread(subject: Subject, path: Path<(String, ObjectionId)>) -> Result<Page, Refused> {
    teaching(&subject).objector().thread(path.1, Vec::new(), String::new()).await
}

/// Takes it back.
#[post("/objections/{objection}/withdraw")]
pub(super) async fn withdraw(
    subject: Subject,
    path: Path<(String, ObjectionId)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    teaching(&subject).objector().withdraw(path.1).await
}

/// Asks the next instance to look again.
#[post("/objections/{objection}/escalate")]
pub(super) async fn escalate(
    subject: Subject,
    path: Path<(String, ObjectionId)>,
    form: Posted<EscalateForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    teaching(&subject).objector().escalate(path.1, form.0.text).await
}
