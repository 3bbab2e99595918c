use crate::access::own::{class, post};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::account::{NewAccount, insert_account};
use crate::names::{AccountId, ClassId, MembershipId, PostId, Role, Term};
use crate::schema::{account, membership};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// What someone of the staff does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    Homeroom {
        class: ClassId,
        term: Term,
    },
    Deputy {
        class: ClassId,
        term: Term,
    },
    Subject {
        class: ClassId,
        term: Term,
        subject: String,
    },
    /// Organiser, committee or health, in one class, several or all of the term.
    Several {
        role: Role,
        classes: Vec<ClassId>,
        term: Term,
    },
    Office,
    Principal,
}

/// Who is appointed: someone with an account, or someone new.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Appointment {
    Known(AccountId),
    New(NewAccount),
}

/// The office appoints someone to a position in this school.
#[derive(Serialize)]
pub struct AppointStaff {
    pub who: Appointment,
    pub position: Position,
}

impl Act for AppointStaff {
    const VERB: &'static str = "staff_appointed";
    type Done = AccountId;

    fn about(&self) -> serde_json::Value {
        let account = if let Appointment::Known(account) = self.who { Some(account) } else { None };
        json!({ "account": account })
    }

    fn perform(&self, tx: &mut Tx) -> Result<AccountId, Refused> {
        let now = tx.now();
        let account = match &self.who {
            Appointment::Known(account) => *account,
            Appointment::New(new) => insert_account(tx.conn(), new, now)?,
        };
        match &self.position {
            Position::Homeroom { class, term } => new_post(tx, account, Role::Homeroom, *class, *term, None)?,
            Position::Deputy { class, term } => new_post(tx, account, Role::Deputy, *class, *term, None)?,
            Position::Subject { class, term, subject } => {
                new_post(tx, account, Role::Subject, *class, *term, Some(subject))?;
            }
            Position::Several { role, classes, term } => {
                if !SEVERAL.contains(role) || classes.is_empty() {
                    return Err(Refused::NotFound);
                }
                let mut given = 0;
                for class in classes {
                    given += usize::from(give_class(tx, account, *role, *class, *term, None)?);
                }
                if given == 0 {
                    return Err(Refused::conflict(HELD));
                }
            }
            Position::Office => belong(tx, account, "office")?,
            Position::Principal => belong(tx, account, "principal")?,
        }
        Ok(account)
    }
}

/// The posts one person usually has in several classes.
pub const SEVERAL: [Role; 3] = [Role::Organiser, Role::Committee, Role::Health];

const HELD: &str = "这位老师在这个班已经有这项任职，不用再安排。";

fn new_post(
    tx: &mut Tx,
    account: AccountId,
    role: Role,
    class: ClassId,
    term: Term,
    subject: Option<&String>,
) -> Result<(), Refused> {
    if give_class(tx, account, role, class, term, subject)? { Ok(()) } else { Err(Refused::conflict(HELD)) }
}

/// `false` where the post is held already.
fn give_class(
    tx: &mut Tx,
    account: AccountId,
    role: Role,
    class_id: ClassId,
    term: Term,
    subject: Option<&String>,
) -> Result<bool, Refused> {
    let there: i64 = tx.own(class::rows).filter(class::id.eq(class_id)).count().get_result(tx.conn())?;
    if there == 0 {
        return Err(Refused::NotFound);
    }
    let today = tx.today();
    let same: Vec<Option<String>> = tx
        .own(post::rows)
        .filter(post::class_id.eq(class_id))
        .filter(post::term.eq(term))
        .filter(post::account_id.eq(account))
        .filter(post::role.eq(role.code()))
        .filter(post::until.is_null())
        .select(post::subject)
        .load(tx.conn())?;
    if same.iter().any(|held| held.as_ref() == subject) {
        return Ok(false);
    }
    if role == Role::Homeroom {
        // The predecessor's post ends; what was written stays, signed by who wrote it.
        let held = tx
            .own(post::rows)
            .filter(post::class_id.eq(class_id))
            .filter(post::term.eq(term))
            .filter(post::role.eq(role.code()))
            .filter(post::until.is_null());
        diesel::update(held).set(post::until.eq(today)).execute(tx.conn())?;
    }
    belong(tx, account, "teacher")?;
    put_post(tx, account, role, class_id, term, subject.cloned(), today)?;
    Ok(true)
}

/// Puts a post in; part of an appointment and of opening a term.
pub(super) fn put_post(
    tx: &mut Tx,
    account: AccountId,
    role: Role,
    class: ClassId,
    term: Term,
    subject: Option<String>,
    since: NaiveDate,
) -> Result<(), Refused> {
    tx.put(
        post::rows,
        (
            post::id.eq(PostId::new()),
            post::term.eq(term),
            post::class_id.eq(class),
            post::account_id.eq(account),
            post::role.eq(role.code()),
            post::subject.eq(subject),
            post::since.eq(since),
        ),
    )?;
    Ok(())
}

/// Makes the account a member of this school in that role, unless it is one.
fn belong(tx: &mut Tx, account: AccountId, role: &str) -> Result<(), Refused> {
    let (school, today) = (tx.school(), tx.today());
    let is_member: i64 = membership::table
        .filter(membership::account_id.eq(account))
        .filter(membership::role.eq(role))
        .filter(membership::school_id.eq(school))
        .filter(membership::until.is_null())
        .count()
        .get_result(tx.conn())?;
    if is_member == 0 {
        diesel::insert_into(membership::table)
            .values((
                membership::id.eq(MembershipId::new()),
                membership::account_id.eq(account),
                membership::role.eq(role),
                membership::school_id.eq(school),
                membership::since.eq(today),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Whether an account belongs to this school's staff.
pub fn staff_of(look: &mut Look, account: AccountId) -> Result<bool, Refused> {
    let (school, today) = (look.school(), look.today());
    let held: i64 = membership::table
        .filter(membership::account_id.eq(account))
        .filter(membership::school_id.eq(school))
        .filter(membership::role.ne("pupil"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .count()
        .get_result(look.conn())?;
    Ok(held > 0)
}

/// Each class's homeroom teacher in a term: class, account, login, name.
pub fn homerooms(
    look: &mut Look,
    _: WholeSchool,
    term: Term,
) -> Result<Vec<(ClassId, AccountId, String, String)>, Refused> {
    Ok(look
        .own(post::rows)
        .inner_join(account::table.on(account::id.eq(post::account_id)))
        .filter(post::term.eq(term))
        .filter(post::role.eq(Role::Homeroom.code()))
        .filter(post::until.is_null())
        .order(post::class_id)
        .select((post::class_id, account::id, account::login, account::name))
        .load(look.conn())?)
}
