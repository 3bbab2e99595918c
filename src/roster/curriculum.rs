//! The subjects of junior high, grade by grade, as data.

use crate::names::{Domain, Grade};
use std::sync::LazyLock;

const SEED_SUBJECTS: &str = include_str!("../../seed/subjects.csv");

/// A subject of the curriculum, and the grades that have it.
struct Known {
    name: String,
    domain: Domain,
    grades: Vec<u8>,
    aliases: Vec<String>,
}

static SUBJECTS: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let list = |text: &str, by: char| text.split(by).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    csv::Reader::from_reader(SEED_SUBJECTS.as_bytes())
        .records()
        .flatten()
        .filter_map(|row| {
            Some(Known {
                name: row[0].to_owned(),
                domain: row[1].parse().ok()?,
                grades: row[2].split(' ').filter_map(|grade| grade.parse().ok()).collect(),
                aliases: list(&row[3], '|'),
            })
        })
        .collect()
});

/// The subjects of a grade, in the curriculum's order.
pub fn subjects_of(grade: Grade) -> Vec<&'static str> {
    SUBJECTS.iter().filter(|s| s.grades.contains(&grade.number())).map(|s| s.name.as_str()).collect()
}

/// Every subject of junior high, in the curriculum's order.
pub fn all_subjects() -> Vec<&'static str> {
    SUBJECTS.iter().map(|subject| subject.name.as_str()).collect()
}

/// The domain a subject tells most about; one the curriculum does not know tells of 智.
pub fn domain_of(name: &str) -> Domain {
    SUBJECTS.iter().find(|subject| subject.name == name).map_or(Domain::Academic, |subject| subject.domain)
}

/// Where a subject stands among the others; one the curriculum does not know comes last.
pub fn place_of(name: &str) -> usize {
    SUBJECTS.iter().position(|subject| subject.name == name).unwrap_or(SUBJECTS.len())
}

/// The curriculum's name for what people call a subject: 体育 is 体育与健康.
pub fn proper_name(typed: &str) -> Option<&'static str> {
    SUBJECTS.iter().map(|subject| subject.name.as_str()).find(|name| is_subject(name, typed))
}

/// Whether a word names this subject: its own name, or what people call it.
pub fn is_subject(subject: &str, header: &str) -> bool {
    header == subject
        || SUBJECTS.iter().any(|known| known.name == subject && known.aliases.iter().any(|alias| alias == header))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grade_has_its_subjects() {
        let of = |grade| subjects_of(Grade::of(grade).unwrap());
        assert_eq!((of(7).len(), of(8).len(), of(9).len()), (12, 13, 11));
        assert!(of(9).contains(&"化学") && !of(9).contains(&"地理") && !of(7).contains(&"物理"));
        assert_eq!(all_subjects().len(), 14);
        assert_eq!((proper_name("体育"), proper_name("校本")), (Some("体育与健康"), None));
        assert_eq!((domain_of("音乐"), domain_of("校本")), (Domain::Aesthetic, Domain::Academic));
    }
}
