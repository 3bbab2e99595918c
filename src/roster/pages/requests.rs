use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::names::RequestId;
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::{AnswerData, DataRequest, data_requests};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct RequestsView {
    requests: Vec<RequestView>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct RequestView {
    /// The id of its field.
    field: String,
    late: bool,
    #[serde(flatten)]
    request: DataRequest,
}

async fn page(office: &SchoolOffice, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (whole, today) = (office.whole_school(), office.house().clock.today());
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let requests = office
        .look(move |look| data_requests(look, whole))
        .await?
        .into_iter()
        .map(|request| RequestView {
            field: format!("answer-{}", request.id),
            late: request.answered_at.is_none() && request.due_on < today,
            request,
        })
        .collect();
    let view = RequestsView { requests, faults };
    Ok(Page::of("roster/requests.html", &view).within("shell", office.shell()?).with_status(status))
}

/// What guardians have asked to be corrected or deleted.
#[get("/requests")]
pub(super) async fn requests_page(office: SchoolOffice) -> Result<Page, Refused> {
    page(&office, Vec::new()).await
}

#[derive(Deserialize)]
struct AnswerForm {
    #[serde(default)]
    answer: String,
}

/// Answers one, in writing.
#[post("/requests/{request}")]
pub(super) async fn answer_request(
    office: SchoolOffice,
    path: Path<RequestId>,
    form: Posted<AnswerForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, request, answer) = (office.whole_school(), path.into_inner(), tidy(&form.0.answer));
    match office.act(move |tx| AnswerData::of(tx, whole, request, answer)).await {
        Ok(()) => Ok(Either::Left(SeeOther("/office/requests".to_owned()))),
        Err(Refused::Invalid(faults)) => Ok(Either::Right(page(&office, faults).await?)),
        Err(other) => Err(other),
    }
}
