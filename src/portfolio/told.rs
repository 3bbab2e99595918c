//! Facts that other features hold, as the portfolio tells them: words of the national
//! fitness standard, and bands in subjects. Never a figure.

use super::file::{Facts, FitnessWords, Learned, RecordWords, SelectedWords, SkillWords, SubjectWords};
use crate::access::{Look, Refused, WholeSchool};
use crate::evaluation::{SubjectBands, subject_bands_of};
use crate::fitness::{History, Verdict, tests_of};
use crate::names::{Cohort, Domain, StudentId, Term};
use crate::record::{Kept, Selected, State, time_spent};
use crate::roster::curriculum::all_subjects;
use crate::ticks::{ChildTicks, Kind, ticks_of};
use std::collections::{BTreeMap, HashMap};

/// The standard's words, year by year, where something was measured.
pub fn fitness_words(history: &History, cohort: Cohort) -> Vec<FitnessWords> {
    let name = |year: i32| match cohort.grade_in(year) {
        Some(grade) => format!("{}年级", grade.character()),
        None => format!("{year}—{} 学年", year + 1),
    };
    let whole = history.years().filter(|(_, tests)| !matches!(tests.verdict(), Verdict::Incomplete(_)));
    whole.map(|(year, tests)| FitnessWords { year: name(year), band: tests.verdict().word().to_owned() }).collect()
}

/// The subjects' bands of some terms; `None` where there are none at all.
pub fn subject_words(bands: &BTreeMap<Term, SubjectBands>, terms: &[Term]) -> Option<SubjectWords> {
    let there =
        |name: &str| terms.iter().filter_map(|term| bands.get(term)).flatten().any(|(subject, _)| subject == name);
    let mut names: Vec<String> = all_subjects().into_iter().filter(|name| there(name)).map(str::to_owned).collect();
    for (subject, _) in terms.iter().filter_map(|term| bands.get(term)).flatten() {
        if !names.contains(subject) {
            names.push(subject.clone());
        }
    }
    if names.is_empty() {
        return None;
    }
    let band_in = |term: &Term, name: &str| {
        bands.get(term).and_then(|told| told.iter().find(|(subject, _)| subject == name)).map(|(_, band)| *band)
    };
    let terms = terms.iter().map(|term| names.iter().map(|name| band_in(term, name)).collect()).collect();
    Some(SubjectWords { names, terms })
}

/// Skills in sport and art, each with the level it had last.
pub fn skill_words(ticks: &ChildTicks, terms: &[Term]) -> Vec<SkillWords> {
    let of = |kind: Kind, word: &str| {
        let mut learned: Vec<Learned> = Vec::new();
        for ticked in terms.iter().filter_map(|term| ticks.get(term)?.get(&kind)).flatten() {
            let level = ticked.level.word().to_owned();
            match learned.iter_mut().find(|known| known.name == ticked.item) {
                Some(known) => known.level = level,
                None => learned.push(Learned { name: ticked.item.clone(), level }),
            }
        }
        (!learned.is_empty()).then(|| SkillWords { kind: word.to_owned(), learned })
    };
    [of(Kind::Sport, "运动"), of(Kind::Art, "艺术")].into_iter().flatten().collect()
}

/// Confirmed records as a file tells them, domain by domain, the oldest first.
pub fn record_words(mut kept: Vec<Kept>) -> BTreeMap<Domain, Vec<RecordWords>> {
    kept.sort_by_key(|kept| (kept.told.starts_on, kept.activity));
    let mut told: BTreeMap<Domain, Vec<RecordWords>> = BTreeMap::new();
    for kept in kept {
        let source = kept.source().to_owned();
        let (part, minutes) = (kept.part.word(), kept.told.minutes.map(time_spent));
        let mut text = vec![part.to_owned()];
        text.extend(minutes);
        text.extend(kept.told.attained.clone());
        text.extend(kept.told.words.clone());
        told.entry(kept.told.domain).or_default().push(RecordWords {
            title: kept.told.title,
            text: text.join("，"),
            on: kept.told.starts_on,
            place: kept.told.place.unwrap_or_default(),
            source,
            why: None,
            photos: Vec::new(),
        });
    }
    told
}

/// What a pupil chose, domain by domain, the oldest first.
pub fn selected_words(mut selected: Vec<Selected>) -> BTreeMap<Domain, Vec<SelectedWords>> {
    selected.sort_by_key(|one| (one.kept.told.starts_on, one.kept.activity));
    let mut told: BTreeMap<Domain, Vec<SelectedWords>> = BTreeMap::new();
    for Selected { kept, why } in selected {
        let words = SelectedWords { title: kept.told.title, on: kept.told.starts_on, why };
        told.entry(kept.told.domain).or_default().push(words);
    }
    told
}

/// The facts of one term, as its report tells them: to the family and to the office the
/// same.
pub fn term_facts(
    term: Term,
    cohort: Cohort,
    history: Option<&History>,
    bands: Option<&BTreeMap<Term, SubjectBands>>,
    ticks: Option<&ChildTicks>,
    records: Vec<Kept>,
) -> Facts {
    Facts {
        // This school year's word: the report is of one term.
        fitness: history.map(|history| fitness_words(&history.in_year(term.year()), cohort)).unwrap_or_default(),
        subjects: bands.and_then(|bands| subject_words(bands, &[term])),
        skills: ticks.map(|ticks| skill_words(ticks, &[term])).unwrap_or_default(),
        records: record_words(records.into_iter().filter(|kept| kept.state == State::Confirmed).collect()),
        ..Facts::default()
    }
}

/// Fills in what the tables tell and `facts` do not tell already.
pub fn fill_in(
    look: &mut Look,
    whole: WholeSchool,
    students: &[StudentId],
    cohort: Cohort,
    facts: &mut HashMap<StudentId, Facts>,
) -> Result<(), Refused> {
    let tests = tests_of(look, whole, students)?;
    let bands = subject_bands_of(look, whole, students)?;
    let ticks = ticks_of(look, whole, students)?;
    let six = Term::of_cohort(cohort);
    for student in students {
        let (fitness, subjects) = (
            tests.get(student).map(|history| fitness_words(history, cohort)).unwrap_or_default(),
            bands.get(student).and_then(|bands| subject_words(bands, &six)),
        );
        let skills = ticks.get(student).map(|ticks| skill_words(ticks, &six)).unwrap_or_default();
        if fitness.is_empty() && subjects.is_none() && skills.is_empty() {
            continue;
        }
        let told = facts.entry(*student).or_default();
        if told.fitness.is_empty() {
            told.fitness = fitness;
        }
        if told.skills.is_empty() {
            told.skills = skills;
        }
        if told.subjects.is_none() {
            told.subjects = subjects;
        }
    }
    Ok(())
}
