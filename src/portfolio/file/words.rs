//! Who, where, when and in which words: what a sealed file is made of.

use crate::evaluation::{Band, Comment, Message, Sheet};
use crate::names::{Cohort, Domain, Sex, StudentId, Term};
use crate::scheme::{BandWord, Scheme};
use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
