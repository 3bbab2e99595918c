//! The inbox of one account: who was reminded of what, whose objection was answered, what
//! the school says to a family. Nobody else reads it; the rows lie with the schools, and
//! their owner reads them all.

mod letters;
mod told;

pub use told::{Families, Matter, families};

use super::{Owner, Refused};
use crate::names::{AccountId, ClassId, ObjectionId, Role, StudentId};
use crate::platform::db::Reach;
use crate::schema::inbox_opening;
use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;

pub(in crate::access) use letters::ANSWERS;
pub(in crate::access) use told::letter;

/// What came to someone's inbox.
#[derive(Clone, Debug)]
pub struct Letter {
    /// No other letter of its school has it: it stays, however often it is sent.
    pub id: String,
    pub to: AccountId,
    pub at: NaiveDateTime,
    pub school: String,
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
        class: ClassId,
        /// As it is called in the term it is about.
        class_name: String,
    },
    /// An answer to an objection that was raised in this capacity.
    Answer { objection: ObjectionId, raised_as: Role, class: ClassId },
    /// What the school says to a family.
    Said(Matter),
}

impl Owner {
    /// What came for this account, the newest first, and whether it came after the inbox
    /// was last opened.
    pub async fn inbox(&self) -> Result<Vec<(Letter, bool)>, Refused> {
        let (me, door) = (self.account(), self.door().clone());
        super::off_the_loop(move || {
            door.database().read(Reach::All, |conn| {
                let opened: Option<NaiveDateTime> = inbox_opening::table
                    .filter(inbox_opening::account_id.eq(me))
                    .select(max(inbox_opening::at))
                    .first(conn)?;
                let letters = letters::letters(conn, letters::Whose::Account(me))?.into_iter();
                let with_unread = letters.map(|letter| {
                    let unread = opened.is_none_or(|opened| opened < letter.at);
                    (letter, unread)
                });
                Ok::<_, Refused>(with_unread.collect())
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

impl super::Look<'_> {
    /// What came to anybody's inbox from this school since a moment, the oldest first.
    pub fn letters_since(&mut self, since: NaiveDateTime) -> Result<Vec<Letter>, Refused> {
        let school = self.school();
        let mut letters = letters::letters(self.conn(), letters::Whose::School(school, since))?;
        letters.reverse();
        Ok(letters)
    }
}
