//! Objections as they are followed from a desk: by whoever raised one, and by whoever is
//! to answer it at the school.

use super::answering::AnswerForm;
use super::handling::handling_view;
use super::objecting::act_with_photos;
use super::told::{ThreadLine, lines, thread_view};
use crate::access::{Desk, Fault, Look, PostedPhotos, Refused, Shell};
use crate::cycle::Instance;
use crate::names::ObjectionId;
use crate::notice::store::answer::AnswerObjection;
use crate::notice::store::moved::{EscalateObjection, WithdrawObjection};
use crate::notice::store::photo::{answers, photo_file};
use crate::notice::store::thread::{Thread, thread, threads_by, threads_in};
use crate::platform::page::{Page, SeeOther};
use crate::record::evidence::photo_answer;
use crate::roster::calendar::present_term;
use actix_web::http::StatusCode;
use actix_web::{Either, HttpResponse};
use serde::{Deserialize, Serialize};

type Answer = Result<Either<SeeOther, Page>, Refused>;

/// A step further, as its form sends it.
#[derive(Deserialize)]
pub struct EscalateForm {
    #[serde(default)]
    pub text: String,
}

/// Which of a photo's two files an address asks for.
#[derive(Clone, Copy, Deserialize)]
pub struct AskedPhoto {
    #[serde(default)]
    small: bool,
}

/// A photo of an objection that `may` be read by who asks.
async fn photo(
    desk: &Desk,
    (id, ordinal): (ObjectionId, i32),
    asked: AskedPhoto,
    may: impl FnOnce(&Thread) -> Result<(), Refused> + Send + 'static,
) -> Result<HttpResponse, Refused> {
    let find = move |look: &mut Look| {
        may(&thread(look, id)?)?;
        photo_file(look, id, ordinal, asked.small)
    };
    let sha256 = desk.look(find).await?;
    photo_answer(desk, sha256).await
}

/// Someone who has objected, or may: at which desk, and where its addresses begin.
pub struct Objector<'d> {
    pub desk: &'d Desk,
    pub shell: &'d Shell,
    pub base: String,
    /// Empty for a teacher.
    pub child_name: &'d str,
}

#[derive(Serialize)]
struct MineView<'d> {
    base: &'d str,
    child_name: &'d str,
    lines: Vec<ThreadLine>,
}

impl Objector<'_> {
    fn address(&self, id: ObjectionId) -> SeeOther {
        SeeOther(format!("{}/objections/{id}", self.base))
    }

    /// What this person has objected to.
    pub async fn mine(&self) -> Result<Page, Refused> {
        let (me, today) = (self.desk.by().person()?, self.desk.house().clock.today());
        let threads = self.desk.look(move |look| threads_by(look, me)).await?;
        let view = MineView { base: &self.base, child_name: self.child_name, lines: lines(threads, today, None) };
        Ok(Page::of("notice/mine.html", &view).within("shell", self.shell))
    }

    /// One objection of one's own, step by step; `typed` is what could not be taken.
    pub async fn thread(&self, id: ObjectionId, faults: Vec<Fault>, typed: String) -> Result<Page, Refused> {
        let (me, base) = (self.desk.by().person()?, self.base.clone());
        let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let mut view = self
            .desk
            .look(move |look| {
                let thread = thread(look, id)?;
                thread.raised_by(me)?;
                thread_view(look, thread, base, Some(me))
            })
            .await?;
        (view.faults, view.typed) = (faults, typed);
        Ok(Page::of("notice/thread.html", &view).within("shell", self.shell).with_status(status))
    }

    /// Takes it back.
    pub async fn withdraw(&self, id: ObjectionId) -> Answer {
        match self.desk.act(move |tx| WithdrawObjection::prepare(tx, id)).await {
            Ok(()) => Ok(Either::Left(self.address(id))),
            Err(refused) => Ok(Either::Right(self.thread(id, refused.at_form("")?.1, String::new()).await?)),
        }
    }

    /// Asks the next instance to look again, with what else there is to show.
    pub async fn escalate(&self, id: ObjectionId, sent: PostedPhotos<EscalateForm>) -> Answer {
        let text = sent.form.text;
        let said = text.clone();
        let escalated = act_with_photos(self.desk, (sent.photos, sent.too_much), move |tx, photos| {
            EscalateObjection::prepare(tx, id, &said, photos)
        });
        match escalated.await? {
            Ok(()) => Ok(Either::Left(self.address(id))),
            Err(faults) => Ok(Either::Right(self.thread(id, faults, text).await?)),
        }
    }

    /// A photo that one has sent oneself.
    pub async fn photo(&self, of: (ObjectionId, i32), asked: AskedPhoto) -> Result<HttpResponse, Refused> {
        let me = self.desk.by().person()?;
        photo(self.desk, of, asked, move |thread| thread.raised_by(me)).await
    }
}

/// Someone of the school to whom objections are given.
pub struct Handler<'d> {
    pub desk: &'d Desk,
    pub shell: &'d Shell,
    pub base: String,
    /// Before whom the handler sits.
    pub instance: Instance,
}

#[derive(Serialize)]
struct ObjectionsView<'h> {
    base: &'h str,
    term_name: String,
    lines: Vec<ThreadLine>,
}

impl Handler<'_> {
    pub fn address(&self, id: ObjectionId) -> SeeOther {
        SeeOther(format!("{}/objections/{id}", self.base))
    }

    /// The objections of the term.
    pub async fn objections(&self) -> Result<Page, Refused> {
        let (me, today) = (self.desk.by().account(), self.desk.house().clock.today());
        let (term, threads) = self
            .desk
            .look(|look| {
                let term = present_term(look)?.term;
                Ok((term, threads_in(look, term)?))
            })
            .await?;
        self.desk.notes(threads.iter().map(|thread| thread.class.id).collect::<Vec<_>>()).await?;
        let view = ObjectionsView { base: &self.base, term_name: term.name(), lines: lines(threads, today, me) };
        Ok(Page::of("notice/objections.html", &view).within("shell", self.shell))
    }

    /// One objection, to be answered.
    pub async fn thread(&self, id: ObjectionId) -> Result<Page, Refused> {
        self.page(id, Vec::new(), String::new(), StatusCode::OK).await
    }

    /// The same with what could not be taken and why.
    ///
    /// # Errors
    /// What is no fault of a form, as [`Refused::at_form`].
    pub async fn again(&self, id: ObjectionId, refused: Refused, typed: String) -> Result<Page, Refused> {
        let (status, faults) = refused.at_form("")?;
        self.page(id, faults, typed, status).await
    }

    async fn page(
        &self,
        id: ObjectionId,
        faults: Vec<Fault>,
        typed: String,
        status: StatusCode,
    ) -> Result<Page, Refused> {
        let (me, base, instance) = (self.desk.by().account(), self.base.clone(), self.instance);
        let mut view = self
            .desk
            .look(move |look| {
                let thread = thread(look, id)?;
                handling_view(look, thread, base, instance, me)
            })
            .await?;
        (view.faults, view.typed) = (faults, typed);
        Ok(Page::of("notice/handle.html", &view).within("shell", self.shell).with_status(status))
    }

    /// A photo of what one answers, or has answered.
    pub async fn photo(&self, of: (ObjectionId, i32), asked: AskedPhoto) -> Result<HttpResponse, Refused> {
        let me = self.desk.by().person()?;
        photo(self.desk, of, asked, move |thread| if answers(thread, me) { Ok(()) } else { Err(Refused::NotFound) })
            .await
    }

    /// Answers it in writing.
    pub async fn answer(&self, id: ObjectionId, form: AnswerForm) -> Answer {
        let (sent, instance) = (form.clone(), self.instance);
        let answered = self
            .desk
            .act(move |tx| {
                let thread = thread(tx, id)?;
                let verdict = sent.verdict(tx, &thread)?;
                AnswerObjection::prepare(tx, id, instance, verdict, &sent.text)
            })
            .await;
        match answered {
            Ok(()) => Ok(Either::Left(self.address(id))),
            Err(refused) => Ok(Either::Right(self.again(id, refused, form.text).await?)),
        }
    }
}
