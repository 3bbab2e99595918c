//! What a guardian may ask for, and the school's answer in writing (PIPL 46, 47;
//! 未成年人网络保护条例 32–36).

use crate::access::own::data_request;
use crate::access::{Act, Child, Look, Refused, Said, Tx, WholeSchool};
use crate::names::{AccountId, RequestId, StudentId};
use crate::roster::calendar::working_days;
use crate::schema::{account, student};
use chrono::{Days, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Within how many working days a request is answered.
const ANSWER_WITHIN: usize = 15;

/// What a guardian asked, and what the school answered.
#[derive(Clone, Debug, Serialize, Queryable)]
pub struct DataRequest {
    pub id: RequestId,
    pub student: StudentId,
    /// Whose name it is about, and who asked.
    pub name: String,
    pub by: String,
    pub kind: String,
    pub text: String,
    pub asked_at: NaiveDateTime,
    pub due_on: NaiveDate,
    pub answer: Option<String>,
    pub answered_at: Option<NaiveDateTime>,
}

pub(super) fn requests(look: &mut Look, of: Option<StudentId>) -> Result<Vec<DataRequest>, Refused> {
    let mut query = look
        .own(data_request::rows)
        .inner_join(student::table.on(student::id.eq(data_request::student_id)))
        .inner_join(account::table.on(account::id.eq(data_request::account_id)))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(data_request::student_id.eq(of));
    }
    Ok(query
        .order((data_request::answered_at.is_not_null(), data_request::due_on, data_request::id))
        .select((
            data_request::id,
            student::id,
            student::name,
            account::name,
            data_request::kind,
            data_request::text,
            data_request::asked_at,
            data_request::due_on,
            data_request::answer,
            data_request::answered_at,
        ))
        .load(look.conn())?)
}

/// What guardians of this school ask for: the open ones first, by their deadlines.
pub fn data_requests(look: &mut Look, _: WholeSchool) -> Result<Vec<DataRequest>, Refused> {
    requests(look, None)
}

/// A guardian asks for a correction or a deletion.
#[derive(Serialize)]
pub struct AskData {
    student: StudentId,
    account: AccountId,
    kind: &'static str,
    text: String,
    due_on: NaiveDate,
}

impl AskData {
    /// # Errors
    /// [`Refused::Invalid`] at `text` when nothing is asked, or too much.
    pub fn by(tx: &mut Tx, guardian: Child, account: AccountId, deletion: bool, text: String) -> Result<Self, Refused> {
        if text.is_empty() {
            return Err(Refused::invalid("text", "请写清楚哪一项、应该是什么，或者想删掉什么。"));
        }
        if text.chars().count() > 500 {
            return Err(Refused::invalid("text", "最多 500 字，请写得短一些。"));
        }
        let today = tx.today();
        let due_on = working_days(tx, today, today + Days::new(60))?.after(today, ANSWER_WITHIN);
        Ok(AskData {
            student: guardian.student(),
            account,
            kind: if deletion { "delete" } else { "correct" },
            text,
            due_on,
        })
    }
}

impl Act for AskData {
    const VERB: &'static str = "data_asked";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "kind": self.kind })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let now = tx.now();
        tx.put(
            data_request::rows,
            (
                data_request::id.eq(RequestId::new()),
                data_request::student_id.eq(self.student),
                data_request::account_id.eq(self.account),
                data_request::kind.eq(self.kind),
                data_request::text.eq(self.text.clone()),
                data_request::asked_at.eq(now),
                data_request::due_on.eq(self.due_on),
            ),
        )?;
        Ok(())
    }
}

/// The school answers in writing, once.
#[derive(Serialize)]
pub struct AnswerData {
    request: RequestId,
    answer: String,
    /// Who asked, about whom.
    #[serde(skip)]
    asked: (AccountId, StudentId),
}

impl AnswerData {
    /// # Errors
    /// [`Refused::NotFound`] for a request of another school; [`Refused::Invalid`]
    /// for an empty answer; [`Refused::Conflict`] for one that is answered.
    pub fn of(tx: &mut Tx, _: WholeSchool, request: RequestId, answer: String) -> Result<Self, Refused> {
        let (answered, asked): (Option<NaiveDateTime>, (AccountId, StudentId)) = tx
            .own(data_request::rows)
            .filter(data_request::id.eq(request))
            .select((data_request::answered_at, (data_request::account_id, data_request::student_id)))
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        if answered.is_some() {
            return Err(Refused::conflict("这一条已经答复过了。"));
        }
        if answer.is_empty() {
            return Err(Refused::invalid(
                format!("answer-{request}"),
                "请写下答复：改了什么、删了什么，或者为什么不能。",
            ));
        }
        Ok(AnswerData { request, answer, asked })
    }
}

impl Act for AnswerData {
    const VERB: &'static str = "data_answered";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "request": self.request })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (now, by) = (tx.now(), tx.by().account());
        let open = tx.own(data_request::rows).filter(data_request::id.eq(self.request));
        diesel::update(open)
            .set((
                data_request::answer.eq(self.answer.clone()),
                data_request::answered_by.eq(by),
                data_request::answered_at.eq(now),
            ))
            .execute(tx.conn())?;
        tx.tell(Said::Data, &[self.asked])
    }
}
