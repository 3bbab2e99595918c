use super::author;
use crate::access::own::seal;
use crate::access::{Act, Attempt, Child, Look, Refused, Tx};
use crate::names::{AccountId, StudentId, Term};
use crate::platform::text::tidy;
use crate::schema::{account, guardianship};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

crate::school_table!(message (student_id, term, account_id, revision) {
    term -> Integer,
    student_id -> Guid,
    account_id -> Guid,
    revision -> Integer,
    text -> Text,
    at -> Timestamp,
});

crate::queried_with!(message: enrolment; account, guardianship);

/// A guardian's words to the child in a term 寄语.
#[derive(Clone, Debug)]
pub struct Message {
    pub student: StudentId,
    pub term: Term,
    pub account: AccountId,
    pub by: String,
    /// Father, mother…; empty when the guardian is bound no longer.
    pub relation: String,
    pub text: String,
}

/// What the guardians said to this child, each one's newest words of each term.
pub fn child_messages(look: &mut Look, child: Child) -> Result<Vec<Message>, Refused> {
    messages_of(look, &[child.student()])
}

pub(super) fn messages_of(look: &mut Look, students: &[StudentId]) -> Result<Vec<Message>, Refused> {
    let all = look
        .own(message::rows)
        .inner_join(account::table.on(account::id.eq(message::account_id)))
        .left_join(
            guardianship::table.on(guardianship::account_id
                .eq(message::account_id)
                .and(guardianship::student_id.eq(message::student_id))
                .and(guardianship::ended_at.is_null())),
        )
        .order((message::term, message::revision, message::at))
        .select((
            message::student_id,
            message::term,
            message::account_id,
            account::name,
            guardianship::relation.nullable(),
            message::text,
        ))
        .into_boxed();
    let rows: Vec<(StudentId, Term, AccountId, String, Option<String>, String)> = match students {
        // A statement with a list of any length is prepared anew every time.
        [child] => all.filter(message::student_id.eq(*child)).load(look.conn())?,
        many => all.filter(message::student_id.eq_any(many)).load(look.conn())?,
    };
    let mut newest: Vec<Message> = Vec::new();
    for (student, term, account, by, relation, text) in rows {
        newest.retain(|message| (message.student, message.term, message.account) != (student, term, account));
        newest.push(Message { student, term, account, by, relation: relation.unwrap_or_default(), text });
    }
    newest.retain(|message| !message.text.is_empty());
    Ok(newest)
}

/// A guardian writes to the child; the last words of a term count.
#[derive(Serialize)]
pub struct WriteMessage {
    child: Child,
    term: Term,
    text: String,
    #[serde(skip)]
    revision: i32,
}

impl Message {
    /// How the writer is named to the child: 父亲, 母亲…, or by name.
    pub fn signed(&self) -> &str {
        if self.relation.is_empty() { &self.by } else { &self.relation }
    }
}

impl WriteMessage {
    /// # Errors
    /// [`Refused::Invalid`] when it is too long, [`Refused::Conflict`] when the term
    /// is sealed.
    pub fn prepare(
        tx: &mut Tx,
        child: Child,
        term: Term,
        text: &str,
        most: usize,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let text = tidy(text);
        let length = text.chars().count();
        if length > most {
            return Err(Refused::invalid("text", format!("寄语最多 {most} 字，现在 {length} 字。")));
        }
        let sealed: i64 = tx
            .own(seal::rows)
            .filter(seal::student_id.eq(child.student()))
            .filter(seal::term.eq(term))
            .count()
            .get_result(tx.conn())?;
        if sealed > 0 {
            return Err(Refused::conflict("这个学期已经归档，寄语不能再改。"));
        }
        let me = author(tx)?;
        let mine = tx
            .own(message::rows)
            .filter(message::term.eq(term))
            .filter(message::student_id.eq(child.student()))
            .filter(message::account_id.eq(me));
        let last: Option<i32> = mine.select(max(message::revision)).first(tx.conn())?;
        let revision = last.unwrap_or(0);
        if revision > 0 {
            let mine = tx
                .own(message::rows)
                .filter(message::term.eq(term))
                .filter(message::student_id.eq(child.student()))
                .filter(message::account_id.eq(me))
                .filter(message::revision.eq(revision));
            let standing: String = mine.select(message::text).first(tx.conn())?;
            if standing == text {
                return Ok(Attempt::Nothing(()));
            }
        } else if text.is_empty() {
            return Err(Refused::invalid("text", "还没有写。写一句也好。"));
        }
        Ok(Attempt::Act(WriteMessage { child, term, text, revision: revision + 1 }))
    }
}

impl Act for WriteMessage {
    const VERB: &'static str = "message_written";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        tx.put(
            message::rows,
            (
                message::term.eq(self.term),
                message::student_id.eq(self.child.student()),
                message::account_id.eq(by),
                message::revision.eq(self.revision),
                message::text.eq(&self.text),
                message::at.eq(at),
            ),
        )?;
        Ok(())
    }
}
