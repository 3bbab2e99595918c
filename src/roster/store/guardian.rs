use super::bind::bind;
use crate::access::own::enrolment;
use crate::access::{Act, Refused, Tx};
use crate::account::insert_account;
use crate::names::{AccountId, MembershipId, StudentId};
use crate::roster::Appointment;
use crate::schema::membership;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// The school binds a guardian, or the pupil's own account, to a pupil of its own.
#[derive(Serialize)]
pub struct BindGuardian {
    pub who: Appointment,
    pub student: StudentId,
    /// Father, mother, grandmother…; `None` binds the pupil's own account.
    pub relation: Option<String>,
}

impl Act for BindGuardian {
    const VERB: &'static str = "guardian_bound";
    type Done = AccountId;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student })
    }

    fn perform(&self, tx: &mut Tx) -> Result<AccountId, Refused> {
        let ours: i64 =
            tx.own(enrolment::rows).filter(enrolment::student_id.eq(self.student)).count().get_result(tx.conn())?;
        if ours == 0 {
            return Err(Refused::NotFound);
        }
        let (now, today, school) = (tx.now(), tx.today(), tx.school());
        let account = match &self.who {
            Appointment::Known(account) => *account,
            Appointment::New(new) => insert_account(tx.conn(), new, now)?,
        };
        match &self.relation {
            Some(relation) => bind(tx, account, self.student, relation, None)?,
            None => {
                diesel::insert_into(membership::table)
                    .values((
                        membership::id.eq(MembershipId::new()),
                        membership::account_id.eq(account),
                        membership::role.eq("pupil"),
                        membership::school_id.eq(school),
                        membership::student_id.eq(self.student),
                        membership::since.eq(today),
                    ))
                    .execute(tx.conn())?;
            }
        }
        Ok(account)
    }
}
