//! Migrations: `migrations/both` is shared SQL; what the engines cannot share
//! has twins of one name in `migrations/sqlite` and `migrations/postgres`.

use super::{Conn, Database, Engine, Opener};
use crate::on;
use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const BOTH: EmbeddedMigrations = embed_migrations!("migrations/both");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The shared migrations and one engine's own, in order of version.
struct Merged(&'static EmbeddedMigrations);

impl<DB: Backend> MigrationSource<DB> for Merged {
    fn migrations(&self) -> diesel::migration::Result<Vec<Box<dyn Migration<DB>>>> {
        let mut all = MigrationSource::<DB>::migrations(&BOTH)?;
        all.extend(MigrationSource::<DB>::migrations(self.0)?);
        all.sort_by_key(|migration| migration.name().version().as_owned());
        Ok(all)
    }
}

fn run_these<C: MigrationHarness<DB>, DB: Backend>(
    conn: &mut C,
    all: Merged,
    versions: &[String],
) -> diesel::migration::Result<()> {
    let known = MigrationSource::<DB>::migrations(&all)?;
    for version in versions {
        let found = known.iter().find(|migration| migration.name().version().to_string() == *version);
        let migration = found.ok_or_else(|| format!("本程序不认识第 {version} 步，请用更新的程序"))?;
        conn.run_migration(migration)?;
    }
    Ok(())
}

#[derive(Debug, thiserror::Error)]
#[error("数据库升级没有完成：{0}")]
pub struct MigrationFailed(String);

impl Database {
    /// How many migrations this program has that the database has not.
    pub fn pending_migrations(&self) -> Result<usize, MigrationFailed> {
        self.migrating(|conn| {
            Ok(match conn {
                Conn::Sqlite(c) => c.pending_migrations(Merged(&SQLITE))?.len(),
                Conn::Postgres(c) => c.pending_migrations(Merged(&POSTGRES))?.len(),
            })
        })
    }

    /// Whether no migration has ever run here.
    pub fn is_blank(&self) -> Result<bool, MigrationFailed> {
        self.migrating(|conn| Ok(on!(conn, c => c.applied_migrations())?.is_empty()))
    }

    /// Brings the database to this program's version; says how many steps it took.
    pub fn migrate(&self) -> Result<usize, MigrationFailed> {
        self.migrating(|conn| {
            Ok(match conn {
                Conn::Sqlite(c) => c.run_pending_migrations(Merged(&SQLITE))?.len(),
                Conn::Postgres(c) => c.run_pending_migrations(Merged(&POSTGRES))?.len(),
            })
        })
    }

    /// Brings a blank database to where these migrations lead, and no further.
    ///
    /// # Errors
    /// A version that this program does not know.
    pub fn migrate_as(&self, versions: &[String]) -> Result<(), MigrationFailed> {
        self.migrating(|conn| match conn {
            Conn::Sqlite(c) => run_these(c, Merged(&SQLITE), versions),
            Conn::Postgres(c) => run_these(c, Merged(&POSTGRES), versions),
        })
    }

    /// Takes every migration back, and with them every row.
    pub fn unmigrate(&self) -> Result<usize, MigrationFailed> {
        self.migrating(|conn| {
            Ok(match conn {
                Conn::Sqlite(c) => c.revert_all_migrations(Merged(&SQLITE))?.len(),
                Conn::Postgres(c) => c.revert_all_migrations(Merged(&POSTGRES))?.len(),
            })
        })
    }

    /// A connection of its own, outside the pool; on PostgreSQL the policies
    /// must let a migration see every row.
    fn migrating<T>(&self, f: impl FnOnce(&mut Conn) -> diesel::migration::Result<T>) -> Result<T, MigrationFailed> {
        let opener = Opener { address: self.address.clone(), read_only: false };
        let mut conn = opener.open().map_err(|e| MigrationFailed(e.to_string()))?;
        if let (Engine::Postgres { .. }, Conn::Postgres(c)) = (&self.engine, &mut conn) {
            c.batch_execute("SET qinghe.owner = '*'").map_err(|e| MigrationFailed(e.to_string()))?;
        }
        f(&mut conn).map_err(|e| MigrationFailed(e.to_string()))
    }
}
