use crate::access::own::enrolment;
use crate::access::{Act, Attempt, Child, Look, OwnClass, Refused, Tx};
use crate::names::{Role, StudentId, Term};
use crate::platform::text::tidy;
use crate::record::{Chore, HouseworkState, WORDS_CHARACTERS};
use crate::roster::at_school;
use crate::roster::calendar::TermDates;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;

crate::school_table!(housework (term, student_id, monday, revision) {
    term -> Integer,
    student_id -> Guid,
    monday -> Date,
    revision -> Integer,
    items -> Text,
    state -> Text,
    note -> Nullable<Text>,
    account_id -> Guid,
    role -> Text,
    at -> Timestamp,
});

crate::queried_with!(housework: enrolment;);

/// One week of a child's housework as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Housework {
    pub revision: i32,
    pub items: Vec<Chore>,
    pub state: HouseworkState,
    pub note: Option<String>,
}

/// One child's weeks of a term, by their Mondays.
pub fn housework_of(look: &mut Look, child: Child, term: Term) -> Result<BTreeMap<NaiveDate, Housework>, Refused> {
    let rows: Vec<(NaiveDate, i32, String, HouseworkState, Option<String>)> = look
        .own(housework::rows)
        .filter(housework::term.eq(term))
        .filter(housework::student_id.eq(child.student()))
        .order(housework::revision)
        .select((housework::monday, housework::revision, housework::items, housework::state, housework::note))
        .load(look.conn())?;
    let read = |items: &str| items.split(' ').filter_map(|code| code.parse().ok()).collect();
    Ok(rows
        .into_iter()
        .map(|(monday, revision, items, state, note)| {
            (monday, Housework { revision, items: read(&items), state, note })
        })
        .collect())
}

/// One week of a pupil of one's own class, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassWeek {
    pub student: StudentId,
    pub monday: NaiveDate,
    pub state: HouseworkState,
    pub note: Option<String>,
    pub at: NaiveDateTime,
}

/// The weeks of a term that the pupils of one's own class have told, by their Mondays.
pub fn class_housework(look: &mut Look, own: &OwnClass, term: TermDates) -> Result<Vec<ClassWeek>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<(StudentId, NaiveDate, HouseworkState, Option<String>, NaiveDateTime)> = look
        .own(housework::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(housework::school_id).and(enrolment::student_id.eq(housework::student_id))),
        )
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(housework::term.eq(term.term))
        .order(housework::revision)
        .select((housework::student_id, housework::monday, housework::state, housework::note, housework::at))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    let stands: BTreeMap<(NaiveDate, StudentId), ClassWeek> = rows
        .into_iter()
        .map(|(student, monday, state, note, at)| ((monday, student), ClassWeek { student, monday, state, note, at }))
        .collect();
    Ok(stands.into_values().collect())
}

/// A pupil says what was done at home in a week; a guardian confirms it, or says that
/// something differs.
#[derive(Serialize)]
pub struct SayHousework {
    child: Child,
    term: Term,
    monday: NaiveDate,
    revision: i32,
    items: Vec<Chore>,
    state: HouseworkState,
    note: Option<String>,
}

impl SayHousework {
    /// # Errors
    /// [`Refused::NotFound`] when a pupil confirms; [`Refused::Invalid`] for a week that
    /// is no week of the term or lies ahead, for nothing ticked, for 有出入 without a
    /// word; [`Refused::Conflict`] when a pupil changes what a guardian has confirmed.
    pub fn prepare(
        tx: &mut Tx,
        child: Child,
        term: TermDates,
        monday: NaiveDate,
        mut items: Vec<Chore>,
        state: HouseworkState,
        note: &str,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let guardian = tx.by().role() == Role::Guardian;
        if !guardian && state != HouseworkState::Said {
            return Err(Refused::NotFound);
        }
        at_school(tx, child)?.check_learning()?;
        let friday = monday + chrono::Days::new(4);
        if super::monday_of(monday) != monday || monday > tx.today() || friday < term.starts_on || monday > term.ends_on
        {
            return Err(Refused::invalid("week", format!("{monday} 不是本学期已经开始的一周，请从列出的几周里选。")));
        }
        let note = Some(tidy(note)).filter(|note| !note.is_empty());
        if note.as_ref().is_some_and(|note| note.chars().count() > WORDS_CHARACTERS) {
            return Err(Refused::invalid("note", format!("说明最多 {WORDS_CHARACTERS} 个字，请写短一些。")));
        }
        if state == HouseworkState::Differs && note.is_none() {
            return Err(Refused::invalid("note", "哪里有出入？请写一句，例如“周三没有洗碗”。"));
        }
        if items.is_empty() && state != HouseworkState::Differs {
            return Err(Refused::invalid("items", "还没有勾选。勾上这一周做过的家务，一件也行。"));
        }
        items.dedup();
        let stands = housework_of(tx, child, term.term)?.remove(&monday);
        let revision = stands.as_ref().map_or(0, |week| week.revision);
        if let Some(week) = &stands {
            if week.items == items && week.state == state && week.note == note {
                return Ok(Attempt::Nothing(()));
            }
            if !guardian && week.state == HouseworkState::Confirmed {
                return Err(Refused::conflict("这一周家长已经确认了。要改，请家长来改。"));
            }
        }
        let revision = revision + 1;
        Ok(Attempt::Act(SayHousework { child, term: term.term, monday, revision, items, state, note }))
    }
}

impl Act for SayHousework {
    const VERB: &'static str = "housework_said";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "term": self.term, "week": self.monday, "state": self.state })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, role, at) = (tx.by().person()?, tx.by().role(), tx.now());
        let items: Vec<&str> = self.items.iter().map(|chore| chore.code()).collect();
        tx.put(
            housework::rows,
            (
                housework::term.eq(self.term),
                housework::student_id.eq(self.child.student()),
                housework::monday.eq(self.monday),
                housework::revision.eq(self.revision),
                housework::items.eq(items.join(" ")),
                housework::state.eq(self.state),
                housework::note.eq(&self.note),
                (housework::account_id.eq(by), housework::role.eq(role.code()), housework::at.eq(at)),
            ),
        )?;
        Ok(())
    }
}
