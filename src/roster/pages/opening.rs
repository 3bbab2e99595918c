use crate::access::Posted;
use crate::access::{Fault, Refused, SchoolOffice};
use crate::names::{Half, Term};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::roster::{Carried, OpenTerm, Opening, opening, term_to_open};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct OpeningView {
    to_open: Option<TermView>,
    opened: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct TermView {
    term: Term,
    name: String,
    starts_on: String,
    begun: bool,
    new_year: bool,
    cohort: i32,
    /// `七年级(1)班` → who goes on, as what.
    classes: Vec<ClassView>,
    posts: usize,
    without_homeroom: Vec<String>,
    new_classes: i32,
    leavers: Vec<String>,
    unsealed: Vec<String>,
    before: String,
}

#[derive(Serialize)]
struct ClassView {
    name: String,
    people: Vec<String>,
}

fn held(post: &Carried) -> String {
    format!("{} {}", post.subject.as_deref().unwrap_or(post.role.word()), post.name)
}

fn shown(plan: &Opening, begun: bool) -> TermView {
    let (term, year) = (plan.term.term, plan.term.term.year());
    let mut classes: Vec<ClassView> = Vec::new();
    for post in &plan.carried {
        let name = post.class_name.in_year(year);
        match classes.last_mut() {
            Some(last) if last.name == name => last.people.push(held(post)),
            _ => classes.push(ClassView { name, people: vec![held(post)] }),
        }
    }
    TermView {
        term,
        name: term.name(),
        starts_on: plan.term.starts_on.to_string(),
        begun,
        new_year: term.half() == Half::First,
        cohort: year,
        classes,
        posts: plan.carried.len(),
        without_homeroom: plan.without_homeroom.iter().map(|class| class.in_year(year)).collect(),
        new_classes: plan.new_classes.iter().copied().max().unwrap_or(0),
        unsealed: plan.unsealed.iter().map(|class| class.in_year(term.previous().year())).collect(),
        before: term.previous().name(),
        leavers: plan.leavers.iter().map(|l| format!("{} {}", l.class_name.in_year(year), l.name)).collect(),
    }
}

async fn page(office: &SchoolOffice, opened: Option<usize>, faults: Vec<Fault>) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let today = look.today();
            let to_open = match term_to_open(look)? {
                Some(dates) => Some(shown(&opening(look, whole, dates)?, dates.starts_on <= today)),
                None => None,
            };
            Ok(OpeningView { to_open, opened, faults })
        })
        .await?;
    Ok(Page::of("roster/opening.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Opened {
    opened: Option<usize>,
}

/// What opening the next term would do.
#[get("/opening")]
pub(super) async fn opening_page(office: SchoolOffice, asked: Query<Opened>) -> Result<Page, Refused> {
    page(&office, asked.opened, Vec::new()).await
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct OpenForm {
    term: String,
    new_classes: String,
    close_leavers: Option<String>,
}

/// Opens the term.
#[post("/opening")]
pub(super) async fn open_term(office: SchoolOffice, form: Posted<OpenForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let Posted(form) = form;
    let typed = half_width(form.new_classes.trim());
    let read = (form.term.parse(), if typed.is_empty() { Ok(0) } else { typed.parse() });
    let (Ok(term), Ok(new_classes)) = read else {
        let faults = vec![Fault::at("new_classes", "班数应是 0 到 60 的数。")];
        return Ok(Either::Right(page(&office, None, faults).await?));
    };
    let close_leavers = form.close_leavers.is_some();
    match office.act(move |_| Ok(OpenTerm { term, new_classes, close_leavers })).await {
        Ok(posts) => Ok(Either::Left(SeeOther(format!("/office/opening?opened={posts}")))),
        Err(refused) => Ok(Either::Right(page(&office, None, refused.at_form("")?.1).await?)),
    }
}
