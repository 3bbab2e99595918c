use super::{Kept, NewState, kept_among, put_states};
use crate::access::{Act, Attempt, Charge, OwnClass, Refused, Said, Tx};
use crate::cycle::refuse_noticed;
use crate::names::{AccountId, ActivityId, Role, StudentId};
use crate::platform::text::tidy;
use crate::record::{Part, State, WORDS_CHARACTERS};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeSet;

/// What the homeroom teacher says to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    Confirm,
    /// Asks the writer to complete it, in a kind sentence.
    Return(String),
    /// Takes the last ruling back: it waits again.
    Undo,
    /// Takes back what a teacher has written down by mistake.
    Withdraw,
}

impl Ruling {
    /// # Errors
    /// A return without words, or with too many.
    pub fn returning(words: &str) -> Result<Self, Refused> {
        let words = tidy(words);
        match words.chars().count() {
            0 => Err(Refused::invalid("words", "请写一句要补充什么，孩子才知道怎么改。")),
            long if long > WORDS_CHARACTERS => {
                Err(Refused::invalid("words", format!("最多 {WORDS_CHARACTERS} 个字，现在 {long} 个字，请写短一些。")))
            }
            _ => Ok(Ruling::Return(words)),
        }
    }

    fn state(&self) -> State {
        match self {
            Ruling::Confirm => State::Confirmed,
            Ruling::Return(_) => State::Returned,
            Ruling::Undo => State::Submitted,
            Ruling::Withdraw => State::Withdrawn,
        }
    }

    /// Whether it can be said of a record as it stands.
    fn suits(&self, kept: &Kept) -> bool {
        let family = matches!(kept.role, Role::Learner | Role::Guardian);
        match self {
            Ruling::Confirm | Ruling::Return(_) => kept.state == State::Submitted,
            Ruling::Undo => family && matches!(kept.state, State::Confirmed | State::Returned),
            Ruling::Withdraw => !family && kept.state == State::Confirmed,
        }
    }
}

/// The homeroom teacher reviews records: many of one event at once are one act.
#[derive(Serialize)]
pub struct ReviewRecords {
    class: OwnClass,
    ruling: Ruling,
    records: Vec<Reviewed>,
}

#[derive(Serialize)]
struct Reviewed {
    charge: Charge,
    activity: ActivityId,
    revision: i32,
    #[serde(skip)]
    part: Part,
    /// Whoever wrote it down.
    #[serde(skip)]
    writer: AccountId,
}

impl ReviewRecords {
    /// What stands in the wanted state already is left as it is.
    ///
    /// # Errors
    /// As [`Tx::taught`]; [`Refused::NotFound`] for a record that is not there or still
    /// its writer's draft; [`Refused::Conflict`] where the ruling does not suit.
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        wanted: &[(StudentId, ActivityId)],
        ruling: Ruling,
    ) -> Result<Attempt<Self, usize>, Refused> {
        let wanted: BTreeSet<(StudentId, ActivityId)> = wanted.iter().copied().collect();
        let students: Vec<StudentId> = wanted.iter().map(|(student, _)| *student).collect();
        refuse_noticed(tx, &students, own.term())?;
        let charges = tx.taught(own, &students)?;
        let kept = kept_among(tx, &students, Some(own.term()))?;
        let mut records = Vec::new();
        for (student, activity) in wanted {
            let stands = kept
                .iter()
                .find(|kept| kept.student == student && kept.activity == activity)
                .filter(|kept| kept.state != State::Draft)
                .ok_or(Refused::NotFound)?;
            if stands.state == ruling.state() {
                continue;
            }
            if !ruling.suits(stands) {
                return Err(Refused::conflict(format!(
                    "这条记录现在是“{}”，不能这样办。请刷新页面再看。",
                    stands.state.word()
                )));
            }
            let charge = charges.get(&student).copied().ok_or(Refused::NotFound)?;
            let (revision, part, writer) = (stands.revision + 1, stands.part, stands.account);
            records.push(Reviewed { charge, activity, revision, part, writer });
        }
        if records.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        Ok(Attempt::Act(ReviewRecords { class: *own, ruling, records }))
    }
}

impl Act for ReviewRecords {
    const VERB: &'static str = "records_reviewed";
    /// How many records came to another state.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.records.iter().map(|one| one.charge.student()).collect();
        let activities: Vec<ActivityId> = self.records.iter().map(|one| one.activity).collect();
        json!({
            "class": self.class, "term": self.class.term(), "state": self.ruling.state(),
            "activities": activities, "students": students,
        })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let note = if let Ruling::Return(words) = &self.ruling { Some(words.as_str()) } else { None };
        let new = self.records.iter().map(|one| NewState {
            term: one.charge.term(),
            student: one.charge.student(),
            activity: one.activity,
            revision: one.revision,
            part: one.part,
            state: self.ruling.state(),
            note,
        });
        put_states(tx, new.collect())?;
        if note.is_some() {
            let to: Vec<_> = self.records.iter().map(|one| (one.writer, one.charge.student())).collect();
            tx.tell(Said::Returned, &to)?;
        }
        Ok(self.records.len())
    }
}
