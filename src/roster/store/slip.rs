use super::bind::{Consented, bind};
use crate::access::own::{class, enrolment};
use crate::access::{Act, CountyWide, Look, OwnClass, Refused, Tx};
use crate::account::{Phone, PhoneClaimed, claim_phone, insert_account, write_password};
use crate::names::{AccountId, ClassId, StudentId};
use crate::platform::keys::{Keys, random_code};
use crate::platform::text::code_like;
use crate::roster::{Appointment, PHONE_PLACE, present_among};
use crate::schema::{family_member, guardianship, school, slip, student};
use chrono::{Duration, NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// How long a binding slip may be used.
const SLIP_LIFE: Duration = Duration::days(60);

/// A slip as it is printed: for one pupil, with a code that works once.
#[derive(Clone, Debug, Serialize)]
pub struct Slip {
    pub seat: i32,
    pub name: String,
    /// `XXXX-XXXX`
    pub code: String,
    pub expires_at: NaiveDateTime,
}

const SLIP_PLACE: &str = "slip.code";

fn fingerprint(keys: &Keys, code: &str) -> String {
    keys.fingerprint(SLIP_PLACE, &code_like(code).replace('-', ""))
}

/// Slips for the pupils of a class who have no guardian bound yet, or for one pupil
/// of it who has; slips made before and not used end with it.
#[derive(Serialize)]
pub struct MakeSlips {
    class: ClassId,
    #[serde(skip)]
    pupils: Vec<(StudentId, i32, String, String, String)>,
}

impl MakeSlips {
    /// For one's own class.
    pub fn for_own(tx: &mut Tx, keys: &Keys, own: &OwnClass) -> Result<Self, Refused> {
        Self::for_class(tx, keys, own.id())
    }

    /// For a class of the office's school, by its id in an address or on the
    /// command line.
    ///
    /// # Errors
    /// [`Refused::NotFound`] when the school has no such class.
    pub fn for_class(tx: &mut Tx, keys: &Keys, class_id: ClassId) -> Result<Self, Refused> {
        Self::made(tx, keys, class_id, None)
    }

    /// Another slip for one pupil of that class: lost, or for a second guardian.
    ///
    /// # Errors
    /// [`Refused::NotFound`] when the school has no such class or it no such pupil.
    pub fn for_one(tx: &mut Tx, keys: &Keys, class_id: ClassId, student: StudentId) -> Result<Self, Refused> {
        let made = Self::made(tx, keys, class_id, Some(student))?;
        if made.pupils.is_empty() { Err(Refused::NotFound) } else { Ok(made) }
    }

    fn made(tx: &mut Tx, keys: &Keys, class_id: ClassId, one: Option<StudentId>) -> Result<Self, Refused> {
        let there: i64 = tx.own(class::rows).filter(class::id.eq(class_id)).count().get_result(tx.conn())?;
        if there == 0 {
            return Err(Refused::NotFound);
        }
        let today = tx.today();
        let mut pupils: Vec<(StudentId, i32, String, NaiveDate)> = tx
            .own(enrolment::rows)
            .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
            .filter(enrolment::class_id.eq(class_id))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(today)))
            .order(enrolment::seat)
            .select((student::id, enrolment::seat, student::name, enrolment::entered_on))
            .load(tx.conn())?;
        let ids: Vec<StudentId> = pupils.iter().map(|(id, ..)| *id).collect();
        // Who sits somewhere today has a slip there, not where a later day sees them: the
        // second would end the first. Who comes to this school only then has theirs now.
        let here = present_among(tx, &ids, today)?;
        pupils.retain(|(id, _, _, entered_on)| *entered_on <= today || !here.contains(id));
        let bound = bound_among(tx, ids)?;
        let pupils = pupils
            .into_iter()
            .filter(|(id, ..)| one.map_or(!bound.contains(id), |one| *id == one))
            .map(|(id, seat, name, _)| {
                let code = random_code(8);
                let code = format!("{}-{}", &code[..4], &code[4..]);
                (id, seat, name, fingerprint(keys, &code), code)
            })
            .collect();
        Ok(MakeSlips { class: class_id, pupils })
    }
}

/// Which of these pupils have a guardian bound.
pub fn bound_among(look: &mut Look, students: Vec<StudentId>) -> Result<Vec<StudentId>, Refused> {
    Ok(guardianship::table
        .filter(guardianship::student_id.eq_any(students))
        .filter(guardianship::ended_at.is_null())
        .select(guardianship::student_id)
        .distinct()
        .load(look.conn())?)
}

impl Act for MakeSlips {
    const VERB: &'static str = "slips_made";
    type Done = Vec<Slip>;

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.pupils.iter().map(|(id, ..)| *id).collect();
        json!({ "class": self.class, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Vec<Slip>, Refused> {
        let (now, school) = (tx.now(), tx.school());
        let expires_at = now + SLIP_LIFE;
        let mut slips = Vec::with_capacity(self.pupils.len());
        for (id, seat, name, code_hash, code) in &self.pupils {
            let older = slip::table
                .filter(slip::student_id.eq(*id))
                .filter(slip::used_at.is_null())
                .filter(slip::revoked_at.is_null());
            diesel::update(older).set(slip::revoked_at.eq(now)).execute(tx.conn())?;
            diesel::insert_into(slip::table)
                .values((
                    slip::code_hash.eq(code_hash),
                    slip::school_id.eq(school),
                    slip::student_id.eq(*id),
                    slip::expires_at.eq(expires_at),
                ))
                .execute(tx.conn())?;
            slips.push(Slip { seat: *seat, name: name.clone(), code: code.clone(), expires_at });
        }
        Ok(slips)
    }
}

/// What a slip opens: the child, masked until bound.
#[derive(Clone, Debug)]
pub struct SlipFound {
    student: StudentId,
    pub masked_name: String,
    pub school: String,
    pub until: NaiveDateTime,
    /// The code as a login: `k7m3-9pq2`.
    pub login: String,
    code_hash: String,
    /// The telephone numbers that the roster has for the child's family.
    phones: Vec<String>,
}

impl SlipFound {
    /// Whether the roster has this number for the child's family.
    pub fn knows(&self, phone: &Phone) -> bool {
        self.phones.iter().any(|known| known == phone.as_str())
    }
}

/// The child of a slip that can still be used.
///
/// # Errors
/// [`Refused::NotFound`] for a code that is unknown, used, revoked or expired: the
/// same for all, so that nothing can be probed.
pub fn slip_found(look: &mut Look<CountyWide>, keys: &Keys, code: &str) -> Result<SlipFound, Refused> {
    // A slip printed before the keys were rotated still opens.
    let hashes = keys.fingerprints(SLIP_PLACE, &code_like(code).replace('-', ""));
    let now = look.now();
    type Found = (StudentId, String, String, NaiveDateTime, String);
    let (student, name, school, until, code_hash): Found = slip::table
        .inner_join(student::table.on(student::id.eq(slip::student_id)))
        .inner_join(school::table.on(school::id.eq(slip::school_id)))
        .filter(slip::code_hash.eq_any(hashes))
        .filter(slip::used_at.is_null())
        .filter(slip::revoked_at.is_null())
        .filter(slip::expires_at.gt(now))
        .select((student::id, student::name, school::name, slip::expires_at, slip::code_hash))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    let sealed: Vec<Vec<u8>> = family_member::table
        .filter(family_member::student_id.eq(student))
        .filter(family_member::phone_sealed.is_not_null())
        .select(family_member::phone_sealed.assume_not_null())
        .load(look.conn())?;
    let phones =
        sealed.iter().filter_map(|phone| String::from_utf8(keys.open(PHONE_PLACE, phone).ok()?).ok()).collect();
    let code = code_like(code).replace('-', "").to_lowercase();
    let login = format!("{}-{}", &code[..code.len() / 2], &code[code.len() / 2..]);
    Ok(SlipFound { student, masked_name: masked_name(&name), school, until, login, code_hash, phones })
}

/// `李＊＊`: enough for a parent to know, too little for a finder.
pub fn masked_name(name: &str) -> String {
    let mut characters = name.chars();
    let first: String = characters.next().into_iter().collect();
    first + &"＊".repeat(characters.count().max(1))
}

/// A guardian binds the child of a slip, and consents.
#[derive(Serialize)]
pub struct JoinChild {
    who: Appointment,
    student: StudentId,
    relation: String,
    consent_version: i32,
    #[serde(skip)]
    code_hash: String,
    #[serde(skip)]
    password_hash: Option<String>,
    #[serde(skip)]
    phone: Option<PhoneClaimed>,
}

impl JoinChild {
    /// With the password of the new account.
    pub fn with_password(self, hash: String) -> Self {
        JoinChild { password_hash: Some(hash), ..self }
    }

    /// With the number the new account would sign in with.
    pub fn with_phone(self, phone: Option<PhoneClaimed>) -> Self {
        JoinChild { phone, ..self }
    }

    /// `consent` is the version of the text that was shown (未成年人网络保护条例 32; PIPL 31).
    pub fn new(found: &SlipFound, who: Appointment, relation: String, consent: i32) -> Self {
        JoinChild {
            who,
            student: found.student,
            relation,
            consent_version: consent,
            code_hash: found.code_hash.clone(),
            password_hash: None,
            phone: None,
        }
    }
}

impl Act<CountyWide> for JoinChild {
    const VERB: &'static str = "child_joined";
    type Done = (AccountId, StudentId);

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(AccountId, StudentId), Refused> {
        let now = tx.now();
        let still_good = slip::table
            .filter(slip::code_hash.eq(&self.code_hash))
            .filter(slip::used_at.is_null())
            .filter(slip::revoked_at.is_null())
            .filter(slip::expires_at.gt(now));
        if diesel::update(still_good).set(slip::used_at.eq(now)).execute(tx.conn())? != 1 {
            return Err(Refused::NotFound);
        }
        let account = match &self.who {
            Appointment::Known(account) => *account,
            Appointment::New(new) => insert_account(tx.conn(), new, now)?,
        };
        if let Some(hash) = &self.password_hash {
            write_password(tx.conn(), account, hash, now)?;
        }
        if let Some(phone) = &self.phone {
            claim_phone(tx.conn(), account, phone, now)?;
        }
        let consented = Consented { version: self.consent_version, channel: "phone", at: now };
        bind(tx, account, self.student, &self.relation, Some(consented))?;
        Ok((account, self.student))
    }
}
