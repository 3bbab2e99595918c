//! Measures as a plain table, for `qinghe fitness`: the one way out for numbers
//! beside the national upload.

use super::standard::count;
use super::verdict::{band_of, tenths};
use super::{Item, Measure, Measures, Tested, TestedGrade};
use crate::names::Sex;
use std::collections::HashMap;

/// Why a table cannot be read: where, what stood there, what to do.
#[derive(Debug, thiserror::Error)]
pub enum NoTable {
    #[error("表头里没有 {0} 这一列")]
    NoColumn(&'static str),
    #[error("第 {line} 行的 {column} 是“{was}”，认不出。{cure}")]
    Cell { line: u64, column: String, was: String, cure: &'static str },
    #[error("表读到一半读不下去：{0}")]
    Damaged(#[from] csv::Error),
}

/// A number of tenths as it is printed: always one decimal.
fn printed(tenths: i32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Reads a CSV with the columns `case_id, grade, sex, height_cm, weight_kg, bmi,
/// exempt` and the items, in any order and among any others, and answers with
/// `case_id,standard,bonus_total,total,band`.
///
/// # Errors
/// The first thing that is no measure; nothing is answered in part.
pub fn judge_table(text: &str) -> Result<String, NoTable> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let places: HashMap<String, usize> =
        reader.headers()?.iter().enumerate().map(|(place, header)| (header.to_owned(), place)).collect();
    for needed in ["case_id", "grade", "sex"] {
        if !places.contains_key(needed) {
            return Err(NoTable::NoColumn(needed));
        }
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["case_id", "standard", "bonus_total", "total", "band"])?;
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |column: &str| places.get(column).and_then(|place| record.get(*place)).unwrap_or_default();
        let refuse =
            |column: &str, cure| NoTable::Cell { line, column: column.to_owned(), was: cell(column).to_owned(), cure };
        let measure = |column: &str| match cell(column) {
            "" => Ok(None),
            typed => typed.parse::<Measure>().map(Some).map_err(|_| refuse(column, "写成 7.8 这样的数。")),
        };
        let grade =
            cell("grade").parse().ok().and_then(TestedGrade::of).ok_or_else(|| refuse("grade", "写 1 到 9。"))?;
        let sex = match cell("sex") {
            "male" | "男" | "1" => Sex::Male,
            "female" | "女" | "2" => Sex::Female,
            _ => return Err(refuse("sex", "写 male 或 female。")),
        };
        let exempt = match cell("exempt") {
            "" | "0" | "no" | "false" | "否" => false,
            "1" | "yes" | "true" | "是" | "免测" => true,
            _ => return Err(refuse("exempt", "免测写 1，不免测空着。")),
        };
        let mut measures = Measures { exempt, ..Measures::default() };
        for item in Item::ALL {
            if let Some(value) = measure(item.code())? {
                measures.set(*item, value);
            }
        }
        let index = measure("bmi")?;
        let answer = match (exempt, count(Tested { grade, sex }, &measures, index)) {
            (true, _) => [String::new(), String::new(), String::new(), "免测".to_owned()],
            (false, Err(_)) => [String::new(), String::new(), String::new(), "数据不完整".to_owned()],
            (false, Ok(counted)) => [
                printed(tenths(counted.standard)),
                counted.extra.to_string(),
                printed(tenths(counted.whole())),
                band_of(counted).word().to_owned(),
            ],
        };
        out.write_record(std::iter::once(cell("case_id")).chain(answer.iter().map(String::as_str)))?;
    }
    let bytes = out.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
