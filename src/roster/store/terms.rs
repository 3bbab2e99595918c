//! The county keeps the terms of its calendar: adds the next one, and gives one that is to
//! come, or has not been signed yet, other days.

use crate::access::own::signature;
use crate::access::{Act, CountyWide, EverySchool, Fault, Look, Refused, Tx};
use crate::names::{Half, Term};
use crate::roster::calendar::{TermDates, term_dates, terms};
use crate::schema::{stage_window, term};
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Where a term is, seen from today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TermState {
    Past,
    Running,
    Ahead,
}

impl TermState {
    pub fn of(dates: &TermDates, today: NaiveDate) -> Self {
        if dates.ends_on < today {
            TermState::Past
        } else if dates.starts_on <= today {
            TermState::Running
        } else {
            TermState::Ahead
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            TermState::Past => "已过",
            TermState::Running => "正在过",
            TermState::Ahead => "还没到",
        }
    }
}

/// The days of a term, holidays among them: shorter or longer is a slip of the pen.
const LENGTH: RangeInclusive<i64> = 60..=250;

/// The months a term begins in, and the one it has ended by.
fn months(term: Term) -> (i32, RangeInclusive<u32>, (i32, u32)) {
    let (year, next) = (term.year(), term.year() + 1);
    match term.half() {
        Half::First => (year, 8..=9, (next, 2)),
        Half::Second => (next, 2..=3, (next, 8)),
    }
}

/// Where the days of a term may lie, in words: `2028 年 8 月或 9 月开始，最晚 2029 年 2 月底结束，一共 60 到 250 天`.
pub fn term_rule(term: Term) -> String {
    let (year, begins, (end_year, end_month)) = months(term);
    let (first, last) = (begins.start(), begins.end());
    let (least, most) = (LENGTH.start(), LENGTH.end());
    format!("{year} 年 {first} 月或 {last} 月开始，最晚 {end_year} 年 {end_month} 月底结束，一共 {least} 到 {most} 天")
}

/// Whether a class of any school is signed for this term: from then on its days stand, for
/// what is noticed, checked and sealed comes after.
pub fn is_signed_anywhere(look: &mut Look<EverySchool>, wanted: Term) -> Result<bool, Refused> {
    let signed = look.process(signature::rows).filter(signature::term.eq(wanted)).count();
    Ok(signed.get_result::<i64>(look.conn())? > 0)
}

/// The fields in which the first and the last day of a term were typed.
pub struct Fields {
    pub first: String,
    pub last: String,
}

/// What is wrong with the days of a term beside those before and after it, at most one
/// thing a field.
fn wrong(dates: &TermDates, all: &[TermDates], fields: &Fields) -> Vec<Fault> {
    let TermDates { term, starts_on: first, ends_on: last } = *dates;
    let (year, begins, ended_by) = months(term);
    let before = all.iter().rfind(|other| other.term < term);
    let after = all.iter().find(|other| other.term > term);
    let mut faults = Vec::new();
    if first.year() != year || !begins.contains(&first.month()) {
        let (one, other) = (begins.start(), begins.end());
        let said = format!("{}应在 {year} 年 {one} 月或 {other} 月开始，这里写的是 {first}，请改。", term.name());
        faults.push(Fault::at(&fields.first, said));
    } else if let Some(before) = before.filter(|before| first <= before.ends_on) {
        let said = format!("上一个学期到 {} 才结束，{first} 还在里面，请改到那天以后。", before.ends_on);
        faults.push(Fault::at(&fields.first, said));
    }
    let days = (last - first).num_days() + 1;
    if (last.year(), last.month()) > ended_by {
        let (year, month) = ended_by;
        let said = format!("{}最晚到 {year} 年 {month} 月底结束，这里写的是 {last}，请改。", term.name());
        faults.push(Fault::at(&fields.last, said));
    } else if let Some(after) = after.filter(|after| last >= after.starts_on) {
        let said = format!("下一个学期 {} 就开始了，{last} 已经在里面，请改到那天以前。", after.starts_on);
        faults.push(Fault::at(&fields.last, said));
    } else if !faults.is_empty() {
        // How long it is nobody knows before its first day is right.
    } else if last <= first {
        faults.push(Fault::at(&fields.last, format!("结束的日子 {last} 不在开始的日子 {first} 以后，请核对先后。")));
    } else if !LENGTH.contains(&days) {
        let (least, most) = (LENGTH.start(), LENGTH.end());
        let said = format!("从 {first} 到 {last} 是 {days} 天。一个学期有 {least} 到 {most} 天，请核对。");
        faults.push(Fault::at(&fields.last, said));
    }
    faults
}

/// The county adds the term after the last it knows.
#[derive(Serialize)]
pub struct AddTerm {
    added: TermDates,
}

impl AddTerm {
    /// # Errors
    /// [`Refused::Conflict`] for another term than the next; [`Refused::Invalid`] with the
    /// field of each day that is not in its place.
    pub fn prepare(tx: &mut Tx<CountyWide>, added: TermDates, fields: &Fields) -> Result<Self, Refused> {
        let all = terms(tx)?;
        if all.iter().any(|known| known.term == added.term) {
            let said = format!("{}已经在校历里了，没有再加。要改日子，在表里改。", added.term.name());
            return Err(Refused::conflict(said));
        }
        if let Some(next) = all.last().map(|last| last.term.next()).filter(|next| *next != added.term) {
            return Err(Refused::conflict(format!("学期要一个接一个加，现在该加{}。", next.name())));
        }
        match wrong(&added, &all, fields) {
            faults if faults.is_empty() => Ok(AddTerm { added }),
            faults => Err(Refused::Invalid(faults)),
        }
    }
}

impl Act<CountyWide> for AddTerm {
    const VERB: &'static str = "term_added";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "term": self.added.term })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let TermDates { term: id, starts_on, ends_on } = self.added;
        diesel::insert_into(term::table)
            .values((term::id.eq(id), term::starts_on.eq(starts_on), term::ends_on.eq(ends_on)))
            .execute(tx.conn())?;
        Ok(())
    }
}

/// The county gives a term other days.
#[derive(Serialize)]
pub struct MoveTerm {
    moved: TermDates,
    was: TermDates,
}

impl MoveTerm {
    /// `None` where the days are those that stand; so does the first where none is given.
    /// Of a term that runs only the last can be another. `signed` is whether a class [is signed](is_signed_anywhere) for it.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a term that is not there; [`Refused::Conflict`] for one that
    /// is over or signed; [`Refused::Invalid`] with the field of each day that is not in its
    /// place, lies before today, or leaves a window outside.
    pub fn prepare(
        tx: &mut Tx<CountyWide>,
        wanted: Term,
        (first, last): (Option<NaiveDate>, NaiveDate),
        signed: bool,
        fields: &Fields,
    ) -> Result<Option<Self>, Refused> {
        let (was, today) = (term_dates(tx, wanted)?, tx.today());
        let state = TermState::of(&was, today);
        let name = was.term.name();
        let moved = match state {
            TermState::Past => return Err(Refused::conflict(format!("{name}已经过了，日子不能再改。"))),
            TermState::Running if signed => {
                return Err(Refused::conflict(format!("{name}已经有班签了字，日子不能再改。")));
            }
            TermState::Running if first.is_some_and(|first| first != was.starts_on) => {
                let said = format!("{name}已经开始了，开始的日子不能再改，只能改结束的日子。");
                return Err(Refused::invalid(&fields.last, said));
            }
            TermState::Running | TermState::Ahead => {
                TermDates { term: wanted, starts_on: first.unwrap_or(was.starts_on), ends_on: last }
            }
        };
        if moved == was {
            return Ok(None);
        }
        let mut faults = wrong(&moved, &terms(tx)?, fields);
        if faults.is_empty() && state == TermState::Ahead && moved.starts_on <= today {
            // What was written until today belongs to the term before.
            let said = format!("开始的日子要在今天以后，这里写的是 {}，请改。", moved.starts_on);
            faults.push(Fault::at(&fields.first, said));
        } else if faults.is_empty() && moved.ends_on < today {
            let said = format!("结束的日子不能早于今天 {today}，这里写的是 {}，请改。", moved.ends_on);
            faults.push(Fault::at(&fields.last, said));
        } else if faults.is_empty() {
            faults.extend(window_outside(tx, &moved, fields)?);
        }
        if faults.is_empty() { Ok(Some(MoveTerm { moved, was })) } else { Err(Refused::Invalid(faults)) }
    }
}

/// The county's windows stay with the days of their term: from the first to the last on
/// which they may be set.
fn window_outside(look: &mut Look<CountyWide>, moved: &TermDates, fields: &Fields) -> Result<Option<Fault>, Refused> {
    let set: Vec<(String, Option<NaiveDate>, Option<NaiveDate>)> = stage_window::table
        .filter(stage_window::term.eq(moved.term))
        .order(stage_window::revision)
        .select((stage_window::step, stage_window::opens_on, stage_window::closes_on))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    let stands: BTreeMap<_, _> = set.into_iter().map(|(step, opens, closes)| (step, [opens, closes])).collect();
    let days: Vec<NaiveDate> = stands.into_values().flatten().flatten().collect();
    let early = days.iter().find(|day| **day < moved.starts_on).map(|day| (&fields.first, day));
    let late = days.iter().find(|day| **day > moved.late_until()).map(|day| (&fields.last, day));
    Ok(early.or(late).map(|(field, day)| {
        let said = format!("时间窗里有一步写的是 {day}，不在新的日子里。请先到“时间窗”改好，再来改学期。");
        Fault::at(field, said)
    }))
}

impl Act<CountyWide> for MoveTerm {
    const VERB: &'static str = "term_moved";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "term": self.moved.term })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        diesel::update(term::table.find(self.moved.term))
            .set((term::starts_on.eq(self.moved.starts_on), term::ends_on.eq(self.moved.ends_on)))
            .execute(tx.conn())?;
        Ok(())
    }
}
