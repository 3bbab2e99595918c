//! 个案查看: opening and ending a case, and who has one.

use crate::access::own::{case_view, enrolment};
use crate::access::{Act, CaseItem, Child, Look, Refused, Teacher, Tx, WholeSchool};
use crate::names::{AccountId, CaseId, ClassId, ObjectionId, StudentId, Term};
use crate::schema::{account, student};
use chrono::{Days, Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// For how many days a case stands at most.
pub const MOST_DAYS: u64 = 31;
/// For how long someone of the staff who opens one for themselves sees it.
const OWN_HOURS: i64 = 24;
const REASON: std::ops::RangeInclusive<usize> = 4..=300;

/// A named person may see one term of one child, for a reason, until an end.
#[derive(Serialize)]
pub struct OpenCase {
    item: CaseItem,
    viewer: AccountId,
    reason: String,
    expires_at: NaiveDateTime,
}

impl OpenCase {
    /// Office or principal name a person: someone of the staff, or of the county.
    /// `until` is the last day.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a child of another school; [`Refused::Invalid`] at
    /// `login`, `reason` or `until`; [`Refused::Conflict`] where one stands already.
    pub fn named(
        tx: &mut Tx,
        _: WholeSchool,
        item: CaseItem,
        viewer: AccountId,
        reason: String,
        until: NaiveDate,
    ) -> Result<Self, Refused> {
        OpenCase::until(tx, item, viewer, reason, until)
    }

    /// An objection goes on to another handler, who sees what it is about.
    ///
    /// # Errors
    /// As [`named`](Self::named); [`Refused::NotFound`] for an item without its objection.
    pub fn escalated(
        tx: &mut Tx,
        item: CaseItem,
        viewer: AccountId,
        reason: String,
        until: NaiveDate,
    ) -> Result<Self, Refused> {
        item.objection.ok_or(Refused::NotFound)?;
        OpenCase::until(tx, item, viewer, reason, until)
    }

    /// Someone of the staff looks beyond their posts: first the reason is written, then
    /// one sees, for a day.
    ///
    /// # Errors
    /// As [`named`](Self::named).
    pub fn beyond_posts(tx: &mut Tx, _: &Teacher, item: CaseItem, reason: String) -> Result<Self, Refused> {
        let (me, expires_at) = (tx.by().person()?, tx.now() + Duration::hours(OWN_HOURS));
        OpenCase::checked(tx, item, me, reason, expires_at)
    }

    fn until(
        tx: &mut Tx,
        item: CaseItem,
        viewer: AccountId,
        reason: String,
        until: NaiveDate,
    ) -> Result<Self, Refused> {
        let today = tx.today();
        if until < today || until > today + Days::new(MOST_DAYS) {
            return Err(Refused::invalid(
                "until",
                format!("到期日应在今天到 {MOST_DAYS} 天以内，例如 {}。", today + Days::new(7)),
            ));
        }
        let end = (until + Days::new(1)).and_time(chrono::NaiveTime::MIN);
        OpenCase::checked(tx, item, viewer, reason, end)
    }

    fn checked(
        tx: &mut Tx,
        item: CaseItem,
        viewer: AccountId,
        reason: String,
        expires_at: NaiveDateTime,
    ) -> Result<Self, Refused> {
        if !REASON.contains(&reason.chars().count()) {
            return Err(Refused::invalid("reason", "请写清楚为什么要看，4 到 300 个字。校长和家长都看得到这句话。"));
        }
        let here: i64 =
            tx.own(enrolment::rows).filter(enrolment::student_id.eq(item.student)).count().get_result(tx.conn())?;
        if here == 0 {
            return Err(Refused::NotFound);
        }
        let (scope, today, now) = (tx.scope().clone(), tx.today(), tx.now());
        if !scope.may_name(tx.conn(), viewer, today)? {
            return Err(Refused::invalid("login", "只能给本校教职工或者县教育局的人开个案。请核对账号。"));
        }
        let stands: i64 = tx
            .own(case_view::rows)
            .filter(case_view::student_id.eq(item.student))
            .filter(case_view::term.eq(item.term))
            .filter(case_view::account_id.eq(viewer))
            .filter(case_view::ended_at.is_null())
            .filter(case_view::expires_at.gt(now))
            .count()
            .get_result(tx.conn())?;
        if stands > 0 {
            return Err(Refused::conflict("这个人已经有这个学生这一学期的个案，还没到期，不用再开。"));
        }
        Ok(OpenCase { item, viewer, reason, expires_at })
    }
}

impl Act for OpenCase {
    const VERB: &'static str = "case_opened";
    type Done = CaseId;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.item.student, "term": self.item.term, "objection": self.item.objection,
            "viewer": self.viewer })
    }

    fn perform(&self, tx: &mut Tx) -> Result<CaseId, Refused> {
        let (case, now, by) = (CaseId::new(), tx.now(), tx.by().account());
        tx.put(
            case_view::rows,
            (
                case_view::id.eq(case),
                case_view::student_id.eq(self.item.student),
                case_view::term.eq(self.item.term),
                case_view::objection_id.eq(self.item.objection),
                case_view::account_id.eq(self.viewer),
                case_view::reason.eq(self.reason.clone()),
                case_view::opened_by.eq(by),
                case_view::opened_at.eq(now),
                case_view::expires_at.eq(self.expires_at),
            ),
        )?;
        Ok(case)
    }
}

/// Ends what was opened for an objection: it moved on, and whoever looked into it need
/// not look any more. Part of the act that moves it.
pub fn end_cases_of(tx: &mut Tx, objection: ObjectionId) -> Result<(), Refused> {
    let now = tx.now();
    let open = tx
        .own(case_view::rows)
        .filter(case_view::objection_id.eq(objection))
        .filter(case_view::ended_at.is_null())
        .filter(case_view::expires_at.gt(now));
    diesel::update(open).set(case_view::ended_at.eq(now)).execute(tx.conn())?;
    Ok(())
}

/// Whether somebody's case for an objection still stands.
pub fn case_stands(look: &mut Look, objection: ObjectionId, viewer: AccountId) -> Result<bool, Refused> {
    let now = look.now();
    let standing: i64 = look
        .own(case_view::rows)
        .filter(case_view::objection_id.eq(objection))
        .filter(case_view::account_id.eq(viewer))
        .filter(case_view::ended_at.is_null())
        .filter(case_view::expires_at.gt(now))
        .count()
        .get_result(look.conn())?;
    Ok(standing > 0)
}

/// Office or principal end a case before its day.
#[derive(Serialize)]
pub struct EndCase {
    case: CaseId,
    student: StudentId,
}

impl EndCase {
    /// # Errors
    /// [`Refused::NotFound`] for a case of another school; [`Refused::Conflict`] for one
    /// that is over.
    pub fn of(tx: &mut Tx, _: WholeSchool, case: CaseId) -> Result<Self, Refused> {
        let now = tx.now();
        let (student, ended, expires): (StudentId, Option<NaiveDateTime>, NaiveDateTime) = tx
            .own(case_view::rows)
            .filter(case_view::id.eq(case))
            .select((case_view::student_id, case_view::ended_at, case_view::expires_at))
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        if ended.is_some() || expires <= now {
            return Err(Refused::conflict("这个个案已经结束了。"));
        }
        Ok(EndCase { case, student })
    }
}

impl Act for EndCase {
    const VERB: &'static str = "case_ended";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "case": self.case, "student": self.student })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let now = tx.now();
        let held = tx.own(case_view::rows).filter(case_view::id.eq(self.case));
        diesel::update(held).set(case_view::ended_at.eq(now)).execute(tx.conn())?;
        Ok(())
    }
}

/// A case as principal, office and family read it.
#[derive(Clone, Debug, Serialize)]
pub struct CaseRow {
    pub case: CaseId,
    pub student: StudentId,
    pub name: String,
    pub term: Term,
    /// The objection it serves.
    pub objection: Option<ObjectionId>,
    /// Who may look.
    pub viewer: String,
    pub reason: String,
    pub opened_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
    /// Opened by the viewer's own act.
    pub own: bool,
    pub stands: bool,
}

fn rows(look: &mut Look, of: Option<StudentId>, viewer: Option<AccountId>) -> Result<Vec<CaseRow>, Refused> {
    let now = look.now();
    let mut query = look
        .own(case_view::rows)
        .inner_join(student::table.on(student::id.eq(case_view::student_id)))
        .inner_join(account::table.on(account::id.eq(case_view::account_id)))
        .into_boxed();
    if let Some(of) = of {
        query = query.filter(case_view::student_id.eq(of));
    }
    if let Some(viewer) = viewer {
        query = query.filter(case_view::account_id.eq(viewer));
    }
    type Row = (
        (CaseId, StudentId, String, Term, Option<ObjectionId>),
        (AccountId, String, String, Option<AccountId>),
        (NaiveDateTime, NaiveDateTime, Option<NaiveDateTime>),
    );
    let rows: Vec<Row> = query
        .order((case_view::opened_at.desc(), case_view::id))
        .select((
            (case_view::id, student::id, student::name, case_view::term, case_view::objection_id),
            (account::id, account::name, case_view::reason, case_view::opened_by),
            (case_view::opened_at, case_view::expires_at, case_view::ended_at),
        ))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(
            |(
                (case, student, name, term, objection),
                (account, viewer, reason, by),
                (opened_at, expires_at, ended_at),
            )| {
                CaseRow {
                    case,
                    student,
                    name,
                    term,
                    objection,
                    viewer,
                    reason,
                    opened_at,
                    expires_at,
                    ended_at,
                    own: by == Some(account),
                    stands: ended_at.is_none() && expires_at > now,
                }
            },
        )
        .collect())
}

/// The cases of the school, the newest first.
pub fn cases(look: &mut Look, _: WholeSchool) -> Result<Vec<CaseRow>, Refused> {
    rows(look, None, None)
}

/// The cases about one's own child, the newest first.
pub fn child_cases(look: &mut Look, child: Child) -> Result<Vec<CaseRow>, Refused> {
    rows(look, Some(child.student()), None)
}

/// The cases of the one who asks, the newest first.
pub fn my_cases(look: &mut Look, me: AccountId) -> Result<Vec<CaseRow>, Refused> {
    rows(look, None, Some(me))
}

/// The pupil of a class whom someone of the staff names in full, and by the seat where
/// two are called alike; `None` where nobody is, or more than one.
pub fn pupil_named(
    look: &mut Look,
    class: ClassId,
    name: &str,
    seat: Option<i32>,
) -> Result<Option<StudentId>, Refused> {
    let today = look.today();
    let found: Vec<(StudentId, i32)> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(class))
        .filter(enrolment::entered_on.le(today))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(today)))
        .filter(student::name.eq(name))
        .select((student::id, enrolment::seat))
        .load(look.conn())?;
    let found: Vec<StudentId> =
        found.into_iter().filter(|(_, at)| seat.is_none_or(|seat| seat == *at)).map(|(id, _)| id).collect();
    Ok(if let [one] = found[..] { Some(one) } else { None })
}
