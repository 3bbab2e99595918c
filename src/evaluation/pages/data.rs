use super::grid::day;
use super::taught::{Section, sections};
use crate::access::{Family, Fault, Look, Posted, Refused, off_the_loop};
use crate::cycle::signatures_of;
use crate::evaluation::{child_comments, child_messages, child_sheets};
use crate::names::{ConsentText, Domain, StudentId};
use crate::platform::page::{Download, Page, SeeOther};
use crate::platform::text::tidy;
use crate::platform::typeset::Misprint;
use crate::roster::{AskData, ConsentChanged, Held, at_school, held};
use crate::scheme::scheme_of;
use actix_web::http::StatusCode;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct DataView {
    student: StudentId,
    name: String,
    held: Held,
    /// What teachers have written and measured, in plain lines.
    sections: Vec<Section>,
    readings: Vec<ReadingView>,
    /// A guardian, whose consent it is; the pupil reads only.
    guardian: bool,
    consents: bool,
    /// The text that is asked today, and what was consented to where that is older.
    text: ConsentText,
    older: Option<ConsentText>,
    typed: String,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct ReadingView {
    day: String,
    who: String,
}

async fn page(family: &Family, typed: String, faults: Vec<Fault>) -> Result<Page, Refused> {
    let (child, keys, consents) = (family.child(), family.house().keys.clone(), family.consent());
    let (held, sections) = family
        .look(move |look| {
            let cohort = at_school(look, child)?.class.name.cohort;
            Ok((held(look, &keys, child)?, sections(look, child, cohort)?))
        })
        .await?;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let readings = held
        .readings
        .iter()
        .map(|seen| ReadingView { day: day(seen.day), who: format!("{} {}", seen.role.word(), seen.name) })
        .collect();
    let house = family.house();
    let text = house.consent.on(house.clock.today()).clone();
    let view = DataView {
        older: consents.filter(|version| *version < text.version).and_then(|v| house.consent.version(v).cloned()),
        text,
        student: child.student(),
        name: family.child_name().to_owned(),
        readings,
        sections,
        held,
        guardian: family.guardian().is_ok(),
        consents: consents.is_some(),
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
    sections: Vec<Section>,
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
    let sections = sections(look, child, cohort)?;
    Ok(Copy { name: family.child_name().to_owned(), held, terms, sections, messages })
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

#[derive(Serialize)]
struct PrintData {
    name: String,
    school: String,
    made_on: String,
    sections: Vec<Section>,
}

/// The copy as headings and lines.
fn printed(copy: Copy) -> Vec<Section> {
    let titled = |title: &str, lines: Vec<(String, String)>| Section { title: title.to_owned(), lines };
    let until = |day: Option<chrono::NaiveDate>| day.map(|day| format!("，到 {day}")).unwrap_or_default();
    let held = copy.held;
    let mut file: Vec<(String, String)> =
        held.student.into_iter().map(|(name, word)| (name.to_owned(), word)).collect();
    file.extend(
        held.enrolments.iter().map(|e| {
            ("在读".to_owned(), format!("{} {} 号，{} 起{}", e.class, e.seat, e.entered_on, until(e.left_on)))
        }),
    );
    file.extend(held.family.into_iter().map(|member| {
        let phone = member.phone.map(|phone| format!("　{phone}")).unwrap_or_default();
        (member.relation.unwrap_or_else(|| "家人".to_owned()), format!("{}{phone}", member.name))
    }));
    let mut bound: Vec<(String, String)> = held
        .guardians
        .into_iter()
        .map(|g| {
            let ended = until(g.ended_at.map(|at| at.date()));
            (g.relation, format!("{}，{} 绑定{ended}", g.name, g.since.date()))
        })
        .collect();
    bound.extend(held.consents.into_iter().map(|consent| {
        let channel = if consent.channel == "paper" { "纸面" } else { "手机" };
        let back = consent.withdrawn_at.map(|at| format!("，{} 撤回", at.date())).unwrap_or_default();
        let given = consent.given_at.date();
        ("同意书".to_owned(), format!("{}，第 {} 版，{given} {channel}同意{back}", consent.name, consent.text_version))
    }));
    let mut sections = vec![titled("学籍里的", file), titled("绑定的家长和同意书", bound)];
    for term in copy.terms {
        let mut lines = Vec::new();
        for domain in term.domains {
            let more = [domain.ground, domain.help].into_iter().flatten().map(|words| format!("　{words}"));
            let band = domain.band.unwrap_or_else(|| "无记录".to_owned());
            lines.push((domain.domain, more.fold(band, |said, more| said + &more)));
        }
        lines.extend(term.comment.map(|words| ("评语".to_owned(), words)));
        lines.push(("签字".to_owned(), term.signed_by));
        sections.push(titled(&term.term, lines));
    }
    sections.extend(copy.sections);
    let said = copy.messages.into_iter().map(|message| (message.by, format!("{}　{}", message.term, message.text)));
    sections.push(titled("写给孩子的话", said.collect()));
    let mut seen: Vec<(String, String)> = held
        .readings
        .iter()
        .map(|seen| (seen.day.to_string(), format!("{} {}", seen.role.word(), seen.name)))
        .collect();
    seen.extend(held.cases.iter().map(|case| {
        let day = case.opened_at.date().to_string();
        (day, format!("个案查看 {}，看{}，理由：{}", case.name, case.term, case.reason))
    }));
    sections.push(titled("学校里谁看过", seen));
    let asked = held.requests.into_iter().map(|request| {
        let answer = request.answer.unwrap_or_else(|| format!("{} 以前答复", request.due_on));
        let kind = if request.kind == "delete" { "要求删除" } else { "要求更正" };
        (kind.to_owned(), format!("{}（{answer}）", request.text))
    });
    sections.push(titled("要求更正或删除", asked.collect()));
    sections.retain(|section| !section.lines.is_empty());
    sections
}

/// The same on paper.
#[get("/data.pdf")]
pub(super) async fn data_print(family: Family) -> Result<Download, Refused> {
    let grant = family.clone();
    let copy = family.look(move |look| copy(look, &grant)).await?;
    let (house, school) = (family.house().clone(), family.shell().place.clone());
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        let name = copy.name.clone();
        let data =
            PrintData { name: name.clone(), school, made_on: house.clock.today().to_string(), sections: printed(copy) };
        let data = serde_json::to_vec(&data).map_err(Refused::broken)?;
        let bytes = match press.print("data.typ", data) {
            Ok(printed) => printed.pdf,
            Err(misprint @ Misprint::NoGlyph(_)) => return Err(Refused::conflict(misprint.to_string())),
            Err(broken) => return Err(Refused::broken(broken)),
        };
        Ok(Download { name: format!("{name}-个人信息.pdf"), media_type: "application/pdf", bytes, inline: true })
    })
    .await
}

#[derive(Deserialize)]
struct ConsentForm {
    /// `give` or `withdraw`.
    #[serde(default)]
    consent: String,
    /// The version of the text that the page showed.
    version: Option<i32>,
}

/// Gives consent again, or takes it back.
#[post("/data/consent")]
pub(super) async fn change_consent(
    family: Family,
    form: Posted<ConsentForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let guardian = family.guardian()?;
    let given = match form.0.consent.as_str() {
        "give" => true,
        "withdraw" => false,
        _ => return Err(Refused::NotFound),
    };
    let me = family.by().account().ok_or(Refused::NotFound)?;
    let version = family.house().consent.on(family.house().clock.today()).version;
    if given && form.0.version.is_some_and(|seen| seen != version) {
        let why = Fault::at("consent", "同意书刚有了新的一版。请看过全文，再点同意。");
        return Ok(Either::Right(page(&family, String::new(), vec![why]).await?));
    }
    let act = ConsentChanged::by(&guardian, me, given, version);
    family.act(move |_| Ok(act)).await?;
    Ok(Either::Left(SeeOther(format!("/child/{}/data", family.child().student()))))
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
