use crate::access::own::enrolment;
use crate::access::{Act, Attempt, Child, Look, OwnClass, Refused, Tx};
use crate::names::{ClassId, StudentId, Term};
use crate::record::RollKind;
use crate::roster::calendar::TermDates;
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

crate::school_table!(roll_call (class_id, kind, day, revision) {
    class_id -> Guid,
    kind -> Text,
    day -> Date,
    revision -> Integer,
    term -> Integer,
    held -> Bool,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(absence (class_id, kind, day, revision, student_id) {
    class_id -> Guid,
    kind -> Text,
    day -> Date,
    revision -> Integer,
    student_id -> Guid,
});

crate::queried_with!(roll_call: enrolment;);

/// One day as it stands: held or not, and who was not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roll {
    pub revision: i32,
    pub held: bool,
    pub absent: BTreeSet<StudentId>,
}

/// What was taken of one kind in a week of one's own class.
pub fn week_rolls(
    look: &mut Look,
    own: &OwnClass,
    kind: RollKind,
    monday: NaiveDate,
) -> Result<BTreeMap<NaiveDate, Roll>, Refused> {
    let sunday = monday + Days::new(6);
    let taken: Vec<(NaiveDate, i32, bool)> = look
        .own(roll_call::rows)
        .filter(roll_call::class_id.eq(own.id()))
        .filter(roll_call::kind.eq(kind))
        .filter(roll_call::day.between(monday, sunday))
        .order(roll_call::revision)
        .select((roll_call::day, roll_call::revision, roll_call::held))
        .load(look.conn())?;
    let absent: Vec<(NaiveDate, i32, StudentId)> = look
        .own(absence::rows)
        .filter(absence::class_id.eq(own.id()))
        .filter(absence::kind.eq(kind))
        .filter(absence::day.between(monday, sunday))
        .select((absence::day, absence::revision, absence::student_id))
        .load(look.conn())?;
    let mut rolls: BTreeMap<NaiveDate, Roll> = BTreeMap::new();
    for (day, revision, held) in taken {
        rolls.insert(day, Roll { revision, held, absent: BTreeSet::new() });
    }
    for (day, revision, student) in absent {
        if let Some(roll) = rolls.get_mut(&day).filter(|roll| roll.revision == revision) {
            roll.absent.insert(student);
        }
    }
    Ok(rolls)
}

/// What is taken of a day.
#[derive(Clone, Debug)]
pub struct DayTaken {
    pub day: NaiveDate,
    pub held: bool,
    pub absent: BTreeSet<StudentId>,
}

/// All were there but those who were not: the days of a week are one act.
#[derive(Serialize)]
pub struct TakeRoll {
    class: OwnClass,
    term: Term,
    kind: RollKind,
    days: Vec<NewDay>,
}

#[derive(Serialize)]
struct NewDay {
    day: NaiveDate,
    revision: i32,
    held: bool,
    absent: Vec<StudentId>,
}

impl TakeRoll {
    /// Days that stand as wanted are left alone.
    ///
    /// # Errors
    /// [`Refused::Invalid`] for a day to come or outside the term; as [`Tx::taught`].
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        term: TermDates,
        kind: RollKind,
        wanted: &[DayTaken],
    ) -> Result<Attempt<Self, usize>, Refused> {
        let today = tx.today();
        let students: Vec<StudentId> = wanted.iter().flat_map(|day| day.absent.iter().copied()).collect();
        tx.taught(own, &students)?;
        let mut days = Vec::new();
        for taken in wanted {
            if taken.day > today || taken.day < term.starts_on || taken.day > term.ends_on {
                return Err(Refused::invalid(
                    "week",
                    format!("{} 不在本学期已经过去的日子里，请选别的一周。", taken.day),
                ));
            }
            let monday = monday_of(taken.day);
            let stands = week_rolls(tx, own, kind, monday)?.remove(&taken.day).unwrap_or_default();
            if stands.revision == 0 || stands.held != taken.held || stands.absent != taken.absent {
                let absent = taken.absent.iter().copied().filter(|_| taken.held).collect();
                days.push(NewDay { day: taken.day, revision: stands.revision + 1, held: taken.held, absent });
            }
        }
        if days.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        Ok(Attempt::Act(TakeRoll { class: *own, term: term.term, kind, days }))
    }
}

/// The Monday of a day's week.
pub fn monday_of(day: NaiveDate) -> NaiveDate {
    use chrono::Datelike;
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

impl Act for TakeRoll {
    const VERB: &'static str = "roll_taken";
    /// How many days changed.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let days: Vec<NaiveDate> = self.days.iter().map(|new| new.day).collect();
        json!({ "class": self.class, "term": self.term, "kind": self.kind, "days": days })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let (by, at, class) = (tx.by().person()?, tx.now(), self.class.id());
        for new in &self.days {
            tx.put(
                roll_call::rows,
                (
                    roll_call::class_id.eq(class),
                    roll_call::kind.eq(self.kind),
                    roll_call::day.eq(new.day),
                    roll_call::revision.eq(new.revision),
                    roll_call::term.eq(self.term),
                    roll_call::held.eq(new.held),
                    roll_call::account_id.eq(by),
                    roll_call::at.eq(at),
                ),
            )?;
            for student in &new.absent {
                tx.put(
                    absence::rows,
                    (
                        absence::class_id.eq(class),
                        absence::kind.eq(self.kind),
                        absence::day.eq(new.day),
                        absence::revision.eq(new.revision),
                        absence::student_id.eq(*student),
                    ),
                )?;
            }
        }
        Ok(self.days.len())
    }
}

/// What a term's rolls tell of one child: it comes out by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollTold {
    pub kind: RollKind,
    /// How many times it was held while the child was in the class.
    pub held: usize,
    pub absent: Vec<NaiveDate>,
}

/// One child's rolls of a term, kind by kind.
pub fn rolls_of(look: &mut Look, child: Child, term: Term) -> Result<Vec<RollTold>, Refused> {
    let student = child.student();
    let taken: Vec<(ClassId, RollKind, NaiveDate, i32, bool, NaiveDate, Option<NaiveDate>)> = look
        .own(roll_call::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(roll_call::school_id).and(enrolment::class_id.eq(roll_call::class_id))),
        )
        .filter(enrolment::student_id.eq(student))
        .filter(roll_call::term.eq(term))
        .order(roll_call::revision)
        .select((
            roll_call::class_id,
            roll_call::kind,
            roll_call::day,
            roll_call::revision,
            roll_call::held,
            enrolment::entered_on,
            enrolment::left_on,
        ))
        .load(look.conn())?;
    let absent: Vec<(ClassId, RollKind, NaiveDate, i32)> = look
        .own(absence::rows)
        .filter(absence::student_id.eq(student))
        .select((absence::class_id, absence::kind, absence::day, absence::revision))
        .load(look.conn())?;
    let mut newest: HashMap<(ClassId, RollKind, NaiveDate), (i32, bool)> = HashMap::new();
    for (class, kind, day, revision, held, entered, left) in taken {
        if entered <= day && left.is_none_or(|left| left >= day) {
            newest.insert((class, kind, day), (revision, held));
        }
    }
    let told = RollKind::ALL.iter().filter_map(|kind| {
        let held = newest.iter().filter(|((_, of, _), (_, held))| of == kind && *held).count();
        let mut days: Vec<NaiveDate> = absent
            .iter()
            .filter(|(class, of, day, revision)| {
                of == kind && newest.get(&(*class, *of, *day)) == Some(&(*revision, true))
            })
            .map(|(_, _, day, _)| *day)
            .collect();
        days.sort_unstable();
        (held > 0).then_some(RollTold { kind: *kind, held, absent: days })
    });
    Ok(told.collect())
}
