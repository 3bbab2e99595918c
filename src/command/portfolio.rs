//! `qinghe portfolio`

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::Operator;
use crate::names::Cohort;
use crate::platform::settings::Settings;
use crate::platform::text::code_like;
use crate::portfolio::file::GraduationFile;
use crate::portfolio::{Issued, all_hands, issued, print_and_keep, sealed_bytes};
use clap::Args;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub struct Portfolio {
    /// 10 位学校标识码
    #[arg(long)]
    school: String,
    /// 哪一级：入学年份，例如 2023
    #[arg(long)]
    cohort: i32,
    /// 写到哪个目录
    #[arg(long)]
    out: PathBuf,
    /// 只要一个班
    #[arg(long, value_name = "班号")]
    class: Option<i32>,
}

/// What `manifest.json` says of one file.
#[derive(Serialize)]
struct Listed {
    class: String,
    seat: i32,
    name: String,
    code: String,
    version: i32,
    file: String,
    sha256: String,
    /// The credential beside it, and its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_sha256: Option<String>,
    /// Of the sealed file the PDF was made from.
    sealed_sha256: String,
}

/// A name that is safe as a file's on every system.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '_' } else { c }).collect()
}

impl Portfolio {
    pub async fn perform(self, settings: Settings) -> Done {
        let door = open_founded(&settings, Migrating::Embedded)?;
        let office = Operator::at(&door).school_office(&code_like(&self.school)).await?;
        let (cohort, class, whole) = (Cohort(self.cohort), self.class, office.whole_school());
        let wanted = move |one: &Issued| class.is_none_or(|class| one.class_number == class);
        let all: Vec<Issued> =
            office.look(move |look| Ok(issued(look, whole, cohort)?.into_iter().filter(wanted).collect())).await?;
        if all.is_empty() {
            let which = self.class.map_or(String::new(), |class| format!("({class})班"));
            return Err(Failed::because(format!("{} 级{which}没有归档的毕业成长档案。", self.cohort)));
        }
        let failed = print_and_keep(&office, None, all, all_hands()).await?;
        let printed: Vec<(Issued, GraduationFile)> = office
            .look(move |look| {
                let mut printed = Vec::new();
                for one in issued(look, whole, cohort)?.into_iter().filter(wanted) {
                    let bytes = sealed_bytes(look, &one.sealed_sha256)?;
                    printed.push((one, serde_json::from_slice(&bytes).map_err(crate::access::Refused::broken)?));
                }
                Ok(printed)
            })
            .await?;
        let mut manifest = Vec::new();
        for (one, file) in &printed {
            if let Some(failed) = failed.iter().find(|failed| failed.student == one.student) {
                eprintln!("{} {} 号{}没印成：{}", file.class.name, file.class.seat, file.student.name, failed.why);
            }
            let Some(pdf_sha256) = &one.pdf_sha256 else { continue };
            let folder = self.out.join(&file.class.name);
            std::fs::create_dir_all(&folder).map_err(|e| cannot_write(&folder, &e))?;
            let name = format!("{:02}-{}", file.class.seat, file_name(&file.student.name));
            let write = |ending: &str, sha256: &str| {
                let path = folder.join(format!("{name}.{ending}"));
                let bytes = door.house().files.get(sha256)?;
                std::fs::write(&path, bytes).map_err(|e| cannot_write(&path, &e))
            };
            write("pdf", pdf_sha256)?;
            if let Some(sha256) = &one.credential_sha256 {
                write("jwt", sha256)?;
            }
            manifest.push(Listed {
                class: file.class.name.clone(),
                seat: file.class.seat,
                name: file.student.name.clone(),
                code: file.code.clone(),
                version: one.version,
                file: format!("{}/{name}.pdf", file.class.name),
                sha256: pdf_sha256.clone(),
                credential: one.credential_sha256.as_ref().map(|_| format!("{}/{name}.jwt", file.class.name)),
                credential_sha256: one.credential_sha256.clone(),
                sealed_sha256: one.sealed_sha256.clone(),
            });
        }
        manifest.sort_by(|a, b| (&a.class, a.seat).cmp(&(&b.class, b.seat)));
        let path = self.out.join("manifest.json");
        let listed = serde_json::to_vec_pretty(&manifest).map_err(|e| Failed::because(e.to_string()))?;
        std::fs::write(&path, listed).map_err(|e| cannot_write(&path, &e))?;
        println!("{} 份档案写在 {}", manifest.len(), self.out.display());
        Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(super::SOME_REFUSED) })
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Failed {
    Failed::because(format!("{} 写不了：{error}", path.display()))
}
