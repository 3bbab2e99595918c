//! The national fitness standard, beside the cases and beside a second calculation.
use crate::place::Place;
use crate::roster::sheet;
use crate::support::{Person, School, scratch};
use qinghe::fitness::judge_table;
use qinghe::platform::workbook::{Cell, read};
use std::collections::HashMap;
use std::fmt::Write;

const CASES: &str = include_str!("../data/fitness-cases.csv");
const TABLE: &str = include_str!("../../seed/fitness-standard-2014.csv");
const WEIGHTS: &str = include_str!("../../seed/fitness-weights-2014.csv");

type Line = HashMap<String, String>;

fn lines(csv: &str) -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headers = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| headers.iter().map(str::to_owned).zip(record.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

#[test]
fn the_program_agrees_with_every_case() {
    let file = scratch().join("fitness-cases.csv");
    std::fs::write(&file, CASES).unwrap();
    let (code, said, complaint) = Place::empty().run(&["fitness", file.to_str().unwrap()]);
    assert_eq!((code, complaint.as_str()), (0, ""));
    assert!(said.starts_with("case_id,standard,bonus_total,total,band\n"), "{said}");
    let (cases, answers) = (lines(CASES), lines(&said));
    assert_eq!(cases.len(), 22);
    assert_eq!(cases.len(), answers.len());
    for (case, answer) in cases.iter().zip(&answers) {
        for column in ["case_id", "standard", "bonus_total", "total", "band"] {
            assert_eq!(answer[column], case[column], "{} {column}", case["case_id"]);
        }
    }
}

#[test]
fn what_is_missing_or_unreadable_is_said() {
    let say = |rows: &str| judge_table(&format!("case_id,grade,sex,height_cm,weight_kg,exempt,run_50m\n{rows}"));
    assert_eq!(say("a,7,male,160,50,,7.8\n").unwrap().lines().nth(1), Some("a,,,,数据不完整"));
    assert_eq!(say("a,7,女,,,1,\n").unwrap().lines().nth(1), Some("a,,,,免测"));
    for (row, part) in [
        ("a,12,male,,,,", "grade"),
        ("a,7,boy,,,,", "sex"),
        ("a,7,male,高,,,", "height_cm"),
        ("a,7,male,,,好,", "exempt"),
    ] {
        let said = say(row).unwrap_err().to_string();
        assert!(said.contains("第 2 行") && said.contains(part), "{said}");
    }
    assert!(judge_table("grade,sex\n7,male\n").unwrap_err().to_string().contains("case_id"));
}

/// The standard a second time, straight from the table and in no hurry: decimals as
/// fractions of ten thousand, rounding by long division of text.
mod naive {
    use super::{Line, TABLE, WEIGHTS, lines};
    use std::collections::HashMap;

    /// Ten-thousandths.
    pub fn decimal(text: &str) -> i128 {
        let negative = text.starts_with('-');
        let text = text.trim_start_matches('-');
        let mut parts = text.split('.');
        let whole: i128 = parts.next().unwrap().parse().unwrap();
        let mut part = parts.next().unwrap_or("").to_owned();
        while part.len() < 4 {
            part.push('0');
        }
        let value = whole * 10_000 + part.parse::<i128>().unwrap();
        if negative { -value } else { value }
    }

    /// A line of the table.
    pub struct Step {
        score: i128,
        pub threshold: Option<i128>,
        is_lower: bool,
        low: Option<i128>,
        high: Option<i128>,
    }

    pub struct Standard {
        rows: HashMap<(String, String, String), Vec<Step>>,
        weights: Vec<Line>,
    }

    impl Standard {
        pub fn read() -> Self {
            let mut rows: HashMap<_, Vec<Step>> = HashMap::new();
            for line in lines(TABLE) {
                let key = (line["grade"].clone(), line["sex"].clone(), line["item"].clone());
                let number = |column: &str| (!line[column].is_empty()).then(|| decimal(&line[column]));
                rows.entry(key).or_default().push(Step {
                    score: line["score"].parse().unwrap(),
                    threshold: number("threshold"),
                    is_lower: line["direction"] == "lower_better",
                    low: number("low"),
                    high: number("high"),
                });
            }
            Standard { rows, weights: lines(WEIGHTS) }
        }

        pub fn items(&self, grade: &str, sex: &str) -> Vec<&Line> {
            self.weights.iter().filter(|w| w["grade"] == grade && w["sex"] == sex).collect()
        }

        pub fn rows(&self, grade: &str, sex: &str, item: &str) -> &[Step] {
            self.rows.get(&(grade.to_owned(), sex.to_owned(), item.to_owned())).map_or(&[], Vec::as_slice)
        }

        /// `standard,bonus_total,total,band`, or what is said instead.
        pub fn judge(&self, pupil: &HashMap<&str, String>) -> String {
            if pupil["exempt"] == "1" {
                return ",,,免测".to_owned();
            }
            let (grade, sex) = (pupil["grade"].as_str(), pupil["sex"].as_str());
            let (mut standard, mut bonus) = (0, 0);
            for item in self.items(grade, sex) {
                let name = item["item"].as_str();
                let weight: i128 = item["weight_percent"].parse().unwrap();
                if name == "bmi" {
                    let (height, weight_kg) = (&pupil["height_cm"], &pupil["weight_kg"]);
                    if height.is_empty() || weight_kg.is_empty() {
                        return ",,,数据不完整".to_owned();
                    }
                    let index = index(decimal(height), decimal(weight_kg));
                    let index = index * 1000;
                    let range = self.rows(grade, sex, "bmi").iter().find(|row| {
                        row.low.is_none_or(|low| low <= index) && row.high.is_none_or(|high| index <= high)
                    });
                    standard += weight * range.unwrap().score;
                    continue;
                }
                let Some(measured) = pupil.get(name).filter(|m| !m.is_empty()) else {
                    return ",,,数据不完整".to_owned();
                };
                let measured = decimal(measured);
                let mut best = 0;
                let mut full = None;
                for row in self.rows(grade, sex, name) {
                    let Some(threshold) = row.threshold else { continue };
                    let reached = if row.is_lower { measured <= threshold } else { measured >= threshold };
                    if row.score == 100 {
                        full = Some((threshold, row.is_lower));
                    }
                    if reached && row.score > best {
                        best = row.score;
                    }
                }
                standard += weight * best;
                let (full, is_lower) = full.unwrap();
                let beyond = if is_lower { full - measured } else { measured - full };
                let mut extra = 0;
                for row in self.rows(grade, sex, &format!("{name}_bonus")) {
                    if beyond >= row.threshold.unwrap() {
                        extra = extra.max(row.score);
                    }
                }
                bonus += extra;
            }
            let (standard, total) = (half_up(standard), half_up(standard + bonus * 100));
            let word = if total >= 900 {
                "优秀"
            } else if total >= 800 {
                "良好"
            } else if total >= 600 {
                "及格"
            } else {
                "不及格"
            };
            format!("{}.{},{bonus},{}.{},{word}", standard / 10, standard % 10, total / 10, total % 10)
        }
    }

    /// Hundredths to tenths, by the last digit.
    fn half_up(hundredths: i128) -> i128 {
        hundredths / 10 + i128::from(hundredths % 10 >= 5)
    }

    /// The greatest number of tenths whose half-step below is not above kg / m².
    fn index(height: i128, weight: i128) -> i128 {
        // kg / m² ≥ (t − 0.5) / 10  ⇔  2t − 1 ≤ weight · 20 · 10⁸ / height² (both in ten-thousandths).
        (weight * 20 * 100_000_000 / (height * height) + 1) / 2
    }
}

/// A small generator of its own, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn tenths(&mut self, from: i64, to: i64) -> String {
        let value = from + self.roll((to - from) as u64) as i64;
        let sign = if value < 0 { "-" } else { "" };
        format!("{sign}{}.{}", value.abs() / 10, value.abs() % 10)
    }
}

#[test]
fn two_hundred_thousand_pupils_agree_with_a_second_calculation() {
    const PUPILS: usize = 200_000;
    let standard = naive::Standard::read();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let columns = [
        "case_id",
        "grade",
        "sex",
        "height_cm",
        "weight_kg",
        "exempt",
        "vital_capacity",
        "run_50m",
        "sit_and_reach",
        "rope_skip_1min",
        "long_jump",
        "pull_up",
        "sit_up_1min",
        "shuttle_50x8",
        "run_1000m",
        "run_800m",
    ];
    let mut table = format!("{}\n", columns.join(","));
    let mut wanted = Vec::with_capacity(PUPILS);
    for n in 0..PUPILS {
        let (grade, sex) = ((1 + dice.roll(9)).to_string(), if dice.roll(2) == 0 { "male" } else { "female" });
        let mut pupil: HashMap<&str, String> = columns.iter().map(|column| (*column, String::new())).collect();
        pupil.insert("case_id", n.to_string());
        pupil.insert("sex", sex.to_owned());
        pupil.insert("height_cm", dice.tenths(1050, 1950));
        pupil.insert("weight_kg", dice.tenths(150, 1100));
        for item in standard.items(&grade, sex) {
            let Some(name) = columns.iter().find(|column| **column == item["item"]) else { continue };
            // Half of all measures lie on a step of the table or a hair beside it.
            let steps: Vec<i128> =
                standard.rows(&grade, sex, name).iter().filter_map(|row| Some(row.threshold? / 1000)).collect();
            let (low, high) = (*steps.iter().min().unwrap() as i64, *steps.iter().max().unwrap() as i64);
            let whole = !["run_50m", "sit_and_reach"].contains(name);
            let unit = if whole { 10 } else { 1 };
            let value = if dice.roll(2) == 0 {
                steps[dice.roll(steps.len() as u64) as usize] as i64 + (dice.roll(3) as i64 - 1) * unit
            } else {
                let room = (high - low) / 3 + unit * 12;
                let value = low - room + dice.roll((high - low + 2 * room) as u64) as i64;
                if whole { value / 10 * 10 } else { value }
            };
            let value = if *name == "sit_and_reach" { value } else { value.max(0) };
            let sign = if value < 0 { "-" } else { "" };
            let text = if whole {
                (value / 10).to_string()
            } else {
                format!("{sign}{}.{}", value.abs() / 10, value.abs() % 10)
            };
            let missing = dice.roll(60) == 0;
            pupil.insert(name, if missing { String::new() } else { text });
        }
        if dice.roll(100) == 0 {
            pupil.insert("exempt", "1".to_owned());
        }
        pupil.insert("grade", grade);
        let row: Vec<&str> = columns.iter().map(|column| pupil[column].as_str()).collect();
        writeln!(table, "{}", row.join(",")).unwrap();
        wanted.push(format!("{n},{}", standard.judge(&pupil)));
    }
    let said = judge_table(&table).unwrap();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for ((answer, wanted), row) in said.lines().skip(1).zip(&wanted).zip(table.lines().skip(1)) {
        assert_eq!(answer, wanted, "{row}");
        *seen.entry(answer.rsplit(',').next().unwrap()).or_default() += 1;
    }
    assert_eq!(said.lines().count(), PUPILS + 1);
    for word in ["优秀", "良好", "及格", "不及格", "免测", "数据不完整"] {
        assert!(seen.get(word).copied().unwrap_or(0) > 1_000, "{seen:?}");
    }
}

const HEADER: [&str; 12] = [
    "班级名称",
    "班内学号",
    "姓名",
    "性别",
    "身高",
    "体重",
    "肺活量",
    "50米跑",
    "坐位体前屈",
    "立定跳远（厘米）",
    "引体向上",
    "1000米跑",
];
/// The girls' columns after the boys'.
const GIRLS: [&str; 2] = ["一分钟仰卧起坐", "800米跑"];

pub fn header() -> Vec<&'static str> {
    HEADER.iter().chain(&GIRLS).copied().collect()
}

pub fn li(run: &str) -> Vec<&str> {
    vec!["八年级(1)班", "1", "李沐阳", "男", "165", "52", "3940", "7.5", "19.6", "240", "14", run, "", ""]
}

pub fn chen<'a>(jump: &'a str, run: &'a str) -> Vec<&'a str> {
    vec!["八年级(1)班", "2", "陈𠮷䶮", "女", "158", "48", "2650", "8.5", "17.6", jump, "", "", "46", run]
}

pub fn desk(school: &School) -> String {
    format!("/subject/{}/fitness", school.map.class)
}

pub async fn try_file(school: &School, pe: &Person<'_>, bytes: &[u8], sitting: &str) -> crate::support::Answer {
    pe.upload(&desk(school), "体测.xlsx", bytes, &[("sitting", sitting)]).await
}

async fn take(school: &School, pe: &Person<'_>, rows: &[Vec<&str>], sitting: &str) {
    let tried = try_file(school, pe, &sheet(&header(), rows), sitting).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    let token = tried.hidden("token").unwrap_or_else(|| panic!("{}", tried.text)).to_owned();
    let taken = pe.post(&format!("{}/take", desk(school)), &[("token", &token)]).await;
    assert!(taken.location.ends_with(&format!("?taken={}", rows.len())), "{} {}", taken.status, taken.text);
}

#[actix_web::test]
async fn a_workbook_is_tried_then_taken_and_the_family_sees_measures_and_words() {
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let rows = [li("3'48\""), chen("181", "3.26")];
    take(&school, &pe, &rows, "first").await;

    let page = pe.get(&desk(&school)).await.text;
    assert!(page.contains("2 / 3 人齐全") && page.contains("没有数据"), "{page}");
    let again = try_file(&school, &pe, &sheet(&header(), &rows), "first").await;
    assert!(again.hidden("token").is_none() && again.text.contains("和库里一样"), "{}", again.text);

    let family = school.sign_in("li-parent").await.get(&format!("/child/{}/learning", school.map.li)).await.text;
    for seen in ["体质测试<small>优秀</small>", "3′48″", "7.5 秒", "165 厘米", "正常"] {
        assert!(family.contains(seen), "{seen}: {family}");
    }
    assert!(!family.contains("100.0"), "no number of the table is shown");
    let other = school.sign_in("chen-parent").await.get(&format!("/child/{}/learning", school.map.chen)).await.text;
    assert!(other.contains("3′26″") && !other.contains("3′48″"));
}

#[actix_web::test]
async fn a_second_year_makes_a_line_and_a_make_up_test_mends_a_year() {
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let mut weak = li("6'45\"");
    (weak[6], weak[7], weak[8], weak[9], weak[10]) = ("1870", "10.5", "-7.4", "165", "1");
    take(&school, &pe, &[weak], "first").await;
    assert!(pe.get(&desk(&school)).await.text.contains("不及格"));
    take(&school, &pe, &[li("3'48\"")], "makeup").await;
    let page = pe.get(&desk(&school)).await.text;
    assert!(page.contains("优秀") && page.contains("有补测"), "{page}");

    // The year before, in grade 7, as the school's own table holds it.
    use diesel::prelude::*;
    let earlier = "INSERT INTO fitness_test (school_id, student_id, year, sitting, revision, grade, standard, exempt, height_cm, run_50m, account_id, at) \
        SELECT school_id, student_id, year - 1, sitting, revision, grade - 1, standard, exempt, height_cm - 6000, run_50m - 2600, account_id, at FROM fitness_test WHERE sitting = 'first'";
    let mut conn = school.raw();
    qinghe::on!(&mut conn, c => diesel::sql_query(earlier).execute(c)).unwrap();
    let family = school.sign_in("li-parent").await.get(&format!("/child/{}/learning", school.map.li)).await.text;
    for seen in ["<polyline points=", "比上次长高了 6 厘米", "比上次快了 0.4 秒", "数据不完整", "七年级"]
    {
        assert!(family.contains(seen), "{seen}: {family}");
    }
}

#[actix_web::test]
async fn each_bad_row_says_where_and_how_and_good_rows_are_taken() {
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let mut guan = chen("17", "3'26\"");
    (guan[1], guan[2]) = ("3", "关雪晴");
    (guan[5], guan[10]) = ("0", "3");
    let mut stranger = li("228");
    (stranger[1], stranger[2]) = ("9", "不在册");
    let mut elsewhere = li("228");
    (elsewhere[0], elsewhere[2]) = ("八年级(2)班", "赵清如");
    let rows = vec![li("3:48"), chen("1.81", "3'75\""), guan, header(), stranger, elsewhere];
    let tried = try_file(&school, &pe, &sheet(&header(), &rows), "first").await;
    for said in [
        "1.81 米写成 181",
        "秒数不到 60",
        "不可能：立定跳远",
        "不可能：体重",
        "引体向上只有男生测，关雪晴是女生",
        "不在这个班的名单里",
        "别班的 1 行跳过了",
        r#"<dd class="num">1<small>行可以收"#,
        r#"<dd class="num">3<small>行"#,
    ] {
        assert!(tried.text.contains(said), "{said}: {}", tried.text);
    }
    let from = tried.text.find("base64,").unwrap() + 7;
    let encoded = &tried.text[from..from + tried.text[from..].find('"').unwrap()];
    use base64::Engine as _;
    let book = read(&base64::engine::general_purpose::STANDARD.decode(encoded).unwrap()).unwrap();
    let lines: Vec<Vec<String>> = book.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
    assert_eq!(lines.len(), 4, "the header and three refused rows");
    assert!(lines[1][0].starts_with("立定跳远（厘米）：") && lines[1].contains(&"陈𠮷䶮".to_owned()));

    let token = tried.hidden("token").unwrap().to_owned();
    assert_eq!(pe.post(&format!("{}/take", desk(&school)), &[("token", &token)]).await.status, 303);
    assert_eq!(pe.post(&format!("{}/take", desk(&school)), &[("token", &token)]).await.status, 409, "taken once");
    assert!(pe.get(&desk(&school)).await.text.contains("1 / 3 人齐全"));

    // The workbook that came back, mended, is taken as it is.
    let header: Vec<&str> = lines[0].iter().map(String::as_str).collect();
    let mut mended: Vec<Vec<&str>> = lines[1..3].iter().map(|line| line.iter().map(String::as_str).collect()).collect();
    let place = |name: &str| header.iter().position(|h| *h == name).unwrap();
    (mended[0][place("立定跳远（厘米）")], mended[0][place("800米跑")]) = ("181", "3'45\"");
    (mended[1][place("立定跳远（厘米）")], mended[1][place("体重")], mended[1][place("引体向上")]) = ("170", "48", "");
    let tried = try_file(&school, &pe, &sheet(&header, &mended), "first").await;
    assert!(tried.text.contains(r#"<dd class="num">2<small>行可以收"#), "{}", tried.text);
}

#[actix_web::test]
async fn what_excel_makes_of_times_and_headers_is_understood() {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    // A title, a merged header over the items, and the header proper below it.
    page.merge_range(0, 0, 0, 5, "八年级(1)班体质测试", &Format::new()).unwrap();
    page.merge_range(1, 1, 1, 2, "身体形态", &Format::new()).unwrap();
    for (column, title) in ["姓名", "身高\n（cm）", "体重（kg）", "800米", "1000米", "备注"].iter().enumerate()
    {
        page.write_string(2, column as u16, *title).unwrap();
    }
    page.set_column_hidden(2).unwrap();
    page.write_string(3, 0, "李 沐阳").unwrap();
    page.write_number(3, 1, 165.5).unwrap();
    page.write_number(3, 2, 52.0).unwrap();
    let clock = Format::new().set_num_format("h:mm");
    page.write_datetime_with_format(3, 4, ExcelDateTime::from_hms(3, 48, 0).unwrap(), &clock).unwrap();
    page.write_string(4, 0, "陈𠮷䶮").unwrap();
    page.write_number(4, 3, 3.5).unwrap();
    page.write_string(5, 0, "测试员：彭刚").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let tried = try_file(&school, &pe, &bytes, "first").await;
    assert!(tried.text.contains(r#"<dd class="num">2<small>行可以收"#), "{}", tried.text);
    assert!(tried.text.contains("3.5 当作 3′50″"), "{}", tried.text);
    let token = tried.hidden("token").unwrap().to_owned();
    pe.post(&format!("{}/take", desk(&school)), &[("token", &token)]).await;
    let family = school.sign_in("li-parent").await.get(&format!("/child/{}/learning", school.map.li)).await.text;
    assert!(family.contains("3′48″") && family.contains("165.5 厘米") && family.contains("数据不完整"), "{family}");
}

#[actix_web::test]
async fn the_template_has_the_class_by_seat_and_comes_back_as_it_went() {
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let template = pe.get(&format!("{}/template.xlsx", desk(&school))).await;
    let book = read(&template.bytes).unwrap();
    let names: Vec<String> = book.rows.iter().skip(1).map(|row| row[2].shown()).collect();
    assert_eq!(names, ["李沐阳", "陈𠮷䶮", "关雪晴"]);
    let titles: Vec<String> = book.rows[0].iter().map(Cell::shown).collect();
    assert!(titles.iter().any(|t| t.starts_with("引体向上")) && titles.iter().any(|t| t.starts_with("800米跑")));
    assert!(!titles.iter().any(|t| t.contains("跳绳")), "no item of other grades: {titles:?}");
    let empty = try_file(&school, &pe, &template.bytes, "first").await;
    assert_eq!(empty.status, 422);
    assert!(empty.text.contains("表头下面没有"), "{}", empty.text);
    let bad = pe.upload(&desk(&school), "名单.csv", "甲,乙\n1,2\n".as_bytes(), &[]).await;
    assert!(bad.status == 422 && bad.text.contains("找不到表头"));
}

#[actix_web::test]
async fn an_exempt_pupil_is_noted_and_a_sealed_year_stands() {
    let school = School::open();
    let pe = school.sign_in("peng").await;
    let header = ["姓名", "身高", "体重", "免测"];
    let tried = try_file(&school, &pe, &sheet(&header, &[vec!["关雪晴", "", "", "是"]]), "first").await;
    let token = tried.hidden("token").unwrap().to_owned();
    pe.post(&format!("{}/take", desk(&school)), &[("token", &token)]).await;
    assert!(pe.get(&desk(&school)).await.text.contains("免测"));
    let conn = &mut school.raw();
    for sql in ["UPDATE fitness_test SET height_cm = 1", "DELETE FROM fitness_test"] {
        use diesel::prelude::*;
        let said = qinghe::on!(&mut *conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string();
        assert!(said.contains("append-only"), "{said}");
    }
}
