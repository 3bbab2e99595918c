//! What happens between two schools of the county, in one transaction: a pupil's files
//! come along from the school that sealed last. The one school's rows are read, then the
//! other's changed, then the first one's book says so; never both at once.

use super::own::{Owned, seal};
use super::{InSchool, Look, Refused, SchoolOffice, Tx};
use crate::journal::{self, Entry, Line};
use crate::names::{SchoolId, StudentId, Term};
use crate::platform::db::{Conn, Reach};
use crate::schema::{school, student};
use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;

/// The proof that a pupil's files may be read in another school: the pupil is here, or
/// free to come.
#[derive(Clone, Copy, Debug)]
pub struct Former {
    student: StudentId,
}

impl Former {
    pub fn student(&self) -> StudentId {
        self.student
    }
}

/// One change with a line in the journals of both schools.
pub trait ActBetween: Serialize + Send + 'static {
    /// What was done here.
    const VERB: &'static str;
    /// What was done in the school the files come from.
    const THERE: &'static str;
    type Done: Send + 'static;

    /// Whom and what it is about, here: opaque ids only.
    fn about(&self) -> serde_json::Value;
    fn about_there(&self) -> serde_json::Value;
    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused>;
    /// What the other school keeps of it.
    fn perform_there(&self, tx: &mut Tx, here: &str) -> Result<(), Refused>;
}

/// The other school that sealed a pupil's newest term, if any did. Each school's rows
/// are asked on their own; a county has some dozens.
fn sealed_last(conn: &mut Conn, here: SchoolId, child: StudentId) -> Result<Option<(SchoolId, String)>, Refused> {
    let others: Vec<(SchoolId, String)> =
        school::table.filter(school::id.ne(here.0)).order(school::id).select((school::id, school::name)).load(conn)?;
    let mut last: Option<(Term, (SchoolId, String))> = None;
    for (id, name) in others {
        conn.turn_to(Reach::Owner(id.0))?;
        let newest: Option<Term> = seal::rows
            .start(&InSchool::granted(id))
            .filter(seal::student_id.eq(child))
            .select(max(seal::term))
            .get_result(conn)?;
        if let Some(term) = newest.filter(|term| last.as_ref().is_none_or(|(earlier, _)| term > earlier)) {
            last = Some((term, (id, name)));
        }
    }
    Ok(last.map(|(_, there)| there))
}

impl SchoolOffice {
    /// Acts upon a pupil whose files lie in another school of the county. `whom` finds the
    /// pupil; `read` reads there, and is left out where no school has sealed anything.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a pupil of another school whom it has not let go.
    pub async fn act_between<A, P>(
        &self,
        whom: impl FnOnce(&mut Look) -> Result<StudentId, Refused> + Send + 'static,
        read: impl FnOnce(&mut Look, Former) -> Result<P, Refused> + Send + 'static,
        prepare: impl FnOnce(&mut Tx, StudentId, Option<(P, String)>) -> Result<A, Refused> + Send + 'static,
    ) -> Result<A::Done, Refused>
    where
        A: ActBetween,
    {
        let (door, by, here) = (self.door().clone(), self.by().clone(), self.scope().id());
        let own_name = self.school().name.clone();
        super::off_the_loop(move || {
            let now = door.house().clock.now();
            door.database().write(Reach::Owner(here.0), |conn| {
                let child = whom(&mut Look::at(conn, InSchool::granted(here), now))?;
                let (owner, free): (SchoolId, Option<NaiveDate>) =
                    student::table.find(child).select((student::school_id, student::released_on)).first(conn)?;
                if owner != here && free.is_none() {
                    return Err(Refused::NotFound);
                }
                let there = sealed_last(conn, here, child)?;
                // Two heads are always taken in the order of the schools.
                let mut chains: Vec<SchoolId> = there.iter().map(|(id, _)| *id).chain([here]).collect();
                chains.sort_unstable_by_key(|id| id.0);
                let mut lines: Vec<(SchoolId, Line)> = Vec::with_capacity(2);
                for chain in chains {
                    conn.turn_to(Reach::Owner(chain.0))?;
                    lines.push((chain, journal::take_line(conn, chain)?));
                }
                let found = match &there {
                    Some((id, name)) => {
                        conn.turn_to(Reach::Owner(id.0))?;
                        let found = read(&mut Look::at(conn, InSchool::granted(*id), now), Former { student: child })?;
                        Some((found, name.clone()))
                    }
                    None => None,
                };
                conn.turn_to(Reach::Owner(here.0))?;
                let mut tx = Tx::under_way(Look::at(conn, InSchool::granted(here), now), by.clone());
                let act = prepare(&mut tx, child, found)?;
                let done = act.perform(&mut tx)?;
                let detail = serde_json::to_string(&act).map_err(Refused::broken)?;
                for (chain, line) in lines {
                    conn.turn_to(Reach::Owner(chain.0))?;
                    let (verb, about, detail) = if chain == here {
                        (A::VERB, act.about().to_string(), detail.clone())
                    } else {
                        let mut tx = Tx::under_way(Look::at(conn, InSchool::granted(chain), now), by.clone());
                        act.perform_there(&mut tx, &own_name)?;
                        // Class, seat and reason here are no business of the other school's.
                        let about = act.about_there().to_string();
                        (A::THERE, about.clone(), about)
                    };
                    let (account, role) = (by.account(), by.role());
                    line.write(conn, &Entry { at: now, account, role, verb, about: &about, detail: &detail })?;
                }
                Ok(done)
            })
        })
        .await
    }
}
