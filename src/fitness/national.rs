//! The layout of the national upload 国家学生体质健康标准数据上报: a row a pupil, in the
//! columns of `seed/fitness-columns.csv`. Beside `qinghe fitness` the only way on which
//! what the table makes of measures leaves this folder; the number a pupil is known by
//! there stands in full, as the national system finds nobody without it.

use super::reading::upload_columns;
use super::standard::count;
use super::verdict::{band_of, tenths};
use super::{Item, Measure, TestedGrade, YearTests};
use crate::names::{ClassName, Sex};
use chrono::NaiveDate;

/// A pupil as the national system wants to know it.
pub struct Uploaded {
    pub class: ClassName,
    pub number: String,
    pub ethnic: Option<String>,
    pub name: String,
    pub sex: Sex,
    pub born_on: NaiveDate,
    pub tests: Option<YearTests>,
}

/// Header and rows of a school year.
pub fn national_rows(year: i32, pupils: &[Uploaded]) -> (Vec<String>, Vec<Vec<String>>) {
    let columns = upload_columns();
    let rows = pupils.iter().map(|pupil| {
        let told = Told::of(pupil);
        columns.iter().map(|(code, _)| cell(code, year, pupil, &told)).collect()
    });
    let rows = rows.collect();
    (columns.into_iter().map(|(_, header)| header).collect(), rows)
}

/// What the table makes of a year; empty where something is missing, or exempt.
#[derive(Default)]
struct Told {
    standard: String,
    extra: String,
    total: String,
    band: String,
}

impl Told {
    fn of(pupil: &Uploaded) -> Self {
        let Some(tests) = &pupil.tests else { return Told::default() };
        let counting = tests.counting();
        if counting.exempt {
            return Told { band: "免测".to_owned(), ..Told::default() };
        }
        let Ok(counted) = count(tests.tested, &counting, None) else { return Told::default() };
        let printed = |tenths: i32| format!("{}.{}", tenths / 10, tenths % 10);
        Told {
            standard: printed(tenths(counted.standard)),
            extra: counted.extra.to_string(),
            total: printed(tenths(counted.whole())),
            band: band_of(counted).word().to_owned(),
        }
    }
}

fn cell(code: &str, year: i32, pupil: &Uploaded, told: &Told) -> String {
    let grade = pupil.class.cohort.grade_in(year).map(|grade| grade_number(grade.into())).unwrap_or_default();
    match code {
        "grade_no" => grade,
        "class_no" => format!("{grade}{:02}", pupil.class.number),
        "class" => pupil.class.in_year(year),
        "number" => pupil.number.clone(),
        "ethnic" => pupil.ethnic.clone().unwrap_or_default(),
        "name" => pupil.name.clone(),
        "sex" => if pupil.sex == Sex::Male { "1" } else { "2" }.to_owned(),
        "born_on" => pupil.born_on.to_string(),
        "standard" => told.standard.clone(),
        "extra" => told.extra.clone(),
        "total" => told.total.clone(),
        "band" => told.band.clone(),
        "exempt" => pupil.tests.as_ref().filter(|tests| tests.counting().exempt).map_or("", |_| "是").to_owned(),
        item => {
            let measured = |item: Item| Some(written(item, pupil.tests.as_ref()?.counting().get(item)?));
            item.parse().ok().and_then(measured).unwrap_or_default()
        }
    }
}

/// 11–16 in primary school, 21–23 in junior high.
fn grade_number(grade: TestedGrade) -> String {
    match grade.number() {
        primary @ 1..=6 => format!("1{primary}"),
        junior => format!("2{}", junior - 6),
    }
}

fn written(item: Item, measure: Measure) -> String {
    let seconds = measure.in_thousandths() / 1000;
    if item.is_long_run() { format!("{}'{:02}\"", seconds / 60, seconds % 60) } else { measure.to_string() }
}
