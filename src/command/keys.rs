//! `qinghe keys list`

use super::house::open_as_it_is;
use super::{Done, Failed};
use crate::platform::db::carry::CarryError;
use crate::platform::db::{Conn, Reach};
use crate::platform::keys::Keys;
use crate::platform::settings::Settings;
use crate::schema::key_name;
use chrono::NaiveDateTime;
use clap::Subcommand;
use diesel::prelude::*;
use std::path::Path;
use std::process::ExitCode;

#[derive(Subcommand)]
pub enum KeysVerb {
    /// 列出数据库要用的钥匙，看钥匙目录里有没有；缺了退出 1
    List,
}

impl KeysVerb {
    pub fn perform(self, settings: &Settings) -> Done {
        let KeysVerb::List = self;
        let database = open_as_it_is(settings)?;
        let wanted: Vec<(String, String, NaiveDateTime)> =
            database.read(Reach::All, |conn: &mut Conn| {
                let by_age = key_name::table.order((key_name::since, key_name::purpose));
                Ok::<_, CarryError>(
                    by_age
                        .select((key_name::kid, key_name::purpose, key_name::since))
                        .load(conn)?,
                )
            })?;
        let folder = Path::new(settings.get("QINGHE_KEYS").unwrap_or_default());
        let keys = Keys::load(folder).map_err(|e| Failed::because(e.to_string()))?;
        let names: Vec<String> = wanted.iter().map(|(kid, ..)| kid.clone()).collect();
        let missing = keys.missing_of(&names);
        for (kid, purpose, since) in &wanted {
            let there = if missing.contains(&kid.as_str()) { "缺" } else { "在" };
            println!("{there}  {purpose:<8} {kid}  {}", since.format("%Y-%m-%d %H:%M"));
        }
        if missing.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        Err(Failed::because(format!(
            "钥匙目录 {} 里缺少钥匙，请把备份的钥匙放回来。",
            folder.display()
        ))
        .with_code(1))
    }
}
