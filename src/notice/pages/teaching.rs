//! The notice of a class before whoever teaches it, and what they object to in it.

use super::followed::Objector;
use super::objecting::{Asked, act_with_photos, form_view};
use super::shown::{Reader, Which, ask, notice_view};
use crate::access::{Desk, Fault, OwnClass, PostedPhotos, Refused, Shell};
use crate::names::{StudentId, Term};
use crate::notice::store::objection::Item;
use crate::notice::store::raise::RaiseObjection;
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
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
fn meant(asked: &Asked) -> Result<StudentId, Refused> {
    match (asked.of, asked.item()) {
        (Some(student), Item::Fact(_)) => Ok(student),
        _ => Err(Refused::NotFound),
    }
}

impl<'d> Teaching<'d> {
    pub fn objector(self) -> Objector<'d> {
        Objector { desk: self.desk, shell: self.shell, base: self.base, child_name: "" }
    }

    /// The notice of the class.
    pub async fn notice(&self) -> Result<Page, Refused> {
        self.page(Which::of_term(self.own.into(), self.own.term())).await
    }

    /// The notice of its end of junior high, one term's facts a page.
    pub async fn graduation(&self, page: Option<Term>) -> Result<Page, Refused> {
        self.page(Which::of_graduation(self.own.into(), page)?).await
    }

    async fn page(&self, which: Which) -> Result<Page, Refused> {
        let reader = Reader { base: self.base.clone(), child: None, teacher: Some(self.post) };
        let view = self.desk.look(move |look| notice_view(look, which, reader)).await?;
        Ok(Page::of("notice/notice.html", &view).within("shell", self.shell))
    }

    async fn form_page(&self, asked: Asked, faults: Vec<Fault>) -> Result<Page, Refused> {
        let (own, base) = (self.own, self.base.clone());
        let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let of = asked.about(own.into(), own.term(), meant(&asked)?)?;
        let view = self
            .desk
            .look(move |look| {
                let dates = term_dates(look, own.term())?;
                if !class_list(look, &own, dates)?.iter().any(|pupil| pupil.id == of.student) {
                    return Err(Refused::NotFound);
                }
                form_view(look, &of, &asked, base, faults)
            })
            .await?;
        Ok(Page::of("notice/object.html", &view).within("shell", self.shell).with_status(status))
    }

    /// The form of an objection; without a fact it leads to the notice.
    pub async fn form(&self, asked: Asked) -> Result<Either<SeeOther, Page>, Refused> {
        if asked.activity.is_none() {
            return Ok(Either::Left(SeeOther(ask(&self.base, asked.part()).0)));
        }
        Ok(Either::Right(self.form_page(asked, Vec::new()).await?))
    }

    /// Sends it.
    pub async fn raise(&self, sent: PostedPhotos<Asked>) -> Result<Either<SeeOther, Page>, Refused> {
        let asked = sent.form;
        let of = asked.about(self.own.into(), self.own.term(), meant(&asked)?)?;
        let text = asked.text.clone();
        let raised = act_with_photos(self.desk, (sent.photos, sent.too_much), move |tx, photos| {
            RaiseObjection::prepare(tx, &of, &text, photos)
        });
        match raised.await? {
            Ok(id) => Ok(Either::Left(SeeOther(format!("{}/objections/{id}", self.base)))),
            Err(faults) => Ok(Either::Right(self.form_page(asked, faults).await?)),
        }
    }
}

/// The addresses of a teacher's part in notices and objections, behind the scope of
/// `$Post`; `$base` begins the scope's addresses.
macro_rules! teaching_pages {
    ($Post:ident, $base:literal, $post:literal) => {
        use super::followed::{AskedPhoto, EscalateForm};
        use super::objecting::Asked;
        use super::shown::AskedPage;
        use super::teaching::Teaching;
        use crate::access::{Nothing, Posted, PostedPhotos, Refused, $Post};
        use crate::names::ObjectionId;
        use crate::platform::page::{Page, SeeOther};
        use actix_web::web::{Path, Query, ServiceConfig};
        use actix_web::{Either, HttpResponse, get, post};

        type Named = Path<(String, ObjectionId)>;
        type Answer = Result<Either<SeeOther, Page>, Refused>;

        fn teaching(grant: &$Post) -> Teaching<'_> {
            let own = grant.class();
            Teaching {
                desk: grant,
                shell: grant.shell(),
                own,
                base: format!(concat!($base, "/{}"), own.id()),
                post: $post,
            }
        }

        /// The notice of the class.
        #[get("/notice")]
        async fn notice_page(grant: $Post) -> Result<Page, Refused> {
            teaching(&grant).notice().await
        }

        /// The notice of the class's end of junior high.
        #[get("/notice/graduation")]
        async fn graduation_page(grant: $Post, asked: Query<AskedPage>) -> Result<Page, Refused> {
            teaching(&grant).graduation(asked.term).await
        }

        /// Whoever teaches the class objects to a fact of it.
        #[get("/objection")]
        async fn object_form(grant: $Post, asked: Query<Asked>) -> Answer {
            teaching(&grant).form(asked.into_inner()).await
        }

        /// Sends it.
        #[post("/objection")]
        async fn raise(grant: $Post, sent: PostedPhotos<Asked>) -> Answer {
            teaching(&grant).raise(sent).await
        }

        /// What this teacher has objected to.
        #[get("/objections")]
        async fn mine(grant: $Post) -> Result<Page, Refused> {
            teaching(&grant).objector().mine().await
        }

        /// One objection of one's own.
        #[get("/objections/{objection}")]
        async fn own_thread(grant: $Post, path: Named) -> Result<Page, Refused> {
            teaching(&grant).objector().thread(path.1, Vec::new(), String::new()).await
        }

        /// A photo that came with it.
        #[get("/objections/{objection}/photos/{ordinal}")]
        async fn own_photo(
            grant: $Post,
            path: Path<(String, ObjectionId, i32)>,
            asked: Query<AskedPhoto>,
        ) -> Result<HttpResponse, Refused> {
            teaching(&grant).objector().photo((path.1, path.2), asked.into_inner()).await
        }

        /// Takes it back.
        #[post("/objections/{objection}/withdraw")]
        async fn withdraw(grant: $Post, path: Named, _: Posted<Nothing>) -> Answer {
            teaching(&grant).objector().withdraw(path.1).await
        }

        /// Asks the next instance to look again.
        #[post("/objections/{objection}/escalate")]
        async fn escalate(grant: $Post, path: Named, sent: PostedPhotos<EscalateForm>) -> Answer {
            teaching(&grant).objector().escalate(path.1, sent).await
        }

        /// All of them.
        pub(super) fn of_teacher(door: &mut ServiceConfig) {
            door.service(notice_page)
                .service(graduation_page)
                .service(object_form)
                .service(raise)
                .service(mine)
                .service(own_thread)
                .service(own_photo)
                .service(withdraw)
                .service(escalate);
        }
    };
}
pub(super) use teaching_pages;
