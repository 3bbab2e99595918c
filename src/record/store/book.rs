use super::told::domains;
use crate::access::own::{activity, enrolment, record, telling};
use crate::access::{Look, OwnClass, Refused};
use crate::names::{ActivityId, Domain, Role, StudentId};
use crate::record::State;
use crate::roster::calendar::TermDates;
use crate::schema::student;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::BTreeMap;

/// A pupil of one's own class, and what is kept of them in a term.
#[derive(Clone, Debug)]
pub struct Booked {
    pub student: StudentId,
    pub seat: i32,
    pub name: String,
    /// No drafts, which are their writers' own.
    pub records: Vec<Brief>,
}

/// A record in a line.
#[derive(Clone, Debug)]
pub struct Brief {
    pub activity: ActivityId,
    pub state: State,
    /// When it came to this state.
    pub at: NaiveDateTime,
    pub title: String,
    pub on: NaiveDate,
    pub domain: Domain,
    pub also: Vec<Domain>,
    /// In which capacity the activity was written down.
    pub role: Role,
}

/// The pupils of one's own class in seat order, each with the term's records. One statement.
pub fn class_book(look: &mut Look, own: &OwnClass, term: TermDates) -> Result<Vec<Booked>, Refused> {
    let day = look.today().min(term.ends_on);
    type Told = (String, NaiveDate, Domain, String);
    type Row = ((StudentId, i32, String), Option<(ActivityId, State, NaiveDateTime)>, Option<Role>, Option<Told>);
    let rows: Vec<Row> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .left_join(
            record::joined().on(record::school_id
                .eq(enrolment::school_id)
                .and(record::student_id.eq(enrolment::student_id))
                .and(record::term.eq(term.term))),
        )
        .left_join(
            activity::joined().on(activity::school_id
                .eq(enrolment::school_id)
                .and(activity::id.nullable().eq(record::activity_id.nullable()))),
        )
        .left_join(
            telling::joined().on(telling::school_id
                .eq(enrolment::school_id)
                .and(telling::activity_id.nullable().eq(record::activity_id.nullable()))),
        )
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order((enrolment::seat, record::revision, telling::revision))
        .select((
            (student::id, enrolment::seat, student::name),
            (record::activity_id, record::state, record::at).nullable(),
            activity::role.nullable(),
            (telling::title, telling::starts_on, telling::domain, telling::also).nullable(),
        ))
        .load(look.conn())?;
    let mut book: Vec<(Booked, BTreeMap<ActivityId, Brief>)> = Vec::new();
    for ((student, seat, name), kept, role, told) in rows {
        if book.last().is_none_or(|(last, _)| last.student != student) {
            book.push((Booked { student, seat, name, records: Vec::new() }, BTreeMap::new()));
        }
        let Some(((_, records), (activity, state, at))) = book.last_mut().zip(kept) else { continue };
        let Some((role, (title, on, domain, also))) = role.zip(told) else { continue };
        // The highest revisions are met last and stand.
        let also = domains(&also);
        records.insert(activity, Brief { activity, state, at, title, on, domain, also, role });
    }
    let booked = book.into_iter().map(|(pupil, records)| Booked {
        records: records.into_values().filter(|brief| brief.state != State::Draft).collect(),
        ..pupil
    });
    Ok(booked.collect())
}
