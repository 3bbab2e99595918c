use crate::access::{Door, Refused};
use crate::platform::page;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError, get};

/// Style sheets, scripts and pictures, embedded in the program; their addresses
/// name their version, so browsers may keep them.
#[get("/assets/{name}")]
async fn asset(req: HttpRequest, name: Path<String>) -> HttpResponse {
    page::asset_answer(&req, &name).unwrap_or_else(|| Refused::NotFound.error_response())
}

/// 200 when the database answers.
#[get("/healthz")]
async fn healthz(door: Data<Door>) -> HttpResponse {
    if door.is_well().await {
        HttpResponse::Ok().content_type("text/plain").body("ok\n")
    } else {
        HttpResponse::ServiceUnavailable().content_type("text/plain").body("the database does not answer\n")
    }
}

/// The county's public keys (RFC 7517).
#[get("/.well-known/jwks.json")]
async fn jwks(door: Data<Door>) -> Result<HttpResponse, Refused> {
    let house = door.house();
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")))
        .json(house.keys.published(&house.issuer()).to_jwks()))
}

pub fn routes(site: &mut ServiceConfig) {
    site.service(asset).service(healthz).service(jwks);
}
