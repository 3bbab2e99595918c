//! The verbs of the command line.

mod archive;
mod backup;
mod beside;
mod demo;
mod export;
mod fitness;
mod handover;
mod house;
mod import;
mod init;
mod journal;
mod keys;
mod line;
mod messenger;
pub mod photos;
mod portfolio;
pub mod purge;
mod restore;
mod serve;
mod settings;
mod status;
pub mod upkeep;
mod verify;
mod worker;

pub use init::found;
pub use settings::SETTINGS;

use crate::access::Refused;
use crate::names::Duty;
use crate::platform::db::carry::CarryError;
use crate::platform::settings::Settings;
use chrono::NaiveDate;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::path::Path;
use std::process::ExitCode;
use tracing_subscriber::fmt::MakeWriter;

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
        /// 演示县：把今天当作哪一天，例如 2027-01-12；钟只往前走
        #[arg(long, value_name = "DATE")]
        today: Option<NaiveDate>,
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
    /// 核验档案、凭证或档案包：不联网，不用数据库；真的退出 0，不真退出 1，读不了退出 2
    Verify(verify::Verify),
    /// 导出
    #[command(subcommand)]
    Export(export::Export),
    /// 按国家学生体质健康标准（2014年修订）算实测数据
    Fitness(fitness::Fitness),
    /// 学期看板（JSON）：每班到了哪一步，填完几人，等谁
    Status {
        /// 10 位学校标识码；不写就是全县
        #[arg(long)]
        school: Option<String>,
    },
    /// 钥匙
    #[command(subcommand)]
    Keys(keys::KeysVerb),
    /// 备份数据库和文件，网站可以照常开着
    Backup(backup::Backup),
    /// 把备份放回一个空的地方
    Restore(restore::Restore),
    /// 清除按规定可以不再留的明细，并说清清除了什么
    Purge {
        /// 只看有多少，不清除
        #[arg(long)]
        dry_run: bool,
    },
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
        /// 做哪一样：system 系统管理，security 安全管理，audit 审计管理；一个人只做一样
        #[arg(long, value_parser = duty, default_value = "system")]
        duty: Duty,
    },
}

fn duty(text: &str) -> Result<Duty, String> {
    text.parse().map_err(|_| "应是 system、security 或 audit".to_owned())
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
        match error {
            CarryError::File(error) => error.into(),
            other => Failed::because(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Failed::because("磁盘满了，没有写成。请腾出空间，或写到别的盘上，再来一次。");
        }
        Failed::because(format!("文件读写不了：{error}"))
    }
}

/// What a command leaves behind: 0, or what its contract says.
pub type Done = Result<ExitCode, Failed>;

/// Does what the command line says; errors go to standard error as one sentence.
pub fn run() -> ExitCode {
    match line::read(Cli::command(), std::env::args_os()) {
        Ok(Ok(matches)) => match Cli::from_arg_matches(&matches) {
            Ok(asked) => asked.run(),
            Err(error) => complain(&Failed::because(error.to_string())),
        },
        Ok(Err(text)) => {
            println!("{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(failed) => complain(&failed),
    }
}

impl Cli {
    fn run(self) -> ExitCode {
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
    log_to(level, std::io::stderr);
}

/// Sends the program's log to a writer, one line an event.
pub fn log_to(level: tracing::Level, writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) {
    tracing_subscriber::fmt().with_max_level(level).with_writer(writer).with_target(false).compact().init();
}

impl Verb {
    async fn perform(self, settings: Settings) -> Done {
        match self {
            Verb::Serve { migrate, today } => serve::serve(settings, migrate, today).await,
            Verb::Init(init) => init.perform(settings).await,
            Verb::Demo(demo) => demo.perform(settings).await,
            Verb::Account(AccountVerb::Reset { login }) => init::reset(settings, &login).await,
            Verb::Account(AccountVerb::County { login, name, duty }) => {
                init::appoint_county(settings, &login, &name, duty).await
            }
            Verb::Migrate => house::migrate(&settings),
            Verb::Import(import) => import.perform(settings).await,
            Verb::Portfolio(portfolio) => portfolio.perform(settings).await,
            Verb::Verify(verify) => verify.perform(&settings),
            Verb::Export(export) => export.perform(settings).await,
            Verb::Fitness(fitness) => fitness.perform(),
            Verb::Status { school } => status::perform(settings, school).await,
            Verb::Keys(verb) => verb.perform(settings).await,
            Verb::Backup(backup) => backup.perform(&settings),
            Verb::Restore(restore) => restore.perform(&settings),
            Verb::Purge { dry_run } => purge::perform(settings, dry_run).await,
            Verb::Journal(verb) => verb.perform(settings).await,
        }
    }
}
