use super::GRADUATION;
use crate::access::own::seal;
use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx, WholeSchool};
use crate::names::StudentId;
use crate::portfolio::credential::credential_id;
use crate::schema::{verify_code, withdrawal};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A portfolio no longer holds: it stays where it is, whoever asks is told.
#[derive(Serialize)]
pub struct WithdrawPortfolio {
    student: StudentId,
    code: String,
    credential: String,
    reason: String,
}

impl WithdrawPortfolio {
    /// # Errors
    /// [`Refused::Invalid`] without a reason or for a code the school has not issued;
    /// [`Refused::Conflict`] for one withdrawn already.
    pub fn prepare(tx: &mut Tx, _: WholeSchool, code: &str, reason: &str) -> Result<Self, Refused> {
        let reason = crate::platform::text::tidy(reason);
        if reason.is_empty() {
            return Err(Refused::invalid("reason", "请写明为什么撤回，日志里要留。"));
        }
        let school = tx.school();
        let found: Option<(StudentId, i32)> = verify_code::table
            .filter(verify_code::code.eq(code))
            .filter(verify_code::school_id.eq(school))
            .select((verify_code::student_id, verify_code::version))
            .first(tx.conn())
            .optional()?;
        let (student, version) = found
            .ok_or_else(|| Refused::invalid("code", "本校没有发过这个编号的档案。请照封面核对 12 个字母和数字。"))?;
        if withdrawn_on(tx.conn(), code)?.is_some() {
            return Err(Refused::conflict("这份档案已经撤回了。"));
        }
        let sealed: String = tx
            .own(seal::rows)
            .filter(seal::student_id.eq(student))
            .filter(seal::part.eq(GRADUATION))
            .filter(seal::version.eq(version))
            .select(seal::sha256)
            .first(tx.conn())?;
        Ok(WithdrawPortfolio { student, code: code.to_owned(), credential: credential_id(&sealed), reason })
    }
}

impl Act for WithdrawPortfolio {
    const VERB: &'static str = "portfolio_withdrawn";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "credential": self.credential })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (tx.by().account(), tx.now());
        diesel::insert_into(withdrawal::table)
            .values((
                withdrawal::code.eq(&self.code),
                withdrawal::credential.eq(&self.credential),
                withdrawal::reason.eq(&self.reason),
                withdrawal::account_id.eq(by),
                withdrawal::at.eq(at),
            ))
            .execute(tx.conn())?;
        Ok(())
    }
}

fn withdrawn_on(conn: &mut crate::platform::db::Conn, code: &str) -> QueryResult<Option<NaiveDateTime>> {
    withdrawal::table.filter(withdrawal::code.eq(code)).select(withdrawal::at).first(conn).optional()
}

/// When the portfolio of this code was withdrawn.
pub fn withdrawal_of<S: Scope>(look: &mut Look<S>, code: &str) -> Result<Option<NaiveDateTime>, Refused> {
    Ok(withdrawn_on(look.conn(), code)?)
}

/// Every credential withdrawn so far and when, the oldest first.
pub fn withdrawals(look: &mut Look<CountyWide>) -> Result<Vec<(String, NaiveDateTime)>, Refused> {
    Ok(withdrawal::table
        .order((withdrawal::at, withdrawal::credential))
        .select((withdrawal::credential, withdrawal::at))
        .load(look.conn())?)
}
