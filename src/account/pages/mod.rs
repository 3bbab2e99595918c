mod second;
mod sessions;

use super::password::is_right;
use super::second_factor::asks_code;
use super::store::{PasswordSet, invited, own_account};
use super::{Attempted, KnownDevice, Password};
use crate::access::{Fault, House, Nothing, Owner, Posted, Refused, Visitor, farewell_cookie, safe_next};
use crate::names::AccountId;
use crate::platform::page::{Page, SeeOther};
use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::http::{StatusCode, header};
use actix_web::web::{Path, Query, ServiceConfig};
use actix_web::{Either, HttpRequest, HttpResponse, HttpResponseBuilder, Responder, get, post};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

#[derive(Serialize)]
struct SignInView<'a> {
    county: &'a str,
    next: Option<&'a str>,
    login: &'a str,
    wrong: Option<String>,
    demo: bool,
    insecure: bool,
}

impl<'a> SignInView<'a> {
    fn empty(house: &'a House, next: Option<&'a str>) -> Self {
        SignInView {
            county: &house.county,
            next: safe_next(next),
            login: "",
            wrong: None,
            demo: house.demo,
            insecure: house.insecure,
        }
    }
}

/// Who comes in by login and password.
#[get("")]
async fn sign_in_page(visitor: Visitor, asked: Query<Next>) -> Page {
    Page::of("account/sign-in.html", &SignInView::empty(visitor.house(), asked.next.as_deref()))
}

#[derive(Deserialize)]
struct SignInForm {
    login: String,
    password: String,
    next: Option<String>,
}

/// Opens a session, or says kindly that it cannot.
#[post("")]
async fn sign_in(
    visitor: Visitor,
    req: HttpRequest,
    form: Posted<SignInForm>,
) -> Result<Either<HttpResponse, Page>, Refused> {
    let Posted(form) = form;
    let device = device_of(visitor.house(), &req);
    let (status, wrong) = match visitor.sign_in(&form.login, form.password, device.clone()).await? {
        Attempted::Welcome { cookie, name } => {
            let mut answer = if in_place(&req) { HttpResponse::Ok() } else { welcome_in(form.next.as_deref()) };
            answer.cookie(cookie);
            keep_device(&mut answer, visitor.house(), &device);
            let answer =
                if in_place(&req) { answer.json(serde_json::json!({ "name": name })) } else { answer.finish() };
            return Ok(Either::Left(answer));
        }
        Attempted::NeedsCode { .. } if in_place(&req) => {
            (StatusCode::UNPROCESSABLE_ENTITY, "这个账号开了动态码，请在新的页面里登录，再回到这里。".to_owned())
        }
        Attempted::NeedsCode { ticket } => {
            let page = second::code_page(visitor.house(), &ticket, form.next.as_deref(), None);
            return Ok(Either::Left(kept(page, &req, visitor.house(), &device)?));
        }
        Attempted::Wrong { left: 0 } => {
            (StatusCode::UNPROCESSABLE_ENTITY, "账号或密码不对。请过 30 分钟再试，或找人重置密码。".to_owned())
        }
        Attempted::Wrong { left } => (
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("账号或密码不对。再输错 {left} 次，这台设备要等 30 分钟才能再试。"),
        ),
        Attempted::Wait => (
            StatusCode::TOO_MANY_REQUESTS,
            "输错的次数太多了。请过 30 分钟再试，或找人重置密码；在用过的设备上登录不受影响。".to_owned(),
        ),
    };
    if in_place(&req) {
        let answer = HttpResponse::build(status).json(serde_json::json!({ "message": wrong }));
        return Ok(Either::Left(answer));
    }
    let view = SignInView {
        login: &form.login,
        wrong: Some(wrong),
        ..SignInView::empty(visitor.house(), form.next.as_deref())
    };
    Ok(Either::Right(Page::of("account/sign-in.html", &view).with_status(status)))
}

fn welcome_in(next: Option<&str>) -> HttpResponseBuilder {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, safe_next(next).unwrap_or("/").to_owned()));
    answer
}

/// The page with the device's cookie, which its form has to come back with.
fn kept(page: Page, req: &HttpRequest, house: &House, device: &KnownDevice) -> Result<HttpResponse, Refused> {
    let mut answer = page.respond_to(req);
    answer.add_cookie(&device_cookie(house, device)).map_err(|e| Refused::broken(e.to_string()))?;
    Ok(answer)
}

/// A page that lost its session asks for the password where it stands.
fn in_place(req: &HttpRequest) -> bool {
    req.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("application/json"))
}

fn device_cookie_name(house: &House) -> &'static str {
    if house.is_https() { "__Host-qinghe-device" } else { "qinghe-device" }
}

pub fn device_of(house: &House, req: &HttpRequest) -> KnownDevice {
    let token = req.cookie(device_cookie_name(house)).map(|cookie| cookie.value().to_owned());
    let agent = req.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    KnownDevice::new(token, agent)
}

fn device_cookie(house: &House, device: &KnownDevice) -> Cookie<'static> {
    Cookie::build(device_cookie_name(house), device.token.clone())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(house.is_https())
        .max_age(time::Duration::days(400))
        .finish()
}

pub fn keep_device(answer: &mut HttpResponseBuilder, house: &House, device: &KnownDevice) {
    answer.cookie(device_cookie(house, device));
}

/// Ends the session at once.
#[post("/sign-out")]
async fn sign_out(owner: Owner, _form: Posted<Nothing>) -> Result<HttpResponse, Refused> {
    owner.sign_out().await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/sign-in"))
        .insert_header(("clear-site-data", "\"cache\", \"storage\""))
        .cookie(farewell_cookie(owner.house()))
        .finish())
}

/// Leads to the desk: the chosen one, the only one, or the choice.
#[get("/")]
async fn home(owner: Owner) -> SeeOther {
    let desk = owner.chosen_desk().or(match owner.desks() {
        [only] => Some(only),
        _ => None,
    });
    SeeOther(desk.map_or("/desks", |desk| &desk.address).to_owned())
}

#[derive(Serialize)]
struct DesksView<'a> {
    desks: &'a [crate::access::DeskPlace],
}

/// The choice of desks of an account that has several, or none yet.
#[get("/desks")]
async fn desks(owner: Owner) -> Page {
    Page::of("account/desks.html", &DesksView { desks: owner.desks() }).within("shell", owner.shell())
}

#[derive(Deserialize)]
struct DeskForm {
    desk: String,
}

/// Sits down at a desk.
#[post("/desks")]
async fn choose_desk(owner: Owner, form: Posted<DeskForm>) -> Result<SeeOther, Refused> {
    let desk = owner.desks().iter().find(|desk| desk.mark == form.0.desk).ok_or(Refused::NotFound)?;
    owner.choose(desk).await?;
    Ok(SeeOther(desk.address.clone()))
}

#[derive(Serialize, Default)]
struct PasswordView {
    login: String,
    name: String,
    faults: Vec<Fault>,
    done: bool,
    /// It has lasted as long as the rules of this house let it.
    old: bool,
    graded: bool,
}

#[derive(Deserialize)]
struct AskedPassword {
    old: Option<u8>,
}

/// A new password for one's own account.
#[get("/password")]
async fn password_page(owner: Owner, asked: Query<AskedPassword>) -> Result<Page, Refused> {
    let me = owner.account();
    let (login, name, _) = owner.look(move |look| own_account(look.conn(), me)).await?;
    let (old, graded) = (asked.old.is_some(), owner.house().graded);
    let view = PasswordView { login, name, old, graded, ..PasswordView::default() };
    Ok(Page::of("account/password.html", &view).within("shell", owner.shell()))
}

#[derive(Deserialize)]
struct PasswordForm {
    current: String,
    password: String,
    again: String,
}

/// Changes the password and ends every session, this one too.
#[post("/password")]
async fn change_password(owner: Owner, form: Posted<PasswordForm>) -> Result<Either<Page, SeeOther>, Refused> {
    let (me, Posted(form)) = (owner.account(), form);
    let (login, name, hash) = owner.look(move |look| own_account(look.conn(), me)).await?;
    let refuse = |fault| {
        let graded = owner.house().graded;
        let view = PasswordView {
            login: login.clone(),
            name: name.clone(),
            faults: vec![fault],
            graded,
            ..PasswordView::default()
        };
        let page = Page::of("account/password.html", &view).within("shell", owner.shell());
        Ok(Either::Left(page.with_status(StatusCode::UNPROCESSABLE_ENTITY)))
    };
    if !is_right(form.current.clone(), hash).await? {
        return refuse(Fault::at("current", "现在的密码不对，请再输一次。"));
    }
    if form.password == form.current {
        return refuse(Fault::at("password", "新密码和现在的一样，请换一个。"));
    }
    let password = match Password::choose_in(owner.house(), &form.password, &form.again, &[&login, &name]) {
        Ok(password) => password,
        Err(weak) => return refuse(Fault::at("password", weak.to_string())),
    };
    let hash = password.hash().await?;
    owner.act(move |_| Ok(PasswordSet { account: me, hash, link: None })).await?;
    Ok(Either::Right(SeeOther("/sign-in".to_owned())))
}

/// The page behind a single-use link.
#[get("/{token}")]
async fn welcome_page(visitor: Visitor, token: Path<String>) -> Result<Page, Refused> {
    match whose(&visitor, token.into_inner()).await {
        Ok((_, login, name)) => Ok(welcome_view(visitor.house(), login, name, Vec::new())),
        Err(Refused::NotFound) => Ok(ended_view(visitor.house())),
        Err(other) => Err(other),
    }
}

/// The account that a link invites; it must not have been used yet.
async fn whose(visitor: &Visitor, token: String) -> Result<(AccountId, String, String), Refused> {
    visitor
        .look(move |look| {
            let now = look.now();
            invited(look.conn(), &token, now)
        })
        .await
}

/// Unknown, used and too old links answer the same words.
fn ended_view(house: &House) -> Page {
    let view = EndedView { demo: house.demo, insecure: house.insecure };
    Page::of("account/welcome-ended.html", &view).with_status(StatusCode::NOT_FOUND)
}

#[derive(Serialize)]
struct EndedView {
    demo: bool,
    insecure: bool,
}

fn welcome_view(house: &House, login: String, name: String, faults: Vec<Fault>) -> Page {
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = PasswordView { login, name, faults, graded: house.graded, ..PasswordView::default() };
    Page::of("account/welcome.html", &view)
        .within("demo", &house.demo)
        .within("insecure", &house.insecure)
        .with_status(status)
}

#[derive(Deserialize)]
struct WelcomeForm {
    password: String,
    again: String,
}

/// Sets the first or a new password by the link, and signs in.
#[post("/{token}")]
async fn set_password(
    visitor: Visitor,
    req: HttpRequest,
    token: Path<String>,
    form: Posted<WelcomeForm>,
) -> Result<Either<Page, HttpResponse>, Refused> {
    let (token, Posted(form)) = (token.into_inner(), form);
    let (account, login, name) = match whose(&visitor, token.clone()).await {
        Ok(invited) => invited,
        Err(Refused::NotFound) => return Ok(Either::Left(ended_view(visitor.house()))),
        Err(other) => return Err(other),
    };
    let password = match Password::choose_in(visitor.house(), &form.password, &form.again, &[&login, &name]) {
        Ok(password) => password,
        Err(weak) => {
            let faults = vec![Fault::at("password", weak.to_string())];
            return Ok(Either::Left(welcome_view(visitor.house(), login, name, faults)));
        }
    };
    let hash = password.hash().await?;
    visitor.as_owner(account, &name).act(move |_| Ok(PasswordSet { account, hash, link: Some(token) })).await?;
    // A link stands for the password only.
    if visitor.look(move |look| Ok(asks_code(look.conn(), account)?)).await? {
        return Ok(Either::Right(HttpResponse::SeeOther().insert_header((header::LOCATION, "/sign-in")).finish()));
    }
    let device = device_of(visitor.house(), &req);
    let cookie = visitor.enter(account, device.clone()).await?;
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, "/")).cookie(cookie);
    keep_device(&mut answer, visitor.house(), &device);
    Ok(Either::Right(answer.finish()))
}

pub fn sign_in_door(door: &mut ServiceConfig) {
    door.service(sign_in_page).service(sign_in).service(second::sign_in_code);
}

pub fn welcome_door(door: &mut ServiceConfig) {
    door.service(welcome_page).service(set_password);
}

pub fn owner(door: &mut ServiceConfig) {
    door.service(home)
        .service(desks)
        .service(choose_desk)
        .service(password_page)
        .service(change_password)
        .service(sessions::sessions)
        .service(sessions::end_session)
        .service(second::second_factor_page)
        .service(second::begin_second_factor)
        .service(second::confirm_second_factor)
        .service(second::second_factor_off)
        .service(sign_out);
}
