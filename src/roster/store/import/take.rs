//! Taking a roster: new pupils come in, known ones are brought up to date, in one act; and
//! what is needed to undo it within the day.

use super::standing::{FileRow, families};
use crate::access::{Act, Refused, Tx};
use crate::names::{EnrolmentId, StudentId, TakingId};
use crate::platform::keys::Keys;
use crate::platform::text::pinyin;
use crate::roster::movement::Kind;
use crate::roster::store::movement::put_change;
use crate::roster::store::pupil::put_family;
use crate::roster::store::reseat::{Reseating, reseat};
use crate::roster::{AdmitPupil, DOCUMENT_PLACE, FamilyMember, NUMBER_PLACE, NewPupil, StudentNumber};
use crate::schema::{family_member, student};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

crate::school_table!(pub roster_taking (id) {
    id -> Guid,
    account_id -> Nullable<Guid>,
    at -> Timestamp,
    undone_at -> Nullable<Timestamp>,
});

crate::school_table!(pub roster_taken (taking_id, student_id) {
    taking_id -> Guid,
    student_id -> Guid,
    before_sealed -> Nullable<Binary>,
});

crate::queried_with!(roster_taking: class; account);

/// The place what a file said before is sealed for.
pub(in crate::roster::store) const BEFORE_PLACE: &str = "roster_taken.before";
const REASON: &str = "按学籍名单更新";

/// A known pupil whom a roster brings up to date.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Update {
    pub student: StudentId,
    pub pupil: NewPupil,
    pub reseating: Option<Reseating>,
}

/// What undoing needs of a pupil who was there before.
#[derive(Serialize, Deserialize)]
pub(super) struct Before {
    pub file: FileRow,
    pub family: Vec<FamilyMember>,
    /// The stay that ended and the one that began.
    pub stays: Option<(EnrolmentId, EnrolmentId)>,
}

/// The office takes the rows of a roster that nothing is wrong with.
#[derive(Serialize)]
pub struct TakeRoster {
    pupils: Vec<AdmitPupil>,
    /// Whom it changes; what, the pupils' histories tell.
    updated: Vec<StudentId>,
    #[serde(skip)]
    updates: Vec<Update>,
    #[serde(skip)]
    keys: Keys,
}

/// How many came in, and how many are otherwise than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub new: usize,
    pub changed: usize,
}

impl TakeRoster {
    pub(super) fn of(keys: &Keys, pupils: Vec<AdmitPupil>, updates: Vec<Update>) -> Self {
        let updated = updates.iter().map(|update| update.student).collect();
        TakeRoster { pupils, updated, updates, keys: keys.clone() }
    }

    pub fn is_empty(&self) -> bool {
        self.pupils.is_empty() && self.updates.is_empty()
    }
}

impl Act for TakeRoster {
    const VERB: &'static str = "roster_taken";
    type Done = Taken;

    fn about(&self) -> serde_json::Value {
        json!({ "pupils": self.pupils.len(), "updated": self.updates.len() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Taken, Refused> {
        let (taking, today, now, by) = (TakingId::new(), tx.today(), tx.now(), tx.by().account());
        let values = (roster_taking::id.eq(taking), roster_taking::account_id.eq(by), roster_taking::at.eq(now));
        tx.put(roster_taking::rows, values)?;
        // Seats are freed before new pupils sit down.
        let moving: Vec<Reseating> = self.updates.iter().filter_map(|update| update.reseating.clone()).collect();
        let mut begun = reseat(tx, &moving, today, REASON)?.into_iter();
        for update in &self.updates {
            let begun = update.reseating.as_ref().and_then(|moved| Some((moved.stay, begun.next()?)));
            let before = self.bring_up_to_date(tx, update, begun)?;
            let before = serde_json::to_vec(&before).map_err(Refused::broken)?;
            let sealed = self.keys.seal(BEFORE_PLACE, &before);
            note(tx, taking, update.student, Some(sealed))?;
        }
        for pupil in &self.pupils {
            let student = pupil.put(tx).map_err(changed_since)?;
            note(tx, taking, student, None)?;
        }
        Ok(Taken { new: self.pupils.len(), changed: self.updates.len() })
    }
}

fn note(tx: &mut Tx, taking: TakingId, student: StudentId, before: Option<Vec<u8>>) -> Result<(), Refused> {
    let values = (
        roster_taken::taking_id.eq(taking),
        roster_taken::student_id.eq(student),
        roster_taken::before_sealed.eq(before),
    );
    tx.put(roster_taken::rows, values)?;
    Ok(())
}

fn changed_since(refused: Refused) -> Refused {
    match refused {
        Refused::Broken(cause) if cause.to_string().to_lowercase().contains("unique") => {
            Refused::conflict("试跑以后名单又变了：有的学生或学号已经在库里。什么都没有收，请重新试跑一次。")
        }
        other => other,
    }
}

impl TakeRoster {
    fn bring_up_to_date(
        &self,
        tx: &mut Tx,
        update: &Update,
        stays: Option<(EnrolmentId, EnrolmentId)>,
    ) -> Result<Before, Refused> {
        let (id, says, keys) = (update.student, &update.pupil, &self.keys);
        let was = FileRow::of(tx, id)?;
        let family = families(tx, keys, &[id])?.remove(&id).unwrap_or_default();
        let mut file = was.clone();
        let today = tx.today();
        if says.name != was.name {
            file.name.clone_from(&says.name);
            file.pinyin = pinyin(&says.name);
            file.former_name = Some(was.name.clone());
            put_change(tx, id, Kind::ChangeName, today, REASON, (&was.name, &says.name))?;
        }
        file.sex = says.sex.code().to_owned();
        file.born_on = says.born_on;
        for (kept, says) in [
            (&mut file.former_name, &says.former_name),
            (&mut file.ethnic, &says.ethnic),
            (&mut file.political, &says.political),
            (&mut file.boarding, &says.boarding),
            (&mut file.left_behind, &says.left_behind),
            (&mut file.regular_class, &says.regular_class),
        ] {
            if says.is_some() {
                kept.clone_from(says);
            }
        }
        let number = keys.open(NUMBER_PLACE, &was.number_sealed).map_err(Refused::broken)?;
        if number != says.number.as_bytes() {
            let masked = |number: &str| StudentNumber::parse(number).map(|number| number.masked()).unwrap_or_default();
            let (before, after) = (masked(&String::from_utf8_lossy(&number)), masked(&says.number));
            file.number_sealed = keys.seal(NUMBER_PLACE, says.number.as_bytes());
            file.number_hash = keys.fingerprint(NUMBER_PLACE, &says.number);
            put_change(tx, id, Kind::Number, today, REASON, (&before, &after))?;
        }
        if let Some((kind, number)) = &says.document {
            let hash = keys.fingerprint(DOCUMENT_PLACE, number);
            if was.document_hash.as_ref() != Some(&hash) {
                file.document_sealed = Some(keys.seal(DOCUMENT_PLACE, number.as_bytes()));
                file.document_hash = Some(hash);
            }
            file.document_kind = Some(kind.clone());
        }
        if file != was {
            write_file(tx, id, &file).map_err(changed_since)?;
        }
        if !says.family.is_empty() && says.family != family {
            write_family(tx, keys, id, &says.family)?;
        }
        Ok(Before { file: was, family, stays })
    }
}

/// Writes what a pupil's file says of itself.
pub(super) fn write_file(tx: &mut Tx, id: StudentId, file: &FileRow) -> Result<(), Refused> {
    diesel::update(student::table.find(id))
        .set((
            (student::name.eq(&file.name), student::pinyin.eq(&file.pinyin)),
            student::former_name.eq(&file.former_name),
            student::sex.eq(&file.sex),
            student::born_on.eq(file.born_on),
            student::ethnic.eq(&file.ethnic),
            student::political.eq(&file.political),
            student::boarding.eq(&file.boarding),
            student::left_behind.eq(&file.left_behind),
            student::regular_class.eq(&file.regular_class),
            (student::number_sealed.eq(&file.number_sealed), student::number_hash.eq(&file.number_hash)),
            (
                student::document_kind.eq(&file.document_kind),
                student::document_sealed.eq(&file.document_sealed),
                student::document_hash.eq(&file.document_hash),
            ),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// Writes the family anew, as a roster names it.
pub(super) fn write_family(tx: &mut Tx, keys: &Keys, id: StudentId, family: &[FamilyMember]) -> Result<(), Refused> {
    let before = family_member::table.filter(family_member::student_id.eq(id));
    diesel::delete(before).execute(tx.conn())?;
    put_family(tx, keys, id, family)
}
