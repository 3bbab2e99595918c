//! A day of the journal, of all chains: who did what and when, never about whom.

use crate::access::{CountyWide, Look, Refused};
use crate::names::Role;
use crate::schema::{account, journal, school};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

/// Lines a page shows.
pub const LINES_A_PAGE: i64 = 100;

/// One line. What it is about, and the detail beside it, are not read here: an id is a
/// child's as often as not.
pub struct Line {
    pub at: NaiveDateTime,
    /// The school; `None` for the county.
    pub school: Option<String>,
    pub n: i64,
    pub role: Role,
    /// Who did it, where that is someone of the staff: the name of a pupil's or a
    /// guardian's account is not the auditor's to read.
    pub name: Option<String>,
    pub verb: String,
}

/// The lines of a day, the newest first; `verb` narrows them to one act, `page` counts
/// from 0. One more than a page holds says that there is another.
pub fn lines_of(
    look: &mut Look<CountyWide>,
    day: NaiveDate,
    verb: Option<&str>,
    page: i64,
) -> Result<Vec<Line>, Refused> {
    type Row = (NaiveDateTime, Option<String>, i64, Role, Option<String>, String);
    let (from, until) = (day.and_time(NaiveTime::MIN), (day + Days::new(1)).and_time(NaiveTime::MIN));
    let mut query = journal::table
        .left_join(school::table.on(school::id.eq(journal::school_id)))
        .left_join(account::table.on(account::id.nullable().eq(journal::account_id)))
        .filter(journal::at.ge(from))
        .filter(journal::at.lt(until))
        .order((journal::at.desc(), journal::school_id, journal::n.desc()))
        .limit(LINES_A_PAGE + 1)
        .offset(page * LINES_A_PAGE)
        .select((
            journal::at,
            school::name.nullable(),
            journal::n,
            journal::role,
            account::name.nullable(),
            journal::verb,
        ))
        .into_boxed();
    if let Some(verb) = verb {
        query = query.filter(journal::verb.eq(verb.to_owned()));
    }
    let rows: Vec<Row> = query.load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|(at, school, n, role, name, verb)| Line {
            at,
            school,
            n,
            name: name.filter(|_| is_staff(role)),
            role,
            verb,
        })
        .collect())
}

/// Whether someone in this capacity is of the staff of a school or of the county.
fn is_staff(role: Role) -> bool {
    match role {
        Role::Homeroom
        | Role::Deputy
        | Role::Subject
        | Role::Organiser
        | Role::Committee
        | Role::Health
        | Role::Teacher
        | Role::Case
        | Role::SchoolOffice
        | Role::Principal
        | Role::County
        | Role::CountySecurity
        | Role::CountyAudit
        | Role::Supervisor => true,
        Role::Guardian | Role::Learner | Role::Visitor | Role::Operator | Role::Owner => false,
    }
}
