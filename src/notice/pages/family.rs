use super::followed::Objector;
use super::objecting::{Asked, faults_of, form_view};
use super::shown::{Reader, notice_view};
use crate::access::{Family, Fault, Posted, Refused};
use crate::names::{ObjectionId, StudentId};
use crate::notice::store::objection::{Item, RaiseObjection};
use crate::platform::page::{Page, SeeOther};
use crate::roster::at_school;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::Deserialize;

fn base(family: &Family) -> String {
    format!("/child/{}", family.child().student())
}

/// The notice of the child's class.
#[get("/notice")]
pub(super) async fn notice_page(family: Family) -> Result<Page, Refused> {
    let (child, reader) = (
        family.child(),
        Reader {
            base: base(&family),
            child: Some((family.child().student(), family.child_name().to_owned())),
            teacher: None,
        },
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

fn objector(family: &Family) -> Objector<'_> {
    Objector { desk: family, shell: family.shell(), base: base(family), child_name: family.child_name() }
}

/// What this person has objected to.
#[get("/objections")]
pub(super) async fn mine(family: Family) -> Result<Page, Refused> {
    objector(&family).mine().await
}

/// One objection of one's own, step by step.
#[get("/objections/{objection}")]
pub(super) async fn own_thread(family: Family, path: Path<(String, ObjectionId)>) -> Result<Page, Refused> {
    objector(&family).thread(path.1, Vec::new(), String::new()).await
}

/// Takes it back.
#[post("/objections/{objection}/withdraw")]
pub(super) async fn withdraw(
    family: Family,
    path: Path<(String, ObjectionId)>,
    _: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    objector(&family).withdraw(path.1).await
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
    objector(&family).escalate(path.1, form.0.text).await
}
