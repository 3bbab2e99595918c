//! What a graduate's portfolio tells besides bands and comments: three years of
//! small things, drawn from the seed.

use super::chance::{Chance, Deck};
use super::plan::{ClassPlan, PupilPlan, SUBJECTS};
use super::sayings::{DOMAINS, band_after};
use super::words::{DimensionRow, FamilyRow, HonourRow, HoursRow, RecordRow, SkillRow, Words};
use crate::names::{Cohort, Domain, Grade, Term};
use crate::portfolio::file::{
    DimensionNote, Facts, HonourWords, HoursWords, Learned, MessageWords, RecordWords, SkillWords, SubjectWords,
};
use chrono::{Datelike, Days, NaiveDate, Weekday};

const DIMENSIONS_A_DOMAIN: usize = 3;
const RECORDS_A_DOMAIN: usize = 2;
const SKILLS_A_KIND: usize = 2;

/// Hours of a school year spent on each thing: from, and up to how many more.
const HOURS: [(&str, usize, usize); 5] =
    [("志愿服务", 8, 20), ("社会实践大课堂", 8, 16), ("劳动周", 28, 6), ("校园劳动", 8, 10), ("职业体验", 4, 8)];

/// Draws facts for the pupils of one class, so that few of them have the same.
pub struct FactsOf<'w> {
    chance: Chance,
    cohort: Cohort,
    school: &'w str,
    county: String,
    dimensions: Vec<Deck<'w, DimensionRow>>,
    records: Vec<Deck<'w, RecordRow>>,
    hours: Deck<'w, HoursRow>,
    skills: Deck<'w, SkillRow>,
    honours: Deck<'w, HonourRow>,
    behind: Deck<'w, String>,
    ahead: Deck<'w, String>,
    mottos: Deck<'w, String>,
    family: Deck<'w, FamilyRow>,
}

impl<'w> FactsOf<'w> {
    pub fn class(words: &'w Words, class: &ClassPlan, school: &'w str, county: &str) -> Self {
        let stream = format!("facts {school} {} {}", class.name.cohort.0, class.name.number);
        let named = |what: &str| format!("{stream} {what}");
        let of_domain = |domain: &&'static str| words.dimensions.get(*domain).map_or(&[][..], Vec::as_slice);
        let records_of = |domain: &&'static str| words.records.get(*domain).map_or(&[][..], Vec::as_slice);
        FactsOf {
            chance: Chance::of(&stream),
            cohort: class.name.cohort,
            school,
            county: county.to_owned(),
            dimensions: DOMAINS.iter().map(|d| Deck::of(of_domain(d), &named(&format!("dimensions {d}")))).collect(),
            records: DOMAINS.iter().map(|d| Deck::of(records_of(d), &named(&format!("records {d}")))).collect(),
            hours: Deck::of(&words.hours, &named("hours")),
            skills: Deck::of(&words.skills, &named("skills")),
            honours: Deck::of(&words.honours, &named("honours")),
            behind: Deck::of(&words.behind, &named("behind")),
            ahead: Deck::of(&words.ahead, &named("ahead")),
            mottos: Deck::of(&words.mottos, &named("mottos")),
            family: Deck::of(&words.family, &named("family")),
        }
    }

    pub fn pupil(&mut self, pupil: &PupilPlan) -> Facts {
        let mut facts = Facts {
            hours: self.hours(),
            skills: self.skills(),
            subjects: Some(self.subjects()),
            honours: self.honours(),
            statement: vec![self.behind.draw().clone(), self.ahead.draw().clone()],
            family: vec![self.family(pupil)],
            motto: Some(self.mottos.draw().clone()),
            ..Facts::default()
        };
        for (n, domain) in Domain::ALL.iter().enumerate() {
            facts.dimensions.insert(*domain, self.dimensions(n));
            facts.records.insert(*domain, self.records(n));
        }
        facts
    }

    /// A school day in one of the three years, counted from 0.
    fn day(&mut self, year: usize) -> NaiveDate {
        let first = NaiveDate::from_ymd_opt(self.cohort.0 + year as i32, 9, 4).unwrap_or_default();
        // September to the middle of December, or March to the middle of June.
        let into = self.chance.below(100) as u64 + if self.chance.in_hundred(50) { 0 } else { 182 };
        let day = first + Days::new(into);
        day.iter_days().find(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)).unwrap_or(day)
    }

    fn dimensions(&mut self, domain: usize) -> Vec<DimensionNote> {
        let mut notes: Vec<DimensionNote> = Vec::new();
        for _ in 0..DIMENSIONS_A_DOMAIN {
            let row = self.dimensions[domain].draw_that(|row| notes.iter().all(|note| note.name != row.dimension));
            notes.push(DimensionNote { name: row.dimension.clone(), note: row.note.clone() });
        }
        notes
    }

    fn records(&mut self, domain: usize) -> Vec<RecordWords> {
        let first = self.chance.below(2);
        let years = [first, 2];
        (0..RECORDS_A_DOMAIN)
            .map(|n| {
                let on = self.day(years[n % years.len()]);
                let row = self.records[domain].draw();
                RecordWords {
                    title: row.title.clone(),
                    text: row.text.clone(),
                    on,
                    place: row.place.clone(),
                    source: row.source.clone(),
                    why: None,
                    photos: Vec::new(),
                }
            })
            .collect()
    }

    fn hours(&mut self) -> Vec<HoursWords> {
        HOURS
            .iter()
            .map(|(what, least, more)| {
                let place = self.hours.draw_that(|row| row.what == *what).place.clone();
                let years = (0..3)
                    .map(|year| {
                        // Trying a trade is for grade 8, now and then grade 9.
                        let rare = *what == "职业体验" && (year == 0 || (year == 2 && self.chance.in_hundred(60)));
                        (!rare).then(|| format!("{} 小时", least + self.chance.below(more / 2 + 1) * 2))
                    })
                    .collect();
                HoursWords { what: (*what).to_owned(), years, place }
            })
            .collect()
    }

    fn skills(&mut self) -> Vec<SkillWords> {
        ["运动", "艺术", "生活"]
            .iter()
            .map(|kind| {
                let learned = (0..SKILLS_A_KIND).map(|_| {
                    let row = self.skills.draw_that(|row| row.kind == *kind);
                    Learned { name: row.name.clone(), level: row.level.clone() }
                });
                SkillWords { kind: (*kind).to_owned(), learned: learned.collect() }
            })
            .collect()
    }

    /// Each subject's bands, term by term, where it was taught.
    fn subjects(&mut self) -> SubjectWords {
        let mut before: [Option<&'static str>; SUBJECTS.len()] = [None; SUBJECTS.len()];
        let terms = Term::of_cohort(self.cohort).map(|term| {
            let grade = self.cohort.grade_in(term.year()).map_or(0, Grade::number);
            SUBJECTS
                .iter()
                .zip(&mut before)
                .map(|((_, grades), before)| {
                    if !grades.contains(&grade) {
                        return None;
                    }
                    let band = band_after(&mut self.chance, *before);
                    *before = Some(band);
                    band.parse().ok()
                })
                .collect()
        });
        SubjectWords { names: SUBJECTS.iter().map(|(name, _)| (*name).to_owned()).collect(), terms: terms.to_vec() }
    }

    /// In the order of time.
    fn honours(&mut self) -> Vec<HonourWords> {
        let many = 2 + self.chance.below(4);
        let mut days: Vec<NaiveDate> = (0..many).map(|n| self.day(n % 3)).collect();
        days.sort_unstable();
        days.into_iter()
            .map(|on| {
                let row = self.honours.draw();
                let by = row.by.replace("{county}", &self.county).replace("{school}", self.school);
                HonourWords { on, name: row.title.clone(), by }
            })
            .collect()
    }

    /// Words of the one in the family who is asked first, where there are some.
    fn family(&mut self, pupil: &PupilPlan) -> MessageWords {
        let relation = pupil.family.first().map_or("母亲", |member| member.relation);
        let called = if relation == "祖父" { "爷爷" } else { relation };
        let row = self.family.draw_that(|row| row.by.contains(called));
        MessageWords { by: row.by.clone(), text: row.paragraph.clone() }
    }
}
