//! 个案查看: the list of office and principal, and the page where someone of the staff
//! writes a reason before looking beyond their posts.

use crate::access::{
    CaseItem, Desk, Fault, InSchool, Nothing, Posted, Principal, Refused, SchoolOffice, Shell, Teacher, WholeSchool,
};
use crate::account::{Login, account_named};
use crate::names::{CaseId, ClassId, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::{half_width, tidy};
use crate::roster::calendar::{present_term, terms};
use crate::roster::{CaseRow, EndCase, OpenCase, cases, class_names, my_cases, pupil_named};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use chrono::Days;
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct CaseForm {
    class: String,
    name: String,
    seat: String,
    term: String,
    login: String,
    reason: String,
    until: String,
}

#[derive(Serialize)]
struct CasesView {
    /// `/office/cases`, `/principal/cases` or `/case`.
    address: &'static str,
    /// Office and principal name someone; someone of the staff only themselves.
    names: bool,
    classes: Vec<ClassChoice>,
    terms: Vec<TermChoice>,
    cases: Vec<CaseShown>,
    typed: CaseForm,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct ClassChoice {
    id: String,
    name: String,
}

#[derive(Serialize)]
struct TermChoice {
    term: Term,
    name: String,
}

#[derive(Serialize)]
struct CaseShown {
    #[serde(flatten)]
    row: CaseRow,
    term_name: String,
    opened: String,
    until: String,
}

/// A desk from which cases are opened.
struct At<'g> {
    desk: &'g Desk<InSchool>,
    shell: &'g Shell,
    address: &'static str,
    whole: Option<WholeSchool>,
}

impl At<'_> {
    async fn page(&self, typed: CaseForm, faults: Vec<Fault>) -> Result<Page, Refused> {
        let (whole, me, address) = (self.whole, self.desk.by().person()?, self.address);
        let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let view = self
            .desk
            .look(move |look| {
                let present = present_term(look)?;
                let rows = match whole {
                    Some(whole) => cases(look, whole)?,
                    None => my_cases(look, me)?,
                };
                let year = present.term.year();
                let classes = class_names(look, year)?.into_iter();
                let past = terms(look)?.into_iter().filter(|dates| dates.starts_on <= present.starts_on);
                let mut terms: Vec<TermChoice> =
                    past.map(|dates| TermChoice { term: dates.term, name: dates.term.name() }).collect();
                terms.reverse();
                terms.truncate(6);
                let mut typed = typed;
                if typed.until.is_empty() {
                    typed.until = (look.today() + Days::new(7)).to_string();
                }
                Ok(CasesView {
                    address,
                    names: whole.is_some(),
                    classes: classes
                        .map(|(id, name)| ClassChoice { id: id.to_string(), name: name.in_year(year) })
                        .collect(),
                    terms,
                    cases: rows.into_iter().map(shown).collect(),
                    typed,
                    faults,
                })
            })
            .await?;
        Ok(Page::of("roster/cases.html", &view).within("shell", self.shell).with_status(status))
    }

    async fn open(&self, form: CaseForm) -> Result<Result<(OpenFor, String), Fault>, Refused> {
        let Ok(class) = form.class.parse::<ClassId>() else {
            return Ok(Err(Fault::at("class", "请选一个班。")));
        };
        let Ok(term) = form.term.parse::<Term>() else {
            return Ok(Err(Fault::at("term", "请选一个学期。")));
        };
        let name = tidy(&form.name);
        let seat = half_width(form.seat.trim());
        let seat = match (seat.is_empty(), seat.parse()) {
            (true, _) => None,
            (false, Ok(seat)) => Some(seat),
            (false, Err(_)) => return Ok(Err(Fault::at("seat", "班内学号应是数字；没有同名的，空着就行。"))),
        };
        let wanted = name.clone();
        let student = self.desk.look(move |look| pupil_named(look, class, &wanted, seat)).await?;
        let Some(student) = student else {
            let why = format!("这个班现在没有叫“{name}”的，或者不止一个。请写全名；有同名的，再写班内学号。");
            return Ok(Err(Fault::at("name", why)));
        };
        Ok(Ok((OpenFor { student, term }, tidy(&form.reason))))
    }

    /// Office and principal: a case for whom they name.
    async fn open_named(&self, whole: WholeSchool, form: CaseForm) -> Result<Either<SeeOther, Page>, Refused> {
        let faulty = async |fault: Fault| Ok(Either::Right(self.page(form.clone(), vec![fault]).await?));
        let (item, reason) = match self.open(form.clone()).await? {
            Ok(read) => read,
            Err(fault) => return faulty(fault).await,
        };
        let Ok(until) = half_width(form.until.trim()).parse() else {
            return faulty(Fault::at("until", "到期日请写成 2027-01-11 这样。")).await;
        };
        let unknown = || Fault::at("login", format!("没有账号“{}”。请核对。", form.login.trim()));
        let Ok(login) = Login::parse(&form.login) else { return faulty(unknown()).await };
        let viewer = self.desk.look(move |look| account_named(look.conn(), &login)).await?;
        let Some((viewer, _)) = viewer else { return faulty(unknown()).await };
        let opened = self.desk.act(move |tx| OpenCase::named(tx, whole, item.case(), viewer, reason, until)).await;
        match opened {
            Ok(_) => Ok(Either::Left(SeeOther(self.address.to_owned()))),
            Err(refused) => Ok(Either::Right(self.page(form, refused.at_form("login")?.1).await?)),
        }
    }

    async fn end(&self, whole: WholeSchool, case: CaseId) -> Result<Either<SeeOther, Page>, Refused> {
        match self.desk.act(move |tx| EndCase::of(tx, whole, case)).await {
            Ok(()) => Ok(Either::Left(SeeOther(self.address.to_owned()))),
            Err(refused) => Ok(Either::Right(self.page(CaseForm::default(), refused.at_form("")?.1).await?)),
        }
    }
}

struct OpenFor {
    student: StudentId,
    term: Term,
}

impl OpenFor {
    fn case(&self) -> CaseItem {
        CaseItem { student: self.student, term: self.term, objection: None }
    }
}

fn shown(row: CaseRow) -> CaseShown {
    // A case that ends with a day is said by that day.
    let last = row.expires_at - chrono::Duration::seconds(1);
    CaseShown {
        term_name: row.term.name(),
        opened: row.opened_at.format("%Y-%m-%d %H:%M").to_string(),
        until: last.format("%Y-%m-%d %H:%M").to_string(),
        row,
    }
}

fn of_office(office: &SchoolOffice) -> Result<At<'_>, Refused> {
    Ok(At { desk: office, shell: office.shell()?, address: "/office/cases", whole: Some(office.whole_school()) })
}

fn of_principal(principal: &Principal) -> At<'_> {
    At { desk: principal, shell: principal.shell(), address: "/principal/cases", whole: Some(principal.whole_school()) }
}

fn of_teacher(teacher: &Teacher) -> At<'_> {
    At { desk: teacher, shell: teacher.shell(), address: "/case", whole: None }
}

/// The cases of the school.
#[get("/cases")]
pub(super) async fn office_cases(office: SchoolOffice) -> Result<Page, Refused> {
    of_office(&office)?.page(CaseForm::default(), Vec::new()).await
}

/// Opens a case for someone named.
#[post("/cases")]
pub(super) async fn office_opens(
    office: SchoolOffice,
    form: Posted<CaseForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    of_office(&office)?.open_named(office.whole_school(), form.0).await
}

/// Ends a case before its day.
#[post("/cases/{case}/end")]
pub(super) async fn office_ends(
    office: SchoolOffice,
    case: Path<CaseId>,
    _form: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    of_office(&office)?.end(office.whole_school(), case.into_inner()).await
}

/// The cases of the school.
#[get("/cases")]
pub(super) async fn principal_cases(principal: Principal) -> Result<Page, Refused> {
    of_principal(&principal).page(CaseForm::default(), Vec::new()).await
}

/// Opens a case for someone named.
#[post("/cases")]
pub(super) async fn principal_opens(
    principal: Principal,
    form: Posted<CaseForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    of_principal(&principal).open_named(principal.whole_school(), form.0).await
}

/// Ends a case before its day.
#[post("/cases/{case}/end")]
pub(super) async fn principal_ends(
    principal: Principal,
    case: Path<CaseId>,
    _form: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    of_principal(&principal).end(principal.whole_school(), case.into_inner()).await
}

/// Where someone of the staff says why they look beyond their posts; nothing of the
/// child is shown before.
#[get("")]
pub(super) async fn reason_page(teacher: Teacher) -> Result<Page, Refused> {
    of_teacher(&teacher).page(CaseForm::default(), Vec::new()).await
}

/// The reason is written down, then one sees.
#[post("")]
pub(super) async fn look_beyond(teacher: Teacher, form: Posted<CaseForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let (at, form) = (of_teacher(&teacher), form.0);
    let (item, reason) = match at.open(form.clone()).await? {
        Ok(read) => read,
        Err(fault) => return Ok(Either::Right(at.page(form, vec![fault]).await?)),
    };
    let me = teacher.clone();
    let faults = match teacher.act(move |tx| OpenCase::beyond_posts(tx, &me, item.case(), reason)).await {
        Ok(case) => return Ok(Either::Left(SeeOther(format!("/case/{case}")))),
        Err(refused) => refused.at_form("name")?.1,
    };
    Ok(Either::Right(at.page(form, faults).await?))
}
