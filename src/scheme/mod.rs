//! The evaluation scheme 评价方案: what the domains and bands are called, what a
//! band says in each domain, and the observation items. One version per
//! enrolment year; a scheme may change the words, never the number of domains.

mod store;

pub use store::{PublishScheme, scheme_of};

use crate::names::{Cohort, Domain};
use serde::{Deserialize, Serialize};

const SEED_SCHEME: &str = include_str!("../../seed/scheme-2020.toml");
const SEED_INDICATORS: &str = include_str!("../../seed/indicators.csv");

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scheme {
    pub name: String,
    pub cohort: Cohort,
    pub version: i32,
    /// What stands where nothing is known: never a low band.
    pub no_record: String,
    /// Most characters of a homeroom teacher's comment.
    pub comment_characters: usize,
    /// Most characters of a family's message.
    pub message_characters: usize,
    pub bands: BandWords,
    pub domains: Domains,
    #[serde(default)]
    pub indicators: Vec<Indicator>,
}

/// The four words, each with the stage of rice that stands for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BandWords {
    pub excellent: BandWord,
    pub good: BandWord,
    pub qualified: BandWord,
    pub developing: BandWord,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BandWord {
    pub word: String,
    pub growth: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Domains {
    moral: DomainWords,
    academic: DomainWords,
    physical: DomainWords,
    aesthetic: DomainWords,
    labour: DomainWords,
}

/// A domain's name, and what each band says in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DomainWords {
    pub name: String,
    pub excellent: String,
    pub good: String,
    pub qualified: String,
    pub developing: String,
}

/// An observation item 观测点, from the county document's articles 5–26.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Indicator {
    pub code: String,
    /// `None`: any domain, named by the school.
    pub domain: Option<Domain>,
    pub dimension: String,
    pub item: String,
    pub kind: Kind,
    /// Who enters it first.
    pub who: String,
    pub frequency: String,
    pub evidence: String,
    /// Articles of the document, separated by blanks.
    pub articles: String,
    /// Whether its facts may be shown in a notice.
    pub notice: bool,
}

/// What is written down of an observation item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Occurrence,
    Hours,
    Skill,
    Band,
    List,
    /// A number, private to the family.
    Measure,
}

crate::text_code!(Kind {
    Occurrence = "occurrence",
    Hours = "hours",
    Skill = "skill",
    Band = "band",
    List = "list",
    Measure = "measure",
});

impl Scheme {
    /// The scheme the program is born with: for those who enter from autumn 2020 on.
    ///
    /// # Errors
    /// What is wrong in the seed, which a test would have found.
    pub fn seed() -> Result<Self, String> {
        let mut scheme: Scheme = toml::from_str(SEED_SCHEME).map_err(|e| e.to_string())?;
        let mut rows = csv::Reader::from_reader(SEED_INDICATORS.as_bytes());
        for row in rows.records() {
            scheme.indicators.push(Indicator::read(&row.map_err(|e| e.to_string())?)?);
        }
        Ok(scheme)
    }

    pub fn domain(&self, domain: Domain) -> &DomainWords {
        match domain {
            Domain::Moral => &self.domains.moral,
            Domain::Academic => &self.domains.academic,
            Domain::Physical => &self.domains.physical,
            Domain::Aesthetic => &self.domains.aesthetic,
            Domain::Labour => &self.domains.labour,
        }
    }
}

impl Indicator {
    fn read(row: &csv::StringRecord) -> Result<Self, String> {
        let cell = |n: usize| row.get(n).map(str::to_owned).ok_or_else(|| format!("indicator {row:?} is cut short"));
        let domain = cell(1)?;
        Ok(Indicator {
            code: cell(0)?,
            domain: if domain.is_empty() { None } else { Some(domain.parse().map_err(|e| format!("{e}"))?) },
            dimension: cell(2)?,
            item: cell(3)?,
            kind: cell(4)?.parse().map_err(|e| format!("{e}"))?,
            who: cell(5)?,
            frequency: cell(6)?,
            evidence: cell(7)?,
            articles: cell(8)?,
            notice: cell(9)? == "yes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_has_the_64_observation_items_in_five_domains() {
        let scheme = Scheme::seed().unwrap();
        assert_eq!(scheme.indicators.len(), 64);
        for domain in Domain::ALL {
            assert!(scheme.indicators.iter().any(|i| i.domain == Some(*domain)), "{domain:?}");
            assert!(!scheme.domain(*domain).name.is_empty());
        }
        // Article 13: what is measured of a body is never noticed in public.
        assert!(scheme.indicators.iter().all(|i| !(i.notice && matches!(i.kind, Kind::Measure | Kind::Band))));
    }
}
