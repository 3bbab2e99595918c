//! Which column is which: by header, with the aliases schools use.

use super::NoRoster;
use crate::platform::text::{half_width, tidy};
use crate::platform::workbook::{Cell, Sheet};
use std::collections::HashMap;
use std::sync::LazyLock;

const SEED_COLUMNS: &str = include_str!("../../../seed/roster_columns.csv");
const FEWEST_KNOWN: usize = 3;

/// A header of the national template: its own name, and whether it is kept.
struct Known {
    name: String,
    kept: bool,
}

/// Headers and aliases as they are compared.
static KNOWN: LazyLock<HashMap<String, Known>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for row in csv::Reader::from_reader(SEED_COLUMNS.as_bytes()).records().flatten() {
        let (name, kept) = (row[1].to_owned(), &row[2] != "no");
        for header in std::iter::once(&row[1]).chain(row[3].split('|')).filter(|header| !header.is_empty()) {
            known.insert(compared(header), Known { name: name.clone(), kept });
        }
    }
    known
});

/// A header as headers are compared: without blanks, brackets' contents, stars and width.
pub fn compared(header: &str) -> String {
    let header = half_width(&tidy(header));
    let header = header.split(['(', '[', '*']).find(|part| !part.is_empty()).unwrap_or_default().to_owned();
    header.chars().filter(|c| !c.is_whitespace() && *c != ':').collect()
}

/// The columns found in a sheet.
pub struct Columns {
    /// Name in the national template → place in the row, and header as typed.
    kept: HashMap<String, (usize, String)>,
    /// Headers that are read by nobody and stored nowhere.
    pub ignored: Vec<String>,
    /// All headers as typed, for the workbook that goes back.
    pub headers: Vec<String>,
}

const NEEDED: [&str; 2] = ["姓名", "性别"];

impl Columns {
    /// Finds the header row; says where it is in `sheet.rows`. Without a class in the
    /// sheet's own name a column has to say it.
    pub fn find(sheet: &Sheet, named_class: bool) -> Result<(Self, usize), NoRoster> {
        let (at, count) = sheet.header(|cell| KNOWN.contains_key(&compared(&cell.shown())));
        if count < FEWEST_KNOWN {
            return Err(NoRoster::NoHeader);
        }
        let mut columns = Columns { kept: HashMap::new(), ignored: Vec::new(), headers: Vec::new() };
        for (place, cell) in sheet.rows[at].iter().enumerate() {
            let typed = cell.shown();
            columns.headers.push(typed.clone());
            if typed.is_empty() {
                continue;
            }
            match KNOWN.get(&compared(&typed)) {
                Some(known) if known.kept => {
                    if columns.kept.insert(known.name.clone(), (place, typed.clone())).is_some() {
                        return Err(NoRoster::ColumnTwice(typed));
                    }
                }
                _ => columns.ignored.push(typed),
            }
        }
        for needed in NEEDED {
            if !columns.kept.contains_key(needed) {
                return Err(NoRoster::NoColumn(needed));
            }
        }
        if !named_class && !columns.has("班号") {
            return Err(NoRoster::NoColumn("班号"));
        }
        if !columns.has("全国学籍号") && !columns.has("身份证件号") {
            return Err(NoRoster::NoColumn("学籍号"));
        }
        Ok((columns, at))
    }

    pub fn has(&self, name: &str) -> bool {
        self.kept.contains_key(name)
    }

    /// The header as the file writes it.
    pub fn header(&self, name: &str) -> String {
        self.kept.get(name).map_or_else(|| name.to_owned(), |(_, typed)| typed.clone())
    }

    pub fn cell<'r>(&self, row: &'r [Cell], name: &str) -> &'r Cell {
        self.kept.get(name).and_then(|(place, _)| row.get(*place)).unwrap_or(&Cell::Empty)
    }

    /// The headers that were recognised, in the order of the file.
    pub fn recognised(&self) -> Vec<&str> {
        let mut found: Vec<_> = self.kept.values().collect();
        found.sort_unstable_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, typed)| typed.as_str()).collect()
    }
}
