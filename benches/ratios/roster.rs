//! A roster checked and taken, beside the bare read of the same file.

use crate::{Bench, cpu, line, median};
use qinghe::access::Operator;
use qinghe::names::Cohort;
use qinghe::roster::reading::read_roster;
use qinghe::roster::{DryRun, OpenClass, Verdict};

const ROSTER_ROWS: usize = 1_200;

impl Bench {
    pub(crate) async fn roster(&self) {
        let workbook = roster_workbook(ROSTER_ROWS);
        let office = Operator::at(&self.door).school_office(&self.school).await.unwrap();
        for number in 10..10 + ROSTER_ROWS.div_ceil(45) as i32 {
            office.act(move |_| Ok(OpenClass { cohort: Cohort(2025), number })).await.unwrap();
        }
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        let mut counts = Vec::new();
        for round in 0..5 {
            let before = cpu();
            let sheet = qinghe::platform::workbook::read(&workbook).unwrap();
            assert_eq!(sheet.rows.len(), ROSTER_ROWS + 1);
            bare.push((cpu() - before).max(0.005));
            let (bytes, code, keys, whole) =
                (workbook.clone(), self.school.clone(), self.door.house().keys.clone(), office.whole_school());
            let before = cpu();
            let run = office
                .look(move |look| {
                    let read = read_roster(&bytes, &code, 2026)
                        .map_err(|e| qinghe::access::Refused::conflict(e.to_string()))?;
                    DryRun::of(look, whole, &keys, &read, 2026)
                })
                .await
                .unwrap();
            counts.push((run.count(Verdict::New), run.count(Verdict::Same), run.count(Verdict::Refused)));
            if round == 0 {
                assert_eq!(run.count(Verdict::New), ROSTER_ROWS, "{counts:?}");
                let take = run.take(&self.door.house().keys);
                office.act(move |_| Ok(take)).await.unwrap();
                ours.insert(0, cpu() - before);
            }
        }
        assert_eq!(counts[4].1, ROSTER_ROWS, "the same file twice changes nothing");
        let (ours, bare) = (ours[0], median(bare));
        line(
            &format!("{ROSTER_ROWS} 行名单，查和收 CPU"),
            format!("{:.0} ms", ours * 1000.0),
            format!("{:.0} ms", bare * 1000.0),
            format!("{:.1}", ours / bare),
            "≤ 10",
        );
    }
}

/// A roster as the national system exports one: grade 8, new pupils, right numbers.
fn roster_workbook(rows: usize) -> Vec<u8> {
    let header = [
        "姓名",
        "性别",
        "出生日期",
        "全国学籍号",
        "身份证件类型",
        "身份证件号",
        "年级",
        "班级",
        "班内学号",
        "民族",
        "入学年月",
    ];
    let body: Vec<Vec<String>> = (0..rows)
        .map(|n| {
            let born = chrono::NaiveDate::from_ymd_opt(2013, 1, 1).unwrap() + chrono::Days::new((n % 365) as u64);
            let body = format!("210421{}{:03}", born.format("%Y%m%d"), (n / 365 * 2) % 1000 + 500);
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
            let number =
                format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]);
            [
                format!("测量{}", char::from_u32(0x4e00 + n as u32).unwrap()),
                "女".to_owned(),
                born.format("%Y-%m-%d").to_string(),
                format!("G{number}"),
                "居民身份证".to_owned(),
                number,
                "八年级".to_owned(),
                format!("{}班", n / 45 + 10),
                format!("{}", n % 45 + 1),
                "汉族".to_owned(),
                "202509".to_owned(),
            ]
            .to_vec()
        })
        .collect();
    qinghe::platform::workbook::write("名单", &header.map(str::to_owned), &body).unwrap()
}
