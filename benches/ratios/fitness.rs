//! PE workbooks checked and taken, beside the bare read of the same files.

use crate::{Bench, cpu, line};
use actix_web::test::{self, TestRequest};
use std::time::{Duration, Instant};

const TEST_ROWS: usize = 1_200;

impl Bench {
    /// PE workbooks, class by class through the front door, until so many rows are
    /// checked and taken; the ceiling is the bare read of the same files.
    pub(crate) async fn fitness(&self) {
        let mut desks = Vec::new();
        for (class, _) in &self.homerooms {
            let path = format!("/subject/{class}/fitness");
            for teacher in &self.teachers {
                if (self.app)(teacher.request(TestRequest::get().uri(&path))).await.status() == 200 {
                    desks.push((path.clone(), teacher));
                    break;
                }
            }
        }
        assert!(!desks.is_empty());
        let (mut ours, mut bare, mut rows, began, mut wall) = (0.0, 0.0, 0, Instant::now(), Duration::ZERO);
        for round in 0.. {
            for (path, teacher) in &desks {
                let template =
                    (self.app)(teacher.request(TestRequest::get().uri(&format!("{path}/template.xlsx")))).await;
                let (bytes, many) = filled(&test::read_body(template).await, round);
                let before = cpu();
                assert_eq!(qinghe::platform::workbook::read(&bytes).unwrap().rows.len(), many + 1);
                bare += cpu() - before;
                let (before, from) = (cpu(), Instant::now());
                let tried = (self.app)(teacher.request(upload(path, &teacher.csrf, &bytes))).await;
                let text = String::from_utf8(test::read_body(tried).await.to_vec()).unwrap();
                let token = text
                    .split("name=\"token\" value=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next())
                    .unwrap_or_else(|| panic!("{text}"));
                let form = [("csrf", teacher.csrf.as_str()), ("token", token)];
                let taken =
                    (self.app)(teacher.request(TestRequest::post().uri(&format!("{path}/take")).set_form(form))).await;
                assert_eq!(taken.status(), 303);
                (ours, wall, rows) = (ours + cpu() - before, wall + from.elapsed(), rows + many);
            }
            if rows >= TEST_ROWS {
                break;
            }
        }
        let share = TEST_ROWS as f64 / rows as f64;
        let (ours, bare, wall) = (ours * share, bare.max(0.005) * share, wall.as_secs_f64() * share);
        assert!(began.elapsed().as_secs_f64() >= wall);
        line(
            &format!("{TEST_ROWS} 行体测，查和收 CPU（{wall:.2} s）"),
            format!("{:.0} ms", ours * 1000.0),
            format!("{:.0} ms", bare * 1000.0),
            format!("{:.1}", ours / bare),
            "≤ 2 s",
        );
    }
}

/// A template filled in for every pupil, other each round; and how many there are.
fn filled(template: &[u8], round: i32) -> (Vec<u8>, usize) {
    let sheet = qinghe::platform::workbook::read(template).unwrap();
    let mut lines: Vec<Vec<String>> =
        sheet.rows.iter().map(|row| row.iter().map(|cell| cell.shown()).collect()).collect();
    let header = lines.remove(0);
    for (n, line) in lines.iter_mut().enumerate() {
        line.resize(header.len(), String::new());
        let (boy, more) = (line[3] == "男", round + n as i32 % 7);
        for (place, title) in header.iter().enumerate() {
            let value = match title.split('（').next().unwrap() {
                "身高" => (150 + more).to_string(),
                "体重" => (45 + more).to_string(),
                "肺活量" => (2300 + 20 * more).to_string(),
                "50米跑" => format!("8.{}", more % 10),
                "坐位体前屈" => format!("{more}.5"),
                "立定跳远" => (170 + more).to_string(),
                "引体向上" if boy => more.to_string(),
                "1000米跑" if boy => format!("4'{:02}\"", more),
                "一分钟仰卧起坐" if !boy => (30 + more).to_string(),
                "800米跑" if !boy => format!("4:{more:02}"),
                _ => continue,
            };
            line[place] = value;
        }
    }
    (qinghe::platform::workbook::write("体质测试", &header, &lines).unwrap(), lines.len())
}

fn upload(path: &str, csrf: &str, bytes: &[u8]) -> TestRequest {
    let boundary = "------qinghe-bench";
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"t.xlsx\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", format!("multipart/form-data; boundary={boundary}")))
        .set_payload(body)
}
