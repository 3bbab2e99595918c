//! Who of the staff has looked at a class: noted once per person, class and day, so
//! that a family can be told (PIPL 44, 45).

use super::own::{Owned, reading};
use super::{Door, InSchool, Refused};
use crate::names::{AccountId, ClassId, Role, SchoolId};
use crate::platform::db::Reach;
use chrono::NaiveDate;
use diesel::prelude::*;

/// Someone of the staff and the class whose pages they opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::access) struct Looked {
    pub school: SchoolId,
    pub class: ClassId,
    pub account: AccountId,
    pub role: Role,
    pub day: NaiveDate,
}

impl Looked {
    /// Writes it down unless that was done today; most of the time memory knows.
    pub fn note(self, door: &Door) -> Result<(), Refused> {
        if door.has_noted(&self) {
            return Ok(());
        }
        let school = InSchool::granted(self.school);
        let written = door.database().write(Reach::Owner(self.school.0), |conn| {
            let known: i64 = reading::rows
                .start(&school)
                .filter(reading::class_id.eq(self.class))
                .filter(reading::day.eq(self.day))
                .filter(reading::account_id.eq(self.account))
                .filter(reading::role.eq(self.role.code()))
                .count()
                .get_result(conn)?;
            if known == 0 {
                diesel::insert_into(reading::rows.table())
                    .values((
                        reading::rows.school(&school),
                        reading::class_id.eq(self.class),
                        reading::day.eq(self.day),
                        reading::account_id.eq(self.account),
                        reading::role.eq(self.role.code()),
                    ))
                    .execute(conn)?;
            }
            Ok::<_, Refused>(())
        });
        match written {
            // On a full disk what is saved can still be read; another process may have
            // noted the same in this moment.
            Err(Refused::DiskFull) => Ok(()),
            Err(Refused::Broken(cause)) if is_twice(cause.as_ref()) => Ok(()),
            Err(other) => Err(other),
            Ok(()) => {
                door.noted(self);
                Ok(())
            }
        }
    }
}

fn is_twice(cause: &(dyn std::error::Error + 'static)) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(cause.downcast_ref(), Some(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)))
}
