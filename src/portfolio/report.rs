//! The term report: what its template is given, and of a class what it is made from.

use super::file::{CommentWords, DomainEntry, Facts, MessageWords, SchemeWords, SchoolWords};
use super::press::{PictureData, date_parts, moment_words};
use super::store::{TermSeal, school_words, term_seal_of};
use super::told::term_facts;
use crate::access::{Look, Refused, WholeSchool};
use crate::cycle::{SignedBy, SignedClass, signatures_of};
use crate::evaluation::{
    Band, ChildSheets, Comment, Growth, Message, Sheet, signed_records, subject_bands_of, term_records,
};
use crate::fitness::tests_of;
use crate::names::{ClassName, StudentId, Term};
use crate::record::records_among;
use crate::scheme::{Scheme, scheme_of};
use crate::ticks::ticks_of;
use serde::Serialize;
use std::sync::Arc;

/// The file name of the template.
pub const TEMPLATE: &str = "term-report.typ";

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

/// What one pupil's report is made from.
pub struct ReportOf {
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

/// What the template is given, as JSON.
pub fn report_data(read: &ReportOf, name: &str, county: &str) -> Result<Vec<u8>, Refused> {
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

/// What the reports of a signed class are made from, in seat order, each with whose it is.
pub fn reports_of_class(
    look: &mut Look,
    whole: WholeSchool,
    signed: &SignedClass,
) -> Result<Vec<(StudentId, String, ReportOf)>, Refused> {
    let (class, term, ids) = (signed.class().name, signed.term(), signed.ids());
    let before = term.previous();
    let mut now = signed_records(look, signed)?;
    let mut earlier = term_records(look, whole, &ids, before)?;
    let (tests, subjects) = (tests_of(look, whole, &ids)?, subject_bands_of(look, whole, &ids)?);
    let (ticks, mut records) = (ticks_of(look, whole, &ids)?, records_among(look, whole, &ids, term)?);
    let (school, scheme) = (school_words(look)?.0, scheme_of(look, class.cohort, term)?);
    let mut all = Vec::with_capacity(ids.len());
    for pupil in signed.pupils() {
        let record = now.remove(&pupil.id).unwrap_or_default();
        // Only what was signed stands beside this term, as the family sees it.
        let known = signatures_of(look, pupil.id)?.contains_key(&before);
        let last = earlier.remove(&pupil.id).map(|record| record.sheet).filter(|_| known);
        let sheets = last.map(|sheet| (before, sheet)).into_iter().chain([(term, record.sheet)]);
        let facts = term_facts(
            term,
            class.cohort,
            tests.get(&pupil.id),
            subjects.get(&pupil.id),
            ticks.get(&pupil.id),
            records.remove(&pupil.id).unwrap_or_default(),
        );
        let report = ReportOf {
            class,
            seat: pupil.seat,
            school: school.clone(),
            scheme: scheme.clone(),
            term,
            signed: signed.by().clone(),
            sheets: ChildSheets::of_terms(sheets),
            comment: record.comment,
            messages: record.messages,
            seal: term_seal_of(look, whole, pupil.id, term)?,
            facts,
        };
        all.push((pupil.id, pupil.name.clone(), report));
    }
    Ok(all)
}
