//! 更正单: asked for by a class teacher or the office, ruled on by two others.

use crate::access::WholeSchool;
use crate::access::{Desk, Fault, Homeroom, InSchool, Posted, Principal, Refused, SchoolOffice, Shell};
use crate::evaluation::Band;
use crate::names::{ClassId, CorrectionId, Domain, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{
    AskCorrection, CorrectionRow, CorrectionState, RuleCorrection, Wish, corrected_file, corrections,
};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Path;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ListView {
    base: &'static str,
    rows: Vec<RowView>,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
pub(super) struct RowView {
    id: CorrectionId,
    student_name: String,
    term_name: String,
    version: i32,
    what: String,
    was: String,
    becomes: String,
    why: String,
    by: String,
    at: String,
    state: CorrectionState,
    rulings: Vec<String>,
    may_rule: bool,
}

async fn list(
    desk: &Desk<InSchool>,
    whole: WholeSchool,
    shell: &Shell,
    base: &'static str,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let me = desk.by().person()?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::CONFLICT };
    let (rows, pupils) = desk
        .look(move |look| {
            let (mut rows, mut pupils) = (Vec::new(), Vec::new());
            for row in corrections(look, whole)? {
                pupils.push(row.student);
                let file = corrected_file(look, &row)?;
                let may_rule = row.state() == CorrectionState::Waiting
                    && row.by != me
                    && row.rulings.iter().all(|ruling| ruling.account != me);
                rows.push(row_view(row, &file, may_rule));
            }
            Ok((rows, pupils))
        })
        .await?;
    desk.notes_pupils(pupils).await?;
    let view = ListView { base, rows, faults };
    Ok(Page::of("portfolio/corrections.html", &view).within("shell", shell).with_status(status))
}

/// A 更正单 in words, as staff and family read it.
pub(super) fn row_view(row: CorrectionRow, file: &crate::portfolio::file::TermFile, may_rule: bool) -> RowView {
    let (what, was, becomes) = row.words(file);
    RowView {
        id: row.id,
        term_name: row.term.name(),
        version: row.version,
        what,
        was,
        becomes,
        state: row.state(),
        may_rule,
        by: row.by_name,
        at: moment_words(row.at),
        rulings: row
            .rulings
            .iter()
            .map(|ruling| {
                let word = if ruling.approves { "同意" } else { "不同意" };
                format!("{} {} {word} {}", moment_words(ruling.at), ruling.name, ruling.words)
            })
            .collect(),
        student_name: row.student_name,
        why: row.why,
    }
}

/// The corrections of the school.
#[get("/corrections")]
pub(super) async fn office_list(office: SchoolOffice) -> Result<Page, Refused> {
    list(&office, office.whole_school(), office.shell()?, "/office", Vec::new()).await
}

/// The same for the principal.
#[get("/corrections")]
pub(super) async fn principal_list(principal: Principal) -> Result<Page, Refused> {
    list(&principal, principal.whole_school(), principal.shell(), "/principal", Vec::new()).await
}

#[derive(Deserialize)]
struct RuleForm {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    words: String,
}

async fn rule(desk: &Desk<InSchool>, whole: WholeSchool, id: CorrectionId, form: RuleForm) -> Result<(), Refused> {
    let approves = match form.verdict.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => return Err(Refused::invalid("verdict", "请选同意还是不同意。")),
    };
    desk.act(move |tx| RuleCorrection::prepare(tx, whole, id, approves, &form.words)).await.map(|_| ())
}

/// The office rules.
#[post("/corrections/{correction}")]
pub(super) async fn office_rule(
    office: SchoolOffice,
    path: Path<CorrectionId>,
    form: Posted<RuleForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    match rule(&office, office.whole_school(), path.into_inner(), form.0).await {
        Ok(()) => Ok(Either::Left(SeeOther("/office/corrections".to_owned()))),
        Err(refused) => {
            let (_, faults) = refused.at_form("")?;
            Ok(Either::Right(list(&office, office.whole_school(), office.shell()?, "/office", faults).await?))
        }
    }
}

/// The principal rules.
#[post("/corrections/{correction}")]
pub(super) async fn principal_rule(
    principal: Principal,
    path: Path<CorrectionId>,
    form: Posted<RuleForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    match rule(&principal, principal.whole_school(), path.into_inner(), form.0).await {
        Ok(()) => Ok(Either::Left(SeeOther("/principal/corrections".to_owned()))),
        Err(refused) => {
            let (_, faults) = refused.at_form("")?;
            let page = list(&principal, principal.whole_school(), principal.shell(), "/principal", faults).await?;
            Ok(Either::Right(page))
        }
    }
}

#[derive(Serialize)]
struct AskView {
    address: String,
    back: String,
    term_name: String,
    domains: Vec<(Domain, String)>,
    bands: Vec<(&'static str, String)>,
    typed: Wish,
    faults: Vec<Fault>,
}

fn ask_view(scheme: &Scheme, term: Term, address: String, back: String, typed: Wish, faults: Vec<Fault>) -> AskView {
    AskView {
        address,
        back,
        term_name: term.name(),
        domains: Domain::ALL.iter().map(|domain| (*domain, scheme.domain(*domain).name.clone())).collect(),
        bands: Band::all().into_iter().map(|band| (band.code(), band.word(scheme).to_owned())).collect(),
        typed,
        faults,
    }
}

fn ask_page(view: &AskView, shell: &Shell) -> Page {
    let status = if view.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Page::of("portfolio/correction.html", view).within("shell", shell).with_status(status)
}

async fn homeroom_page(
    homeroom: &Homeroom,
    (student, term): (StudentId, Term),
    typed: Wish,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let own = homeroom.class();
    let scheme = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            if !class_list(look, &own, dates)?.iter().any(|pupil| pupil.id == student) {
                return Err(Refused::NotFound);
            }
            scheme_of(look, own.cohort(), term)
        })
        .await?;
    let address = format!("/class/{}/correction/{student}/{term}", own.id());
    let back = format!("/class/{}/student/{student}", own.id());
    Ok(ask_page(&ask_view(&scheme, term, address, back, typed, faults), homeroom.shell()))
}

/// The class teacher's form.
#[get("/correction/{student}/{term}")]
pub(super) async fn homeroom_form(homeroom: Homeroom, path: Path<(String, StudentId, Term)>) -> Result<Page, Refused> {
    homeroom_page(&homeroom, (path.1, path.2), Wish::default(), Vec::new()).await
}

/// The class teacher asks.
#[post("/correction/{student}/{term}")]
pub(super) async fn homeroom_ask(
    homeroom: Homeroom,
    path: Path<(String, StudentId, Term)>,
    form: Posted<Wish>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, student, term, wish) = (homeroom.class(), path.1, path.2, form.0.clone());
    let asked = homeroom
        .act(move |tx| {
            let dates = term_dates(tx, own.term())?;
            if !class_list(tx, &own, dates)?.iter().any(|pupil| pupil.id == student) {
                return Err(Refused::NotFound);
            }
            AskCorrection::prepare(tx, student, term, &wish)
        })
        .await;
    match asked {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/class/{}/student/{student}", own.id())))),
        Err(refused) => {
            let (_, faults) = refused.at_form("")?;
            Ok(Either::Right(homeroom_page(&homeroom, (student, term), form.0, faults).await?))
        }
    }
}

async fn office_page(
    office: &SchoolOffice,
    (class, student, term): (ClassId, StudentId, Term),
    typed: Wish,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let scheme = office
        .look(move |look| {
            let class = crate::roster::class_named(look, whole, class)?;
            let day = look.today();
            if !crate::roster::class_register(look, whole, class.id, day)?.iter().any(|pupil| pupil.id == student) {
                return Err(Refused::NotFound);
            }
            scheme_of(look, class.name.cohort, term)
        })
        .await?;
    let address = format!("/office/correction/{class}/{student}/{term}");
    Ok(ask_page(&ask_view(&scheme, term, address, "/office/corrections".to_owned(), typed, faults), office.shell()?))
}

/// The office's form.
#[get("/correction/{class}/{student}/{term}")]
pub(super) async fn office_form(office: SchoolOffice, path: Path<(ClassId, StudentId, Term)>) -> Result<Page, Refused> {
    office_page(&office, path.into_inner(), Wish::default(), Vec::new()).await
}

/// The office asks.
#[post("/correction/{class}/{student}/{term}")]
pub(super) async fn office_ask(
    office: SchoolOffice,
    path: Path<(ClassId, StudentId, Term)>,
    form: Posted<Wish>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, (class, student, term), wish) = (office.whole_school(), path.into_inner(), form.0.clone());
    let asked = office
        .act(move |tx| {
            let day = tx.today();
            if !crate::roster::class_register(tx, whole, class, day)?.iter().any(|pupil| pupil.id == student) {
                return Err(Refused::NotFound);
            }
            AskCorrection::prepare(tx, student, term, &wish)
        })
        .await;
    match asked {
        Ok(_) => Ok(Either::Left(SeeOther("/office/corrections".to_owned()))),
        Err(refused) => {
            let (_, faults) = refused.at_form("")?;
            Ok(Either::Right(office_page(&office, (class, student, term), form.0, faults).await?))
        }
    }
}
