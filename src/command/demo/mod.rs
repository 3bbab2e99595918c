//! `qinghe demo`: a whole county that never was, made through the same acts as
//! any other, to look at, to test and to measure. It serves on this machine only.

mod accounts;
mod chance;
mod cycle;
mod drawn;
mod facts;
mod graduates;
mod lately;
mod making;
mod names;
mod objecting;
mod opening;
mod paper;
mod pictured;
mod plan;
mod recorded;
mod sayings;
mod speaking;
mod taught;
mod terms;
mod words;

use super::house::{Migrating, open};
use super::{Done, Failed, serve};
use crate::platform::clock::Clock;
use crate::platform::db::{Address, Database};
use crate::platform::settings::Settings;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use clap::Args;
use plan::{Plan, Size};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use words::Words;

#[derive(Args)]
pub struct Demo {
    /// 放在哪个目录；里面原来的演示县会被换掉
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    data: PathBuf,
    /// 几所学校
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=999))]
    schools: u16,
    /// 每个年级几个班（不写：第一所学校两个，别的学校一个）
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=60))]
    classes: Option<u16>,
    /// 每个班几名学生（不写：第一所学校 40 人左右，别的学校 24 人左右）
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=99))]
    pupils: Option<u16>,
    /// 把今天当作哪一天，例如 2027-01-04；网站的钟从这一天走下去
    #[arg(long, value_name = "DATE")]
    today: Option<NaiveDate>,
    /// 只造，不启动网站
    #[arg(long)]
    no_serve: bool,
}

/// When a day that is asked for begins to be watched.
pub(super) fn morning(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN + chrono::Duration::hours(10))
}

/// What marks a folder as a demonstration county's, to be made anew at any time.
pub(super) const MARK: &str = "demo";
const ACCOUNTS: &str = "accounts.json";
const DATABASE: &str = "qinghe.sqlite";
const FOLDERS: [&str; 2] = ["files", "keys"];

impl Demo {
    pub async fn perform(self, mut settings: Settings) -> Done {
        let listen = settings.get("QINGHE_LISTEN").unwrap_or_default().to_owned();
        if !self.no_serve {
            check_listen(&listen)?;
        }
        self.settle(&mut settings, &listen)?;
        let clock = Clock::default();
        let now = self.today.map_or_else(|| clock.now(), morning);
        let lived = making::terms_until(now.date())?;
        clear(&self.data, &settings)?;
        let door = open(&settings, Migrating::Any, clock.clone(), true)?;
        eprintln!("正在造演示县……");
        let words = Words::read()?;
        let size = Size {
            schools: self.schools.into(),
            classes: self.classes.map(usize::from),
            pupils: self.pupils.map(usize::from),
        };
        let plan = Plan::draw(size, &words, lived.1.term);
        let mut making = making::make(&door, &plan, &words, lived, now).await?;
        let rows = making.open_accounts().await?;
        accounts::write(&self.data.join(ACCOUNTS), &rows)?;
        // Without a day of its own the county's clock is the machine's again.
        clock.set(if self.today.is_some() { now } else { Clock::default().now() });
        println!("演示县造好了，今天是 {}。地址：{}", now.date(), door.house().public_url);
        for line in accounts::lines(&rows) {
            println!("{line}");
        }
        println!("全部账号在 {}", self.data.join(ACCOUNTS).display());
        if self.no_serve { Ok(ExitCode::SUCCESS) } else { serve::run(&settings, door).await }
    }

    /// What holds for a demonstration county, whatever else is set: its own files
    /// and keys, no proxy before it, an address on this machine.
    fn settle(&self, settings: &mut Settings, listen: &str) -> Result<(), Failed> {
        let database = settings.get("QINGHE_DATABASE").unwrap_or_default();
        if !database.starts_with("postgres") {
            settings.set("QINGHE_DATABASE", format!("sqlite:{}", self.data.join(DATABASE).display()));
        }
        settings.set("QINGHE_FILES", self.data.join("files").display().to_string());
        settings.set("QINGHE_KEYS", self.data.join("keys").display().to_string());
        for name in ["QINGHE_TLS_CERT", "QINGHE_TLS_KEY", "QINGHE_TRUSTED_PROXY", "QINGHE_INSECURE_HTTP"] {
            settings.set(name, "");
        }
        settings.set("QINGHE_PUBLIC_URL", format!("http://{listen}"));
        Ok(())
    }
}

/// A demonstration county is for this machine: it is full of names and passwords
/// that lie about in a file. Asked before anything is thrown away.
fn check_listen(listen: &str) -> Result<(), Failed> {
    let address: SocketAddr = listen.parse().map_err(|_| {
        Failed::because(format!("QINGHE_LISTEN 应写成 地址:端口，例如 127.0.0.1:8080，现在是“{listen}”。"))
    })?;
    if !address.ip().is_loopback() {
        return Err(Failed::because(format!(
            "演示县只在本机开放，QINGHE_LISTEN 应是 127.0.0.1:端口，现在是“{listen}”。"
        )));
    }
    TcpListener::bind(address)
        .map_err(|e| Failed::because(format!("{address} 用不了：{e}。换一个 QINGHE_LISTEN，或先停掉占用它的程序。")))?;
    Ok(())
}

/// Makes room: an empty folder with the mark in it, an empty database. Only what
/// an earlier demonstration county left is thrown away.
fn clear(folder: &Path, settings: &Settings) -> Result<(), Failed> {
    let address: Address = settings
        .get("QINGHE_DATABASE")
        .unwrap_or_default()
        .parse()
        .map_err(|e: crate::platform::db::OpenError| Failed::because(e.to_string()))?;
    if let Address::Postgres(_) = &address {
        let database = Database::open(&address).map_err(|e| Failed::because(e.to_string()))?;
        if !database.is_blank().map_err(|e| Failed::because(e.to_string()))? {
            return Err(Failed::because("QINGHE_DATABASE 指的数据库里已经有东西了。演示县要一个空的数据库。"));
        }
    }
    std::fs::create_dir_all(folder)?;
    let mark = folder.join(MARK);
    if std::fs::read_dir(folder)?.next().is_some() && !mark.is_file() {
        return Err(Failed::because(format!(
            "{} 里有别的东西，不像演示县。请换一个空目录：qinghe demo --data 目录。",
            folder.display()
        )));
    }
    std::fs::write(&mark, "这个目录是演示县，qinghe demo 会把它换成新的。\n")?;
    let files = ["", "-wal", "-shm"].map(|ending| format!("{DATABASE}{ending}"));
    for file in files.iter().map(String::as_str).chain([ACCOUNTS]) {
        forget(std::fs::remove_file(folder.join(file)))?;
    }
    for inner in FOLDERS {
        forget(std::fs::remove_dir_all(folder.join(inner)))?;
    }
    Ok(())
}

/// What is not there need not be removed.
fn forget(removed: std::io::Result<()>) -> Result<(), Failed> {
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
