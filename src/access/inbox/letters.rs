//! Letters as the tables hold them: a reminder, a step of an objection and a word to a
//! family are each their own letter.

use super::{Letter, Matter, Told, letter};
use crate::access::Refused;
use crate::access::own::{class, objection, objection_step, reminder};
use crate::names::{AccountId, ClassId, ClassName, Cohort, LetterId, ObjectionId, ReminderId, Role, SchoolId};
use crate::names::{StudentId, Term};
use crate::platform::db::Conn;
use crate::schema::{account, school, student};
use chrono::NaiveDateTime;
use diesel::prelude::*;

/// How many of each kind an inbox shows: a year's worth.
const SHOWN: i64 = 100;
/// How many of each kind leave a school at once.
const SENT: i64 = 1_000;

/// The steps of an objection that are an answer.
pub(in crate::access) const ANSWERS: [&str; 2] = ["upheld", "refused"];

/// Whose letters are meant.
#[derive(Clone, Copy)]
pub(super) enum Whose {
    Account(AccountId),
    /// Everyone's, from one school, since then.
    School(SchoolId, NaiveDateTime),
}

impl Whose {
    fn most(self) -> i64 {
        match self {
            Whose::Account(_) => SHOWN,
            Whose::School(..) => SENT,
        }
    }
}

/// The newest first.
pub(super) fn letters(conn: &mut Conn, whose: Whose) -> Result<Vec<Letter>, Refused> {
    let mut all = reminders(conn, whose)?;
    all.extend(answers(conn, whose)?);
    all.extend(said(conn, whose)?);
    all.sort_by_key(|letter| std::cmp::Reverse(letter.at));
    Ok(all)
}

type Place = (String, ClassId, Cohort, i32, Term);

fn class_name((_, _, cohort, number, term): &Place) -> String {
    ClassName { cohort: *cohort, number: *number }.in_year(term.year())
}

fn reminders(conn: &mut Conn, whose: Whose) -> Result<Vec<Letter>, Refused> {
    type Row = (Place, Option<(StudentId, String)>, (ReminderId, AccountId, String, String, Role, NaiveDateTime));
    let mut wanted = account::table
        .inner_join(reminder::joined().on(reminder::by_id.eq(account::id)))
        .inner_join(school::table.on(school::id.eq(reminder::school_id)))
        .inner_join(class::joined().on(class::school_id.eq(reminder::school_id).and(class::id.eq(reminder::class_id))))
        .left_join(student::table.on(student::id.nullable().eq(reminder::student_id)))
        .into_boxed();
    wanted = match whose {
        Whose::Account(me) => wanted.filter(reminder::account_id.eq(me)),
        Whose::School(school, since) => wanted.filter(reminder::school_id.eq(school)).filter(reminder::at.ge(since)),
    };
    let rows: Vec<Row> = wanted
        .order(reminder::at.desc())
        .limit(whose.most())
        .select((
            (school::name, class::id, class::cohort, class::number, reminder::term),
            (student::id, student::name).nullable(),
            (reminder::id, reminder::account_id, reminder::matter, account::name, reminder::role, reminder::at),
        ))
        .load(conn)?;
    let letter = |(place, child, (id, to, matter, by, role, at)): Row| Letter {
        id: format!("reminder:{id}"),
        to,
        at,
        child,
        told: Told::Reminder { matter, by, role, class: place.1, class_name: class_name(&place) },
        school: place.0,
    };
    Ok(rows.into_iter().map(letter).collect())
}

fn answers(conn: &mut Conn, whose: Whose) -> Result<Vec<Letter>, Refused> {
    type Row = (String, (StudentId, String), (ObjectionId, i32, AccountId, Role, ClassId, NaiveDateTime));
    let mut wanted =
        account::table
            .inner_join(objection::joined().on(objection::account_id.eq(account::id)))
            .inner_join(objection_step::joined().on(
                objection_step::school_id.eq(objection::school_id).and(objection_step::objection_id.eq(objection::id)),
            ))
            .inner_join(school::table.on(school::id.eq(objection::school_id)))
            .inner_join(student::table.on(student::id.eq(objection::student_id)))
            .filter(objection_step::kind.eq_any(ANSWERS))
            .into_boxed();
    wanted = match whose {
        Whose::Account(me) => wanted.filter(objection::account_id.eq(me)),
        Whose::School(school, since) => {
            wanted.filter(objection::school_id.eq(school)).filter(objection_step::at.ge(since))
        }
    };
    let rows: Vec<Row> = wanted
        .order(objection_step::at.desc())
        .limit(whose.most())
        .select((
            school::name,
            (student::id, student::name),
            (
                objection::id,
                objection_step::n,
                objection::account_id,
                objection::role,
                objection::class_id,
                objection_step::at,
            ),
        ))
        .load(conn)?;
    let letter = |(school, child, (objection, n, to, raised_as, class, at)): Row| Letter {
        id: format!("answer:{objection}:{n}"),
        to,
        at,
        school,
        child: Some(child),
        told: Told::Answer { objection, raised_as, class },
    };
    Ok(rows.into_iter().map(letter).collect())
}

fn said(conn: &mut Conn, whose: Whose) -> Result<Vec<Letter>, Refused> {
    type Row = (String, (StudentId, String), (LetterId, AccountId, Matter, NaiveDateTime));
    let mut wanted = account::table
        .inner_join(letter::joined().on(letter::account_id.eq(account::id)))
        .inner_join(school::table.on(school::id.eq(letter::school_id)))
        .inner_join(student::table.on(student::id.eq(letter::student_id)))
        .into_boxed();
    wanted = match whose {
        Whose::Account(me) => wanted.filter(letter::account_id.eq(me)),
        Whose::School(school, since) => wanted.filter(letter::school_id.eq(school)).filter(letter::at.ge(since)),
    };
    let rows: Vec<Row> = wanted
        .order(letter::at.desc())
        .limit(whose.most())
        .select((
            school::name,
            (student::id, student::name),
            (letter::id, letter::account_id, letter::matter, letter::at),
        ))
        .load(conn)?;
    let letter = |(school, child, (id, to, matter, at)): Row| Letter {
        id: format!("letter:{id}"),
        to,
        at,
        school,
        child: Some(child),
        told: Told::Said(matter),
    };
    Ok(rows.into_iter().map(letter).collect())
}
