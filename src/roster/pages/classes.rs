use super::staff::named;
use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::account::{LinkMade, Login, account_named};
use crate::names::{ClassId, Cohort};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::calendar::present_term;
use crate::roster::{AppointStaff, OpenClass, Position, homerooms, is_officer, staff_of, taught_classes};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ClassesView {
    year_name: String,
    classes: Vec<ClassView>,
    cohorts: Vec<CohortView>,
    faults: Vec<Fault>,
    /// A link just made: shown once, to be handed to its owner.
    link: Option<LinkView>,
    /// Someone known here, who has become a homeroom teacher just now.
    appointed: Option<String>,
    /// The class whose form is wrong, and what was typed into it.
    faulty: Option<ClassId>,
    typed: HomeroomForm,
}

/// What a page has to tell besides the classes.
#[derive(Default)]
struct Told {
    faults: Vec<Fault>,
    link: Option<LinkView>,
    appointed: Option<String>,
    retyped: Option<(ClassId, HomeroomForm)>,
}

impl Told {
    fn fault(field: impl Into<String>, message: impl Into<String>) -> Self {
        Told { faults: vec![Fault::at(field, message)], ..Told::default() }
    }

    fn link(link: LinkView) -> Self {
        Told { link: Some(link), ..Told::default() }
    }
}

#[derive(Serialize)]
struct ClassView {
    id: ClassId,
    name: String,
    homeroom: Option<HomeroomView>,
}

#[derive(Serialize)]
struct HomeroomView {
    account: crate::names::AccountId,
    login: String,
    name: String,
}

#[derive(Serialize)]
struct CohortView {
    cohort: i32,
    name: String,
}

#[derive(Clone, Serialize)]
pub(super) struct LinkView {
    pub name: String,
    pub login: String,
    pub address: String,
}

async fn page(office: &SchoolOffice, told: Told) -> Result<Page, Refused> {
    let Told { faults, link, appointed, retyped } = told;
    let (faulty, typed) = retyped.map_or((None, HomeroomForm::default()), |(class, typed)| (Some(class), typed));
    let whole = office.whole_school();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let term = present_term(look)?.term;
            let year = term.year();
            let mut leaders = homerooms(look, whole, term)?;
            let classes = taught_classes(look, whole, term)?
                .into_iter()
                .map(|class| {
                    let at = leaders.iter().position(|(of, ..)| *of == class.id);
                    let homeroom = at.map(|at| leaders.swap_remove(at));
                    ClassView {
                        id: class.id,
                        name: class.name.in_year(year),
                        homeroom: homeroom.map(|(_, account, login, name)| HomeroomView { account, login, name }),
                    }
                })
                .collect();
            let cohorts = [("七", 0), ("八", 1), ("九", 2)].map(|(grade, before)| CohortView {
                cohort: year - before,
                name: format!("{grade}年级（{} 级）", year - before),
            });
            let year_name = format!("{year}—{} 学年", year + 1);
            Ok(ClassesView { year_name, classes, cohorts: cohorts.into(), faults, link, appointed, faulty, typed })
        })
        .await?;
    Ok(Page::of("roster/classes.html", &view).within("shell", office.shell()?).with_status(status))
}

/// Classes and their homeroom teachers.
#[get("/classes")]
pub(super) async fn classes_page(office: SchoolOffice) -> Result<Page, Refused> {
    page(&office, Told::default()).await
}

#[derive(Deserialize)]
struct OpenForm {
    cohort: String,
    number: String,
}

/// Opens a class.
#[post("/classes")]
pub(super) async fn open_class(
    office: SchoolOffice,
    form: Posted<OpenForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(OpenForm { cohort, number }) = form;
    let (Ok(cohort), Ok(number)) = (cohort.trim().parse(), number.trim().parse()) else {
        let told = Told::fault("number", "班号应是 1 到 60 的数。");
        return Ok(Either::Right(page(&office, told).await?));
    };
    let opened = office.act(move |_| Ok(OpenClass { cohort: Cohort(cohort), number })).await;
    match opened {
        Ok(_) => Ok(Either::Left(SeeOther("/office/classes".to_owned()))),
        Err(refused) => {
            let told = Told { faults: refused.at_form("number")?.1, ..Told::default() };
            Ok(Either::Right(page(&office, told).await?))
        }
    }
}

#[derive(Deserialize)]
struct OpenManyForm {
    /// `2026-1 2026-2 2025-1`
    classes: String,
}

/// Opens the classes that a roster has named and the school had not.
#[post("/classes/missing")]
pub(super) async fn open_classes(office: SchoolOffice, form: Posted<OpenManyForm>) -> Result<SeeOther, Refused> {
    for named in form.0.classes.split_whitespace() {
        let (cohort, number) = named.split_once('-').ok_or(Refused::NotFound)?;
        let (cohort, number) = (cohort.parse(), number.parse());
        let (Ok(cohort), Ok(number)) = (cohort, number) else { return Err(Refused::NotFound) };
        match office.act(move |_| Ok(OpenClass { cohort: Cohort(cohort), number })).await {
            Ok(_) | Err(Refused::Conflict(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(SeeOther("/office/roster".to_owned()))
}

#[derive(Default, Serialize, Deserialize)]
struct HomeroomForm {
    login: String,
    name: String,
}

/// Gives a class its homeroom teacher: someone with an account here, or someone new,
/// who gets a link.
#[post("/classes/{class}/homeroom")]
pub(super) async fn appoint_homeroom(
    office: SchoolOffice,
    class: Path<ClassId>,
    form: Posted<HomeroomForm>,
) -> Result<Page, Refused> {
    let (class, Posted(form)) = (class.into_inner(), form);
    let name = tidy(&form.name);
    let refuse = |field: &str, why: String, form: HomeroomForm| Told {
        retyped: Some((class, form)),
        ..Told::fault(format!("{field}-{class}"), why)
    };
    let login = match Login::parse(&form.login) {
        Ok(login) => login,
        Err(why) => return page(&office, refuse("login", why.to_owned(), form)).await,
    };
    let (who, known_name) = match named(&office, &login, &name, ("login", "name")).await? {
        Ok(found) => found,
        Err(fault) => return page(&office, refuse(&fault.field, fault.message.clone(), form)).await,
    };
    let account = office
        .act(move |tx| {
            let term = present_term(tx)?.term;
            Ok(AppointStaff { who, position: Position::Homeroom { class, term } })
        })
        .await?;
    if known_name.is_some() {
        return page(&office, Told { appointed: known_name, ..Told::default() }).await;
    }
    let link = link_for(&office, account, name, login.as_str().to_owned()).await?;
    page(&office, Told::link(link)).await
}

pub(super) async fn link_for(
    office: &SchoolOffice,
    account: crate::names::AccountId,
    name: String,
    login: String,
) -> Result<LinkView, Refused> {
    let invite = office.act(move |_| Ok(LinkMade { account })).await?;
    Ok(LinkView { name, login, address: invite.address(&office.house().public_url) })
}

#[derive(Deserialize)]
struct RenewForm {
    login: String,
}

/// A new single-use link for someone of this school's staff.
#[post("/staff/link")]
pub(super) async fn renew_link(office: SchoolOffice, form: Posted<RenewForm>) -> Result<Page, Refused> {
    let login = Login::parse(&form.0.login).map_err(|_| Refused::NotFound)?;
    let wanted = login.clone();
    let (account, name) = office
        .look(move |look| {
            let (account, name) = account_named(look.conn(), &wanted)?.ok_or(Refused::NotFound)?;
            if !staff_of(look, account)? {
                return Err(Refused::NotFound);
            }
            if is_officer(look, account)? {
                return Err(Refused::conflict("教务和校长的账号由县教育局重置。"));
            }
            Ok((account, name))
        })
        .await?;
    let link = link_for(&office, account, name, login.as_str().to_owned()).await?;
    page(&office, Told::link(link)).await
}
