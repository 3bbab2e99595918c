use super::family::{EscalateForm, Nothing};
use super::followed::Objector;
use super::objecting::{Asked, faults_of, form_view};
use super::shown::{Reader, StateView, notice_view, state_view};
use crate::access::{Fault, Homeroom, Posted, Refused, Subject};
use crate::cycle::{Part, first_notice, holding, stage_signed};
use crate::names::{ObjectionId, Term};
use crate::notice::store::check::CheckClass;
use crate::notice::store::objection::{Item, RaiseObjection};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::{ClassRow, class_list};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::Serialize;

fn base(homeroom: &Homeroom) -> String {
    format!("/class/{}", homeroom.class().id())
}

/// The notice of one's own class.
#[get("/notice")]
pub(super) async fn notice_page(homeroom: Homeroom) -> Result<Page, Refused> {
    let (own, base) = (homeroom.class(), base(&homeroom));
    let view =
        homeroom.look(move |look| notice_view(look, &own.into(), own.term(), Reader { base, child: None })).await?;
    Ok(Page::of("notice/notice.html", &view).within("shell", homeroom.shell()))
}

/// The same for a teacher of the class.
#[get("/notice")]
pub(super) async fn subject_notice(subject: Subject) -> Result<Page, Refused> {
    let own = subject.class();
    let mut view = subject
        .look(move |look| notice_view(look, &own.into(), own.term(), Reader { base: String::new(), child: None }))
        .await?;
    view.may_object = false;
    Ok(Page::of("notice/notice.html", &view).within("shell", subject.shell()))
}

async fn form_page(homeroom: &Homeroom, asked: Asked, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (own, base) = (homeroom.class(), base(homeroom));
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (Some(student), Item::Fact(_)) = (asked.of, asked.item()) else { return Err(Refused::NotFound) };
    let view = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            if !class_list(look, &own, dates)?.iter().any(|pupil| pupil.id == student) {
                return Err(Refused::NotFound);
            }
            form_view(look, &own.into(), own.term(), student, &asked, base, faults)
        })
        .await?;
    Ok(Page::of("notice/object.html", &view).within("shell", homeroom.shell()).with_status(status))
}

/// A teacher objects to a fact of the class.
#[get("/objection")]
pub(super) async fn object_form(homeroom: Homeroom, asked: Query<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
    let asked = asked.into_inner();
    if asked.activity.is_none() {
        return Ok(Either::Left(SeeOther(format!("{}/notice", base(&homeroom)))));
    }
    Ok(Either::Right(form_page(&homeroom, asked, Vec::new()).await?))
}

/// Sends it.
#[post("/objection")]
pub(super) async fn raise(homeroom: Homeroom, form: Posted<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, asked) = (homeroom.class(), form.0);
    let (Some(student), item @ Item::Fact(_)) = (asked.of, asked.item()) else { return Err(Refused::NotFound) };
    let text = asked.text.clone();
    let raised = homeroom
        .act(move |tx| {
            let class: ClassRow = own.into();
            RaiseObjection::prepare(tx, &class, own.term(), student, item, &text)
        })
        .await;
    match raised {
        Ok(id) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", base(&homeroom))))),
        Err(refused) => Ok(Either::Right(form_page(&homeroom, asked, faults_of(refused)?).await?)),
    }
}

fn objector(homeroom: &Homeroom) -> Objector<'_> {
    Objector { desk: homeroom, shell: homeroom.shell(), base: base(homeroom), child_name: "" }
}

/// What this teacher has objected to.
#[get("/objections")]
pub(super) async fn mine(homeroom: Homeroom) -> Result<Page, Refused> {
    objector(&homeroom).mine().await
}

/// One objection of one's own.
#[get("/objections/{objection}")]
pub(super) async fn own_thread(homeroom: Homeroom, path: Path<(String, ObjectionId)>) -> Result<Page, Refused> {
    objector(&homeroom).thread(path.1, Vec::new(), String::new()).await
}

/// Takes it back.
#[post("/objections/{objection}/withdraw")]
pub(super) async fn withdraw(
    homeroom: Homeroom,
    path: Path<(String, ObjectionId)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    objector(&homeroom).withdraw(path.1).await
}

/// Asks the next instance to look again.
#[post("/objections/{objection}/escalate")]
pub(super) async fn escalate(
    homeroom: Homeroom,
    path: Path<(String, ObjectionId)>,
    form: Posted<EscalateForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    objector(&homeroom).escalate(path.1, form.0.text).await
}

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
    faults: Vec<Fault>,
}

async fn check_view(homeroom: &Homeroom, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (own, may_sign) = (homeroom.class(), homeroom.may_sign());
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let view = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let held = holding(look, own.id(), own.term())?;
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
        Ok(()) => Ok(Either::Left(SeeOther(format!("{}/check", base(&homeroom))))),
        Err(refused) => Ok(Either::Right(check_view(&homeroom, faults_of(refused)?).await?)),
    }
}
