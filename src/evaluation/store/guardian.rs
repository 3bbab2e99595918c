use super::author;
use super::pupil::may_speak;
use crate::access::own::enrolment;
use crate::access::{Act, Attempt, Child, Fault, Look, OwnClass, Refused, Tx};
use crate::cycle::Step;
use crate::names::{AccountId, Domain, StudentId, Term};
use crate::platform::text::tidy;
use crate::roster::calendar::TermDates;
use crate::schema::guardianship;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

crate::school_table!(guardian_view (student_id, term, account_id, domain, revision) {
    student_id -> Guid,
    term -> Integer,
    account_id -> Guid,
    domain -> Text,
    revision -> Integer,
    text -> Text,
    at -> Timestamp,
});

crate::queried_with!(guardian_view: enrolment; guardianship);

/// Most characters of what a guardian says of one domain.
pub const VIEW_CHARACTERS: usize = 100;

/// What one guardian has said of a child in a term, with the revision of each domain.
pub fn own_views(
    look: &mut Look,
    child: Child,
    me: AccountId,
    term: Term,
) -> Result<BTreeMap<Domain, (String, i32)>, Refused> {
    let rows: Vec<(Domain, String, i32)> = look
        .own(guardian_view::rows)
        .filter(guardian_view::student_id.eq(child.student()))
        .filter(guardian_view::term.eq(term))
        .filter(guardian_view::account_id.eq(me))
        .order(guardian_view::revision)
        .select((guardian_view::domain, guardian_view::text, guardian_view::revision))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(domain, text, revision)| (domain, (text, revision))).collect())
}

/// What the guardians of one's own class say, domain by domain: who, and their words.
pub fn class_guardian_views(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
) -> Result<HashMap<StudentId, BTreeMap<Domain, Vec<(String, String)>>>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<(StudentId, AccountId, Domain, String, Option<String>)> = look
        .own(guardian_view::rows)
        .inner_join(enrolment::joined().on(
            enrolment::school_id.eq(guardian_view::school_id).and(enrolment::student_id.eq(guardian_view::student_id)),
        ))
        .left_join(
            guardianship::table.on(guardianship::account_id
                .eq(guardian_view::account_id)
                .and(guardianship::student_id.eq(guardian_view::student_id))
                .and(guardianship::ended_at.is_null())),
        )
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(guardian_view::term.eq(term.term))
        .order((guardian_view::revision, guardian_view::at))
        .select((
            guardian_view::student_id,
            guardian_view::account_id,
            guardian_view::domain,
            guardian_view::text,
            guardianship::relation.nullable(),
        ))
        .load(look.conn())?;
    let mut newest: BTreeMap<(StudentId, Domain, AccountId), (String, String)> = BTreeMap::new();
    for (student, account, domain, text, relation) in rows {
        newest.insert((student, domain, account), (relation.unwrap_or_else(|| "家长".to_owned()), text));
    }
    let mut of: HashMap<StudentId, BTreeMap<Domain, Vec<(String, String)>>> = HashMap::new();
    for ((student, domain, _), told) in newest.into_iter().filter(|(_, (_, text))| !text.is_empty()) {
        of.entry(student).or_default().entry(domain).or_default().push(told);
    }
    Ok(of)
}

/// A guardian says how they see the child, domain by domain, in words.
#[derive(Serialize)]
pub struct TellView {
    child: Child,
    term: Term,
    views: Vec<(Domain, String, i32)>,
}

impl TellView {
    /// # Errors
    /// [`Refused::Invalid`] for words too long; as [`may_speak`].
    pub fn prepare(
        tx: &mut Tx,
        child: Child,
        term: Term,
        typed: &BTreeMap<Domain, String>,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let (at, scheme) = may_speak(tx, child, Step::Guardian)?;
        if at.term.term != term {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期再写。"));
        }
        let me = author(tx)?;
        let stands = own_views(tx, child, me, term)?;
        let (mut views, mut faults) = (Vec::new(), Vec::new());
        for (domain, text) in typed {
            let (text, name) = (tidy(text), &scheme.domain(*domain).name);
            let length = text.chars().count();
            if length > VIEW_CHARACTERS {
                let said = format!("{name}最多 {VIEW_CHARACTERS} 个字，现在 {length} 个，请删短一点。");
                faults.push(Fault::at(format!("view_{}", domain.code()), said));
            }
            let (standing, revision) = stands.get(domain).map_or(("", 0), |(text, n)| (text.as_str(), *n));
            if standing != text {
                views.push((*domain, text, revision + 1));
            }
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        if views.is_empty() {
            return Ok(Attempt::Nothing(()));
        }
        Ok(Attempt::Act(TellView { child, term, views }))
    }
}

impl Act for TellView {
    const VERB: &'static str = "guardian_told";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.child, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        for (domain, text, revision) in &self.views {
            tx.put(
                guardian_view::rows,
                (
                    guardian_view::student_id.eq(self.child.student()),
                    guardian_view::term.eq(self.term),
                    guardian_view::account_id.eq(by),
                    guardian_view::domain.eq(*domain),
                    guardian_view::revision.eq(*revision),
                    guardian_view::text.eq(text),
                    guardian_view::at.eq(at),
                ),
            )?;
        }
        Ok(())
    }
}
