mod change;

pub use change::{Change, FormalNumber, MovePupil, pupil_to_take};

use self::change::place_after;
use crate::access::own::{class, enrolment};
use crate::access::{Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, ClassName, Cohort, MovementId, StudentId};
use crate::platform::keys::Keys;
use crate::roster::calendar::present_term;
use crate::roster::movement::{Kind, Place};
use crate::roster::{NUMBER_PLACE, StudentNumber};
use crate::schema::{account, student};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

crate::school_table!(movement (id) {
    id -> Guid,
    student_id -> Guid,
    kind -> Text,
    effective_on -> Date,
    reason -> Text,
    from_class_id -> Nullable<Guid>,
    to_class_id -> Nullable<Guid>,
    was -> Nullable<Text>,
    became -> Nullable<Text>,
    approval -> Nullable<Text>,
    account_id -> Nullable<Guid>,
    at -> Timestamp,
});

crate::queried_with!(movement: class; account);

/// Something that happened to a pupil, as the history tells it.
#[derive(Clone, Debug, Queryable)]
pub struct Movement {
    pub kind: Kind,
    pub effective_on: NaiveDate,
    pub reason: String,
    pub from: Option<ClassId>,
    pub to: Option<ClassId>,
    /// The former name or masked number, and the new one.
    pub was: Option<String>,
    pub became: Option<String>,
    /// Number of the county's approval.
    pub approval: Option<String>,
    /// `None` for the server's command line.
    pub by: Option<String>,
    pub at: NaiveDateTime,
}

/// Columns of a movement beside its kind, day and reason.
#[derive(Default)]
struct Told {
    from: Option<ClassId>,
    to: Option<ClassId>,
    was: Option<String>,
    became: Option<String>,
    approval: Option<String>,
}

fn put_movement(
    tx: &mut Tx,
    student: StudentId,
    kind: Kind,
    on: NaiveDate,
    reason: &str,
    told: Told,
) -> Result<(), Refused> {
    let (by, now) = (tx.by().account(), tx.now());
    tx.put(
        movement::rows,
        (
            movement::id.eq(MovementId::new()),
            movement::student_id.eq(student),
            movement::kind.eq(kind),
            movement::effective_on.eq(on),
            movement::reason.eq(reason.to_owned()),
            movement::from_class_id.eq(told.from),
            movement::to_class_id.eq(told.to),
            movement::was.eq(told.was),
            movement::became.eq(told.became),
            movement::approval.eq(told.approval),
            movement::account_id.eq(by),
            movement::at.eq(now),
        ),
    )?;
    Ok(())
}

/// Another class from a day on, as part of an act about many pupils.
pub(super) fn put_class_change(
    tx: &mut Tx,
    student: StudentId,
    on: NaiveDate,
    reason: &str,
    from: ClassId,
    to: ClassId,
) -> Result<(), Refused> {
    let told = Told { from: Some(from), to: Some(to), ..Told::default() };
    put_movement(tx, student, Kind::ChangeClass, on, reason, told)
}

/// Another name, or the formal number (both masked), as a roster tells it.
pub(super) fn put_change(
    tx: &mut Tx,
    student: StudentId,
    kind: Kind,
    on: NaiveDate,
    reason: &str,
    (was, became): (&str, &str),
) -> Result<(), Refused> {
    let told = Told { was: Some(was.to_owned()), became: Some(became.to_owned()), ..Told::default() };
    put_movement(tx, student, kind, on, reason, told)
}

/// Whether anything was written into a pupil's history after a moment.
pub(super) fn moved_since(look: &mut Look, student: StudentId, at: NaiveDateTime) -> Result<bool, Refused> {
    let later: i64 = look
        .own(movement::rows)
        .filter(movement::student_id.eq(student))
        .filter(movement::at.gt(at))
        .count()
        .get_result(look.conn())?;
    Ok(later > 0)
}

/// What an undone taking wrote into a pupil's history; the database lets go of no other.
pub(super) fn forget_movements(tx: &mut Tx, student: StudentId, at: NaiveDateTime) -> Result<(), Refused> {
    let brought = tx.own(movement::rows).filter(movement::student_id.eq(student)).filter(movement::at.eq(at));
    diesel::delete(brought).execute(tx.conn())?;
    Ok(())
}

/// The first line of a pupil's history; part of the act that admits.
pub(super) fn put_entry(tx: &mut Tx, student: StudentId, on: NaiveDate, to: ClassId) -> Result<(), Refused> {
    let told = Told { to: Some(to), ..Told::default() };
    put_movement(tx, student, Kind::Enter, on, "按学籍名单入学", told)
}

fn history(look: &mut Look, student: StudentId) -> Result<Vec<Movement>, Refused> {
    Ok(look
        .own(movement::rows)
        .left_join(account::table.on(account::id.nullable().eq(movement::account_id)))
        .filter(movement::student_id.eq(student))
        .order((movement::effective_on, movement::at))
        .select((
            movement::kind,
            movement::effective_on,
            movement::reason,
            movement::from_class_id,
            movement::to_class_id,
            movement::was,
            movement::became,
            movement::approval,
            account::name.nullable(),
            movement::at,
        ))
        .load(look.conn())?)
}

/// A pupil of this school with everything that happened to its place here.
pub struct PupilFile {
    pub name: String,
    pub former_name: Option<String>,
    /// Masked.
    pub number: String,
    pub is_temporary: bool,
    /// Today, whatever lies ahead.
    pub place: Place,
    /// The class, seat and last day of the last stay.
    pub stay: (ClassName, i32, Option<NaiveDate>),
    /// In the order of days.
    pub history: Vec<Movement>,
}

/// The file of a pupil who is or was at this school.
///
/// # Errors
/// [`Refused::NotFound`] when the pupil never was.
pub fn pupil_file(look: &mut Look, _: WholeSchool, keys: &Keys, id: StudentId) -> Result<PupilFile, Refused> {
    let (cohort, number, seat, left_on): (Cohort, i32, i32, Option<NaiveDate>) = look
        .own(enrolment::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .filter(enrolment::student_id.eq(id))
        .order(enrolment::entered_on.desc())
        .select((class::cohort, class::number, enrolment::seat, enrolment::left_on))
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    let (name, former_name, sealed): (String, Option<String>, Vec<u8>) = student::table
        .find(id)
        .select((student::name, student::former_name, student::number_sealed))
        .first(look.conn())?;
    let opened = keys.open(NUMBER_PLACE, &sealed).map_err(Refused::broken)?;
    let full = StudentNumber::parse(&String::from_utf8_lossy(&opened)).map_err(Refused::broken)?;
    let history = history(look, id)?;
    let today = look.today();
    let so_far = history.iter().take_while(|m| m.effective_on <= today).count();
    Ok(PupilFile {
        name,
        former_name,
        number: full.masked(),
        is_temporary: full.as_str().starts_with('L'),
        place: match place_after(&history[..so_far]) {
            Place::Here if cohort.graduates_in() <= present_term(look)?.term.year() => Place::Graduated,
            place => place,
        },
        stay: (ClassName { cohort, number }, seat, left_on),
        history,
    })
}
