use super::issued::PrintFailed;
use super::run_items::{Item, finish, settle};
use crate::access::{Act, Refused, Tx};
use crate::names::{ClassId, RunId, StudentId, Term};
use serde::Serialize;
use serde_json::json;

/// A term report just printed, its PDF in the file store already.
#[derive(Clone, Debug, Serialize)]
pub struct ReportPrint {
    pub student: StudentId,
    pub pdf_sha256: String,
    pub pages: usize,
}

/// Keeps some printed reports of a class's run, to be handed to the families.
#[derive(Serialize)]
pub struct KeepReports {
    pub run: RunId,
    pub class: ClassId,
    pub term: Term,
    pub printed: Vec<ReportPrint>,
    pub failed: Vec<PrintFailed>,
}

impl Act for KeepReports {
    const VERB: &'static str = "reports_printed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.printed.iter().map(|print| print.student).collect();
        json!({ "run": self.run, "class": self.class, "term": self.term, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        for print in &self.printed {
            let pdf = (print.pdf_sha256.clone(), print.pages as i32);
            settle(tx, self.run, print.student, Item::done(Some(pdf)))?;
        }
        for failed in &self.failed {
            settle(tx, self.run, failed.student, Item::failed(&failed.why))?;
        }
        finish(tx, self.run)
    }
}
