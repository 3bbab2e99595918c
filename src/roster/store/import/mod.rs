//! A roster laid beside what the school has: who would come, what would change of whom,
//! which rows cannot be taken; before any of it does.

mod standing;
mod take;
mod undo;

pub use standing::ChangeNote;
pub(super) use take::{BEFORE_PLACE, roster_taken};
pub use take::{TakeRoster, Taken};
pub use undo::{Taking, UndoTaking, takings_of_today};

use self::standing::{Judged, Seated, Standing};
use self::take::Update;
use super::reseat::Reseating;
use super::waiting::{keep_waiting, take_out};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, ClassName, StudentId};
use crate::platform::keys::Keys;
use crate::roster::reading::{CellNote, ClassRef, RosterRead};
use crate::roster::{AdmitPupil, NewPupil};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

const WAITING_PLACE: &str = "import_waiting.rows";

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    New,
    /// There already, and something would be otherwise.
    Changed,
    /// There already, just so.
    Same,
    Refused,
}

/// A row with its verdict, as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct RowVerdict {
    pub line: usize,
    pub name: String,
    pub class_name: String,
    pub verdict: Verdict,
    pub faults: Vec<CellNote>,
    pub remarks: Vec<CellNote>,
    pub changes: Vec<ChangeNote>,
}

/// A roster laid beside what the school has.
pub struct DryRun {
    /// In the order of the rows read.
    pub rows: Vec<RowVerdict>,
    /// Classes the file names and the school has not.
    pub missing_classes: Vec<ClassRef>,
    accepted: Accepted,
}

/// What would be taken.
#[derive(Default, Serialize, Deserialize)]
struct Accepted {
    new: Vec<(ClassId, NewPupil)>,
    updates: Vec<Update>,
}

impl Accepted {
    fn take(self, keys: &Keys) -> TakeRoster {
        let pupils = self.new.into_iter().map(|(class, pupil)| AdmitPupil::new(keys, class, pupil)).collect();
        TakeRoster::of(keys, pupils, self.updates)
    }
}

/// A row that could be taken, as long as its seat is free in the end.
struct Wish {
    row: usize,
    class: ClassId,
    pupil: NewPupil,
    /// `None` for who is new.
    known: Option<(StudentId, Seated)>,
    reseats: bool,
}

impl DryRun {
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Rows that would be taken but deserve a look.
    pub fn remarked(&self) -> usize {
        self.rows.iter().filter(|row| row.verdict != Verdict::Refused && !row.remarks.is_empty()).count()
    }

    /// Lays a roster beside what is there; writes nothing.
    pub fn of(
        look: &mut Look,
        whole: WholeSchool,
        keys: &Keys,
        read: &RosterRead,
        school_year: i32,
    ) -> Result<Self, Refused> {
        let classes: HashMap<ClassRef, ClassId> = crate::roster::classes(look, whole)?
            .into_iter()
            .map(|row| (ClassRef { cohort: row.name.cohort, number: row.name.number }, row.id))
            .collect();
        let standing = Standing::of(look, keys, read, school_year)?;
        let mut run = DryRun {
            rows: Vec::with_capacity(read.rows.len()),
            missing_classes: Vec::new(),
            accepted: Accepted::default(),
        };
        let mut missing = BTreeSet::new();
        let mut wishes = Vec::new();
        let mut twice = HashSet::new();
        for (at, row) in read.rows.iter().enumerate() {
            let called = row.class.map(|c| ClassName { cohort: c.cohort, number: c.number });
            let mut shown = RowVerdict {
                line: row.line,
                name: row.name.clone(),
                class_name: called.map(|name| name.short_in_year(school_year)).unwrap_or_default(),
                verdict: Verdict::Refused,
                faults: row.faults.clone(),
                remarks: row.remarks.clone(),
                changes: Vec::new(),
            };
            if let (Some(class), Some(name), Some(pupil)) = (row.class, called, &row.pupil) {
                let fault = |column: &str, was: String, cure: String| CellNote {
                    column: read.columns(row).header(column),
                    was,
                    cure,
                };
                let wish = |id, known, reseats| Wish { row: at, class: id, pupil: pupil.clone(), known, reseats };
                match classes.get(&class) {
                    None => {
                        missing.insert(class);
                        let cure = "本校还没有这个班。请先建班（上面有按钮），再导一次。";
                        shown.faults.push(fault("班号", name.in_year(school_year), cure.to_owned()));
                    }
                    Some(id) => match standing.judge(keys, (*id, name), pupil, row.seat_told)? {
                        Judged::New => {
                            shown.verdict = Verdict::New;
                            wishes.push(wish(*id, None, true));
                        }
                        Judged::Same => shown.verdict = Verdict::Same,
                        Judged::Changed(student, ..) if !twice.insert(student) => {
                            let cure = "上面已有一行是这位学生。请只留一行。";
                            shown.faults.push(fault("全国学籍号", String::new(), cure.to_owned()));
                        }
                        Judged::Changed(student, seated, changes) => {
                            shown.verdict = Verdict::Changed;
                            shown.changes = changes;
                            let reseats = seated.class != *id || row.seat_told && seated.seat != pupil.seat;
                            wishes.push(wish(*id, Some((student, seated)), reseats));
                        }
                        Judged::Refused(name, was, cure) => shown.faults.push(fault(name, was, cure)),
                    },
                }
            }
            run.rows.push(shown);
        }
        run.missing_classes = missing.into_iter().collect();
        run.seat(&standing, wishes, read);
        Ok(run)
    }

    /// Lets in whose seat is free once everyone who changes has stood up; the others are
    /// told. Who stays refused keeps the old seat, so that one looks again.
    fn seat(&mut self, standing: &Standing, mut wishes: Vec<Wish>, read: &RosterRead) {
        loop {
            let moving: HashSet<StudentId> =
                wishes.iter().filter(|w| w.reseats).filter_map(|w| Some(w.known.as_ref()?.0)).collect();
            let mut wanted: HashMap<(ClassId, i32), usize> = HashMap::new();
            for wish in wishes.iter().filter(|wish| wish.reseats) {
                *wanted.entry((wish.class, wish.seat())).or_default() += 1;
            }
            let blocked = |wish: &Wish| {
                let seat = (wish.class, wish.seat());
                let sits = standing.seats.get(&seat).is_some_and(|who| !moving.contains(who));
                wish.reseats && (sits || wanted.get(&seat).is_some_and(|n| *n > 1))
            };
            let (out, left): (Vec<Wish>, Vec<Wish>) = wishes.into_iter().partition(blocked);
            wishes = left;
            if out.is_empty() {
                break;
            }
            for wish in out {
                let row = &mut self.rows[wish.row];
                row.verdict = Verdict::Refused;
                row.changes.clear();
                row.faults.push(CellNote {
                    column: read.columns(&read.rows[wish.row]).header("班内学号"),
                    was: wish.seat().to_string(),
                    cure: "这个学号班里已经有人。请换一个。".to_owned(),
                });
            }
        }
        for wish in wishes {
            let seat = wish.seat();
            match wish.known {
                None => self.accepted.new.push((wish.class, wish.pupil)),
                Some((student, seated)) => {
                    let reseating = wish.reseats.then(|| Reseating {
                        student,
                        stay: seated.stay,
                        from: seated.class,
                        to: wish.class,
                        seat,
                        auxiliary: wish.pupil.auxiliary.clone().or(seated.auxiliary),
                    });
                    self.accepted.updates.push(Update { student, pupil: wish.pupil, reseating });
                }
            }
        }
    }

    /// The act that takes the accepted rows.
    pub fn take(self, keys: &Keys) -> TakeRoster {
        self.accepted.take(keys)
    }
}

impl Wish {
    fn seat(&self) -> i32 {
        self.pupil.seat
    }
}

/// The accepted rows of a dry run wait, sealed, under a token that only its author has.
#[derive(Serialize)]
pub struct WaitForTaking {
    rows: usize,
    #[serde(skip)]
    sealed: Vec<u8>,
}

impl WaitForTaking {
    pub fn new(keys: &Keys, run: &DryRun) -> Result<Self, Refused> {
        let rows = serde_json::to_vec(&run.accepted).map_err(Refused::broken)?;
        let waiting = run.accepted.new.len() + run.accepted.updates.len();
        Ok(WaitForTaking { rows: waiting, sealed: keys.seal(WAITING_PLACE, &rows) })
    }
}

impl Act for WaitForTaking {
    const VERB: &'static str = "roster_tried";
    type Done = String;

    fn about(&self) -> serde_json::Value {
        json!({ "pupils": self.rows })
    }

    fn perform(&self, tx: &mut Tx) -> Result<String, Refused> {
        keep_waiting(tx, &self.sealed)
    }
}

/// What waits under a token, taken out of its waiting.
///
/// # Errors
/// [`Refused::Conflict`] when it was taken already or the hour is over.
pub fn take_waiting(tx: &mut Tx, keys: &Keys, token: &str) -> Result<TakeRoster, Refused> {
    let rows = take_out(tx, keys, WAITING_PLACE, token)?;
    let accepted: Accepted = serde_json::from_slice(&rows).map_err(Refused::broken)?;
    Ok(accepted.take(keys))
}

/// The refused rows as a workbook: as they were, with the reasons in a column. Of several
/// sheets the columns of one name are one.
pub fn refused_workbook(run: &DryRun, read: &RosterRead) -> Result<Vec<u8>, Refused> {
    let mut headers: Vec<String> = Vec::new();
    let mut places: Vec<Vec<usize>> = Vec::new();
    for sheet in &read.sheets {
        let mut used: Vec<usize> = Vec::new();
        for typed in &sheet.columns.headers {
            let same = headers.iter().enumerate().find(|(at, known)| *known == typed && !used.contains(at));
            let at = match same {
                Some((at, _)) => at,
                None => {
                    headers.push(typed.clone());
                    headers.len() - 1
                }
            };
            used.push(at);
        }
        places.push(used);
    }
    let mut header = vec!["为什么没收，怎么改".to_owned(), "行号".to_owned()];
    header.extend(headers.iter().cloned());
    let rows: Vec<Vec<String>> = run
        .rows
        .iter()
        .zip(&read.rows)
        .filter(|(verdict, _)| verdict.verdict == Verdict::Refused)
        .map(|(verdict, row)| {
            let reasons: Vec<String> = verdict.faults.iter().map(|f| format!("{}：{}", f.column, f.cure)).collect();
            let mut cells = vec![String::new(); headers.len()];
            for (place, cell) in places[row.sheet].iter().zip(read.cells(row)) {
                cells[*place] = cell;
            }
            [reasons.join("\n"), verdict.line.to_string()].into_iter().chain(cells).collect()
        })
        .collect();
    crate::platform::workbook::write("没收的行", &header, &rows).map_err(Refused::broken)
}
