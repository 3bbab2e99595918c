//! The numbers of pupils and families, sealed anew when the keys are rotated.

use super::import::{BEFORE_PLACE, roster_taken};
use crate::access::own::import_waiting;
use crate::access::{Act, CountyWide, Refused, Tx};
use crate::names::{StudentId, TakingId};
use crate::platform::keys::Keys;
use crate::roster::{DOCUMENT_PLACE, NUMBER_PLACE, PHONE_PLACE};
use crate::schema::{family_member, student};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Every pupil's numbers and every family's telephone numbers under the keys that work
/// now; pupils are found by the new hashes of the same numbers.
#[derive(Serialize)]
pub struct ResealPupils {
    #[serde(skip)]
    pub keys: Keys,
}

impl ResealPupils {
    fn opened(&self, place: &str, sealed: &[u8]) -> Result<String, Refused> {
        let bytes = self.keys.open(place, sealed).map_err(Refused::broken)?;
        String::from_utf8(bytes).map_err(Refused::broken)
    }
}

impl Act<CountyWide> for ResealPupils {
    const VERB: &'static str = "pupils_resealed";
    /// Of how many pupils.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({})
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<usize, Refused> {
        let pupils: Vec<(StudentId, Vec<u8>, Option<Vec<u8>>)> = student::table
            .order(student::id)
            .select((student::id, student::number_sealed, student::document_sealed))
            .load(tx.conn())?;
        for (id, number, document) in &pupils {
            let number = self.opened(NUMBER_PLACE, number)?;
            let document = document.as_ref().map(|sealed| self.opened(DOCUMENT_PLACE, sealed)).transpose()?;
            let document = document.map(|number| {
                (self.keys.seal(DOCUMENT_PLACE, number.as_bytes()), self.keys.fingerprint(DOCUMENT_PLACE, &number))
            });
            let (document_sealed, document_hash) = document.unzip();
            diesel::update(student::table.find(*id))
                .set((
                    student::number_sealed.eq(self.keys.seal(NUMBER_PLACE, number.as_bytes())),
                    student::number_hash.eq(self.keys.fingerprint(NUMBER_PLACE, &number)),
                    student::document_sealed.eq(document_sealed),
                    student::document_hash.eq(document_hash),
                ))
                .execute(tx.conn())?;
        }
        let families: Vec<(StudentId, i32, Option<Vec<u8>>)> = family_member::table
            .filter(family_member::phone_sealed.is_not_null())
            .order((family_member::student_id, family_member::ordinal))
            .select((family_member::student_id, family_member::ordinal, family_member::phone_sealed))
            .load(tx.conn())?;
        for (id, ordinal, phone) in families {
            let sealed = phone.map(|sealed| self.keys.reseal(PHONE_PLACE, &sealed)).transpose();
            diesel::update(family_member::table.find((id, ordinal)))
                .set(family_member::phone_sealed.eq(sealed.map_err(Refused::broken)?))
                .execute(tx.conn())?;
        }
        Ok(pupils.len())
    }
}

/// What a school keeps sealed for a while: what an import can still be undone to is
/// sealed anew; dry runs that wait for their hour are to be run again.
#[derive(Serialize)]
pub struct ResealSchool {
    #[serde(skip)]
    pub keys: Keys,
}

impl Act for ResealSchool {
    const VERB: &'static str = "school_resealed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({})
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let waiting = tx.own(import_waiting::rows);
        diesel::delete(waiting).execute(tx.conn())?;
        let taken: Vec<(TakingId, StudentId, Option<Vec<u8>>)> = tx
            .own(roster_taken::rows)
            .filter(roster_taken::before_sealed.is_not_null())
            .select((roster_taken::taking_id, roster_taken::student_id, roster_taken::before_sealed))
            .load(tx.conn())?;
        for (taking, pupil, sealed) in taken {
            let sealed = sealed.map(|sealed| self.keys.reseal(BEFORE_PLACE, &sealed)).transpose();
            let row = tx.own(roster_taken::rows);
            let row = row.filter(roster_taken::taking_id.eq(taking)).filter(roster_taken::student_id.eq(pupil));
            diesel::update(row)
                .set(roster_taken::before_sealed.eq(sealed.map_err(Refused::broken)?))
                .execute(tx.conn())?;
        }
        Ok(())
    }
}
