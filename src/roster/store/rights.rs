//! What is held about a child and who looked, consent and its withdrawal, and what a
//! guardian may ask for (PIPL 15, 44–47; 未成年人网络保护条例 32–36).

use super::bind::{Consented, consent_to};
use crate::access::own::{class, data_request, enrolment, reading};
use crate::access::{Act, Child, Guardian, Look, Refused, Said, Tx, WholeSchool};
use crate::account::Phone;
use crate::names::{AccountId, ClassName, Cohort, RequestId, Role, Sex, StudentId};
use crate::platform::keys::Keys;
use crate::roster::calendar::working_days;
use crate::roster::reading::word_of;
use crate::roster::store::case::child_cases;
use crate::roster::{DOCUMENT_PLACE, NUMBER_PLACE, PHONE_PLACE, mask};
use crate::schema::{account, consent, family_member, guardianship, student};
use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Within how many working days a request is answered.
const ANSWER_WITHIN: usize = 15;
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
#[derive(Debug, Serialize, Queryable)]
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

fn readings(look: &mut Look, id: StudentId) -> Result<Vec<HeldReading>, Refused> {
    let from = look.today() - Days::new(TOLD_DAYS);
    Ok(look
        .own(reading::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(reading::school_id).and(enrolment::class_id.eq(reading::class_id))),
        )
        .inner_join(account::table.on(account::id.eq(reading::account_id)))
        .filter(enrolment::student_id.eq(id))
        .filter(enrolment::entered_on.le(reading::day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.assume_not_null().ge(reading::day)))
        .filter(reading::day.ge(from))
        .order((reading::day.desc(), reading::role, account::name))
        .select((reading::day, reading::role, account::name))
        .distinct()
        .load(look.conn())?)
}

fn requests(look: &mut Look, of: Option<StudentId>) -> Result<Vec<DataRequest>, Refused> {
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

/// A guardian gives consent again, or takes it back. What school must keep by law
/// stays as it is; what needs consent ends (photos, anything optional).
#[derive(Serialize)]
pub struct ConsentChanged {
    student: StudentId,
    account: AccountId,
    given: bool,
    text_version: i32,
}

impl ConsentChanged {
    /// `text_version` is the one that was shown.
    pub fn by(guardian: &Guardian<'_>, account: AccountId, given: bool, text_version: i32) -> Self {
        ConsentChanged { student: guardian.child().student(), account, given, text_version }
    }
}

impl Act for ConsentChanged {
    const VERB: &'static str = "consent_changed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "given": self.given })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let now = tx.now();
        let standing = consent::table
            .filter(consent::account_id.eq(self.account))
            .filter(consent::student_id.eq(self.student))
            .filter(consent::withdrawn_at.is_null());
        let ended = diesel::update(standing).set(consent::withdrawn_at.eq(now)).execute(tx.conn())?;
        if !self.given {
            return if ended > 0 { Ok(()) } else { Err(Refused::conflict("同意已经撤回了。")) };
        }
        let consented = Consented { version: self.text_version, channel: "phone", at: now };
        consent_to(tx, self.account, self.student, &consented)
    }
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
