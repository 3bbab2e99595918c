//! How long things are kept: periods that a county may set, each with the least that
//! the law asks for.

use chrono::Months;

/// Most months anybody may set: fifty years.
const MOST: u32 = 600;

/// How long what may go some day is kept. Sealed files and the lines of the journal are
/// kept for ever and have no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptFor {
    /// Photos that no pupil chose, counted from graduation (PIPL 19: the shortest time
    /// that is needed).
    pub evidence: Months,
    /// What a line of the journal says in full, counted from the act.
    pub detail: Months,
    /// Sign-ins, counted from when they were last seen.
    pub sessions: Months,
}

impl Default for KeptFor {
    fn default() -> Self {
        KeptFor { evidence: Months::new(12), detail: Months::new(36), sessions: Months::new(6) }
    }
}

impl KeptFor {
    /// Three periods as a settings file says them.
    ///
    /// # Errors
    /// One sentence that names the setting, says what it may be and what it is: a text
    /// that is no period, or one shorter than the law allows (网络安全法 21: records of
    /// what went on, six months).
    pub fn read(evidence: &str, detail: &str, sessions: &str) -> Result<Self, String> {
        Ok(KeptFor {
            evidence: period("QINGHE_KEEP_EVIDENCE", evidence, 1, "再短，档案还没发到手里")?,
            detail: period("QINGHE_KEEP_DETAIL", detail, 6, "网络安全法第二十一条要求日志留存不少于六个月")?,
            sessions: period("QINGHE_KEEP_SESSIONS", sessions, 6, "网络安全法第二十一条要求日志留存不少于六个月")?,
        })
    }
}

/// `12 个月`, `3 年`
pub fn in_words(months: Months) -> String {
    match months.as_u32() {
        n if n % 12 == 0 && n > 12 => format!("{} 年", n / 12),
        n => format!("{n} 个月"),
    }
}

fn period(name: &str, text: &str, least: u32, because: &str) -> Result<Months, String> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let months = match unit.trim() {
        "months" | "month" | "个月" => Some(1),
        "years" | "year" | "年" => Some(12),
        _ => None,
    };
    let months = months.zip(number.parse::<u32>().ok()).and_then(|(unit, n)| n.checked_mul(unit));
    match months {
        Some(n) if n < least => Err(format!("{name} 最短 {least} 个月（{because}），现在是“{text}”。")),
        Some(n) if n > MOST => Err(format!("{name} 最长 {} 年，现在是“{text}”。", MOST / 12)),
        Some(n) => Ok(Months::new(n)),
        None => Err(format!("{name} 应写成几个月或几年，例如 12 months 或 3 years，现在是“{text}”。")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_months_or_years_and_not_shorter_than_the_law() {
        let of = |text| period("X", text, 6, "法").map(|months| months.as_u32());
        for (text, months) in [("6 months", 6), ("3 years", 36), ("1年", 12), (" 18 个月 ", 18)] {
            assert_eq!(of(text), Ok(months), "{text}");
        }
        for wrong in
            ["", "forever", "12", "years", "-3 years", "5 months", "3.5 years", "51 years", "99999999999 years"]
        {
            let said = of(wrong).unwrap_err();
            assert!(said.starts_with("X ") && said.contains("现在是"), "{wrong}: {said}");
        }
        assert_eq!((in_words(Months::new(12)), in_words(Months::new(36))), ("12 个月".into(), "3 年".into()));
    }
}
