use super::objecting::{Asked, faults_of, form_view};
use super::shown::{Reader, notice_view};
use super::told::{lines, thread_view};
use crate::access::{Family, Fault, Look, Posted, Refused};
use crate::names::{ObjectionId, StudentId};
use crate::notice::store::objection::{EscalateObjection, Item, RaiseObjection, WithdrawObjection};
use crate::notice::store::thread::{thread as thread_of, threads_by};
use crate::platform::page::{Page, SeeOther};
use crate::roster::at_school;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

fn base(family: &Family) -> String {
    format!("/child/{}", family.child().student())
}

/// The notice of the child's class.
#[get("/notice")]
pub(super) async fn notice_page(family: Family) -> Result<Page, Refused> {
    let (child, reader) = (
        family.child(),
        Reader { base: base(&family), child: Some((family.child().student(), family.child_name().to_owned())) },
    );
    let view = family
        .look(move |look| {
            let at = at_school(look, child)?;
            notice_view(look, &at.class, at.term.term, reader)
        })
        .await?;
    Ok(Page::of("notice/notice.html", &view).within("shell", family.shell()))
}

/// Whose place in a fact is meant: one's own child's where nobody else is named.
fn meant(asked: &Asked, child: StudentId) -> Result<StudentId, Refused> {
    match (asked.item(), asked.of) {
        (Item::Fact(_), Some(of)) => Ok(of),
        (_, Some(of)) if of != child => Err(Refused::NotFound),
        _ => Ok(child),
    }
}

async fn form_page(family: &Family, asked: Asked, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (child, base) = (family.child(), base(family));
    let student = meant(&asked, child.student())?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = family
        .look(move |look| {
            let at = at_school(look, child)?;
            form_view(look, &at.class, at.term.term, student, &asked, base, faults)
        })
        .await?;
    Ok(Page::of("notice/object.html", &view).within("shell", family.shell()).with_status(status))
}

/// The form of an objection.
#[get("/objection")]
pub(super) async fn object_form(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    form_page(&family, asked.into_inner(), Vec::new()).await
}

/// Sends it.
#[post("/objection")]
pub(super) async fn raise(family: Family, form: Posted<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
    let (child, asked) = (family.child(), form.0);
    let (student, sent) = (meant(&asked, child.student())?, asked.clone());
    let raised = family
        .act(move |tx| {
            let at = at_school(tx, child)?;
            RaiseObjection::prepare(tx, &at.class, at.term.term, student, sent.item(), &sent.text)
        })
        .await;
    match raised {
        Ok(id) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", base(&family))))),
        Err(refused) => Ok(Either::Right(form_page(&family, asked, faults_of(refused)?).await?)),
    }
}

#[derive(Serialize)]
struct MineView {
    base: String,
    child_name: String,
    lines: Vec<super::told::ThreadLine>,
}

/// What this person has objected to.
#[get("/objections")]
pub(super) async fn mine(family: Family) -> Result<Page, Refused> {
    let (me, today) = (family.by().person()?, family.house().clock.today());
    let threads = family.look(move |look| threads_by(look, me)).await?;
    let view = MineView {
        base: base(&family),
        child_name: family.child_name().to_owned(),
        lines: lines(threads, today, None),
    };
    Ok(Page::of("notice/mine.html", &view).within("shell", family.shell()))
}

async fn thread_page(family: &Family, id: ObjectionId, faults: Vec<Fault>, typed: String) -> Result<Page, Refused> {
    let (me, base) = (family.by().person()?, base(family));
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut view = family
        .look(move |look: &mut Look| {
            let thread = thread_of(look, id)?;
            thread.raised_by(me)?;
            thread_view(look, thread, base)
        })
        .await?;
    (view.faults, view.typed) = (faults, typed);
    Ok(Page::of("notice/thread.html", &view).within("shell", family.shell()).with_status(status))
}

/// One objection of one's own, step by step.
#[get("/objections/{objection}")]
pub(super) async fn own_thread(family: Family, path: Path<(String, ObjectionId)>) -> Result<Page, Refused> {
    thread_page(&family, path.1, Vec::new(), String::new()).await
}

/// Takes it back.
#[post("/objections/{objection}/withdraw")]
pub(super) async fn withdraw(
    family: Family,
    path: Path<(String, ObjectionId)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let id = path.1;
    match family.act(move |tx| WithdrawObjection::prepare(tx, id)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", base(&family))))),
        Err(refused) => Ok(Either::Right(thread_page(&family, id, faults_of(refused)?, String::new()).await?)),
    }
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
pub(super) struct EscalateForm {
    #[serde(default)]
    pub text: String,
}

/// Asks the next instance to look again.
#[post("/objections/{objection}/escalate")]
pub(super) async fn escalate(
    family: Family,
    path: Path<(String, ObjectionId)>,
    form: Posted<EscalateForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (id, text) = (path.1, form.0.text.clone());
    match family.act(move |tx| EscalateObjection::prepare(tx, id, &text)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", base(&family))))),
        Err(refused) => Ok(Either::Right(thread_page(&family, id, faults_of(refused)?, form.0.text).await?)),
    }
}
