//! `qinghe backup`

use super::archive::{KEYS, Manifest, Packer, Rows, file_entry, rows_entry};
use super::house::{files_at, nothing_yet, open_as_it_is, what_the_database_names};
use super::{Done, Failed};
use crate::platform::clock::Clock;
use crate::platform::db::carry::{CarryError, migrations_applied, tables};
use crate::platform::db::{Conn, Database, Reach};
use crate::platform::keys::Keys;
use crate::platform::settings::Settings;
use clap::Args;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub struct Backup {
    /// 备份写到哪里（.zip）；已有的文件不覆盖
    out: PathBuf,
    /// 连钥匙一起备份，加密给这个 age 公钥（age1…，用 age-keygen 造）；不写就不带钥匙
    #[arg(long, value_name = "AGE_RECIPIENT")]
    keys_for: Option<String>,
}

impl Backup {
    /// Never migrates: it is also the step before an upgrade.
    pub fn perform(self, settings: &Settings) -> Done {
        let recipient = self.keys_for.map(|text| {
            text.parse::<age::x25519::Recipient>()
                .map_err(|e| Failed::because(format!("--keys-for 应是 age 公钥（age1 开头），“{text}”认不出：{e}。")))
        });
        let recipient = recipient.transpose()?;
        if self.out.exists() {
            return Err(Failed::because(format!("{} 已经有了。换一个名字，例如带上日期。", self.out.display())));
        }
        let database = open_as_it_is(settings)?;
        let (wanted, county) = what_the_database_names(&database)?;
        let county = county.ok_or_else(nothing_yet)?;
        let half_written = self.out.with_extension("part");
        let work = Work { settings, database, wanted, county };
        let damaged = work.write(&half_written, recipient.as_ref()).and_then(|damaged| {
            fs::rename(&half_written, &self.out)?;
            folder_of(&self.out).and_then(|folder| folder.sync_all())?;
            Ok(damaged)
        });
        match damaged {
            Ok(damaged) if damaged.is_empty() => Ok(ExitCode::SUCCESS),
            Ok(damaged) => Err(Failed::because(format!(
                "备份做好了，但文件里有 {} 个文件已经损坏，没有收进去：{}。请从更早的备份找回它们。",
                damaged.len(),
                damaged.join("、")
            ))
            .with_code(1)),
            Err(failed) => {
                // Nothing half written stays; the first error is the one to tell.
                drop(fs::remove_file(&half_written));
                Err(failed)
            }
        }
    }
}

fn folder_of(path: &Path) -> io::Result<File> {
    File::open(path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

struct Work<'a> {
    settings: &'a Settings,
    database: Database,
    wanted: Vec<String>,
    county: String,
}

impl Work<'_> {
    /// Writes the archive; says which kept files are no longer what their name says.
    fn write(self, to: &Path, recipient: Option<&age::x25519::Recipient>) -> Result<Vec<String>, Failed> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(to)
            .map_err(|e| Failed::because(format!("{} 写不了：{e}", to.display())))?;
        let mut packer = Packer::into_file(file);
        let (rows, migrations) = self.database.read(Reach::All, |conn: &mut Conn| {
            let mut rows = Vec::new();
            for table in tables(conn)? {
                let n = packer.add(rows_entry(&table), |mut to| table.write_rows(conn, &mut to))?;
                rows.push(Rows { table, rows: n });
            }
            Ok::<_, CarryError>((rows, migrations_applied(conn)?))
        })?;
        let files = files_at(self.settings)?;
        let (mut kept, mut damaged) = (0, Vec::new());
        for sha256 in &files.list()? {
            match files.get(sha256) {
                Ok(bytes) => {
                    packer.add(file_entry(sha256), |to| to.write_all(&bytes))?;
                    kept += 1;
                }
                // A photo whose consent was taken back goes also while a backup is made.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidData => damaged.push(sha256.clone()),
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(recipient) = recipient {
            let sealed = self.sealed_keys(recipient)?;
            packer.add(KEYS.to_owned(), |to| to.write_all(&sealed))?;
        }
        let (count, files) = (rows.iter().map(|rows| rows.rows).sum::<u64>(), kept);
        packer.close(Manifest {
            format: 0,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            county: self.county.clone(),
            taken_at: Clock::default().now().format("%Y-%m-%d %H:%M:%S").to_string(),
            migrations,
            keys: self.wanted.clone(),
            tables: rows,
            entries: Default::default(),
        })?;
        println!("备份了{}的 {count} 行、{files} 个文件。", self.county);
        match recipient {
            Some(_) => println!("钥匙也在里面，只有那个 age 私钥打得开。"),
            None => println!(
                "钥匙不在里面。请另外备份目录 {}，和这份备份分开放：少了它，学籍号打不开。",
                self.settings.get("QINGHE_KEYS").unwrap_or_default()
            ),
        }
        Ok(damaged)
    }

    fn sealed_keys(&self, recipient: &age::x25519::Recipient) -> Result<Vec<u8>, Failed> {
        let folder = Path::new(self.settings.get("QINGHE_KEYS").unwrap_or_default());
        let keys = Keys::load(folder).map_err(|e| Failed::because(e.to_string()))?;
        let missing: Vec<&str> = keys.missing_of(&self.wanted);
        if !missing.is_empty() {
            return Err(Failed::because(format!(
                "钥匙目录 {} 里缺少 {}，不能算备份了钥匙。请先把它们放回来。",
                folder.display(),
                missing.join("、")
            )));
        }
        age::encrypt(recipient, &keys.to_json()).map_err(|e| Failed::because(format!("钥匙加密不了：{e}")))
    }
}
