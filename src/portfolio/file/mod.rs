//! The sealed files: what stands of one pupil at the end of a term, and at the end
//! of junior high. `format: 1`; RFC 8785 bytes without floats, written once and
//! never serialised again, so that any later version reads and verifies them.
//! The pupil's numbers are in neither: 全国学籍号 holds the identity number, and
//! with the birth date beside it even a masked one could be completed.

mod facts;
mod words;

pub use facts::*;
pub use words::*;

use crate::evaluation::{Band, ChildSheets, Sheet};
use crate::names::{Domain, Term};
use crate::platform::files::sha256_hex;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The only format there is so far.
pub const FORMAT: u32 = 1;

/// Bytes as they were sealed, and their SHA-256 in hex.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub bytes: Vec<u8>,
    pub sha256: String,
}

/// Writes a file in its one form (RFC 8785, JSON Canonicalization Scheme).
pub fn seal_bytes(file: &impl Serialize) -> Result<Sealed, serde_json::Error> {
    let bytes = serde_json_canonicalizer::to_vec(file)?;
    Ok(Sealed { sha256: sha256_hex(&bytes), bytes })
}

/// One pupil's term, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TermFile {
    pub format: u32,
    pub kind: TermKind,
    pub origin: Origin,
    pub version: i32,
    pub county: String,
    pub school: SchoolWords,
    pub student: StudentWords,
    pub class: ClassWords,
    pub homeroom: Option<String>,
    pub term: TermWords,
    pub scheme: SchemeWords,
    /// Five, in the order of the county's document.
    pub domains: Vec<DomainEntry>,
    /// What was confirmed in the term, domain by domain; left out where there is nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub records: BTreeMap<Domain, Vec<RecordWords>>,
    /// What the pupil chose of it 遴选 and confirmed, each with a sentence why; left out
    /// where nothing was chosen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub selected: BTreeMap<Domain, Vec<SelectedWords>>,
    pub comment: Option<CommentWords>,
    pub messages: Vec<MessageWords>,
    /// The subjects of the term with their bands; left out where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subjects: Option<SubjectWords>,
    /// The national standard's words so far; left out where nothing was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fitness: Vec<FitnessWords>,
    /// What a later version changes of the one before, and why; version 1 has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<CorrectionWords>,
    pub signed: ByAt,
    pub sealed: ByAt,
    pub journal: Head,
    pub previous: Previous,
}

/// The end of junior high, sealed: six terms side by side, and the five bands the
/// class committee decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GraduationFile {
    pub format: u32,
    pub kind: GraduationKind,
    pub version: i32,
    /// What anyone may type at `/verify`.
    pub code: String,
    pub county: String,
    pub school: SchoolWords,
    pub student: StudentWords,
    pub class: ClassWords,
    pub entered_on: NaiveDate,
    /// `2026-07`
    pub graduates: String,
    pub homeroom: Option<String>,
    pub principal: Option<String>,
    pub scheme: SchemeWords,
    /// Six, in the order of time.
    pub terms: Vec<TermSummary>,
    pub graduation: BTreeMap<Domain, Option<Band>>,
    pub decided: Option<Decided>,
    /// The class teacher's words at the end; files from before there were any have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<CommentWords>,
    /// What became of the child since the first year, in a sentence.
    pub growth: String,
    pub facts: Facts,
    pub sealed: ByAt,
    pub journal: Head,
    pub previous: Previous,
}

impl GraduationFile {
    /// The photos beside its records, by their SHA-256.
    pub fn photos(&self) -> impl Iterator<Item = &str> {
        self.facts.records.values().flatten().flat_map(|record| &record.photos).map(String::as_str)
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    Term,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GraduationKind {
    Graduation,
}

/// Where a term's file comes from: kept here, or brought in from paper 补录.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    School,
    Paper,
}

/// The school's chain of the journal as it stood when the file was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    pub n: i64,
    pub sha256: String,
}

/// The sealed term before this one, or why there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Previous {
    Sealed { term: Term, version: i32, sha256: String },
    None { none: String },
}

/// One of the six terms in a graduation file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TermSummary {
    pub term: Term,
    pub name: String,
    /// `七年级`
    pub grade: String,
    /// `上`
    pub half: String,
    /// `七上`
    pub short: String,
    pub origin: Option<Origin>,
    /// Why the term stands as 无记录.
    pub gap: Option<String>,
    pub bands: BTreeMap<Domain, Option<Band>>,
    pub grounds: BTreeMap<Domain, Option<String>>,
    pub comment: Option<CommentWords>,
    pub version: Option<i32>,
    pub sha256: Option<String>,
}

/// The bands of the six terms, as one child's sheets.
pub fn sheets_of(terms: &[TermSummary]) -> ChildSheets {
    ChildSheets::of_terms(
        terms.iter().map(|term| (term.term, Sheet::of_bands(term.bands.iter().map(|(domain, band)| (*domain, *band))))),
    )
}

/// The term a graduate is compared with: the end of the first year, or its
/// beginning where that is 无记录.
pub fn first_year_of(terms: &[TermSummary]) -> Option<Term> {
    let first_year = terms.iter().take(2).rev();
    first_year.filter(|term| term.bands.values().any(Option::is_some)).map(|term| term.term).next()
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decided {
    pub by: Vec<String>,
    pub on: NaiveDate,
}
