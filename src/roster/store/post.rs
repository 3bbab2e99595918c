use crate::access::own::{class, post};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{AccountId, ClassId, ClassName, Cohort, PostId, Role, Term};
use crate::schema::{account, membership};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A post of someone in a class, in one term.
#[derive(Clone, Debug)]
pub struct PostRow {
    pub id: PostId,
    pub class: ClassId,
    pub class_name: ClassName,
    pub role: Role,
    pub subject: Option<String>,
    pub since: NaiveDate,
    pub until: Option<NaiveDate>,
}

/// Someone who teaches at this school, with the posts of a term in class order.
#[derive(Clone, Debug)]
pub struct StaffMember {
    pub account: AccountId,
    pub login: String,
    pub name: String,
    pub posts: Vec<PostRow>,
}

impl StaffMember {
    /// The classes led now: two are usual in small schools, and worth a word.
    pub fn leads(&self) -> Vec<ClassName> {
        let held = self.posts.iter().filter(|post| post.role == Role::Homeroom && post.until.is_none());
        held.map(|post| post.class_name).collect()
    }
}

/// The teachers of this school by login, with their posts in a term; ended posts stay
/// in the list, so that one sees who had a class before.
pub fn staff(look: &mut Look, _: WholeSchool, term: Term) -> Result<Vec<StaffMember>, Refused> {
    let (school, today) = (look.school(), look.today());
    let members: Vec<(AccountId, String, String)> = membership::table
        .inner_join(account::table.on(account::id.eq(membership::account_id)))
        .filter(membership::school_id.eq(school))
        .filter(membership::role.eq("teacher"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .order(account::login)
        .select((account::id, account::login, account::name))
        .load(look.conn())?;
    type Row = (AccountId, PostId, ClassId, Cohort, i32, Role, Option<String>, NaiveDate, Option<NaiveDate>);
    let rows: Vec<Row> = look
        .own(post::rows)
        .inner_join(class::joined().on(class::school_id.eq(post::school_id).and(class::id.eq(post::class_id))))
        .filter(post::term.eq(term))
        .order((class::cohort.desc(), class::number, post::role, post::since))
        .select((
            post::account_id,
            post::id,
            class::id,
            class::cohort,
            class::number,
            post::role,
            post::subject,
            post::since,
            post::until,
        ))
        .load(look.conn())?;
    Ok(members
        .into_iter()
        .map(|(account, login, name)| {
            let own = rows.iter().filter(|row| row.0 == account);
            let posts = own.map(|(_, id, class, cohort, number, role, subject, since, until)| PostRow {
                id: *id,
                class: *class,
                class_name: ClassName { cohort: *cohort, number: *number },
                role: *role,
                subject: subject.clone(),
                since: *since,
                until: *until,
            });
            StaffMember { account, login, name, posts: posts.collect() }
        })
        .collect())
}

/// The office ends a post; what was written in it stays, signed by who wrote it.
#[derive(Serialize)]
pub struct EndPost {
    pub post: PostId,
}

impl Act for EndPost {
    const VERB: &'static str = "post_ended";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "post": self.post })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let today = tx.today();
        let held = tx.own(post::rows).filter(post::id.eq(self.post));
        let found: Option<Option<NaiveDate>> = held.select(post::until).first(tx.conn()).optional()?;
        match found {
            None => return Err(Refused::NotFound),
            Some(Some(until)) => return Err(Refused::conflict(format!("这项任职 {until} 已经结束了。"))),
            Some(None) => {}
        }
        let held = tx.own(post::rows).filter(post::id.eq(self.post));
        diesel::update(held).set(post::until.eq(today)).execute(tx.conn())?;
        Ok(())
    }
}

/// A teacher leaves the school: every post of theirs ends, and the desk is gone. The
/// account itself, perhaps a parent's too, stays.
#[derive(Serialize)]
pub struct LeaveStaff {
    pub account: AccountId,
}

impl Act for LeaveStaff {
    const VERB: &'static str = "staff_left";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "account": self.account })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (school, today) = (tx.school(), tx.today());
        let here = membership::table
            .filter(membership::account_id.eq(self.account))
            .filter(membership::school_id.eq(school))
            .filter(membership::role.eq("teacher"))
            .filter(membership::until.is_null());
        if diesel::update(here).set(membership::until.eq(today)).execute(tx.conn())? == 0 {
            return Err(Refused::NotFound);
        }
        let held = tx.own(post::rows).filter(post::account_id.eq(self.account)).filter(post::until.is_null());
        diesel::update(held).set(post::until.eq(today)).execute(tx.conn())?;
        Ok(())
    }
}
