//! Reading and changing: a [`Look`] sees, a [`Tx`] changes, an [`Act`] is one
//! change with its journal line, all of it or nothing.

use super::own::Owned;
use super::{Actor, Door, Refused};
use crate::journal::{self, COUNTY_CHAIN, Entry};
use crate::names::SchoolId;
use crate::platform::db::{Conn, Reach};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::query_builder::InsertStatement;
use diesel::query_dsl::methods::ExecuteDsl;
use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// A statement may bind 65,535 values; no table has as many as 32 columns.
const ROWS_A_STATEMENT: usize = 1_000;

/// How far a grant reaches.
pub trait Scope: Clone + Send + 'static {
    fn reach(&self) -> Reach;
    /// The chain its acts are journalled in.
    fn chain(&self) -> SchoolId;
}

/// One school, and the proof that a keeper has found it to be one's own.
#[derive(Clone, Debug)]
pub struct InSchool(SchoolId);

impl InSchool {
    pub(in crate::access) fn granted(school: SchoolId) -> Self {
        InSchool(school)
    }

    pub fn id(&self) -> SchoolId {
        self.0
    }
}

impl Scope for InSchool {
    fn reach(&self) -> Reach {
        Reach::Owner(self.0.0)
    }

    fn chain(&self) -> SchoolId {
        self.0
    }
}

/// The county-wide tables and no school's own.
#[derive(Clone, Debug)]
pub struct CountyWide;

impl Scope for CountyWide {
    fn reach(&self) -> Reach {
        Reach::Owner(COUNTY_CHAIN.0)
    }

    fn chain(&self) -> SchoolId {
        COUNTY_CHAIN
    }
}

/// A reading under way, of one moment; the engine itself refuses a write through it.
pub struct Look<'c, S = InSchool> {
    conn: &'c mut Conn,
    scope: S,
    now: NaiveDateTime,
}

impl<'c, S> Look<'c, S> {
    pub(in crate::access) fn at(conn: &'c mut Conn, scope: S, now: NaiveDateTime) -> Self {
        Look { conn, scope, now }
    }

    pub fn conn(&mut self) -> &mut Conn {
        self.conn
    }

    pub fn scope(&self) -> &S {
        &self.scope
    }

    pub fn now(&self) -> NaiveDateTime {
        self.now
    }

    pub fn today(&self) -> NaiveDate {
        self.now.date()
    }
}

impl Look<'_> {
    /// Where a query over a school's own table starts: this school's rows.
    pub fn own<R: Owned>(&self, rows: R) -> R::Start {
        rows.start(&self.scope)
    }

    pub fn school(&self) -> SchoolId {
        self.scope.id()
    }
}

/// A change under way in one transaction, by one person. Only a grant opens one.
/// Reads as a [`Look`] does.
pub struct Tx<'c, S = InSchool> {
    look: Look<'c, S>,
    by: Actor,
}

impl<S> Tx<'_, S> {
    pub fn by(&self) -> &Actor {
        &self.by
    }
}

impl Tx<'_> {
    /// Puts a row into a table of this school's own; the school is added here.
    pub fn put<R, V>(&mut self, rows: R, values: V) -> QueryResult<usize>
    where
        R: Owned,
        (R::School, V): Insertable<R::Table>,
        InsertStatement<R::Table, <(R::School, V) as Insertable<R::Table>>::Values>: ExecuteDsl<Conn>,
    {
        let school = rows.school(&self.look.scope);
        let insert = diesel::insert_into(rows.table()).values((school, values));
        ExecuteDsl::execute(insert, self.look.conn)
    }
}

impl Tx<'_> {
    /// As [`put`](Self::put), many rows: on PostgreSQL in one statement, for each takes a
    /// way to the server; on SQLite by one prepared statement row after row, which takes a
    /// quarter of the time of reading one with thousands of places.
    pub fn put_all<R, V>(&mut self, rows: R, values: Vec<V>) -> QueryResult<usize>
    where
        R: Owned,
        (R::School, V): Insertable<R::Table>,
        InsertStatement<R::Table, <(R::School, V) as Insertable<R::Table>>::Values>: ExecuteDsl<SqliteConnection>,
        Vec<(R::School, V)>: Insertable<R::Table>,
        InsertStatement<R::Table, <Vec<(R::School, V)> as Insertable<R::Table>>::Values>: ExecuteDsl<PgConnection>,
    {
        let mut put = 0;
        let school = &self.look.scope;
        let mut values = values.into_iter().map(|values| (rows.school(school), values)).peekable();
        match self.look.conn {
            Conn::Sqlite(conn) => {
                for row in values {
                    put += ExecuteDsl::execute(diesel::insert_into(rows.table()).values(row), conn)?;
                }
            }
            Conn::Postgres(conn) => {
                while values.peek().is_some() {
                    let part: Vec<_> = values.by_ref().take(ROWS_A_STATEMENT).collect();
                    put += ExecuteDsl::execute(diesel::insert_into(rows.table()).values(part), conn)?;
                }
            }
        }
        Ok(put)
    }
}

impl<'c, S> Deref for Tx<'c, S> {
    type Target = Look<'c, S>;

    fn deref(&self) -> &Self::Target {
        &self.look
    }
}

impl<S> DerefMut for Tx<'_, S> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.look
    }
}

/// One change to the record: a value that is checked when it is made, performed,
/// and told to the journal as it stands.
pub trait Act<S = InSchool>: Serialize + Send + 'static {
    /// What was done, in one word in the past tense.
    const VERB: &'static str;

    /// What performing it yields.
    type Done: Send + 'static;

    /// Whom and what it is about: opaque ids only, they stay in the chain for ever.
    fn about(&self) -> serde_json::Value;

    fn perform(&self, tx: &mut Tx<S>) -> Result<Self::Done, Refused>;
}

impl<'c, S> Tx<'c, S> {
    pub(in crate::access) fn under_way(look: Look<'c, S>, by: Actor) -> Self {
        Tx { look, by }
    }
}

/// What an attempt to act came to.
pub enum Attempt<A, T> {
    /// Do it.
    Act(A),
    /// There is nothing to change; answer this.
    Nothing(T),
}

enum Ended<T> {
    Unchanged(T),
    Refused(Refused),
}

impl<T> From<diesel::result::Error> for Ended<T> {
    fn from(error: diesel::result::Error) -> Self {
        Ended::Refused(error.into())
    }
}

impl<T> From<crate::platform::db::Unavailable> for Ended<T> {
    fn from(error: crate::platform::db::Unavailable) -> Self {
        Ended::Refused(error.into())
    }
}

/// Someone at a desk: a person, in a capacity, with a reach. Every grant has one.
#[derive(Clone)]
pub struct Desk<S = InSchool> {
    door: Door,
    by: Actor,
    scope: S,
}

impl<S: Scope> Desk<S> {
    pub(in crate::access) fn of(door: Door, by: Actor, scope: S) -> Self {
        Desk { door, by, scope }
    }

    pub fn by(&self) -> &Actor {
        &self.by
    }

    pub fn scope(&self) -> &S {
        &self.scope
    }

    pub(in crate::access) fn door(&self) -> &Door {
        &self.door
    }

    pub fn house(&self) -> &super::House {
        self.door.house()
    }

    /// Reads, on a thread that may wait for the database.
    pub async fn look<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&mut Look<S>) -> Result<T, Refused> + Send + 'static,
    {
        let (door, scope) = (self.door.clone(), self.scope.clone());
        super::off_the_loop(move || {
            let now = door.house().clock.now();
            door.database().read(scope.reach(), |conn| f(&mut Look::at(conn, scope.clone(), now)))
        })
        .await
    }

    /// Checks, changes and journals in one transaction; the act is made from the
    /// open transaction, so that what it was checked against still holds.
    pub async fn act<A, F>(&self, prepare: F) -> Result<A::Done, Refused>
    where
        A: Act<S>,
        F: FnOnce(&mut Tx<S>) -> Result<A, Refused> + Send + 'static,
    {
        match self.try_act(|tx| prepare(tx).map(Attempt::<A, std::convert::Infallible>::Act)).await? {
            Ok(done) => Ok(done),
            Err(never) => match never {},
        }
    }

    /// As [`act`](Self::act), where looking closer may show that nothing is to be
    /// changed: `Ok(Err(..))` then says so, and neither rows nor journal are touched.
    pub async fn try_act<A, T, F>(&self, prepare: F) -> Result<Result<A::Done, T>, Refused>
    where
        A: Act<S>,
        T: Send + 'static,
        F: FnOnce(&mut Tx<S>) -> Result<Attempt<A, T>, Refused> + Send + 'static,
    {
        let desk = self.clone();
        super::off_the_loop(move || {
            let now = desk.door.house().clock.now();
            let ended = desk.door.database().write(desk.scope.reach(), |conn| {
                let line = journal::take_line(conn, desk.scope.chain())?;
                let mut tx = Tx { look: Look::at(conn, desk.scope.clone(), now), by: desk.by.clone() };
                let act = match prepare(&mut tx).map_err(Ended::Refused)? {
                    Attempt::Act(act) => act,
                    Attempt::Nothing(answer) => return Err(Ended::Unchanged(answer)),
                };
                let done = act.perform(&mut tx).map_err(Ended::Refused)?;
                let about = act.about().to_string();
                let detail = serde_json::to_string(&act).map_err(|e| Ended::Refused(Refused::broken(e)))?;
                let entry = Entry {
                    at: now,
                    account: desk.by.account(),
                    role: desk.by.role(),
                    verb: A::VERB,
                    about: &about,
                    detail: &detail,
                };
                line.write(conn, &entry)?;
                Ok(done)
            });
            match ended {
                Ok(done) => Ok(Ok(done)),
                Err(Ended::Unchanged(answer)) => Ok(Err(answer)),
                Err(Ended::Refused(refused)) => Err(refused),
            }
        })
        .await
    }
}
