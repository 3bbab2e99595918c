//! What only all the sheets of a roster together tell: seats where none are written, and
//! twins.

use super::class_name::ClassRef;
use super::rows::RowRead;
use super::{CellNote, RosterRead};
use crate::roster::mask;
use std::collections::HashMap;

/// Seats those who have none, and tells twins of each other.
pub fn lay_together(roster: &mut RosterRead) {
    let mut rows = std::mem::take(&mut roster.rows);
    number_seats(&mut rows, roster);
    find_twins(&mut rows, roster);
    roster.rows = rows;
}

/// `第 3 行`, and in which sheet where there are several.
fn place(row: &RowRead, roster: &RosterRead) -> String {
    match &roster.sheets[..] {
        [_] => format!("第 {} 行", row.line),
        sheets => format!("“{}”第 {} 行", sheets[row.sheet].sheet.name, row.line),
    }
}

/// Where the sheet has no seat numbers, pupils sit as they stand in it.
fn number_seats(rows: &mut [RowRead], roster: &RosterRead) {
    let mut taken: HashMap<ClassRef, Vec<i32>> = HashMap::new();
    for row in rows.iter() {
        if let (Some(class), Some(pupil)) = (row.class, &row.pupil) {
            taken.entry(class).or_default().push(pupil.seat);
        }
    }
    for row in rows.iter_mut() {
        let (Some(class), Some(pupil)) = (row.class, &mut row.pupil) else { continue };
        if pupil.seat == 0 {
            let taken = taken.entry(class).or_default();
            pupil.seat = (1..=99).find(|seat| !taken.contains(seat)).unwrap_or(99);
            taken.push(pupil.seat);
            row.remarks.push(CellNote {
                column: roster.sheets[row.sheet].columns.header("班内学号"),
                was: String::new(),
                cure: format!("没有班内学号，按表里的先后排成 {} 号。", pupil.seat),
            });
        }
    }
}

/// Two rows with one number, or two pupils on one seat: both are told of each other.
fn find_twins(rows: &mut [RowRead], roster: &RosterRead) {
    let mut by_number: HashMap<String, Vec<usize>> = HashMap::new();
    let mut by_seat: HashMap<(ClassRef, i32), Vec<usize>> = HashMap::new();
    for (n, row) in rows.iter().enumerate() {
        if let (Some(class), Some(pupil)) = (row.class, &row.pupil) {
            by_number.entry(pupil.number.clone()).or_default().push(n);
            by_seat.entry((class, pupil.seat)).or_default().push(n);
        }
    }
    let mut told = Vec::new();
    for (number, twins) in by_number.into_iter().filter(|(_, twins)| twins.len() > 1) {
        for n in &twins {
            let other = &rows[*twins.iter().find(|other| *other != n).unwrap_or(n)];
            let other = format!("{}的{}", place(other, roster), other.name);
            let cure = format!("和{other}是同一个学籍号。是同一个人就删一行，不是就照学籍系统改对。");
            let columns = roster.columns(&rows[*n]);
            let column = if columns.has("全国学籍号") { "全国学籍号" } else { "身份证件号" };
            told.push((*n, CellNote { column: columns.header(column), was: mask(&number, 7), cure }));
        }
    }
    for ((_, seat), twins) in by_seat.into_iter().filter(|(_, twins)| twins.len() > 1) {
        for n in &twins {
            let other = &rows[*twins.iter().find(|other| *other != n).unwrap_or(n)];
            let cure = format!("和{}的{}重了，两人改一个。", place(other, roster), other.name);
            let columns = roster.columns(&rows[*n]);
            told.push((*n, CellNote { column: columns.header("班内学号"), was: seat.to_string(), cure }));
        }
    }
    for (n, note) in told {
        rows[n].faults.push(note);
        rows[n].pupil = None;
    }
}
