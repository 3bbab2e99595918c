use super::answering::AnswerForm;
use super::followed::{AskedPhoto, Handler};
use super::shown::{AskedPage, Reader, SecondView, SectionView, StateView, Which, notice_view, would_end};
use super::told::moment;
use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::cycle::{CycleRules, Instance, Part, Stage, class_stages, holding};
use crate::evaluation::lacking;
use crate::names::{AccountId, ClassId, ObjectionId, Term};
use crate::notice::store::moved::ReassignObjection;
use crate::notice::store::open::{OpenNotice, ReviewClass};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::present_term;
use crate::roster::{class_named, class_register};
use crate::scheme::scheme_of;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpResponse, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct NoticesView {
    term_name: String,
    rows: Vec<RowView>,
    objections: usize,
    /// A class leaves junior high this term.
    graduates: bool,
}

#[derive(Serialize)]
struct RowView {
    class: ClassId,
    name: String,
    stage: Stage,
    word: &'static str,
    about: String,
}

/// Every class with its notice, in class order.
#[get("/notice")]
pub(super) async fn notices(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office
        .look(move |look| {
            let dates = present_term(look)?;
            let stages = class_stages(look, whole, dates)?;
            let now = look.now();
            let objections = stages.iter().flat_map(|class| &class.objections).filter(|held| held.waits()).count();
            let graduates = stages.iter().any(|class| Term::of_cohort(class.class.name.cohort)[5] == dates.term);
            let rows = stages.into_iter().map(|class| RowView {
                class: class.class.id,
                name: class.class.name.in_year(dates.term.year()),
                stage: class.stage,
                word: class.stage.word(),
                about: match class.notices.iter().find(|notice| notice.round == 1) {
                    Some(notice) if notice.is_open(now) => format!("{} 17:00 结束", notice.last_on),
                    Some(notice) => format!("公示 {} 结束", notice.last_on),
                    None if class.stage == Stage::Signed => "签字了，可以核对、开公示".to_owned(),
                    None => "还没有签字".to_owned(),
                },
            });
            Ok(NoticesView { term_name: dates.term.name(), rows: rows.collect(), objections, graduates })
        })
        .await?;
    Ok(Page::of("notice/office.html", &view).within("shell", office.shell()?))
}

#[derive(Serialize)]
struct ClassNoticeView {
    class: ClassId,
    class_name: String,
    term: Term,
    term_name: String,
    stage: Stage,
    homeroom: String,
    pupils: usize,
    lacking: Vec<LackingView>,
    would: String,
    state: Option<StateView>,
    reason: Option<String>,
    missing: i32,
    sections: Vec<SectionView>,
    second: Vec<SecondView>,
    waiting: Vec<(i32, String, String)>,
    checked: Option<String>,
    reviewed: Option<String>,
    typed: String,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct LackingView {
    seat: i32,
    name: String,
    what: Vec<(String, &'static str)>,
}

async fn class_view(
    office: &SchoolOffice,
    id: ClassId,
    typed: String,
    faults: Vec<Fault>,
    status: StatusCode,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let view = office
        .look(move |look| {
            let class = class_named(look, whole, id)?;
            let dates = present_term(look)?;
            let stages = class_stages(look, whole, dates)?;
            let found = stages.into_iter().find(|one| one.class.id == id).ok_or(Refused::NotFound)?;
            let signed = crate::cycle::signed_by(look, &class, dates.term)?;
            let reader = Reader { base: String::new(), child: None, teacher: None };
            let shown = notice_view(look, Which::of_term(class, dates.term), reader)?;
            let first = found.notices.iter().find(|notice| notice.round == 1);
            let lacking = if first.is_none() { lacking(look, whole, id, dates)? } else { Vec::new() };
            let rules = CycleRules::of(&*scheme_of(look, class.name.cohort, dates.term)?);
            let held = holding(look, id, dates.term, Part::Term)?;
            let day = look.today().min(dates.ends_on);
            let register = class_register(look, whole, id, day)?;
            let said = |done: &crate::cycle::Done| format!("{} {}", moment(done.at), done.name);
            Ok(ClassNoticeView {
                class: id,
                class_name: class.name.in_year(dates.term.year()),
                term: dates.term,
                term_name: dates.term.name(),
                stage: found.stage,
                homeroom: signed.map(|by| by.name).unwrap_or_default(),
                pupils: register.len(),
                lacking: lacking
                    .into_iter()
                    .map(|pupil| LackingView { seat: pupil.seat, name: pupil.name, what: pupil.what })
                    .collect(),
                would: would_end(look, rules.notice)?,
                reason: first.and_then(|notice| notice.reason.clone()),
                missing: first.map_or(0, |notice| notice.missing),
                state: shown.state,
                sections: if first.is_some() { shown.sections } else { Vec::new() },
                second: shown.second,
                waiting: register
                    .into_iter()
                    .filter_map(|pupil| Some((pupil.seat, pupil.name, held.get(&pupil.id)?.clone())))
                    .collect(),
                checked: found.checked.as_ref().map(said),
                reviewed: found.reviewed.as_ref().map(said),
                typed,
                faults,
            })
        })
        .await?;
    Ok(Page::of("notice/class.html", &view).within("shell", office.shell()?).with_status(status))
}

/// Before the notice what is missing, then how it runs, then the review.
#[get("/notice/{class}")]
pub(super) async fn class_page(office: SchoolOffice, path: Path<ClassId>) -> Result<Page, Refused> {
    class_view(&office, path.into_inner(), String::new(), Vec::new(), StatusCode::OK).await
}

/// The notice of a class's end of junior high, one term's facts a page.
#[get("/notice/{class}/graduation")]
pub(super) async fn graduation_page(
    office: SchoolOffice,
    path: Path<ClassId>,
    asked: Query<AskedPage>,
) -> Result<Page, Refused> {
    let (whole, id, page) = (office.whole_school(), path.into_inner(), asked.term);
    let view = office
        .look(move |look| {
            let class = class_named(look, whole, id)?;
            let reader = Reader { base: format!("/office/notice/{id}"), child: None, teacher: Some("office") };
            notice_view(look, Which::of_graduation(class, page)?, reader)
        })
        .await?;
    Ok(Page::of("notice/notice.html", &view).within("shell", office.shell()?))
}

#[derive(Deserialize)]
struct OpenForm {
    term: Term,
    #[serde(default)]
    reason: String,
}

/// Opens it. Of two officers at once one wins, the other is told.
#[post("/notice/{class}")]
pub(super) async fn open(
    office: SchoolOffice,
    path: Path<ClassId>,
    form: Posted<OpenForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, id, term, reason) = (office.whole_school(), path.into_inner(), form.0.term, form.0.reason.clone());
    match office.act(move |tx| OpenNotice::prepare(tx, whole, id, term, &reason)).await {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/office/notice/{id}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(class_view(&office, id, form.0.reason, faults, status).await?))
        }
    }
}

#[derive(Deserialize)]
struct TermForm {
    term: Term,
}

/// The office's review of a class that is checked.
#[post("/notice/{class}/review")]
pub(super) async fn review(
    office: SchoolOffice,
    path: Path<ClassId>,
    form: Posted<TermForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, id, term) = (office.whole_school(), path.into_inner(), form.0.term);
    match office.act(move |tx| ReviewClass::prepare(tx, whole, id, term)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/office/notice/{id}")))),
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            Ok(Either::Right(class_view(&office, id, String::new(), faults, status).await?))
        }
    }
}

fn handler(office: &SchoolOffice) -> Result<Handler<'_>, Refused> {
    Ok(Handler { desk: office, shell: office.shell()?, base: "/office".to_owned(), instance: Instance::Office })
}

/// The objections of the term.
#[get("/objections")]
pub(super) async fn objections_page(office: SchoolOffice) -> Result<Page, Refused> {
    handler(&office)?.objections().await
}

/// One objection, to be answered or handed on.
#[get("/objections/{objection}")]
pub(super) async fn objection_page(office: SchoolOffice, path: Path<ObjectionId>) -> Result<Page, Refused> {
    handler(&office)?.thread(path.into_inner()).await
}

#[derive(Deserialize)]
struct AssignForm {
    handler: AccountId,
}

/// Hands it on.
#[post("/objections/{objection}/assign")]
pub(super) async fn assign(
    office: SchoolOffice,
    path: Path<ObjectionId>,
    form: Posted<AssignForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (id, to, at) = (path.into_inner(), form.0.handler, handler(&office)?);
    match office.act(move |tx| ReassignObjection::prepare(tx, id, to)).await {
        Ok(()) => Ok(Either::Left(at.address(id))),
        Err(refused) => Ok(Either::Right(at.again(id, refused, String::new()).await?)),
    }
}

/// A photo that came with it, for whom it was given to.
#[get("/objections/{objection}/photos/{ordinal}")]
pub(super) async fn photo(
    office: SchoolOffice,
    path: Path<(ObjectionId, i32)>,
    asked: Query<AskedPhoto>,
) -> Result<HttpResponse, Refused> {
    handler(&office)?.photo(path.into_inner(), asked.into_inner()).await
}

/// Answers it in writing.
#[post("/objections/{objection}/answer")]
pub(super) async fn answer(
    office: SchoolOffice,
    path: Path<ObjectionId>,
    form: Posted<AnswerForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    handler(&office)?.answer(path.into_inner(), form.0).await
}
