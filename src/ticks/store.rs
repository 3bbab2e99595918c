use super::{Kind, Level};
use crate::access::{Act, Attempt, Charge, Child, Look, OwnClass, OwnSubject, Refused, Tx, WholeSchool};
use crate::names::{StudentId, Term};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

crate::school_table!(tick (term, student_id, kind, item, revision) {
    term -> Integer,
    student_id -> Guid,
    kind -> Text,
    item -> Text,
    revision -> Integer,
    level -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

/// Most characters of a column's name.
const ITEM_CHARACTERS: usize = 30;
/// More columns than any class does of one kind in a term.
const MOST_ITEMS: usize = 24;

/// One class's grid of one kind: its columns in the order they were begun, and what is
/// ticked in them.
#[derive(Default)]
pub struct Grid {
    pub items: Vec<String>,
    /// Pupil and column → level and revision.
    pub cells: HashMap<(StudentId, String), (Option<Level>, i32)>,
}

/// The grid of some pupils in a term.
pub fn grid(look: &mut Look, term: Term, kind: Kind, students: &[StudentId]) -> Result<Grid, Refused> {
    let rows: Vec<(StudentId, String, i32, Option<Level>)> = look
        .own(tick::rows)
        .filter(tick::term.eq(term))
        .filter(tick::kind.eq(kind))
        .filter(tick::student_id.eq_any(students))
        .order((tick::at, tick::item, tick::revision))
        .select((tick::student_id, tick::item, tick::revision, tick::level))
        .load(look.conn())?;
    let mut grid = Grid::default();
    for (student, item, revision, level) in rows {
        if !grid.items.contains(&item) {
            grid.items.push(item.clone());
        }
        let stands = grid.cells.entry((student, item)).or_default();
        if stands.1 < revision {
            *stands = (level, revision);
        }
    }
    // A column that nobody has any longer is gone.
    grid.items.retain(|item| grid.cells.iter().any(|((_, of), (level, _))| of == item && level.is_some()));
    Ok(grid)
}

/// A subject teacher ticks what the class has done: many cells are one act.
#[derive(Serialize)]
pub struct TickClass {
    class: OwnClass,
    term: Term,
    subject: OwnSubject,
    kind: Kind,
    cells: Vec<NewTick>,
}

#[derive(Serialize)]
struct NewTick {
    charge: Charge,
    item: String,
    level: Option<Level>,
    revision: i32,
}

impl TickClass {
    /// # Errors
    /// [`Refused::NotFound`] for a kind of another subject; [`Refused::Invalid`] for a
    /// column's name that is too long; as [`Tx::taught`].
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        subject: &OwnSubject,
        term: Term,
        kind: Kind,
        wanted: &[(StudentId, String, Option<Level>)],
    ) -> Result<Attempt<Self, usize>, Refused> {
        if !Kind::of_subject(subject.name()).contains(&kind) {
            return Err(Refused::NotFound);
        }
        if term != own.term() {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期再填。"));
        }
        let mut items: Vec<&str> = wanted.iter().map(|(_, item, _)| item.as_str()).collect();
        items.sort_unstable();
        items.dedup();
        if items.len() > MOST_ITEMS {
            return Err(Refused::invalid("item", format!("一个学期最多 {MOST_ITEMS} 列。")));
        }
        if items.iter().any(|item| item.is_empty() || item.chars().count() > ITEM_CHARACTERS) {
            return Err(Refused::invalid("item", format!("名称最多 {ITEM_CHARACTERS} 个字。")));
        }
        if wanted.iter().any(|(_, _, level)| level.is_some_and(|level| !kind.levels().contains(&level))) {
            return Err(Refused::invalid("", "有一格认不出，请刷新页面再填。"));
        }
        let students: Vec<StudentId> = wanted.iter().map(|(student, ..)| *student).collect();
        let charges = tx.taught(own, &students)?;
        let stands = grid(tx, term, kind, &students)?;
        let mut cells = Vec::new();
        for (student, item, level) in wanted {
            let (now, revision) = stands.cells.get(&(*student, item.clone())).copied().unwrap_or_default();
            if now != *level {
                let charge = charges.get(student).copied().ok_or(Refused::NotFound)?;
                cells.push(NewTick { charge, item: item.clone(), level: *level, revision: revision + 1 });
            }
        }
        if cells.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        Ok(Attempt::Act(TickClass { class: *own, term, subject: subject.clone(), kind, cells }))
    }
}

impl Act for TickClass {
    const VERB: &'static str = "class_ticked";
    /// How many cells changed.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let mut students: Vec<StudentId> = self.cells.iter().map(|cell| cell.charge.student()).collect();
        students.sort_unstable();
        students.dedup();
        json!({ "class": self.class, "term": self.term, "kind": self.kind, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        let cells = self.cells.iter().map(|cell| {
            (
                tick::term.eq(cell.charge.term()),
                tick::student_id.eq(cell.charge.student()),
                tick::kind.eq(self.kind),
                tick::item.eq(&cell.item),
                tick::revision.eq(cell.revision),
                tick::level.eq(cell.level),
                tick::account_id.eq(by),
                tick::at.eq(at),
            )
        });
        tx.put_all(tick::rows, cells.collect())?;
        Ok(self.cells.len())
    }
}

/// Something a child has done or learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticked {
    pub item: String,
    pub level: Level,
}

/// One child's ticks, term by term and kind by kind.
pub type ChildTicks = BTreeMap<Term, BTreeMap<Kind, Vec<Ticked>>>;

/// What one child has done in this school.
pub fn child_ticks(look: &mut Look, child: Child) -> Result<ChildTicks, Refused> {
    Ok(ticks_among(look, &[child.student()])?.remove(&child.student()).unwrap_or_default())
}

/// What some pupils of this school have done: what a seal takes.
pub fn ticks_of(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
) -> Result<HashMap<StudentId, ChildTicks>, Refused> {
    ticks_among(look, students)
}

fn ticks_among(look: &mut Look, students: &[StudentId]) -> Result<HashMap<StudentId, ChildTicks>, Refused> {
    let rows: Vec<(StudentId, Term, Kind, String, Option<Level>)> = look
        .own(tick::rows)
        .filter(tick::student_id.eq_any(students))
        .order(tick::revision)
        .select((tick::student_id, tick::term, tick::kind, tick::item, tick::level))
        .load(look.conn())?;
    // The newest revision is met last and stands.
    let mut newest: BTreeMap<(Term, Kind, String, StudentId), Option<Level>> = BTreeMap::new();
    for (student, term, kind, item, level) in rows {
        newest.insert((term, kind, item, student), level);
    }
    let mut of: HashMap<StudentId, ChildTicks> = HashMap::new();
    for ((term, kind, item, student), level) in newest {
        let Some(level) = level else { continue };
        let kinds = of.entry(student).or_default().entry(term).or_default();
        kinds.entry(kind).or_default().push(Ticked { item, level });
    }
    Ok(of)
}
