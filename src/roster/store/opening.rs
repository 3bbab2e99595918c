use super::staff::put_post;
use crate::access::own::{class, enrolment, post, seal};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::account::close_if_unneeded;
use crate::names::{AccountId, ClassId, ClassName, Cohort, Half, MembershipId, Role, StudentId, Term};
use crate::roster::calendar::TermDates;
use crate::roster::{OpenClass, SEVERAL};
use crate::schema::{account, membership, student, term};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

crate::school_table!(term_opening (term) {
    term -> Integer,
    account_id -> Nullable<Guid>,
    at -> Timestamp,
});

/// A post of the term before, that would be held on in the new one.
#[derive(Clone, Debug)]
pub struct Carried {
    pub class: ClassId,
    pub class_name: ClassName,
    pub account: AccountId,
    pub name: String,
    pub role: Role,
    pub subject: Option<String>,
}

/// A pupil of a class that has graduated, whose own account can be closed.
#[derive(Clone, Debug)]
pub struct Leaver {
    pub membership: MembershipId,
    pub account: AccountId,
    pub name: String,
    pub class_name: ClassName,
}

/// What opening a term would do, and what is missing.
pub struct Opening {
    pub term: TermDates,
    pub carried: Vec<Carried>,
    /// Classes of the term's year that nobody would lead.
    pub without_homeroom: Vec<ClassName>,
    /// Numbers of the classes the new 级 has already.
    pub new_classes: Vec<i32>,
    pub leavers: Vec<Leaver>,
    /// Classes of the term before with nobody sealed in it yet.
    pub unsealed: Vec<ClassName>,
}

/// The term this school has to open: the one that runs, or, when that is open, the next.
/// A new school year only once the old one's last term has ended: opening it lets grade 9
/// go. `None` when there is none to open yet.
pub fn term_to_open(look: &mut Look) -> Result<Option<TermDates>, Refused> {
    let today = look.today();
    let running: Option<TermDates> =
        term::table.filter(term::starts_on.le(today)).order(term::id.desc()).first(look.conn()).optional()?;
    if let Some(running) = running
        && !is_open(look, running.term)?
    {
        return Ok(Some(running));
    }
    let has_ended = running.is_none_or(|running| running.ends_on < today);
    let next: Option<TermDates> =
        term::table.filter(term::starts_on.gt(today)).order(term::id).first(look.conn()).optional()?;
    match next {
        Some(next) if next.term.half() == Half::First && !has_ended => Ok(None),
        Some(next) if !is_open(look, next.term)? => Ok(Some(next)),
        _ => Ok(None),
    }
}

/// Whether the school has opened a term, or has appointed people in it one by one.
pub fn is_open(look: &mut Look, wanted: Term) -> Result<bool, Refused> {
    let opened: i64 =
        look.own(term_opening::rows).filter(term_opening::term.eq(wanted)).count().get_result(look.conn())?;
    let posts: i64 = look.own(post::rows).filter(post::term.eq(wanted)).count().get_result(look.conn())?;
    Ok(opened + posts > 0)
}

/// Reads what opening `dates` would do.
pub fn opening(look: &mut Look, whole: WholeSchool, dates: TermDates) -> Result<Opening, Refused> {
    let carried = carried_into(look, dates.term)?;
    let year = dates.term.year();
    let led: BTreeSet<ClassId> =
        carried.iter().filter(|post| post.role == Role::Homeroom).map(|post| post.class).collect();
    let taught = crate::roster::taught_classes(look, whole, dates.term)?;
    let without = taught.iter().filter(|class| !led.contains(&class.id)).map(|class| class.name);
    let new_classes = taught.iter().filter(|class| class.name.cohort == Cohort(year)).map(|class| class.name.number);
    let (without_homeroom, new_classes) = (without.collect(), new_classes.collect());
    let (leavers, unsealed) = (leavers(look, year)?, unsealed(look, whole, dates.term.previous())?);
    Ok(Opening { term: dates, carried, without_homeroom, new_classes, leavers, unsealed })
}

/// The classes of a term that the school taught in, of which no term is sealed.
fn unsealed(look: &mut Look, whole: WholeSchool, before: Term) -> Result<Vec<ClassName>, Refused> {
    if !is_open(look, before)? {
        return Ok(Vec::new());
    }
    let sealed: Vec<ClassId> = look
        .own(seal::rows)
        .filter(seal::term.eq(before))
        .filter(seal::part.eq("term"))
        .select(seal::class_id)
        .distinct()
        .load(look.conn())?;
    let taught = crate::roster::taught_classes(look, whole, before)?;
    Ok(taught.into_iter().filter(|class| !sealed.contains(&class.id)).map(|class| class.name).collect())
}

/// The posts held at the end of the term before, of classes still at school in `into`,
/// by people still on the staff.
fn carried_into(look: &mut Look, into: Term) -> Result<Vec<Carried>, Refused> {
    let (school, today) = (look.school(), look.today());
    type Row = (ClassId, Cohort, i32, AccountId, String, Role, Option<String>);
    let rows: Vec<Row> = look
        .own(post::rows)
        .inner_join(class::joined().on(class::school_id.eq(post::school_id).and(class::id.eq(post::class_id))))
        .inner_join(account::table.on(account::id.eq(post::account_id)))
        .inner_join(membership::table.on(membership::account_id.eq(post::account_id)))
        .filter(post::term.eq(into.previous()))
        .filter(post::until.is_null())
        .filter(membership::school_id.eq(school))
        .filter(membership::role.eq("teacher"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .order((class::cohort.desc(), class::number, post::role, post::subject))
        .select((class::id, class::cohort, class::number, account::id, account::name, post::role, post::subject))
        .load(look.conn())?;
    let all: Vec<Carried> = rows
        .into_iter()
        .map(|(class, cohort, number, account, name, role, subject)| {
            let class_name = ClassName { cohort, number };
            Carried { class, class_name, account, name, role, subject }
        })
        .collect();
    let classes = all_classes(look)?;
    let taught = |year: i32| classes.iter().filter(move |(_, name)| name.cohort.grade_in(year).is_some());
    let (before, now) = (into.previous().year(), into.year());
    let mut carried: Vec<Carried> =
        all.iter().filter(|post| post.class_name.cohort.grade_in(now).is_some()).cloned().collect();
    for one in all.iter().filter(|post| SEVERAL.contains(&post.role)) {
        let same = |post: &Carried| (post.account, post.role) == (one.account, one.role);
        let holds = |posts: &[Carried], class: ClassId| posts.iter().any(|post| same(post) && post.class == class);
        // Who had the post in every class has it in the new ones too.
        if taught(before).all(|(class, _)| holds(&all, *class)) {
            for (class, class_name) in taught(now) {
                if !holds(&carried, *class) {
                    carried.push(Carried { class: *class, class_name: *class_name, ..one.clone() });
                }
            }
        }
    }
    carried.sort_by_key(|post| (-post.class_name.cohort.0, post.class_name.number));
    Ok(carried)
}

fn all_classes(look: &mut Look) -> Result<Vec<(ClassId, ClassName)>, Refused> {
    let rows: Vec<(ClassId, Cohort, i32)> = look
        .own(class::rows)
        .order((class::cohort.desc(), class::number))
        .select((class::id, class::cohort, class::number))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(id, cohort, number)| (id, ClassName { cohort, number })).collect())
}

/// The pupils of graduated classes whose own accounts still sit at this school.
fn leavers(look: &mut Look, year: i32) -> Result<Vec<Leaver>, Refused> {
    let (school, today) = (look.school(), look.today());
    type Row = (StudentId, (MembershipId, AccountId), String, Cohort, i32);
    let rows: Vec<Row> = look
        .own(enrolment::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .inner_join(membership::table.on(membership::student_id.eq(student::id.nullable())))
        .filter(membership::school_id.eq(school))
        .filter(membership::role.eq("pupil"))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .order((enrolment::entered_on, class::number, enrolment::seat))
        .select((student::id, (membership::id, membership::account_id), student::name, class::cohort, class::number))
        .load(look.conn())?;
    // The last stay of each pupil counts.
    let mut last: BTreeMap<StudentId, Leaver> = BTreeMap::new();
    for (student, (membership, account), name, cohort, number) in rows {
        last.insert(student, Leaver { membership, account, name, class_name: ClassName { cohort, number } });
    }
    let mut leavers: Vec<Leaver> =
        last.into_values().filter(|leaver| leaver.class_name.cohort.graduates_in() <= year).collect();
    leavers.sort_by_key(|leaver| (-leaver.class_name.cohort.0, leaver.class_name.number));
    Ok(leavers)
}

/// Who leaves grade 9 leaves the class with the last day of the last term: no list of a
/// later day has them.
fn end_stays_of_graduates(tx: &mut Tx, year: i32) -> Result<(), Refused> {
    let gone: Vec<(ClassId, ClassName)> =
        all_classes(tx)?.into_iter().filter(|(_, name)| name.cohort.graduates_in() <= year).collect();
    for (class, name) in gone {
        let last = Term::of_cohort(name.cohort)[5];
        let ends: Option<NaiveDate> = term::table.find(last).select(term::ends_on).first(tx.conn()).optional()?;
        let Some(ends) = ends else { continue };
        let sitting = tx
            .own(enrolment::rows)
            .filter(enrolment::class_id.eq(class))
            .filter(enrolment::left_on.is_null())
            .filter(enrolment::entered_on.le(ends));
        diesel::update(sitting).set(enrolment::left_on.eq(ends)).execute(tx.conn())?;
    }
    Ok(())
}

/// The office opens a term: posts go on, the new 级 gets its classes, leavers' accounts
/// close. Once for a term.
#[derive(Serialize)]
pub struct OpenTerm {
    pub term: Term,
    /// How many classes the new 级 has, at the beginning of a school year.
    pub new_classes: i32,
    pub close_leavers: bool,
}

impl Act for OpenTerm {
    const VERB: &'static str = "term_opened";
    /// How many posts were carried forward.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let due = term_to_open(tx)?.filter(|dates| dates.term == self.term);
        let Some(dates) = due else {
            return Err(Refused::conflict(format!(
                "{}已经开过了，或者还没轮到。请回到“开学期”看一看。",
                self.term.name()
            )));
        };
        if !(0..=60).contains(&self.new_classes) {
            return Err(Refused::invalid("new_classes", "班数应在 0 到 60 之间。"));
        }
        let (today, now, by) = (tx.today(), tx.now(), tx.by().account());
        let year = self.term.year();
        if self.term.half() == Half::First {
            let there: Vec<i32> =
                tx.own(class::rows).filter(class::cohort.eq(year)).select(class::number).load(tx.conn())?;
            for number in (1..=self.new_classes).filter(|number| !there.contains(number)) {
                OpenClass { cohort: Cohort(year), number }.perform(tx)?;
            }
        }
        let since = today.max(dates.starts_on);
        let carried = carried_into(tx, self.term)?;
        for held in &carried {
            put_post(tx, held.account, held.role, held.class, self.term, held.subject.clone(), since)?;
        }
        if self.close_leavers {
            for leaver in leavers(tx, year)? {
                let row = membership::table.find(leaver.membership);
                diesel::update(row).set(membership::until.eq(today)).execute(tx.conn())?;
                close_if_unneeded(tx.conn(), leaver.account, now, today)?;
            }
        }
        end_stays_of_graduates(tx, year)?;
        let values: (_, _, _) = (
            term_opening::term.eq(self.term),
            term_opening::account_id.eq(by),
            term_opening::at.eq::<NaiveDateTime>(now),
        );
        tx.put(term_opening::rows, values)?;
        Ok(carried.len())
    }
}
