//! Consent given again, or taken back (PIPL 15).

use super::bind::{Consented, consent_to};
use crate::access::{Act, Guardian, Refused, Tx};
use crate::names::{AccountId, StudentId};
use crate::schema::consent;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A guardian gives consent again, or takes it back. What school must keep by law
/// stays as it is; what needs consent ends (photos, anything optional).
#[derive(Serialize)]
pub struct ConsentChanged {
    student: StudentId,
    account: AccountId,
    given: bool,
    text_version: i32,
}

impl ConsentChanged {
    /// `text_version` is the one that was shown.
    pub fn by(guardian: &Guardian<'_>, account: AccountId, given: bool, text_version: i32) -> Self {
        ConsentChanged { student: guardian.child().student(), account, given, text_version }
    }
}

impl Act for ConsentChanged {
    const VERB: &'static str = "consent_changed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "given": self.given })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let now = tx.now();
        let standing = consent::table
            .filter(consent::account_id.eq(self.account))
            .filter(consent::student_id.eq(self.student))
            .filter(consent::withdrawn_at.is_null());
        let ended = diesel::update(standing).set(consent::withdrawn_at.eq(now)).execute(tx.conn())?;
        if !self.given {
            return if ended > 0 { Ok(()) } else { Err(Refused::conflict("同意已经撤回了。")) };
        }
        let consented = Consented { version: self.text_version, channel: "phone", at: now };
        consent_to(tx, self.account, self.student, &consented)
    }
}
