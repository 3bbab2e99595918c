//! The desks of one account: every capacity it has, and where each begins.

use super::Refused;
use super::case::cases_of;
use super::county::duty_of;
use super::homeroom::behind;
use super::own::{class, post};
use crate::names::{AccountId, ClassId, ClassName, Cohort, Role, SchoolId, StudentId, Term};
use crate::platform::db::Conn;
use crate::schema::{county, guardian_dispute, guardianship, membership, school, student, term};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;

/// A desk to sit down at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeskPlace {
    pub role: Role,
    /// `八年级(3)班 班主任`, `周以宁的家长`
    pub title: String,
    pub place: String,
    /// Where it begins, an address of this site.
    pub address: String,
    /// What a session remembers of it: the address, and the school where the
    /// address does not say it.
    pub mark: String,
}

impl DeskPlace {
    fn at(role: Role, title: String, place: &str, address: String) -> Self {
        DeskPlace { role, title, place: place.to_owned(), mark: address.clone(), address }
    }
}

/// Every desk of an account today: classes first, then its children, then offices.
pub(in crate::access) fn desks_of(
    conn: &mut Conn,
    account: AccountId,
    now: NaiveDateTime,
) -> Result<Vec<DeskPlace>, Refused> {
    let today = now.date();
    let mut desks = class_desks(conn, account, today, today)?;
    if desks.is_empty() {
        for (school, opened) in behind(conn, account, today)? {
            let last = class_desks(conn, account, today, opened)?.into_iter();
            desks.extend(last.filter(|(of, _)| *of == school));
        }
    }
    let mut desks: Vec<DeskPlace> = desks.into_iter().map(|(_, desk)| desk).collect();
    desks.extend(child_desks(conn, account)?);
    let held: Vec<(String, Option<StudentId>, Option<(String, String)>)> = membership::table
        .left_join(school::table.on(school::id.nullable().eq(membership::school_id)))
        .filter(membership::account_id.eq(account))
        .filter(membership::until.is_null().or(membership::until.gt(today)))
        .order((membership::role, school::code))
        .select((membership::role, membership::student_id, (school::code, school::name).nullable()))
        .load(conn)?;
    for (role, pupil, school) in held {
        let (code, place) = school.unwrap_or_default();
        let office = |role, title: &str, address: &str| DeskPlace {
            role,
            title: title.to_owned(),
            place: place.clone(),
            address: address.to_owned(),
            mark: format!("{address}@{code}"),
        };
        match (role.as_str(), pupil) {
            ("pupil", Some(me)) => {
                desks.push(DeskPlace::at(Role::Learner, "我的成长档案".into(), &place, format!("/child/{me}")));
            }
            ("office", _) => desks.push(office(Role::SchoolOffice, "教务与学籍", "/office")),
            ("principal", _) => desks.push(office(Role::Principal, "校长", "/principal")),
            ("county", _) => {
                let name: Option<String> = county::table.select(county::name).first(conn).optional()?;
                let place = format!("{}教育局", name.unwrap_or_default());
                if let Some(duty) = duty_of(conn, account, today)? {
                    let title = format!("县级{}", duty.word());
                    desks.push(DeskPlace::at(duty.role(), title, &place, duty.address().to_owned()));
                }
            }
            _ => {}
        }
    }
    for (case, name, term, place) in cases_of(conn, account, now)? {
        let title = format!("个案查看　{name}　{}", term.name());
        desks.push(DeskPlace::at(Role::Case, title, &place, format!("/case/{case}")));
    }
    Ok(desks)
}

/// The class desks in the term that runs, or ran last, on `day`; each with its school.
fn class_desks(
    conn: &mut Conn,
    account: AccountId,
    today: NaiveDate,
    day: NaiveDate,
) -> Result<Vec<(SchoolId, DeskPlace)>, Refused> {
    let present = term::table.filter(term::starts_on.le(day)).select(max(term::id)).single_value();
    let posts: Vec<(Role, Option<String>, ClassId, Cohort, i32, Term, (SchoolId, String, String))> =
        membership::table
            .inner_join(post::joined().on(
                post::school_id.nullable().eq(membership::school_id).and(post::account_id.eq(membership::account_id)),
            ))
            .inner_join(class::joined().on(class::school_id.eq(post::school_id).and(class::id.eq(post::class_id))))
            .inner_join(school::table.on(school::id.eq(class::school_id)))
            .filter(membership::account_id.eq(account))
            .filter(membership::role.eq("teacher"))
            .filter(membership::until.is_null().or(membership::until.gt(today)))
            .filter(post::until.is_null().or(post::until.gt(today)))
            .filter(post::term.nullable().eq(present))
            .order((school::code, class::cohort.desc(), class::number, post::role))
            .select((
                post::role,
                post::subject,
                class::id,
                class::cohort,
                class::number,
                post::term,
                (school::id, school::name, school::code),
            ))
            .load(conn)?;
    let mut desks = Vec::new();
    let mut taught: BTreeMap<(i32, i32, ClassId), (String, Vec<String>, (SchoolId, String))> = BTreeMap::new();
    let mut several: Vec<(SchoolId, DeskPlace)> = Vec::new();
    for (role, subject, id, cohort, number, term, (school, place, code)) in posts {
        let place = (school, place);
        let name = ClassName { cohort, number }.in_year(term.year());
        match (role, subject) {
            (Role::Homeroom, _) => {
                let desk = DeskPlace::at(role, format!("{name} 班主任"), &place.1, format!("/class/{id}/desk"));
                desks.push((place.0, desk));
            }
            (Role::Deputy, _) => {
                let desk = DeskPlace::at(role, format!("{name} 副班主任"), &place.1, format!("/class/{id}/desk"));
                desks.push((place.0, desk));
            }
            (Role::Organiser, _) => sit_once(&mut several, role, "活动与写实记录", "/organiser", &place, &code),
            (Role::Committee, _) => sit_once(&mut several, role, "综评委员会", "/committee", &place, &code),
            (Role::Health, _) => sit_once(&mut several, role, "校医", "/health", &place, &code),
            (_, Some(subject)) => {
                let entry = taught.entry((-cohort.0, number, id)).or_insert_with(|| (name, Vec::new(), place));
                entry.1.push(subject);
            }
            _ => {}
        }
    }
    for ((.., id), (name, subjects, place)) in taught {
        let title = format!("{name} {}", subjects.join("、"));
        desks.push((place.0, DeskPlace::at(Role::Subject, title, &place.1, format!("/subject/{id}"))));
    }
    desks.extend(several);
    Ok(desks)
}

/// One desk a school for a post in several classes.
fn sit_once(
    desks: &mut Vec<(SchoolId, DeskPlace)>,
    role: Role,
    title: &str,
    address: &str,
    place: &(SchoolId, String),
    code: &str,
) {
    let mark = format!("{address}@{code}");
    if desks.iter().all(|(_, desk)| desk.mark != mark) {
        let (title, address) = (title.to_owned(), address.to_owned());
        desks.push((place.0, DeskPlace { role, title, place: place.1.clone(), address, mark }));
    }
}

fn child_desks(conn: &mut Conn, account: AccountId) -> Result<Vec<DeskPlace>, Refused> {
    let children: Vec<(StudentId, String, String)> = guardianship::table
        .inner_join(student::table.on(student::id.eq(guardianship::student_id)))
        .inner_join(school::table.on(school::id.eq(student::school_id)))
        .filter(guardianship::account_id.eq(account))
        .filter(guardianship::ended_at.is_null())
        .filter(guardianship::id.ne_all(disputed()))
        .order(guardianship::since)
        .select((student::id, student::name, school::name))
        .load(conn)?;
    Ok(children
        .into_iter()
        .map(|(id, name, place)| DeskPlace::at(Role::Guardian, format!("{name}的家长"), &place, format!("/child/{id}")))
        .collect())
}

/// Guardianships in dispute: they open nothing until the school has settled it.
#[diesel::dsl::auto_type]
pub(in crate::access) fn disputed() -> _ {
    guardian_dispute::table.filter(guardian_dispute::settled_at.is_null()).select(guardian_dispute::guardianship_id)
}
