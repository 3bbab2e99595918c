use super::child::{FiveView, five};
use super::grid::day;
use crate::access::{CaseView, Look, Refused};
use crate::cycle::{SignedBy, signatures_of};
use crate::evaluation::{Comment, Sheet, SubjectBands, child_comments, child_sheets, child_subject_bands};
use crate::names::Domain;
use crate::platform::page::Page;
use crate::roster::{AtSchool, at_school};
use crate::scheme::{Scheme, scheme_of};
use actix_web::get;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
struct CaseShown {
    name: String,
    class_name: String,
    term_name: String,
    reason: String,
    until: String,
    /// Where the objection that it serves is answered.
    objection: Option<String>,
    /// Who signed the term, and when; without it nothing is shown.
    signed: Option<String>,
    five: Vec<FiveView>,
    grounds: Vec<GroundView>,
    subjects: Vec<(String, String)>,
    comment: Option<String>,
}

#[derive(Serialize)]
struct GroundView {
    domain: String,
    ground: String,
}

struct Read {
    at_school: AtSchool,
    scheme: Arc<Scheme>,
    signed: Option<SignedBy>,
    sheet: Option<Sheet>,
    comment: Option<Comment>,
    subjects: SubjectBands,
}

/// The one term of the case, and only what its homeroom teacher has signed.
fn read(look: &mut Look, case: &CaseView) -> Result<Read, Refused> {
    let (child, term) = (case.child(), case.term());
    let at_school = at_school(look, child)?;
    let signed = signatures_of(look, child.student())?.remove(&term);
    let (mut sheet, mut comment, mut subjects) = (None, None, SubjectBands::default());
    if signed.is_some() {
        sheet = child_sheets(look, child)?.of(term).cloned();
        comment = child_comments(look, child)?.remove(&term);
        subjects = child_subject_bands(look, child)?.remove(&term).unwrap_or_default();
    }
    Ok(Read {
        scheme: scheme_of(look, at_school.class.name.cohort, term)?,
        at_school,
        signed,
        sheet,
        comment,
        subjects,
    })
}

/// What the named person of a case sees.
#[get("")]
pub(super) async fn case_page(case: CaseView) -> Result<Page, Refused> {
    let grant = case.clone();
    let read = case.look(move |look| read(look, &grant)).await?;
    let scheme = &read.scheme;
    let grounds = read.sheet.iter().flat_map(|sheet| {
        Domain::ALL.iter().filter_map(|domain| {
            let ground = sheet.cell(*domain).ground.clone()?;
            Some(GroundView { domain: scheme.domain(*domain).name.clone(), ground })
        })
    });
    let last = case.expires_at() - chrono::Duration::seconds(1);
    let view = CaseShown {
        name: case.child_name().to_owned(),
        class_name: read.at_school.class.name.in_year(case.term().year()),
        term_name: case.term().name(),
        reason: case.reason().to_owned(),
        until: last.format("%Y-%m-%d %H:%M").to_string(),
        objection: case.item().objection.map(|id| format!("/case/{}/objections/{id}", case.case())),
        signed: read.signed.as_ref().map(|by| format!("{} {} 签字", day(by.at.date()), by.name)),
        five: read.sheet.as_ref().map(|sheet| five(sheet, scheme)).unwrap_or_default(),
        grounds: grounds.collect(),
        subjects: read.subjects.iter().map(|(name, band)| (name.clone(), band.word(scheme).to_owned())).collect(),
        comment: read.comment.map(|comment| comment.text).filter(|text| !text.is_empty()),
    };
    Ok(Page::of("evaluation/case.html", &view).within("shell", case.shell()))
}
