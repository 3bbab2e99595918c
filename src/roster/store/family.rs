//! A pupil's family as the school knows it: who is bound, by which way, and what
//! the school may do about it.

use super::bind::{Consented, bind};
use crate::access::own::{class, enrolment};
use crate::access::{Act, Look, OwnClass, Refused, Tx, WholeSchool};
use crate::account::{LinkMade, NewAccount, Phone, PhoneConfirmed, close_if_unneeded, insert_account, phone_of};
use crate::names::{AccountId, ClassId, ClassName, Cohort, ConsentTexts, DisputeId, GuardianshipId, StudentId};
use crate::platform::keys::Keys;
use crate::schema::{account, guardian_dispute, guardianship, membership, student};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// How far someone of the school reaches: one's own class, or the whole school.
#[derive(Clone, Copy)]
pub enum Reaches {
    Class(OwnClass),
    School(WholeSchool),
}

/// A pupil of this school now.
#[derive(Clone, Debug)]
pub struct Ward {
    pub student: StudentId,
    pub name: String,
    pub seat: i32,
    pub class: ClassId,
    pub class_name: ClassName,
}

/// Someone bound to a pupil.
#[derive(Clone, Debug)]
pub struct Bound {
    pub guardianship: GuardianshipId,
    pub account: AccountId,
    pub name: String,
    pub login: String,
    pub relation: String,
    pub since: NaiveDateTime,
    /// Bound on paper, without a password so far.
    pub on_paper: bool,
    pub disputed: bool,
    /// The telephone number, and whether it is confirmed.
    pub phone: Option<(Phone, bool)>,
}

/// A pupil's family and the pupil's own account.
pub struct FamilyOf {
    pub ward: Ward,
    pub bound: Vec<Bound>,
    pub pupil: Option<(AccountId, String)>,
}

/// A pupil whom one reaches, at this school now.
///
/// # Errors
/// [`Refused::NotFound`] for a pupil of another class or school, or one who left.
pub fn ward(look: &mut Look, reaches: &Reaches, wanted: StudentId) -> Result<Ward, Refused> {
    let school = look.school();
    let (name, seat, class, cohort, number): (String, i32, ClassId, Cohort, i32) = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .filter(enrolment::student_id.eq(wanted))
        .filter(enrolment::left_on.is_null())
        .filter(student::school_id.eq(school))
        .select((student::name, enrolment::seat, class::id, class::cohort, class::number))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    match reaches {
        Reaches::Class(own) if own.id() != class => Err(Refused::NotFound),
        _ => Ok(Ward { student: wanted, name, seat, class, class_name: ClassName { cohort, number } }),
    }
}

/// The family of a pupil whom one reaches.
///
/// # Errors
/// As [`ward`].
pub fn family_of(look: &mut Look, keys: &Keys, reaches: &Reaches, wanted: StudentId) -> Result<FamilyOf, Refused> {
    let ward = ward(look, reaches, wanted)?;
    let rows: Vec<(GuardianshipId, AccountId, String, String, Option<String>, String, NaiveDateTime)> =
        guardianship::table
            .inner_join(account::table.on(account::id.eq(guardianship::account_id)))
            .filter(guardianship::student_id.eq(wanted))
            .filter(guardianship::ended_at.is_null())
            .order(guardianship::since)
            .select((
                guardianship::id,
                account::id,
                account::name,
                account::login,
                account::password_hash,
                guardianship::relation,
                guardianship::since,
            ))
            .load(look.conn())?;
    let disputed: Vec<GuardianshipId> = guardian_dispute::table
        .filter(guardian_dispute::guardianship_id.eq_any(rows.iter().map(|row| row.0).collect::<Vec<_>>()))
        .filter(guardian_dispute::settled_at.is_null())
        .select(guardian_dispute::guardianship_id)
        .load(look.conn())?;
    let mut bound = Vec::with_capacity(rows.len());
    for (guardianship, account, name, login, password, relation, since) in rows {
        bound.push(Bound {
            phone: phone_of(look, keys, account)?,
            disputed: disputed.contains(&guardianship),
            on_paper: password.is_none(),
            guardianship,
            account,
            name,
            login,
            relation,
            since,
        });
    }
    let pupil = membership::table
        .inner_join(account::table.on(account::id.eq(membership::account_id)))
        .filter(membership::student_id.eq(wanted))
        .filter(membership::until.is_null())
        .select((account::id, account::login))
        .first(look.conn())
        .optional()?;
    Ok(FamilyOf { ward, bound, pupil })
}

/// The homeroom teacher attests a guardian who has no phone: consent was given on
/// paper, which the school keeps. No password goes with it.
#[derive(Serialize)]
pub struct AttestGuardian {
    student: StudentId,
    new: NewAccount,
    relation: String,
    /// When the paper was signed.
    on: NaiveDate,
    text_version: i32,
}

impl AttestGuardian {
    /// # Errors
    /// As [`ward`]; [`Refused::Invalid`] at `on` for a day to come or long past.
    pub fn of(
        tx: &mut Tx,
        reaches: &Reaches,
        student: StudentId,
        new: NewAccount,
        relation: String,
        on: NaiveDate,
        texts: &ConsentTexts,
    ) -> Result<Self, Refused> {
        ward(tx, reaches, student)?;
        if on > tx.today() || on < tx.today() - chrono::Days::new(366) {
            return Err(Refused::invalid("on", "签字的日期应在今天以前的一年里。"));
        }
        // The paper has the text of its day.
        Ok(AttestGuardian { student, new, relation, on, text_version: texts.on(on).version })
    }
}

impl Act for AttestGuardian {
    const VERB: &'static str = "guardian_attested";
    type Done = AccountId;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student })
    }

    fn perform(&self, tx: &mut Tx) -> Result<AccountId, Refused> {
        let now = tx.now();
        let account = insert_account(tx.conn(), &self.new, now)?;
        let at = self.on.and_hms_opt(0, 0, 0).unwrap_or(now);
        let consented = Consented { version: self.text_version, channel: "paper", at };
        bind(tx, account, self.student, &self.relation, Some(consented))?;
        Ok(account)
    }
}

/// What a dispute came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// The guardianship ends.
    Unbound,
    /// It opens nothing until it is settled.
    Disputed,
    /// It stands again.
    Kept,
}

/// The school unbinds a guardian, holds a guardianship that is disputed, or settles it.
#[derive(Serialize)]
pub struct RuleGuardianship {
    student: StudentId,
    guardianship: GuardianshipId,
    account: AccountId,
    ruling: Ruling,
    reason: String,
}

impl RuleGuardianship {
    /// # Errors
    /// [`Refused::NotFound`] for a guardianship of no pupil of this school;
    /// [`Refused::Conflict`] for a dispute that is open already, or not open.
    pub fn of(
        tx: &mut Tx,
        whole: WholeSchool,
        student: StudentId,
        guardianship: GuardianshipId,
        ruling: Ruling,
        reason: String,
    ) -> Result<Self, Refused> {
        ward(tx, &Reaches::School(whole), student)?;
        let account: AccountId = guardianship::table
            .find(guardianship)
            .filter(guardianship::student_id.eq(student))
            .filter(guardianship::ended_at.is_null())
            .select(guardianship::account_id)
            .first(tx.conn())
            .optional()?
            .ok_or(Refused::NotFound)?;
        let open: i64 = guardian_dispute::table
            .filter(guardian_dispute::guardianship_id.eq(guardianship))
            .filter(guardian_dispute::settled_at.is_null())
            .count()
            .get_result(tx.conn())?;
        match (ruling, open) {
            (Ruling::Disputed, 1..) => Err(Refused::conflict("这一位已经记为有争议了。")),
            (Ruling::Kept, 0) => Err(Refused::conflict("这一位现在没有争议。")),
            _ => Ok(RuleGuardianship { student, guardianship, account, ruling, reason }),
        }
    }
}

impl Act for RuleGuardianship {
    const VERB: &'static str = "guardianship_ruled";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "guardianship": self.guardianship, "ruling": self.ruling })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (now, today, school) = (tx.now(), tx.today(), tx.school());
        if self.ruling == Ruling::Disputed {
            diesel::insert_into(guardian_dispute::table)
                .values((
                    guardian_dispute::id.eq(DisputeId::new()),
                    guardian_dispute::guardianship_id.eq(self.guardianship),
                    guardian_dispute::school_id.eq(school),
                    guardian_dispute::opened_at.eq(now),
                ))
                .execute(tx.conn())?;
            return Ok(());
        }
        let open = guardian_dispute::table
            .filter(guardian_dispute::guardianship_id.eq(self.guardianship))
            .filter(guardian_dispute::settled_at.is_null());
        diesel::update(open).set(guardian_dispute::settled_at.eq(now)).execute(tx.conn())?;
        if self.ruling == Ruling::Unbound {
            diesel::update(guardianship::table.find(self.guardianship))
                .set(guardianship::ended_at.eq(now))
                .execute(tx.conn())?;
            close_if_unneeded(tx.conn(), self.account, now, today)?;
        }
        Ok(())
    }
}

/// An account of this pupil's family, or the pupil's own, that no one but a family uses:
/// a teacher's is reset by the school, an officer's by the county.
fn family_account(tx: &mut Tx, reaches: &Reaches, student: StudentId, wanted: AccountId) -> Result<(), Refused> {
    ward(tx, reaches, student)?;
    let bound: i64 = guardianship::table
        .filter(guardianship::account_id.eq(wanted))
        .filter(guardianship::student_id.eq(student))
        .filter(guardianship::ended_at.is_null())
        .count()
        .get_result(tx.conn())?;
    let own: i64 = membership::table
        .filter(membership::account_id.eq(wanted))
        .filter(membership::student_id.eq(student))
        .filter(membership::until.is_null())
        .count()
        .get_result(tx.conn())?;
    if bound + own == 0 {
        return Err(Refused::NotFound);
    }
    let posts: i64 = membership::table
        .filter(membership::account_id.eq(wanted))
        .filter(membership::role.ne("pupil"))
        .filter(membership::until.is_null())
        .count()
        .get_result(tx.conn())?;
    if posts > 0 {
        return Err(Refused::conflict("这位家长也在学校任职，请本人找任职学校的教务。"));
    }
    Ok(())
}

/// A new single-use link for someone of a pupil's family, or for the pupil.
///
/// # Errors
/// [`Refused::NotFound`] for an account of no pupil one reaches; [`Refused::Conflict`]
/// when it is also someone's of a school's staff.
pub fn family_link(
    tx: &mut Tx,
    reaches: &Reaches,
    student: StudentId,
    account: AccountId,
) -> Result<LinkMade, Refused> {
    family_account(tx, reaches, student, account)?;
    Ok(LinkMade { account })
}

/// The number a guardian typed is theirs, says the homeroom teacher.
///
/// # Errors
/// As [`family_link`].
pub fn family_phone(
    tx: &mut Tx,
    reaches: &Reaches,
    student: StudentId,
    account: AccountId,
) -> Result<PhoneConfirmed, Refused> {
    family_account(tx, reaches, student, account)?;
    Ok(PhoneConfirmed { account })
}
