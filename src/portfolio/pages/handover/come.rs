use super::HandoverView;
use crate::access::{Fault, House, Posted, Refused, SchoolOffice, Upload, off_the_loop};
use crate::names::{HandoverId, StudentId, Term};
use crate::platform::clock::from_unix_seconds;
use crate::platform::page::{Page, SeeOther};
use crate::platform::signing::BadToken;
use crate::platform::text::tidy;
use crate::portfolio::file::{Origin, Previous};
use crate::portfolio::handover::{BadPackage, Envelope, Inside, Package, receive};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{Candidate, OpenPackage, TakeOver, all_handovers, candidates};
use crate::roster::calendar::present_term;
use crate::roster::take_out;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

/// What a package waits under between being looked at and being taken in.
const WAITING: &str = "handover.package";

#[derive(Serialize)]
struct Overview {
    handovers: Vec<HandoverView>,
    faults: Vec<Fault>,
    /// How many terms were just taken in, and whose.
    taken: Option<String>,
    come: Option<Come>,
}

/// What came, opened and checked, before anything is taken in.
#[derive(Serialize)]
struct Come {
    token: String,
    name: String,
    born_on: String,
    sex: String,
    from: String,
    county: String,
    kid: String,
    fingerprint: String,
    signed: String,
    terms: Vec<ComeTerm>,
    portfolio: Option<i32>,
    candidates: Vec<CandidateView>,
}

#[derive(Serialize)]
struct ComeTerm {
    name: String,
    version: i32,
    school: String,
    paper: bool,
    /// Why there is none before it, where there is none.
    gap: Option<String>,
}

#[derive(Serialize)]
struct CandidateView {
    student: StudentId,
    class: String,
    seat: i32,
    has: Option<String>,
}

#[derive(Default)]
struct Told {
    faults: Vec<Fault>,
    taken: Option<HandoverId>,
    come: Option<Come>,
}

async fn overview_page(office: &SchoolOffice, told: Told) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if told.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let handovers = office.look(move |look| all_handovers(look, whole)).await?;
    let Told { faults, taken, come } = told;
    let taken = handovers.iter().find(|one| Some(one.id) == taken && !one.out).map(|one| one.name.clone());
    let view = Overview { handovers: handovers.into_iter().map(HandoverView::from).collect(), faults, taken, come };
    Ok(Page::of("portfolio/handover.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Asked {
    taken: Option<HandoverId>,
}

/// What left and what came, and where a package is brought.
#[get("/handover")]
pub(in crate::portfolio::pages) async fn overview(office: SchoolOffice, asked: Query<Asked>) -> Result<Page, Refused> {
    overview_page(&office, Told { taken: asked.taken, ..Told::default() }).await
}

/// Where a fault of the package belongs in the form.
fn fault_of(bad: &BadPackage) -> Fault {
    let field = if matches!(bad, BadPackage::WrongPassphrase) { "passphrase" } else { "file" };
    let hint = match bad {
        BadPackage::Signature(BadToken::UnknownKey(_)) => {
            "。如果是别的县发的，请县里先向对方要公钥文件、核对指纹，再用 qinghe keys trust 收下"
        }
        _ => "",
    };
    Fault::at(field, format!("没有收：{bad}{hint}。"))
}

/// A package, opened and checked.
struct Opened {
    envelope: Envelope,
    kid: String,
    package: Package,
    inside: Inside,
}

/// Without a passphrase only what this very county has sent is opened.
fn open(house: &House, bytes: &[u8], passphrase: &str) -> Result<Opened, Fault> {
    let delivered = receive(bytes, &house.believed).map_err(|bad| fault_of(&bad))?;
    let secret = match tidy(passphrase) {
        typed if !typed.is_empty() => typed,
        _ => delivered.own_passphrase(&house.keys).ok_or_else(|| {
            Fault::at("passphrase", "这一包是别的县发的，请写转接单上的口令。连字符和大小写都不要紧。")
        })?,
    };
    let (package, inside) = delivered.open(&secret, &house.believed).map_err(|bad| fault_of(&bad))?;
    Ok(Opened { envelope: delivered.envelope, kid: delivered.kid, package, inside })
}

/// Looks at a package and shows what comes; nothing is taken in yet.
#[post("/handover")]
pub(in crate::portfolio::pages) async fn looked_at(
    office: SchoolOffice,
    upload: Result<Upload, Refused>,
) -> Result<Page, Refused> {
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused) => {
            let told = Told { faults: refused.at_form("file")?.1, ..Told::default() };
            return overview_page(&office, told).await;
        }
    };
    let house = office.house().clone();
    let (bytes, passphrase) = (upload.bytes.clone(), upload.field("passphrase").to_owned());
    let at_house = house.clone();
    let opened = off_the_loop(move || Ok(open(&at_house, &bytes, &passphrase))).await?;
    let opened = match opened {
        Ok(opened) => opened,
        Err(fault) => return overview_page(&office, Told { faults: vec![fault], ..Told::default() }).await,
    };
    let waits = [upload.field("passphrase").as_bytes(), b"\n", &upload.bytes].concat();
    let (whole, sealed) = (office.whole_school(), house.keys.seal(WAITING, &waits));
    let package = opened.envelope.sha256.clone();
    let token = office.act(move |_| Ok(OpenPackage { package, sealed })).await?;
    let come = office.look(move |look| {
        let (found, year) = (candidates(look, whole, &opened.inside.terms)?, present_term(look)?.term.year());
        Ok(come(&house, token, opened, found, year))
    });
    let come = Some(come.await?);
    overview_page(&office, Told { come, ..Told::default() }).await
}

fn come(house: &House, token: String, opened: Opened, found: Vec<Candidate>, year: i32) -> Come {
    let Opened { envelope, kid, inside, .. } = opened;
    let student = inside.terms.last().map(|file| file.student.clone());
    let gap = |previous: &Previous| match previous {
        Previous::None { none } => Some(none.clone()),
        Previous::Sealed { .. } => None,
    };
    Come {
        token,
        name: student.as_ref().map(|s| s.name.clone()).unwrap_or_default(),
        born_on: student.as_ref().map(|s| s.born_on.to_string()).unwrap_or_default(),
        sex: student.map(|s| s.sex).unwrap_or_default(),
        from: envelope.school,
        county: inside.terms.last().map(|file| file.county.clone()).unwrap_or_default(),
        fingerprint: house.believed.fingerprint_of(&kid).unwrap_or_default(),
        kid,
        signed: from_unix_seconds(envelope.iat).map(moment_words).unwrap_or_default(),
        terms: inside
            .terms
            .iter()
            .map(|file| ComeTerm {
                name: file.term.name.clone(),
                version: file.version,
                school: file.school.name.clone(),
                paper: file.origin == Origin::Paper,
                gap: gap(&file.previous),
            })
            .collect(),
        portfolio: inside.graduation.map(|file| file.version),
        candidates: found
            .into_iter()
            .map(|one| CandidateView {
                student: one.student,
                class: one.class.in_year(year),
                seat: one.seat,
                has: one.has.map(Term::name),
            })
            .collect(),
    }
}

#[derive(Deserialize)]
struct TakeForm {
    #[serde(default)]
    token: String,
    #[serde(default)]
    student: String,
}

/// Takes in what was looked at, for the pupil the office confirms.
#[post("/handover/take")]
pub(in crate::portfolio::pages) async fn take(
    office: SchoolOffice,
    form: Posted<TakeForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (house, whole, TakeForm { token, student }) = (office.house().clone(), office.whole_school(), form.0);
    let taken = match student.parse::<StudentId>() {
        Ok(student) => {
            office
                .act(move |tx| {
                    let waited = take_out(tx, &house.keys, WAITING, &token)?;
                    let at = waited.iter().position(|byte| *byte == b'\n').unwrap_or(waited.len());
                    let (passphrase, bytes) = (String::from_utf8_lossy(&waited[..at]).into_owned(), &waited[at..]);
                    let opened = open(&house, bytes.get(1..).unwrap_or_default(), &passphrase)
                        .map_err(|fault| Refused::Invalid(vec![fault]))?;
                    let (from, store) = ((&opened.envelope).into(), &house.files);
                    TakeOver::prepare(tx, whole, from, (opened.package, &opened.inside), Some(student), store)
                })
                .await
        }
        Err(_) => Err(Refused::invalid("file", "还没有确认是本校的哪位学生。请重新选文件，看过以后再收。")),
    };
    match taken {
        Ok((_, id)) => Ok(Either::Left(SeeOther(format!("/office/handover?taken={id}")))),
        Err(refused) => {
            let told = Told { faults: refused.at_form("file")?.1, ..Told::default() };
            Ok(Either::Right(overview_page(&office, told).await?))
        }
    }
}
