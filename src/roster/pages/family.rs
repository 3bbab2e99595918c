use crate::access::{Fault, Homeroom, House, OwnClass, Posted, Refused, SchoolOffice, Shell};
use crate::account::{LINK_LIFE, Login, NewAccount, shown_login};
use crate::names::{AccountId, ClassId, GuardianshipId, StudentId, Term};
use crate::platform::keys::random_code;
use crate::platform::page::{Page, SeeOther};
use crate::platform::qr::{QrPath, qr_path};
use crate::platform::text::tidy;
use crate::roster::calendar::present_term;
use crate::roster::reading::relation_words;
use crate::roster::{
    AttestGuardian, Bound, FamilyOf, Reaches, RuleGuardianship, Ruling, family_link, family_of, family_phone,
};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct FamilyView {
    /// Where the forms of this page go.
    base: String,
    /// Where slips are made.
    slips: String,
    term: Term,
    class: ClassId,
    student: StudentId,
    name: String,
    seat: i32,
    class_name: String,
    bound: Vec<BoundView>,
    pupil: Option<PupilView>,
    relations: Vec<&'static str>,
    /// A link just made: shown once, to be handed over on paper.
    link: Option<LinkView>,
    typed: AttestForm,
    faults: Vec<Fault>,
    today: NaiveDate,
}

#[derive(Serialize)]
struct PupilView {
    account: AccountId,
    login: String,
}

#[derive(Serialize)]
struct BoundView {
    /// The id of the field for a reason.
    field: String,
    guardianship: GuardianshipId,
    account: AccountId,
    name: String,
    login: String,
    relation: String,
    since: String,
    on_paper: bool,
    disputed: bool,
    phone: Option<String>,
    phone_confirmed: bool,
}

#[derive(Serialize)]
struct LinkView {
    name: String,
    login: String,
    address: String,
    qr: Option<QrPath>,
    hours: i64,
}

impl From<Bound> for BoundView {
    fn from(bound: Bound) -> Self {
        BoundView {
            field: format!("reason-{}", bound.guardianship),
            guardianship: bound.guardianship,
            account: bound.account,
            name: bound.name,
            login: shown_login(&bound.login),
            relation: bound.relation,
            since: bound.since.format("%Y-%m-%d").to_string(),
            on_paper: bound.on_paper,
            disputed: bound.disputed,
            phone_confirmed: bound.phone.as_ref().is_some_and(|(_, confirmed)| *confirmed),
            phone: bound.phone.map(|(phone, _)| phone.as_str().to_owned()),
        }
    }
}

/// What the page has to tell besides the family.
#[derive(Default)]
struct Told {
    link: Option<LinkView>,
    typed: AttestForm,
    faults: Vec<Fault>,
}

impl Told {
    fn page(self, template: &'static str, family: FamilyOf, term: Term, place: Place, shell: &Shell) -> Page {
        let status = if self.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let FamilyOf { ward, bound, pupil } = family;
        let view = FamilyView {
            base: place.base,
            slips: place.slips,
            term,
            class: ward.class,
            student: ward.student,
            name: ward.name,
            seat: ward.seat,
            class_name: ward.class_name.in_year(term.year()),
            bound: bound.into_iter().map(BoundView::from).collect(),
            pupil: pupil.map(|(account, login)| PupilView { account, login }),
            relations: relation_words(),
            link: self.link,
            typed: self.typed,
            faults: self.faults,
            today: place.today,
        };
        Page::of(template, &view).within("shell", shell).with_status(status)
    }
}

struct Place {
    base: String,
    slips: String,
    today: NaiveDate,
}

async fn homeroom_view(homeroom: &Homeroom, student: StudentId, told: Told) -> Result<Page, Refused> {
    let (own, keys) = (homeroom.class(), homeroom.house().keys.clone());
    let family = homeroom.look(move |look| family_of(look, &keys, &Reaches::Class(own), student)).await?;
    let place = Place {
        base: family_address(&own, student),
        slips: format!("/class/{}/slips", own.id()),
        today: homeroom.house().clock.today(),
    };
    Ok(told.page("roster/family.html", family, own.term(), place, homeroom.shell()))
}

fn family_address(own: &OwnClass, student: StudentId) -> String {
    format!("/class/{}/family/{student}", own.id())
}

#[derive(Deserialize)]
struct InClass {
    student: StudentId,
}

/// Who of a pupil's family is bound.
#[get("/family/{student}")]
pub(super) async fn family_page(homeroom: Homeroom, path: Path<InClass>) -> Result<Page, Refused> {
    homeroom_view(&homeroom, path.student, Told::default()).await
}

#[derive(Default, Serialize, Deserialize)]
struct AttestForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    relation: String,
    #[serde(default)]
    on: String,
    #[serde(skip_serializing)]
    paper: Option<String>,
}

impl AttestForm {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if tidy(&self.name).is_empty() {
            faults.push(Fault::at("name", "请写家长的姓名。"));
        }
        if !relation_words().contains(&self.relation.as_str()) {
            faults.push(Fault::at("relation", "请选和孩子的关系。"));
        }
        if NaiveDate::parse_from_str(self.on.trim(), "%Y-%m-%d").is_err() {
            faults.push(Fault::at("on", "请写签字的日期，例如 2026-09-01。"));
        }
        if self.paper.is_none() {
            faults.push(Fault::at("paper", "请确认纸面同意书已经签字、学校收好了。"));
        }
        faults
    }
}

/// Attests a guardian who has no phone.
#[post("/family/{student}/attest")]
pub(super) async fn attest(
    homeroom: Homeroom,
    path: Path<InClass>,
    form: Posted<AttestForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, student, Posted(form)) = (homeroom.class(), path.student, form);
    let faults = form.faults();
    let on = NaiveDate::parse_from_str(form.on.trim(), "%Y-%m-%d");
    let (Ok(on), true) = (on, faults.is_empty()) else {
        return Ok(Either::Right(homeroom_view(&homeroom, student, Told { typed: form, faults, link: None }).await?));
    };
    let login = Login::parse(&format!("纸-{}", random_code(8))).map_err(Refused::broken)?;
    let (new, relation) = (NewAccount { login, name: tidy(&form.name) }, form.relation.clone());
    let texts = homeroom.house().consent.clone();
    let attested =
        homeroom.act(move |tx| AttestGuardian::of(tx, &Reaches::Class(own), student, new, relation, on, &texts)).await;
    match attested {
        Ok(_) => Ok(Either::Left(SeeOther(family_address(&own, student)))),
        Err(Refused::Invalid(faults)) => {
            Ok(Either::Right(homeroom_view(&homeroom, student, Told { typed: form, faults, link: None }).await?))
        }
        Err(other) => Err(other),
    }
}

#[derive(Deserialize)]
struct AccountForm {
    account: AccountId,
}

/// Confirms the telephone number a guardian typed.
#[post("/family/{student}/phone")]
pub(super) async fn confirm_phone(
    homeroom: Homeroom,
    path: Path<InClass>,
    form: Posted<AccountForm>,
) -> Result<SeeOther, Refused> {
    let (own, student, account) = (homeroom.class(), path.student, form.0.account);
    homeroom.act(move |tx| family_phone(tx, &Reaches::Class(own), student, account)).await?;
    Ok(SeeOther(family_address(&own, student)))
}

/// A new single-use link for someone of the family, or for the pupil.
#[post("/family/{student}/link")]
pub(super) async fn renew_family_link(
    homeroom: Homeroom,
    path: Path<InClass>,
    form: Posted<AccountForm>,
) -> Result<Page, Refused> {
    let (own, student, wanted) = (homeroom.class(), path.student, form.0.account);
    let keys = homeroom.house().keys.clone();
    let family = homeroom.look(move |look| family_of(look, &keys, &Reaches::Class(own), student)).await?;
    let known = family.bound.iter().find(|bound| bound.account == wanted).map(|b| (b.name.clone(), b.login.clone()));
    let own_account =
        family.pupil.filter(|(account, _)| *account == wanted).map(|(_, login)| (family.ward.name, login));
    let (name, login) = known.or(own_account).ok_or(Refused::NotFound)?;
    let invite = homeroom.act(move |tx| family_link(tx, &Reaches::Class(own), student, wanted)).await?;
    let link = Some(link_view(homeroom.house(), name, login, invite.address(&homeroom.house().public_url)));
    homeroom_view(&homeroom, student, Told { link, ..Told::default() }).await
}

fn link_view(_: &House, name: String, login: String, address: String) -> LinkView {
    LinkView { name, login, qr: qr_path(&address), address, hours: LINK_LIFE.num_hours() }
}

async fn office_view(office: &SchoolOffice, student: StudentId, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let (family, term) = office
        .look(move |look| Ok((family_of(look, &keys, &Reaches::School(whole), student)?, present_term(look)?.term)))
        .await?;
    let place = Place {
        base: format!("/office/family/{student}"),
        slips: "/office/families/slips".to_owned(),
        today: office.house().clock.today(),
    };
    Ok(Told { faults, ..Told::default() }.page("roster/office-family.html", family, term, place, office.shell()?))
}

/// A pupil's family, for the office.
#[get("/family/{student}")]
pub(super) async fn office_family(office: SchoolOffice, path: Path<InClass>) -> Result<Page, Refused> {
    office_view(&office, path.student, Vec::new()).await
}

#[derive(Deserialize)]
struct RulingForm {
    guardianship: Option<GuardianshipId>,
    /// `unbind`, `dispute` or `keep`.
    #[serde(default)]
    ruling: String,
    #[serde(default)]
    reason: String,
}

/// Unbinds a guardian, holds a disputed guardianship, or settles it.
#[post("/family/{student}/ruling")]
pub(super) async fn rule(
    office: SchoolOffice,
    path: Path<InClass>,
    form: Posted<RulingForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, student, Posted(form)) = (office.whole_school(), path.student, form);
    let ruling = match form.ruling.as_str() {
        "unbind" => Ruling::Unbound,
        "dispute" => Ruling::Disputed,
        "keep" => Ruling::Kept,
        _ => return Err(Refused::NotFound),
    };
    let (guardianship, reason) = (form.guardianship.ok_or(Refused::NotFound)?, tidy(&form.reason));
    if reason.is_empty() {
        let faults = vec![Fault::at(format!("reason-{guardianship}"), "请写一句理由，以后查得到。")];
        return Ok(Either::Right(office_view(&office, student, faults).await?));
    }
    office.act(move |tx| RuleGuardianship::of(tx, whole, student, guardianship, ruling, reason)).await?;
    Ok(Either::Left(SeeOther(format!("/office/family/{student}"))))
}
