//! Every way in which a request can fail, and what its author is told.

use super::House;
use crate::platform::db::Unavailable;
use crate::platform::page::{Page, error_chain};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;

/// One thing that is wrong in what was sent: where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    pub field: String,
    pub message: String,
}

impl Fault {
    pub fn at(field: impl Into<String>, message: impl Into<String>) -> Self {
        Fault { field: field.into(), message: message.into() }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not there, or not yours: nobody can tell which.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in, or no longer.
    #[error("signed out")]
    SignedOut,
    /// The password has lasted too long, by the rules of this house.
    #[error("password is old")]
    PasswordOld,
    /// An officer has no second factor yet, and the rules of this house ask for one.
    #[error("no second factor")]
    NoSecondFactor,
    /// The form did not come from a page of ours.
    #[error("forged")]
    Forged,
    #[error("not valid: {0:?}")]
    Invalid(Vec<Fault>),
    /// Right in itself, but not as things stand now.
    #[error("conflict: {0}")]
    Conflict(String),
    #[error("too many attempts: {0}")]
    TooMany(String),
    #[error("busy")]
    Busy,
    #[error("disk full")]
    DiskFull,
    #[error("broken: {}", error_chain(.0.as_ref()))]
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl Refused {
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Refused::Invalid(vec![Fault::at(field, message)])
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Refused::Conflict(message.into())
    }

    pub fn broken(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Refused::Broken(cause.into())
    }

    /// What it says to the person: a heading and a sentence that tells what to do.
    pub fn words(&self) -> (&'static str, String) {
        match self {
            Refused::NotFound => ("没有这个页面", "地址可能写错了，或者这里不归您看。请从首页重新进入。".into()),
            Refused::SignedOut => ("请先登录", "登录后再继续。".into()),
            Refused::PasswordOld => ("密码该换了", "密码用满 90 天了，请先换一个，再继续。".into()),
            Refused::NoSecondFactor => ("请先开动态码", "教务、校长和县级账号要先开动态码，再继续。".into()),
            Refused::Forged => ("没有收下", "这个页面放得太久了。请回到上一页刷新，再提交一次。".into()),
            Refused::Invalid(faults) => {
                ("有地方需要改", faults.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join(" "))
            }
            Refused::Conflict(message) => ("没有改动", message.clone()),
            Refused::TooMany(message) => ("请稍后再试", message.clone()),
            Refused::Busy => ("现在人多", "服务器正忙，刚才的内容没有存。请过半分钟再试一次。".into()),
            Refused::DiskFull => {
                ("服务器磁盘满了", "刚才的内容没有存上，已存的不受影响。请告诉管理员腾出磁盘空间。".into())
            }
            Refused::Broken(_) => ("出了问题", "刚才的内容没有存。请再试一次；还不行，就把编号告诉管理员。".into()),
        }
    }

    /// What a form is told of it: its faults, or that as things stand it cannot be, which is
    /// then a fault at `field`. Anything else goes on as it is.
    pub fn at_form(self, field: &str) -> Result<(StatusCode, Vec<Fault>), Refused> {
        let status = self.status_code();
        match self {
            Refused::Invalid(faults) => Ok((status, faults)),
            Refused::Conflict(why) => Ok((status, vec![Fault::at(field, why)])),
            other => Err(other),
        }
    }

    /// Why something cannot be done as things stand, to be told before anybody tries; `None`
    /// where it can.
    pub fn why_not<T>(tried: Result<T, Refused>) -> Result<Option<String>, Refused> {
        match tried {
            Ok(_) => Ok(None),
            Err(Refused::Conflict(why)) => Ok(Some(why)),
            Err(other) => Err(other),
        }
    }

    /// Whether the row was there already: somebody else was quicker.
    pub fn is_twice(&self) -> bool {
        use diesel::result::{DatabaseErrorKind, Error};
        let Refused::Broken(cause) = self else { return false };
        matches!(cause.downcast_ref(), Some(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
    }
}

impl From<diesel::result::Error> for Refused {
    fn from(error: diesel::result::Error) -> Self {
        let said = error.to_string();
        if said.contains("disk is full") || said.contains("No space left") {
            Refused::DiskFull
        } else if said.contains("the term is sealed") {
            Refused::conflict("这个学期已经归档，不能再改。要改，请学校填更正单。")
        } else if said.contains("a band is without its ground") {
            Refused::conflict("还有等级没写依据，不能归档。请班主任先补上依据。")
        } else if said.contains("the term is in its notice") {
            Refused::conflict("这个班本学期已经公示，写实记录不能再改。发现写错了，请在公示页提异议。")
        } else if said.contains("the graduation is reviewed") {
            Refused::conflict("毕业档案已经审核，不能再改。")
        } else if said.contains("whoever decided does not tick") {
            Refused::conflict("这一份的等级是您填的，请别人核对。")
        } else if said.contains("the graduation is not reviewed") {
            Refused::conflict("毕业档案还没有逐份核对、审核，不能归档。")
        } else if said.contains("the class is not reviewed") {
            Refused::conflict("这个班还没有公示和审核，不能归档。")
        } else {
            Refused::Broken(Box::new(error))
        }
    }
}

impl From<Unavailable> for Refused {
    fn from(_: Unavailable) -> Self {
        Refused::Busy
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull { Refused::DiskFull } else { Refused::Broken(error.into()) }
    }
}

/// The page of a refusal. It stays with the answer: where the page is made nobody
/// knows yet in which house it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    heading: &'static str,
    message: String,
    number: Option<String>,
    back: Option<String>,
    demo: bool,
    insecure: bool,
}

impl ErrorPage {
    /// As `house` shows it, with what it has on every page and the way `back` to the page
    /// one came from; `None` where all that is nothing.
    pub fn in_house(&self, house: &House, back: Option<String>) -> Option<String> {
        let page = ErrorPage { demo: house.demo, insecure: house.insecure, back, ..self.clone() };
        (page.demo || page.insecure || page.back.is_some()).then(|| page.html())
    }

    fn html(&self) -> String {
        let page = Page::of("error.html", self).render();
        page.unwrap_or_else(|_| format!("<h1>{}</h1><p>{}</p>", self.heading, self.message))
    }
}

impl Refused {
    /// Logs what is the server's own fault, its cause for nobody outside; answers
    /// the request's number, under which the cause and the request stand in the log.
    fn log(&self) -> Option<String> {
        let number = crate::platform::keys::random_code(8);
        match self {
            Refused::Broken(cause) => tracing::error!(%number, cause = %error_chain(cause.as_ref()), "broken"),
            Refused::DiskFull | Refused::Busy => tracing::error!(%number, cause = %self, "not saved"),
            _ => return None,
        }
        Some(number)
    }
}

/// The request's number as an answer carries it; whoever answers first sets it.
pub const REQUEST_NUMBER: &str = "x-request-id";

fn answer(status: StatusCode, number: Option<&str>) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    if let Some(number) = number {
        answer.insert_header((REQUEST_NUMBER, number));
    }
    answer
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Refused::NotFound => StatusCode::NOT_FOUND,
            Refused::SignedOut => StatusCode::UNAUTHORIZED,
            Refused::PasswordOld | Refused::NoSecondFactor | Refused::Forged => StatusCode::FORBIDDEN,
            Refused::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Refused::Conflict(_) => StatusCode::CONFLICT,
            Refused::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Refused::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Refused::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
            Refused::Broken(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let number = self.log();
        let (heading, message) = self.words();
        let page = ErrorPage { heading, message, number, back: None, demo: false, insecure: false };
        let mut answer = answer(self.status_code(), page.number.as_deref())
            .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")))
            .body(page.html());
        answer.extensions_mut().insert(page);
        answer
    }
}

/// The same refusal for a script: JSON with a sentence it can show.
#[derive(Debug)]
pub struct Told(pub Refused);

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Refused> for Told {
    fn from(refused: Refused) -> Self {
        Told(refused)
    }
}

impl ResponseError for Told {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let number = self.0.log();
        let (heading, message) = self.0.words();
        let faults = if let Refused::Invalid(faults) = &self.0 { faults.as_slice() } else { &[] };
        answer(self.status_code(), number.as_deref()).json(serde_json::json!({
            "error": heading, "message": message, "faults": faults, "number": number,
        }))
    }
}
