use super::HandoverView;
use crate::access::{Fault, Posted, Refused, SchoolOffice, off_the_loop};
use crate::names::{StudentId, Term};
use crate::platform::files::sha256_hex;
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::text::tidy;
use crate::portfolio::handover::{BadPackage, Sender, close, new_passphrase, receive};
use crate::portfolio::store::{HandOver, PupilsFiles, files_of, package_of, pupils_portfolio};
use crate::roster::calendar::present_term;
use crate::roster::pupil_file;
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct PupilView {
    student: StudentId,
    name: String,
    class_name: String,
    seat: i32,
    place: &'static str,
    terms: Vec<PupilTerm>,
    portfolio: Option<i32>,
    /// Whether the PDF of a portfolio that came lies here.
    come_pdf: bool,
    handovers: Vec<HandoverView>,
    brought: Option<usize>,
    faults: Vec<Fault>,
    peer: String,
}

#[derive(Serialize)]
struct PupilTerm {
    name: String,
    version: Option<i32>,
    school: String,
    from_elsewhere: bool,
    paper: bool,
}

#[derive(Deserialize)]
struct Brought {
    terms: Option<usize>,
}

async fn pupil_view(
    office: &SchoolOffice,
    student: StudentId,
    brought: Option<usize>,
    (faults, peer): (Vec<Fault>, String),
) -> Result<Page, Refused> {
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let pupil = pupil_file(look, whole, &keys, student)?;
            let PupilsFiles { terms, portfolio, handovers } = files_of(look, whole, student)?;
            let (class, seat, _) = pupil.stay;
            let present = present_term(look)?.term;
            // The six terms of junior high as far as they have begun; what has no file says so.
            let six = Term::of_cohort(class.cohort).into_iter().filter(|term| *term <= present);
            let terms = six
                .map(|term| {
                    let there = terms.iter().find(|here| here.term == term);
                    PupilTerm {
                        name: term.name(),
                        version: there.map(|here| here.version),
                        school: there.map(|here| here.school.clone()).unwrap_or_default(),
                        from_elsewhere: there.is_some_and(|here| here.from_elsewhere),
                        paper: there.is_some_and(|here| here.paper),
                    }
                })
                .collect();
            Ok(PupilView {
                student,
                name: pupil.name,
                class_name: class.in_year(present.year()),
                seat,
                place: pupil.place.word(),
                terms,
                come_pdf: portfolio.as_ref().is_some_and(|made| made.pdf_sha256.is_some()),
                portfolio: portfolio.map(|made| made.version),
                handovers: handovers.into_iter().map(HandoverView::from).collect(),
                brought,
                faults,
                peer,
            })
        })
        .await?;
    Ok(Page::of("portfolio/handover-pupil.html", &view).within("shell", office.shell()?).with_status(status))
}

/// One pupil's files: what lies here, what has come and gone.
#[get("/handover/pupil/{student}")]
pub(in crate::portfolio::pages) async fn pupil_page(
    office: SchoolOffice,
    path: Path<StudentId>,
    asked: Query<Brought>,
) -> Result<Page, Refused> {
    pupil_view(&office, path.into_inner(), asked.terms, (Vec::new(), String::new())).await
}

#[derive(Deserialize)]
struct MakeForm {
    /// The school it goes to.
    #[serde(default)]
    peer: String,
}

const PEER_CHARACTERS: usize = 60;

/// Packs a pupil's files, closed under a passphrase that only the slip tells.
#[post("/handover/pupil/{student}")]
pub(in crate::portfolio::pages) async fn make(
    office: SchoolOffice,
    path: Path<StudentId>,
    form: Posted<MakeForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (student, whole, house, peer) =
        (path.into_inner(), office.whole_school(), office.house().clone(), tidy(&form.0.peer));
    let said = match peer.chars().count() {
        0 => Some("请写转到哪所学校，例如 新宾县第三中学。转接单上要印。".to_owned()),
        n if n > PEER_CHARACTERS => Some(format!("学校的名字写了 {n} 个字，最多 {PEER_CHARACTERS} 个。")),
        _ => None,
    };
    if let Some(said) = said {
        let faults = vec![Fault::at("peer", said)];
        return Ok(Either::Right(pupil_view(&office, student, None, (faults, form.0.peer)).await?));
    }
    let files = house.files.clone();
    let package = office.look(move |look| package_of(look, whole, &files, student)).await?;
    let (school, pdf) = (office.school().clone(), package.pdf.as_deref().map(sha256_hex));
    let (issuer, sha256, file) = off_the_loop(move || {
        let refuse = |bad: BadPackage| Refused::conflict(format!("{bad}。"));
        let issuer = house.issuer();
        let sender =
            Sender { keys: &house.keys, issuer: issuer.clone(), school: school.name, school_code: school.code };
        let bytes = close(&sender, package, &new_passphrase(), house.clock.now()).map_err(refuse)?;
        let sha256 = receive(&bytes, &house.believed).map_err(refuse)?.envelope.sha256;
        Ok((issuer, sha256, house.files.put(&bytes)?))
    })
    .await?;
    office.act(move |_| Ok(HandOver { student, issuer, sha256, peer: Some(peer), file: Some(file), pdf })).await?;
    Ok(Either::Left(SeeOther(format!("/office/handover/pupil/{student}#left"))))
}

/// The portfolio that came with a pupil, as the other school printed it.
#[get("/handover/pupil/{student}/portfolio.pdf")]
pub(in crate::portfolio::pages) async fn come_pdf(
    office: SchoolOffice,
    path: Path<StudentId>,
) -> Result<Download, Refused> {
    let (student, whole, files) = (path.into_inner(), office.whole_school(), office.house().files.clone());
    let (name, sha256) = office
        .look(move |look| {
            let (file, pdf) = pupils_portfolio(look, whole, student)?.ok_or(Refused::NotFound)?;
            Ok((file.student.name, pdf.ok_or(Refused::NotFound)?))
        })
        .await?;
    let bytes = off_the_loop(move || Ok(files.get(&sha256)?)).await?;
    Ok(Download { name: format!("{name}-成长档案.pdf"), media_type: "application/pdf", bytes, inline: true })
}
