//! `qinghe export slips · handover`

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::{Operator, Refused};
use crate::names::ClassId;
use crate::platform::settings::Settings;
use crate::platform::text::code_like;
use crate::roster::calendar::present_term;
use crate::roster::reading::ClassRef;
use crate::roster::{MakeSlips, Slip, taught_classes};
use clap::Subcommand;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum Export {
    /// 一班的家长绑定码，每个还没绑定的学生一个；以前发的、没用过的同时作废
    Slips {
        /// 10 位学校标识码
        #[arg(long)]
        school: String,
        /// 班级：七年级(2)班，或 qinghe status 里的 class
        #[arg(long)]
        class: String,
        /// 写到哪里（.csv）；已有的文件不覆盖
        out: PathBuf,
    },
    /// 转接包：跟学生走的档案，加密，口令写在转接单上
    Handover(super::handover::HandoverOut),
}

impl Export {
    pub async fn perform(self, settings: Settings) -> Done {
        let (school, class, out) = match self {
            Export::Slips { school, class, out } => (school, class, out),
            Export::Handover(handover) => return handover.perform(settings).await,
        };
        let door = open_founded(&settings, Migrating::Embedded)?;
        let office = Operator::at(&door).school_office(&code_like(&school)).await?;
        let whole = office.whole_school();
        let asked = class.clone();
        let found = office
            .look(move |look| {
                let term = present_term(look)?.term;
                let id: Option<ClassId> = asked.parse().ok();
                let named = ClassRef::parse(&asked, "", None, term.year());
                let classes = taught_classes(look, whole, term)?;
                Ok(classes.into_iter().find(|class| {
                    let name = ClassRef { cohort: class.name.cohort, number: class.name.number };
                    // Also as the term board has it, where room is short.
                    Some(class.id) == id || Some(name) == named || class.name.short_in_year(term.year()) == asked
                }))
            })
            .await?;
        let Some(found) = found else {
            return Err(Failed::because(format!(
                "{} 本学年没有“{class}”。用 qinghe status --school {school} 看有哪些班。",
                office.school().name
            )));
        };
        // The file first: codes that were made and could not be written would be lost.
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&out).map_err(|e| match e.kind() {
                io::ErrorKind::AlreadyExists => Failed::because(format!("{} 已经有了，换一个名字。", out.display())),
                _ => Failed::because(format!("{} 写不了：{e}", out.display())),
            })?;
        let keys = office.house().keys.clone();
        let made: Result<Vec<Slip>, Refused> = office.act(move |tx| MakeSlips::for_class(tx, &keys, found.id)).await;
        let slips = match made {
            Ok(slips) => slips,
            Err(refused) => {
                drop(fs::remove_file(&out));
                return Err(refused.into());
            }
        };
        write(&mut file, &slips, &office.house().public_url)?;
        println!("{} 个绑定码写在 {}。谁拿到码谁就能绑定，请当面发给家长，发完删掉。", slips.len(), out.display());
        Ok(ExitCode::SUCCESS)
    }
}

fn write(file: &mut File, slips: &[Slip], public_url: &str) -> Result<(), Failed> {
    // With a mark, so that Excel and WPS read it as UTF-8.
    file.write_all("\u{feff}".as_bytes())?;
    let mut csv = csv::Writer::from_writer(&mut *file);
    let failed = |e: csv::Error| Failed::because(e.to_string());
    csv.write_record(["座号", "姓名", "绑定码", "打开", "有效到"]).map_err(failed)?;
    for slip in slips {
        let address = format!("{public_url}/join/{}", slip.code);
        let until = slip.expires_at.format("%Y-%m-%d").to_string();
        csv.write_record([&slip.seat.to_string(), &slip.name, &slip.code, &address, &until]).map_err(failed)?;
    }
    csv.flush()?;
    drop(csv);
    Ok(file.sync_all()?)
}
