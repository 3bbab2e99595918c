//! `qinghe import roster · handover`

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::Operator;
use crate::platform::settings::Settings;
use crate::roster::calendar::present_term;
use crate::roster::reading::read_roster;
use crate::roster::{DryRun, Verdict, refused_workbook};
use clap::Subcommand;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Import {
    /// 导入学籍名单：全部收下退出 0，有没收的退出 3，文件读不了退出 2
    Roster {
        /// 10 位学校标识码
        #[arg(long)]
        school: String,
        /// 名单（.xlsx 或 .csv）
        file: PathBuf,
        /// 只试跑，不收
        #[arg(long)]
        dry_run: bool,
        /// 没收的行写成工作簿
        #[arg(long, value_name = "OUT.xlsx")]
        report: Option<PathBuf>,
    },
    /// 收下转来学生的档案：先核对签名和前后相接，再接到本校的在籍学生
    Handover(super::handover::HandoverIn),
}

impl Import {
    pub async fn perform(self, settings: Settings) -> Done {
        let (school, file, dry_run, report) = match self {
            Import::Roster { school, file, dry_run, report } => (school, file, dry_run, report),
            Import::Handover(handover) => return handover.perform(settings).await,
        };
        let bytes = std::fs::read(&file).map_err(|e| Failed::because(format!("{} 打不开：{e}", file.display())))?;
        let door = open_founded(&settings, Migrating::Embedded)?;
        let office = Operator::at(&door).school_office(&crate::platform::text::code_like(&school)).await?;
        let (code, keys, whole) = (office.school().code.clone(), office.house().keys.clone(), office.whole_school());
        let tried = office
            .look(move |look| {
                let year = present_term(look)?.term.year();
                match read_roster(&bytes, &code, year) {
                    Ok(read) => Ok(Ok((DryRun::of(look, whole, &keys, &read, year)?, read))),
                    Err(no_roster) => Ok(Err(no_roster.to_string())),
                }
            })
            .await?;
        let (run, read) = tried.map_err(Failed::because)?;
        for row in &run.rows {
            for note in &row.faults {
                println!("第 {} 行 {}　{}：{}　{}", row.line, row.name, note.column, note.was, note.cure);
            }
        }
        let refused = run.count(Verdict::Refused);
        let words = if dry_run { "可以收" } else { "收下" };
        let (new, changed, same) = (run.count(Verdict::New), run.count(Verdict::Changed), run.count(Verdict::Same));
        for row in run.rows.iter().filter(|row| row.verdict == Verdict::Changed) {
            for change in &row.changes {
                println!("第 {} 行 {}　{}：{} → {}", row.line, row.name, change.what, change.was, change.becomes);
            }
        }
        let otherwise = if changed > 0 { format!("有变化 {changed} 行，") } else { String::new() };
        println!("{words} {new} 行，{otherwise}没变化 {same} 行，要改 {refused} 行。");
        if let Some(report) = report.filter(|_| refused > 0) {
            std::fs::write(&report, refused_workbook(&run, &read)?)
                .map_err(|e| Failed::because(format!("{} 写不了：{e}", report.display())))?;
            println!("没收的行写在 {}", report.display());
        }
        if !dry_run {
            let take = run.take(&office.house().keys);
            if !take.is_empty() {
                office.act(move |_| Ok(take)).await?;
            }
        }
        Ok(if refused > 0 { ExitCode::from(super::SOME_REFUSED) } else { ExitCode::SUCCESS })
    }
}
