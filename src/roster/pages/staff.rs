use super::classes::{LinkView, link_for};
use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::account::{Login, NewAccount, account_named};
use crate::names::{AccountId, ClassId, PostId, Role};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::calendar::present_term;
use crate::roster::{
    AppointStaff, Appointment, EndPost, LeaveStaff, Position, PostRow, staff, staff_of, taught_classes,
};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct StaffView {
    term_name: String,
    people: Vec<PersonView>,
    /// Who leads two classes or more: usual in small schools, told all the same.
    many: Vec<String>,
    classes: Vec<ClassChoice>,
    faults: Vec<Fault>,
    typed: PostForm,
    link: Option<LinkView>,
    done: Option<String>,
}

#[derive(Serialize)]
struct ClassChoice {
    id: ClassId,
    name: String,
}

#[derive(Serialize)]
struct PersonView {
    account: AccountId,
    login: String,
    name: String,
    posts: Vec<PostView>,
    past: Vec<String>,
}

#[derive(Serialize)]
struct PostView {
    id: PostId,
    title: String,
    since: String,
}

/// What a page has to tell besides the staff.
#[derive(Default)]
struct Told {
    faults: Vec<Fault>,
    typed: PostForm,
    link: Option<LinkView>,
    done: Option<String>,
}

fn title(post: &PostRow, year: i32) -> String {
    let class = post.class_name.in_year(year);
    match (post.role, &post.subject) {
        (Role::Homeroom, _) => format!("{class} 班主任"),
        (Role::Deputy, _) => format!("{class} 副班主任"),
        (_, subject) => format!("{class} {}", subject.as_deref().unwrap_or_default()),
    }
}

async fn page(office: &SchoolOffice, told: Told) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if told.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let term = present_term(look)?.term;
            let year = term.year();
            let taught = taught_classes(look, whole, term)?;
            let classes = taught.into_iter().map(|c| ClassChoice { id: c.id, name: c.name.in_year(year) }).collect();
            let (mut people, mut many) = (Vec::new(), Vec::new());
            for member in staff(look, whole, term)? {
                let led: Vec<String> = member.leads().into_iter().map(|class| class.in_year(year)).collect();
                if led.len() > 1 {
                    many.push(format!("{}同时是{}的班主任", member.name, led.join("、")));
                }
                let (now, past): (Vec<_>, Vec<_>) = member.posts.iter().partition(|post| post.until.is_none());
                people.push(PersonView {
                    account: member.account,
                    login: member.login.clone(),
                    name: member.name.clone(),
                    posts: now
                        .into_iter()
                        .map(|p| PostView { id: p.id, title: title(p, year), since: p.since.to_string() })
                        .collect(),
                    past: past
                        .into_iter()
                        .filter_map(|p| Some(format!("{}，到 {}", title(p, year), p.until?)))
                        .collect(),
                });
            }
            let Told { faults, typed, link, done } = told;
            Ok(StaffView { term_name: term.name(), people, many, classes, faults, typed, link, done })
        })
        .await?;
    Ok(Page::of("roster/staff.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

/// The teachers and their posts.
#[get("/staff")]
pub(super) async fn staff_page(office: SchoolOffice, asked: Query<Done>) -> Result<Page, Refused> {
    let done = match asked.done.as_deref() {
        Some("ended") => Some("这项任职结束了。写下的内容都在，署的是写的人。".to_owned()),
        Some("left") => Some("离校登记好了。写下的内容都在，署的是写的人。".to_owned()),
        _ => None,
    };
    page(&office, Told { done, ..Told::default() }).await
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PostForm {
    login: String,
    name: String,
    class: String,
    role: String,
    subject: String,
}

/// The position a form asks for, in the present term.
fn position(form: &PostForm, term: crate::names::Term) -> Result<Position, Refused> {
    let class: ClassId = form.class.parse().map_err(|_| Refused::invalid("class", "请选一个班。"))?;
    let typed = tidy(&form.subject);
    let subject = crate::roster::curriculum::proper_name(&typed).map_or(typed, str::to_owned);
    match form.role.parse() {
        Ok(Role::Homeroom) => Ok(Position::Homeroom { class, term }),
        Ok(Role::Deputy) => Ok(Position::Deputy { class, term }),
        Ok(Role::Subject) if subject.is_empty() => Err(Refused::invalid("subject", "任课要写学科，例如“语文”。")),
        Ok(Role::Subject) => Ok(Position::Subject { class, term, subject }),
        _ => Err(Refused::invalid("role", "请选做什么。")),
    }
}

/// Gives someone a post: someone of the staff, or someone new, who gets a link.
#[post("/staff")]
pub(super) async fn appoint(office: SchoolOffice, form: Posted<PostForm>) -> Result<Page, Refused> {
    let form = form.0;
    let name = tidy(&form.name);
    let refuse = |faults: Vec<Fault>, typed: PostForm| Told { faults, typed, ..Told::default() };
    let login = match Login::parse(&form.login) {
        Ok(login) => login,
        Err(why) => return page(&office, refuse(vec![Fault::at("login", why)], form)).await,
    };
    let (wanted, asked) = (login.clone(), form.clone());
    let read = office
        .look(move |look| {
            let position = position(&asked, present_term(look)?.term)?;
            let known = match account_named(look.conn(), &wanted)? {
                Some((account, name)) => Some((account, name, staff_of(look, account)?)),
                None => None,
            };
            Ok((position, known))
        })
        .await;
    let (position, known) = match read {
        Ok(read) => read,
        Err(Refused::Invalid(faults)) => return page(&office, refuse(faults, form)).await,
        Err(other) => return Err(other),
    };
    let (who, known_name) = match known {
        Some((account, known_name, true)) => (Appointment::Known(account), Some(known_name)),
        Some((_, _, false)) => {
            let why = format!("账号“{}”已经有人用了，请换一个。", login.as_str());
            return page(&office, refuse(vec![Fault::at("login", why)], form)).await;
        }
        None if name.is_empty() => {
            return page(&office, refuse(vec![Fault::at("name", "新账号要写姓名。")], form)).await;
        }
        None => (Appointment::New(NewAccount { login: login.clone(), name: name.clone() }), None),
    };
    match office.act(move |_| Ok(AppointStaff { who, position })).await {
        Ok(_) if known_name.is_some() => {
            let done = known_name.map(|name| format!("{name}用原来的账号登录，就看得到。"));
            page(&office, Told { done, ..Told::default() }).await
        }
        Ok(account) => {
            let link = Some(link_for(&office, account, name, login.as_str().to_owned()).await?);
            page(&office, Told { link, ..Told::default() }).await
        }
        Err(Refused::Conflict(why)) => page(&office, refuse(vec![Fault::at("class", why)], form)).await,
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Ends a post.
#[post("/staff/post/{post}/end")]
pub(super) async fn end_post(
    office: SchoolOffice,
    post: Path<PostId>,
    _form: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let post = post.into_inner();
    match office.act(move |_| Ok(EndPost { post })).await {
        Ok(()) => Ok(Either::Left(SeeOther("/office/staff?done=ended".to_owned()))),
        Err(Refused::Conflict(why)) => {
            let told = Told { faults: vec![Fault::at("", why)], ..Told::default() };
            Ok(Either::Right(page(&office, told).await?))
        }
        Err(other) => Err(other),
    }
}

/// A teacher leaves the school.
#[post("/staff/{account}/leave")]
pub(super) async fn leave(
    office: SchoolOffice,
    account: Path<AccountId>,
    _form: Posted<Nothing>,
) -> Result<SeeOther, Refused> {
    let account = account.into_inner();
    office.act(move |_| Ok(LeaveStaff { account })).await?;
    Ok(SeeOther("/office/staff?done=left".to_owned()))
}
