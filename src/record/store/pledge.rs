use crate::access::{Act, Attempt, Child, Look, Refused, Tx};
use crate::names::{AccountId, Term};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

crate::school_table!(pledge (term, student_id, account_id) {
    term -> Integer,
    student_id -> Guid,
    account_id -> Guid,
    role -> Text,
    text_version -> Integer,
    at -> Timestamp,
});

/// Which text was promised; a changed text has a new number.
const TEXT_VERSION: i32 = 1;

/// Whether this person has promised honesty 诚信承诺 about this child for a term.
pub fn has_pledged(look: &mut Look, child: Child, term: Term, who: AccountId) -> Result<bool, Refused> {
    let promised: i64 = look
        .own(pledge::rows)
        .filter(pledge::term.eq(term))
        .filter(pledge::student_id.eq(child.student()))
        .filter(pledge::account_id.eq(who))
        .count()
        .get_result(look.conn())?;
    Ok(promised > 0)
}

/// A pupil or guardian promises, once a term, to write what was really done.
#[derive(Serialize)]
pub struct Pledge {
    child: Child,
    term: Term,
    text_version: i32,
}

impl Pledge {
    pub fn prepare(tx: &mut Tx, child: Child, term: Term) -> Result<Attempt<Self, ()>, Refused> {
        let who = tx.by().person()?;
        if has_pledged(tx, child, term, who)? {
            return Ok(Attempt::Nothing(()));
        }
        Ok(Attempt::Act(Pledge { child, term, text_version: TEXT_VERSION }))
    }
}

impl Act for Pledge {
    const VERB: &'static str = "honesty_pledged";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, role, at) = (tx.by().person()?, tx.by().role(), tx.now());
        tx.put(
            pledge::rows,
            (
                pledge::term.eq(self.term),
                pledge::student_id.eq(self.child.student()),
                pledge::account_id.eq(by),
                pledge::role.eq(role.code()),
                pledge::text_version.eq(self.text_version),
                pledge::at.eq(at),
            ),
        )?;
        Ok(())
    }
}
