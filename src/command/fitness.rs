//! `qinghe fitness`: what measures come to, as a table. Needs no database.

use super::{Done, Failed};
use crate::fitness::judge_table;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Args)]
pub struct Fitness {
    /// 实测数据（CSV：case_id、grade、sex、height_cm 等列）
    file: PathBuf,
}

impl Fitness {
    pub fn perform(&self) -> Done {
        let file = self.file.display();
        let text = std::fs::read_to_string(&self.file).map_err(|e| Failed::because(format!("{file} 打不开：{e}")))?;
        let table = judge_table(&text).map_err(|e| Failed::because(format!("{file}：{e}")))?;
        print!("{table}");
        Ok(ExitCode::SUCCESS)
    }
}
