use crate::access::{Fault, House, Posted, Refused, SchoolOffice, Upload, off_the_loop};
use crate::names::{HandoverId, StudentId, Term};
use crate::platform::clock::from_unix_seconds;
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::signing::{BadToken, Pinned};
use crate::platform::text::tidy;
use crate::platform::typeset::Misprint;
use crate::portfolio::file::{GraduationFile, Origin, Previous};
use crate::portfolio::handover::{BadPackage, Envelope, Inside, Package, Sender, close, new_passphrase, receive};
use crate::portfolio::press::{date_parts, moment_words};
use crate::portfolio::store::{
    Candidate, HandOver, Handover, PupilsFiles, TakeOver, all_handovers, candidates, files_of, package_of, package_out,
    sealed_bytes,
};
use crate::roster::calendar::present_term;
use crate::roster::{pupil_file, take_out};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
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

#[derive(Serialize)]
struct HandoverView {
    id: HandoverId,
    student: StudentId,
    name: String,
    out: bool,
    peer: String,
    at: String,
    /// Package and slip can be had again.
    kept: bool,
}

impl From<Handover> for HandoverView {
    fn from(one: Handover) -> Self {
        HandoverView {
            id: one.id,
            student: one.student,
            name: one.name,
            out: one.out,
            peer: one.peer.unwrap_or_default(),
            at: moment_words(one.at),
            kept: one.out && one.file_sha256.is_some(),
        }
    }
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
    taken: Option<String>,
    come: Option<Come>,
}

async fn overview_page(office: &SchoolOffice, told: Told) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if told.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let handovers = office.look(move |look| all_handovers(look, whole)).await?;
    let Told { faults, taken, come } = told;
    let view = Overview { handovers: handovers.into_iter().map(HandoverView::from).collect(), faults, taken, come };
    Ok(Page::of("portfolio/handover.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Asked {
    taken: Option<HandoverId>,
}

/// What left and what came, and where a package is brought.
#[get("/handover")]
pub(super) async fn overview(office: SchoolOffice, asked: Query<Asked>) -> Result<Page, Refused> {
    let (whole, wanted) = (office.whole_school(), asked.taken);
    let all = office.look(move |look| all_handovers(look, whole)).await?;
    let taken = all.into_iter().find(|one| Some(one.id) == wanted && !one.out).map(|one| one.name);
    overview_page(&office, Told { taken, ..Told::default() }).await
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
pub(super) async fn looked_at(office: SchoolOffice, upload: Upload) -> Result<Page, Refused> {
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
        fingerprint: house.believed.iter().find(|key| key.kid == kid).map(Pinned::fingerprint).unwrap_or_default(),
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

use opening::OpenPackage;

mod opening {
    use crate::access::{Act, Refused, Tx};
    use crate::roster::keep_waiting;
    use serde::Serialize;
    use serde_json::json;

    /// A package was opened to be looked at: what is in it is a child's, so it is
    /// written down; it waits an hour for the office's word.
    #[derive(Serialize)]
    pub struct OpenPackage {
        pub package: String,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    impl Act for OpenPackage {
        const VERB: &'static str = "package_opened";
        /// The token it waits under.
        type Done = String;

        fn about(&self) -> serde_json::Value {
            json!({ "package": self.package })
        }

        fn perform(&self, tx: &mut Tx) -> Result<String, Refused> {
            keep_waiting(tx, &self.sealed)
        }
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
pub(super) async fn take(office: SchoolOffice, form: Posted<TakeForm>) -> Result<Either<SeeOther, Page>, Refused> {
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
    let fault = match taken {
        Ok((_, id)) => return Ok(Either::Left(SeeOther(format!("/office/handover?taken={id}")))),
        Err(Refused::Conflict(why)) => Fault::at("file", why),
        Err(Refused::Invalid(mut faults)) if !faults.is_empty() => faults.remove(0),
        Err(other) => return Err(other),
    };
    Ok(Either::Right(overview_page(&office, Told { faults: vec![fault], ..Told::default() }).await?))
}

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
pub(super) async fn pupil_page(
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
pub(super) async fn make(
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
    let school = office.school().clone();
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
    office.act(move |_| Ok(HandOver { student, issuer, sha256, peer: Some(peer), file: Some(file) })).await?;
    Ok(Either::Left(SeeOther(format!("/office/handover/pupil/{student}#left"))))
}

/// A package that was made, and what its journal line is about.
async fn kept(office: &SchoolOffice, id: HandoverId) -> Result<(Handover, Vec<u8>), Refused> {
    let whole = office.whole_school();
    let (one, sha256) = office.look(move |look| package_out(look, whole, id)).await?;
    let files = office.house().files.clone();
    let bytes = off_the_loop(move || Ok(files.get(&sha256)?)).await?;
    Ok((one, bytes))
}

/// The closed package.
#[get("/handover/{handover}/package.zip")]
pub(super) async fn package_zip(office: SchoolOffice, path: Path<HandoverId>) -> Result<Download, Refused> {
    let (one, bytes) = kept(&office, path.into_inner()).await?;
    Ok(Download { name: format!("转接包-{}.zip", one.name), media_type: "application/zip", bytes, inline: false })
}

#[derive(Serialize)]
struct SlipData<'d> {
    county: &'d str,
    school: &'d str,
    student: &'d str,
    born_on: String,
    peer: &'d str,
    made: String,
    date: [i32; 3],
    terms: Vec<String>,
    portfolio: bool,
    passphrase: String,
    sha256: &'d str,
    kid: &'d str,
    fingerprint: String,
}

/// The transfer slip 转接单: whose package it is, what is inside, and the passphrase. It
/// goes by another hand than the file.
#[get("/handover/{handover}/slip.pdf")]
pub(super) async fn slip_pdf(office: SchoolOffice, path: Path<HandoverId>) -> Result<Download, Refused> {
    let (one, bytes) = kept(&office, path.into_inner()).await?;
    let (house, school) = (office.house().clone(), office.school().name.clone());
    off_the_loop(move || {
        let delivered = receive(&bytes, &house.believed).map_err(Refused::broken)?;
        let secret = delivered
            .own_passphrase(&house.keys)
            .ok_or_else(|| Refused::conflict("口令是用以前的钥匙封的，现在打不开。请重新做一个转接包。"))?;
        let (_, inside) = delivered.open(&secret, &house.believed).map_err(Refused::broken)?;
        let envelope = &delivered.envelope;
        let last = inside.terms.last().ok_or(Refused::NotFound)?;
        let data = SlipData {
            county: &house.county,
            school: &school,
            student: &last.student.name,
            born_on: last.student.born_on.to_string(),
            peer: one.peer.as_deref().unwrap_or_default(),
            made: moment_words(one.at),
            date: date_parts(one.at),
            terms: envelope.terms.iter().map(|term| term.name()).collect(),
            portfolio: inside.graduation.is_some(),
            passphrase: in_fives(&secret),
            sha256: &envelope.sha256,
            kid: &delivered.kid,
            fingerprint: house
                .believed
                .iter()
                .find(|key| key.kid == delivered.kid)
                .map(Pinned::fingerprint)
                .unwrap_or_default(),
        };
        let press = house.press.press().map_err(Refused::conflict)?;
        let data = serde_json::to_vec(&data).map_err(Refused::broken)?;
        let printed = press.print("transfer-slip.typ", data).map_err(|misprint| match misprint {
            Misprint::NoGlyph(_) => Refused::conflict(misprint.to_string()),
            broken => Refused::broken(broken),
        })?;
        let name = format!("转接单-{}.pdf", last.student.name);
        Ok(Download { name, media_type: "application/pdf", bytes: printed.pdf, inline: true })
    })
    .await
}

/// `AAAAA-BBBBB-CCCCC-DDDDD`
fn in_fives(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(5).map(|five| five.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// The portfolio that came with a pupil, as the other school printed it.
#[get("/handover/pupil/{student}/portfolio.pdf")]
pub(super) async fn come_pdf(office: SchoolOffice, path: Path<StudentId>) -> Result<Download, Refused> {
    let (student, whole, files) = (path.into_inner(), office.whole_school(), office.house().files.clone());
    let (name, sha256) = office
        .look(move |look| {
            let made = files_of(look, whole, student)?.portfolio.ok_or(Refused::NotFound)?;
            let file: GraduationFile =
                serde_json::from_slice(&sealed_bytes(look, &made.sealed_sha256)?).map_err(Refused::broken)?;
            Ok((file.student.name, made.pdf_sha256.ok_or(Refused::NotFound)?))
        })
        .await?;
    let bytes = off_the_loop(move || Ok(files.get(&sha256)?)).await?;
    Ok(Download { name: format!("{name}-成长档案.pdf"), media_type: "application/pdf", bytes, inline: true })
}
