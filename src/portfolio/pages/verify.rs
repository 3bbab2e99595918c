use crate::access::{Posted, PostedJson, Refused, Told, Upload, Visitor};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::handover::Envelope;
use crate::portfolio::press::{PAPER_TYP, PaperWords, moment_words};
use crate::portfolio::store::{Verified, verify_code_found, withdrawal_of, withdrawals};
use crate::portfolio::verify::{Genuine, NotGenuine, Verdict, Withdrawn, verify_file};
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
    /// When the portfolio asked after was withdrawn.
    withdrawn: Option<String>,
    /// What a file that was dropped turned out to be.
    dropped: Option<Dropped>,
}

#[derive(Serialize)]
struct Dropped {
    file: String,
    genuine: Vec<GenuineView>,
    package: Option<PackageView>,
    not: Option<NotGenuine>,
    unreadable: Option<String>,
}

#[derive(Serialize)]
struct PackageView {
    #[serde(flatten)]
    envelope: Envelope,
    term_names: Vec<String>,
}

#[derive(Serialize)]
struct GenuineView {
    #[serde(flatten)]
    genuine: Genuine,
    sealed: String,
    /// `德`, `良好`: as the page prints them.
    bands: Vec<(&'static str, String)>,
    withdrawn: Option<String>,
}

fn view(visitor: &Visitor) -> VerifyView {
    let house = visitor.house();
    VerifyView {
        demo: house.demo,
        insecure: house.insecure,
        code: String::new(),
        asked: false,
        found: None,
        withdrawn: None,
        dropped: None,
    }
}

fn page(view: &VerifyView) -> Page {
    let status = match &view.dropped {
        None if view.asked && view.found.is_none() => StatusCode::NOT_FOUND,
        Some(dropped) if dropped.genuine.is_empty() && dropped.package.is_none() => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::OK,
    };
    Page::of("portfolio/verify.html", view).with_status(status)
}

/// Where a code is typed, and where the QR code of a printed portfolio leads: its
/// signed words stand after the `#`, so they reach no log.
#[get("")]
pub(super) async fn enter(visitor: Visitor) -> Page {
    page(&view(&visitor))
}

#[derive(Deserialize)]
struct Typed {
    code: String,
}

/// `7f3k 9q2m x8dt` → `7F3K-9Q2M-X8DT`; what is no code stays short or long.
pub(super) fn tidy_code(text: &str) -> String {
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
    let (found, withdrawn) =
        visitor.look(move |look| Ok((verify_code_found(look, &wanted)?, withdrawal_of(look, &wanted)?))).await?;
    Ok(page(&VerifyView { code, asked: true, found, withdrawn: withdrawn.map(moment_words), ..view(&visitor) }))
}

/// A PDF, a credential or a zip, looked at in memory and forgotten.
#[post("/file")]
pub(super) async fn looked_at(visitor: Visitor, upload: Upload) -> Result<Page, Refused> {
    let house = visitor.house().clone();
    let (issuer, file) = (house.issuer(), upload.file_name);
    let verdict = crate::access::off_the_loop(move || Ok(verify_file(&upload.bytes, &house.believed))).await?;
    let mut dropped = Dropped { file, genuine: Vec::new(), package: None, not: None, unreadable: None };
    match verdict {
        Verdict::Genuine(all) => {
            let codes: Vec<String> = all.iter().map(|one| one.told.code.clone()).collect();
            let ours = move |look: &mut crate::access::Look<crate::access::CountyWide>| {
                codes.iter().map(|code| withdrawal_of(look, code)).collect::<Result<Vec<_>, _>>()
            };
            for (genuine, withdrawn) in all.into_iter().zip(visitor.look(ours).await?) {
                let told = &genuine.told;
                dropped.genuine.push(GenuineView {
                    sealed: moment_words(told.sealed_at),
                    bands: told.domains.iter().map(|d| (d.character, d.graduation().to_owned())).collect(),
                    withdrawn: withdrawn.filter(|_| told.issuer == issuer).map(moment_words),
                    genuine,
                });
            }
        }
        Verdict::Package(envelope, _) => {
            let term_names = envelope.terms.iter().map(|term| term.name()).collect();
            dropped.package = Some(PackageView { envelope: *envelope, term_names });
        }
        Verdict::NotGenuine(not) => dropped.not = Some(not),
        Verdict::NotReadable(why) => dropped.unreadable = Some(why),
    }
    Ok(page(&VerifyView { dropped: Some(dropped), ..view(&visitor) }))
}

/// The county's signed list of credentials that no longer hold, for those who verify
/// without a network.
#[get("/withdrawn.jwt")]
pub(super) async fn withdrawn_list(visitor: Visitor) -> Result<HttpResponse, Refused> {
    let house = visitor.house();
    let all = visitor.look(withdrawals).await?;
    let list = Withdrawn::list(&house.issuer(), all, house.clock.now());
    Ok(HttpResponse::Ok().content_type("application/jwt").body(list.signed(&house.keys).map_err(Refused::broken)?))
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
    let words: Option<PaperWords> =
        visitor.house().believed.open(PAPER_TYP, &scanned.0.jws).ok().map(|(words, _)| words);
    match words {
        Some(words) => Ok(HttpResponse::Ok().json(words)),
        None => Err(Told(Refused::invalid(
            "jws",
            "签名对不上：这个二维码不是本县签发的，或者内容被改过。请联系发档案的学校。",
        ))),
    }
}
