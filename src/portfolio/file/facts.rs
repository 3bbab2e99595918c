//! What a sealed file tells besides bands: facts in words, never a mark.

use super::words::MessageWords;
use crate::evaluation::Band;
use crate::names::Domain;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
