use crate::access::{Act, OwnClass, Refused, Tx};
use crate::cycle::{Part, Signing, first_notice, put_stage, stage_signed};
use crate::names::Term;
use serde::Serialize;
use serde_json::json;

/// After the notice the class teacher signs that everything was checked.
#[derive(Serialize)]
pub struct CheckClass {
    class: OwnClass,
    term: Term,
}

impl CheckClass {
    /// # Errors
    /// [`Refused::Conflict`] in another term, before the notice is over, or when it was
    /// signed already.
    pub fn prepare(tx: &mut Tx, own: &OwnClass, asked: Term) -> Result<Self, Refused> {
        if asked != own.term() {
            return Err(Refused::conflict("只能核对本学期。请回到本学期。"));
        }
        let notice = first_notice(tx, own.id(), asked, Part::Term)?
            .ok_or_else(|| Refused::conflict("这个班还没有公示。签字以后由教务开公示，公示结束再核对。"))?;
        if notice.is_open(tx.now()) {
            return Err(Refused::conflict(format!("公示到 {} 17:00 才结束，结束以后再核对签字。", notice.last_on)));
        }
        if let [Some(done), _] = stage_signed(tx, own.id(), asked, Part::Term)? {
            return Err(Refused::conflict(format!("{}已经核对签字了。", done.name)));
        }
        Ok(CheckClass { class: *own, term: asked })
    }
}

impl Act for CheckClass {
    const VERB: &'static str = "class_checked";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_stage(tx, self.class.id(), self.term, Part::Term, Signing::Checked)
    }
}
