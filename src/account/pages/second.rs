use super::{Next, SignInView, device_of, keep_device, welcome_in};
use crate::access::{Fault, House, Owner, Posted, Refused, Visitor, safe_next};
use crate::account::password::is_right;
use crate::account::second_factor::{BeginSecondFactor, ConfirmSecondFactor, SecondFactor, second_factor_of};
use crate::account::store::own_account;
use crate::account::{Attempted, SecondFactorOff};
use crate::platform::page::{Page, SeeOther};
use crate::platform::qr::{QrPath, qr_path};
use actix_web::http::StatusCode;
use actix_web::{Either, HttpRequest, HttpResponse, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Default)]
struct SecondFactorView {
    /// `none`, `begun` or `set`.
    stands: &'static str,
    /// The rules of this house ask for one of officers.
    asked: bool,
    qr: Option<QrPath>,
    secret: String,
    since: String,
    recovery_left: i64,
    /// Codes for paper, just made: shown once.
    recovery: Vec<String>,
    faults: Vec<Fault>,
}

async fn page(owner: &Owner, recovery: Vec<String>, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (me, keys) = (owner.account(), owner.house().keys.clone());
    let stands = owner.look(move |look| second_factor_of(look, &keys, me)).await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = SecondFactorView { asked: owner.house().graded, recovery, faults, ..SecondFactorView::default() };
    let view = match stands {
        SecondFactor::None => SecondFactorView { stands: "none", ..view },
        SecondFactor::Begun(scanned) => {
            SecondFactorView { stands: "begun", qr: qr_path(&scanned.address), secret: scanned.secret, ..view }
        }
        SecondFactor::Set { since, recovery_left } => {
            SecondFactorView { stands: "set", since: since.format("%Y-%m-%d").to_string(), recovery_left, ..view }
        }
    };
    Ok(Page::of("account/second-factor.html", &view).within("shell", owner.shell()).with_status(status))
}

/// The second factor of one's own account.
#[get("/second-factor")]
pub(super) async fn second_factor_page(owner: Owner) -> Result<Page, Refused> {
    page(&owner, Vec::new(), Vec::new()).await
}

#[derive(Deserialize)]
struct CurrentForm {
    #[serde(default)]
    current: String,
}

async fn knows_password(owner: &Owner, typed: String) -> Result<bool, Refused> {
    let me = owner.account();
    let (_, _, hash) = owner.look(move |look| own_account(look.conn(), me)).await?;
    is_right(typed, hash).await
}

fn wrong_password() -> Vec<Fault> {
    vec![Fault::at("current", "密码不对，请再输一次。")]
}

/// Makes a secret to be scanned.
#[post("/second-factor/begin")]
pub(super) async fn begin_second_factor(
    owner: Owner,
    form: Posted<CurrentForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    if !knows_password(&owner, form.0.current).await? {
        return Ok(Either::Right(page(&owner, Vec::new(), wrong_password()).await?));
    }
    let act = BeginSecondFactor::new(&owner.house().keys, owner.account());
    owner.act(move |_| Ok(act)).await?;
    Ok(Either::Left(SeeOther("/second-factor".to_owned())))
}

#[derive(Deserialize)]
struct CodeForm {
    #[serde(default)]
    code: String,
}

/// Takes the first code; from then on signing in asks for one.
#[post("/second-factor/confirm")]
pub(super) async fn confirm_second_factor(owner: Owner, form: Posted<CodeForm>) -> Result<Page, Refused> {
    let act = ConfirmSecondFactor::new(owner.house().keys.clone(), owner.account(), &form.0.code);
    match owner.act(move |_| Ok(act)).await {
        Ok(recovery) => page(&owner, recovery, Vec::new()).await,
        Err(Refused::Invalid(faults)) => page(&owner, Vec::new(), faults).await,
        Err(other) => Err(other),
    }
}

/// Signing in asks for no code any more.
#[post("/second-factor/off")]
pub(super) async fn second_factor_off(
    owner: Owner,
    form: Posted<CurrentForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    if !knows_password(&owner, form.0.current).await? {
        return Ok(Either::Right(page(&owner, Vec::new(), wrong_password()).await?));
    }
    let account = owner.account();
    owner.act(move |_| Ok(SecondFactorOff { account })).await?;
    Ok(Either::Left(SeeOther("/second-factor".to_owned())))
}

#[derive(Serialize)]
struct CodeView<'a> {
    ticket: &'a str,
    next: Option<&'a str>,
    wrong: Option<String>,
    demo: bool,
    insecure: bool,
}

pub(super) fn code_page(house: &House, ticket: &str, next: Option<&str>, wrong: Option<String>) -> Page {
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = CodeView { ticket, next: safe_next(next), wrong, demo: house.demo, insecure: house.insecure };
    Page::of("account/sign-in-code.html", &view).with_status(status)
}

#[derive(Deserialize)]
struct SecondStepForm {
    #[serde(default)]
    ticket: String,
    #[serde(default)]
    code: String,
    next: Option<String>,
}

/// The second step of signing in.
#[post("/code")]
pub(super) async fn sign_in_code(
    visitor: Visitor,
    req: HttpRequest,
    form: Posted<SecondStepForm>,
) -> Result<Either<HttpResponse, Page>, Refused> {
    let Posted(form) = form;
    let (house, device) = (visitor.house(), device_of(visitor.house(), &req));
    let wrong = match visitor.sign_in_code(&form.ticket, &form.code, device.clone()).await {
        Ok(Attempted::Welcome { cookie, .. }) => {
            let mut answer = welcome_in(form.next.as_deref());
            answer.cookie(cookie);
            keep_device(&mut answer, house, &device);
            return Ok(Either::Left(answer.finish()));
        }
        Ok(Attempted::Wait) => "输错的次数太多了。请过 30 分钟再试。".to_owned(),
        Ok(_) => "这个码不对，或者已经用过了。请看手机上现在的 6 位数字，或用一个没用过的备用码。".to_owned(),
        Err(Refused::SignedOut) => {
            let wrong = Some("隔得太久了，请重新输密码。".to_owned());
            let asked = Next { next: form.next };
            let view = SignInView { wrong, ..SignInView::empty(house, asked.next.as_deref()) };
            return Ok(Either::Right(
                Page::of("account/sign-in.html", &view).with_status(StatusCode::UNPROCESSABLE_ENTITY),
            ));
        }
        Err(other) => return Err(other),
    };
    Ok(Either::Right(code_page(house, &form.ticket, form.next.as_deref(), Some(wrong))))
}
