//! `qinghe restore`

use super::archive::{Archive, KEYS};
use super::house::{address, files_at};
use super::{Done, Failed};
use crate::platform::db::carry::{CarryError, is_empty, tables, with_triggers_aside};
use crate::platform::db::{Address, Conn, Database, Reach, copy_sqlite};
use crate::platform::files::Files;
use crate::platform::keys::Keys;
use crate::platform::settings::Settings;
use clap::Args;
use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Args)]
pub struct Restore {
    /// 备份文件
    input: PathBuf,
    /// age 私钥文件：备份里带了钥匙时，一起放回来
    #[arg(long, value_name = "IDENTITY_FILE")]
    identity: Option<PathBuf>,
}

impl Restore {
    /// Everything is checked before anything is put in place, and the database,
    /// without which nothing serves, comes last.
    pub fn perform(self, settings: &Settings) -> Done {
        let mut archive = Archive::open_whole(&self.input)?;
        let place = Place::empty(settings)?;
        let keys = match &self.identity {
            Some(identity) => Some(opened_keys(&mut archive, identity)?),
            None => None,
        };
        if keys.is_some() && !Keys::load(&place.keys).map_err(|e| Failed::because(e.to_string()))?.is_empty() {
            return Err(Failed::because(format!(
                "钥匙目录 {} 里已经有钥匙。请换一个空目录（QINGHE_KEYS）。",
                place.keys.display()
            )));
        }
        let files = place.lay_files(&mut archive)?;
        let rows = place.lay_rows(&mut archive)?;
        files.keep();
        if let Some(keys) = &keys {
            Keys::put(&place.keys, keys).map_err(|e| Failed::because(e.to_string()))?;
        }
        let manifest = &archive.manifest;
        println!("放回了{}在 {} 的 {rows} 行、{} 个文件。", manifest.county, manifest.taken_at, archive.files().len());
        let at_hand = Keys::load(&place.keys).map_err(|e| Failed::because(e.to_string()))?;
        let missing = at_hand.missing_of(&manifest.keys);
        if !missing.is_empty() {
            println!("还缺钥匙 {}：把备份的钥匙放进 {}。", missing.join("、"), place.keys.display());
            if manifest.has_keys() && self.identity.is_none() {
                println!("这份备份里带着钥匙：换到空的地方，加上 --identity age私钥文件 再恢复一次，也行。");
            }
        }
        println!("然后运行 qinghe journal check，看日志是不是完整；再运行 qinghe serve。");
        Ok(ExitCode::SUCCESS)
    }
}

fn opened_keys(archive: &mut Archive, identity: &Path) -> Result<Vec<u8>, Failed> {
    let shown = identity.display();
    let text = fs::read_to_string(identity).map_err(|e| Failed::because(format!("{shown} 打不开：{e}")))?;
    let identity = text
        .lines()
        .find_map(|line| line.trim().parse::<age::x25519::Identity>().ok())
        .ok_or_else(|| Failed::because(format!("{shown} 里没有 age 私钥（AGE-SECRET-KEY- 开头的一行）。")))?;
    if !archive.manifest.has_keys() {
        return Err(Failed::because("这份备份里没有带钥匙。去掉 --identity，另外把钥匙放回来。"));
    }
    let mut sealed = Vec::new();
    archive.reader(KEYS)?.read_to_end(&mut sealed)?;
    age::decrypt(&identity, &sealed)
        .map_err(|_| Failed::because(format!("{shown} 打不开这份备份里的钥匙，它们是加密给另一个公钥的。")))
}

/// Where an archive goes: an empty database, an empty folder.
struct Place {
    address: Address,
    files: Files,
    /// The folder of files as it is set; `None` for an object store.
    folder: Option<PathBuf>,
    keys: PathBuf,
}

impl Place {
    fn empty(settings: &Settings) -> Result<Self, Failed> {
        let place = Place {
            address: address(settings)?,
            files: files_at(settings)?,
            folder: settings.get("QINGHE_FILES").filter(|set| !set.starts_with("s3://")).map(PathBuf::from),
            keys: settings.get("QINGHE_KEYS").unwrap_or_default().into(),
        };
        let occupied = match &place.address {
            Address::Sqlite(path) => path.exists(),
            Address::Postgres(_) => place.holds_rows()?,
        };
        if occupied {
            return Err(Failed::because(
                "这里的数据库不是空的，没有动它。请让 QINGHE_DATABASE 指向一个还没有的文件，或一个空的 PostgreSQL 库。",
            ));
        }
        if !place.files.is_empty()? {
            return Err(Failed::because(format!(
                "文件目录 {} 不是空的，没有动它。请让 QINGHE_FILES 指向一个空目录，或对象存储里一个空的前缀。",
                place.files
            )));
        }
        Ok(place)
    }

    fn holds_rows(&self) -> Result<bool, Failed> {
        let database = Database::open(&self.address).map_err(|e| Failed::because(e.to_string()))?;
        let holds = database.read(Reach::All, |conn: &mut Conn| {
            for table in tables(conn)? {
                if !is_empty(conn, &table)? {
                    return Ok(true);
                }
            }
            Ok::<_, CarryError>(false)
        })?;
        Ok(holds)
    }

    /// Puts the kept files in place; taken back unless they are then kept.
    fn lay_files(&self, archive: &mut Archive) -> Result<LaidFiles, Failed> {
        let folder = self.folder.as_ref();
        let mut laid = LaidFiles {
            folder: folder.map(|path| Laid { path: path.clone(), fresh: !path.exists(), kept: false }),
            files: self.files.clone(),
            put: Vec::new(),
        };
        for sha256 in archive.files() {
            // Named before it is put: what is sent and not answered goes again too.
            laid.put.extend(laid.folder.is_none().then(|| sha256.clone()));
            laid.files.put(&archive.file(&sha256)?)?;
        }
        Ok(laid)
    }

    /// Puts every row in place, all of them or none; says how many.
    fn lay_rows(&self, archive: &mut Archive) -> Result<u64, Failed> {
        let Address::Sqlite(path) = &self.address else { return fill(&self.address, archive) };
        // A file of its own until it is whole, then one rename.
        let mut beside = path.clone().into_os_string();
        beside.push(".restoring");
        let aside = Laid { path: beside.into(), fresh: true, kept: false };
        fs::create_dir_all(&aside.path)?;
        let (loading, whole) = (Address::Sqlite(aside.path.join("loading")), aside.path.join("whole"));
        let rows = fill(&loading, archive)?;
        let database = Database::open(&loading).map_err(|e| Failed::because(e.to_string()))?;
        copy_sqlite(&database, &whole).map_err(CarryError::from)?;
        File::open(&whole)?.sync_all()?;
        fs::rename(&whole, path)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(rows)
    }
}

/// Makes the tables as they were, fills them in one transaction, and only then
/// brings them to this program's version.
fn fill(address: &Address, archive: &mut Archive) -> Result<u64, Failed> {
    let failed = |e: &dyn std::fmt::Display| Failed::because(e.to_string());
    let database = Database::open(address).map_err(|e| failed(&e))?;
    if !database.is_blank().map_err(|e| failed(&e))? {
        database.unmigrate().map_err(|e| failed(&e))?;
    }
    database.migrate_as(&archive.manifest.migrations).map_err(|e| failed(&e))?;
    let rows = database.write(Reach::All, |conn: &mut Conn| {
        let there = tables(conn)?;
        with_triggers_aside(conn, &there, |conn| {
            let mut all = 0;
            for at in 0..archive.manifest.tables.len() {
                let (table, name, wanted) = {
                    let rows = &archive.manifest.tables[at];
                    (rows.table.clone(), rows.entry(), rows.rows)
                };
                let found = table.put_rows(conn, BufReader::new(archive.reader(&name)?))?;
                if found != wanted {
                    return Err(CarryError::Rows { table: table.name, wanted, found });
                }
                all += found;
            }
            Ok(all)
        })
    })?;
    database.migrate().map_err(|e| failed(&e))?;
    Ok(rows)
}

/// The files that were laid down: a folder, or objects that go again one by one.
struct LaidFiles {
    folder: Option<Laid>,
    files: Files,
    put: Vec<String>,
}

impl LaidFiles {
    fn keep(mut self) {
        self.put.clear();
        if let Some(folder) = self.folder.take() {
            folder.keep();
        }
    }
}

impl Drop for LaidFiles {
    fn drop(&mut self) {
        // What cannot be cleared away is told by the error under way.
        self.put.iter().for_each(|sha256| drop(self.files.delete(sha256)));
    }
}

/// A folder that was laid down, and goes again if what comes after fails.
struct Laid {
    path: PathBuf,
    fresh: bool,
    kept: bool,
}

impl Laid {
    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Laid {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        // It was empty before; what cannot be cleared away is told by the error under way.
        if self.fresh {
            drop(fs::remove_dir_all(&self.path));
        } else if let Ok(entries) = fs::read_dir(&self.path) {
            entries.flatten().for_each(|entry| drop(fs::remove_dir_all(entry.path())));
        }
    }
}
