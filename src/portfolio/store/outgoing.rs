use crate::access::{Act, Refused, Tx};
use crate::names::{ClassId, Cohort, Term};
use serde::Serialize;
use serde_json::json;

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

    fn perform(&self, _: &mut Tx) -> Result<(), Refused> {
        Ok(())
    }
}
