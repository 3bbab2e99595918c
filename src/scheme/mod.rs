//! The evaluation scheme 评价方案: what the domains and bands are called, what a
//! band says in each domain, and the observation items. One version per
//! enrolment year; a scheme may change the words, never the number of domains.
//!
//! A term keeps the version it began with: of those published before its first day
//! the newest. What is published while it runs holds from the next term on. A county
//! that began to use Qinghe in mid-term has nothing older than its first version, and
//! that one then holds.

mod changes;
pub mod pages;
mod store;
mod typed;

pub use changes::changes;
pub use store::{Draft, KeepDraft, PublishDraft, PublishScheme, Published, draft, published, scheme_of};
pub use typed::read_typed;

use crate::names::{Cohort, Domain, SchoolId};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Who takes part beside the homeroom teacher, who always does.
    #[serde(default)]
    pub voices: Voices,
    /// How long a notice lasts, in working days.
    #[serde(default = "five")]
    pub notice_days: usize,
    #[serde(default)]
    pub notice_audience: Audience,
    /// Most records a pupil selects in a domain.
    #[serde(default = "two")]
    pub selected_records: usize,
    /// How many classmates each pupil is asked about.
    #[serde(default = "four")]
    pub peers: usize,
    /// Dimensions that are not used, as [`Indicator::dimension_key`] names them.
    #[serde(default)]
    pub dimensions_off: BTreeSet<String>,
    /// Observation items that one school does not use, by their codes.
    #[serde(default)]
    pub off_at: BTreeMap<i32, BTreeSet<String>>,
    #[serde(default)]
    pub indicators: Vec<Indicator>,
}

fn two() -> usize {
    2
}

fn four() -> usize {
    4
}

fn five() -> usize {
    5
}

/// The voices 评价主体 of a scheme, besides the homeroom teacher's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voices {
    pub pupil: bool,
    pub peer: bool,
    pub guardian: bool,
    pub subject: bool,
}

impl Default for Voices {
    fn default() -> Self {
        Voices { pupil: true, peer: true, guardian: true, subject: true }
    }
}

/// Who sees a notice.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub enum Audience {
    #[default]
    Class,
    Grade,
}

crate::text_code!(Audience { Class = "class", Grade = "grade" });

impl Audience {
    pub fn word(self) -> &'static str {
        match self {
            Audience::Class => "本班",
            Audience::Grade => "本年级",
        }
    }
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
    /// Whether the scheme uses it; not said: as its kind does, see [`Indicator::is_on`].
    #[serde(default)]
    pub on: Option<bool>,
}

/// Who gives an observation item its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Recorder {
    Homeroom,
    Subject,
    Guardian,
}

crate::text_code!(Recorder { Homeroom = "homeroom", Subject = "subject", Guardian = "guardian" });

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

    fn domain_mut(&mut self, domain: Domain) -> &mut DomainWords {
        match domain {
            Domain::Moral => &mut self.domains.moral,
            Domain::Academic => &mut self.domains.academic,
            Domain::Physical => &mut self.domains.physical,
            Domain::Aesthetic => &mut self.domains.aesthetic,
            Domain::Labour => &mut self.domains.labour,
        }
    }

    /// The observation items this school uses.
    pub fn indicators_at(&self, school: SchoolId) -> impl Iterator<Item = &Indicator> {
        let off = self.off_at.get(&school.0);
        self.indicators.iter().filter(move |item| {
            item.is_on()
                && !self.dimensions_off.contains(&item.dimension_key())
                && !off.is_some_and(|off| off.contains(&item.code))
        })
    }

    /// The items of kind `band` that this school uses and `recorder` gives.
    pub fn banded_by(&self, school: SchoolId, recorder: Recorder) -> impl Iterator<Item = &Indicator> {
        self.indicators_at(school).filter(move |item| item.is_banded() && item.recorders().contains(&recorder))
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
            on: None,
        })
    }

    /// Facts are used unless switched off; bands weigh on a teacher's evening, and are
    /// used only where the scheme says so.
    pub fn is_on(&self) -> bool {
        self.on.unwrap_or(self.kind != Kind::Band)
    }

    /// Whether it is a grid of bands of its own. Two of that kind come in by other
    /// ways: a subject's band of the term, and the band of the fitness tests.
    pub fn is_banded(&self) -> bool {
        self.kind == Kind::Band && !matches!(self.code.as_str(), "Z21" | "T11")
    }

    /// `moral/理想信念`: the same word may stand in two domains.
    pub fn dimension_key(&self) -> String {
        format!("{}/{}", self.domain.map_or("", Domain::code), self.dimension)
    }

    /// Those named in `who` that give bands. Pupils and peers give none.
    pub fn recorders(&self) -> Vec<Recorder> {
        let mut recorders = Vec::new();
        for named in self.who.split('/') {
            let recorder = match named {
                "班主任" => Recorder::Homeroom,
                "家长" => Recorder::Guardian,
                _ if named.ends_with("教师") || named == "书法" => Recorder::Subject,
                _ => continue,
            };
            if !recorders.contains(&recorder) {
                recorders.push(recorder);
            }
        }
        recorders
    }

    /// Whether the teacher of a subject gives it, where a teacher does.
    pub fn is_of_subject(&self, subject: &str) -> bool {
        self.recorders().contains(&Recorder::Subject)
            && self.who.split('/').any(|named| match named.trim_end_matches("教师") {
                "任课" => true,
                "道法" => subject == "道德与法治",
                "理化生" => matches!(subject, "物理" | "化学" | "生物学"),
                "艺术" => matches!(subject, "音乐" | "美术"),
                "书法" => subject == "美术",
                "体育" => subject == "体育与健康",
                named => subject == named,
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
        assert!(scheme.indicators.iter().all(|i| i.is_on() == (i.kind != Kind::Band)), "bands are off by default");
        for banded in scheme.indicators.iter().filter(|i| i.is_banded()) {
            assert!(!banded.recorders().is_empty(), "nobody gives {}", banded.code);
        }
        // Article 13: what is measured of a body is never noticed in public.
        assert!(scheme.indicators.iter().all(|i| !(i.notice && matches!(i.kind, Kind::Measure | Kind::Band))));
    }
}
