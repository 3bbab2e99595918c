//! What is said of each pupil, domain by domain, term by term: bands, comments,
//! the family's message. Bands have no order, no number and no public column.

pub mod board;
mod evidence;
mod growth;
pub mod pages;
mod paper;
pub mod peer;
mod store;
pub mod subject;
mod voices;

pub use evidence::{Evidence, class_evidence};
pub use growth::{Growth, Picture};
pub use paper::{NoPaper, PAPER_COMMENT_CHARACTERS, PaperRead, PaperRow, paper_header, read_paper};
pub use store::{
    BandIndicator, BandSubject, ChildSheets, Comment, ConfirmSelf, DecideGraduate, DecidedBand, DraftSelf, DrawPeers,
    EnterPaper, EvaluateStudents, GRADUATION_COMMENT_CHARACTERS, Graduating, Graduation, GraduationBands, Ground,
    HelpAsked, Lacking, Message, Missing, Outcome, OwnWords, PaperTerm, STATEMENT_CHARACTERS, SignClass, SubjectBands,
    SubjectOutcome, TellOfPeer, TellOutcome, TellView, TermRecord, TickGraduate, Wanted, WantedComment, WantedSubject,
    WriteMessage, WriteStatement, asked_about, band_authors, band_now, child_comments, child_messages, child_sheets,
    child_subject_bands, class_comments, class_progress, class_sheets, class_subject_bands, confirmed_selves,
    decide_graduation, graduating, graduation_bands, graduation_deciders, lacking, missing, paper_terms,
    put_corrected_comment, put_decide_again, sealed_terms, signed_records, signer, subject_bands_of, term_records,
    terms_on_paper,
};

pub use voices::{ClassVoices, Said, Voices, class_voices};

use crate::names::Domain;
use crate::scheme::{BandWord, DomainWords, Scheme};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::{Deserialize, Serialize};

/// How far a pupil has come in one domain. A band describes; it does not compete,
/// so it can be read and compared for sameness, and nothing else:
/// ```compile_fail
/// # use qinghe::evaluation::Band;
/// Band::all().iter().max();
/// ```
/// ```compile_fail
/// # use qinghe::evaluation::Band;
/// let _ = Band::all()[0] as i32;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Band(Mark);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Excellent,
    Good,
    Qualified,
    Developing,
}

crate::text_code!(Mark {
    Excellent = "excellent",
    Good = "good",
    Qualified = "qualified",
    Developing = "developing",
});

static_assertions::assert_not_impl_any!(Band: PartialOrd, Ord, std::hash::Hash, Into<u8>, Into<i32>, Into<i64>, Into<f64>);

impl Band {
    /// The four there are, for a picker.
    pub fn all() -> [Band; 4] {
        [Band(Mark::Excellent), Band(Mark::Good), Band(Mark::Qualified), Band(Mark::Developing)]
    }

    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The scheme's word for it.
    pub fn word(self, scheme: &Scheme) -> &str {
        &self.words(scheme).word
    }

    pub fn words(self, scheme: &Scheme) -> &BandWord {
        match self.0 {
            Mark::Excellent => &scheme.bands.excellent,
            Mark::Good => &scheme.bands.good,
            Mark::Qualified => &scheme.bands.qualified,
            Mark::Developing => &scheme.bands.developing,
        }
    }

    /// What it says in a domain.
    pub fn descriptor(self, domain: &DomainWords) -> &str {
        match self.0 {
            Mark::Excellent => &domain.excellent,
            Mark::Good => &domain.good,
            Mark::Qualified => &domain.qualified,
            Mark::Developing => &domain.developing,
        }
    }

    /// The key that sets it in the grid: the pinyin initial of 优 良 合 待(D).
    pub fn key(self) -> char {
        match self.0 {
            Mark::Excellent => 'Y',
            Mark::Good => 'L',
            Mark::Qualified => 'H',
            Mark::Developing => 'D',
        }
    }

    /// Whether it needs a sentence of fact before the class can be signed.
    pub fn needs_ground(self) -> bool {
        matches!(self.0, Mark::Excellent | Mark::Developing)
    }

    /// Whether it must say what will be done to help.
    pub fn needs_help(self) -> bool {
        matches!(self.0, Mark::Developing)
    }
}

impl std::str::FromStr for Band {
    type Err = crate::platform::code::NoSuchCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Band)
    }
}

impl Serialize for Band {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Band {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Mark::deserialize(from).map(Band)
    }
}

impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<Text, DB> for Band
where
    str: diesel::serialize::ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
        diesel::serialize::ToSql::<Text, DB>::to_sql(&self.0, out)
    }
}

impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<Text, DB> for Band
where
    String: diesel::deserialize::FromSql<Text, DB>,
{
    fn from_sql(raw: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        <Mark as diesel::deserialize::FromSql<Text, DB>>::from_sql(raw).map(Band)
    }
}

/// One cell: the band of one pupil in one domain in one term, as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    pub band: Option<Band>,
    /// A sentence of fact.
    pub ground: Option<String>,
    /// What will be done to help.
    pub help: Option<String>,
    /// How often it was set; 0 is never.
    pub revision: i32,
}

impl Cell {
    /// What is still missing before the class can be signed.
    pub fn lacks(&self) -> Option<Lack> {
        let band = self.band?;
        if band.needs_ground() && self.ground.is_none() {
            Some(Lack::Ground)
        } else if band.needs_help() && self.help.is_none() {
            Some(Lack::Help)
        } else {
            None
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    Ground,
    Help,
}

impl Lack {
    pub fn word(self) -> &'static str {
        match self {
            Lack::Ground => "待补依据",
            Lack::Help => "待补帮扶措施",
        }
    }
}

/// One child's five cells in one term.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet([Cell; 5]);

impl Sheet {
    /// A sheet of bands alone, as a sealed file tells them.
    pub fn of_bands(bands: impl IntoIterator<Item = (Domain, Option<Band>)>) -> Self {
        let mut sheet = Sheet::default();
        for (domain, band) in bands {
            sheet.set(domain, Cell { band, ..Cell::default() });
        }
        sheet
    }

    pub fn cell(&self, domain: Domain) -> &Cell {
        &self.0[place(domain)]
    }

    pub fn band(&self, domain: Domain) -> Option<Band> {
        self.cell(domain).band
    }

    fn set(&mut self, domain: Domain, cell: Cell) {
        self.0[place(domain)] = cell;
    }

    /// Whether every domain has its band.
    pub fn is_full(&self) -> bool {
        self.0.iter().all(|cell| cell.band.is_some())
    }

    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|cell| cell.band.is_none())
    }

    pub fn lacks(&self) -> bool {
        self.0.iter().any(|cell| cell.lacks().is_some())
    }
}

/// Where a domain stands among the five; domains, unlike bands, have an order: the
/// county document's.
fn place(domain: Domain) -> usize {
    match domain {
        Domain::Moral => 0,
        Domain::Academic => 1,
        Domain::Physical => 2,
        Domain::Aesthetic => 3,
        Domain::Labour => 4,
    }
}
