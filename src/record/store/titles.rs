//! Whether there is evidence beside a band, and titles to write from.

use super::told::domains;
use crate::access::own::{enrolment, record, telling};
use crate::access::{Look, Refused};
use crate::names::{ActivityId, Domain, StudentId};
use crate::on;
use crate::platform::db::Day;
use crate::record::{Evidence, State, day_words};
use crate::roster::ClassRow;
use crate::roster::calendar::TermDates;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// Most titles shown of one domain: enough to write from.
const TITLES_A_DOMAIN: usize = 3;

/// What one pupil's confirmed records of a term tell of a domain.
#[derive(Clone, Debug, Default)]
pub struct DomainTitles {
    pub evidence: Evidence,
    /// The newest, as `12 月 18 日 菜地收第一茬青菜`.
    pub titles: Vec<String>,
}

/// One pupil's, domain by domain; a record counts in its first domain and in the
/// others it belongs to.
#[derive(Clone, Debug, Default)]
pub struct RecordTitles(BTreeMap<Domain, DomainTitles>);

impl RecordTitles {
    pub fn of(&self, domain: Domain) -> DomainTitles {
        self.0.get(&domain).cloned().unwrap_or_default()
    }
}

/// For each pupil of a class with confirmed records in a term: whether there is
/// evidence, and titles. One statement.
pub fn record_titles(
    look: &mut Look,
    class: &ClassRow,
    term: TermDates,
) -> Result<HashMap<StudentId, RecordTitles>, Refused> {
    let day = look.today().min(term.ends_on);
    type Row = (StudentId, ActivityId, State, Domain, String, String, Day, (i32, i32));
    let all = look
        .own(record::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(record::school_id).and(enrolment::student_id.eq(record::student_id))),
        )
        .inner_join(
            telling::joined()
                .on(telling::school_id.eq(record::school_id).and(telling::activity_id.eq(record::activity_id))),
        )
        .filter(enrolment::class_id.eq(class.id))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(record::term.eq(term.term))
        .select((
            record::student_id,
            record::activity_id,
            record::state,
            telling::domain,
            telling::also,
            telling::title,
            telling::starts_on,
            (record::revision, telling::revision),
        ));
    let mut rows: Vec<Row> = on!(look.conn(), c => all.load(c))?;
    // Put in order here: asked to order by activity, SQLite goes through the whole school's
    // records in that order instead of beginning with the class.
    rows.sort_unstable_by_key(|(student, activity, .., revisions)| (*student, *activity, *revisions));
    // The highest revisions of a pupil's record stand.
    let standing = rows.chunk_by(|one, next| (one.0, one.1) == (next.0, next.1)).filter_map(<[Row]>::last);
    let mut confirmed: HashMap<(StudentId, Domain), Vec<(Day, &str)>> = HashMap::new();
    for (student, _, state, domain, also, title, on, _) in standing {
        if *state == State::Confirmed {
            for domain in std::iter::once(*domain).chain(domains(also)) {
                confirmed.entry((*student, domain)).or_default().push((*on, title));
            }
        }
    }
    let mut of: HashMap<StudentId, RecordTitles> = HashMap::new();
    for ((student, domain), mut told) in confirmed {
        told.sort_by(|one, other| other.cmp(one));
        let evidence = Evidence::of(told.len());
        let titles = told.into_iter().take(TITLES_A_DOMAIN);
        let titles = titles.map(|(on, title)| format!("{} {title}", day_words(on.0))).collect();
        of.entry(student).or_default().0.insert(domain, DomainTitles { evidence, titles });
    }
    Ok(of)
}
