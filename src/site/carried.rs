//! What every answer carries, whatever it is: security headers, a request number,
//! a line in the log without personal data.

use crate::access::{Door, ErrorPage, REQUEST_NUMBER, safe_next};
use crate::platform::keys::random_code;
use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, Uri};
use actix_web::middleware::Next;
use actix_web::web::Data;
use std::time::Instant;

const CONTENT_POLICY: &str =
    "default-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// Over plain http on a school's own network, `upgrade-insecure-requests` and HSTS
/// would lose the style sheet: they are sent under https only.
pub async fn headers(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let https = req.app_data::<Data<Door>>().is_some_and(|door| door.house().is_https());
    let mut answer = next.call(req).await?;
    let carried = answer.headers_mut();
    let mut carry = |name: HeaderName, value: &'static str| carried.insert(name, HeaderValue::from_static(value));
    carry(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    carry(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    carry(header::X_FRAME_OPTIONS, "DENY");
    carry(header::REFERRER_POLICY, "same-origin");
    carry(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    carry(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    carry(HeaderName::from_static("permissions-policy"), "geolocation=(), microphone=(), payment=()");
    if https {
        let policy = format!("{CONTENT_POLICY}; upgrade-insecure-requests");
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        answer
            .headers_mut()
            .insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    if !answer.headers().contains_key(header::CACHE_CONTROL) {
        answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(answer)
}

/// What the house has on every page (演示, 没有加密) is on an error's page too, and the way
/// back to where one was.
pub async fn strips(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let door = req.app_data::<Data<Door>>().cloned();
    let back = came_from(&req);
    let answer = next.call(req).await?;
    let error = answer.response().extensions().get::<ErrorPage>().cloned();
    Ok(match error.zip(door).and_then(|(page, door)| page.in_house(door.house(), back)) {
        Some(html) => answer.map_body(|_, _| EitherBody::right(html)),
        None => answer.map_into_left_body(),
    })
}

/// The page of ours that a request came from, unless it asks for that very page again.
fn came_from(req: &ServiceRequest) -> Option<String> {
    let from: Uri = req.headers().get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    let page = safe_next(Some(from.path_and_query()?.as_str()))?;
    let ours = from.authority()?.as_str() == req.connection_info().host();
    (ours && (req.method() != Method::GET || req.uri().path() != from.path())).then(|| page.to_owned())
}

/// One line a request: number, method, the address's pattern (never its ids),
/// status, milliseconds. The number is the answer's own where an error page shows one.
pub async fn log(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (method, began) = (req.method().clone(), Instant::now());
    let mut answer = next.call(req).await?;
    let pattern = answer.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
    let (status, took) = (answer.status().as_u16(), began.elapsed().as_secs_f64() * 1000.0);
    let name = HeaderName::from_static(REQUEST_NUMBER);
    let shown = answer.headers().get(&name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let number = shown.unwrap_or_else(|| random_code(8));
    tracing::info!(%number, %method, %pattern, status, ms = format!("{took:.1}"));
    if let Ok(number) = HeaderValue::from_str(&number) {
        answer.headers_mut().insert(name, number);
    }
    Ok(answer)
}
