//! Opening the house: database, keys, files, in the order in which each is safe.

use super::{Done, Failed};
use crate::access::{Door, House};
use crate::desk::hosts;
use crate::names::KeptFor;
use crate::platform::clock::Clock;
use crate::platform::db::{Address, Conn, Database, Reach, Unavailable, copy_sqlite};
use crate::platform::files::Files;
use crate::platform::keys::Keys;
use crate::platform::settings::Settings;
use crate::platform::trust::trusted_in;
use crate::platform::typeset::PressRoom;
use crate::schema::{county, journal, key_name};
use chrono::NaiveDateTime;
use diesel::dsl::max;
use diesel::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// How the database may be met.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Migrating {
    /// An embedded database is brought to this version; a server's is not touched.
    Embedded,
    /// Any database is brought to this version.
    Any,
}

pub(super) fn address(settings: &Settings) -> Result<Address, Failed> {
    let text = settings.get("QINGHE_DATABASE").unwrap_or_default();
    text.parse().map_err(|e: crate::platform::db::OpenError| Failed::because(e.to_string()))
}

/// Where the files are kept.
pub(super) fn files_at(settings: &Settings) -> Result<Files, Failed> {
    Files::at(settings.get("QINGHE_FILES").unwrap_or_default(), |name| std::env::var(name).ok())
        .map_err(|e| Failed::because(e.to_string()))
}

/// Opens database and keys of an installation, founded or not yet.
pub fn open(settings: &Settings, migrating: Migrating, clock: Clock, demo: bool) -> Result<Door, Failed> {
    let failed = |e: &dyn std::fmt::Display| Failed::because(e.to_string());
    let address = address(settings)?;
    // Whoever serves a demonstration county's folder serves a demonstration county.
    let demo = demo || matches!(&address, Address::Sqlite(path) if is_marked(path));
    let database = Database::open(&address).map_err(|e| failed(&e))?;
    let pending = database.pending_migrations().map_err(|e| failed(&e))?;
    if pending > 0 {
        if !database.is_sqlite() && migrating == Migrating::Embedded {
            return Err(Failed::because(format!(
                "数据库比程序旧 {pending} 步。先备份，再运行 qinghe migrate（或 qinghe serve --migrate）。"
            )));
        }
        bring_up_to_date(&database)?;
    }
    let (named, county) = what_the_database_names(&database)?;
    let keys = keys_for(settings, &named)?;
    let county_code = match county {
        Some(_) => code_founded_with(&database)?,
        None => code_set(settings)?,
    };
    let county = county.unwrap_or_else(|| settings.get("QINGHE_COUNTY").unwrap_or_default().to_owned());
    let public_url = settings.get("QINGHE_PUBLIC_URL").unwrap_or_default().trim_end_matches('/').to_owned();
    let trusted_proxy = match settings.get("QINGHE_TRUSTED_PROXY") {
        Some(text) => Some(
            text.parse()
                .map_err(|_| Failed::because(format!("QINGHE_TRUSTED_PROXY 应是一个 IP 地址，现在是“{text}”。")))?,
        ),
        None => None,
    };
    let setting = |name| settings.get(name).unwrap_or_default();
    let kept_for =
        KeptFor::read(setting("QINGHE_KEEP_EVIDENCE"), setting("QINGHE_KEEP_DETAIL"), setting("QINGHE_KEEP_SESSIONS"))
            .map_err(Failed::because)?;
    let mut believed = keys.pinned();
    let folder = Path::new(settings.get("QINGHE_KEYS").unwrap_or_default());
    believed.add(trusted_in(folder).map_err(|e| failed(&e))?);
    let house = House {
        consent: crate::names::ConsentTexts::seed().map_err(Failed::because)?,
        clock,
        keys,
        believed,
        files: files_at(settings)?,
        press: Arc::new(PressRoom::new(
            settings.get("QINGHE_FONTS").map(PathBuf::from),
            settings.get("QINGHE_TEMPLATES").map(PathBuf::from),
        )),
        public_url,
        county,
        county_code,
        demo,
        insecure: settings.get("QINGHE_INSECURE_HTTP") == Some("1"),
        graded: match settings.get("QINGHE_PASSWORDS") {
            None | Some("plain") => false,
            Some("graded") => true,
            Some(other) => {
                return Err(Failed::because(format!("QINGHE_PASSWORDS 应是 plain 或 graded，现在是“{other}”。")));
            }
        },
        kept_for,
        trusted_proxy,
        webhook_hosts: hosts(settings.get("QINGHE_WEBHOOK_HOSTS").unwrap_or_default()).map_err(|e| failed(&e))?,
    };
    Ok(Door::new(database, house))
}

/// Whether the folder of an embedded database is a demonstration county's.
fn is_marked(database: &Path) -> bool {
    database.parent().is_some_and(|folder| folder.join(super::demo::MARK).is_file())
}

pub(super) fn nothing_yet() -> Failed {
    Failed::because(
        "数据库是空的。先建县建校：\n  qinghe init --county 县名 --school 10位学校标识码 学校名称\n\
         一位老师想先试试：qinghe init --teacher\n想看看样子：qinghe demo",
    )
}

/// Opens an installation that must have been founded.
pub fn open_founded(settings: &Settings, migrating: Migrating) -> Result<Door, Failed> {
    if address(settings)?.is_vacant() {
        return Err(nothing_yet());
    }
    let door = open(settings, migrating, Clock::default(), false)?;
    let database = Database::open(&address(settings)?).map_err(|e| Failed::because(e.to_string()))?;
    if what_the_database_names(&database)?.1.is_none() {
        return Err(nothing_yet());
    }
    Ok(door)
}

/// Opens a database that something is in, as it is: nothing is migrated.
pub(super) fn open_as_it_is(settings: &Settings) -> Result<Database, Failed> {
    let failed = |e: &dyn std::fmt::Display| Failed::because(e.to_string());
    let address = address(settings)?;
    if address.is_vacant() {
        return Err(nothing_yet());
    }
    let database = Database::open(&address).map_err(|e| failed(&e))?;
    if database.is_blank().map_err(|e| failed(&e))? { Err(nothing_yet()) } else { Ok(database) }
}

/// When the last line of its journal was written; `None` before the first.
pub(super) fn lived_until(settings: &Settings) -> Result<Option<NaiveDateTime>, Failed> {
    open_as_it_is(settings)?
        .read(Reach::All, |conn: &mut Conn| Ok::<_, Trouble>(journal::table.select(max(journal::at)).first(conn)?))
        .map_err(|e| Failed::because(e.to_string()))
}

/// An embedded database is copied before it is changed: the way back.
fn bring_up_to_date(database: &Database) -> Result<(), Failed> {
    let failed = |e: &dyn std::fmt::Display| Failed::because(e.to_string());
    if let Address::Sqlite(path) = database.address()
        && !database.is_blank().map_err(|e| failed(&e))?
    {
        let stamp = Clock::default().now().format("%Y%m%d-%H%M%S");
        let copy = PathBuf::from(format!("{}.before-{stamp}", path.display()));
        copy_sqlite(database, &copy).map_err(|e| failed(&e))?;
        eprintln!("升级前的数据库存在 {}", copy.display());
    }
    let steps = database.migrate().map_err(|e| failed(&e))?;
    eprintln!("数据库已升级 {steps} 步。");
    Ok(())
}

#[derive(Debug)]
enum Trouble {
    Database(diesel::result::Error),
    Busy,
}

impl From<diesel::result::Error> for Trouble {
    fn from(error: diesel::result::Error) -> Self {
        Trouble::Database(error)
    }
}

impl From<Unavailable> for Trouble {
    fn from(_: Unavailable) -> Self {
        Trouble::Busy
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Database(error) => write!(f, "数据库读不了：{error}"),
            Trouble::Busy => write!(f, "数据库连不上，请看一看它是不是在运行。"),
        }
    }
}

/// The county's six digits, as they are set.
fn code_set(settings: &Settings) -> Result<String, Failed> {
    let code = settings.get("QINGHE_COUNTY_CODE").unwrap_or_default();
    if code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(code.to_owned());
    }
    Err(Failed::because(format!("QINGHE_COUNTY_CODE 应是六位行政区划代码，例如 210421，现在是“{code}”。")))
}

fn code_founded_with(database: &Database) -> Result<String, Failed> {
    database
        .read(Reach::All, |conn: &mut Conn| Ok::<_, Trouble>(county::table.select(county::code).first(conn)?))
        .map_err(|e| Failed::because(e.to_string()))
}

/// The keys the database is sealed with, by name, and its county; asked also of a
/// database that is older than the program.
pub(super) fn what_the_database_names(database: &Database) -> Result<(Vec<String>, Option<String>), Failed> {
    database
        .read(Reach::All, |conn: &mut Conn| {
            let kids = key_name::table.select(key_name::kid).load(conn)?;
            let county = county::table.select(county::name).first(conn).optional()?;
            Ok::<_, Trouble>((kids, county))
        })
        .map_err(|e| Failed::because(e.to_string()))
}

/// The keys at hand, if they are those the database was sealed with. New ones are
/// made only for a database that names none.
fn keys_for(settings: &Settings, named: &[String]) -> Result<Keys, Failed> {
    let folder = Path::new(settings.get("QINGHE_KEYS").unwrap_or_default());
    let failed = |e: &dyn std::fmt::Display| Failed::because(e.to_string());
    let keys = Keys::load(folder).map_err(|e| failed(&e))?;
    if named.is_empty() && keys.is_empty() {
        return Keys::make(folder).map_err(|e| failed(&e));
    }
    let missing = keys.missing_of(named);
    if !missing.is_empty() {
        return Err(Failed::because(format!(
            "钥匙目录 {} 里缺少数据库要用的钥匙 {}。请把备份的钥匙放回来；没有它们，学籍号打不开。",
            folder.display(),
            missing.join("、")
        )));
    }
    keys.check_complete().map_err(|e| failed(&e))?;
    Ok(keys)
}

/// `qinghe migrate`
pub fn migrate(settings: &Settings) -> Done {
    let database = Database::open(&address(settings)?).map_err(|e| Failed::because(e.to_string()))?;
    if database.pending_migrations().map_err(|e| Failed::because(e.to_string()))? == 0 {
        println!("数据库已经是本程序的版本。");
    } else {
        bring_up_to_date(&database)?;
    }
    Ok(ExitCode::SUCCESS)
}
