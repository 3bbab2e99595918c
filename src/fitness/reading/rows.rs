use super::columns::{Column, Columns};
use super::{NoSheet, values};
use crate::fitness::{Item, Measures, Tested, items_of};
use crate::names::{ClassName, StudentId};
use crate::platform::workbook::{Cell, Sheet, read};
use crate::roster::Pupil;
use crate::roster::reading::{CellNote, ClassRef, is_named, pupil_named, sex_of, whole};
use serde::Serialize;
use std::collections::{HashMap, HashSet};

/// A row with its verdict, as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct RowVerdict {
    pub line: usize,
    pub name: String,
    pub faults: Vec<CellNote>,
    pub remarks: Vec<CellNote>,
    /// Whose row it is and what was measured; `None` when something is wrong.
    #[serde(skip)]
    pub taken: Option<(StudentId, Measures)>,
    /// Where it is in the sheet.
    #[serde(skip)]
    pub at: usize,
}

/// A PE workbook read, laid beside the class list.
pub struct TestsRead {
    pub sheet: Sheet,
    pub columns: Columns,
    pub rows: Vec<RowVerdict>,
    /// Rows of other classes, which are passed over.
    pub elsewhere: usize,
    /// Pupils without a single measure in the file.
    pub absent: Vec<String>,
}

/// Whose rows are looked for.
pub struct TestedClass<'a> {
    pub name: ClassName,
    pub school_year: i32,
    pub pupils: &'a [Pupil],
    /// Keyed hash of 全国学籍号 → pupil, where the sheet names numbers.
    pub numbers: &'a HashMap<String, StudentId>,
    pub fingerprint: &'a dyn Fn(&str) -> String,
}

/// Reads a workbook for a class.
///
/// # Errors
/// The file is no PE workbook, or has no row of this class.
pub fn read_tests(bytes: &[u8], class: &TestedClass) -> Result<TestsRead, NoSheet> {
    let sheet = read(bytes)?;
    let columns = Columns::find(&sheet)?;
    let (mut own, mut elsewhere) = (Vec::new(), 0);
    for at in pupils_of(&sheet, &columns) {
        if is_elsewhere(&sheet.rows[at], &columns, class) { elsewhere += 1 } else { own.push(at) }
    }
    let rows = verdicts(&sheet, &columns, &own, class);
    if rows.is_empty() {
        return Err(NoSheet::NoRows);
    }
    let absent = absent(&rows, class);
    Ok(TestsRead { sheet, columns, rows, elsewhere, absent })
}

/// Reads a workbook of a whole school, whose rows name their classes. The pupils of
/// which nothing can be taken are told with their class.
///
/// # Errors
/// The file is no PE workbook, has no column for the class, or no row.
pub fn read_school_tests(bytes: &[u8], classes: &[TestedClass]) -> Result<TestsRead, NoSheet> {
    let sheet = read(bytes)?;
    let columns = Columns::find_with_class(&sheet)?;
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); classes.len()];
    let mut rows = Vec::new();
    for at in pupils_of(&sheet, &columns) {
        let cell = columns.cell(&sheet.rows[at], Column::Class);
        let named = classes.iter().position(|class| is_class(cell, class));
        match named {
            Some(n) => of[n].push(at),
            None => {
                let cure = if cell.is_empty() {
                    "还没有写班级。请写成“八年级(1)班”这样。"
                } else {
                    "本校本学年没有这个班。请写成“八年级(1)班”这样。"
                };
                let fault =
                    CellNote { column: columns.header(Column::Class), was: cell.shown(), cure: cure.to_owned() };
                let name = columns.cell(&sheet.rows[at], Column::Name).shown();
                let (line, faults) = (sheet.first_line + at, vec![fault]);
                rows.push(RowVerdict { line, name, faults, remarks: Vec::new(), taken: None, at });
            }
        }
    }
    let mut missing = Vec::new();
    for (class, own) in classes.iter().zip(&of) {
        let name = class.name.in_year(class.school_year);
        let found = verdicts(&sheet, &columns, own, class);
        // A class that the file does not name is not missed in it.
        if !own.is_empty() {
            missing.extend(absent(&found, class).into_iter().map(|pupil| format!("{name} {pupil}")));
        }
        rows.extend(found.into_iter().map(|row| RowVerdict { name: format!("{name} {}", row.name), ..row }));
    }
    if rows.is_empty() {
        return Err(NoSheet::NoRows);
    }
    rows.sort_by_key(|row| row.at);
    Ok(TestsRead { sheet, columns, rows, elsewhere: 0, absent: missing })
}

/// Where in the sheet pupils stand: below the header, and neither it over again nor a
/// note.
fn pupils_of(sheet: &Sheet, columns: &Columns) -> Vec<usize> {
    let is_pupil = |at: &usize| {
        let row = &sheet.rows[*at];
        !row.iter().all(Cell::is_empty) && !Columns::is_header(row) && !is_note(row, columns)
    };
    (columns.above..sheet.rows.len()).filter(is_pupil).collect()
}

fn verdicts(sheet: &Sheet, columns: &Columns, own: &[usize], class: &TestedClass) -> Vec<RowVerdict> {
    let (mut rows, mut met) = (Vec::new(), HashSet::new());
    for at in own.iter().copied() {
        let row = &sheet.rows[at];
        let mut reading = Reading { row, columns, class, faults: Vec::new(), remarks: Vec::new() };
        let taken = reading.pupil().and_then(|pupil| {
            if !met.insert(pupil.id) {
                reading.fault(Column::Name, "这位学生在表里出现了两次。请删去一行。");
            }
            let measures = reading.measures(pupil);
            (!measures.is_empty()).then_some((pupil.id, measures))
        });
        let (faults, remarks) = (reading.faults, reading.remarks);
        // A pupil who was not tested yet: nothing to take and nothing wrong.
        if taken.is_none() && faults.is_empty() {
            continue;
        }
        rows.push(RowVerdict {
            line: sheet.first_line + at,
            name: columns.cell(row, Column::Name).shown(),
            taken: taken.filter(|_| faults.is_empty()),
            faults,
            remarks,
            at,
        });
    }
    rows
}

fn absent(rows: &[RowVerdict], class: &TestedClass) -> Vec<String> {
    let there = |pupil: &&Pupil| !rows.iter().any(|row| row.taken.as_ref().is_some_and(|(id, _)| *id == pupil.id));
    class.pupils.iter().filter(there).map(|pupil| pupil.name.clone()).collect()
}

/// A line under the table, such as 测试员签字, that names nobody and measures nothing.
fn is_note(row: &[Cell], columns: &Columns) -> bool {
    let empty = |column| columns.cell(row, column).is_empty();
    empty(Column::Name) && empty(Column::Seat) && Item::ALL.iter().all(|item| empty(Column::Of(*item)))
}

fn is_elsewhere(row: &[Cell], columns: &Columns, class: &TestedClass) -> bool {
    let named = columns.cell(row, Column::Class);
    if named.is_empty() {
        return false;
    }
    let grade = class.name.cohort.grade_in(class.school_year).map(|grade| grade.number().to_string());
    let read = ClassRef::parse(&named.shown(), &grade.unwrap_or_default(), None, class.school_year);
    read.is_some_and(|read| (read.cohort, read.number) != (class.name.cohort, class.name.number))
}

fn is_class(named: &Cell, class: &TestedClass) -> bool {
    // A bare number names no class of several.
    let read = ClassRef::parse(&named.shown(), "", None, class.school_year);
    read.is_some_and(|read| (read.cohort, read.number) == (class.name.cohort, class.name.number))
}

struct Reading<'a> {
    row: &'a [Cell],
    columns: &'a Columns,
    class: &'a TestedClass<'a>,
    faults: Vec<CellNote>,
    remarks: Vec<CellNote>,
}

impl<'a> Reading<'a> {
    fn cell(&self, column: Column) -> &'a Cell {
        self.columns.cell(self.row, column)
    }

    fn note(&self, column: Column, cure: impl Into<String>) -> CellNote {
        let was = if column == Column::Number { String::new() } else { self.cell(column).shown() };
        CellNote { column: self.columns.header(column), was, cure: cure.into() }
    }

    fn fault(&mut self, column: Column, cure: impl Into<String>) {
        let note = self.note(column, cure);
        self.faults.push(note);
    }

    /// Whose row it is: by number where there is one, else by name and seat.
    fn pupil(&mut self) -> Option<&'a Pupil> {
        let name = self.cell(Column::Name).shown();
        let number = crate::platform::text::code_like(&self.cell(Column::Number).shown());
        let numbered = (!number.is_empty())
            .then(|| self.class.numbers.get(&(self.class.fingerprint)(&number)))
            .flatten()
            .and_then(|id| self.class.pupils.iter().find(|pupil| pupil.id == *id));
        let seat = whole(self.cell(Column::Seat));
        let pupil = match numbered {
            Some(pupil) if is_named(pupil, &name) => pupil,
            Some(pupil) => {
                self.fault(Column::Name, format!("这个学籍号是{}的。请核对姓名。", pupil.name));
                return None;
            }
            None => match pupil_named(self.class.pupils, &name, seat) {
                Ok(pupil) => pupil,
                Err((column, cure)) => {
                    self.fault(if column == "姓名" { Column::Name } else { Column::Seat }, cure);
                    return None;
                }
            },
        };
        if numbered.is_none()
            && seat.is_some_and(|seat| seat != pupil.seat)
            && self.columns.header(Column::Seat).contains("学号")
        {
            let cure = format!("{}是 {} 号。请核对。", pupil.name, pupil.seat);
            self.fault(Column::Seat, cure);
        }
        if !self.cell(Column::Sex).is_empty() {
            match sex_of(&self.cell(Column::Sex).shown()) {
                Ok(sex) if sex == pupil.sex => {}
                Ok(_) => self.fault(Column::Sex, format!("学籍里是{}。请核对。", pupil.sex.word())),
                Err(cure) => self.fault(Column::Sex, cure),
            }
        }
        Some(pupil)
    }

    fn measures(&mut self, pupil: &Pupil) -> Measures {
        let mut measures = Measures::default();
        let Some(grade) = self.class.name.cohort.grade_in(self.class.school_year) else { return measures };
        measures.exempt = self.exempt();
        let own = items_of(Tested { grade: grade.into(), sex: pupil.sex });
        for item in Item::ALL.iter().copied() {
            let cell = self.cell(Column::Of(item));
            if cell.is_empty() || matches!(cell.shown().as_str(), "-" | "—" | "/" | "\\") {
                continue;
            }
            if matches!(cell.shown().as_str(), "免" | "免测") {
                measures.exempt = true;
                continue;
            }
            if !own.contains(&item) {
                self.fault(Column::Of(item), wrong_item(item, pupil));
                continue;
            }
            match values::measure(item, cell) {
                Ok((value, remark)) => {
                    measures.set(item, value);
                    if let Some(remark) = remark {
                        let note = self.note(Column::Of(item), remark);
                        self.remarks.push(note);
                    }
                }
                Err(cure) => self.fault(Column::Of(item), cure),
            }
        }
        measures
    }

    fn exempt(&mut self) -> bool {
        match self.cell(Column::Exempt).shown().as_str() {
            "" | "0" | "否" | "无" => false,
            "1" | "是" | "免" | "免测" | "√" => true,
            _ => {
                self.fault(Column::Exempt, "免测写“是”，不免测空着。");
                false
            }
        }
    }
}

fn wrong_item(item: Item, pupil: &Pupil) -> String {
    let whose = match item {
        Item::PullUp | Item::Run1000m => "男生",
        Item::SitUp | Item::Run800m => "女生",
        _ => return format!("初中不测{}。请清空这一格。", item.name()),
    };
    format!("{}只有{whose}测，{}是{}生。请清空，或看一看是不是串了行。", item.name(), pupil.name, pupil.sex.word())
}
