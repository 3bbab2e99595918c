//! Portfolios, each printed anew, and the same beside other tools.

use crate::beside::beside;
use crate::{Bench, cpu, line, memory};
use qinghe::access::Operator;
use qinghe::names::Cohort;
use qinghe::portfolio::file::{GraduationFile, seal_bytes};
use qinghe::portfolio::{issued, print_portfolio, sealed_bytes};
use std::time::Instant;

const PORTFOLIOS: usize = 1000;

/// Memory is flat from here on.
const WARM: usize = 100;

/// Others are slow.
const BESIDE: usize = 24;

impl Bench {
    pub(crate) async fn portfolios(&self) {
        let office = Operator::at(&self.door).school_office(&self.school).await.unwrap();
        let whole = office.whole_school();
        let sealed: Vec<Vec<u8>> = office
            .look(move |look| {
                let all = issued(look, whole, Cohort(2023))?;
                all.iter().map(|one| sealed_bytes(look, &one.sealed_sha256)).collect()
            })
            .await
            .unwrap();
        assert!(!sealed.is_empty(), "no sealed portfolios");
        // Each different from every other: another name and code, hashed anew.
        let different: Vec<Vec<u8>> = (0..PORTFOLIOS)
            .map(|n| {
                let mut file: GraduationFile = serde_json::from_slice(&sealed[n % sealed.len()]).unwrap();
                file.student.name = format!(
                    "{}{}",
                    file.student.name,
                    ["禾", "谷", "麦", "黍", "稷", "豆", "麻", "粟"][n / sealed.len() % 8]
                );
                file.code = format!("{n:04}-BEEF-CAFE");
                seal_bytes(&file).unwrap().bytes
            })
            .collect();
        let house = self.door.house();
        let press = house.press.press().unwrap();
        let print = |bytes: &[u8]| print_portfolio(press, house, bytes, &Default::default()).unwrap();
        let first = Instant::now();
        let printed = print(&different[0]);
        let (first, pages) = (first.elapsed(), printed.pages);
        let (before, began, mut early, mut bytes) = (cpu(), Instant::now(), 0.0, 0);
        for (n, sealed) in different.iter().enumerate() {
            bytes += print(sealed).pdf.len();
            if n + 1 == WARM {
                early = memory("VmRSS");
            }
        }
        let each = (cpu() - before) / PORTFOLIOS as f64;
        let wall = began.elapsed().as_secs_f64() / PORTFOLIOS as f64;
        let late = memory("VmRSS");
        let none = String::new;
        line(&format!("一份 {pages} 页档案（没有照片）CPU"), format!("{each:.3} s"), none(), none(), "≤ 0.04 s");
        line(
            "　单线程每份",
            format!("{:.0} ms", wall * 1000.0),
            format!("首份 {:.0} ms", first.as_secs_f64() * 1000.0),
            none(),
            "",
        );
        line("　每份大小", format!("{} KB", bytes / PORTFOLIOS / 1000), none(), none(), "≤ 200 KB");
        line(
            &format!("　内存，{PORTFOLIOS} 份后和 {WARM} 份后"),
            format!("{late:.0} MiB"),
            format!("{early:.0} MiB"),
            format!("{:.2}", late / early),
            "平",
        );
        line("　进程峰值", format!("{:.0} MiB", memory("VmHWM")), none(), none(), "");
        let same: Vec<_> = different.iter().take(BESIDE).map(|one| (one.clone(), print(one).pdf)).collect();
        beside(each, &same);
    }
}
