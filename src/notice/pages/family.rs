use super::followed::{AskedPhoto, EscalateForm, Objector};
use super::objecting::{Asked, act_with_photos, form_view};
use super::shown::{AskedPage, Reader, Which, notice_view};
use crate::access::{Family, Fault, Nothing, Posted, PostedPhotos, Refused};
use crate::names::{ObjectionId, StudentId, Term};
use crate::notice::store::objection::Item;
use crate::notice::store::raise::RaiseObjection;
use crate::platform::page::{Page, SeeOther};
use crate::roster::{ClassRow, at_school};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpResponse, get, post};

fn base(family: &Family) -> String {
    format!("/child/{}", family.child().student())
}

async fn notice_of(
    family: &Family,
    which: impl FnOnce(ClassRow, Term) -> Result<Which, Refused> + Send + 'static,
) -> Result<Page, Refused> {
    let child = family.child();
    let own = Some((child.student(), family.child_name().to_owned()));
    let reader = Reader { base: base(family), child: own, teacher: None };
    let view = family
        .look(move |look| {
            let at = at_school(look, child)?;
            notice_view(look, which(at.class, at.term.term)?, reader)
        })
        .await?;
    Ok(Page::of("notice/notice.html", &view).within("shell", family.shell()))
}

/// The notice of the child's class.
#[get("/notice")]
pub(super) async fn notice_page(family: Family) -> Result<Page, Refused> {
    notice_of(&family, |class, term| Ok(Which::of_term(class, term))).await
}

/// The notice of the class's end of junior high, one term's facts a page.
#[get("/notice/graduation")]
pub(super) async fn graduation_page(family: Family, asked: Query<AskedPage>) -> Result<Page, Refused> {
    let page = asked.term;
    notice_of(&family, move |class, _| Which::of_graduation(class, page)).await
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
            let of = asked.about(at.class, at.term.term, student)?;
            form_view(look, &of, &asked, base, faults)
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
pub(super) async fn raise(family: Family, sent: PostedPhotos<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
    let (child, asked) = (family.child(), sent.form);
    let (student, again) = (meant(&asked, child.student())?, asked.clone());
    let raised = act_with_photos(&family, (sent.photos, sent.too_much), move |tx, photos| {
        let at = at_school(tx, child)?;
        let of = asked.about(at.class, at.term.term, student)?;
        RaiseObjection::prepare(tx, &of, &asked.text, photos)
    });
    match raised.await? {
        Ok(id) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", base(&family))))),
        Err(faults) => Ok(Either::Right(form_page(&family, again, faults).await?)),
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

/// A photo that came with it.
#[get("/objections/{objection}/photos/{ordinal}")]
pub(super) async fn own_photo(
    family: Family,
    path: Path<(String, ObjectionId, i32)>,
    asked: Query<AskedPhoto>,
) -> Result<HttpResponse, Refused> {
    objector(&family).photo((path.1, path.2), asked.into_inner()).await
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

/// Asks the next instance to look again.
#[post("/objections/{objection}/escalate")]
pub(super) async fn escalate(
    family: Family,
    path: Path<(String, ObjectionId)>,
    sent: PostedPhotos<EscalateForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    objector(&family).escalate(path.1, sent).await
}
