use crate::access::{Posted, PostedJson, Refused, Told, Visitor};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::press::{PAPER_TYP, PaperWords};
use crate::portfolio::store::{Verified, verify_code_found};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct VerifyView {
    demo: bool,
    insecure: bool,
    code: String,
    /// Whether a code was asked after.
    asked: bool,
    found: Option<Verified>,
}

fn page(visitor: &Visitor, code: String, asked: bool, found: Option<Verified>) -> Page {
    let house = visitor.house();
    let status = if asked && found.is_none() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let view = VerifyView { demo: house.demo, insecure: house.insecure, code, asked, found };
    Page::of("portfolio/verify.html", &view).with_status(status)
}

/// Where a code is typed, and where the QR code of a printed portfolio leads: its
/// signed words stand after the `#`, so they reach no log.
#[get("")]
pub(super) async fn enter(visitor: Visitor) -> Page {
    page(&visitor, String::new(), false, None)
}

#[derive(Deserialize)]
struct Typed {
    code: String,
}

/// `7f3k 9q2m x8dt` → `7F3K-9Q2M-X8DT`; what is no code stays short or long.
fn tidy_code(text: &str) -> String {
    let code = crate::platform::text::code_like(text);
    let letters: Vec<char> = code.chars().filter(char::is_ascii_alphanumeric).take(24).collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Goes to the code's own page.
#[post("")]
pub(super) async fn entered(_visitor: Visitor, form: Posted<Typed>) -> SeeOther {
    let code = tidy_code(&form.0.code);
    SeeOther(if code.is_empty() { "/verify".to_owned() } else { format!("/verify/{code}") })
}

/// Whether a portfolio was issued under this code. It answers no more: the paper's
/// own words are checked by its QR code.
#[get("/{code}")]
pub(super) async fn typed(visitor: Visitor, path: Path<String>) -> Result<Page, Refused> {
    let code = tidy_code(&path);
    let wanted = code.clone();
    let found = visitor.look(move |look| verify_code_found(look, &wanted)).await?;
    Ok(page(&visitor, code, true, found))
}

#[derive(Deserialize)]
struct Scanned {
    jws: String,
}

/// The words signed in a printed QR code, to be laid beside the paper.
///
/// # Errors
/// 422 when the signature is not the county's.
#[post("/paper")]
pub(super) async fn paper(visitor: Visitor, scanned: PostedJson<Scanned>) -> Result<HttpResponse, Told> {
    let words: Option<PaperWords> = visitor.house().keys.verify(PAPER_TYP, &scanned.0.jws);
    match words {
        Some(words) => Ok(HttpResponse::Ok().json(words)),
        None => Err(Told(Refused::invalid(
            "jws",
            "签名对不上：这个二维码不是本县签发的，或者内容被改过。请联系发档案的学校。",
        ))),
    }
}
