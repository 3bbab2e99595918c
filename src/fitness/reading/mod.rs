//! Reading a PE workbook: our template, or the layout schools send to the national
//! system. What is read is a verdict for every row.

mod columns;
mod rows;
mod values;

pub use columns::{Column, upload_columns};
pub use rows::{RowVerdict, TestedClass, TestsRead, read_school_tests, read_tests};

use crate::platform::workbook::Unreadable;

/// Why a file is no PE workbook.
#[derive(Debug, thiserror::Error)]
pub enum NoSheet {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("表里找不到表头。要有一行写着“姓名”“身高”“50米跑”这样的列名。可以先下载模板看一看。")]
    NoHeader,
    #[error("表里没有“{0}”这一列。请补上这一列，再传一次。")]
    NoColumn(&'static str),
    #[error("表里没有一个测试项目的列。请用模板，或国家体质健康系统的上报表。")]
    NoItems,
    #[error("“{0}”这个列名出现了两次，不知道看哪一列。请删去一列。")]
    ColumnTwice(String),
    #[error("表头下面没有这个班的学生。请看一看是不是选错了文件。")]
    NoRows,
}
