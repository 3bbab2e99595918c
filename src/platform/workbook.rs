//! Workbooks as people bring them (`.xlsx`, `.xls`, `.csv`) and as we hand them back.
//! Everything stays in memory; sizes are checked before anything is unpacked.

use calamine::{Data, Reader};
use chrono::{Datelike, NaiveDate};
use std::collections::HashSet;
use std::io::{self, Cursor, Read};

/// More than any school's roster; a file beyond is not a roster.
const MOST_ROWS: usize = 20_000;
const MOST_COLUMNS: usize = 180;
const MOST_UNPACKED_BYTES: u64 = 64 << 20;

/// One cell, with what its kind tells about how it was typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A number: digits typed into a cell that was not formatted as text.
    Number(f64),
    /// A date that the workbook knows to be one.
    Date(NaiveDate),
    /// A time of day or a duration under a day, in milliseconds: what Excel makes of
    /// a typed `3:48`.
    Clock(u32),
    /// `#N/A`, `#REF!` and their kin.
    Error(String),
}

impl Cell {
    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => crate::platform::text::tidy(text).is_empty(),
            _ => false,
        }
    }

    /// The cell as a person sees it.
    pub fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => crate::platform::text::tidy(text),
            Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
            Cell::Number(number) if number.abs() >= 1e15 => format!("{number:E}").replace('E', "E+"),
            Cell::Number(number) => number.to_string(),
            Cell::Date(date) => format!("{}-{:02}-{:02}", date.year(), date.month(), date.day()),
            Cell::Clock(milliseconds) => clock(*milliseconds),
            Cell::Error(error) => error.clone(),
        }
    }
}

/// `3:48`, `0:03:48`, `0:00:07.8`
fn clock(milliseconds: u32) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    let (h, m, s) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (s, rest) {
        (0, 0) => format!("{h}:{m:02}"),
        (_, 0) => format!("{h}:{m:02}:{s:02}"),
        _ => format!("{h}:{m:02}:{s:02}.{}", format!("{rest:03}").trim_end_matches('0')),
    }
}

/// A sheet with something in it.
pub struct Sheet {
    pub name: String,
    /// Rows as they stand in the file; `rows[0]` is line `first_line`.
    pub rows: Vec<Vec<Cell>>,
    /// The number the person sees beside the first of `rows`: 1 at the top.
    pub first_line: usize,
}

/// How far down a title and notes may push the header of a sheet.
const HEADER_WITHIN: usize = 12;

impl Sheet {
    /// The rows among which a header stands, each with its place.
    pub fn top(&self) -> impl Iterator<Item = (usize, &Vec<Cell>)> {
        self.rows.iter().take(HEADER_WITHIN).enumerate()
    }

    /// Among them the place of the one with most cells that are `known`, the first of
    /// equals, and how many it has.
    pub fn header(&self, known: impl Fn(&Cell) -> bool) -> (usize, usize) {
        self.top()
            .map(|(at, row)| (at, row.iter().filter(|cell| known(cell)).count()))
            .fold((0, 0), |best, next| if next.1 > best.1 { next } else { best })
    }
}

/// Why a file cannot be read as a workbook, in words for the person who brought it.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("这个文件不是工作簿。请用 Excel 或 WPS 打开名单，另存为“.xlsx”后再试。")]
    NotAWorkbook,
    #[error("工作簿设了打开密码。请在 Excel 或 WPS 里去掉密码，另存后再试。")]
    Encrypted,
    #[error("工作簿展开后太大（超过 64 MB），不像一份名单。请只留名单这一张表，另存后再试。")]
    TooLarge,
    #[error("表里有 {0} 行，一次最多 2 万行。请按学校分开导入。")]
    TooManyRows(usize),
    #[error("表里有 {0} 列，名单最多 180 列。请删去右边用不到的列，另存后再试。")]
    TooManyColumns(usize),
    #[error("文件里没有内容。请看一看名单是不是在别的文件里。")]
    Empty,
    #[error("这个文件的文字编码认不出。请另存为“.xlsx”，或另存为“CSV UTF-8”后再试。")]
    Encoding,
    #[error("工作簿坏了，读到一半读不下去：{0}。请重新另存一份再试。")]
    Damaged(String),
}

/// Reads a workbook: `.xlsx` and the old `.xls` by their bytes, else text with commas or
/// tabs (UTF-8 with or without mark, UTF-16 with mark, GBK).
pub fn read(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    read_all(bytes)?.into_iter().next().ok_or(Unreadable::Empty)
}

/// As [`read`], every sheet with anything in it, as they follow one another.
pub fn read_all(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    if bytes.is_empty() {
        return Err(Unreadable::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        measure(bytes)?;
        return read_spreadsheet(bytes);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        // An OLE file: an old .xls, or an encrypted .xlsx.
        return read_spreadsheet(bytes);
    }
    Ok(vec![read_text(bytes)?])
}

/// Unpacks to nowhere with a limit, so that a zip bomb is refused before a
/// parser meets it; the sizes a zip declares are not believed.
fn measure(bytes: &[u8]) -> Result<(), Unreadable> {
    let damaged = |e: &dyn std::error::Error| Unreadable::Damaged(e.to_string());
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::NotAWorkbook)?;
    if archive.index_for_name("[Content_Types].xml").is_none() || archive.len() > 4_000 {
        return Err(Unreadable::NotAWorkbook);
    }
    let mut left = MOST_UNPACKED_BYTES;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|e| damaged(&e))?;
        let unpacked = io::copy(&mut entry.take(left + 1), &mut io::sink()).map_err(|e| damaged(&e))?;
        left = left.checked_sub(unpacked).ok_or(Unreadable::TooLarge)?;
    }
    Ok(())
}

fn read_spreadsheet(bytes: &[u8]) -> Result<Vec<Sheet>, Unreadable> {
    let mut book = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(|e| {
        let said = e.to_string().to_lowercase();
        if said.contains("password") || said.contains("encrypt") {
            Unreadable::Encrypted
        } else {
            Unreadable::NotAWorkbook
        }
    })?;
    let (mut sheets, mut all) = (Vec::new(), 0);
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|e| Unreadable::Damaged(e.to_string()))?;
        let Some(((top, _), (_, right))) = range.start().zip(range.end()) else { continue };
        all += range.height();
        check_size(all, right as usize + 1)?;
        let left = range.start().map_or(0, |(_, column)| column as usize);
        let rows: Vec<Vec<Cell>> = range
            .rows()
            .map(|row| std::iter::repeat_n(Cell::Empty, left).chain(row.iter().map(cell)).collect())
            .collect();
        if rows.iter().flatten().any(|cell| !cell.is_empty()) {
            sheets.push(Sheet { name, rows, first_line: top as usize + 1 });
        }
    }
    if sheets.is_empty() { Err(Unreadable::Empty) } else { Ok(sheets) }
}

fn check_size(rows: usize, columns: usize) -> Result<(), Unreadable> {
    if columns > MOST_COLUMNS {
        return Err(Unreadable::TooManyColumns(columns));
    }
    if rows > MOST_ROWS {
        return Err(Unreadable::TooManyRows(rows));
    }
    Ok(())
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::Text(text.clone()),
        Data::Int(number) => Cell::Number(*number as f64),
        Data::Float(number) => Cell::Number(*number),
        Data::Bool(yes) => Cell::Text(if *yes { "是" } else { "否" }.to_owned()),
        Data::DateTime(moment) if (0.0..1.0).contains(&moment.as_f64()) => {
            Cell::Clock((moment.as_f64() * 86_400_000.0).round() as u32)
        }
        Data::DateTime(moment) => match moment.as_datetime() {
            Some(moment) => Cell::Date(moment.date()),
            None => Cell::Number(moment.as_f64()),
        },
        Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::Error(error) => Cell::Error(error.to_string()),
    }
}

fn read_text(bytes: &[u8]) -> Result<Sheet, Unreadable> {
    let text = decode(bytes)?;
    // A title may stand above the header, with no delimiter in it at all.
    let first: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(12).collect();
    if first.is_empty() {
        return Err(Unreadable::Empty);
    }
    let times = |d: &u8| first.iter().map(|line| line.bytes().filter(|b| b == d).count()).max();
    let delimiter = [b';', b'\t', b','].into_iter().max_by_key(times).unwrap_or(b',');
    let mut rows = Vec::new();
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let (mut counted_to, mut line) = (0, 1);
    for record in reader.records() {
        let record = record.map_err(|e| Unreadable::Damaged(e.to_string()))?;
        // The csv reader passes over blank lines; their numbers must not be lost.
        let start = record.position().map_or(counted_to, |p| p.byte() as usize);
        let blank = text[start..].len() - text[start..].trim_start_matches(['\r', '\n']).len();
        line += text[counted_to..start + blank].matches('\n').count();
        counted_to = start + blank;
        while rows.len() + 1 < line {
            rows.push(Vec::new());
        }
        rows.push(record.iter().map(text_cell).collect());
        check_size(rows.len(), record.len())?;
    }
    if rows.iter().flatten().all(Cell::is_empty) {
        return Err(Unreadable::Empty);
    }
    if rows.iter().map(Vec::len).max() == Some(1) && rows.len() < 2 {
        return Err(Unreadable::NotAWorkbook);
    }
    Ok(Sheet { name: String::new(), rows, first_line: 1 })
}

fn text_cell(field: &str) -> Cell {
    // ="00123" is how CSV writers keep leading zeros from Excel.
    let field = field.strip_prefix("=\"").and_then(|f| f.strip_suffix('"')).unwrap_or(field);
    if field.trim().is_empty() { Cell::Empty } else { Cell::Text(field.trim_start_matches('\'').to_owned()) }
}

fn decode(bytes: &[u8]) -> Result<String, Unreadable> {
    use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
    let decoded = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let encoding = if bytes[0] == 0xff { UTF_16LE } else { UTF_16BE };
        let (text, bad) = encoding.decode_with_bom_removal(bytes);
        (text.into_owned(), bad)
    } else if let Ok(text) = std::str::from_utf8(bytes) {
        (text.trim_start_matches('\u{feff}').to_owned(), false)
    } else {
        let (text, bad) = GB18030.decode_without_bom_handling(bytes);
        (text.into_owned(), bad)
    };
    let binary = decoded.0.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    if decoded.1 || binary {
        Err(if binary { Unreadable::NotAWorkbook } else { Unreadable::Encoding })
    } else {
        Ok(decoded.0)
    }
}

/// Writes one sheet of text cells: a frozen bold header, wide enough columns.
/// Every cell is text, so that no number loses digits and no formula runs.
pub fn write(sheet: &str, header: &[String], rows: &[Vec<String>]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    write_marked(sheet, header, rows, &HashSet::new())
}

/// As [`write`], with some cells marked: `(row, column)` counted from 0 below the header.
pub fn write_marked(
    sheet: &str,
    header: &[String],
    rows: &[Vec<String>],
    marked: &HashSet<(usize, usize)>,
) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook};
    let mut book = Workbook::new();
    let page = book.add_worksheet().set_name(sheet)?;
    let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
    let mark = text.clone().set_background_color(Color::RGB(0xFBE3DD)).set_font_color(Color::RGB(0x96301E));
    let head = Format::new().set_bold().set_num_format("@").set_background_color(Color::RGB(0xEEF6F4));
    for (column, title) in header.iter().enumerate() {
        page.write_string_with_format(0, column as u16, title, &head)?;
        let widest = rows.iter().filter_map(|row| row.get(column)).chain([title]).map(|t| display_width(t)).max();
        page.set_column_width(column as u16, widest.unwrap_or(8).clamp(8, 60) as f64)?;
    }
    for (line, row) in rows.iter().enumerate() {
        for (column, value) in row.iter().enumerate() {
            let format = if marked.contains(&(line, column)) { &mark } else { &text };
            page.write_string_with_format(line as u32 + 1, column as u16, value, format)?;
        }
    }
    page.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}

fn display_width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>() + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        read(bytes).unwrap().rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let header = vec!["姓名".to_owned(), "学籍号".to_owned()];
        let body = vec![vec!["陈𠮷䶮".to_owned(), "G210421200809150011".to_owned()]];
        let bytes = write("名单", &header, &body).unwrap();
        assert_eq!(rows(&bytes), [header, body[0].clone()]);
    }

    #[test]
    fn a_text_file_is_read_in_the_encodings_schools_use() {
        let text = "姓名,性别\n\n李沐阳,男\n";
        let (gbk, _, _) = encoding_rs::GBK.encode(text);
        let marked = format!("\u{feff}{text}");
        for bytes in [text.as_bytes(), &gbk, marked.as_bytes()] {
            assert_eq!(rows(bytes), [vec!["姓名", "性别"], vec![], vec!["李沐阳", "男"]]);
        }
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        assert!(matches!(read(b""), Err(Unreadable::Empty)));
        assert!(matches!(read(b"PK\x03\x04 not a zip"), Err(Unreadable::NotAWorkbook)));
        assert!(matches!(read(b"%PDF-1.7\n\x00\x01"), Err(Unreadable::NotAWorkbook)));
        let wide: String = vec!["列"; 200].join(",") + "\n1,2\n";
        assert!(matches!(read(wide.as_bytes()), Err(Unreadable::TooManyColumns(200))));
    }

    #[test]
    fn a_zip_bomb_is_refused() {
        use std::io::Write;
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("[Content_Types].xml", options).unwrap();
        let zeros = vec![0; 1 << 20];
        for _ in 0..70 {
            zip.write_all(&zeros).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20);
        assert!(matches!(read(&bytes), Err(Unreadable::TooLarge)));
    }
}
