//! Measures as words: the band of a year, the result at graduation.

use super::standard::{Counted, body_mass_index, build_of, count};
use super::{Build, Item, Measures, Tested};
use serde::Serialize;

/// 优秀 90.0 and above, 良好 80.0–89.9, 及格 60.0–79.9, 不及格 59.9 and below (说明 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitnessBand(Word);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Excellent,
    Good,
    Passed,
    Failed,
}

static_assertions::assert_not_impl_any!(FitnessBand: PartialOrd, Ord, Into<i32>);

impl FitnessBand {
    pub fn word(self) -> &'static str {
        match self.0 {
            Word::Excellent => "优秀",
            Word::Good => "良好",
            Word::Passed => "及格",
            Word::Failed => "不及格",
        }
    }

    fn of_tenths(tenths: i32) -> Self {
        FitnessBand(match tenths {
            900.. => Word::Excellent,
            800..900 => Word::Good,
            600..800 => Word::Passed,
            _ => Word::Failed,
        })
    }
}

impl Serialize for FitnessBand {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// What measures come to, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Band(FitnessBand),
    /// 免测: noted, and never zero.
    Exempt,
    /// 数据不完整: these are missing.
    Incomplete(Vec<Item>),
}

impl Verdict {
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Band(band) => band.word(),
            Verdict::Exempt => "免测",
            Verdict::Incomplete(_) => "数据不完整",
        }
    }
}

/// Hundredths as tenths, rounded half up.
pub(super) fn tenths(hundredths: i32) -> i32 {
    (hundredths + 5).div_euclid(10)
}

pub(super) fn band_of(counted: Counted) -> FitnessBand {
    FitnessBand::of_tenths(tenths(counted.whole()))
}

/// What one sitting comes to.
pub fn verdict(tested: Tested, measures: &Measures) -> Verdict {
    if measures.exempt {
        return Verdict::Exempt;
    }
    match count(tested, measures, None) {
        Ok(counted) => Verdict::Band(band_of(counted)),
        Err(missing) => Verdict::Incomplete(missing),
    }
}

/// 体重指数's word, where height and weight are there.
pub fn build(tested: Tested, measures: &Measures) -> Option<Build> {
    let index = body_mass_index(measures.get(Item::Height)?, measures.get(Item::Weight)?)?;
    build_of(tested, index).map(|(build, _)| build)
}

/// One school year of one pupil: the test, and the make-up test where there was one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearTests {
    pub tested: Tested,
    pub first: Measures,
    pub makeup: Option<Measures>,
}

impl YearTests {
    /// The measures that count: a make-up test is for those who failed or missed
    /// something (说明 9), and only what was measured again takes its place.
    pub fn counting(&self) -> Measures {
        let stands = matches!(verdict(self.tested, &self.first), Verdict::Exempt)
            || matches!(verdict(self.tested, &self.first), Verdict::Band(band) if band.0 != Word::Failed);
        match &self.makeup {
            Some(makeup) if !stands => self.first.overlaid(makeup),
            _ => self.first.clone(),
        }
    }

    pub fn verdict(&self) -> Verdict {
        verdict(self.tested, &self.counting())
    }

    /// The year's whole in tenths, as it is published.
    fn published(&self) -> Option<i32> {
        let counting = self.counting();
        if counting.exempt {
            return None;
        }
        count(self.tested, &counting, None).ok().map(|counted| tenths(counted.whole()))
    }
}

/// The result at graduation: half the last year, half the mean of the others
/// (说明 8); exempt in the last year is noted as such; a year without a whole
/// leaves the result open, an exempt year among the others is left out.
/// `years` in the order of time, the last being the year of graduation.
pub fn graduation(years: &[YearTests]) -> Verdict {
    let Some((last, others)) = years.split_last() else { return Verdict::Incomplete(Vec::new()) };
    if last.verdict() == Verdict::Exempt {
        return Verdict::Exempt;
    }
    let open = |year: &YearTests| match year.verdict() {
        Verdict::Incomplete(missing) => Verdict::Incomplete(missing),
        _ => Verdict::Incomplete(Vec::new()),
    };
    let Some(final_year) = last.published() else { return open(last) };
    let mut before = Vec::new();
    for year in others.iter().filter(|year| year.verdict() != Verdict::Exempt) {
        match year.published() {
            Some(tenths) => before.push(tenths),
            None => return open(year),
        }
    }
    if before.is_empty() {
        // Nothing to take the mean of: 免测 before, or came to the school in the last year.
        return Verdict::Band(FitnessBand::of_tenths(final_year));
    }
    let (n, sum) = (before.len() as i32, before.iter().sum::<i32>());
    // (last + sum / n) / 2 in tenths, rounded half up in one step.
    Verdict::Band(FitnessBand::of_tenths((final_year * n + sum + n).div_euclid(2 * n)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fitness::{Measure, TestedGrade};
    use crate::names::Sex;

    /// A grade-8 boy on the 100, 80, 60 or 50-point row of every item.
    fn boy(values: [&str; 8]) -> YearTests {
        use Item::*;
        let mut first = Measures::default();
        for (item, value) in
            [Height, Weight, VitalCapacity, Run50m, SitAndReach, LongJump, PullUp, Run1000m].into_iter().zip(values)
        {
            first.set(item, value.parse::<Measure>().unwrap());
        }
        YearTests { tested: Tested { grade: TestedGrade::of(8).unwrap(), sex: Sex::Male }, first, makeup: None }
    }

    fn full() -> YearTests {
        boy(["165", "52", "3940", "7.5", "19.6", "240", "14", "230"])
    }

    /// C31 of the cases: exactly 59.9.
    fn failed() -> YearTests {
        boy(["160", "64.8", "2120", "9.9", "2.5", "170", "4", "305"])
    }

    #[test]
    fn a_make_up_test_is_for_those_who_failed() {
        let mut year = failed();
        assert_eq!(year.verdict().word(), "不及格");
        let mut makeup = Measures::default();
        makeup.set(Item::PullUp, Measure::whole(14));
        year.makeup = Some(makeup.clone());
        assert_eq!(year.verdict().word(), "及格");
        let mut passed = full();
        makeup.set(Item::PullUp, Measure::whole(0));
        passed.makeup = Some(makeup);
        assert_eq!(passed.verdict().word(), "优秀", "what was passed stands");
    }

    #[test]
    fn the_result_at_graduation_is_half_the_last_year() {
        // (100.0 + 59.9) / 2 = 79.95, which rounds up to 80.0.
        assert_eq!(graduation(&[failed(), full()]).word(), "良好");
        // Half of 59.9 and half the mean of 100.0 and 59.9: 69.925.
        assert_eq!(graduation(&[full(), failed(), failed()]).word(), "及格");
        assert_eq!(graduation(&[full(), YearTests { first: Measures::exempted(), ..full() }]).word(), "免测");
        assert_eq!(graduation(&[YearTests { first: Measures::exempted(), ..full() }, full()]).word(), "优秀");
        let open = YearTests { first: Measures::default(), ..full() };
        assert_eq!(graduation(&[open, full()]).word(), "数据不完整");
        assert_eq!(graduation(&[]).word(), "数据不完整");
    }
}
