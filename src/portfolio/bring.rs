//! A pupil goes from one school of the county to another, and the sealed files with it,
//! in one act with a line in both schools' journals. Nothing is packed: the receiving
//! school reads the very bytes, and from then on keeps them itself.

use super::handover::{Package, inside_of};
use super::store::{CameFrom, HandOver, TakeOver};
use crate::access::{Act, ActBetween, Refused, Tx};
use crate::names::StudentId;
use crate::platform::files::Files;
use crate::roster::MovePupil;
use serde::Serialize;
use serde_json::json;

/// What the two schools write down.
#[derive(Serialize)]
pub struct Bring {
    /// The move in; none where the pupil is here already and only the files follow.
    moved: Option<MovePupil>,
    student: StudentId,
    issuer: String,
    files: Option<TakeOver>,
}

impl Bring {
    /// `found`: what lies in the school that sealed last, and its name.
    ///
    /// # Errors
    /// [`Refused::Conflict`] for files that do not hold together, and where there is
    /// neither a move nor anything new.
    pub fn prepare(
        tx: &mut Tx,
        student: StudentId,
        moved: Option<MovePupil>,
        found: Option<(Package, String)>,
        issuer: &str,
        store: &Files,
    ) -> Result<Self, Refused> {
        let files = match found {
            Some((package, school)) => {
                let inside = inside_of(&package).map_err(|bad| Refused::conflict(format!("{bad}。")))?;
                let from = CameFrom { issuer, package: "", school: &school };
                TakeOver::of_known(tx, from, (package, inside), student, store)?
            }
            None => None,
        };
        if moved.is_none() && files.is_none() {
            return Err(Refused::conflict("县里别的学校没有这位学生的、本校还缺的档案。"));
        }
        Ok(Bring { moved, student, issuer: issuer.to_owned(), files })
    }
}

impl ActBetween for Bring {
    const VERB: &'static str = "pupil_brought";
    const THERE: &'static str = "handed_over";
    /// Who it is, and how many terms came.
    type Done = (StudentId, usize);

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "moved": self.moved.is_some(), "files": self.files.is_some() })
    }

    fn about_there(&self) -> serde_json::Value {
        json!({ "student": self.student, "files": self.files.is_some() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(StudentId, usize), Refused> {
        if let Some(moved) = &self.moved {
            moved.perform(tx)?;
        }
        let come = self.files.as_ref().map(|files| files.perform(tx)).transpose()?;
        Ok((self.student, come.map_or(0, |(terms, _)| terms)))
    }

    fn perform_there(&self, tx: &mut Tx, here: &str) -> Result<(), Refused> {
        if self.files.is_none() {
            return Ok(());
        }
        let left = HandOver {
            student: self.student,
            issuer: self.issuer.clone(),
            sha256: String::new(),
            peer: Some(here.to_owned()),
            file: None,
            pdf: None,
        };
        left.perform(tx)?;
        Ok(())
    }
}
