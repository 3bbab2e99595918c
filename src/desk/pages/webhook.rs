use crate::access::{Fault, Nothing, Posted, Refused, SchoolOffice};
use crate::desk::{Sender, Sent, SetWebhook, Tried, latest_tries, webhook};
use crate::platform::keys::random_token;
use crate::platform::page::{Page, SeeOther};
use crate::record::moment_words;
use actix_web::http::StatusCode;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

/// Attempts shown: enough to see whether it works.
const SHOWN: i64 = 20;

#[derive(Serialize)]
struct WebhookView {
    hosts: Vec<String>,
    url: String,
    /// Who set it, and when.
    set: Option<String>,
    /// Shown once, when it was made.
    secret: Option<String>,
    tried: Option<TriedOut>,
    off: bool,
    tries: Vec<TryView>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct TriedOut {
    arrived: bool,
    why: String,
}

#[derive(Serialize)]
struct TryView {
    when: String,
    n: i32,
    says: String,
    arrived: bool,
}

/// What is shown besides what stands.
#[derive(Default)]
struct Around {
    typed: Option<String>,
    secret: Option<String>,
    tried: Option<TriedOut>,
    off: bool,
    faults: Vec<Fault>,
}

fn says(tried: &Tried) -> String {
    match (&tried.fault, tried.again_at()) {
        _ if tried.arrived => "送到了".to_owned(),
        (Some(why), Some(again)) => format!("{why}，{}再试", moment_words(again)),
        (Some(why), None) => format!("{why}，不再试了"),
        (None, _) => "正在送".to_owned(),
    }
}

async fn page(office: &SchoolOffice, around: Around) -> Result<Page, Refused> {
    let (stands, tries) = office.look(|look| Ok((webhook(look)?, latest_tries(look, SHOWN)?))).await?;
    let status = if around.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let standing = stands.as_ref().map(|webhook| webhook.url.clone()).unwrap_or_default();
    let view = WebhookView {
        hosts: office.house().webhook_hosts.clone(),
        url: around.typed.unwrap_or(standing),
        set: stands.map(|webhook| format!("{}，{}", webhook.by, moment_words(webhook.at))),
        secret: around.secret,
        tried: around.tried,
        off: around.off,
        tries: tries
            .iter()
            .map(|tried| TryView {
                when: moment_words(tried.begun_at),
                n: tried.n,
                says: says(tried),
                arrived: tried.arrived,
            })
            .collect(),
        faults: around.faults,
    };
    Ok(Page::of("desk/webhook.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    off: bool,
}

/// Where the school's own messenger is, and what became of the latest letters.
#[get("/webhook")]
pub(super) async fn webhook_page(office: SchoolOffice, asked: actix_web::web::Query<Asked>) -> Result<Page, Refused> {
    page(&office, Around { off: asked.off, ..Around::default() }).await
}

#[derive(Deserialize)]
struct WebhookForm {
    #[serde(default)]
    url: String,
    #[serde(default)]
    off: Option<String>,
}

/// Sets the address, with a new secret that is shown this once; or switches it off.
#[post("/webhook")]
pub(super) async fn set(office: SchoolOffice, form: Posted<WebhookForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let WebhookForm { url, off } = form.0;
    let (whole, house, secret) = (office.whole_school(), office.house().clone(), random_token());
    let (typed, made) = (url.clone(), secret.clone());
    let url = if off.is_some() { String::new() } else { url };
    match office.act(move |tx| SetWebhook::prepare(tx, whole, &house, &url, &secret)).await {
        Ok(()) if off.is_some() => Ok(Either::Left(SeeOther("/office/webhook?off=true".to_owned()))),
        Ok(()) => Ok(Either::Right(page(&office, Around { secret: Some(made), ..Around::default() }).await?)),
        Err(Refused::Invalid(faults)) => {
            let around = Around { typed: Some(typed), faults, ..Around::default() };
            Ok(Either::Right(page(&office, around).await?))
        }
        Err(other) => Err(other),
    }
}

/// Sends a word about nobody, and says whether it arrived.
#[post("/webhook/try")]
pub(super) async fn try_out(office: SchoolOffice, _: Posted<Nothing>) -> Result<Page, Refused> {
    let stands = office.look(webhook).await?;
    let stands = stands.ok_or_else(|| Refused::conflict("还没有填消息工具的地址，先填好再试发。"))?;
    let sent = Sender::new()?.try_out(&office, &stands, "test").await?;
    let tried = match sent {
        Sent::Arrived => TriedOut { arrived: true, why: String::new() },
        Sent::Failed(why) => TriedOut { arrived: false, why },
    };
    page(&office, Around { tried: Some(tried), ..Around::default() }).await
}
