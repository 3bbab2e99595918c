//! The facts of a graduate's file: what six sealed terms tell, as objections to the end of
//! junior high left it.

use super::seal_graduation::TermFound;
use crate::access::{Look, Refused};
use crate::evaluation::Graduating;
use crate::names::{Domain, StudentId, Term};
use crate::portfolio::file::{Facts, RecordWords, TermFile};
use crate::record::evidence::ChosenPhoto;
use crate::record::{FactAtEnd, record_ever};
use std::collections::HashMap;

/// Records of one domain that bring a photo: two stand side by side on the page.
const PHOTOS_A_DOMAIN: usize = 2;

/// What the tables and the sealed terms tell besides bands, where `facts` does not tell it
/// already: the pupil's own statement, and in each domain the records of the six terms,
/// those the pupil chose, each with the sentence why, where any was chosen. The newest of
/// them that have a photo bring it along.
pub(super) fn told_of(
    mut facts: Facts,
    decided: &Graduating,
    terms: &HashMap<Term, TermFound>,
    six: &[Term; 6],
    photos: &[ChosenPhoto],
) -> Facts {
    if let Some(statement) = &decided.statement {
        facts.statement = statement.text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    }
    let files: Vec<&TermFile> = six.iter().filter_map(|term| Some(&terms.get(term)?.file)).collect();
    for domain in Domain::ALL {
        if !facts.records.contains_key(domain) {
            let told = records_of(&files, *domain);
            if !told.is_empty() {
                facts.records.insert(*domain, told);
            }
        }
        let newest_first = facts.records.get_mut(domain).into_iter().flatten().rev();
        let with_photo = newest_first.filter_map(|record| {
            let of_it =
                |photo: &&ChosenPhoto| photo.domain == *domain && photo.title == record.title && photo.on == record.on;
            Some((photos.iter().find(of_it)?.sha256.clone(), record))
        });
        for (sha256, record) in with_photo.take(PHOTOS_A_DOMAIN) {
            record.photos = vec![sha256];
        }
    }
    facts
}

/// One domain's records of all terms: what the pupil chose, or everything where nothing was.
fn records_of(files: &[&TermFile], domain: Domain) -> Vec<RecordWords> {
    let all = || files.iter().flat_map(|file| file.records.get(&domain).into_iter().flatten());
    let why = |record: &RecordWords| {
        let mut chosen = files.iter().flat_map(|file| file.selected.get(&domain).into_iter().flatten());
        chosen.find(|one| one.title == record.title && one.on == record.on).map(|one| one.why.clone())
    };
    let chosen: Vec<RecordWords> =
        all().filter_map(|record| Some(RecordWords { why: Some(why(record)?), ..record.clone() })).collect();
    if chosen.is_empty() { all().cloned().collect() } else { chosen }
}

/// What an objection took out is not told, what it changed or brought is told as decided.
pub(super) fn as_decided(
    look: &mut Look,
    student: StudentId,
    mut facts: Facts,
    decided: &[FactAtEnd],
) -> Result<Facts, Refused> {
    for one in decided {
        let before = match one.activity {
            Some(activity) => record_ever(look, student, activity)?,
            None => None,
        };
        if let Some(kept) = &before {
            let is_it = |told: &RecordWords| told.title == kept.told.title && told.on == kept.told.starts_on;
            facts.records.values_mut().for_each(|records| records.retain(|told| !is_it(told)));
        }
        if let Some(title) = &one.title {
            let records = facts.records.entry(one.domain).or_default();
            records.push(RecordWords {
                title: title.clone(),
                text: one.part.word().to_owned(),
                on: one.starts_on,
                place: before.and_then(|kept| kept.told.place).unwrap_or_default(),
                source: "毕业公示异议核实".to_owned(),
                why: None,
                photos: Vec::new(),
            });
            records.sort_by_key(|told| told.on);
        }
    }
    facts.records.retain(|_, records| !records.is_empty());
    Ok(facts)
}
