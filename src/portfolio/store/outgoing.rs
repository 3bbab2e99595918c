use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, Cohort, SendingId, Term};
use crate::schema::account;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

crate::school_table!(cohort_sent (id) {
    id -> Guid,
    cohort -> Integer,
    form -> Text,
    chosen -> Text,
    pupils -> Integer,
    recipient -> Text,
    sha256 -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(cohort_sent: seal; account);

/// A class's booklet is taken out, by its teacher or the office.
#[derive(Serialize)]
pub struct BookletTaken {
    pub class: ClassId,
    pub term: Term,
    pub pupils: usize,
    /// Of the PDF that left.
    pub sha256: String,
}

impl Act for BookletTaken {
    const VERB: &'static str = "booklet_taken";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term, "sha256": self.sha256 })
    }

    fn perform(&self, _: &mut Tx) -> Result<(), Refused> {
        Ok(())
    }
}

/// A cohort's bands or credentials leave for another office.
#[derive(Serialize)]
pub struct SendCohort {
    pub cohort: Cohort,
    /// `xlsx` or `clr`.
    pub form: &'static str,
    /// The columns of a workbook, as they stand in it.
    pub columns: Vec<&'static str>,
    pub pupils: usize,
    /// Who it is for, in the office's words.
    pub recipient: String,
    /// Of the file that left.
    pub sha256: String,
}

impl Act for SendCohort {
    const VERB: &'static str = "cohort_sent";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "cohort": self.cohort, "form": self.form, "sha256": self.sha256 })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        tx.put(
            cohort_sent::rows,
            (
                cohort_sent::id.eq(SendingId::new()),
                cohort_sent::cohort.eq(self.cohort.0),
                cohort_sent::form.eq(self.form),
                cohort_sent::chosen.eq(self.columns.join(" ")),
                cohort_sent::pupils.eq(self.pupils as i32),
                cohort_sent::recipient.eq(self.recipient.clone()),
                cohort_sent::sha256.eq(self.sha256.clone()),
                (cohort_sent::account_id.eq(by), cohort_sent::at.eq(at)),
            ),
        )?;
        Ok(())
    }
}

/// What left for another office, and who sent it.
#[derive(Clone, Debug, Queryable)]
pub struct Sending {
    pub cohort: i32,
    /// `xlsx` or `clr`.
    pub form: String,
    /// Codes of a workbook's columns, blanks between; empty with credentials.
    pub columns: String,
    pub pupils: i32,
    pub recipient: String,
    pub by: String,
    pub at: NaiveDateTime,
}

/// What left this school, the newest first.
pub fn sendings(look: &mut Look, _: WholeSchool) -> Result<Vec<Sending>, Refused> {
    Ok(look
        .own(cohort_sent::rows)
        .inner_join(account::table.on(account::id.eq(cohort_sent::account_id)))
        .order((cohort_sent::at.desc(), cohort_sent::id.desc()))
        .select((
            cohort_sent::cohort,
            cohort_sent::form,
            cohort_sent::chosen,
            cohort_sent::pupils,
            cohort_sent::recipient,
            account::name,
            cohort_sent::at,
        ))
        .load(look.conn())?)
}
