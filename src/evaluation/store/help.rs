use super::author;
use super::evaluate::present_cells;
use crate::access::{Act, Attempt, Charge, Fault, Look, OwnClass, Refused, Tx};
use crate::names::{Domain, StudentId, Term};
use crate::platform::text::tidy;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

crate::school_table!(help_outcome (student_id, term, domain, revision) {
    student_id -> Guid,
    term -> Integer,
    domain -> Text,
    revision -> Integer,
    text -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

/// Most characters of an outcome: a sentence.
const SENTENCE_CHARACTERS: usize = 120;

/// A help measure 帮扶措施 of the term before, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HelpAsked {
    pub help: String,
    /// Empty: not said yet.
    pub outcome: String,
    pub revision: i32,
}

/// What was promised to some pupils last term, domain by domain, with what came of it.
pub fn help_asked(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
) -> Result<HashMap<StudentId, BTreeMap<Domain, HelpAsked>>, Refused> {
    let before = present_cells(look, term.previous(), students)?;
    let mut asked: HashMap<StudentId, BTreeMap<Domain, HelpAsked>> = HashMap::new();
    for (student, sheet) in &before {
        for domain in Domain::ALL {
            let cell = sheet.cell(*domain);
            if let (Some(help), true) = (&cell.help, cell.band.is_some_and(|band| band.needs_help())) {
                let measure = HelpAsked { help: help.clone(), ..HelpAsked::default() };
                asked.entry(*student).or_default().insert(*domain, measure);
            }
        }
    }
    if asked.is_empty() {
        return Ok(asked);
    }
    let helped: Vec<StudentId> = asked.keys().copied().collect();
    let rows: Vec<(StudentId, Domain, String, i32)> = look
        .own(help_outcome::rows)
        .filter(help_outcome::student_id.eq_any(&helped))
        .filter(help_outcome::term.eq(term))
        .order(help_outcome::revision)
        .select((help_outcome::student_id, help_outcome::domain, help_outcome::text, help_outcome::revision))
        .load(look.conn())?;
    for (student, domain, outcome, revision) in rows {
        if let Some(measure) = asked.get_mut(&student).and_then(|of| of.get_mut(&domain)) {
            *measure = HelpAsked { outcome, revision, ..measure.clone() };
        }
    }
    Ok(asked)
}

/// The homeroom teacher says what came of last term's help measures.
#[derive(Serialize)]
pub struct TellOutcome {
    charge: Charge,
    outcomes: Vec<(Domain, String)>,
    #[serde(skip)]
    revisions: BTreeMap<Domain, i32>,
}

impl TellOutcome {
    /// Of `typed` what is new, for the domains that had a measure; others are left alone.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for a sentence too long; as [`Tx::charge`].
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        student: StudentId,
        typed: &BTreeMap<Domain, String>,
        reason: Option<&str>,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let stands = help_asked(tx, own.term(), &[student])?.remove(&student).unwrap_or_default();
        let (mut outcomes, mut revisions, mut faults) = (Vec::new(), BTreeMap::new(), Vec::new());
        for (domain, text) in typed {
            let (Some(measure), text) = (stands.get(domain), tidy(text)) else { continue };
            if text.chars().count() > SENTENCE_CHARACTERS {
                let said = format!("“后来怎样”最多 {SENTENCE_CHARACTERS} 个字，写一句事实就好。");
                faults.push(Fault::at(format!("outcome_{}", domain.code()), said));
            } else if measure.outcome != text {
                revisions.insert(*domain, measure.revision + 1);
                outcomes.push((*domain, text));
            }
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        if outcomes.is_empty() {
            return Ok(Attempt::Nothing(()));
        }
        let charge = tx.charge(own, own.term(), student, reason)?;
        Ok(Attempt::Act(TellOutcome { charge, outcomes, revisions }))
    }
}

impl Act for TellOutcome {
    const VERB: &'static str = "help_outcome_told";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.charge, "term": self.charge.term() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        for (domain, text) in &self.outcomes {
            tx.put(
                help_outcome::rows,
                (
                    help_outcome::student_id.eq(self.charge.student()),
                    help_outcome::term.eq(self.charge.term()),
                    help_outcome::domain.eq(*domain),
                    help_outcome::revision.eq(self.revisions.get(domain).copied().unwrap_or(1)),
                    help_outcome::text.eq(text),
                    help_outcome::account_id.eq(by),
                    help_outcome::at.eq(at),
                ),
            )?;
        }
        Ok(())
    }
}
