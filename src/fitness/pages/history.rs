use crate::fitness::{History, Item, Measure, Measures, YearTests, build};
use crate::names::Cohort;
use serde::Serialize;

/// One pupil's measures, year beside year: a plain chart and a table. Measures, their
/// change over the child's own years, and the standard's words; nothing else.
#[derive(Serialize)]
pub struct HistoryView {
    /// `七年级`, in the order of time.
    years: Vec<String>,
    /// The standard's word, year by year.
    words: Vec<&'static str>,
    /// 体重指数's word, year by year.
    builds: Vec<&'static str>,
    rows: Vec<ItemView>,
}

impl HistoryView {
    /// Item by item what was measured, year by year, in words.
    pub fn lines(&self) -> Vec<(String, String)> {
        let said = |cells: &[String]| {
            let told = self.years.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
            told.map(|(year, cell)| format!("{year} {cell}")).collect::<Vec<_>>().join("，")
        };
        let words: Vec<String> = self.words.iter().map(|word| (*word).to_owned()).collect();
        let mut lines = vec![("等级".to_owned(), said(&words))];
        lines.extend(self.rows.iter().map(|row| (row.name.to_owned(), said(&row.cells))));
        lines
    }
}

#[derive(Serialize)]
struct ItemView {
    name: &'static str,
    cells: Vec<String>,
    /// `比上学年快了 0.4 秒`
    change: String,
    line: Option<LineView>,
}

/// A line through the years, 20 high; upward is further.
#[derive(Serialize)]
struct LineView {
    width: i32,
    points: String,
    dots: Vec<(i32, i32)>,
}

const STEP: i32 = 34;
const HEIGHT: i32 = 20;
const EDGE: i32 = 5;

/// `None` where nothing was measured.
pub fn history_view(history: &History, cohort: Cohort) -> Option<HistoryView> {
    if history.is_empty() {
        return None;
    }
    let years: Vec<(i32, &YearTests, Measures)> =
        history.years().map(|(year, tests)| (year, tests, tests.counting())).collect();
    let name = |year: i32| match cohort.grade_in(year) {
        Some(grade) => format!("{}年级", grade.character()),
        None => format!("{year} 学年"),
    };
    let rows = Item::ALL.iter().filter_map(|item| {
        let values: Vec<Option<Measure>> = years.iter().map(|(_, _, measures)| measures.get(*item)).collect();
        values.iter().any(Option::is_some).then(|| ItemView {
            name: item.name(),
            cells: values.iter().map(|value| value.map_or_else(|| "—".to_owned(), |value| item.say(value))).collect(),
            change: change(*item, &values),
            line: line(*item, &values),
        })
    });
    Some(HistoryView {
        years: years.iter().map(|(year, ..)| name(*year)).collect(),
        words: years.iter().map(|(_, tests, _)| tests.verdict().word()).collect(),
        builds: years.iter().map(|(_, tests, m)| build(tests.tested, m).map_or("—", |build| build.word())).collect(),
        rows: rows.collect(),
    })
}

fn is_timed(item: Item) -> bool {
    item == Item::Run50m || item.is_long_run()
}

/// What became of it since it was measured before.
fn change(item: Item, values: &[Option<Measure>]) -> String {
    let mut measured = values.iter().rev().flatten();
    let (Some(now), Some(before)) = (measured.next(), measured.next()) else { return String::new() };
    let difference = now.in_thousandths() - before.in_thousandths();
    let by = Measure::thousandths(difference.abs());
    if difference == 0 {
        return "和上次一样".to_owned();
    }
    let more = difference > 0;
    let word = match item {
        Item::Height => {
            if more {
                "长高了"
            } else {
                "矮了"
            }
        }
        Item::Weight => {
            if more {
                "重了"
            } else {
                "轻了"
            }
        }
        Item::LongJump => {
            if more {
                "远了"
            } else {
                "近了"
            }
        }
        _ if is_timed(item) => {
            if more {
                "慢了"
            } else {
                "快了"
            }
        }
        _ => {
            if more {
                "多了"
            } else {
                "少了"
            }
        }
    };
    format!("比上次{word} {by} {}", item.unit())
}

fn line(item: Item, values: &[Option<Measure>]) -> Option<LineView> {
    let measured: Vec<(i32, i32)> = values
        .iter()
        .enumerate()
        .filter_map(|(n, value)| Some((n as i32, value.as_ref()?.in_thousandths())))
        .map(|(n, value)| (n, if is_timed(item) { -value } else { value }))
        .collect();
    if measured.len() < 2 {
        return None;
    }
    let (low, high) = measured.iter().fold((i32::MAX, i32::MIN), |(l, h), (_, v)| (l.min(*v), h.max(*v)));
    let reach = (high - low).max(1);
    let dots: Vec<(i32, i32)> = measured
        .iter()
        .map(|(n, value)| {
            (EDGE + n * STEP, EDGE + HEIGHT - (i64::from(value - low) * i64::from(HEIGHT) / i64::from(reach)) as i32)
        })
        .collect();
    let points: Vec<String> = dots.iter().map(|(x, y)| format!("{x},{y}")).collect();
    Some(LineView { width: 2 * EDGE + (values.len() as i32 - 1) * STEP, points: points.join(" "), dots })
}
