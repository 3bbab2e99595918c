//! Two engines, one program: an embedded SQLite file or a PostgreSQL server.
//!
//! Reads run in a read-only transaction that sees one moment; writes run one at
//! a time on SQLite (`BEGIN IMMEDIATE` behind an in-process queue: without it the
//! slowest of eight writers waits 36 times longer) and side by side on PostgreSQL.

pub mod carry;
mod day;
mod guid;
mod migration;
mod sqlite_copy;

pub use day::Day;
pub use guid::Guid;
pub use migration::MigrationFailed;
pub use sqlite_copy::copy_sqlite;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager, TransactionManagerStatus};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One connection, to either engine. Queries of the common subset run on it
/// directly; what the engines say differently goes through [`on!`](crate::on).
#[derive(diesel::MultiConnection)]
pub enum Conn {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Runs a query typed by each engine in turn: batch inserts, ON CONFLICT, row locks, which
/// `MultiConnection` cannot say; rows by the hundred, of which it hands over every value
/// through a choice of engines.
#[macro_export]
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::platform::db::Conn::Sqlite($c) => $body,
            $crate::platform::db::Conn::Postgres($c) => $body,
        }
    };
}

/// Whose rows a transaction may touch. On PostgreSQL the policies of the tables
/// hold it (setting `qinghe.owner`, for this transaction only); on SQLite the
/// queries alone do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Owner(i32),
    All,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("数据库地址“{0}”认不出。写成 sqlite:路径，或 postgres://用户:密码@主机/库名。")]
    Address(String),
    #[error("打不开数据库：{0}")]
    Connect(String),
    #[error("数据库设置 {setting} 应为 {wanted}，实为 {found}。请检查文件系统是否支持。")]
    Setting { setting: &'static str, wanted: String, found: String },
}

/// No connection came free in time: the server is busy or the database is away.
#[derive(Debug, thiserror::Error)]
#[error("no database connection within {WAIT:?}")]
pub struct Unavailable;

const WAIT: Duration = Duration::from_secs(5);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Sqlite(PathBuf),
    Postgres(String),
}

impl std::str::FromStr for Address {
    type Err = OpenError;

    /// `sqlite:PATH` or `postgres://…`; anything else is refused rather than
    /// taken for the name of a new file.
    fn from_str(text: &str) -> Result<Self, OpenError> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            Ok(Address::Sqlite(PathBuf::from(path.trim_start_matches("//"))))
        } else if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Address::Postgres(text.to_owned()))
        } else {
            Err(OpenError::Address(text.to_owned()))
        }
    }
}

impl Address {
    /// Whether there is nothing yet where the address points: no file.
    /// A PostgreSQL server always is something.
    pub fn is_vacant(&self) -> bool {
        matches!(self, Address::Sqlite(path) if !path.exists())
    }
}

/// The open database: a pool of readers and one queue of writers.
pub struct Database {
    address: Address,
    engine: Engine,
}

enum Engine {
    Sqlite { writer: Mutex<Conn>, readers: Pool<Opener> },
    Postgres { pool: Pool<Opener> },
}

struct Opener {
    address: Address,
    read_only: bool,
}

impl Opener {
    fn open(&self) -> Result<Conn, OpenError> {
        match &self.address {
            Address::Sqlite(path) => open_sqlite(path, self.read_only).map(Conn::Sqlite),
            Address::Postgres(url) => {
                PgConnection::establish(url).map(Conn::Postgres).map_err(|e| OpenError::Connect(e.to_string()))
            }
        }
    }
}

impl ManageConnection for Opener {
    type Connection = Conn;
    type Error = OpenError;

    fn connect(&self) -> Result<Conn, OpenError> {
        self.open()
    }

    fn is_valid(&self, _: &mut Conn) -> Result<(), OpenError> {
        Ok(())
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        !is_idle(conn)
    }
}

fn is_idle(conn: &mut Conn) -> bool {
    let status = on!(conn, c => AnsiTransactionManager::transaction_manager_status_mut(c));
    matches!(status, TransactionManagerStatus::Valid(valid) if valid.transaction_depth().is_none())
}

/// The settings every SQLite connection must hold, read back after setting:
/// `synchronous=FULL` is what makes “saved” mean “on disk”. Pages are kept up to 16 MiB
/// (negative: in KiB), what the classes of one school look at in an evening.
const SQLITE_SETTINGS: [(&str, &str, i32); 4] = [
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", "5000", 5000),
    ("cache_size", "-16384", -16384),
];

#[derive(QueryableByName)]
struct IntegerSetting {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    value: i32,
}

#[derive(QueryableByName)]
struct TextSetting {
    #[diesel(sql_type = diesel::sql_types::Text)]
    value: String,
}

fn open_sqlite(path: &Path, read_only: bool) -> Result<SqliteConnection, OpenError> {
    let broken = |e: diesel::result::Error| OpenError::Connect(e.to_string());
    let mut conn =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| OpenError::Connect(e.to_string()))?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL;").map_err(broken)?;
    let mode: TextSetting = diesel::sql_query("SELECT journal_mode AS value FROM pragma_journal_mode")
        .get_result(&mut conn)
        .map_err(broken)?;
    if mode.value != "wal" {
        return Err(OpenError::Setting { setting: "journal_mode", wanted: "wal".into(), found: mode.value });
    }
    for (setting, word, wanted) in SQLITE_SETTINGS {
        conn.batch_execute(&format!("PRAGMA {setting} = {word}")).map_err(broken)?;
        let column = if setting == "busy_timeout" { "timeout" } else { setting };
        let found: IntegerSetting = diesel::sql_query(format!("SELECT {column} AS value FROM pragma_{setting}"))
            .get_result(&mut conn)
            .map_err(broken)?;
        if found.value != wanted {
            return Err(OpenError::Setting { setting, wanted: wanted.to_string(), found: found.value.to_string() });
        }
    }
    if read_only {
        conn.batch_execute("PRAGMA query_only = ON").map_err(broken)?;
    }
    Ok(conn)
}

impl Database {
    /// Opens the database; a missing SQLite file and its folder are made.
    pub fn open(address: &Address) -> Result<Self, OpenError> {
        let pool = |read_only, size| {
            Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .test_on_check_out(false)
                .connection_timeout(WAIT)
                .build(Opener { address: address.clone(), read_only })
                .map_err(|e| OpenError::Connect(e.to_string()))
        };
        let opener = Opener { address: address.clone(), read_only: false };
        let engine = match address {
            Address::Sqlite(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)
                        .map_err(|e| OpenError::Connect(format!("{}：{e}", folder.display())))?;
                }
                let writer = Mutex::new(opener.open()?);
                Engine::Sqlite { writer, readers: pool(true, SQLITE_READERS)? }
            }
            Address::Postgres(_) => {
                opener.open()?;
                Engine::Postgres { pool: pool(false, POSTGRES_CONNECTIONS)? }
            }
        };
        Ok(Database { address: address.clone(), engine })
    }

    pub fn address(&self) -> &Address {
        &self.address
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.engine, Engine::Sqlite { .. })
    }

    /// Reads in one transaction that the engine keeps read-only.
    pub fn read<T, E>(&self, reach: Reach, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error> + From<Unavailable>,
    {
        match &self.engine {
            Engine::Sqlite { readers, .. } => transact(&mut *checkout(readers)?, "BEGIN", f),
            Engine::Postgres { pool } => {
                let begin = format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}", reach.as_setting());
                transact(&mut *checkout(pool)?, &begin, f)
            }
        }
    }

    /// Writes in one transaction: all of it, or on any error nothing.
    pub fn write<T, E>(&self, reach: Reach, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
    where
        E: From<diesel::result::Error> + From<Unavailable>,
    {
        match &self.engine {
            Engine::Sqlite { writer, .. } => {
                let mut conn = writer.lock().unwrap_or_else(PoisonError::into_inner);
                if !is_idle(&mut conn) {
                    // A panic left its transaction open: take it back first.
                    on!(&mut *conn, c => AnsiTransactionManager::rollback_transaction(c))?;
                }
                transact(&mut conn, "BEGIN IMMEDIATE", f)
            }
            Engine::Postgres { pool } => {
                let begin = format!("BEGIN ISOLATION LEVEL READ COMMITTED; {}", reach.as_setting());
                transact(&mut *checkout(pool)?, &begin, f)
            }
        }
    }
}

impl Conn {
    /// Turns the open transaction to other rows: for what happens between two schools,
    /// one of them after the other and never both at once.
    pub fn turn_to(&mut self, reach: Reach) -> QueryResult<()> {
        match self {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(conn) => conn.batch_execute(&reach.as_setting()),
        }
    }
}

impl Reach {
    fn as_setting(self) -> String {
        match self {
            Reach::Owner(owner) => format!("SET LOCAL qinghe.owner = '{owner}'"),
            Reach::All => "SET LOCAL qinghe.owner = '*'".to_owned(),
        }
    }
}

fn checkout(pool: &Pool<Opener>) -> Result<PooledConnection<Opener>, Unavailable> {
    pool.get_timeout(WAIT).map_err(|_| Unavailable)
}

fn transact<T, E>(conn: &mut Conn, begin: &str, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E>
where
    E: From<diesel::result::Error>,
{
    on!(conn, c => AnsiTransactionManager::begin_transaction_sql(c, begin))?;
    match f(conn) {
        Ok(value) => {
            on!(conn, c => AnsiTransactionManager::commit_transaction(c))?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to tell; a connection that cannot
            // roll back is thrown away by the pool.
            if let Err(rollback) = on!(conn, c => AnsiTransactionManager::rollback_transaction(c)) {
                tracing::error!(%rollback, "a transaction could not be rolled back");
            }
            Err(error)
        }
    }
}
