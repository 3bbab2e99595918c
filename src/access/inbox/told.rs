//! Who is told what concerns a pupil, and the words the school leaves in a family's inbox.

use crate::access::{Look, Refused, Tx};
use crate::names::{AccountId, LetterId, StudentId};
use crate::schema::{account, guardian_dispute, guardianship, membership};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::BTreeMap;

crate::school_table!(pub(in crate::access) letter (id) {
    id -> Guid,
    account_id -> Guid,
    matter -> Text,
    student_id -> Guid,
    at -> Timestamp,
});

mod with {
    use super::letter;
    crate::queried_with!(letter: reminder, objection, objection_step; account, school, student, session, inbox_opening, second_factor);
}

/// What the school says to a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Matter {
    /// A record they wrote is asked to be completed.
    Returned,
    /// What was asked about the data is answered (个人信息保护法 50).
    Data,
    /// A sealed term has a new version.
    Corrected,
    /// The graduation portfolio is sealed.
    Portfolio,
}

crate::text_code!(Matter {
    Returned = "returned",
    Data = "data",
    Corrected = "corrected",
    Portfolio = "portfolio",
});

/// The accounts through which a pupil and the guardians are told.
#[derive(Clone, Debug, Default)]
pub struct Families {
    pub pupils: BTreeMap<StudentId, Vec<AccountId>>,
    pub guardians: BTreeMap<StudentId, Vec<AccountId>>,
}

impl Families {
    /// Everyone of one family.
    pub fn of(&self, student: StudentId) -> impl Iterator<Item = AccountId> {
        [&self.pupils, &self.guardians].into_iter().filter_map(move |all| all.get(&student)).flatten().copied()
    }
}

/// Whom what concerns these pupils is told: accounts that are not disabled. A guardianship
/// in dispute opens nothing until the school has settled it.
pub fn families(look: &mut Look, students: &[StudentId]) -> Result<Families, Refused> {
    let (school, today) = (look.school(), look.today());
    let pupils: Vec<(Option<StudentId>, AccountId)> = membership::table
        .inner_join(account::table.on(account::id.eq(membership::account_id)))
        .filter(membership::school_id.eq(school))
        .filter(membership::role.eq("pupil"))
        .filter(membership::student_id.eq_any(students))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .filter(account::disabled_at.is_null())
        .select((membership::student_id, account::id))
        .load(look.conn())?;
    let disputed = guardian_dispute::table
        .filter(guardian_dispute::settled_at.is_null())
        .select(guardian_dispute::guardianship_id);
    let guardians: Vec<(StudentId, AccountId)> = guardianship::table
        .inner_join(account::table.on(account::id.eq(guardianship::account_id)))
        .filter(guardianship::student_id.eq_any(students))
        .filter(guardianship::ended_at.is_null())
        .filter(guardianship::id.ne_all(disputed))
        .filter(account::disabled_at.is_null())
        .order(guardianship::since)
        .select((guardianship::student_id, account::id))
        .load(look.conn())?;
    let mut families = Families::default();
    for (student, account) in pupils {
        if let Some(student) = student {
            families.pupils.entry(student).or_default().push(account);
        }
    }
    for (student, account) in guardians {
        let of = families.guardians.entry(student).or_default();
        if !of.contains(&account) {
            of.push(account);
        }
    }
    Ok(families)
}

impl Tx<'_> {
    /// Leaves a word in the inbox of each, in the transaction of what it tells of.
    pub fn tell(&mut self, matter: Matter, to: &[(AccountId, StudentId)]) -> Result<(), Refused> {
        let at = self.now();
        let rows = to.iter().map(|(account, student)| {
            (
                (letter::id.eq(LetterId::new()), letter::account_id.eq(*account), letter::matter.eq(matter)),
                (letter::student_id.eq(*student), letter::at.eq(at)),
            )
        });
        self.put_all(letter::rows, rows.collect())?;
        Ok(())
    }

    /// As [`tell`](Self::tell), everyone of these pupils' families.
    pub fn tell_families(&mut self, matter: Matter, students: &[StudentId]) -> Result<(), Refused> {
        let families = families(self, students)?;
        let to: Vec<(AccountId, StudentId)> =
            students.iter().flat_map(|student| families.of(*student).map(|account| (account, *student))).collect();
        self.tell(matter, &to)
    }
}
