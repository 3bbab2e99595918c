use crate::access::Refused;
use crate::fitness::reading::{Column, RowVerdict, TestsRead};
use crate::fitness::store::Sitting;
use crate::platform::page::Page;
use crate::platform::workbook::write_marked;
use base64::Engine as _;
use serde::Serialize;
use std::collections::{HashMap, HashSet};

pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A PE workbook read, and what would come of it.
pub(super) struct DryRun<'a> {
    pub read: &'a TestsRead,
    pub file_name: &'a str,
    pub sitting: Sitting,
    pub new: usize,
    pub same: usize,
    pub token: Option<String>,
}

#[derive(Serialize)]
struct DryRunView<'a> {
    /// Where the workbook was brought.
    desk: String,
    whose: String,
    office: bool,
    file_name: &'a str,
    sheet_name: &'a str,
    sitting_word: &'static str,
    rows: usize,
    new: usize,
    same: usize,
    refused: usize,
    remarked: usize,
    recognised: Vec<&'a str>,
    ignored: &'a [String],
    elsewhere: usize,
    absent: &'a [String],
    shown: Vec<&'a RowVerdict>,
    plain: Vec<&'a str>,
    token: Option<String>,
    /// The refused rows as a workbook, in the page itself: it is kept nowhere.
    refused_href: Option<String>,
}

impl DryRun<'_> {
    pub fn page(self, desk: String, whose: String, office: bool) -> Result<Page, Refused> {
        let read = self.read;
        let refused = read.rows.iter().filter(|row| !row.faults.is_empty()).count();
        let refused_href = if refused > 0 {
            let workbook = base64::engine::general_purpose::STANDARD.encode(refused_workbook(read)?);
            Some(format!("data:{XLSX};base64,{workbook}"))
        } else {
            None
        };
        let is_plain = |row: &&RowVerdict| row.faults.is_empty() && row.remarks.is_empty();
        let view = DryRunView {
            desk,
            whose,
            office,
            file_name: self.file_name,
            sheet_name: &read.sheet.name,
            sitting_word: self.sitting.word(),
            rows: read.rows.len(),
            new: self.new,
            same: self.same,
            refused,
            remarked: read.rows.iter().filter(|row| row.faults.is_empty() && !row.remarks.is_empty()).count(),
            recognised: read.columns.recognised(),
            ignored: &read.columns.ignored,
            elsewhere: read.elsewhere,
            absent: &read.absent,
            shown: read.rows.iter().filter(|row| !is_plain(row)).collect(),
            plain: read.rows.iter().filter(is_plain).map(|row| row.name.as_str()).collect(),
            token: self.token,
            refused_href,
        };
        Ok(Page::of("fitness/dry-run.html", &view))
    }
}

/// The refused rows as a workbook: as they were, the wrong cells marked, the reasons in
/// a column.
fn refused_workbook(read: &TestsRead) -> Result<Vec<u8>, Refused> {
    let mut header = vec!["为什么没收，怎么改".to_owned(), "行号".to_owned()];
    header.extend(read.columns.headers.iter().cloned());
    let places: HashMap<&str, usize> =
        read.columns.headers.iter().enumerate().map(|(place, typed)| (typed.as_str(), place + 2)).collect();
    let mut marked = HashSet::new();
    let mut rows = Vec::new();
    for row in read.rows.iter().filter(|row| !row.faults.is_empty()) {
        let reasons: Vec<String> = row.faults.iter().map(|f| format!("{}：{}", f.column, f.cure)).collect();
        marked.extend(row.faults.iter().filter_map(|f| Some((rows.len(), *places.get(f.column.as_str())?))));
        let cells = read.sheet.rows[row.at].iter().map(|cell| cell.shown());
        rows.push([reasons.join("\n"), row.line.to_string()].into_iter().chain(cells).collect());
    }
    debug_assert!(read.columns.has(Column::Name));
    write_marked("没收的行", &header, &rows, &marked).map_err(Refused::broken)
}
