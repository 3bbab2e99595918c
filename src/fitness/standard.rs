//! The table of the standard, read from `seed/`: thresholds, weights, extra points.

use super::{Build, Item, Measure, Measures, Tested, TestedGrade};
use crate::names::Sex;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Which edition the measures are read by; stored beside them.
pub const STANDARD_VERSION: &str = "2014";

const SEED_TABLE: &str = include_str!("../../seed/fitness-standard-2014.csv");
const SEED_WEIGHTS: &str = include_str!("../../seed/fitness-weights-2014.csv");

/// What one item counts for one grade and sex.
struct Column {
    /// Hundredths of the whole.
    weight: i32,
    /// Points out of 100, with the measure that reaches them.
    steps: Vec<(i32, Measure)>,
    /// Extra points, with how far beyond the 100-point measure they begin.
    beyond: Vec<(i32, Measure)>,
}

struct BuildRange {
    build: Build,
    points: i32,
    low: Option<Measure>,
    high: Option<Measure>,
}

/// The whole of one grade and sex.
#[derive(Default)]
struct Sheet {
    builds: Vec<BuildRange>,
    build_weight: i32,
    columns: Vec<(Item, Column)>,
}

static SHEETS: LazyLock<HashMap<Tested, Sheet>> = LazyLock::new(read_seed);

fn read_seed() -> HashMap<Tested, Sheet> {
    let mut sheets: HashMap<Tested, Sheet> = HashMap::new();
    for row in csv::Reader::from_reader(SEED_WEIGHTS.as_bytes()).records().flatten() {
        let Some(tested) = tested(&row[0], &row[1]) else { continue };
        let sheet = sheets.entry(tested).or_default();
        let weight = row[5].parse().unwrap_or_default();
        match row[2].parse::<Item>() {
            Ok(item) => sheet.columns.push((item, Column { weight, steps: Vec::new(), beyond: Vec::new() })),
            Err(_) => sheet.build_weight = weight,
        }
    }
    for row in csv::Reader::from_reader(SEED_TABLE.as_bytes()).records().flatten() {
        let (Some(sheet), Ok(points)) =
            (tested(&row[0], &row[1]).and_then(|t| sheets.get_mut(&t)), row[5].parse::<i32>())
        else {
            continue;
        };
        if &row[2] == "bmi" {
            if let Some(build) = Build::of_word(&row[7]) {
                sheet.builds.push(BuildRange { build, points, low: row[8].parse().ok(), high: row[9].parse().ok() });
            }
            continue;
        }
        // A step without threshold is one the table leaves out for small counts.
        let Ok(threshold) = row[6].parse::<Measure>() else { continue };
        let (name, is_beyond) = row[2].strip_suffix("_bonus").map_or((&row[2], false), |name| (name, true));
        let Some((_, column)) =
            name.parse().ok().and_then(|item: Item| sheet.columns.iter_mut().find(|(known, _)| *known == item))
        else {
            continue;
        };
        if is_beyond { &mut column.beyond } else { &mut column.steps }.push((points, threshold));
    }
    sheets
}

fn tested(grade: &str, sex: &str) -> Option<Tested> {
    let sex = match sex {
        "male" => Sex::Male,
        "female" => Sex::Female,
        _ => return None,
    };
    Some(Tested { grade: TestedGrade::of(grade.parse().ok()?)?, sex })
}

/// Whether less is better.
fn is_timed(item: Item) -> bool {
    matches!(item, Item::Run50m | Item::Shuttle | Item::Run1000m | Item::Run800m)
}

fn reaches(item: Item, measured: Measure, threshold: Measure) -> bool {
    if is_timed(item) { measured <= threshold } else { measured >= threshold }
}

impl Column {
    fn points(&self, item: Item, measured: Measure) -> i32 {
        self.steps.iter().filter(|(_, at)| reaches(item, measured, *at)).map(|(points, _)| *points).max().unwrap_or(0)
    }

    fn extra(&self, item: Item, measured: Measure) -> i32 {
        let Some((_, full)) = self.steps.iter().find(|(points, _)| *points == 100) else { return 0 };
        let beyond = measured.in_thousandths() - full.in_thousandths();
        let beyond = if is_timed(item) { -beyond } else { beyond };
        self.beyond
            .iter()
            .filter(|(_, from)| beyond >= from.in_thousandths())
            .map(|(points, _)| *points)
            .max()
            .unwrap_or(0)
    }
}

/// What the table makes of whole measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    /// 标准分, in hundredths.
    pub standard: i32,
    /// 附加分.
    pub extra: i32,
    pub build: Build,
}

impl Counted {
    /// 学年总和, in hundredths.
    pub fn whole(self) -> i32 {
        self.standard + self.extra * 100
    }
}

/// Weight in kg over the square of height in m, rounded half up to 0.1.
pub(super) fn body_mass_index(height: Measure, weight: Measure) -> Option<Measure> {
    let (height, weight) = (i64::from(height.in_thousandths()), i64::from(weight.in_thousandths()));
    if height <= 0 || weight <= 0 {
        return None;
    }
    // (weight / 1000) / (height / 100 000)² in tenths is weight · 10⁸ / height².
    let square = height * height;
    let tenths = (2 * weight * 100_000_000 + square) / (2 * square);
    i32::try_from(tenths).ok().filter(|tenths| *tenths < 10_000).map(Measure::tenths)
}

/// 体重指数's word.
pub(super) fn build_of(tested: Tested, index: Measure) -> Option<(Build, i32)> {
    let index = index.rounded(1);
    let ranges = &SHEETS.get(&tested)?.builds;
    let holds = |r: &&BuildRange| r.low.is_none_or(|low| low <= index) && r.high.is_none_or(|high| index <= high);
    ranges.iter().find(holds).map(|range| (range.build, range.points))
}

/// The items of a grade and sex, height and weight first.
pub fn items_of(tested: Tested) -> Vec<Item> {
    let columns = SHEETS.get(&tested).map(|sheet| sheet.columns.as_slice()).unwrap_or_default();
    [Item::Height, Item::Weight].into_iter().chain(columns.iter().map(|(item, _)| *item)).collect()
}

/// Reads the table; `index` stands in where height or weight is missing.
///
/// # Errors
/// The items that are missing: without one there is no whole.
pub(super) fn count(tested: Tested, measures: &Measures, index: Option<Measure>) -> Result<Counted, Vec<Item>> {
    let Some(sheet) = SHEETS.get(&tested) else { return Err(Vec::new()) };
    let mut missing = Vec::new();
    let computed = match (measures.get(Item::Height), measures.get(Item::Weight)) {
        (Some(height), Some(weight)) => body_mass_index(height, weight),
        _ => index,
    };
    let built = computed.and_then(|index| build_of(tested, index));
    if built.is_none() {
        missing.extend([Item::Height, Item::Weight].into_iter().filter(|item| measures.get(*item).is_none()));
    }
    let (mut standard, mut extra) = (0, 0);
    for (item, column) in &sheet.columns {
        match measures.get(*item) {
            Some(measured) => {
                standard += column.weight * column.points(*item, measured);
                extra += column.extra(*item, measured);
            }
            None => missing.push(*item),
        }
    }
    match built {
        Some((build, points)) if missing.is_empty() => {
            Ok(Counted { standard: standard + sheet.build_weight * points, extra, build })
        }
        _ => Err(missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_is_whole() {
        assert_eq!(SHEETS.len(), 18);
        for (tested, sheet) in SHEETS.iter() {
            let weights: i32 = sheet.columns.iter().map(|(_, column)| column.weight).sum();
            assert_eq!(weights + sheet.build_weight, 100, "{tested:?}");
            assert_eq!(sheet.builds.len(), 4, "{tested:?}");
            for (item, column) in &sheet.columns {
                assert!(column.steps.len() >= 13, "{tested:?} {item:?}");
                assert_eq!(column.steps.iter().map(|(points, _)| *points).max(), Some(100));
            }
            let most: i32 = sheet.columns.iter().filter_map(|(_, c)| c.beyond.iter().map(|(p, _)| *p).max()).sum();
            assert_eq!(most, 20, "{tested:?}");
        }
    }
}
