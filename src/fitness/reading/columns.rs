//! Which column is which: by header, wherever it stands, hidden or not.

use super::NoSheet;
use crate::fitness::Item;
use crate::platform::workbook::{Cell, Sheet};
use crate::roster::reading::compared;
use std::collections::HashMap;
use std::sync::LazyLock;

const SEED_COLUMNS: &str = include_str!("../../../seed/fitness-columns.csv");
const FEWEST_KNOWN: usize = 3;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Seat,
    Name,
    Sex,
    Class,
    Number,
    Exempt,
    Of(Item),
    /// Known, and read by nobody.
    Dropped,
}

impl Column {
    fn parse(code: &str) -> Self {
        match code {
            "seat" => Column::Seat,
            "name" => Column::Name,
            "sex" => Column::Sex,
            "class" => Column::Class,
            "number" => Column::Number,
            "exempt" => Column::Exempt,
            code => code.parse().map_or(Column::Dropped, Column::Of),
        }
    }
}

/// The headers of the national upload in its order: codes and headers.
pub fn upload_columns() -> Vec<(String, String)> {
    let rows = csv::Reader::from_reader(SEED_COLUMNS.as_bytes()).into_records().flatten();
    let mut found: Vec<(usize, String, String)> =
        rows.filter_map(|row| Some((row[3].parse().ok()?, row[0].to_owned(), row[1].to_owned()))).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, code, header)| (code, header)).collect()
}

static KNOWN: LazyLock<HashMap<String, Column>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for row in csv::Reader::from_reader(SEED_COLUMNS.as_bytes()).records().flatten() {
        for header in std::iter::once(&row[1]).chain(row[2].split('|')).filter(|header| !header.is_empty()) {
            known.insert(compared(header), Column::parse(&row[0]));
        }
    }
    known
});

fn column_of(cell: &Cell) -> Option<Column> {
    // A header in two lines, 身高 over (cm), is one header.
    KNOWN.get(&compared(&cell.shown().replace('\n', ""))).copied()
}

/// The columns found in a sheet.
pub struct Columns {
    places: HashMap<Column, (usize, String)>,
    /// Headers that are read by nobody and stored nowhere.
    pub ignored: Vec<String>,
    /// All headers as typed, for the workbook that goes back.
    pub headers: Vec<String>,
    /// Rows above the first pupil.
    pub above: usize,
}

impl Columns {
    /// Finds the header: the row with most known headers, and what a merged header
    /// leaves in the row above or below it.
    pub fn find(sheet: &Sheet) -> Result<Self, NoSheet> {
        let known = |cell: &Cell| column_of(cell).is_some();
        let (at, count) = sheet.header(known);
        if count < FEWEST_KNOWN {
            return Err(NoSheet::NoHeader);
        }
        let mut columns = Columns { places: HashMap::new(), ignored: Vec::new(), headers: Vec::new(), above: at + 1 };
        let width = sheet.rows.iter().map(Vec::len).max().unwrap_or_default();
        // A pupil's row has a name in that column; what is left of a merged header has not.
        let name = sheet.rows[at].iter().position(|cell| column_of(cell) == Some(Column::Name));
        let nameless = |row: &&Vec<Cell>| name.is_none_or(|place| row.get(place).is_none_or(Cell::is_empty));
        let below = sheet.rows.get(at + 1).filter(nameless).filter(|row| row.iter().any(known));
        let above = at.checked_sub(1).and_then(|above| sheet.rows.get(above));
        if below.is_some() {
            columns.above += 1;
        }
        for place in 0..width {
            let rows = [Some(&sheet.rows[at]), below, above];
            let mut cells = rows.iter().flatten().filter_map(|row| row.get(place)).filter(|cell| !cell.is_empty());
            let found = cells.clone().find_map(|cell| Some((column_of(cell)?, cell.shown())));
            let typed = found.as_ref().map_or_else(|| cells.next().map(Cell::shown), |(_, typed)| Some(typed.clone()));
            columns.headers.push(typed.clone().unwrap_or_default());
            match found {
                Some((Column::Dropped, typed)) => columns.ignored.push(typed),
                Some((column, typed)) => {
                    if columns.places.insert(column, (place, typed.clone())).is_some() {
                        return Err(NoSheet::ColumnTwice(typed));
                    }
                }
                None => columns.ignored.extend(typed),
            }
        }
        if !columns.has(Column::Name) {
            return Err(NoSheet::NoColumn("姓名"));
        }
        if !columns.places.keys().any(|column| matches!(column, Column::Of(_) | Column::Exempt)) {
            return Err(NoSheet::NoItems);
        }
        Ok(columns)
    }

    /// As [`find`](Self::find), of a sheet with several classes.
    pub fn find_with_class(sheet: &Sheet) -> Result<Self, NoSheet> {
        let columns = Columns::find(sheet)?;
        if columns.has(Column::Class) { Ok(columns) } else { Err(NoSheet::NoColumn("班级名称")) }
    }

    pub fn has(&self, column: Column) -> bool {
        self.places.contains_key(&column)
    }

    /// The header as the file writes it; for what the file has not, its own name.
    pub fn header(&self, column: Column) -> String {
        match (self.places.get(&column), column) {
            (Some((_, typed)), _) => typed.clone(),
            (None, Column::Of(item)) => item.name().to_owned(),
            (None, Column::Exempt) => "免测".to_owned(),
            (None, Column::Seat) => "班内学号".to_owned(),
            (None, Column::Sex) => "性别".to_owned(),
            (None, Column::Number) => "学籍号".to_owned(),
            (None, Column::Class) => "班级名称".to_owned(),
            (None, Column::Name | Column::Dropped) => "姓名".to_owned(),
        }
    }

    pub fn cell<'r>(&self, row: &'r [Cell], column: Column) -> &'r Cell {
        self.places.get(&column).and_then(|(place, _)| row.get(*place)).unwrap_or(&Cell::Empty)
    }

    /// Whether a row between the pupils is the header over again.
    pub fn is_header(row: &[Cell]) -> bool {
        row.iter().filter(|cell| column_of(cell).is_some()).count() >= FEWEST_KNOWN
    }

    /// The headers that were recognised, in the order of the file.
    pub fn recognised(&self) -> Vec<&str> {
        let mut found: Vec<_> = self.places.values().collect();
        found.sort_unstable_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, typed)| typed.as_str()).collect()
    }
}
