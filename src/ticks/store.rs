use super::{Kind, Level};
use crate::access::{Act, Attempt, Charge, Child, Look, OwnClass, OwnSubject, Refused, Tx, WholeSchool};
use crate::cycle::refuse_noticed;
use crate::names::{ActivityId, ClassId, StudentId, Term};
use crate::record::{Fed, FedPupil, Telling, put_fed, standing_in};
use crate::scheme::scheme_of;
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

crate::school_table!(tick_activity (class_id, term, kind, item, level) {
    class_id -> Guid,
    term -> Integer,
    kind -> Text,
    item -> Text,
    level -> Text,
    activity_id -> Guid,
});

/// Most characters of a column's name: with what a record says before it, a title.
const ITEM_CHARACTERS: usize = 26;
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
    /// What becomes of the records, with the column and the level they are of.
    records: Vec<(String, Level, Fed)>,
}

#[derive(Serialize)]
struct NewTick {
    charge: Charge,
    item: String,
    level: Option<Level>,
    /// What stood there before.
    #[serde(skip)]
    was: Option<Level>,
    revision: i32,
}

impl TickClass {
    /// # Errors
    /// [`Refused::NotFound`] for a kind of another subject; [`Refused::Invalid`] for a
    /// column's name that is too long; as [`Tx::taught`]; [`Refused::Conflict`] once the
    /// records are noticed.
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
                let (item, was) = (item.clone(), now);
                cells.push(NewTick { charge, item, level: *level, was, revision: revision + 1 });
            }
        }
        if cells.is_empty() {
            return Ok(Attempt::Nothing(0));
        }
        let records = records_fed(tx, own, kind, &cells)?;
        Ok(Attempt::Act(TickClass { class: *own, term, subject: subject.clone(), kind, cells, records }))
    }
}

/// The records that changed cells make and take back, each once: a pupil who came from
/// another class has kept what that class's sheet told.
fn records_fed(
    tx: &mut Tx,
    own: &OwnClass,
    kind: Kind,
    cells: &[NewTick],
) -> Result<Vec<(String, Level, Fed)>, Refused> {
    let scheme = scheme_of(tx, own.cohort(), own.term())?;
    let item_of_scheme = scheme.indicators.iter().find(|item| item.code == kind.indicator());
    let Some((indicator, domain)) = item_of_scheme.and_then(|item| Some((item.code.clone(), item.domain?))) else {
        return Ok(Vec::new());
    };
    let students: Vec<StudentId> = cells.iter().map(|cell| cell.charge.student()).collect();
    refuse_noticed(tx, &students, own.term())?;
    let known: Vec<(ClassId, String, Level, ActivityId)> = tx
        .own(tick_activity::rows)
        .filter(tick_activity::term.eq(own.term()))
        .filter(tick_activity::kind.eq(kind))
        .select((tick_activity::class_id, tick_activity::item, tick_activity::level, tick_activity::activity_id))
        .load(tx.conn())?;
    let activities: Vec<ActivityId> = known.iter().map(|(.., activity)| *activity).collect();
    let stands = standing_in(tx, &activities, &students)?;
    let today = tx.today();
    let mut fed: BTreeMap<ActivityId, (String, Level, Fed)> = BTreeMap::new();
    let mut begun: HashMap<(String, Level), ActivityId> = HashMap::new();
    for cell in cells {
        let student = cell.charge.student();
        let of = |level: Level| known.iter().filter(move |(_, item, at, _)| *item == cell.item && *at == level);
        let confirmed = |activity: ActivityId| stands.get(&(activity, student)) == Some(&true);
        let mut tell = |activity: ActivityId, level: Level, begun: Option<Telling>, done: bool| {
            let fed = &mut fed
                .entry(activity)
                .or_insert_with(|| (cell.item.clone(), level, Fed { activity, begun, pupils: Vec::new() }));
            fed.2.pupils.push(FedPupil { charge: cell.charge, done });
        };
        if let Some(was) = cell.was {
            for (.., activity) in of(was).filter(|(.., activity)| confirmed(*activity)) {
                tell(*activity, was, None, false);
            }
        }
        let Some(level) = cell.level.filter(|level| level.is_fact()) else { continue };
        if of(level).any(|(.., activity)| confirmed(*activity)) {
            continue;
        }
        let here = of(level).find(|(class, ..)| *class == own.id()).map(|(.., activity)| *activity);
        let new = begun.get(&(cell.item.clone(), level)).copied();
        let (activity, telling) = match here.or(new) {
            Some(activity) => (activity, None),
            None => {
                let activity = ActivityId::new();
                begun.insert((cell.item.clone(), level), activity);
                let telling = Telling {
                    indicator: indicator.clone(),
                    domain,
                    also: Vec::new(),
                    title: kind.title(&cell.item),
                    starts_on: today,
                    ends_on: today,
                    place: None,
                    organiser: None,
                    level: None,
                    minutes: None,
                    attained: (kind.levels().len() > 1).then(|| level.word().to_owned()),
                    words: None,
                };
                (activity, Some(telling))
            }
        };
        tell(activity, level, telling, true);
    }
    Ok(fed.into_values().collect())
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
        let (items, fed): (Vec<_>, Vec<_>) =
            self.records.iter().map(|(item, level, fed)| ((item, *level), fed)).unzip();
        put_fed(tx, self.class.id(), self.term, &fed)?;
        let begun = items.into_iter().zip(&fed).filter(|(_, fed)| fed.begun.is_some()).map(|((item, level), fed)| {
            (
                tick_activity::class_id.eq(self.class.id()),
                tick_activity::term.eq(self.term),
                tick_activity::kind.eq(self.kind),
                tick_activity::item.eq(item),
                tick_activity::level.eq(level),
                tick_activity::activity_id.eq(fed.activity),
            )
        });
        tx.put_all(tick_activity::rows, begun.collect())?;
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
