//! The map of the site: each door, who keeps it, and what lies behind; and what
//! every answer carries.

mod carried;
mod public;

use crate::access::{self, Door};
use crate::{
    account, cycle, desk, evaluation, fitness, notice, overview, portfolio, record, roster, scheme, ticks, vision,
};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, ServiceConfig, scope};
use actix_web::{App, Error, HttpResponse, ResponseError};

/// The whole program as a web application; tests and the server run the same.
pub fn app(
    door: Door,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .app_data(Data::new(door))
        .configure(routes)
        .wrap(from_fn(carried::strips))
        .wrap(Compress::default())
        .wrap(from_fn(carried::headers))
        .wrap(from_fn(carried::log))
}

/// Every address there is. What belongs to no scope of its own stands behind the
/// owner's keeper, so that signed out even a wrong address leads to sign-in.
pub fn routes(site: &mut ServiceConfig) {
    site.configure(public::routes)
        .service(scope("/sign-in").wrap(from_fn(access::anyone)).configure(account::pages::sign_in_door))
        .service(scope("/welcome").wrap(from_fn(access::anyone)).configure(account::pages::welcome_door))
        .service(scope("/join").wrap(from_fn(access::anyone)).configure(roster::pages::join))
        .service(scope("/verify").wrap(from_fn(access::anyone)).configure(portfolio::pages::verify))
        .service(
            scope("/class/{class}")
                .wrap(from_fn(access::homeroom_only))
                .configure(desk::pages::homeroom)
                .configure(evaluation::pages::homeroom)
                .configure(notice::pages::homeroom)
                .configure(portfolio::pages::homeroom)
                .configure(record::pages::homeroom)
                .configure(roster::pages::homeroom)
                .configure(vision::pages::homeroom),
        )
        .service(
            scope("/office")
                .wrap(from_fn(access::office_only))
                .configure(desk::pages::office)
                .configure(evaluation::pages::office)
                .configure(fitness::pages::office)
                .configure(notice::pages::office)
                .configure(record::pages::office)
                .configure(roster::pages::office)
                .configure(portfolio::pages::office)
                .configure(vision::pages::office),
        )
        .service(
            scope("/principal")
                .wrap(from_fn(access::principal_only))
                .configure(evaluation::pages::principal)
                .configure(notice::pages::principal)
                .configure(portfolio::pages::principal)
                .configure(roster::pages::principal),
        )
        .service(
            scope("/organiser")
                .wrap(from_fn(access::organiser_only))
                .configure(record::pages::organiser)
                .configure(roster::pages::organiser),
        )
        .service(
            scope("/committee")
                .wrap(from_fn(access::committee_only))
                .configure(notice::pages::committee)
                .configure(roster::pages::committee),
        )
        .service(scope("/health").wrap(from_fn(access::health_only)).configure(vision::pages::health))
        .service(
            scope("/case/{case}")
                .wrap(from_fn(access::case_only))
                .configure(evaluation::pages::case)
                .configure(notice::pages::case)
                .configure(portfolio::pages::case),
        )
        .service(scope("/case").wrap(from_fn(access::teacher_only)).configure(roster::pages::teacher))
        .service(
            scope("/county/accounts")
                .wrap(from_fn(access::county_security_only))
                .configure(roster::pages::county_accounts),
        )
        .service(scope("/county/audit").wrap(from_fn(access::county_audit_only)).configure(overview::pages::audit))
        .service(
            scope("/county")
                .wrap(from_fn(access::county_system_only))
                .configure(overview::pages::county)
                .configure(notice::pages::county)
                .configure(roster::pages::county)
                .configure(scheme::pages::county)
                .configure(cycle::pages::county),
        )
        .service(
            scope("/subject/{class}/fitness")
                .wrap(from_fn(access::physical_education_only))
                .configure(fitness::pages::physical_education),
        )
        .service(
            scope("/subject/{class}")
                .wrap(from_fn(access::subject_only))
                .configure(evaluation::pages::subject)
                .configure(notice::pages::subject)
                .configure(ticks::pages::subject),
        )
        .service(
            scope("/child/{student}")
                .wrap(from_fn(access::family_only))
                .configure(evaluation::pages::family)
                .configure(notice::pages::family)
                .configure(record::pages::family)
                .configure(portfolio::pages::family),
        )
        .service(
            scope("")
                .wrap(from_fn(access::owner_only))
                .configure(account::pages::owner)
                .configure(desk::pages::owner)
                .default_service(web::to(nothing_here)),
        );
}

async fn nothing_here() -> HttpResponse {
    access::Refused::NotFound.error_response()
}
