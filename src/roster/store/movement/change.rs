use super::{Movement, Told, history, put_movement};
use crate::access::own::{class, enrolment};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, Cohort, EnrolmentId, StudentId};
use crate::platform::keys::Keys;
use crate::platform::text::{pinyin, tidy};
use crate::roster::calendar::present_term;
use crate::roster::movement::{Kind, Place};
use crate::roster::store::reseat::sealed_until;
use crate::roster::{NUMBER_PLACE, StudentNumber};
use crate::schema::{student, term};
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// What is to happen.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A pupil whom another school of the county, or this one before, has let go.
    MoveIn {
        to: ClassId,
        seat: Option<i32>,
    },
    MoveOut,
    Leave,
    ComeBack {
        to: ClassId,
        seat: Option<i32>,
    },
    ChangeClass {
        to: ClassId,
        seat: Option<i32>,
    },
    ChangeName {
        name: String,
    },
    Number(#[serde(skip)] FormalNumber),
    /// With the number of the county's approval.
    Withdraw {
        approval: String,
    },
    Death,
}

/// A formal number, sealed before it gets here.
pub struct FormalNumber {
    keys: Keys,
    number: StudentNumber,
}

impl FormalNumber {
    /// # Errors
    /// What is wrong with what was typed, and how to mend it.
    pub fn parse(keys: &Keys, typed: &str) -> Result<Self, String> {
        let number = StudentNumber::parse(typed)?;
        if !number.as_str().starts_with('G') {
            return Err("正式学籍号以 G 开头。还没有发下来，就先不改。".to_owned());
        }
        Ok(FormalNumber { keys: keys.clone(), number })
    }
}

impl Change {
    pub fn kind(&self) -> Kind {
        match self {
            Change::MoveIn { .. } => Kind::MoveIn,
            Change::MoveOut => Kind::MoveOut,
            Change::Leave => Kind::Leave,
            Change::ComeBack { .. } => Kind::ComeBack,
            Change::ChangeClass { .. } => Kind::ChangeClass,
            Change::ChangeName { .. } => Kind::ChangeName,
            Change::Number(_) => Kind::Number,
            Change::Withdraw { .. } => Kind::Withdraw,
            Change::Death => Kind::Death,
        }
    }
}

/// The office writes down what happened to a pupil, from which day on and why; the
/// stays in classes follow in the same transaction.
#[derive(Serialize)]
pub struct MovePupil {
    pub student: StudentId,
    pub change: Change,
    pub on: NaiveDate,
    pub reason: String,
}

struct Stay {
    id: EnrolmentId,
    class: ClassId,
    entered_on: NaiveDate,
    left_on: Option<NaiveDate>,
}

impl Act for MovePupil {
    const VERB: &'static str = "pupil_moved";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "kind": self.change.kind() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let kind = self.change.kind();
        if tidy(&self.reason).is_empty() {
            return Err(Refused::invalid("reason", "请写一句原因。以后查起来，靠的就是这一句。"));
        }
        let last = last_stay(tx, self.student)?;
        let arriving = matches!(self.change, Change::MoveIn { .. });
        if last.is_none() && !arriving {
            return Err(Refused::NotFound);
        }
        let past = history(tx, self.student)?;
        refuse_second(&past, tx.today())?;
        let place = match &last {
            Some(stay) => place_now(tx, place_after(&past), stay.class)?,
            None => Place::MovedOut,
        };
        if let Some(why) = place.refuses(kind) {
            return Err(Refused::conflict(why));
        }
        self.check_day(tx, last.as_ref(), &past)?;
        let told = match &self.change {
            Change::MoveIn { to, seat } => {
                take_file(tx, self.student, self.on)?;
                self.sit_down(tx, *to, *seat)?;
                Told { to: Some(*to), ..Told::default() }
            }
            Change::ComeBack { to, seat } => {
                self.sit_down(tx, *to, *seat)?;
                Told { to: Some(*to), ..Told::default() }
            }
            Change::ChangeClass { to, seat } => {
                let from = last.as_ref().map(|stay| stay.class);
                if from == Some(*to) {
                    return Err(Refused::invalid("class", "这位学生就在这个班。请选另一个班。"));
                }
                self.stand_up(tx, last.as_ref())?;
                self.sit_down(tx, *to, *seat)?;
                Told { from, to: Some(*to), ..Told::default() }
            }
            Change::MoveOut => {
                self.stand_up(tx, last.as_ref())?;
                let file = student::table.find(self.student);
                diesel::update(file).set(student::released_on.eq(self.on)).execute(tx.conn())?;
                Told { from: last.map(|stay| stay.class), ..Told::default() }
            }
            Change::Leave | Change::Death | Change::Withdraw { .. } => {
                let approval = match &self.change {
                    Change::Withdraw { approval } => Some(tidy(approval)),
                    _ => None,
                };
                if approval.as_ref().is_some_and(String::is_empty) {
                    let why = "退学要县教育局批准才能记。请写批准文号；没有批准，就不是退学。";
                    return Err(Refused::invalid("approval", why));
                }
                self.stand_up(tx, last.as_ref().filter(|_| place == Place::Here))?;
                Told { from: last.map(|stay| stay.class), approval, ..Told::default() }
            }
            Change::ChangeName { name } => self.rename(tx, name)?,
            Change::Number(number) => self.renumber(tx, number)?,
        };
        self.write(tx, told)
    }
}

impl MovePupil {
    /// Days are compared, never today's standing: a movement lies after the one before
    /// it, within the calendar, and not in a term that is sealed.
    fn check_day(&self, tx: &mut Tx, last: Option<&Stay>, past: &[Movement]) -> Result<(), Refused> {
        let (kind, today) = (self.change.kind(), tx.today());
        let refuse = |why: String| Err(Refused::invalid("on", why));
        if let Some(first) = past.iter().map(|m| m.effective_on).min().or(last.map(|stay| stay.entered_on))
            && self.on < first
        {
            return refuse(format!("这位学生 {first} 才来，异动不能早于这一天。"));
        }
        if kind.leads_to().is_some() {
            let moved = past.iter().filter(|m| m.kind.leads_to().is_some()).max_by_key(|m| m.effective_on);
            let before = moved.map(|m| (m.kind.word(), m.effective_on));
            let before = before.or(last.map(|stay| (Kind::Enter.word(), stay.entered_on)));
            if let Some((word, day)) = before
                && self.on <= day
            {
                return refuse(format!("{day} 刚办过{word}，这一件要在那一天以后。"));
            }
        }
        let until = if kind.may_lie_ahead() { end_of_term(tx, today)? } else { today };
        if self.on > until {
            return refuse(match kind.may_lie_ahead() {
                true => format!("{} 太远了，最晚到这个学期结束（{until}）。到时候再办也不迟。", self.on),
                false => format!("{}从今天或以前的日子算起，不能写以后的日子。", kind.word()),
            });
        }
        if kind.leads_to().is_some()
            && let Some(day) = sealed_until(tx, &[self.student])?
            && self.on <= day
        {
            return refuse(format!("{day} 以前已经归档，谁在哪个班不能再变。请写这一天以后的日子。"));
        }
        Ok(())
    }

    /// Ends the stay: the day before is its last.
    fn stand_up(&self, tx: &mut Tx, stay: Option<&Stay>) -> Result<(), Refused> {
        let Some(stay) = stay.filter(|stay| stay.left_on.is_none()) else { return Ok(()) };
        let row = tx.own(enrolment::rows).filter(enrolment::id.eq(stay.id));
        diesel::update(row).set(enrolment::left_on.eq(self.on - Days::new(1))).execute(tx.conn())?;
        Ok(())
    }

    /// Begins a stay; without a seat named, after the last seat of the class.
    fn sit_down(&self, tx: &mut Tx, to: ClassId, seat: Option<i32>) -> Result<(), Refused> {
        let cohort: Option<Cohort> =
            tx.own(class::rows).filter(class::id.eq(to)).select(class::cohort).first(tx.conn()).optional()?;
        let Some(cohort) = cohort else {
            return Err(Refused::invalid("class", "本校没有这个班。请重新选。"));
        };
        let year = present_year(tx)?;
        if cohort.grade_in(year).is_none() {
            return Err(Refused::invalid("class", "这个班已经毕业，或者还没有入学。请选在校的班。"));
        }
        let taken: Vec<i32> = tx
            .own(enrolment::rows)
            .filter(enrolment::class_id.eq(to))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(self.on)))
            .select(enrolment::seat)
            .load(tx.conn())?;
        let after = taken.iter().max().map_or(1, |last| last + 1);
        let free = |after: i32| if after <= 99 { after } else { (1..99).find(|n| !taken.contains(n)).unwrap_or(after) };
        let seat = seat.unwrap_or_else(|| free(after));
        if !(1..=99).contains(&seat) {
            return Err(Refused::invalid("seat", "班内学号应在 1 到 99 之间。"));
        }
        if taken.contains(&seat) {
            return Err(Refused::invalid("seat", format!("{seat} 号班里已经有人。换一个，或者空着，自动排在最后。")));
        }
        tx.put(
            enrolment::rows,
            (
                enrolment::id.eq(EnrolmentId::new()),
                enrolment::student_id.eq(self.student),
                enrolment::class_id.eq(to),
                enrolment::seat.eq(seat),
                enrolment::entered_on.eq(self.on),
            ),
        )?;
        Ok(())
    }

    fn rename(&self, tx: &mut Tx, name: &str) -> Result<Told, Refused> {
        let name = tidy(name);
        let was: String = student::table.find(self.student).select(student::name).first(tx.conn())?;
        if name.is_empty() || name == was {
            return Err(Refused::invalid("name", "请写改了以后的姓名。"));
        }
        diesel::update(student::table.find(self.student))
            .set((student::name.eq(&name), student::pinyin.eq(pinyin(&name)), student::former_name.eq(&was)))
            .execute(tx.conn())?;
        Ok(Told { was: Some(was), became: Some(name), ..Told::default() })
    }

    fn renumber(&self, tx: &mut Tx, formal: &FormalNumber) -> Result<Told, Refused> {
        let FormalNumber { keys, number } = formal;
        let sealed: Vec<u8> = student::table.find(self.student).select(student::number_sealed).first(tx.conn())?;
        let was = keys.open(NUMBER_PLACE, &sealed).map_err(Refused::broken)?;
        let was = StudentNumber::parse(&String::from_utf8_lossy(&was)).map_err(Refused::broken)?;
        if !was.as_str().starts_with('L') {
            let why = "这位学生的学籍号已经是正式的。号码有误，请在全国学籍系统里改好再导入。";
            return Err(Refused::conflict(why));
        }
        let hash = number.fingerprint(keys);
        let taken: i64 = student::table.filter(student::number_hash.eq(&hash)).count().get_result(tx.conn())?;
        if taken > 0 {
            return Err(Refused::invalid("number", "这个学籍号已经登记在另一位学生名下。请核对。"));
        }
        diesel::update(student::table.find(self.student))
            .set((
                student::number_sealed.eq(keys.seal(NUMBER_PLACE, number.as_str().as_bytes())),
                student::number_hash.eq(hash),
            ))
            .execute(tx.conn())?;
        Ok(Told { was: Some(was.masked()), became: Some(number.masked()), ..Told::default() })
    }

    fn write(&self, tx: &mut Tx, told: Told) -> Result<(), Refused> {
        put_movement(tx, self.student, self.change.kind(), self.on, &tidy(&self.reason), told)
    }
}

/// The file of a pupil whom another school has let go becomes this school's.
fn take_file(tx: &mut Tx, student: StudentId, on: NaiveDate) -> Result<(), Refused> {
    let school = tx.school();
    let released: Option<NaiveDate> =
        student::table.find(student).select(student::released_on).first(tx.conn()).optional()?.flatten();
    if let Some(day) = released.filter(|day| on < *day) {
        return Err(Refused::invalid("on", format!("原来的学校写的是 {day} 转出，转入不能早于这一天。")));
    }
    let free = student::table.find(student).filter(student::released_on.is_not_null());
    let taken = diesel::update(free)
        .set((student::school_id.eq(school), student::released_on.eq(None::<NaiveDate>)))
        .execute(tx.conn())?;
    if taken == 0 { Err(Refused::conflict(STILL_ELSEWHERE)) } else { Ok(()) }
}

const STILL_ELSEWHERE: &str = "这位学生还在县里另一所学校在籍。请那边先办转出，再来转入。";

/// The pupil with this number whom this school may take in.
///
/// # Errors
/// [`Refused::Invalid`] beside the field `number`: no number, nobody has it, or the
/// pupil is still at another school; which one is not told.
pub fn pupil_to_take(look: &mut Look, _: WholeSchool, keys: &Keys, typed: &str) -> Result<StudentId, Refused> {
    let number = StudentNumber::parse(typed).map_err(|why| Refused::invalid("number", why))?;
    let found: Option<(StudentId, Option<NaiveDate>, crate::names::SchoolId)> = student::table
        .filter(student::number_hash.eq(number.fingerprint(keys)))
        .select((student::id, student::released_on, student::school_id))
        .first(look.conn())
        .optional()?;
    let refuse = |why: &str| Err(Refused::invalid("number", why.to_owned()));
    match found {
        None => refuse("县里没有这个学籍号的学生。从县外转来的，请放进名单，用“导入学籍”收进来。"),
        Some((_, None, school)) if school != look.school() => refuse(STILL_ELSEWHERE),
        Some((_, None, _)) => refuse("这位学生就在本校，不用办转入。要复学或转班，请到学生的页面去办。"),
        Some((id, Some(_), _)) => Ok(id),
    }
}

/// The last stay of a pupil in this school, by the day it began.
fn last_stay(look: &mut Look, student: StudentId) -> Result<Option<Stay>, Refused> {
    let found: Option<(EnrolmentId, ClassId, NaiveDate, Option<NaiveDate>)> = look
        .own(enrolment::rows)
        .filter(enrolment::student_id.eq(student))
        .order(enrolment::entered_on.desc())
        .select((enrolment::id, enrolment::class_id, enrolment::entered_on, enrolment::left_on))
        .first(look.conn())
        .optional()?;
    Ok(found.map(|(id, class, entered_on, left_on)| Stay { id, class, entered_on, left_on }))
}

/// The end of the term that runs on `day`, or of the next.
fn end_of_term(look: &mut Look, day: NaiveDate) -> Result<NaiveDate, Refused> {
    let ends: Option<NaiveDate> = term::table
        .filter(term::ends_on.ge(day))
        .order(term::id)
        .select(term::ends_on)
        .first(look.conn())
        .optional()?;
    Ok(ends.unwrap_or(day))
}

/// The school year that a class chosen now is taught in.
fn present_year(look: &mut Look) -> Result<i32, Refused> {
    let today = look.today();
    let ends = end_of_term(look, today)?;
    let running: Option<crate::names::Term> =
        term::table.filter(term::ends_on.eq(ends)).select(term::id).first(look.conn()).optional()?;
    match running {
        Some(term) => Ok(term.year()),
        None => Ok(crate::roster::calendar::present_term(look)?.term.year()),
    }
}

/// Who was here when the cohort left grade 9 has graduated.
fn place_now(look: &mut Look, place: Place, class_id: ClassId) -> Result<Place, Refused> {
    let cohort: Cohort =
        look.own(class::rows).filter(class::id.eq(class_id)).select(class::cohort).first(look.conn())?;
    let graduated = place == Place::Here && cohort.graduates_in() <= present_term(look)?.term.year();
    Ok(if graduated { Place::Graduated } else { place })
}

/// One movement at a time: what lies ahead comes first.
fn refuse_second(past: &[Movement], today: NaiveDate) -> Result<(), Refused> {
    match past.iter().find(|m| m.effective_on > today) {
        None => Ok(()),
        Some(ahead) => Err(Refused::conflict(format!(
            "还有一件{}在办，{} 起生效。一位学生同时只办一件，请等它生效再办。",
            ahead.kind.word(),
            ahead.effective_on
        ))),
    }
}

pub(super) fn place_after(past: &[Movement]) -> Place {
    past.iter().rev().find_map(|m| m.kind.leads_to()).unwrap_or(Place::Here)
}
