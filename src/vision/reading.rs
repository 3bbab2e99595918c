//! The sheet of a screening: names, and a column for each eye.

use super::{Eye, Eyes};
use crate::names::StudentId;
use crate::platform::workbook::{Cell, Unreadable, read};
use crate::roster::Pupil;
use crate::roster::reading::{CellNote, compared, pupil_named, whole};
use std::collections::HashMap;

const NAMES: [&str; 3] = ["姓名", "学生姓名", "名字"];
const SEATS: [&str; 5] = ["班内学号", "学号", "座号", "号", "序号"];
const LEFT: [&str; 6] = ["左眼", "左眼裸眼视力", "左眼视力", "裸眼视力左", "左裸眼视力", "左"];
const RIGHT: [&str; 6] = ["右眼", "右眼裸眼视力", "右眼视力", "裸眼视力右", "右裸眼视力", "右"];

#[derive(Debug, thiserror::Error)]
pub(super) enum NoSheet {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("表里找不到表头。要有一行写着“姓名”“左眼”“右眼”。")]
    NoHeader,
}

/// What a sheet holds, and what is wrong in it: line, name, note.
#[derive(Default)]
pub(super) struct SightRead {
    pub eyes: HashMap<StudentId, Eyes>,
    pub faults: Vec<(usize, String, CellNote)>,
}

pub(super) fn read_sight(bytes: &[u8], pupils: &[Pupil]) -> Result<SightRead, NoSheet> {
    let sheet = read(bytes)?;
    let headers = |row: &[Cell]| -> Vec<String> { row.iter().map(|cell| compared(&cell.shown())).collect() };
    let place = |headers: &[String], words: &[&str]| headers.iter().position(|header| words.contains(&header.as_str()));
    let (at, name, left, right, seat) = sheet
        .top()
        .find_map(|(at, row)| {
            let headers = headers(row);
            let of = |words: &[&str]| place(&headers, words);
            Some((at, of(&NAMES)?, of(&LEFT)?, of(&RIGHT)?, of(&SEATS)))
        })
        .ok_or(NoSheet::NoHeader)?;
    let mut found = SightRead::default();
    for (line, row) in sheet.rows.iter().enumerate().skip(at + 1) {
        let cell = |place: usize| row.get(place).map(Cell::shown).unwrap_or_default();
        if cell(name).is_empty() {
            continue;
        }
        let mut fault = |column: &str, was: String, cure: String| {
            found.faults.push((sheet.first_line + line, cell(name), CellNote { column: column.to_owned(), was, cure }));
        };
        let pupil = match pupil_named(pupils, &cell(name), seat.and_then(|place| whole(row.get(place)?))) {
            Ok(pupil) => pupil,
            Err((column, cure)) => {
                fault(column, cell(name), cure);
                continue;
            }
        };
        let mut eye = |place: usize, word: &str| match cell(place) {
            empty if empty.is_empty() => None,
            typed => Eye::read(&typed).map_err(|cure| fault(word, typed, cure.to_owned())).ok(),
        };
        let eyes = Eyes { left: eye(left, "左眼"), right: eye(right, "右眼") };
        if !eyes.is_empty() {
            found.eyes.insert(pupil.id, eyes);
        }
    }
    Ok(found)
}
