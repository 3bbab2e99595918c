//! The sealed files: what stands of one pupil at the end of a term, and at the end
//! of junior high. `format: 1`; RFC 8785 bytes without floats, written once and
//! never serialised again, so that any later version reads and verifies them.
//! The pupil's numbers are in neither: 全国学籍号 holds the identity number, and
//! with the birth date beside it even a masked one could be completed.

use crate::evaluation::{Band, ChildSheets, Comment, Message, Sheet};
use crate::names::{Cohort, Domain, Sex, StudentId, Term};
use crate::platform::files::sha256_hex;
use crate::scheme::{BandWord, Scheme};
use chrono::{NaiveDate, NaiveDateTime};
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

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchoolWords {
    pub code: String,
    pub name: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StudentWords {
    pub id: StudentId,
    pub name: String,
    pub sex: String,
    pub born_on: NaiveDate,
}

impl StudentWords {
    pub fn of(id: StudentId, name: String, sex: Sex, born_on: NaiveDate) -> Self {
        StudentWords { id, name, sex: sex.word().to_owned(), born_on }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ClassWords {
    pub cohort: Cohort,
    pub number: i32,
    /// As it was called in that term.
    pub name: String,
    pub seat: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TermWords {
    pub term: Term,
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// The words of the scheme a file was made under, so that it explains itself.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SchemeWords {
    pub name: String,
    pub version: i32,
    pub no_record: String,
    pub bands: BTreeMap<String, BandWord>,
    pub domains: Vec<DomainName>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DomainName {
    pub code: Domain,
    pub character: String,
    pub name: String,
}

impl SchemeWords {
    pub fn of(scheme: &Scheme) -> Self {
        SchemeWords {
            name: scheme.name.clone(),
            version: scheme.version,
            no_record: scheme.no_record.clone(),
            bands: Band::all().into_iter().map(|b| (b.code().to_owned(), b.words(scheme).clone())).collect(),
            domains: Domain::ALL
                .iter()
                .map(|domain| DomainName {
                    code: *domain,
                    character: domain.character().to_owned(),
                    name: scheme.domain(*domain).name.clone(),
                })
                .collect(),
        }
    }

    /// The scheme's word for a band, or for its absence.
    pub fn word(&self, band: Option<Band>) -> &str {
        band.and_then(|band| self.bands.get(band.code())).map_or(&self.no_record, |words| &words.word)
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DomainEntry {
    pub code: Domain,
    pub band: Option<Band>,
    pub ground: Option<String>,
    pub help: Option<String>,
}

impl DomainEntry {
    pub fn five_of(sheet: &Sheet) -> Vec<Self> {
        Domain::ALL
            .iter()
            .map(|domain| {
                let cell = sheet.cell(*domain);
                let kept = |text: &Option<String>| text.clone().filter(|_| cell.band.is_some());
                DomainEntry { code: *domain, band: cell.band, ground: kept(&cell.ground), help: kept(&cell.help) }
            })
            .collect()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CommentWords {
    pub text: String,
    pub by: String,
    pub on: NaiveDate,
}

impl CommentWords {
    /// `on`: the day that stands where the comment tells none.
    pub fn of(comment: Comment, on: NaiveDate) -> Self {
        CommentWords {
            text: comment.text,
            by: comment.by.unwrap_or_default(),
            on: comment.at.map_or(on, |at| at.date()),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MessageWords {
    /// Father, mother, grandmother…
    pub by: String,
    pub text: String,
}

impl MessageWords {
    pub fn of(message: &Message) -> Self {
        MessageWords { by: message.signed().to_owned(), text: message.text.clone() }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ByAt {
    pub by: String,
    pub at: NaiveDateTime,
}

/// What a 更正单 changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CorrectionWords {
    /// 德 品德发展…, or the comment.
    pub what: String,
    pub was: String,
    pub becomes: String,
    pub why: String,
    pub asked: ByAt,
    /// Two others, in the order they approved.
    pub approved: Vec<ByAt>,
    /// SHA-256 of the version before, which stays readable.
    pub corrects: String,
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

/// What the portfolio tells besides bands and words: facts in words, never a mark.
/// What is empty is left out of the print.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Facts {
    pub dimensions: BTreeMap<Domain, Vec<DimensionNote>>,
    pub records: BTreeMap<Domain, Vec<RecordWords>>,
    pub hours: Vec<HoursWords>,
    pub skills: Vec<SkillWords>,
    pub fitness: Vec<FitnessWords>,
    pub subjects: Option<SubjectWords>,
    pub honours: Vec<HonourWords>,
    /// The pupil's own statement, paragraph by paragraph.
    pub statement: Vec<String>,
    pub family: Vec<MessageWords>,
    pub motto: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DimensionNote {
    pub name: String,
    pub note: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordWords {
    pub title: String,
    pub text: String,
    pub on: NaiveDate,
    pub place: String,
    /// Who wrote it down, who confirmed it.
    pub source: String,
    /// The pupil's sentence why it was chosen; only where junior high ends, and left out
    /// where nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// SHA-256 of the photos beside it; only where junior high ends, and left out where
    /// there are none. The pictures themselves lie in the file store and go when a family
    /// takes back its consent; the name of a picture that is gone tells nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SelectedWords {
    /// As the record it is of is called.
    pub title: String,
    pub on: NaiveDate,
    pub why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HoursWords {
    pub what: String,
    /// `12 小时`, school year by school year.
    pub years: Vec<Option<String>>,
    pub place: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SkillWords {
    pub kind: String,
    pub learned: Vec<Learned>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Learned {
    pub name: String,
    pub level: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FitnessWords {
    pub year: String,
    /// The national standard's word.
    pub band: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SubjectWords {
    pub names: Vec<String>,
    /// Term by term, subject by subject.
    pub terms: Vec<Vec<Option<Band>>>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HonourWords {
    pub on: NaiveDate,
    pub name: String,
    pub by: String,
}
