//! Reading a roster as the national system and schools export it: any column
//! order, many spellings. What is read is a verdict for every row; columns that
//! are not needed are dropped here and go nowhere.

mod cells;
mod class_name;
mod codes;
mod columns;
mod person;
mod rows;

pub use cells::{sex as sex_of, whole};
pub use class_name::ClassRef;
pub use codes::{relation_words, word_of};
pub use columns::{Columns, compared};
pub use person::{is_named, pupil_named};
pub use rows::{RowRead, read_rows};

use crate::platform::workbook::{Sheet, Unreadable, read};
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
    pub sheet: Sheet,
    pub columns: Columns,
    pub rows: Vec<RowRead>,
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
}

/// Reads a roster for a school in the school year that begins in `school_year`.
pub fn read_roster(bytes: &[u8], school_code: &str, school_year: i32) -> Result<RosterRead, NoRoster> {
    let sheet = read(bytes)?;
    let (columns, header) = Columns::find(&sheet)?;
    let rows = read_rows(&sheet, &columns, header, school_code, school_year);
    if rows.is_empty() {
        return Err(NoRoster::NoRows);
    }
    Ok(RosterRead { sheet, columns, rows })
}
