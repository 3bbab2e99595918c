use crate::access::{Family, Look, Refused, off_the_loop};
use crate::cycle::{SignedBy, signatures_of};
use crate::evaluation::{
    Band, ChildSheets, Comment, Growth, Message, Sheet, child_comments, child_messages, child_sheets,
    child_subject_bands,
};
use crate::fitness::child_tests;
use crate::names::{ClassName, Term};
use crate::platform::page::Download;
use crate::platform::typeset::Misprint;
use crate::portfolio::file::{CommentWords, DomainEntry, Facts, MessageWords, SchemeWords, SchoolWords};
use crate::portfolio::press::{PictureData, date_parts, moment_words};
use crate::portfolio::store::{TermSeal, school_words, term_seal};
use crate::portfolio::told::{fitness_words, skill_words, subject_words};
use crate::roster::at_school;
use crate::scheme::{Scheme, scheme_of};
use crate::ticks::child_ticks;
use actix_web::get;
use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize)]
struct AskedTerm {
    term: Option<Term>,
}

/// What `term-report.typ` is given.
#[derive(Serialize)]
struct ReportData<'d> {
    report: Report<'d>,
    picture: Option<PictureData<'d>>,
    /// How far the term is: signed, or sealed as which version.
    state: String,
    date: [i32; 3],
    sha256: Option<&'d str>,
}

#[derive(Serialize)]
struct Report<'d> {
    title: &'static str,
    county: &'d str,
    school: &'d SchoolWords,
    student: Pupil<'d>,
    class: String,
    homeroom: &'d str,
    term: String,
    before_term: Option<&'static str>,
    scheme: SchemeWords,
    domains: Vec<DomainReport>,
    growth: &'d str,
    comment: Option<CommentWords>,
    messages: Vec<MessageWords>,
    signed: Signed<'d>,
    /// Fitness and subjects; records come with their own feature.
    facts: Facts,
}

#[derive(Serialize)]
struct Pupil<'d> {
    name: &'d str,
    seat: i32,
}

#[derive(Serialize)]
struct Signed<'d> {
    by: &'d str,
    on: chrono::NaiveDate,
}

#[derive(Serialize)]
struct DomainReport {
    #[serde(flatten)]
    now: DomainEntry,
    before: Option<Band>,
    before_help: Option<String>,
}

pub(super) struct Read {
    pub class: ClassName,
    pub seat: i32,
    pub school: SchoolWords,
    pub scheme: Arc<Scheme>,
    pub term: Term,
    pub signed: SignedBy,
    pub sheets: ChildSheets,
    pub comment: Option<Comment>,
    pub messages: Vec<Message>,
    pub seal: Option<TermSeal>,
    pub facts: Facts,
}

/// What the family may see of a signed term: nothing else is printed.
///
/// # Errors
/// [`Refused::NotFound`] for a term that is not signed.
fn read(look: &mut Look, family: &Family, asked: Option<Term>) -> Result<Read, Refused> {
    let child = family.child();
    let mut signatures = signatures_of(look, child.student())?;
    let term = asked.or_else(|| signatures.keys().max().copied()).ok_or(Refused::NotFound)?;
    let signed = signatures.remove(&term).ok_or(Refused::NotFound)?;
    let known: Vec<Term> = signatures.into_keys().collect();
    let sheets = child_sheets(look, child)?.only(|of| of == term || known.contains(&of));
    let at_school = at_school(look, child)?;
    let mut messages = child_messages(look, child)?;
    messages.retain(|message| message.term == term);
    let cohort = at_school.class.name.cohort;
    let facts = Facts {
        // This school year's word: the report is of one term.
        fitness: fitness_words(&child_tests(look, child)?.in_year(term.year()), cohort),
        subjects: subject_words(&child_subject_bands(look, child)?, &[term]),
        skills: skill_words(&child_ticks(look, child)?, &[term]),
        ..Facts::default()
    };
    Ok(Read {
        school: school_words(look)?.0,
        scheme: scheme_of(look, cohort, term)?,
        comment: child_comments(look, child)?.remove(&term),
        seal: term_seal(look, child, term)?,
        facts,
        class: at_school.class.name,
        seat: at_school.seat,
        term,
        signed,
        sheets,
        messages,
    })
}

/// The report of one signed term 学期报告单 (PDF/A-3a, PDF/UA-1).
#[get("/report.pdf")]
pub(super) async fn report(family: Family, asked: Query<AskedTerm>) -> Result<Download, Refused> {
    let (grant, term) = (family.clone(), asked.term);
    let read = family.look(move |look| read(look, &grant, term)).await?;
    let (house, name) = (family.house().clone(), family.child_name().to_owned());
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        let data = data(&read, &name, &house.county)?;
        let printed = press.print("term-report.typ", data).map_err(|misprint| match misprint {
            Misprint::NoGlyph(_) => Refused::conflict(misprint.to_string()),
            broken => Refused::broken(broken),
        })?;
        Ok(Download {
            name: format!("{name}-{}-学期报告单.pdf", read.term.short_name(read.class.cohort)),
            media_type: "application/pdf",
            bytes: printed.pdf,
            inline: true,
        })
    })
    .await
}

pub(super) fn data(read: &Read, name: &str, county: &str) -> Result<Vec<u8>, Refused> {
    let (empty, term, scheme) = (Sheet::default(), read.term, &read.scheme);
    let sheet = read.sheets.of(term).unwrap_or(&empty);
    let before = read.sheets.terms().rfind(|earlier| *earlier < term);
    let before_sheet = before.and_then(|term| read.sheets.of(term));
    let growth: Option<Growth> = read.sheets.growth(term, before, "上学期", scheme);
    let state = match &read.seal {
        Some(seal) => format!("第 {} 版　{} 归档", seal.version, moment_words(seal.at)),
        None => format!("{} 签字，归档前", moment_words(read.signed.at)),
    };
    let domains = DomainEntry::five_of(sheet)
        .into_iter()
        .map(|now| {
            let earlier = before_sheet.map(|sheet| sheet.cell(now.code));
            DomainReport {
                before: earlier.and_then(|cell| cell.band),
                before_help: earlier.filter(|cell| cell.band.is_some()).and_then(|cell| cell.help.clone()),
                now,
            }
        })
        .collect();
    let data = ReportData {
        report: Report {
            title: "学期报告单",
            county,
            school: &read.school,
            student: Pupil { name, seat: read.seat },
            class: read.class.in_year(term.year()),
            homeroom: &read.signed.name,
            term: term.name(),
            before_term: before.map(|_| "上学期"),
            scheme: SchemeWords::of(scheme),
            domains,
            growth: growth.as_ref().map_or("", |growth| &growth.sentence),
            comment: read.comment.clone().map(|comment| CommentWords::of(comment, read.signed.at.date())),
            messages: read.messages.iter().map(MessageWords::of).collect(),
            signed: Signed { by: &read.signed.name, on: read.signed.at.date() },
            facts: read.facts.clone(),
        },
        picture: growth.as_ref().map(|growth| PictureData::of(&growth.picture, |band| band.word(scheme).to_owned())),
        state,
        date: date_parts(read.seal.as_ref().map_or(read.signed.at, |seal| seal.at)),
        sha256: read.seal.as_ref().map(|seal| seal.sha256.as_str()),
    };
    serde_json::to_vec(&data).map_err(Refused::broken)
}
