//! What a family reads of its child's sealed terms: every version, those of the school
//! before too, and what was corrected and why.

use super::correction::{RowView, row_view};
use crate::access::{Family, Refused};
use crate::evaluation::Band;
use crate::names::{Domain, StudentId, Term};
use crate::platform::files::sha256_hex;
use crate::platform::page::{Download, Page};
use crate::portfolio::file::{CommentWords, FitnessWords, MessageWords, Origin, RecordWords, SelectedWords, TermFile};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{SealedVersion, child_corrections, child_version, child_versions, corrected_file};
use crate::record::day_words;
use actix_web::get;
use actix_web::web::Path;
use serde::Serialize;

#[derive(Serialize)]
struct VersionsView {
    student: StudentId,
    name: String,
    versions: Vec<VersionLine>,
    rows: Vec<RowView>,
}

#[derive(Serialize)]
struct VersionLine {
    term: Term,
    term_name: String,
    version: i32,
    at: String,
    /// The school that sealed it, where that is another.
    school: Option<String>,
    /// 补录, where it came from paper.
    paper: bool,
}

impl From<SealedVersion> for VersionLine {
    fn from(SealedVersion { file, come }: SealedVersion) -> Self {
        VersionLine {
            term: file.term.term,
            term_name: file.term.name,
            version: file.version,
            at: moment_words(file.sealed.at),
            school: come.then_some(file.school.name),
            paper: file.origin == Origin::Paper,
        }
    }
}

/// A child's sealed terms, every version of each, and what was corrected and why.
#[get("/versions")]
pub(super) async fn versions(family: Family) -> Result<Page, Refused> {
    let child = family.child();
    let (versions, rows) = family
        .look(move |look| {
            let mut rows = Vec::new();
            for row in child_corrections(look, child)? {
                let file = corrected_file(look, &row)?;
                rows.push(row_view(row, &file, false));
            }
            Ok((child_versions(look, child)?, rows))
        })
        .await?;
    let view = VersionsView {
        student: child.student(),
        name: family.child_name().to_owned(),
        versions: versions.into_iter().map(VersionLine::from).collect(),
        rows,
    };
    Ok(Page::of("portfolio/versions.html", &view).within("shell", family.shell()))
}

/// One version, the very bytes that were sealed.
#[get("/versions/{term}/{version}.json")]
pub(super) async fn version_file(family: Family, path: Path<(String, Term, i32)>) -> Result<Download, Refused> {
    let (child, term, version) = (family.child(), path.1, path.2);
    let (bytes, _) = family.look(move |look| child_version(look, child, term, version)).await?;
    let name = format!("{}-{term}-第{version}版.json", family.child_name());
    Ok(Download { name, media_type: "application/json", bytes, inline: false })
}

#[derive(Serialize)]
struct VersionView {
    student: StudentId,
    #[serde(flatten)]
    line: VersionLine,
    /// As it was called then.
    school_name: String,
    class_name: String,
    signed: String,
    domains: Vec<DomainLine>,
    selected: Vec<SelectedWords>,
    comment: Option<CommentLine>,
    messages: Vec<MessageWords>,
    subjects: Vec<(String, String)>,
    fitness: Vec<FitnessWords>,
    sha256: String,
}

#[derive(Serialize)]
struct DomainLine {
    code: Domain,
    character: String,
    name: String,
    band: &'static str,
    word: String,
    ground: Option<String>,
    help: Option<String>,
    records: Vec<RecordWords>,
}

#[derive(Serialize)]
pub(super) struct CommentLine {
    text: String,
    by: String,
    on: String,
}

impl From<CommentWords> for CommentLine {
    fn from(CommentWords { text, by, on }: CommentWords) -> Self {
        CommentLine { text, by, on: day_words(on) }
    }
}

fn domain_lines(file: &mut TermFile) -> Vec<DomainLine> {
    let (scheme, entries, records) = (&file.scheme, &file.domains, &mut file.records);
    let lines = scheme.domains.iter().map(|named| {
        let entry = entries.iter().find(|entry| entry.code == named.code);
        let band = entry.and_then(|entry| entry.band);
        DomainLine {
            code: named.code,
            character: named.character.clone(),
            name: named.name.clone(),
            band: band.map_or("", Band::code),
            word: scheme.word(band).to_owned(),
            ground: entry.and_then(|entry| entry.ground.clone()),
            help: entry.and_then(|entry| entry.help.clone()),
            records: records.remove(&named.code).unwrap_or_default(),
        }
    });
    lines.collect()
}

/// One version to read, as it was sealed.
#[get("/versions/{term}/{version}")]
pub(super) async fn version_page(family: Family, path: Path<(String, Term, i32)>) -> Result<Page, Refused> {
    let (child, term, version) = (family.child(), path.1, path.2);
    let (bytes, come) = family.look(move |look| child_version(look, child, term, version)).await?;
    let sha256 = sha256_hex(&bytes);
    let mut file: TermFile = serde_json::from_slice(&bytes).map_err(Refused::broken)?;
    let domains = domain_lines(&mut file);
    let line = VersionLine::from(SealedVersion { file: file.clone(), come });
    let subjects = file.subjects.map(|subjects| {
        let bands = subjects.terms.into_iter().next().unwrap_or_default();
        subjects.names.into_iter().zip(bands).map(|(name, band)| (name, file.scheme.word(band).to_owned())).collect()
    });
    let view = VersionView {
        student: child.student(),
        line,
        school_name: file.school.name,
        class_name: file.class.name,
        signed: format!("{} {} 签字", day_words(file.signed.at.date()), file.signed.by),
        domains,
        selected: file.selected.into_values().flatten().collect(),
        comment: file.comment.map(CommentLine::from),
        messages: file.messages,
        subjects: subjects.unwrap_or_default(),
        fitness: file.fitness,
        sha256,
    };
    Ok(Page::of("portfolio/version.html", &view).within("shell", family.shell()))
}
