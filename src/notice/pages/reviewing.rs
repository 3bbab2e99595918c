//! Objections that were taken further: the lists of the committee and of the county, and
//! the case in which one is answered.

use super::answering::AnswerForm;
use super::followed::{AskedPhoto, Handler};
use super::told::moment;
use crate::access::{CaseView, Committee, CountySystem, Fault, Nothing, Posted, Refused, Shell, before_county};
use crate::cycle::Instance;
use crate::names::{AccountId, CaseId, ClassId, Domain, ObjectionId};
use crate::notice::store::take::TakeObjection;
use crate::notice::store::thread::{Thread, thread, threads_before_committee};
use crate::platform::page::{Page, SeeOther};
use crate::record::day_words;
use crate::roster::my_cases;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// What waits for a desk that sees no child without a case.
#[derive(Serialize)]
struct WaitingView {
    /// `/committee` or `/county`.
    base: &'static str,
    lines: Vec<LineView>,
    answered: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct LineView {
    id: ObjectionId,
    place: String,
    class_name: String,
    item: String,
    asked: String,
    due: String,
    late: bool,
    /// Who took it up; empty while nobody has.
    handler: String,
    /// The reader's own case of it.
    case: Option<CaseId>,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    answered: bool,
}

type Taken = Result<Either<SeeOther, Page>, Refused>;

fn page(shell: &Shell, view: &WaitingView) -> Page {
    let status = if view.faults.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    Page::of("notice/reviews.html", view).within("shell", shell).with_status(status)
}

fn about(domain: Option<Domain>) -> String {
    domain.map_or_else(|| "公示里的一件事".to_owned(), |domain| format!("{}这一育的等级", domain.character()))
}

fn line(thread: Thread, today: NaiveDate, cases: &[(ObjectionId, CaseId)]) -> LineView {
    let newest = thread.newest();
    LineView {
        id: thread.id,
        place: String::new(),
        class_name: thread.class.name.in_year(thread.term.year()),
        item: thread.cited,
        asked: moment(thread.steps.last().map_or(thread.at, |step| step.at)),
        due: newest.due_on.map(day_words).unwrap_or_default(),
        late: newest.due_on.is_some_and(|due| due < today),
        handler: newest.handler_name,
        case: cases.iter().find(|(id, _)| *id == thread.id).map(|(_, case)| *case),
    }
}

async fn committee_page(committee: &Committee, answered: bool, faults: Vec<Fault>) -> Result<Page, Refused> {
    let classes: Vec<ClassId> = committee.classes().map(|(class, _)| class).collect();
    let me = committee.by().person()?;
    let lines = committee
        .look(move |look| {
            let cases = my_cases(look, me)?;
            let open: Vec<(ObjectionId, CaseId)> = cases
                .into_iter()
                .filter(|case| case.stands)
                .filter_map(|case| Some((case.objection?, case.case)))
                .collect();
            let today = look.today();
            let threads = threads_before_committee(look, &classes)?;
            Ok(threads.into_iter().map(|thread| line(thread, today, &open)).collect())
        })
        .await?;
    Ok(page(committee.shell(), &WaitingView { base: "/committee", lines, answered, faults }))
}

/// What waits for the committee of the school: what is objected to, not by whom.
#[get("/objections")]
pub(super) async fn committee_list(committee: Committee, asked: Query<Asked>) -> Result<Page, Refused> {
    committee_page(&committee, asked.answered, Vec::new()).await
}

fn case_address(case: CaseId, id: ObjectionId) -> SeeOther {
    SeeOther(format!("/case/{case}/objections/{id}"))
}

/// A member takes one up.
#[post("/objections/{objection}/take")]
pub(super) async fn committee_takes(committee: Committee, path: Path<ObjectionId>, _: Posted<Nothing>) -> Taken {
    let id = path.into_inner();
    let classes: Vec<ClassId> = committee.classes().map(|(class, _)| class).collect();
    match committee.act(move |tx| TakeObjection::by_committee(tx, id, &classes)).await {
        Ok(case) => Ok(Either::Left(case_address(case, id))),
        Err(refused) => Ok(Either::Right(committee_page(&committee, false, refused.at_form("")?.1).await?)),
    }
}

async fn county_page(county: &CountySystem, answered: bool, faults: Vec<Fault>) -> Result<Page, Refused> {
    let me: AccountId = county.by().person()?;
    let today = county.house().clock.today();
    let waiting = county.look_at_process(before_county).await?;
    let lines = waiting
        .into_iter()
        .map(|one| LineView {
            id: one.objection,
            place: one.place,
            class_name: one.class.in_year(one.term.year()),
            item: about(one.domain),
            asked: String::new(),
            due: one.due_on.map(day_words).unwrap_or_default(),
            late: one.due_on.is_some_and(|due| due < today),
            handler: match one.handler {
                Some((handler, _)) if handler == me => "您".to_owned(),
                Some((_, name)) => name,
                None => String::new(),
            },
            case: None,
        })
        .collect();
    Ok(page(county.shell(), &WaitingView { base: "/county", lines, answered, faults }))
}

/// What waits for the county: at which school, on what, not about whom.
#[get("/objections")]
pub(super) async fn county_list(county: CountySystem, asked: Query<Asked>) -> Result<Page, Refused> {
    county_page(&county, asked.answered, Vec::new()).await
}

/// Someone of the county takes one up.
#[post("/objections/{objection}/take")]
pub(super) async fn county_takes(county: CountySystem, path: Path<ObjectionId>, _: Posted<Nothing>) -> Taken {
    let id = path.into_inner();
    match county.take_up(id, move |tx| TakeObjection::by_county(tx, id)).await {
        Ok(case) => Ok(Either::Left(case_address(case, id))),
        Err(refused) => Ok(Either::Right(county_page(&county, false, refused.at_form("")?.1).await?)),
    }
}

/// The objection of a case, and of no other.
fn own(case: &CaseView, id: ObjectionId) -> Result<ObjectionId, Refused> {
    case.item().objection.filter(|own| *own == id).ok_or(Refused::NotFound)
}

async fn handler<'c>(case: &'c CaseView, id: ObjectionId) -> Result<Handler<'c>, Refused> {
    let id = own(case, id)?;
    let instance = case.look(move |look| Ok(thread(look, id)?.newest().instance)).await?;
    if instance == Instance::Office {
        return Err(Refused::NotFound);
    }
    Ok(Handler { desk: case, shell: case.shell(), base: format!("/case/{}", case.case()), instance })
}

/// The objection that a case serves, step by step.
#[get("/objections/{objection}")]
pub(super) async fn case_objection(case: CaseView, path: Path<(String, ObjectionId)>) -> Result<Page, Refused> {
    handler(&case, path.1).await?.thread(path.1).await
}

/// A photo that came with it.
#[get("/objections/{objection}/photos/{ordinal}")]
pub(super) async fn case_photo(
    case: CaseView,
    path: Path<(String, ObjectionId, i32)>,
    asked: Query<AskedPhoto>,
) -> Result<HttpResponse, Refused> {
    handler(&case, path.1).await?.photo((path.1, path.2), asked.into_inner()).await
}

/// Answers it in writing, with which the case ends.
#[post("/objections/{objection}/answer")]
pub(super) async fn case_answer(
    case: CaseView,
    path: Path<(String, ObjectionId)>,
    form: Posted<AnswerForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let handler = handler(&case, path.1).await?;
    let back = if handler.instance == Instance::County { "/county" } else { "/committee" };
    Ok(match handler.answer(path.1, form.0).await? {
        Either::Left(_) => Either::Left(SeeOther(format!("{back}/objections?answered=true"))),
        again => again,
    })
}
