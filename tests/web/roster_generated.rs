//! Thousands of generated rosters: no panic, every refused row explained, every good row
//! exact.
use chrono::{Datelike, NaiveDate};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use qinghe::names::Sex;
use qinghe::roster::reading::read_roster;

/// A pupil as a sheet writes it, and what is to be read of it.
#[derive(Clone, Debug)]
struct Pupil {
    name: String,
    sex: (Sex, &'static str),
    born: NaiveDate,
    spelling: usize,
    class: (i32, i32, usize),
    ethnic: Option<(&'static str, &'static str)>,
    /// Broken in this way; `None` is a good row.
    broken: Option<usize>,
}

const ALIASES: [&[&str]; 6] = [
    &["姓名", "学生姓名", " 姓 名 ", "姓名*"],
    &["性别", "性别（必填）"],
    &["出生日期", "出生年月", "生日"],
    &["班号", "班级", "所属班级", "行政班"],
    &["全国学籍号", "学籍号"],
    &["民族"],
];

fn checked(body: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize])
}

impl Pupil {
    fn number(&self, serial: usize) -> String {
        let odd = usize::from(self.sex.0 == Sex::Male);
        let serial = serial * 2 + odd;
        format!("G{}", checked(&format!("210421{}{serial:03}", self.born.format("%Y%m%d"))))
    }

    fn class_cell(&self) -> String {
        let (grade, number, spelling) = self.class;
        let word = ["七", "八", "九"][(grade - 7) as usize];
        let cohort = 2026 - (grade - 7);
        match spelling {
            0 => format!("{word}年级({number})班"),
            1 => format!("{word}({number})班"),
            2 => format!("{cohort}级{number}班"),
            3 => format!("{grade}{number:02}"),
            4 => format!("初{}（{number}）班", ["一", "二", "三"][(grade - 7) as usize]),
            _ => format!("{grade}年级{number}班"),
        }
    }

    fn cells(&self, serial: usize) -> [String; 6] {
        let born = match self.spelling {
            0 => self.born.format("%Y-%m-%d").to_string(),
            1 => self.born.format("%Y%m%d").to_string(),
            2 => format!("{}.{}.{}", self.born.year(), self.born.month(), self.born.day()),
            3 => format!("{}年{}月{}日", self.born.year(), self.born.month(), self.born.day()),
            4 => self.born.format("%Y/%m/%d").to_string(),
            _ => String::new(),
        };
        let number = self.number(serial);
        let mut cells = [
            self.name.clone(),
            self.sex.1.to_owned(),
            born,
            self.class_cell(),
            number,
            self.ethnic.map_or(String::new(), |(word, _)| word.to_owned()),
        ];
        match self.broken {
            None => {}
            Some(0) => cells[0] = String::new(),
            Some(1) => cells[1] = "不详".to_owned(),
            Some(2) => cells[2] = "2013.2.30".to_owned(),
            Some(3) => cells[3] = "实验班".to_owned(),
            Some(4) => cells[4] = format!("{}9", &cells[4][..18]),
            Some(5) => cells[4] = "2.10421E+17".to_owned(),
            Some(6) => cells[5] = "火星族".to_owned(),
            Some(7) => cells[0] = "李2".to_owned(),
            _ => cells[4] = String::new(),
        }
        // A check digit that happens to be 9 is no fault.
        if self.broken == Some(4) && cells[4] == self.number(serial) {
            cells[4].pop();
        }
        cells
    }
}

fn pupil() -> impl Strategy<Value = Pupil> {
    let surname = prop::sample::select(vec!["李", "陈", "关", "佟", "欧阳"]);
    let given = prop::sample::select(vec!["沐阳", "𠮷䶮", "雪", "晴", "小 禾"]);
    let sex =
        prop::sample::select(vec![(Sex::Male, "男"), (Sex::Male, "1"), (Sex::Female, "女"), (Sex::Female, "2-女")]);
    let ethnic =
        prop::option::of(prop::sample::select(vec![("汉族", "01"), ("满", "11"), ("11", "11"), ("锡伯族", "38")]));
    let broken = prop_oneof![4 => Just(None), 1 => (0..9_usize).prop_map(Some)];
    ((surname, given), sex, 0..1500_i64, 0..6_usize, (7..=9, 1..=3, 0..6_usize), ethnic, broken).prop_map(
        |((surname, given), sex, days, spelling, class, ethnic, broken)| {
            let born = NaiveDate::from_ymd_opt(2011, 9, 1).unwrap() + chrono::Duration::days(days);
            Pupil { name: format!("{surname}{given}"), sex, born, spelling, class, ethnic, broken }
        },
    )
}

/// Columns in some order, each by one of its names, with columns of others between.
fn file(pupils: &[Pupil], order: &[usize], alias: usize, kind: usize, title: bool) -> Vec<u8> {
    let mut lines: Vec<Vec<String>> = Vec::new();
    if title {
        lines.push(vec!["某校学籍名单".to_owned()]);
    }
    let names = order.iter().map(|column| match ALIASES.get(*column) {
        Some(names) => names[alias % names.len()].to_owned(),
        None => "家庭住址".to_owned(),
    });
    lines.push(names.collect());
    for (serial, pupil) in pupils.iter().enumerate() {
        let cells = pupil.cells(serial);
        lines.push(order.iter().map(|column| cells.get(*column).cloned().unwrap_or("某村".to_owned())).collect());
    }
    if kind == 3 {
        let mut book = rust_xlsxwriter::Workbook::new();
        let page = book.add_worksheet();
        for (line, row) in lines.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                page.write_string(line as u32, column as u16, cell).unwrap();
            }
        }
        return book.save_to_buffer().unwrap();
    }
    let text: String = lines.iter().map(|row| row.join(if kind == 2 { "\t" } else { "," }) + "\r\n").collect();
    match kind {
        0 => text.into_bytes(),
        1 => [b"\xef\xbb\xbf".to_vec(), text.into_bytes()].concat(),
        _ => encoding_rs::GB18030.encode(&text).0.into_owned(),
    }
}

#[test]
fn every_good_row_is_exact_and_every_refused_row_explained() {
    let order = Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle();
    let rosters = (prop::collection::vec(pupil(), 1..40), order, 0..4_usize, 0..4_usize, any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 256, ..Config::default() });
    let tested = runner.run(&rosters, |(pupils, order, alias, kind, title)| {
        let bytes = file(&pupils, &order, alias, kind, title);
        let read = read_roster(&bytes, "3121042101", 2026).map_err(|why| TestCaseError::fail(why.to_string()))?;
        prop_assert_eq!(read.rows.len(), pupils.len());
        for (serial, (row, meant)) in read.rows.iter().zip(&pupils).enumerate() {
            if meant.broken.is_some() {
                prop_assert!(row.pupil.is_none(), "{:?} is taken: {:?}", meant, row.pupil);
            }
            match &row.pupil {
                None => {
                    prop_assert!(!row.faults.is_empty(), "refused without a reason: {:?}", meant);
                    prop_assert!(row.faults.iter().all(|f| !f.cure.is_empty() && !f.column.is_empty()));
                    prop_assert!(meant.broken.is_some(), "{:?} is refused: {:?}", meant, row.faults);
                }
                Some(pupil) => {
                    prop_assert_eq!(&pupil.name, &meant.name.replace(' ', ""));
                    prop_assert_eq!((pupil.sex, pupil.born_on), (meant.sex.0, meant.born));
                    prop_assert_eq!(&pupil.number, &meant.number(serial));
                    let class = row.class.unwrap();
                    prop_assert_eq!((class.cohort.0, class.number), (2033 - meant.class.0, meant.class.1));
                    prop_assert_eq!(pupil.ethnic.as_deref(), meant.ethnic.map(|(_, code)| code));
                }
            }
        }
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn whatever_bytes_are_brought_nothing_panics() {
    let mut runner = TestRunner::new(Config { cases: 400, ..Config::default() });
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..2_000),
        "(姓名|性别|班号|学籍号|[,\t\r\n\"])*[\\PC,\n]{0,400}".prop_map(String::into_bytes),
        ("姓名,性别,班号,学籍号\n", "[\\PC,\n\"]{0,400}").prop_map(|(head, rest)| format!("{head}{rest}").into_bytes()),
    ];
    let tested = runner.run(&bytes, |bytes| {
        if let Ok(read) = read_roster(&bytes, "3121042101", 2026) {
            prop_assert!(read.rows.iter().all(|row| row.pupil.is_some() || !row.faults.is_empty()));
        }
        Ok(())
    });
    tested.unwrap();
}
