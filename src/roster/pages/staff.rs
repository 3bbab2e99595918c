use super::classes::{LinkView, link_for};
use crate::access::{Fault, Nothing, Posted, Refused, SchoolOffice};
use crate::account::{Login, NewAccount, account_named};
use crate::names::{AccountId, ClassId, PostId, Role};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::calendar::present_term;
use crate::roster::{
    AppointStaff, Appointment, ClassRow, EndPost, LeaveStaff, Position, PostRow, SEVERAL, staff, staff_of,
    taught_classes,
};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct StaffView {
    term_name: String,
    people: Vec<PersonView>,
    /// Who leads two classes or more: usual in small schools, told all the same.
    many: Vec<String>,
    classes: Vec<ClassChoice>,
    faults: Vec<Fault>,
    typed: PostForm,
    /// What was typed into the form of posts in several classes.
    several: SeveralTyped,
    roles: [RoleChoice; 3],
    link: Option<LinkView>,
    done: Option<String>,
}

#[derive(Serialize)]
struct SeveralTyped {
    many_login: String,
    many_name: String,
    many_role: String,
    whole: bool,
}

impl SeveralTyped {
    fn of(typed: &HashMap<String, String>) -> Self {
        let field = |name: &str| typed.get(name).cloned().unwrap_or_default();
        SeveralTyped {
            many_login: field("many_login"),
            many_name: field("many_name"),
            many_role: field("many_role"),
            whole: typed.contains_key("whole"),
        }
    }
}

#[derive(Serialize)]
struct RoleChoice {
    code: &'static str,
    word: &'static str,
}

#[derive(Serialize)]
struct ClassChoice {
    id: ClassId,
    name: String,
    /// Ticked in the form of posts in several classes.
    ticked: bool,
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
    several: HashMap<String, String>,
    link: Option<LinkView>,
    done: Option<String>,
}

fn title(post: &PostRow, year: i32) -> String {
    format!("{} {}", post.class_name.in_year(year), post.subject.as_deref().unwrap_or(post.role.word()))
}

async fn page(office: &SchoolOffice, told: Told) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if told.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let term = present_term(look)?.term;
            let year = term.year();
            let taught = taught_classes(look, whole, term)?;
            let ticked = |id: ClassId| told.several.contains_key(&format!("class_{id}"));
            let choice = |c: ClassRow| ClassChoice { id: c.id, name: c.name.in_year(year), ticked: ticked(c.id) };
            let classes = taught.into_iter().map(choice).collect();
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
            let Told { faults, typed, several, link, done } = told;
            let roles = SEVERAL.map(|role| RoleChoice { code: role.code(), word: role.word() });
            let (term_name, several) = (term.name(), SeveralTyped::of(&several));
            Ok(StaffView { term_name, people, many, classes, faults, typed, several, roles, link, done })
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
    let asked = form.clone();
    let read = office.look(move |look| position(&asked, present_term(look)?.term)).await;
    let position = match read {
        Ok(position) => position,
        Err(Refused::Invalid(faults)) => return page(&office, refuse(faults, form)).await,
        Err(other) => return Err(other),
    };
    let (who, known_name) = match named(&office, &login, &name, ("login", "name")).await? {
        Ok(found) => found,
        Err(fault) => return page(&office, refuse(vec![fault], form)).await,
    };
    finish(&office, (who, login, name, known_name), position, |why| refuse(vec![Fault::at("class", why)], form)).await
}

/// Appoints, and tells what came of it: someone new gets a link.
async fn finish(
    office: &SchoolOffice,
    (who, login, name, known_name): (Appointment, Login, String, Option<String>),
    position: Position,
    refuse: impl FnOnce(String) -> Told,
) -> Result<Page, Refused> {
    match office.act(move |_| Ok(AppointStaff { who, position })).await {
        Ok(_) if known_name.is_some() => {
            let done = known_name.map(|name| format!("{name}用原来的账号登录，就看得到。"));
            page(office, Told { done, ..Told::default() }).await
        }
        Ok(account) => {
            let link = Some(link_for(office, account, name, login.as_str().to_owned()).await?);
            page(office, Told { link, ..Told::default() }).await
        }
        Err(Refused::Conflict(why)) => page(office, refuse(why)).await,
        Err(other) => Err(other),
    }
}

/// Whom a form names: someone of the staff, with the name, or someone new.
pub(super) async fn named(
    office: &SchoolOffice,
    login: &Login,
    name: &str,
    fields: (&str, &str),
) -> Result<Result<(Appointment, Option<String>), Fault>, Refused> {
    let wanted = login.clone();
    let known = office
        .look(move |look| {
            let Some((account, name)) = account_named(look.conn(), &wanted)? else { return Ok(None) };
            Ok(Some((account, name, staff_of(look, account)?)))
        })
        .await?;
    Ok(match known {
        Some((account, known, true)) => Ok((Appointment::Known(account), Some(known))),
        Some(_) => Err(Fault::at(fields.0, format!("账号“{}”已经有人用了，请换一个。", login.as_str()))),
        None if name.is_empty() => Err(Fault::at(fields.1, "新账号要写姓名。")),
        None => Ok((Appointment::New(NewAccount { login: login.clone(), name: name.to_owned() }), None)),
    })
}

/// Gives someone a post in several classes, or in all of them: who organises, the
/// committee, the doctor.
#[post("/staff/several")]
pub(super) async fn appoint_several(
    office: SchoolOffice,
    form: Posted<HashMap<String, String>>,
) -> Result<Page, Refused> {
    let typed = form.0;
    let field = |name: &str| typed.get(name).map(String::as_str).unwrap_or_default();
    let refuse = |at: &str, why: String, several: &HashMap<String, String>| Told {
        faults: vec![Fault::at(at, why)],
        several: several.clone(),
        ..Told::default()
    };
    let login = match Login::parse(field("many_login")) {
        Ok(login) => login,
        Err(why) => return page(&office, refuse("many_login", why.to_owned(), &typed)).await,
    };
    let Some(role) = field("many_role").parse().ok().filter(|role| SEVERAL.contains(role)) else {
        return page(&office, refuse("many_role", "请选做什么。".to_owned(), &typed)).await;
    };
    let (whole, name) = (office.whole_school(), tidy(field("many_name")));
    let (term, taught) = office
        .look(move |look| {
            let term = present_term(look)?.term;
            Ok((term, taught_classes(look, whole, term)?))
        })
        .await?;
    let all = typed.contains_key("whole");
    let wanted = |class: &ClassRow| all || typed.contains_key(&format!("class_{}", class.id));
    let classes: Vec<ClassId> = taught.iter().filter(|class| wanted(class)).map(|class| class.id).collect();
    if classes.is_empty() {
        return page(&office, refuse("whole", "请选全校，或者选至少一个班。".to_owned(), &typed)).await;
    }
    let (who, known) = match named(&office, &login, &name, ("many_login", "many_name")).await? {
        Ok(found) => found,
        Err(fault) => return page(&office, refuse(&fault.field, fault.message, &typed)).await,
    };
    let position = Position::Several { role, classes, term };
    let conflict = |_| refuse("whole", "这位老师在这些班都已经有这项任职，不用再安排。".to_owned(), &typed);
    finish(&office, (who, login, name, known), position, conflict).await
}

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
        Err(refused) => {
            let told = Told { faults: refused.at_form("")?.1, ..Told::default() };
            Ok(Either::Right(page(&office, told).await?))
        }
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
