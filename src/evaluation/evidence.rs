//! What lies beside a cell when a homeroom teacher bands a pupil: facts from others,
//! domain by domain. They inform; nothing here makes a band.

use super::store::{SubjectBands, class_subject_bands};
use crate::access::{Look, OwnClass, Refused};
use crate::fitness::{History, class_tests};
use crate::names::{Domain, StudentId};
use crate::roster::calendar::TermDates;
use crate::roster::curriculum::domain_of;
use crate::scheme::Scheme;
use std::collections::HashMap;

/// Of one pupil, in words; domains with nothing are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence(Vec<(Domain, String)>);

impl Evidence {
    pub fn of(&self, domain: Domain) -> &str {
        self.0.iter().find(|(of, _)| *of == domain).map_or("", |(_, words)| words)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn laid(subjects: &SubjectBands, tests: Option<&History>, year: i32, scheme: &Scheme) -> Self {
        let fitness =
            tests.and_then(|history| history.year(year)).map(|tests| format!("体质测试 {}", tests.verdict().word()));
        let of = |domain: &Domain| {
            let told = subjects.iter().filter(|(subject, _)| domain_of(subject) == *domain);
            let mut words: Vec<String> =
                told.map(|(subject, band)| format!("{subject} {}", band.word(scheme))).collect();
            words.extend(fitness.clone().filter(|_| *domain == Domain::Physical));
            (!words.is_empty()).then(|| (*domain, words.join("，")))
        };
        Evidence(Domain::ALL.iter().filter_map(of).collect())
    }
}

/// The evidence there is of one's own class in a term.
pub fn class_evidence(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
    scheme: &Scheme,
) -> Result<HashMap<StudentId, Evidence>, Refused> {
    let tests = class_tests(look, own, term)?;
    let subjects = class_subject_bands(look, own, term)?;
    let (none, year) = (SubjectBands::new(), term.term.year());
    let mut students: Vec<StudentId> = tests.keys().chain(subjects.keys()).copied().collect();
    students.sort_unstable();
    students.dedup();
    Ok(students
        .into_iter()
        .map(|id| (id, Evidence::laid(subjects.get(&id).unwrap_or(&none), tests.get(&id), year, scheme)))
        .filter(|(_, evidence)| !evidence.is_empty())
        .collect())
}
