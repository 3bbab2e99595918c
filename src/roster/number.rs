//! The numbers a pupil has, and their check digits.

use crate::platform::keys::Keys;
use crate::platform::text::code_like;
use chrono::NaiveDate;

/// The place a 学籍号 is sealed for; its fingerprint is made in the same place.
pub const NUMBER_PLACE: &str = "student.number";
/// The place an identity document's number is sealed for.
pub const DOCUMENT_PLACE: &str = "student.document";
/// The place a telephone number is sealed for.
pub const PHONE_PLACE: &str = "family_member.phone";

/// A citizen's number: 17 digits and a check digit (GB 11643-1999, ISO 7064 MOD 11-2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitizenNumber(String);

/// A national pupil's number 全国学籍号: `G` + citizen's number, `J` + 18 given by
/// the school's place with a check digit, or temporary `L` + 18 without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudentNumber(String);

/// What is wrong with a number, and how to mend it.
pub type Fault = String;

impl CitizenNumber {
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let number = code_like(typed);
        let length = number.chars().count();
        if length != 18 {
            let hint = if length == 17 { "最后一位可能是 X。" } else { "请照户口本补全。" };
            return Err(format!("应为 18 位，现在是 {length} 位。{hint}"));
        }
        check_mod_11_2(&number)?;
        birth_date(&number)?;
        Ok(CitizenNumber(number))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Digits 7–14.
    pub fn born_on(&self) -> Result<NaiveDate, Fault> {
        birth_date(&self.0)
    }

    /// Digit 17 is odd for men.
    pub fn is_male(&self) -> bool {
        self.0.as_bytes()[16] % 2 == 1
    }
}

impl StudentNumber {
    pub fn parse(typed: &str) -> Result<Self, Fault> {
        let number = code_like(typed);
        let length = number.chars().count();
        let Some(body) = number.strip_prefix(['G', 'J', 'L']) else {
            return Err("应以 G、J 或 L 开头，后面 18 位。请照全国学籍系统里的写。".to_owned());
        };
        if length != 19 {
            return Err(format!("应为 1 个字母加 18 位，现在一共 {length} 位。请照全国学籍系统里的写。"));
        }
        if number.starts_with('L') {
            // A temporary number ends in random digits: there is nothing to check.
            let digits = body.bytes().all(|b| b.is_ascii_digit());
            return if digits { Ok(StudentNumber(number)) } else { Err("L 后面应为 18 位数字。".to_owned()) };
        }
        check_mod_11_2(body)?;
        if number.starts_with('G') {
            birth_date(body)?;
        }
        Ok(StudentNumber(number))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The citizen's number inside a `G` number.
    pub fn citizen(&self) -> Option<CitizenNumber> {
        self.0.strip_prefix('G').map(|body| CitizenNumber(body.to_owned()))
    }

    /// `G210421••••••••0011`
    pub fn masked(&self) -> String {
        mask(&self.0, 7)
    }

    /// The keyed hash by which the pupil is found again.
    pub fn fingerprint(&self, keys: &Keys) -> String {
        keys.fingerprint(NUMBER_PLACE, &self.0)
    }
}

/// Keeps `front` characters and the last four.
pub fn mask(number: &str, front: usize) -> String {
    let characters: Vec<char> = number.chars().collect();
    if characters.len() <= front + 4 {
        return "•".repeat(characters.len());
    }
    let hidden = characters.len() - front - 4;
    let (head, tail) = (&characters[..front], &characters[front + hidden..]);
    head.iter().chain(&vec!['•'; hidden]).chain(tail).collect()
}

fn check_mod_11_2(number: &str) -> Result<(), Fault> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let bytes = number.as_bytes();
    let digits = bytes.len() == 18 && bytes[..17].iter().all(u8::is_ascii_digit);
    if !digits || !(bytes[17].is_ascii_digit() || bytes[17] == b'X') {
        return Err("前 17 位应为数字，最后一位是数字或 X。请照户口本核对。".to_owned());
    }
    let sum: u32 = bytes.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    if CHECK[(sum % 11) as usize] == bytes[17] {
        Ok(())
    } else {
        Err("最后一位校验码对不上，多半有一位写错了。请照户口本逐位核对。".to_owned())
    }
}

fn birth_date(number: &str) -> Result<NaiveDate, Fault> {
    NaiveDate::parse_from_str(&number[6..14], "%Y%m%d")
        .map_err(|_| format!("第 7 到 14 位“{}”不是一个日期。请照户口本核对。", &number[6..14]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standard() {
        for right in ["210421200809150011", "210421200901030020", "210421200712311237", "11010519491231002x"] {
            let number = CitizenNumber::parse(right).unwrap();
            for at in 0..18 {
                let mut wrong: Vec<u8> = number.as_str().bytes().collect();
                wrong[at] = if wrong[at] == b'9' { b'0' } else { wrong[at].clamp(b'0', b'8') + 1 };
                assert!(CitizenNumber::parse(std::str::from_utf8(&wrong).unwrap()).is_err(), "{right} at {at}");
            }
        }
        assert!(CitizenNumber::parse("210421200809150011").unwrap().is_male());
        assert!(!CitizenNumber::parse("210421200901030020").unwrap().is_male());
        assert_eq!(CitizenNumber::parse("１１０１０５ 19491231 002Ｘ").unwrap().as_str(), "11010519491231002X");
    }

    #[test]
    fn a_temporary_number_is_not_checked() {
        assert!(StudentNumber::parse("L210421200809150012").is_ok());
        assert!(StudentNumber::parse("G210421200809150012").is_err());
        assert!(StudentNumber::parse("LG21042120080915001").is_err());
        let number = StudentNumber::parse("g210421200809150011").unwrap();
        assert_eq!(number.masked(), "G210421••••••••0011");
        assert_eq!(number.citizen().unwrap().as_str(), "210421200809150011");
    }
}
