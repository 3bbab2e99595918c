//! A taken roster is undone within its day, as long as nobody has built on it.

use super::standing::FileRow;
use super::take::{BEFORE_PLACE, Before, roster_taken, roster_taking, write_family, write_file};
use crate::access::own::enrolment;
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{StudentId, TakingId};
use crate::platform::keys::Keys;
use crate::roster::store::movement::{forget_movements, moved_since};
use crate::schema::{account, family_member, student};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A roster taken today.
#[derive(Clone, Debug, Serialize)]
pub struct Taking {
    pub id: TakingId,
    pub at: NaiveDateTime,
    pub by: Option<String>,
    pub new: i64,
    pub changed: i64,
}

/// The takings of today that stand, the newest first: only the newest can be undone.
pub fn takings_of_today(look: &mut Look, _: WholeSchool) -> Result<Vec<Taking>, Refused> {
    let from = look.today().and_time(chrono::NaiveTime::MIN);
    let rows: Vec<(TakingId, NaiveDateTime, Option<String>)> = look
        .own(roster_taking::rows)
        .left_join(account::table.on(account::id.nullable().eq(roster_taking::account_id)))
        .filter(roster_taking::at.ge(from))
        .filter(roster_taking::undone_at.is_null())
        .order((roster_taking::at.desc(), roster_taking::id.desc()))
        .select((roster_taking::id, roster_taking::at, account::name.nullable()))
        .load(look.conn())?;
    rows.into_iter()
        .map(|(id, at, by)| {
            let taken = look.own(roster_taken::rows).filter(roster_taken::taking_id.eq(id));
            let new = taken.filter(roster_taken::before_sealed.is_null()).count().get_result(look.conn())?;
            let taken = look.own(roster_taken::rows).filter(roster_taken::taking_id.eq(id));
            let changed = taken.filter(roster_taken::before_sealed.is_not_null()).count().get_result(look.conn())?;
            Ok(Taking { id, at, by, new, changed })
        })
        .collect()
}

/// The office undoes the last roster it took today: who came with it is gone, who was
/// changed is as before.
#[derive(Serialize)]
pub struct UndoTaking {
    taking: TakingId,
    gone: Vec<StudentId>,
    restored: Vec<StudentId>,
    #[serde(skip)]
    at: NaiveDateTime,
    #[serde(skip)]
    before: Vec<Before>,
    #[serde(skip)]
    keys: Keys,
}

impl UndoTaking {
    /// # Errors
    /// [`Refused::NotFound`] for a taking of another school; [`Refused::Conflict`] for one
    /// of another day, undone already, or with a later one upon it.
    pub fn of(tx: &mut Tx, whole: WholeSchool, keys: &Keys, taking: TakingId) -> Result<Self, Refused> {
        let (at, undone): (NaiveDateTime, Option<NaiveDateTime>) = tx
            .own(roster_taking::rows)
            .filter(roster_taking::id.eq(taking))
            .select((roster_taking::at, roster_taking::undone_at))
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        if undone.is_some() {
            return Err(Refused::conflict("这次导入已经撤销了。"));
        }
        if at.date() != tx.today() {
            return Err(Refused::conflict("导入只在当天能撤销。请一个一个地办异动，或者导入改好的名单。"));
        }
        if takings_of_today(tx, whole)?.first().is_none_or(|newest| newest.id != taking) {
            return Err(Refused::conflict("后面又导入过一次。请先撤销后面那次。"));
        }
        let rows: Vec<(StudentId, Option<Vec<u8>>)> = tx
            .own(roster_taken::rows)
            .filter(roster_taken::taking_id.eq(taking))
            .select((roster_taken::student_id, roster_taken::before_sealed))
            .load(tx.conn())?;
        let mut undo = UndoTaking { taking, gone: vec![], restored: vec![], at, before: vec![], keys: keys.clone() };
        for (student, sealed) in rows {
            if moved_since(tx, student, at)? {
                let name = FileRow::of(tx, student)?.name;
                let why = format!("导入以后给{name}办过异动，这次导入不能撤销了。");
                return Err(Refused::conflict(why));
            }
            match sealed {
                None => undo.gone.push(student),
                Some(sealed) => {
                    let bytes = keys.open(BEFORE_PLACE, &sealed).map_err(Refused::broken)?;
                    undo.before.push(serde_json::from_slice(&bytes).map_err(Refused::broken)?);
                    undo.restored.push(student);
                }
            }
        }
        Ok(undo)
    }

    fn forget(&self, tx: &mut Tx, student: StudentId) -> Result<(), Refused> {
        forget_movements(tx, student, self.at)?;
        let stays = tx.own(enrolment::rows).filter(enrolment::student_id.eq(student));
        diesel::delete(stays).execute(tx.conn())?;
        let family = family_member::table.filter(family_member::student_id.eq(student));
        diesel::delete(family).execute(tx.conn())?;
        let name: String = student::table.find(student).select(student::name).first(tx.conn())?;
        diesel::delete(student::table.find(student)).execute(tx.conn()).map_err(|error| {
            if !error.to_string().to_lowercase().contains("foreign key") {
                return Refused::from(error);
            }
            Refused::conflict(format!("导入以后已经有人给{name}写了内容，或者印了绑定单，这次导入不能撤销了。"))
        })?;
        Ok(())
    }

    fn restore(&self, tx: &mut Tx, student: StudentId, before: &Before) -> Result<(), Refused> {
        forget_movements(tx, student, self.at)?;
        if let Some((ended, _)) = before.stays {
            let old = tx.own(enrolment::rows).filter(enrolment::id.eq(ended));
            diesel::update(old).set(enrolment::left_on.eq(None::<NaiveDate>)).execute(tx.conn())?;
        }
        write_file(tx, student, &before.file)?;
        write_family(tx, &self.keys, student, &before.family)
    }
}

impl Act for UndoTaking {
    const VERB: &'static str = "roster_undone";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "gone": self.gone, "restored": self.restored })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let now = tx.now();
        let row = tx.own(roster_taking::rows).filter(roster_taking::id.eq(self.taking));
        diesel::update(row).set(roster_taking::undone_at.eq(now)).execute(tx.conn())?;
        for student in &self.gone {
            self.forget(tx, *student)?;
        }
        // Those who have left a seat sit down again when all have stood up.
        for (_, begun) in self.before.iter().filter_map(|before| before.stays) {
            let new = tx.own(enrolment::rows).filter(enrolment::id.eq(begun)).filter(enrolment::left_on.is_null());
            if diesel::delete(new).execute(tx.conn())? == 0 {
                return Err(Refused::conflict("导入以后座号又排过，这次导入不能撤销了。"));
            }
        }
        for (student, before) in self.restored.iter().zip(&self.before) {
            self.restore(tx, *student, before)?;
        }
        Ok(())
    }
}
