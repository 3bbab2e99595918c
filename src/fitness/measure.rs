//! What a tape, a scale and a stop-watch say: exact decimals, never binary floats.

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Integer;
use serde::{Deserialize, Serialize};

/// A measure in thousandths of its item's unit (cm, kg, ml, s, times). Stored so.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[diesel(sql_type = Integer)]
#[serde(transparent)]
pub struct Measure(i32);

crate::integer_column!(Measure);

/// A text that is no decimal number with at most three places.
#[derive(Debug, thiserror::Error)]
#[error("“{0}”不是数，或者小数点后多于三位")]
pub struct NoMeasure(String);

impl Measure {
    pub const fn thousandths(thousandths: i32) -> Self {
        Measure(thousandths)
    }

    pub const fn whole(number: i32) -> Self {
        Measure(number * 1000)
    }

    pub const fn tenths(tenths: i32) -> Self {
        Measure(tenths * 100)
    }

    pub fn in_thousandths(self) -> i32 {
        self.0
    }

    /// Whether nothing is left after `places` decimals.
    pub fn fits(self, places: u32) -> bool {
        self.0 % 10i32.pow(3 - places.min(3)) == 0
    }

    /// Rounded half up (away from zero) to `places` decimals.
    pub fn rounded(self, places: u32) -> Self {
        let step = 10i32.pow(3 - places.min(3));
        let half = step / 2 * self.0.signum();
        Measure((self.0 + half) / step * step)
    }

    /// 非零进一, as the handbook reads a hand-held watch: 10.11 s is 10.2 s.
    pub fn watch_tenths(self) -> Self {
        Measure((self.0 + 99).div_euclid(100) * 100)
    }
}

impl std::str::FromStr for Measure {
    type Err = NoMeasure;

    fn from_str(text: &str) -> Result<Self, NoMeasure> {
        let wrong = || NoMeasure(text.to_owned());
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        let part = part.trim_end_matches('0');
        if (whole.is_empty() && part.is_empty()) || !plain(whole) || !plain(part) || part.len() > 3 || whole.len() > 6 {
            return Err(wrong());
        }
        let thousandths: i32 = format!("{whole}{part:0<3}").parse().map_err(|_| wrong())?;
        Ok(Measure(if negative { -thousandths } else { thousandths }))
    }
}

impl std::fmt::Display for Measure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if part == 0 {
            write!(f, "{sign}{whole}")
        } else {
            write!(f, "{sign}{whole}.{}", format!("{part:03}").trim_end_matches('0'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_read_and_written_as_it_stands() {
        for text in ["0", "7.8", "-2.6", "160", "22.148", "0.5", "-0.1"] {
            assert_eq!(text.parse::<Measure>().unwrap().to_string(), text);
        }
        assert_eq!("+7.80".parse::<Measure>().unwrap(), Measure::tenths(78));
        assert_eq!(".5".parse::<Measure>().unwrap(), Measure::tenths(5));
        for wrong in ["", ".", "-", "1.2.3", "3'48", "7,8", "1e3", "1.2345", "12345678", "--1"] {
            assert!(wrong.parse::<Measure>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn rounding_is_half_up_and_a_watch_reads_up() {
        let rounded = |text: &str| text.parse::<Measure>().unwrap().rounded(1).to_string();
        assert_eq!(
            (rounded("22.148"), rounded("22.15"), rounded("-0.05")),
            ("22.1".into(), "22.2".into(), "-0.1".into())
        );
        let watch = |text: &str| text.parse::<Measure>().unwrap().watch_tenths().to_string();
        assert_eq!((watch("10.11"), watch("10.1"), watch("7.801")), ("10.2".into(), "10.1".into(), "7.9".into()));
    }
}
