use crate::access::{County, Posted, Refused};
use crate::account::LINK_LIFE;
use crate::names::AccountId;
use crate::platform::page::{Page, SeeOther};
use crate::platform::qr::{QrPath, qr_path};
use crate::roster::{OfficerLeft, officer_link, officer_without_phone, officers};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct OfficersView {
    officers: Vec<OfficerView>,
    /// A link just made: shown once.
    link: Option<LinkView>,
}

#[derive(Serialize)]
struct OfficerView {
    account: AccountId,
    name: String,
    login: String,
    school: String,
    role: &'static str,
    second_factor: bool,
    entered: bool,
}

#[derive(Serialize)]
struct LinkView {
    name: String,
    login: String,
    address: String,
    qr: Option<QrPath>,
    hours: i64,
}

async fn page(county: &County, made: Option<(AccountId, String)>) -> Result<Page, Refused> {
    let officers: Vec<OfficerView> = county
        .look(officers)
        .await?
        .into_iter()
        .map(|officer| OfficerView {
            role: if officer.role == "principal" { "校长" } else { "教务" },
            account: officer.account,
            name: officer.name,
            login: officer.login,
            school: officer.school,
            second_factor: officer.second_factor,
            entered: officer.entered,
        })
        .collect();
    let link = made.and_then(|(account, address)| {
        let whose = officers.iter().find(|officer| officer.account == account)?;
        let (name, login) = (whose.name.clone(), whose.login.clone());
        Some(LinkView { name, login, qr: qr_path(&address), address, hours: LINK_LIFE.num_hours() })
    });
    Ok(Page::of("roster/officers.html", &OfficersView { officers, link }).within("shell", county.shell()))
}

/// The schools' officers.
#[get("/accounts")]
pub(super) async fn officers_page(county: County) -> Result<Page, Refused> {
    page(&county, None).await
}

#[derive(Deserialize)]
struct OfficerForm {
    account: Option<AccountId>,
}

/// A new single-use link for an officer.
#[post("/accounts/link")]
pub(super) async fn renew_officer_link(county: County, form: Posted<OfficerForm>) -> Result<Page, Refused> {
    let wanted = form.0.account.ok_or(Refused::NotFound)?;
    let invite = county.act(move |tx| officer_link(tx, wanted)).await?;
    page(&county, Some((wanted, invite.address(&county.house().public_url)))).await
}

/// An officer who has lost the phone signs in without a code.
#[post("/accounts/second-factor")]
pub(super) async fn without_phone(county: County, form: Posted<OfficerForm>) -> Result<SeeOther, Refused> {
    let wanted = form.0.account.ok_or(Refused::NotFound)?;
    county.act(move |tx| officer_without_phone(tx, wanted)).await?;
    Ok(SeeOther("/county/accounts".to_owned()))
}

/// An officer leaves.
#[post("/accounts/close")]
pub(super) async fn close_officer(county: County, form: Posted<OfficerForm>) -> Result<SeeOther, Refused> {
    let wanted = form.0.account.ok_or(Refused::NotFound)?;
    county.act(move |tx| OfficerLeft::of(tx, wanted)).await?;
    Ok(SeeOther("/county/accounts".to_owned()))
}
