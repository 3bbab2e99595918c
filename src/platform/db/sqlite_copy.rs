//! A whole copy of a live SQLite database, as of one moment.

use super::{Address, Database, Opener};
use diesel::connection::SimpleConnection;
use std::path::Path;

/// Copies the SQLite database to `to`, a file that must not exist yet, while
/// others read and write (`VACUUM INTO` sees one moment).
///
/// # Errors
/// The engine's own message: the disk is full, the file exists.
pub fn copy_sqlite(database: &Database, to: &Path) -> Result<(), diesel::result::Error> {
    let Address::Sqlite(_) = database.address() else {
        return Err(diesel::result::Error::NotFound);
    };
    let mut conn = Opener { address: database.address().clone(), read_only: false }
        .open()
        .map_err(|e| diesel::result::Error::QueryBuilderError(e.to_string().into()))?;
    let path = to.to_string_lossy().replace('\'', "''");
    conn.batch_execute(&format!("VACUUM INTO '{path}'"))
}
