use super::grid::day;
use crate::access::{Family, Fault, Look, Posted, Refused};
use crate::cycle::signatures_of;
use crate::evaluation::{child_comments, child_messages, child_sheets};
use crate::names::{Domain, StudentId};
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::text::tidy;
use crate::roster::{AskData, ConsentChanged, Held, at_school, consents, held};
use crate::scheme::scheme_of;
use actix_web::http::StatusCode;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct DataView {
    student: StudentId,
    name: String,
    held: Held,
    readings: Vec<ReadingView>,
    /// A guardian, whose consent it is; the pupil reads only.
    guardian: bool,
    consents: bool,
    typed: String,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct ReadingView {
    day: String,
    who: String,
}

async fn page(family: &Family, typed: String, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (child, keys, me) = (family.child(), family.house().keys.clone(), family.by().account());
    let (held, consents) = family
        .look(move |look| {
            let standing = match me {
                Some(me) => consents(look, child, me)?,
                None => false,
            };
            Ok((held(look, &keys, child)?, standing))
        })
        .await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let readings = held
        .readings
        .iter()
        .map(|seen| ReadingView { day: day(seen.day), who: format!("{} {}", seen.role.word(), seen.name) })
        .collect();
    let view = DataView {
        student: child.student(),
        name: family.child_name().to_owned(),
        readings,
        held,
        guardian: family.guardian().is_ok(),
        consents,
        typed,
        faults,
    };
    Ok(Page::of("evaluation/data.html", &view).within("shell", family.shell()).with_status(status))
}

/// What is held about the child, who looked, and what one may ask for.
#[get("/data")]
pub(super) async fn data_page(family: Family) -> Result<Page, Refused> {
    page(&family, String::new(), Vec::new()).await
}

#[derive(Serialize)]
struct Copy {
    name: String,
    held: Held,
    terms: Vec<TermCopy>,
    messages: Vec<MessageCopy>,
}

#[derive(Serialize)]
struct TermCopy {
    term: String,
    signed_by: String,
    domains: Vec<DomainCopy>,
    comment: Option<String>,
}

#[derive(Serialize)]
struct DomainCopy {
    domain: String,
    band: Option<String>,
    ground: Option<String>,
    help: Option<String>,
}

#[derive(Serialize)]
struct MessageCopy {
    term: String,
    by: String,
    text: String,
}

/// Everything as the family may see it: what is not signed yet is not in it.
fn copy(look: &mut Look, family: &Family) -> Result<Copy, Refused> {
    let child = family.child();
    let cohort = at_school(look, child)?.class.name.cohort;
    let signatures = signatures_of(look, child.student())?;
    let sheets = child_sheets(look, child)?;
    let mut comments = child_comments(look, child)?;
    let signed: std::collections::BTreeMap<_, _> = signatures.into_iter().collect();
    let mut terms = Vec::new();
    for (term, by) in signed {
        let scheme = scheme_of(look, cohort, term)?;
        let domains = Domain::ALL
            .iter()
            .filter_map(|domain| Some((*domain, sheets.of(term)?.cell(*domain))))
            .map(|(domain, cell)| DomainCopy {
                domain: scheme.domain(domain).name.clone(),
                band: cell.band.map(|band| band.word(&scheme).to_owned()),
                ground: cell.ground.clone(),
                help: cell.help.clone(),
            })
            .collect();
        let comment = comments.remove(&term).map(|comment| comment.text);
        terms.push(TermCopy { term: term.name(), signed_by: by.name, domains, comment });
    }
    let messages = child_messages(look, child)?
        .into_iter()
        .map(|message| MessageCopy { term: message.term.name(), by: message.signed().to_owned(), text: message.text })
        .collect();
    let held = held(look, &family.house().keys, child)?;
    Ok(Copy { name: family.child_name().to_owned(), held, terms, messages })
}

/// The same as a file (PIPL 45: a copy that can be taken elsewhere).
#[get("/data.json")]
pub(super) async fn data_copy(family: Family) -> Result<Download, Refused> {
    let grant = family.clone();
    let copy = family.look(move |look| copy(look, &grant)).await?;
    Ok(Download {
        name: format!("{}-个人信息.json", copy.name),
        media_type: "application/json",
        bytes: serde_json::to_vec_pretty(&copy).map_err(Refused::broken)?,
        inline: false,
    })
}

#[derive(Deserialize)]
struct ConsentForm {
    /// `give` or `withdraw`.
    #[serde(default)]
    consent: String,
}

/// Gives consent again, or takes it back.
#[post("/data/consent")]
pub(super) async fn change_consent(family: Family, form: Posted<ConsentForm>) -> Result<SeeOther, Refused> {
    let guardian = family.guardian()?;
    let given = match form.0.consent.as_str() {
        "give" => true,
        "withdraw" => false,
        _ => return Err(Refused::NotFound),
    };
    let me = family.by().account().ok_or(Refused::NotFound)?;
    let act = ConsentChanged::by(&guardian, me, given);
    family.act(move |_| Ok(act)).await?;
    Ok(SeeOther(format!("/child/{}/data", family.child().student())))
}

#[derive(Deserialize)]
struct RequestForm {
    /// `correct` or `delete`.
    #[serde(default)]
    kind: String,
    #[serde(default)]
    text: String,
}

/// Asks for a correction or a deletion.
#[post("/data/request")]
pub(super) async fn ask(family: Family, form: Posted<RequestForm>) -> Result<Either<SeeOther, Page>, Refused> {
    family.guardian()?;
    let (child, me) = (family.child(), family.by().account().ok_or(Refused::NotFound)?);
    let (deletion, text) = (form.0.kind == "delete", tidy(&form.0.text));
    let asked = text.clone();
    match family.act(move |tx| AskData::by(tx, child, me, deletion, asked)).await {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/child/{}/data#requests", child.student())))),
        Err(Refused::Invalid(faults)) => Ok(Either::Right(page(&family, text, faults).await?)),
        Err(other) => Err(other),
    }
}
