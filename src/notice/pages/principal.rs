use super::objecting::{AnswerForm, faults_of};
use super::office::ObjectionsView;
use super::told::{handling_view, lines};
use crate::access::{Fault, Posted, Principal, Refused};
use crate::cycle::Instance;
use crate::names::ObjectionId;
use crate::notice::store::objection::AnswerObjection;
use crate::notice::store::thread::{thread as thread_of, threads_in};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::present_term;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};

/// The objections of the term.
#[get("/objections")]
pub(super) async fn objections_page(principal: Principal) -> Result<Page, Refused> {
    let (me, today) = (principal.by().account(), principal.house().clock.today());
    let (term, threads) = principal
        .look(|look| {
            let term = present_term(look)?.term;
            Ok((term, threads_in(look, term)?))
        })
        .await?;
    let view = ObjectionsView { base: "/principal", term_name: term.name(), lines: lines(threads, today, me) };
    Ok(Page::of("notice/objections.html", &view).within("shell", principal.shell()))
}

async fn thread_page(
    principal: &Principal,
    id: ObjectionId,
    faults: Vec<Fault>,
    typed: String,
    status: StatusCode,
) -> Result<Page, Refused> {
    let me = principal.by().account();
    let mut view = principal
        .look(move |look| {
            let thread = thread_of(look, id)?;
            handling_view(look, thread, "/principal".to_owned(), Instance::Office, me)
        })
        .await?;
    (view.faults, view.typed) = (faults, typed);
    Ok(Page::of("notice/handle.html", &view).within("shell", principal.shell()).with_status(status))
}

/// One objection; the principal answers what was given to the principal.
#[get("/objections/{objection}")]
pub(super) async fn objection_page(principal: Principal, path: Path<ObjectionId>) -> Result<Page, Refused> {
    thread_page(&principal, path.into_inner(), Vec::new(), String::new(), StatusCode::OK).await
}

/// Answers it in writing.
#[post("/objections/{objection}/answer")]
pub(super) async fn answer(
    principal: Principal,
    path: Path<ObjectionId>,
    form: Posted<AnswerForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (id, form) = (path.into_inner(), form.0);
    let sent = form.clone();
    let answered = principal
        .act(move |tx| {
            let thread = thread_of(tx, id)?;
            let verdict = sent.verdict(tx, &thread)?;
            AnswerObjection::prepare(tx, id, Instance::Office, verdict, &sent.text)
        })
        .await;
    match answered {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/principal/objections/{id}")))),
        Err(refused) => {
            let status = actix_web::ResponseError::status_code(&refused);
            Ok(Either::Right(thread_page(&principal, id, faults_of(refused)?, form.text, status).await?))
        }
    }
}
