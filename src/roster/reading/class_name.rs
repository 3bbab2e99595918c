//! Classes as rosters write them: `1`, `01班`, `七年级(1)班`, `2025级8班`, `701`.

use crate::names::{Cohort, Grade};
use crate::platform::text::half_width;
use serde::Serialize;

/// A class as a row names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ClassRef {
    pub cohort: Cohort,
    pub number: i32,
}

fn numeral(text: &str) -> Option<i32> {
    const DIGITS: [char; 10] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    if let Ok(number) = text.parse::<i32>() {
        return (text.len() <= 2).then_some(number);
    }
    let mut characters = text.chars();
    let (first, second) = (characters.next()?, characters.next());
    let value = |c| DIGITS.iter().position(|d| *d == c).map(|n| n as i32 + 1);
    match (value(first)?, second) {
        (10, Some(unit)) => Some(10 + value(unit).filter(|n| *n < 10)?),
        (number, None) => Some(number),
        _ => None,
    }
}

/// A grade word: 七年级, 初一, 7年级, 7.
pub fn grade(text: &str) -> Option<Grade> {
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.trim_end_matches("年级").trim_end_matches('级');
    let text = text.strip_prefix("初中").unwrap_or(text);
    let number = match text {
        "初一" | "一" => 7,
        "初二" | "二" => 8,
        "初三" | "三" => 9,
        "七" | "7" | "07" => 7,
        "八" | "8" | "08" => 8,
        "九" | "9" | "09" => 9,
        _ => return None,
    };
    Grade::of(number)
}

impl ClassRef {
    /// Reads a class cell; where it says only a number, the grade's cell or the year
    /// of entry says which cohort.
    pub fn parse(class: &str, grade_cell: &str, entered_year: Option<i32>, school_year: i32) -> Option<Self> {
        let text: String = half_width(class).chars().filter(|c| !c.is_whitespace()).collect();
        let from_grade = |g: Grade| Cohort::in_grade(g, school_year);
        // 八(2)班, 8（2）: the bracket parts the grade from the number.
        if let Some((word, rest)) = text.split_once(['(', '（', '[', '〔'])
            && let Some(g) = grade(word)
        {
            let inside = rest.trim_end_matches('班').trim_end_matches([')', '）', ']', '〕']).trim_end_matches('班');
            return Some(ClassRef { cohort: from_grade(g), number: numeral(inside)? });
        }
        let text = text.replace(['(', ')', '（', '）', '[', ']', '〔', '〕'], "");
        let text = text.trim_end_matches('班');
        let text = text.strip_prefix("初中").unwrap_or(text);
        if let Some((year, rest)) = text.split_once('级')
            && year.len() == 4
            && let (Ok(year), Some(number)) = (year.parse(), numeral(rest))
        {
            return Some(ClassRef { cohort: Cohort(year), number });
        }
        if let Some((word, rest)) = text.split_once("年级")
            && let (Some(g), Some(number)) = (grade(word), numeral(rest))
        {
            return Some(ClassRef { cohort: from_grade(g), number });
        }
        for word in ["初一", "初二", "初三", "七", "八", "九"] {
            if let (Some(g), Some(number)) = (grade(word), text.strip_prefix(word).and_then(numeral)) {
                return Some(ClassRef { cohort: from_grade(g), number });
            }
        }
        if text.len() == 3
            && text.bytes().all(|b| b.is_ascii_digit())
            && let (Some(g), Ok(number)) = (grade(&text[..1]), text[1..].parse())
        {
            return Some(ClassRef { cohort: from_grade(g), number });
        }
        let number = numeral(text)?;
        let cohort = match (grade(grade_cell), year_of(grade_cell), entered_year) {
            (Some(g), ..) => from_grade(g),
            (None, Some(year), _) => Cohort(year),
            (None, None, Some(year)) => Cohort(year),
            _ => return None,
        };
        Some(ClassRef { cohort, number })
    }
}

/// `2025级` in the grade's cell.
fn year_of(text: &str) -> Option<i32> {
    let text = half_width(text);
    let digits = text.trim().trim_end_matches('级');
    (digits.len() == 4).then(|| digits.parse().ok()).flatten().filter(|year| (2000..2100).contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_known_by_many_names() {
        let parse = |class, grade| ClassRef::parse(class, grade, None, 2026).map(|c| (c.cohort.0, c.number));
        for spelled in [
            "七年级(1)班",
            "七年级（1）班",
            "7年级1班",
            "初一1班",
            "初一（一）班",
            "2026级1班",
            "2026级（1）班",
            "初中2026级1班",
            "701",
            "七(1)班",
            "七（1）",
            "7(1)班",
            "七1班",
            "七年级一班",
            " 七年级 1 班 ",
        ] {
            assert_eq!(parse(spelled, ""), Some((2026, 1)), "{spelled}");
        }
        assert_eq!(parse("01", "八年级"), Some((2025, 1)));
        assert_eq!(parse("12班", "初三"), Some((2024, 12)));
        assert_eq!(parse("十二班", "2025级"), Some((2025, 12)));
        assert_eq!(ClassRef::parse("2", "", Some(2024), 2026), Some(ClassRef { cohort: Cohort(2024), number: 2 }));
        assert_eq!(parse("八(2)班", "七年级"), Some((2025, 2)), "the cell itself says the grade");
        assert_eq!(parse("九（十二）班", ""), Some((2024, 12)));
        for unreadable in ["8-1班", "实验班", "", "1010", "七年级", "七", "六(1)班", "七(实验)班"] {
            assert_eq!(parse(unreadable, ""), None, "{unreadable}");
        }
    }
}
