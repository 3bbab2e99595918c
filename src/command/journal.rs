//! `qinghe journal check`

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::Operator;
use crate::journal::{Break, check};
use crate::platform::settings::Settings;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum JournalVerb {
    /// 逐条核对每一条日志链；完整退出 0，断了退出 1
    Check,
}

impl JournalVerb {
    pub async fn perform(self, settings: Settings) -> Done {
        let JournalVerb::Check = self;
        let door = open_founded(&settings, Migrating::Embedded)?;
        let keys = door.house().keys.clone();
        let reports = Operator::at(&door).survey(move |conn| Ok(check(conn, &keys)?)).await?;
        let mut broken = false;
        for report in &reports {
            let name = if report.chain == 0 { "县".to_owned() } else { format!("学校 {}", report.chain) };
            match &report.broken {
                Some((n, why)) => {
                    broken = true;
                    println!("{name}：第 {n} 条断了（{}）", in_words(*why));
                }
                None if report.purged.is_empty() => println!("{name}：{} 条，完整", report.lines),
                None => {
                    let purged: Vec<String> = report.purged.iter().map(i64::to_string).collect();
                    println!("{name}：{} 条，完整；第 {} 条的细节已依法清除", report.lines, purged.join("、"));
                }
            }
        }
        if broken {
            return Err(Failed::because("日志不完整。请停用系统，找出是谁动过数据库，从备份核对。").with_code(1));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn in_words(what: Break) -> &'static str {
    match what {
        Break::LineMissing => "少了一条",
        Break::LineChanged => "这一条被改过",
        Break::DetailChanged => "细节被改过",
        Break::DetailLost => "细节不见了，又没有清除记录",
        Break::EndMissing => "末尾少了",
        Break::NotAsSigned => "和当夜签过名的对不上",
        Break::SignedBeyondEnd => "当夜签过名的条目不见了",
        Break::NightForged => "夜间签名验不过",
    }
}
