//! What is kept of activities and records. Rows are added, never changed: the highest
//! revision of a telling and of a record stands.

mod contact;
mod decide;
mod housework;
mod made;
mod pledge;
mod review;
mod roll;
mod selection;
mod submit;

pub use contact::{
    Contact, NewContact, Reply, ReplyToContact, ShareContact, WriteContact, class_contacts, family_contacts,
};
pub use decide::{Correction, record_authors, record_now, unconfirmed_among, unconfirmed_records};
pub use housework::{Housework, SayHousework, housework_of};
pub(super) use made::writer_of;
pub use made::{ClassActivity, Made, RecordActivity, class_activities};
pub use pledge::{Pledge, has_pledged};
pub use review::{ReviewRecords, Ruling};
pub use roll::{DayTaken, Roll, RollTold, TakeRoll, monday_of, rolls_of, week_rolls};
pub use selection::{
    OpenSelection, SelectRecords, Selected, Selection, WHY_CHARACTERS, child_selection, class_selections, may_select,
    selected_among, unselected_among,
};
pub use submit::{SubmitRecord, TakeBack};

use super::{Evidence, Level, Part, State, Telling};
use crate::access::own::{activity, enrolment, record, telling};
use crate::access::{Child, Look, OwnClass, Refused, Tx, WholeSchool};
use crate::names::{AccountId, ActivityId, Domain, Role, StudentId, Term};
use crate::roster::calendar::TermDates;
use crate::roster::{ClassRow, class_list};
use crate::schema::student;
use crate::scheme::scheme_of;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// One record as it stands: an activity as it is told, and one pupil's part in it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub student: StudentId,
    pub activity: ActivityId,
    pub term: Term,
    pub told: Telling,
    pub part: Part,
    pub state: State,
    /// What was said when it came to this state.
    pub note: Option<String>,
    pub revision: i32,
    /// When it came to this state.
    pub at: NaiveDateTime,
    /// Who wrote the activity down, in which capacity.
    pub account: AccountId,
    pub role: Role,
    /// 代录: a teacher wrote down what the pupil told.
    pub on_behalf: bool,
}

impl Kept {
    /// `班主任记录`, `班主任代录`, `本人记录，班主任已核实`…
    pub fn source(&self) -> &'static str {
        match (self.role, self.on_behalf, self.state) {
            (Role::Learner, _, State::Confirmed) => "本人记录，班主任已核实",
            (Role::Learner, ..) => "本人记录",
            (Role::Guardian, _, State::Confirmed) => "家长记录，班主任已核实",
            (Role::Guardian, ..) => "家长记录",
            (_, true, _) => "班主任代录",
            (Role::Homeroom | Role::Deputy, ..) => "班主任记录",
            _ => "学校记录",
        }
    }
}

pub(super) type Told = (
    String,
    Domain,
    String,
    String,
    NaiveDate,
    NaiveDate,
    Option<String>,
    Option<String>,
    Option<Level>,
    Option<i32>,
    Option<String>,
    Option<String>,
);

/// The columns of [`Told`].
macro_rules! told_columns {
    () => {
        (
            telling::indicator,
            telling::domain,
            telling::also,
            telling::title,
            telling::starts_on,
            telling::ends_on,
            telling::place,
            telling::organiser,
            telling::level,
            telling::minutes,
            telling::attained,
            telling::words,
        )
    };
}
use told_columns;

impl From<Told> for Telling {
    fn from(
        (indicator, domain, also, title, starts_on, ends_on, place, organiser, level, minutes, attained, words): Told,
    ) -> Self {
        let also = domains(&also);
        Telling {
            indicator,
            domain,
            also,
            title,
            starts_on,
            ends_on,
            place,
            organiser,
            level,
            minutes,
            attained,
            words,
        }
    }
}

/// The other domains, as one column holds them: codes with blanks between.
fn domains(text: &str) -> Vec<Domain> {
    text.split(' ').filter_map(|code| code.parse().ok()).collect()
}

pub(super) fn put_telling(tx: &mut Tx, id: ActivityId, revision: i32, told: &Telling) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    let also: Vec<&str> = told.also.iter().map(|domain| domain.code()).collect();
    tx.put(
        telling::rows,
        (
            (telling::activity_id.eq(id), telling::revision.eq(revision)),
            telling::indicator.eq(told.indicator.clone()),
            telling::domain.eq(told.domain),
            telling::also.eq(also.join(" ")),
            telling::title.eq(told.title.clone()),
            (telling::starts_on.eq(told.starts_on), telling::ends_on.eq(told.ends_on)),
            (telling::place.eq(told.place.clone()), telling::organiser.eq(told.organiser.clone())),
            (telling::level.eq(told.level), telling::minutes.eq(told.minutes)),
            (telling::attained.eq(told.attained.clone()), telling::words.eq(told.words.clone())),
            (telling::account_id.eq(by), telling::at.eq(at)),
        ),
    )?;
    Ok(())
}

/// One pupil's record comes to a state.
pub(super) struct NewState<'n> {
    pub term: Term,
    pub student: StudentId,
    pub activity: ActivityId,
    pub revision: i32,
    pub part: Part,
    pub state: State,
    pub note: Option<&'n str>,
}

pub(super) fn put_state(tx: &mut Tx, new: NewState<'_>) -> Result<(), Refused> {
    put_states(tx, vec![new])
}

/// Many at once, in one statement.
pub(super) fn put_states(tx: &mut Tx, new: Vec<NewState<'_>>) -> Result<(), Refused> {
    let (by, role, at) = (tx.by().person()?, tx.by().role(), tx.now());
    let rows = new.into_iter().map(|new| {
        (
            (record::term.eq(new.term), record::student_id.eq(new.student), record::activity_id.eq(new.activity)),
            (record::revision.eq(new.revision), record::part.eq(new.part), record::state.eq(new.state)),
            record::note.eq(new.note.map(str::to_owned)),
            (record::account_id.eq(by), record::role.eq(role.code()), record::at.eq(at)),
        )
    });
    let rows = rows.collect();
    tx.put_all(record::rows, rows)?;
    Ok(())
}

/// The records of some pupils from one term to another, whatever their state, the
/// newest day first.
pub(super) fn kept_among(
    look: &mut Look,
    students: &[StudentId],
    (first, last): (Term, Term),
) -> Result<Vec<Kept>, Refused> {
    type Standing = (StudentId, ActivityId, Term, Part, State, Option<String>, i32, NaiveDateTime);
    let rows: Vec<(Standing, (AccountId, Role, bool), Told)> = look
        .own(record::rows)
        .inner_join(
            activity::joined().on(activity::school_id.eq(record::school_id).and(activity::id.eq(record::activity_id))),
        )
        .inner_join(
            telling::joined()
                .on(telling::school_id.eq(record::school_id).and(telling::activity_id.eq(record::activity_id))),
        )
        .filter(record::student_id.eq_any(students))
        .filter(record::term.between(first, last))
        .order((record::activity_id, record::revision, telling::revision))
        .select((
            (
                record::student_id,
                record::activity_id,
                record::term,
                record::part,
                record::state,
                record::note,
                record::revision,
                record::at,
            ),
            (activity::account_id, activity::role, activity::on_behalf),
            told_columns!(),
        ))
        .load(look.conn())?;
    // The highest revisions are met last and stand.
    let mut newest: BTreeMap<(StudentId, ActivityId), Kept> = BTreeMap::new();
    for ((student, activity, term, part, state, note, revision, at), (account, role, on_behalf), told) in rows {
        let told = told.into();
        let kept = Kept { student, activity, term, told, part, state, note, revision, at, account, role, on_behalf };
        newest.insert((student, activity), kept);
    }
    let mut kept: Vec<Kept> = newest.into_values().collect();
    kept.sort_by_key(|kept| std::cmp::Reverse((kept.told.starts_on, kept.activity)));
    Ok(kept)
}

const EVER: (i32, i32) = (1990, 2999);

fn ever() -> (Term, Term) {
    use crate::names::Half;
    (Term::of(EVER.0, Half::First), Term::of(EVER.1, Half::Second))
}

/// Everything that is kept of one child in this school, in every state, the newest
/// first: what its own pages show.
pub fn records_of(look: &mut Look, child: Child) -> Result<Vec<Kept>, Refused> {
    kept_among(look, &[child.student()], ever())
}

/// One child's records of one term.
pub fn records_of_term(look: &mut Look, child: Child, term: Term) -> Result<Vec<Kept>, Refused> {
    kept_among(look, &[child.student()], (term, term))
}

/// The confirmed records of some pupils of this school: what a seal takes.
pub fn records_among(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
    term: Term,
) -> Result<HashMap<StudentId, Vec<Kept>>, Refused> {
    let mut of: HashMap<StudentId, Vec<Kept>> = HashMap::new();
    for kept in kept_among(look, students, (term, term))? {
        if kept.state == State::Confirmed {
            of.entry(kept.student).or_default().push(kept);
        }
    }
    Ok(of)
}

/// The records of one's own class in its present term, whatever their state but
/// drafts, which are their writers' own.
pub fn class_records(look: &mut Look, own: &OwnClass, term: TermDates) -> Result<Vec<Kept>, Refused> {
    let students: Vec<StudentId> = class_list(look, own, term)?.iter().map(|pupil| pupil.id).collect();
    let mut kept = kept_among(look, &students, (term.term, term.term))?;
    kept.retain(|kept| kept.state != State::Draft);
    Ok(kept)
}

/// One fact of a class, as a notice tells it.
#[derive(Clone, Debug)]
pub struct Fact {
    pub activity: ActivityId,
    pub told: Telling,
    /// Who was in it, in seat order.
    pub pupils: Vec<FactPupil>,
}

#[derive(Clone, Debug)]
pub struct FactPupil {
    pub student: StudentId,
    pub seat: i32,
    pub name: String,
    pub part: Part,
}

/// What was confirmed of a class in a term and may be shown in a notice: facts of
/// indicators the scheme marks for it, by date, names in seat order inside a fact.
pub fn confirmed_facts(look: &mut Look, class: &ClassRow, term: TermDates) -> Result<Vec<Fact>, Refused> {
    let day = look.today().min(term.ends_on);
    let scheme = scheme_of(look, class.name.cohort, term.term)?;
    let pupils: Vec<(StudentId, i32, String)> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(class.id))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(enrolment::seat)
        .select((student::id, enrolment::seat, student::name))
        .load(look.conn())?;
    let students: Vec<StudentId> = pupils.iter().map(|(id, ..)| *id).collect();
    let noticed = |code: &str| scheme.indicators.iter().any(|item| item.code == code && item.notice);
    let mut of: HashMap<StudentId, Vec<Kept>> = HashMap::new();
    for kept in kept_among(look, &students, (term.term, term.term))? {
        if kept.state == State::Confirmed && noticed(&kept.told.indicator) {
            of.entry(kept.student).or_default().push(kept);
        }
    }
    let mut facts: BTreeMap<(NaiveDate, ActivityId), Fact> = BTreeMap::new();
    for (student, seat, name) in pupils {
        for kept in of.remove(&student).unwrap_or_default() {
            let key = (kept.told.starts_on, kept.activity);
            let fact = facts.entry(key).or_insert_with(|| Fact {
                activity: kept.activity,
                told: kept.told.clone(),
                pupils: Vec::new(),
            });
            fact.pupils.push(FactPupil { student, seat, name: name.clone(), part: kept.part });
        }
    }
    Ok(facts.into_values().collect())
}

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
    type Row = (StudentId, ActivityId, State, Domain, String, String, NaiveDate);
    let rows: Vec<Row> = look
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
        .order((record::activity_id, record::revision, telling::revision))
        .select((
            record::student_id,
            record::activity_id,
            record::state,
            telling::domain,
            telling::also,
            telling::title,
            telling::starts_on,
        ))
        .load(look.conn())?;
    let mut newest: BTreeMap<(StudentId, ActivityId), (State, Domain, String, String, NaiveDate)> = BTreeMap::new();
    for (student, activity, state, domain, also, title, on) in rows {
        newest.insert((student, activity), (state, domain, also, title, on));
    }
    let mut confirmed: HashMap<(StudentId, Domain), Vec<(NaiveDate, String)>> = HashMap::new();
    for ((student, _), (state, domain, also, title, on)) in newest {
        if state == State::Confirmed {
            for domain in std::iter::once(domain).chain(domains(&also)) {
                confirmed.entry((student, domain)).or_default().push((on, title.clone()));
            }
        }
    }
    let mut of: HashMap<StudentId, RecordTitles> = HashMap::new();
    for ((student, domain), mut told) in confirmed {
        told.sort_by(|one, other| other.cmp(one));
        let evidence = Evidence::of(told.len());
        let titles = told.into_iter().take(TITLES_A_DOMAIN);
        let titles = titles.map(|(on, title)| format!("{} {title}", super::telling::day_words(on))).collect();
        of.entry(student).or_default().0.insert(domain, DomainTitles { evidence, titles });
    }
    Ok(of)
}

/// The highest revision and the text of a telling.
pub(super) fn newest_telling(look: &mut Look, id: ActivityId) -> Result<Option<(i32, Telling)>, Refused> {
    let row: Option<(i32, Told)> = look
        .own(telling::rows)
        .filter(telling::activity_id.eq(id))
        .order(telling::revision.desc())
        .select((telling::revision, told_columns!()))
        .first(look.conn())
        .optional()?;
    Ok(row.map(|(revision, told)| (revision, told.into())))
}
