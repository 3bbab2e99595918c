//! The inbox of one account: who was reminded of what, and whose objection was answered.
//! Nobody else reads it; the rows lie with the schools, and their owner reads them all.

use super::own::{class, objection, objection_step, reminder};
use super::{Owner, Refused};
use crate::names::{ClassId, ClassName, Cohort, ObjectionId, Role, StudentId, Term};
use crate::platform::db::Reach;
use crate::schema::{account, inbox_opening, school, student};
use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;

/// What came to someone's inbox.
#[derive(Clone, Debug)]
pub struct Letter {
    pub at: NaiveDateTime,
    /// Came after the inbox was last opened.
    pub unread: bool,
    pub school: String,
    pub class: ClassId,
    /// As it is called in the term it is about.
    pub class_name: String,
    pub child: Option<(StudentId, String)>,
    pub told: Told,
}

/// What a letter is about.
#[derive(Clone, Debug)]
pub enum Told {
    Reminder {
        matter: String,
        by: String,
        role: Role,
    },
    /// An answer to an objection that was raised in this capacity.
    Answer {
        objection: ObjectionId,
        raised_as: Role,
    },
}

/// How many of each kind an inbox shows: a year's worth.
const SHOWN: i64 = 100;

/// The steps of an objection that are an answer.
pub(in crate::access) const ANSWERS: [&str; 2] = ["upheld", "refused"];

type Place = (String, ClassId, Cohort, i32, Term);

fn class_name((_, _, cohort, number, term): &Place) -> String {
    ClassName { cohort: *cohort, number: *number }.in_year(term.year())
}

impl Owner {
    /// What came for this account, the newest first.
    pub async fn inbox(&self) -> Result<Vec<Letter>, Refused> {
        let (me, door) = (self.account(), self.door().clone());
        super::off_the_loop(move || {
            door.database().read(Reach::All, |conn| {
                let opened: Option<NaiveDateTime> = inbox_opening::table
                    .filter(inbox_opening::account_id.eq(me))
                    .select(max(inbox_opening::at))
                    .first(conn)?;
                let unread = |at: NaiveDateTime| opened.is_none_or(|opened| opened < at);
                type Reminded = (Place, Option<(StudentId, String)>, (String, String, Role, NaiveDateTime));
                let reminders: Vec<Reminded> = account::table
                    .inner_join(reminder::joined().on(reminder::by_id.eq(account::id)))
                    .inner_join(school::table.on(school::id.eq(reminder::school_id)))
                    .inner_join(
                        class::joined()
                            .on(class::school_id.eq(reminder::school_id).and(class::id.eq(reminder::class_id))),
                    )
                    .left_join(student::table.on(student::id.nullable().eq(reminder::student_id)))
                    .filter(reminder::account_id.eq(me))
                    .order(reminder::at.desc())
                    .limit(SHOWN)
                    .select((
                        (school::name, class::id, class::cohort, class::number, reminder::term),
                        (student::id, student::name).nullable(),
                        (reminder::matter, account::name, reminder::role, reminder::at),
                    ))
                    .load(conn)?;
                type Answered = (Place, (StudentId, String), (ObjectionId, Role, NaiveDateTime));
                let answers: Vec<Answered> = account::table
                    .inner_join(objection::joined().on(objection::account_id.eq(account::id)))
                    .inner_join(
                        objection_step::joined().on(objection_step::school_id
                            .eq(objection::school_id)
                            .and(objection_step::objection_id.eq(objection::id))),
                    )
                    .inner_join(school::table.on(school::id.eq(objection::school_id)))
                    .inner_join(
                        class::joined()
                            .on(class::school_id.eq(objection::school_id).and(class::id.eq(objection::class_id))),
                    )
                    .inner_join(student::table.on(student::id.eq(objection::student_id)))
                    .filter(account::id.eq(me))
                    .filter(objection_step::kind.eq_any(ANSWERS))
                    .order(objection_step::at.desc())
                    .limit(SHOWN)
                    .select((
                        (school::name, class::id, class::cohort, class::number, objection::term),
                        (student::id, student::name),
                        (objection::id, objection::role, objection_step::at),
                    ))
                    .load(conn)?;
                let letter = |place: Place, child, at, told| Letter {
                    at,
                    unread: unread(at),
                    class_name: class_name(&place),
                    school: place.0,
                    class: place.1,
                    child,
                    told,
                };
                let mut letters: Vec<Letter> = reminders
                    .into_iter()
                    .map(|(place, child, (matter, by, role, at))| {
                        letter(place, child, at, Told::Reminder { matter, by, role })
                    })
                    .collect();
                letters.extend(answers.into_iter().map(|(place, child, (objection, raised_as, at))| {
                    letter(place, Some(child), at, Told::Answer { objection, raised_as })
                }));
                letters.sort_by_key(|letter| std::cmp::Reverse(letter.at));
                Ok::<_, Refused>(letters)
            })
        })
        .await
    }

    /// Notes that the inbox was opened: what came before is read.
    pub async fn inbox_opened(&self) -> Result<(), Refused> {
        let (me, now, door) = (self.account(), self.house().clock.now(), self.door().clone());
        let written = super::off_the_loop(move || {
            door.database().write(Reach::All, |conn| {
                diesel::insert_into(inbox_opening::table)
                    .values((inbox_opening::account_id.eq(me), inbox_opening::at.eq(now)))
                    .execute(conn)?;
                Ok::<_, Refused>(())
            })
        });
        match written.await {
            // On a full disk what is there can still be read; it stays unread.
            Err(Refused::DiskFull) => Ok(()),
            other => other,
        }
    }
}
