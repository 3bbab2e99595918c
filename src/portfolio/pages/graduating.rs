//! A graduate's file as its pages tell it.

use crate::access::{Look, Refused};
use crate::cycle::{Part, days_of_notice, first_notice, stage_signed};
use crate::evaluation::{Band, Graduating};
use crate::names::{ClassId, Cohort, Domain, StudentId, Term};
use crate::portfolio::file::{Origin, TermSummary, sheets_of};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{DECIDED_AGAIN, GraduateRow};
use crate::record::day_words;
use crate::scheme::scheme_of;
use serde::Serialize;

/// A line of the class, in seat order: what is there and what is not, never which band.
#[derive(Serialize)]
pub struct RowView {
    pub student: StudentId,
    seat: i32,
    name: String,
    statement: bool,
    decided: bool,
    ticked: Option<String>,
    sealed: bool,
    /// Why this one waits while the others go on.
    waits: Option<String>,
}

pub fn row_view(row: GraduateRow) -> RowView {
    RowView {
        student: row.student,
        seat: row.seat,
        name: row.name,
        statement: row.file.statement.is_some(),
        decided: row.file.is_decided(),
        ticked: row.file.ticked.map(|(by, at)| format!("{} {by}", moment_words(at))),
        sealed: row.sealed,
        waits: match row.file.again.is_empty() {
            true => row.held,
            false => Some(DECIDED_AGAIN.to_owned()),
        },
    }
}

/// How far the class is.
#[derive(Serialize)]
pub struct StageView {
    noticed: bool,
    /// The notice runs.
    open: bool,
    last: String,
    reason: Option<String>,
    missing: i32,
    checked: Option<String>,
    reviewed: Option<String>,
}

pub fn stage_view(look: &mut Look, class: ClassId, term: Term) -> Result<StageView, Refused> {
    let now = look.now();
    let notice = first_notice(look, class, term, Part::Graduation)?;
    let [checked, reviewed] = stage_signed(look, class, term, Part::Graduation)?;
    let said = |done: crate::cycle::Done| format!("{} {}", moment_words(done.at), done.name);
    Ok(StageView {
        noticed: notice.is_some(),
        open: notice.as_ref().is_some_and(|notice| notice.is_open(now)),
        last: notice.as_ref().map(|notice| day_words(notice.last_on)).unwrap_or_default(),
        missing: notice.as_ref().map_or(0, |notice| notice.missing),
        reason: notice.and_then(|notice| notice.reason),
        checked: checked.map(said),
        reviewed: reviewed.map(said),
    })
}

/// From when to when a notice opened now would run.
pub fn would_run(look: &mut Look, days: usize) -> Result<String, Refused> {
    let calendar = crate::cycle::days_ahead(look)?;
    let (first, last) = days_of_notice(&calendar, look.now(), days);
    Ok(format!("{}到 {}", day_words(first), day_words(last)))
}

/// The whole file of one graduate.
#[derive(Serialize)]
pub struct FileView {
    terms: Vec<TermHead>,
    domains: Vec<DomainView>,
    bands: Vec<(&'static str, String)>,
    comments: Vec<(String, String)>,
    statement: Option<String>,
    comment: Option<String>,
    decided: Option<String>,
    ticked: Option<String>,
}

#[derive(Serialize)]
pub(super) struct TermHead {
    short: String,
    name: String,
    gap: Option<String>,
    paper: bool,
}

impl From<TermSummary> for TermHead {
    fn from(term: TermSummary) -> Self {
        let paper = term.origin == Some(Origin::Paper);
        TermHead { short: term.short, name: term.name, gap: term.gap, paper }
    }
}

#[derive(Serialize)]
struct DomainView {
    code: &'static str,
    character: &'static str,
    name: String,
    /// Term by term: the band's code, empty for 无记录, its word, and its ground.
    cells: Vec<(&'static str, String, Option<String>)>,
    /// By the published rule; to be shown as a suggestion and never preset.
    suggested: Option<String>,
    band: &'static str,
    word: Option<String>,
    /// An upheld objection sends it back to the committee.
    again: bool,
}

impl FileView {
    /// A family reads what was decided, not what a rule would have said.
    pub fn forget_suggestions(&mut self) {
        for domain in &mut self.domains {
            domain.suggested = None;
        }
    }
}

pub fn file_view(
    look: &mut Look,
    cohort: Cohort,
    term: Term,
    file: &Graduating,
    mut six: Vec<TermSummary>,
) -> Result<FileView, Refused> {
    let scheme = scheme_of(look, cohort, term)?;
    let sheets = sheets_of(&six);
    // The term under way is no gap: its file is still to come.
    let is_to_come = |one: &TermSummary| one.term == term && one.version.is_none();
    for one in six.iter_mut().filter(|one| is_to_come(one)) {
        one.gap = Some("还没有归档，归档以后写在这里".to_owned());
    }
    let domains = Domain::ALL
        .iter()
        .map(|domain| {
            let cells = six.iter().map(|term| {
                let band = term.bands.get(domain).copied().flatten();
                let absent = if is_to_come(term) { "还没归档" } else { scheme.no_record.as_str() };
                let word = band.map_or(absent, |band| band.word(&scheme)).to_owned();
                (band.map_or("", Band::code), word, term.grounds.get(domain).cloned().flatten())
            });
            let decided = file.bands.sheet.band(*domain);
            DomainView {
                code: domain.code(),
                character: domain.character(),
                name: scheme.domain(*domain).name.clone(),
                cells: cells.collect(),
                suggested: sheets.suggested(*domain).map(|band| band.word(&scheme).to_owned()),
                band: decided.map_or("", Band::code),
                word: decided.map(|band| band.word(&scheme).to_owned()),
                again: file.again.contains(domain),
            }
        })
        .collect();
    let comments =
        six.iter().filter_map(|term| Some((term.short.clone(), term.comment.as_ref()?.text.clone()))).collect();
    Ok(FileView {
        terms: six.into_iter().map(TermHead::from).collect(),
        domains,
        bands: Band::all().into_iter().map(|band| (band.code(), band.word(&scheme).to_owned())).collect(),
        comments,
        statement: file.statement.as_ref().map(|said| said.text.clone()),
        comment: file.comment.as_ref().map(|said| said.text.clone()),
        decided: file.bands.at.map(|at| format!("{} {}", moment_words(at), file.bands.by.join("、"))),
        ticked: file.ticked.as_ref().map(|(by, at)| format!("{} {by}", moment_words(*at))),
    })
}
