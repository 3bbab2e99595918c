//! The notice of a class before whoever teaches it, and what they object to in it.

use super::followed::Objector;
use super::objecting::{Asked, faults_of, form_view};
use super::shown::{Reader, notice_view};
use crate::access::{Desk, Fault, OwnClass, Refused, Shell};
use crate::names::StudentId;
use crate::notice::store::objection::{Item, RaiseObjection};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::{ClassRow, class_list};
use actix_web::Either;
use actix_web::http::StatusCode;

/// Someone who teaches a class: at which desk, and where its addresses begin.
pub struct Teaching<'d> {
    pub desk: &'d Desk,
    pub shell: &'d Shell,
    pub own: OwnClass,
    pub base: String,
    /// `homeroom` or `subject`.
    pub post: &'static str,
}

/// A teacher objects to a pupil's place in a fact, to nothing else.
fn meant(asked: &Asked) -> Result<(StudentId, Item), Refused> {
    match (asked.of, asked.item()) {
        (Some(student), item @ Item::Fact(_)) => Ok((student, item)),
        _ => Err(Refused::NotFound),
    }
}

impl<'d> Teaching<'d> {
    pub fn objector(self) -> Objector<'d> {
        Objector { desk: self.desk, shell: self.shell, base: self.base, child_name: "" }
    }

    /// The notice of the class.
    pub async fn notice(&self) -> Result<Page, Refused> {
        let (own, base) = (self.own, self.base.clone());
        let reader = Reader { base, child: None, teacher: Some(self.post) };
        let view = self.desk.look(move |look| notice_view(look, &own.into(), own.term(), reader)).await?;
        Ok(Page::of("notice/notice.html", &view).within("shell", self.shell))
    }

    async fn form_page(&self, asked: Asked, faults: Vec<Fault>) -> Result<Page, Refused> {
        let (own, base) = (self.own, self.base.clone());
        let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let (student, _) = meant(&asked)?;
        let view = self
            .desk
            .look(move |look| {
                let dates = term_dates(look, own.term())?;
                if !class_list(look, &own, dates)?.iter().any(|pupil| pupil.id == student) {
                    return Err(Refused::NotFound);
                }
                form_view(look, &own.into(), own.term(), student, &asked, base, faults)
            })
            .await?;
        Ok(Page::of("notice/object.html", &view).within("shell", self.shell).with_status(status))
    }

    /// The form of an objection; without a fact it leads to the notice.
    pub async fn form(&self, asked: Asked) -> Result<Either<SeeOther, Page>, Refused> {
        if asked.activity.is_none() {
            return Ok(Either::Left(SeeOther(format!("{}/notice", self.base))));
        }
        Ok(Either::Right(self.form_page(asked, Vec::new()).await?))
    }

    /// Sends it.
    pub async fn raise(&self, asked: Asked) -> Result<Either<SeeOther, Page>, Refused> {
        let own = self.own;
        let (student, item) = meant(&asked)?;
        let text = asked.text.clone();
        let raised = self
            .desk
            .act(move |tx| {
                let class: ClassRow = own.into();
                RaiseObjection::prepare(tx, &class, own.term(), student, item, &text)
            })
            .await;
        match raised {
            Ok(id) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", self.base)))),
            Err(refused) => Ok(Either::Right(self.form_page(asked, faults_of(refused)?).await?)),
        }
    }
}
