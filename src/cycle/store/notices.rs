use crate::access::own::{enrolment, notice, stage_signature};
use crate::access::{Look, Refused, Tx, WholeSchool};
use crate::cycle::rules::ends;
use crate::cycle::{Done, Part, Signing};
use crate::names::{AccountId, ClassId, NoticeId, ObjectionId, StudentId, Term};
use crate::schema::account;
use crate::scheme::Audience;
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use std::collections::HashMap;

/// A notice 公示 of a class; a round after the first is of one changed item 二次公示.
#[derive(Clone, Debug)]
pub struct NoticeRow {
    pub id: NoticeId,
    pub class: ClassId,
    pub term: Term,
    pub part: Part,
    pub round: i32,
    pub audience: Audience,
    pub first_on: NaiveDate,
    pub last_on: NaiveDate,
    /// Pupils of whom something was missing when it opened, and why it went on.
    pub missing: i32,
    pub reason: Option<String>,
    pub change: Option<Changed>,
    pub opened: Done,
}

/// What an objection changed, as a second notice shows it.
#[derive(Clone, Debug)]
pub struct Changed {
    pub objection: ObjectionId,
    pub student: StudentId,
    pub was: String,
    pub becomes: String,
}

impl NoticeRow {
    /// Ends by itself, in the afternoon of its last day.
    pub fn is_open(&self, now: NaiveDateTime) -> bool {
        now < ends(self.last_on)
    }

    pub fn ends(&self) -> NaiveDateTime {
        ends(self.last_on)
    }
}

type Row = (
    (NoticeId, ClassId, Term, Part, i32, Audience),
    (NaiveDate, NaiveDate, i32, Option<String>),
    (Option<ObjectionId>, Option<StudentId>, Option<String>, Option<String>),
    (AccountId, String, NaiveDateTime),
);

fn row((what, days, change, by): Row) -> NoticeRow {
    let ((id, class, term, part, round, audience), (first_on, last_on, missing, reason)) = (what, days);
    let change = match change {
        (Some(objection), Some(student), was, becomes) => {
            Some(Changed { objection, student, was: was.unwrap_or_default(), becomes: becomes.unwrap_or_default() })
        }
        _ => None,
    };
    let opened = Done { account: by.0, name: by.1, at: by.2 };
    NoticeRow { id, class, term, part, round, audience, first_on, last_on, missing, reason, change, opened }
}

macro_rules! columns {
    () => {
        (
            (notice::id, notice::class_id, notice::term, notice::part, notice::round, notice::audience),
            (notice::first_on, notice::last_on, notice::missing, notice::reason),
            (notice::objection_id, notice::student_id, notice::was, notice::becomes),
            (notice::account_id, account::name, notice::opened_at),
        )
    };
}

/// The notices of a class in a term, the first round first.
pub fn notices_of(look: &mut Look, class: ClassId, term: Term, part: Part) -> Result<Vec<NoticeRow>, Refused> {
    let rows: Vec<Row> = look
        .own(notice::rows)
        .inner_join(account::table.on(account::id.eq(notice::account_id)))
        .filter(notice::class_id.eq(class))
        .filter(notice::term.eq(term))
        .filter(notice::part.eq(part))
        .order(notice::round)
        .select(columns!())
        .load(look.conn())?;
    Ok(rows.into_iter().map(row).collect())
}

/// The one full notice of a class in a term, if it was opened.
pub fn first_notice(look: &mut Look, class: ClassId, term: Term, part: Part) -> Result<Option<NoticeRow>, Refused> {
    Ok(notices_of(look, class, term, part)?.into_iter().find(|notice| notice.round == 1))
}

/// Every notice of the school in a term, class by class, the first round first.
pub fn first_notices(
    look: &mut Look,
    _: WholeSchool,
    term: Term,
    part: Part,
) -> Result<HashMap<ClassId, Vec<NoticeRow>>, Refused> {
    let rows: Vec<Row> = look
        .own(notice::rows)
        .inner_join(account::table.on(account::id.eq(notice::account_id)))
        .filter(notice::term.eq(term))
        .filter(notice::part.eq(part))
        .order(notice::round)
        .select(columns!())
        .load(look.conn())?;
    let mut notices: HashMap<ClassId, Vec<NoticeRow>> = HashMap::new();
    for notice in rows.into_iter().map(row) {
        notices.entry(notice.class).or_default().push(notice);
    }
    Ok(notices)
}

/// Whether what the notice of a class shows is frozen: from its first minute on.
pub fn is_frozen(look: &mut Look, class: ClassId, term: Term) -> Result<bool, Refused> {
    let noticed: i64 = look
        .own(notice::rows)
        .filter(notice::class_id.eq(class))
        .filter(notice::term.eq(term))
        .filter(notice::part.eq(Part::Term))
        .count()
        .get_result(look.conn())?;
    Ok(noticed > 0)
}

/// The one check of an act that would change a fact of these pupils in a term.
///
/// # Errors
/// [`Refused::Conflict`] when the class of one of them is noticed.
pub fn refuse_noticed(look: &mut Look, students: &[StudentId], term: Term) -> Result<(), Refused> {
    let today = look.today();
    let noticed: i64 = look
        .own(notice::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(notice::school_id).and(enrolment::class_id.eq(notice::class_id))),
        )
        .filter(notice::term.eq(term))
        .filter(notice::part.eq(Part::Term))
        .filter(enrolment::student_id.eq_any(students))
        .filter(enrolment::entered_on.le(today))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(today)))
        .count()
        .get_result(look.conn())?;
    if noticed > 0 {
        return Err(Refused::conflict("这个班本学期已经公示，写实记录不能再加、再改。发现写错了，请在公示页提异议。"));
    }
    Ok(())
}

/// A notice about to be opened.
pub struct NewNotice {
    pub class: ClassId,
    pub term: Term,
    pub part: Part,
    pub round: i32,
    pub audience: Audience,
    pub days: (NaiveDate, NaiveDate),
    pub missing: i32,
    pub reason: Option<String>,
    pub change: Option<Changed>,
}

/// Puts a notice's row in.
pub fn put_notice(tx: &mut Tx, new: &NewNotice) -> Result<NoticeId, Refused> {
    let (id, by, at) = (NoticeId::new(), tx.by().person()?, tx.now());
    let change = new.change.as_ref();
    tx.put(
        notice::rows,
        (
            (notice::id.eq(id), notice::class_id.eq(new.class), notice::term.eq(new.term), notice::part.eq(new.part)),
            (notice::round.eq(new.round), notice::audience.eq(new.audience)),
            (notice::first_on.eq(new.days.0), notice::last_on.eq(new.days.1)),
            (notice::missing.eq(new.missing), notice::reason.eq(new.reason.clone())),
            (
                notice::objection_id.eq(change.map(|change| change.objection)),
                notice::student_id.eq(change.map(|change| change.student)),
                notice::was.eq(change.map(|change| change.was.clone())),
                notice::becomes.eq(change.map(|change| change.becomes.clone())),
            ),
            (notice::account_id.eq(by), notice::opened_at.eq(at)),
        ),
    )?;
    Ok(id)
}

/// Puts the row of a signature after the notice in.
pub fn put_stage(tx: &mut Tx, class: ClassId, term: Term, part: Part, step: Signing) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    tx.put(
        stage_signature::rows,
        (
            stage_signature::class_id.eq(class),
            stage_signature::term.eq(term),
            stage_signature::part.eq(part),
            stage_signature::step.eq(step),
            stage_signature::account_id.eq(by),
            stage_signature::at.eq(at),
        ),
    )?;
    Ok(())
}

/// Who signed a class after its notice, and when: `[checked, reviewed]`.
pub fn stage_signed(look: &mut Look, class: ClassId, term: Term, part: Part) -> Result<[Option<Done>; 2], Refused> {
    Ok(stages_signed(look, Some(class), term, part)?.remove(&class).unwrap_or_default())
}

/// As [`stage_signed`], of one class or of every class of the school.
pub(super) fn stages_signed(
    look: &mut Look,
    class: Option<ClassId>,
    term: Term,
    part: Part,
) -> Result<HashMap<ClassId, [Option<Done>; 2]>, Refused> {
    let rows: Vec<(ClassId, Signing, AccountId, String, NaiveDateTime)> = look
        .own(stage_signature::rows)
        .inner_join(account::table.on(account::id.eq(stage_signature::account_id)))
        .filter(stage_signature::term.eq(term))
        .filter(stage_signature::part.eq(part))
        .select((
            stage_signature::class_id,
            stage_signature::step,
            stage_signature::account_id,
            account::name,
            stage_signature::at,
        ))
        .load(look.conn())?;
    let mut signed: HashMap<ClassId, [Option<Done>; 2]> = HashMap::new();
    for (of, step, account, name, at) in rows.into_iter().filter(|row| class.is_none_or(|class| class == row.0)) {
        let [checked, reviewed] = signed.entry(of).or_default();
        let place = match step {
            Signing::Checked => checked,
            Signing::Reviewed => reviewed,
        };
        *place = Some(Done { account, name, at });
    }
    Ok(signed)
}
