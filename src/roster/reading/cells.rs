//! Single cells: dates in six spellings and as serial numbers, sex, telephone.

use crate::names::Sex;
use crate::platform::text::{code_like, half_width, tidy};
use crate::platform::workbook::Cell;
use chrono::{Days, NaiveDate};

/// A value, and a remark where something had to be guessed.
pub type Found<T> = (T, Option<String>);

/// Serial numbers from 1990 to 2060: what Excel shows when a date lost its format.
const SERIALS: std::ops::RangeInclusive<f64> = 32_874.0..=58_805.0;

fn from_serial(serial: f64) -> Option<NaiveDate> {
    // Day 1 is 1 January 1900, and Excel believes that 1900 had a 29 February.
    NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(serial as u64))
}

/// A day. `20110101`, `2011-01-01`, `2011/1/1`, `2011.01.01`, `2011年1月1日`,
/// `2011。1。1`, a dash of any width, a serial number, or a date cell.
///
/// # Errors
/// How to mend it.
pub fn date(cell: &Cell) -> Result<Found<NaiveDate>, String> {
    match cell {
        Cell::Date(date) => Ok((*date, None)),
        Cell::Number(serial) if SERIALS.contains(serial) && serial.fract() == 0.0 => {
            from_serial(*serial).map(|date| (date, None)).ok_or_else(unreadable)
        }
        cell => {
            let (parts, remark) = parts(&cell.shown());
            match parts.as_slice() {
                [y, m, d] => existing(*y, *m, *d).map(|date| (date, remark)),
                [whole] if (19_000_101..=21_000_101).contains(whole) => {
                    existing(whole / 10_000, whole / 100 % 100, whole % 100).map(|date| (date, remark))
                }
                [serial] if SERIALS.contains(&f64::from(*serial)) => {
                    from_serial(f64::from(*serial)).map(|date| (date, remark)).ok_or_else(unreadable)
                }
                _ => Err(unreadable()),
            }
        }
    }
}

/// A month of entry: `2025.09`, `202509`, `2025年9月`, or a whole day.
pub fn month(cell: &Cell) -> Result<Found<NaiveDate>, String> {
    if let Cell::Number(number) = cell
        && (2000.0..2100.0).contains(number)
        && number.fract() > 0.0
    {
        // 2025.09 typed as a number.
        let (year, month) = (number.trunc() as i32, (number.fract() * 100.0).round() as i32);
        return existing(year, month, 1).map(|date| (date, None));
    }
    let (parts, remark) = parts(&cell.shown());
    match parts.as_slice() {
        [y, m] => existing(*y, *m, 1).map(|date| (date, remark)),
        [whole] if (200_001..=209_912).contains(whole) => existing(whole / 100, whole % 100, 1).map(|d| (d, remark)),
        [year] if (2000..2100).contains(year) => existing(*year, 9, 1).map(|d| (d, remark)),
        _ => date(cell),
    }
}

fn unreadable() -> String {
    "认不出是哪一天。写成 2013-02-28 这样。".to_owned()
}

fn existing(year: i32, month: i32, day: i32) -> Result<NaiveDate, String> {
    u32::try_from(month)
        .ok()
        .zip(u32::try_from(day).ok())
        .and_then(|(month, day)| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|_| (1950..2100).contains(&year))
        .ok_or_else(|| "这一天不存在。核对户口本后改成 2013-02-28 这样的写法。".to_owned())
}

/// The numbers in a text, and a remark where a letter was taken for a digit.
fn parts(text: &str) -> (Vec<i32>, Option<String>) {
    let text = half_width(text);
    let mut remark = None;
    let mut digits = String::with_capacity(text.len());
    for (n, c) in text.chars().enumerate() {
        let digit = match c {
            'O' | 'o' | '〇' => '0',
            'l' | 'I' => '1',
            c => c,
        };
        if digit != c && c != '〇' {
            remark = Some(format!("第 {} 个字是字母 {c}，不是数字 {digit}。已当作数字，请确认。", n + 1));
        }
        digits.push(digit);
    }
    let known = |c: char| c.is_ascii_digit() || "-/.年月日。—–－ ".contains(c);
    // A time of day after the date is no part of it.
    let day =
        digits.split(['T', ':']).next().map_or("", |d| d.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end());
    let day = if digits.contains(':') && day.len() >= 8 { day } else { &digits };
    if !day.chars().all(known) {
        return (Vec::new(), None);
    }
    let numbers = day.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::parse);
    (numbers.collect::<Result<_, _>>().unwrap_or_default(), remark)
}

/// Men or women, in words or by GB/T 2261.1.
pub fn sex(text: &str) -> Result<Sex, String> {
    match code_like(text).as_str() {
        "男" | "男性" | "1" | "1-男" | "男1" => Ok(Sex::Male),
        "女" | "女性" | "2" | "2-女" | "女2" => Ok(Sex::Female),
        _ => Err("只认“男”“女”或 1、2。".to_owned()),
    }
}

/// A telephone number as it is dialled; `None` when it cannot be one.
pub fn phone(text: &str) -> Option<String> {
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let digits = text.strip_prefix("+86").unwrap_or(&text);
    let plausible = (7..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plausible.then(|| digits.to_owned())
}

/// A whole number, as text or number.
pub fn whole(cell: &Cell) -> Option<i32> {
    match cell {
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 1e9 => Some(*number as i32),
        cell => code_like(&cell.shown()).trim_end_matches('号').parse().ok(),
    }
}

/// A number of people typed into a cell that was not text: its last digits are gone.
pub fn lost_digits(cell: &Cell) -> Option<String> {
    let lost = match cell {
        Cell::Number(number) => number.abs() >= 1e15,
        Cell::Text(text) => {
            let text = code_like(text);
            let (mantissa, exponent) = text.split_once("E+").unwrap_or(("", ""));
            !mantissa.is_empty()
                && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.')
                && exponent.parse::<u8>().is_ok()
        }
        _ => false,
    };
    lost.then(|| "被 Excel 当成数字，后几位已经丢了，救不回来。请把整列设成“文本”格式，照户口本重填 18 位。".to_owned())
}

/// A name: no blanks inside for Han names, none of the digits a slip leaves behind.
pub fn name(text: &str) -> Result<String, String> {
    let text = tidy(text);
    let han = text.chars().all(|c| !c.is_ascii() || c == ' ');
    let text = if han { text.replace(' ', "") } else { text };
    if text.is_empty() {
        return Err("这一行没有姓名。是空行就删掉，不是就补上。".to_owned());
    }
    if text.chars().any(|c| c.is_ascii_digit()) {
        return Err("姓名里有数字，请核对。".to_owned());
    }
    if text.chars().count() > 40 {
        return Err("姓名太长了，最多 40 个字，请核对。".to_owned());
    }
    Ok(text.replace(['•', '．', '‧', '.'], "·"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    #[test]
    fn a_date_is_read_in_every_spelling() {
        let day = NaiveDate::from_ymd_opt(2011, 1, 2).unwrap();
        for spelled in [
            "20110102",
            "2011-01-02",
            "2011/1/2",
            "2011.01.02",
            "2011年1月2日",
            "2011—01—02",
            "2011。1。2",
            "２０１１－０１－０２",
            " 2011-1-2 ",
            "2011-01-02 00:00:00",
        ] {
            assert_eq!(date(&text(spelled)).map(|(d, _)| d), Ok(day), "{spelled}");
        }
        assert_eq!(date(&Cell::Number(40545.0)).unwrap().0, day);
        assert_eq!(date(&text("40545")).unwrap().0, day);
        assert_eq!(date(&Cell::Number(20110102.0)).unwrap().0, day);
        assert_eq!(date(&Cell::Date(day)).unwrap().0, day);
        for wrong in ["2013.2.30", "2011-13-01", "昨天", "", "20131", "2011-1", "1.2.3.4", "99999999999999999999"] {
            assert!(date(&text(wrong)).is_err(), "{wrong}");
        }
        assert!(date(&text("2O11-01-02")).unwrap().1.unwrap().contains("字母 O"));
    }

    #[test]
    fn a_month_is_read_too() {
        let first = NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
        for spelled in ["2025.09", "202509", "2025-9", "2025年9月", "2025", "2025/09/01"] {
            assert_eq!(month(&text(spelled)).unwrap().0, first, "{spelled}");
        }
        assert_eq!(month(&Cell::Number(2025.09)).unwrap().0, first);
        assert_eq!(month(&Cell::Number(202509.0)).unwrap().0, first);
    }

    #[test]
    fn digits_lost_to_excel_are_found() {
        assert!(lost_digits(&Cell::Number(2.10421200809150e17)).is_some());
        assert!(lost_digits(&text("2.10421E+17")).is_some());
        assert!(lost_digits(&text("210421200809150011")).is_none());
    }

    #[test]
    fn telephones_and_names() {
        assert_eq!(phone("138 0413-0000"), Some("13804130000".to_owned()));
        assert_eq!(phone("+8613804130000"), Some("13804130000".to_owned()));
        assert_eq!(phone("找他爸"), None);
        assert_eq!(name(" 李 沐阳 ").unwrap(), "李沐阳");
        assert_eq!(name("阿依古丽•麦麦提").unwrap(), "阿依古丽·麦麦提");
        assert!(name("李沐阳2").is_err());
    }
}
