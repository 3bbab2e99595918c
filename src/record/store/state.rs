//! The states a pupil's record comes to.

use crate::access::own::record;
use crate::access::{Refused, Tx};
use crate::names::{ActivityId, StudentId, Term};
use crate::record::{Part, State};
use diesel::prelude::*;

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
