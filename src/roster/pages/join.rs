use crate::access::{Fault, Posted, Refused, Visitor};
use crate::account::{Attempted, KnownDevice, Login, NewAccount, Password, Phone, PhoneClaimed, account_signing_in};
use crate::names::ConsentText;
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::reading::relation_words;
use crate::roster::{Appointment, JoinChild, SlipFound, slip_found};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct EnterView {
    demo: bool,
    insecure: bool,
    code: String,
    unusable: bool,
}

fn enter_page(visitor: &Visitor, code: &str, unusable: bool) -> Page {
    let house = visitor.house();
    let view = EnterView { demo: house.demo, insecure: house.insecure, code: code.to_owned(), unusable };
    let status = if unusable { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Page::of("roster/join-enter.html", &view).with_status(status)
}

/// Where the code of a slip is typed.
#[get("")]
pub(super) async fn enter(visitor: Visitor) -> Page {
    enter_page(&visitor, "", false)
}

#[derive(Deserialize)]
struct EnterForm {
    code: String,
}

/// Goes to the slip's own page.
#[post("")]
pub(super) async fn entered(_visitor: Visitor, form: Posted<EnterForm>) -> SeeOther {
    let code: String = form.0.code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    SeeOther(format!("/join/{}", if code.is_empty() { "0" } else { &code }))
}

#[derive(Serialize)]
struct JoinView<'a> {
    demo: bool,
    insecure: bool,
    code: &'a str,
    child: &'a str,
    initial: String,
    school: &'a str,
    relations: Vec<&'static str>,
    name: &'a str,
    relation: &'a str,
    login: &'a str,
    /// The slip's own code, a login in itself.
    slip_login: String,
    until: String,
    consent: bool,
    consent_text: &'a ConsentText,
    /// Someone signed in, who adds a child to the account.
    me: Option<&'a str>,
    faults: Vec<Fault>,
}

/// The text of the consent that is asked today.
fn asked_text(visitor: &Visitor) -> &ConsentText {
    let house = visitor.house();
    house.consent.on(house.clock.today())
}

async fn find(visitor: &Visitor, code: &str) -> Result<SlipFound, Refused> {
    let (keys, code) = (visitor.house().keys.clone(), code.to_owned());
    visitor.guess(visitor.look(move |look| slip_found(look, &keys, &code))).await
}

fn join_view(
    visitor: &Visitor,
    code: &str,
    found: &SlipFound,
    form: &JoinForm,
    me: Option<&str>,
    faults: Vec<Fault>,
) -> Page {
    let house = visitor.house();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = JoinView {
        demo: house.demo,
        insecure: house.insecure,
        code,
        child: &found.masked_name,
        initial: found.masked_name.chars().take(1).collect(),
        school: &found.school,
        relations: relation_words(),
        name: &form.name,
        relation: &form.relation,
        login: &form.login,
        slip_login: found.login.to_uppercase(),
        until: found.until.format("%Y-%m-%d").to_string(),
        // A tick under another text is no consent to this one.
        consent: form.consent.is_some() && form.has_seen(asked_text(visitor)),
        consent_text: asked_text(visitor),
        me,
        faults,
    };
    Page::of(if me.is_some() { "roster/join-add.html" } else { "roster/join.html" }, &view).with_status(status)
}

#[derive(Deserialize)]
struct AskedAs {
    /// `new`: not for the account that is signed in here.
    #[serde(rename = "as")]
    by: Option<String>,
}

/// A slip's page: whose child, who are you, a password, consent. Someone signed in
/// adds the child to the account at hand.
#[get("/{code}")]
pub(super) async fn join_page(visitor: Visitor, code: Path<String>, asked: Query<AskedAs>) -> Result<Page, Refused> {
    let me = if asked.by.as_deref() == Some("new") { None } else { visitor.signed_in().await? };
    let me = me.as_ref().map(|(_, name)| name.as_str());
    match find(&visitor, &code).await {
        Ok(found) => Ok(join_view(&visitor, &code, &found, &JoinForm::default(), me, Vec::new())),
        Err(Refused::NotFound) => Ok(enter_page(&visitor, &code, true)),
        Err(other) => Err(other),
    }
}

#[derive(Default, Deserialize)]
struct JoinForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    relation: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    again: String,
    consent: Option<String>,
    /// The version of the text that the page showed.
    consent_version: Option<i32>,
    /// `me`: for the account that is signed in here.
    #[serde(rename = "as")]
    by: Option<String>,
}

impl JoinForm {
    fn has_seen(&self, text: &ConsentText) -> bool {
        self.consent_version.is_none_or(|seen| seen == text.version)
    }

    fn faults(&self, text: &ConsentText) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.by.is_none() && tidy(&self.name).is_empty() {
            faults.push(Fault::at("name", "请写您的姓名。"));
        }
        if !relation_words().contains(&self.relation.as_str()) {
            faults.push(Fault::at("relation", "请选您和孩子的关系。"));
        }
        if self.consent.is_none() {
            faults.push(Fault::at("consent", "请看过说明，同意后再绑定。不同意也可以请班主任用纸面方式告知。"));
        } else if !self.has_seen(text) {
            faults.push(Fault::at("consent", "同意书刚有了新的一版。请看过下面的文字，再勾一次。"));
        }
        faults
    }
}

/// Binds the child: to an account that is there, by its password, or to a new one.
#[post("/{code}")]
pub(super) async fn join(
    visitor: Visitor,
    req: HttpRequest,
    code: Path<String>,
    form: Posted<JoinForm>,
) -> Result<Either<Page, HttpResponse>, Refused> {
    let (code, Posted(form)) = (code.into_inner(), form);
    let found = match find(&visitor, &code).await {
        Ok(found) => found,
        Err(Refused::NotFound) => return Ok(Either::Left(enter_page(&visitor, &code, true))),
        Err(other) => return Err(other),
    };
    let device = crate::account::pages::device_of(visitor.house(), &req);
    let faults = form.faults(asked_text(&visitor));
    if form.by.as_deref() == Some("me") {
        return add_child(&visitor, &code, &found, &form, faults).await;
    }
    let refuse = |faults| Ok(Either::Left(join_view(&visitor, &code, &found, &form, None, faults)));
    let (keys, typed) = (visitor.house().keys.clone(), form.login.clone());
    if let Some(known) = visitor.look(move |look| account_signing_in(look.conn(), &keys, &typed)).await? {
        if !faults.is_empty() {
            return refuse(faults);
        }
        return match visitor.sign_in(&form.login, form.password.clone(), device.clone()).await? {
            Attempted::Welcome { cookie, name } => {
                let act = JoinChild::new(
                    &found,
                    Appointment::Known(known.account),
                    form.relation.clone(),
                    asked_text(&visitor).version,
                );
                let (_, student) = visitor.as_owner(known.account, &name).act(move |_| Ok(act)).await?;
                Ok(Either::Right(welcome(&visitor, cookie, &device, student)))
            }
            Attempted::NeedsCode { .. } => {
                refuse(vec![Fault::at("login", "这个账号开了动态码。请先登录，再打开这张绑定单。")])
            }
            _ => refuse(vec![Fault::at(
                "login",
                "这个账号已经有人用了。是您自己的，就填它原来的密码；不是，请换一个手机号，或空着不填。",
            )]),
        };
    }
    make_account(&visitor, &code, &found, &form, faults, device).await
}

/// A new guardian: an account by the slip's own code, and by the telephone number
/// once it is confirmed.
async fn make_account(
    visitor: &Visitor,
    code: &str,
    found: &SlipFound,
    form: &JoinForm,
    mut faults: Vec<Fault>,
    device: KnownDevice,
) -> Result<Either<Page, HttpResponse>, Refused> {
    let name = tidy(&form.name);
    let phone = match form.login.trim() {
        "" => None,
        typed => match Phone::parse(typed) {
            Ok(phone) => Some(phone),
            Err(why) => {
                faults.push(Fault::at("login", why));
                None
            }
        },
    };
    let given_away = [found.login.as_str(), phone.as_ref().map_or("", Phone::as_str), &name];
    let password = match Password::choose_in(visitor.house(), &form.password, &form.again, &given_away) {
        Ok(password) => Some(password),
        Err(weak) => {
            faults.push(Fault::at("password", weak.to_string()));
            None
        }
    };
    let refuse = |faults| Ok(Either::Left(join_view(visitor, code, found, form, None, faults)));
    let Some(password) = password.filter(|_| faults.is_empty()) else { return refuse(faults) };
    let hash = password.hash().await?;
    let login = Login::parse(&found.login).map_err(Refused::broken)?;
    let phone = phone.map(|phone| PhoneClaimed::new(&visitor.house().keys, &phone, found.knows(&phone)));
    let act = JoinChild::new(
        found,
        Appointment::New(NewAccount { login, name }),
        form.relation.clone(),
        asked_text(visitor).version,
    )
    .with_password(hash)
    .with_phone(phone);
    match visitor.act(move |_| Ok(act)).await {
        Ok((account, student)) => {
            let cookie = visitor.enter(account, device.clone()).await?;
            Ok(Either::Right(welcome(visitor, cookie, &device, student)))
        }
        Err(Refused::Invalid(faults)) => refuse(faults),
        Err(other) => Err(other),
    }
}

/// One more child for the account that is signed in on this browser.
async fn add_child(
    visitor: &Visitor,
    code: &str,
    found: &SlipFound,
    form: &JoinForm,
    faults: Vec<Fault>,
) -> Result<Either<Page, HttpResponse>, Refused> {
    let Some((account, name)) = visitor.signed_in().await? else {
        let view = join_view(visitor, code, found, &JoinForm::default(), None, Vec::new());
        return Ok(Either::Left(view));
    };
    if !faults.is_empty() {
        return Ok(Either::Left(join_view(visitor, code, found, form, Some(&name), faults)));
    }
    let act = JoinChild::new(found, Appointment::Known(account), form.relation.clone(), asked_text(visitor).version);
    let (_, student) = visitor.as_owner(account, &name).act(move |_| Ok(act)).await?;
    let at = format!("/child/{student}?joined=1");
    Ok(Either::Right(HttpResponse::SeeOther().insert_header((actix_web::http::header::LOCATION, at)).finish()))
}

fn welcome(
    visitor: &Visitor,
    cookie: actix_web::cookie::Cookie<'static>,
    device: &KnownDevice,
    student: crate::names::StudentId,
) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((actix_web::http::header::LOCATION, format!("/child/{student}?joined=1"))).cookie(cookie);
    crate::account::pages::keep_device(&mut answer, visitor.house(), device);
    answer.finish()
}
