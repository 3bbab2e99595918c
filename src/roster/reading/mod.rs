//! Reading a roster as the national system and schools export it: any column
//! order, many spellings. What is read is a verdict for every row; columns that
//! are not needed are dropped here and go nowhere.

mod cells;
mod class_name;
mod codes;
mod columns;
mod person;
mod rows;
mod together;

pub use cells::{sex as sex_of, whole};
pub use class_name::ClassRef;
pub use codes::{relation_words, word_of, words_of_table};
pub use columns::{Columns, compared};
pub use person::{is_named, pupil_named};
pub use rows::RowRead;

use rows::{Context, read_rows};
use together::lay_together;

use crate::platform::workbook::{Sheet, Unreadable, read_all};
use serde::Serialize;

/// Something in one cell: which column, what was there, how to mend it. Numbers of
/// people are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CellNote {
    pub column: String,
    pub was: String,
    pub cure: String,
}

/// A roster read, before it is laid beside what the school has.
pub struct RosterRead {
    /// The sheets with pupils in them, often one a class.
    pub sheets: Vec<SheetRead>,
    /// The names of sheets without a header of ours: nothing of them is read.
    pub passed: Vec<String>,
    pub rows: Vec<RowRead>,
}

/// A sheet and its columns.
pub struct SheetRead {
    pub sheet: Sheet,
    pub columns: Columns,
}

impl RosterRead {
    /// The columns of the sheet a row stands in.
    pub fn columns(&self, row: &RowRead) -> &Columns {
        &self.sheets[row.sheet].columns
    }

    /// The cells of a row as they were.
    pub fn cells(&self, row: &RowRead) -> impl Iterator<Item = String> {
        self.sheets[row.sheet].sheet.rows[row.at].iter().map(crate::platform::workbook::Cell::shown)
    }

    /// What the sheets are called.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.sheets.iter().map(|read| read.sheet.name.as_str()).collect();
        names.join("、")
    }
}

/// Why a file is no roster.
#[derive(Debug, thiserror::Error)]
pub enum NoRoster {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("表里找不到表头。名单要有一行写着“姓名”“性别”“学籍号”这样的列名。")]
    NoHeader,
    #[error("表里没有“{0}”这一列。请补上这一列，再导一次。")]
    NoColumn(&'static str),
    #[error("“{0}”这个列名出现了两次，不知道看哪一列。请删去一列。")]
    ColumnTwice(String),
    #[error("表头下面没有学生。请看一看是不是选错了文件。")]
    NoRows,
    /// Of several sheets one is not right: which, and why.
    #[error("工作表“{0}”：{1}")]
    InSheet(String, Box<NoRoster>),
}

/// Reads a roster for a school in the school year that begins in `school_year`.
pub fn read_roster(bytes: &[u8], school_code: &str, school_year: i32) -> Result<RosterRead, NoRoster> {
    let sheets = read_all(bytes)?;
    let several = sheets.len() > 1;
    let mut roster = RosterRead { sheets: Vec::new(), passed: Vec::new(), rows: Vec::new() };
    for sheet in sheets {
        let named = ClassRef::parse(&sheet.name, "", None, school_year);
        let (columns, header) = match Columns::find(&sheet, named.is_some()) {
            Ok(found) => found,
            Err(NoRoster::NoHeader) if several => {
                roster.passed.push(sheet.name);
                continue;
            }
            Err(why) if several => return Err(NoRoster::InSheet(sheet.name, Box::new(why))),
            Err(why) => return Err(why),
        };
        let at = roster.sheets.len();
        let context = Context { school_code, school_year, named, at };
        roster.rows.extend(read_rows(&sheet, &columns, header, &context));
        roster.sheets.push(SheetRead { sheet, columns });
    }
    if roster.sheets.is_empty() {
        return Err(NoRoster::NoHeader);
    }
    if roster.rows.is_empty() {
        return Err(NoRoster::NoRows);
    }
    lay_together(&mut roster);
    Ok(roster)
}
