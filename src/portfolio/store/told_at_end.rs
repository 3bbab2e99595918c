//! The facts of a graduate's file: what six sealed terms tell, as objections to the end of
//! junior high left it.

use super::seal_graduation::TermFound;
use crate::access::{Look, Refused};
use crate::evaluation::Graduating;
use crate::names::{Domain, StudentId, Term};
use crate::portfolio::file::{Facts, RecordWords, TermFile};
use crate::record::{FactAtEnd, record_ever};
use std::collections::HashMap;

/// What the tables and the sealed terms tell besides bands, where `facts` does not tell it
/// already: the pupil's own statement, and the records of the six terms, of each domain
/// those the pupil chose where any was chosen.
pub(super) fn told_of(
    mut facts: Facts,
    decided: &Graduating,
    terms: &HashMap<Term, TermFound>,
    six: &[Term; 6],
) -> Facts {
    if let Some(statement) = &decided.statement {
        facts.statement = statement.text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    }
    if facts.records.is_empty() {
        let files: Vec<&TermFile> = six.iter().filter_map(|term| Some(&terms.get(term)?.file)).collect();
        for domain in Domain::ALL {
            let all = files.iter().flat_map(|file| file.records.get(domain).into_iter().flatten());
            let chose = |record: &&RecordWords| {
                let mut chosen = files.iter().flat_map(|file| file.selected.get(domain).into_iter().flatten());
                chosen.any(|one| one.title == record.title && one.on == record.on)
            };
            let mut told: Vec<RecordWords> = all.clone().filter(chose).cloned().collect();
            if told.is_empty() {
                told = all.cloned().collect();
            }
            if !told.is_empty() {
                facts.records.insert(*domain, told);
            }
        }
    }
    facts
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
            });
            records.sort_by_key(|told| told.on);
        }
    }
    facts.records.retain(|_, records| !records.is_empty());
    Ok(facts)
}
