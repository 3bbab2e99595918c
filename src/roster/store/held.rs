//! All that is held about a child, and who of the staff looked (PIPL 44, 45).

use super::asked::{DataRequest, requests};
use crate::access::own::{class, enrolment, reading};
use crate::access::{Child, Look, Refused};
use crate::account::Phone;
use crate::names::{ClassId, ClassName, Cohort, Role, Sex, StudentId};
use crate::platform::keys::Keys;
use crate::roster::reading::word_of;
use crate::roster::store::case::child_cases;
use crate::roster::{DOCUMENT_PLACE, NUMBER_PLACE, PHONE_PLACE, mask};
use crate::schema::{account, consent, family_member, guardianship, student};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;

/// How far back a family is told who looked.
const TOLD_DAYS: u64 = 366;

/// All that the roster holds about a child, in words; numbers are masked.
#[derive(Debug, Serialize)]
pub struct Held {
    pub student: Vec<(&'static str, String)>,
    pub family: Vec<HeldMember>,
    pub enrolments: Vec<HeldEnrolment>,
    pub guardians: Vec<HeldGuardian>,
    pub consents: Vec<HeldConsent>,
    pub readings: Vec<HeldReading>,
    pub cases: Vec<HeldCase>,
    pub requests: Vec<DataRequest>,
}

#[derive(Debug, Serialize)]
pub struct HeldMember {
    pub name: String,
    pub relation: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct HeldEnrolment {
    pub class: String,
    pub seat: i32,
    pub entered_on: NaiveDate,
    pub left_on: Option<NaiveDate>,
}

#[derive(Debug, Serialize, Queryable)]
pub struct HeldGuardian {
    pub name: String,
    pub relation: String,
    pub since: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
}

#[derive(Debug, Serialize, Queryable)]
pub struct HeldConsent {
    pub name: String,
    pub text_version: i32,
    pub channel: String,
    pub given_at: NaiveDateTime,
    pub withdrawn_at: Option<NaiveDateTime>,
}

/// Someone of the staff who opened pages of the child's class on a day.
#[derive(Debug, PartialEq, Eq, Serialize, Queryable)]
pub struct HeldReading {
    pub day: NaiveDate,
    pub role: Role,
    pub name: String,
}

/// Someone beyond those who see a child by their post, and why they looked.
#[derive(Debug, Serialize)]
pub struct HeldCase {
    pub name: String,
    pub term: String,
    pub reason: String,
    pub opened_at: NaiveDateTime,
    pub expires_at: NaiveDateTime,
    pub ended_at: Option<NaiveDateTime>,
}

/// What is held about one's own child.
///
/// # Errors
/// [`Refused::Broken`] when a sealed number does not open.
pub fn held(look: &mut Look, keys: &Keys, child: Child) -> Result<Held, Refused> {
    let id = child.student();
    Ok(Held {
        student: words_of(look, keys, id)?,
        family: family(look, keys, id)?,
        enrolments: enrolments(look, id)?,
        guardians: guardianship::table
            .inner_join(account::table.on(account::id.eq(guardianship::account_id)))
            .filter(guardianship::student_id.eq(id))
            .order(guardianship::since)
            .select((account::name, guardianship::relation, guardianship::since, guardianship::ended_at))
            .load(look.conn())?,
        consents: consent::table
            .inner_join(account::table.on(account::id.eq(consent::account_id)))
            .filter(consent::student_id.eq(id))
            .order(consent::given_at)
            .select((account::name, consent::text_version, consent::channel, consent::given_at, consent::withdrawn_at))
            .load(look.conn())?,
        readings: readings(look, id)?,
        cases: child_cases(look, child)?
            .into_iter()
            .map(|case| HeldCase {
                name: case.viewer,
                term: case.term.name(),
                reason: case.reason,
                opened_at: case.opened_at,
                expires_at: case.expires_at,
                ended_at: case.ended_at,
            })
            .collect(),
        requests: requests(look, Some(id))?,
    })
}

fn words_of(look: &mut Look, keys: &Keys, id: StudentId) -> Result<Vec<(&'static str, String)>, Refused> {
    type Plain = (String, Option<String>, Sex, NaiveDate);
    type Coded = (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>);
    type Numbers = (Vec<u8>, Option<Vec<u8>>);
    let ((name, former, sex, born), (ethnic, political, boarding, left_behind, regular), (number, document)): (
        Plain,
        Coded,
        Numbers,
    ) = student::table
        .find(id)
        .select((
            (student::name, student::former_name, student::sex, student::born_on),
            (student::ethnic, student::political, student::boarding, student::left_behind, student::regular_class),
            (student::number_sealed, student::document_sealed),
        ))
        .first(look.conn())?;
    let opened = |place: &str, sealed: &[u8]| -> Result<String, Refused> {
        let bytes = keys.open(place, sealed).map_err(Refused::broken)?;
        // A place's six digits, after the letter of a pupil's number.
        let front = if place == NUMBER_PLACE { 7 } else { 6 };
        Ok(mask(&String::from_utf8(bytes).map_err(Refused::broken)?, front))
    };
    let said = |table: &str, code: Option<String>| {
        code.map(|code| word_of(table, &code).map_or(code.clone(), str::to_owned)).unwrap_or_default()
    };
    let mut words = vec![
        ("姓名", name),
        ("曾用名", former.unwrap_or_default()),
        ("性别", sex.word().to_owned()),
        ("出生日期", born.to_string()),
        ("民族", said("ethnic", ethnic)),
        ("政治面貌", said("political", political)),
        ("是否寄宿", said("boarding", boarding)),
        ("是否留守儿童", said("left_behind", left_behind)),
        ("随班就读", said("regular_class", regular)),
        ("全国学籍号", opened(NUMBER_PLACE, &number)?),
    ];
    if let Some(document) = document {
        words.push(("证件号码", opened(DOCUMENT_PLACE, &document)?));
    }
    words.retain(|(_, word)| !word.is_empty());
    Ok(words)
}

fn family(look: &mut Look, keys: &Keys, id: StudentId) -> Result<Vec<HeldMember>, Refused> {
    let rows: Vec<(String, Option<String>, Option<Vec<u8>>)> = family_member::table
        .filter(family_member::student_id.eq(id))
        .order(family_member::ordinal)
        .select((family_member::name, family_member::relation, family_member::phone_sealed))
        .load(look.conn())?;
    rows.into_iter()
        .map(|(name, relation, phone)| {
            let phone = phone
                .map(|sealed| {
                    let bytes = keys.open(PHONE_PLACE, &sealed).map_err(Refused::broken)?;
                    let number = String::from_utf8(bytes).map_err(Refused::broken)?;
                    Ok::<_, Refused>(Phone::parse(&number).map_or_else(|_| "已登记".to_owned(), |phone| phone.masked()))
                })
                .transpose()?;
            Ok(HeldMember { name, relation, phone })
        })
        .collect()
}

fn enrolments(look: &mut Look, id: StudentId) -> Result<Vec<HeldEnrolment>, Refused> {
    let rows: Vec<(Cohort, i32, i32, NaiveDate, Option<NaiveDate>)> = look
        .own(enrolment::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .filter(enrolment::student_id.eq(id))
        .order(enrolment::entered_on)
        .select((class::cohort, class::number, enrolment::seat, enrolment::entered_on, enrolment::left_on))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|(cohort, number, seat, entered_on, left_on)| {
            // A school year begins in September.
            let year = if entered_on.month() >= 8 { entered_on.year() } else { entered_on.year() - 1 };
            HeldEnrolment { class: ClassName { cohort, number }.in_year(year), seat, entered_on, left_on }
        })
        .collect())
}

/// Who looked while the child was in the class; those who see the whole school also
/// afterwards, when they open what it left behind in its last class.
fn readings(look: &mut Look, id: StudentId) -> Result<Vec<HeldReading>, Refused> {
    type Stay = (ClassId, NaiveDate, Option<NaiveDate>);
    let from = look.today() - Days::new(TOLD_DAYS);
    let stays: Vec<Stay> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq(id))
        .order(enrolment::entered_on)
        .select((enrolment::class_id, enrolment::entered_on, enrolment::left_on))
        .load(look.conn())?;
    let classes: Vec<ClassId> = stays.iter().map(|stay| stay.0).collect();
    let rows: Vec<(ClassId, HeldReading)> = look
        .own(reading::rows)
        .inner_join(account::table.on(account::id.eq(reading::account_id)))
        .filter(reading::class_id.eq_any(classes))
        .filter(reading::day.ge(from))
        .order((reading::day.desc(), reading::role, account::name))
        .select((reading::class_id, (reading::day, reading::role, account::name)))
        .load(look.conn())?;
    let last = stays.last().map(|stay| stay.0);
    let told = |class: ClassId, seen: &HeldReading| {
        let whole_school = matches!(seen.role, Role::SchoolOffice | Role::Principal);
        stays.iter().filter(|(of, ..)| *of == class).any(|(_, entered, left)| {
            *entered <= seen.day && (left.is_none_or(|left| left >= seen.day) || whole_school && Some(class) == last)
        })
    };
    let mut readings: Vec<HeldReading> =
        rows.into_iter().filter(|(class, seen)| told(*class, seen)).map(|(_, seen)| seen).collect();
    readings.dedup();
    Ok(readings)
}
