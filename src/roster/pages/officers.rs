use crate::access::{CountySecurity, Fault, Posted, Refused};
use crate::account::{AccountUnlocked, LINK_LIFE, LinkMade, Login, NewAccount, locked_among};
use crate::names::{AccountId, Duty};
use crate::platform::page::{Page, SeeOther};
use crate::platform::qr::{QrPath, qr_path};
use crate::platform::text::tidy;
use crate::roster::{AppointCounty, OfficerLeft, county_staff, managed, officer_link, officer_without_phone, officers};
use actix_web::http::StatusCode;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct AccountsView {
    county: Vec<AccountView>,
    officers: Vec<AccountView>,
    duties: [DutyView; 3],
    /// A link just made: shown once.
    link: Option<LinkView>,
    faults: Vec<Fault>,
    typed: NewForm,
}

#[derive(Serialize)]
struct AccountView {
    account: AccountId,
    name: String,
    login: String,
    school: String,
    /// `教务`, `校长`, or the duty.
    role: &'static str,
    second_factor: bool,
    entered: bool,
    locked: bool,
    /// The reader's own: someone else looks after it.
    own: bool,
}

#[derive(Serialize)]
struct DutyView {
    code: &'static str,
    word: &'static str,
    says: &'static str,
}

#[derive(Serialize)]
struct LinkView {
    name: String,
    login: String,
    address: String,
    qr: Option<QrPath>,
    hours: i64,
}

/// What there is to tell beside the lists.
#[derive(Default)]
struct Told {
    /// A link just made, and whose.
    made: Option<(AccountId, String)>,
    faults: Vec<Fault>,
    typed: NewForm,
}

async fn page(security: &CountySecurity, told: Told) -> Result<Page, Refused> {
    let (me, keys) = (security.by().account(), security.house().keys.clone());
    let (county, officers, locked) = security
        .look(move |look| {
            let (county, officers) = (county_staff(look)?, officers(look)?);
            let county_logins = county.iter().map(|one| one.login.as_str());
            let logins: Vec<&str> = county_logins.chain(officers.iter().map(|one| one.login.as_str())).collect();
            let locked = locked_among(look, &keys, &logins)?;
            Ok((county, officers, locked))
        })
        .await?;
    let own = |account: AccountId| me == Some(account);
    let county: Vec<AccountView> = county
        .into_iter()
        .map(|one| AccountView {
            account: one.account,
            own: own(one.account),
            locked: locked.contains(&one.login),
            role: one.duty.word(),
            school: String::new(),
            name: one.name,
            login: one.login,
            second_factor: one.second_factor,
            entered: one.entered,
        })
        .collect();
    let officers: Vec<AccountView> = officers
        .into_iter()
        .map(|one| AccountView {
            account: one.account,
            own: own(one.account),
            locked: locked.contains(&one.login),
            role: if one.role == "principal" { "校长" } else { "教务" },
            school: one.school,
            name: one.name,
            login: one.login,
            second_factor: one.second_factor,
            entered: one.entered,
        })
        .collect();
    let link = told.made.and_then(|(account, address)| {
        let whose = county.iter().chain(&officers).find(|one| one.account == account)?;
        let (name, login) = (whose.name.clone(), whose.login.clone());
        Some(LinkView { name, login, qr: qr_path(&address), address, hours: LINK_LIFE.num_hours() })
    });
    let duty = |duty: Duty| DutyView { code: duty.code(), word: duty.word(), says: duty.says() };
    let duties = [duty(Duty::System), duty(Duty::Security), duty(Duty::Audit)];
    let status = if told.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = AccountsView { county, officers, duties, link, faults: told.faults, typed: told.typed };
    Ok(Page::of("roster/officers.html", &view).within("shell", security.shell()).with_status(status))
}

/// The county's own accounts, and the schools' officers.
#[get("")]
pub(super) async fn accounts_page(security: CountySecurity) -> Result<Page, Refused> {
    page(&security, Told::default()).await
}

#[derive(Deserialize)]
struct AccountForm {
    account: Option<AccountId>,
}

impl AccountForm {
    fn account(&self) -> Result<AccountId, Refused> {
        self.account.ok_or(Refused::NotFound)
    }
}

const BACK: &str = "/county/accounts";

/// A new single-use link for one of them.
#[post("/link")]
pub(super) async fn renew_link(security: CountySecurity, form: Posted<AccountForm>) -> Result<Page, Refused> {
    let wanted = form.0.account()?;
    let invite = security.act(move |tx| officer_link(tx, wanted)).await?;
    let address = invite.address(&security.house().public_url);
    page(&security, Told { made: Some((wanted, address)), ..Told::default() }).await
}

/// One who has lost the phone signs in without a code.
#[post("/second-factor")]
pub(super) async fn without_phone(security: CountySecurity, form: Posted<AccountForm>) -> Result<SeeOther, Refused> {
    let wanted = form.0.account()?;
    security.act(move |tx| officer_without_phone(tx, wanted)).await?;
    Ok(SeeOther(BACK.to_owned()))
}

/// One who was locked out by wrong passwords may try again at once.
#[post("/unlock")]
pub(super) async fn unlock(security: CountySecurity, form: Posted<AccountForm>) -> Result<SeeOther, Refused> {
    let (wanted, keys) = (form.0.account()?, security.house().keys.clone());
    security
        .act(move |tx| {
            managed(tx, wanted)?;
            AccountUnlocked::of(tx, &keys, wanted)
        })
        .await?;
    Ok(SeeOther(BACK.to_owned()))
}

/// One of them leaves.
#[post("/close")]
pub(super) async fn close(security: CountySecurity, form: Posted<AccountForm>) -> Result<SeeOther, Refused> {
    let wanted = form.0.account()?;
    security.act(move |tx| OfficerLeft::of(tx, wanted)).await?;
    Ok(SeeOther(BACK.to_owned()))
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct NewForm {
    login: String,
    name: String,
    duty: String,
}

/// Someone new joins the county's office, with one duty.
#[post("")]
pub(super) async fn open(security: CountySecurity, form: Posted<NewForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let typed = form.0;
    let again = |faults| Told { faults, typed: typed.clone(), ..Told::default() };
    let (name, duty) = (tidy(&typed.name), typed.duty.parse::<Duty>().ok());
    let mut faults = Vec::new();
    let login = Login::parse(&typed.login).map_err(|why| faults.push(Fault::at("login", why))).ok();
    if name.is_empty() {
        faults.push(Fault::at("name", "请写姓名。"));
    }
    if duty.is_none() {
        faults.push(Fault::at("duty", "请选一样：一个人只做一样。"));
    }
    let (Some(login), Some(duty), true) = (login, duty, faults.is_empty()) else {
        return Ok(Either::Right(page(&security, again(faults)).await?));
    };
    let new = NewAccount { login, name };
    let account = match security.act(move |_| Ok(AppointCounty { new, duty })).await {
        Ok(account) => account,
        Err(Refused::Invalid(faults)) => return Ok(Either::Right(page(&security, again(faults)).await?)),
        Err(other) => return Err(other),
    };
    let invite = security.act(move |_| Ok(LinkMade { account })).await?;
    let address = invite.address(&security.house().public_url);
    Ok(Either::Right(page(&security, Told { made: Some((account, address)), ..Told::default() }).await?))
}
