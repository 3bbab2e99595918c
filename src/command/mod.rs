//! The verbs of the command line.

mod archive;
mod backup;
mod demo;
mod house;
mod import;
mod init;
mod journal;
mod portfolio;
mod restore;
mod serve;
mod settings;
mod upkeep;
mod worker;

pub use init::found;
pub use settings::SETTINGS;

use crate::access::Refused;
use crate::platform::db::carry::CarryError;
use crate::platform::settings::Settings;
use clap::{Parser, Subcommand};
use std::path::Path;
use std::process::ExitCode;

/// 青禾：初中学生综合素质评价，用事实和等级讲成长，不计分，不排名。
#[derive(Parser)]
#[command(name = "qinghe", version, disable_help_subcommand = false)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// 启动网站（内嵌数据库自动升级；PostgreSQL 要加 --migrate）
    #[command(after_help = settings::help())]
    Serve {
        /// 启动前升级 PostgreSQL 数据库
        #[arg(long)]
        migrate: bool,
    },
    /// 在空数据库里建县、建校，并给第一位管理员一个只能用一次的链接
    Init(init::Init),
    /// 造一个演示县，再启动网站（只在本机）
    Demo(demo::Demo),
    /// 账号
    #[command(subcommand)]
    Account(AccountVerb),
    /// 把数据库升级到本程序的版本
    Migrate,
    /// 导入
    #[command(subcommand)]
    Import(import::Import),
    /// 打印一届毕业生的成长档案
    Portfolio(portfolio::Portfolio),
    /// 备份数据库和文件，网站可以照常开着
    Backup(backup::Backup),
    /// 把备份放回一个空的地方
    Restore(restore::Restore),
    /// 日志
    #[command(subcommand)]
    Journal(journal::JournalVerb),
}

#[derive(Subcommand)]
enum AccountVerb {
    /// 给账号一个新的、只能用一次的链接
    Reset {
        /// 账号
        login: String,
    },
    /// 给县教育局开一个管理账号
    County {
        /// 账号
        login: String,
        /// 姓名
        name: String,
    },
}

/// Exit code of a command that did a part of what it was asked.
const SOME_REFUSED: u8 = 3;

/// Why a command did not do what it was asked: one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Failed {
    sentence: String,
    code: u8,
}

impl Failed {
    /// Exit code 2: the command could not begin.
    pub fn because(sentence: impl Into<String>) -> Self {
        Failed { sentence: sentence.into(), code: 2 }
    }

    pub fn with_code(self, code: u8) -> Self {
        Failed { code, ..self }
    }
}

impl From<Refused> for Failed {
    fn from(refused: Refused) -> Self {
        if let Refused::Broken(_) = &refused {
            return Failed::because(format!("出了问题：{refused}"));
        }
        Failed::because(refused.words().1)
    }
}

impl From<CarryError> for Failed {
    fn from(error: CarryError) -> Self {
        Failed::because(error.to_string())
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Failed::because(format!("文件读写不了：{error}"))
    }
}

/// What a command leaves behind: 0, or what its contract says.
pub type Done = Result<ExitCode, Failed>;

impl Cli {
    /// Runs the verb; errors go to standard error as one sentence.
    pub fn run(self) -> ExitCode {
        let settings = match Settings::read(SETTINGS, Path::new("qinghe.toml")) {
            Ok(settings) => settings,
            Err(error) => return complain(&Failed::because(error.to_string())),
        };
        start_log();
        let system = actix_web::rt::System::new();
        match system.block_on(self.verb.perform(settings)) {
            Ok(code) => code,
            Err(failed) => complain(&failed),
        }
    }
}

fn complain(failed: &Failed) -> ExitCode {
    eprintln!("{failed}");
    ExitCode::from(failed.code)
}

fn start_log() {
    let level = match std::env::var("QINGHE_LOG").as_deref() {
        Ok("quiet") => tracing::Level::ERROR,
        _ => tracing::Level::INFO,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false).compact().init();
}

impl Verb {
    async fn perform(self, settings: Settings) -> Done {
        match self {
            Verb::Serve { migrate } => serve::serve(settings, migrate).await,
            Verb::Init(init) => init.perform(settings).await,
            Verb::Demo(demo) => demo.perform(settings).await,
            Verb::Account(AccountVerb::Reset { login }) => init::reset(settings, &login).await,
            Verb::Account(AccountVerb::County { login, name }) => init::appoint_county(settings, &login, &name).await,
            Verb::Migrate => house::migrate(&settings),
            Verb::Import(import) => import.perform(settings).await,
            Verb::Portfolio(portfolio) => portfolio.perform(settings).await,
            Verb::Backup(backup) => backup.perform(&settings),
            Verb::Restore(restore) => restore.perform(&settings),
            Verb::Journal(verb) => verb.perform(settings).await,
        }
    }
}

