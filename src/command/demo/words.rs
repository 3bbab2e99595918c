//! The words a demonstration county is made of: `seed/demo/*.csv`, plain files
//! that people can read and edit.

use crate::command::Failed;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

macro_rules! seed {
    ($name:literal) => {
        (concat!("seed/demo/", $name, ".csv"), include_str!(concat!("../../../seed/demo/", $name, ".csv")))
    };
}

#[derive(Deserialize)]
pub struct SchoolWords {
    pub code: String,
    pub name: String,
    pub short: String,
    pub township: String,
}

/// A sentence of fact a band stands on, and what will be done to help.
#[derive(Deserialize)]
pub struct GroundWords {
    domain: String,
    band: String,
    pub ground: String,
    pub help: String,
}

#[derive(Deserialize)]
struct Sentence {
    domain: String,
    band: String,
    sentence: String,
}

#[derive(Deserialize)]
struct Single {
    sentence: String,
}

#[derive(Deserialize)]
struct Surname {
    surname: String,
    weight: usize,
}

#[derive(Deserialize)]
struct Given {
    name: String,
    sex: String,
}

/// What is noted of a pupil in a domain, in one of its dimensions.
#[derive(Deserialize)]
pub struct DimensionRow {
    domain: String,
    pub dimension: String,
    pub note: String,
}

#[derive(Deserialize)]
pub struct RecordRow {
    domain: String,
    pub title: String,
    pub text: String,
    pub place: String,
    pub source: String,
}

/// What a whole class does, in the half of the school year and the week of the term.
#[derive(Deserialize)]
pub struct ActivityRow {
    pub half: u8,
    pub week: u64,
    pub days: u64,
    pub indicator: String,
    pub also: String,
    pub title: String,
    pub place: String,
    pub organiser: String,
    pub hours: Option<i32>,
    pub words: String,
}

/// What classes of a grade do and learn in a subject: columns of its tick sheets.
#[derive(Deserialize)]
pub struct TickRow {
    pub subject: String,
    pub grade: i32,
    pub kind: String,
    pub item: String,
}

/// What a pupil says of themselves in a domain.
#[derive(Deserialize)]
pub struct OwnWordsRow {
    pub domain: String,
    pub did: String,
    pub learned: String,
    pub intends: String,
}

/// What a guardian sees at home.
#[derive(Deserialize)]
pub struct ViewRow {
    pub domain: String,
    pub text: String,
}

/// What hours are spent on, and where.
#[derive(Deserialize)]
pub struct HoursRow {
    pub what: String,
    pub place: String,
}

#[derive(Deserialize)]
pub struct SkillRow {
    pub kind: String,
    pub name: String,
    pub level: String,
}

/// `{county}` and `{school}` stand for their names.
#[derive(Deserialize)]
pub struct HonourRow {
    pub title: String,
    pub by: String,
}

#[derive(Deserialize)]
struct StatementRow {
    part: String,
    paragraph: String,
}

#[derive(Deserialize)]
pub struct FamilyRow {
    pub paragraph: String,
    pub by: String,
}

/// Domain and band, by their codes.
pub type Place = (String, String);

pub struct Words {
    pub schools: Vec<SchoolWords>,
    /// Each with its weight.
    pub surnames: Vec<(String, usize)>,
    pub boys: Vec<String>,
    pub girls: Vec<String>,
    /// Names of the age of parents and teachers.
    pub men: Vec<String>,
    pub women: Vec<String>,
    pub sentences: HashMap<Place, Vec<String>>,
    pub grounds: HashMap<Place, Vec<GroundWords>>,
    pub wishes: Vec<String>,
    pub messages: Vec<String>,
    /// By the domain's code.
    pub dimensions: HashMap<String, Vec<DimensionRow>>,
    pub records: HashMap<String, Vec<RecordRow>>,
    pub hours: Vec<HoursRow>,
    pub activities: Vec<ActivityRow>,
    pub ticks: Vec<TickRow>,
    pub own_words: Vec<OwnWordsRow>,
    pub views: Vec<ViewRow>,
    pub skills: Vec<SkillRow>,
    pub honours: Vec<HonourRow>,
    /// What graduates say of the years behind them, of those ahead, and in a word.
    pub behind: Vec<String>,
    pub ahead: Vec<String>,
    pub mottos: Vec<String>,
    pub family: Vec<FamilyRow>,
}

fn by_domain<T>(rows: Vec<T>, domain: impl Fn(&T) -> &String) -> HashMap<String, Vec<T>> {
    let mut sorted: HashMap<String, Vec<T>> = HashMap::new();
    for row in rows {
        sorted.entry(domain(&row).clone()).or_default().push(row);
    }
    sorted
}

fn rows<T: DeserializeOwned>((path, text): (&str, &str)) -> Result<Vec<T>, Failed> {
    let rows: Vec<T> = csv::Reader::from_reader(text.as_bytes())
        .into_deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| Failed::because(format!("{path}：{e}")))?;
    if rows.is_empty() {
        return Err(Failed::because(format!("{path} 是空的。")));
    }
    Ok(rows)
}

impl Words {
    /// # Errors
    /// Which file of the seed is wrong, and where.
    pub fn read() -> Result<Self, Failed> {
        let mut sentences: HashMap<Place, Vec<String>> = HashMap::new();
        for row in rows::<Sentence>(seed!("sentences"))? {
            sentences.entry((row.domain, row.band)).or_default().push(row.sentence);
        }
        let mut grounds: HashMap<Place, Vec<GroundWords>> = HashMap::new();
        for row in rows::<GroundWords>(seed!("grounds"))? {
            grounds.entry((row.domain.clone(), row.band.clone())).or_default().push(row);
        }
        let given: Vec<Given> = rows(seed!("given_names"))?;
        let named = |sex: &str| given.iter().filter(|g| g.sex == sex).map(|g| g.name.clone()).collect();
        let single = |rows: Vec<Single>| rows.into_iter().map(|row| row.sentence).collect();
        let statements: Vec<StatementRow> = rows(seed!("statements"))?;
        let part = |part: &str| statements.iter().filter(|s| s.part == part).map(|s| s.paragraph.clone()).collect();
        Ok(Words {
            schools: rows(seed!("schools"))?,
            surnames: rows::<Surname>(seed!("surnames"))?.into_iter().map(|row| (row.surname, row.weight)).collect(),
            boys: named("男"),
            girls: named("女"),
            men: named("教师男"),
            women: named("教师女"),
            sentences,
            grounds,
            wishes: single(rows(seed!("wishes"))?),
            messages: single(rows(seed!("messages"))?),
            dimensions: by_domain(rows(seed!("dimensions"))?, |row: &DimensionRow| &row.domain),
            records: by_domain(rows(seed!("records"))?, |row: &RecordRow| &row.domain),
            hours: rows(seed!("hours"))?,
            activities: rows(seed!("activities"))?,
            ticks: rows(seed!("ticks"))?,
            own_words: rows(seed!("own_words"))?,
            views: rows(seed!("views"))?,
            skills: rows(seed!("skills"))?,
            honours: rows(seed!("honours"))?,
            behind: part("past"),
            ahead: part("ahead"),
            mottos: part("motto"),
            family: rows(seed!("family"))?,
        })
    }
}
