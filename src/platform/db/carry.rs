//! Every row of a database as lines of JSON, one array a row, written by either
//! engine and put back into either: what is carried is what the catalogue names,
//! so a new table comes along by itself and a column of a kind not known here is
//! an error, never left out.

use super::{Conn, Unavailable};
use crate::on;
use diesel::connection::SimpleConnection;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Write};

#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    #[error("数据库没有答应：{0}")]
    Database(#[from] diesel::result::Error),
    #[error("数据库连不上，请看一看它是不是在运行。")]
    Unavailable(#[from] Unavailable),
    #[error("文件读写不了：{0}")]
    File(#[from] io::Error),
    #[error("{0} 的类型 {1} 本程序还不会搬")]
    Kind(String, String),
    #[error("{table} 应有 {wanted} 行，读到 {found} 行")]
    Rows { table: String, wanted: u64, found: u64 },
}

/// What a column holds. In a line a number or 0/1 stands for itself, bytes and ids
/// are hexadecimal, days and moments are ISO 8601 as SQLite keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Text,
    Integer,
    Bigint,
    Boolean,
    Uuid,
    Bytea,
    Date,
    Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// A table and its columns, in the order in which lines carry them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    of: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn found(conn: &mut Conn, sqlite: &str, postgres: &str) -> QueryResult<Vec<Found>> {
    match conn {
        Conn::Sqlite(c) => diesel::sql_query(sqlite).load(c),
        Conn::Postgres(c) => diesel::sql_query(postgres).load(c),
    }
}

fn kind_of(column: &Found) -> Result<Kind, CarryError> {
    Ok(match column.kind.to_lowercase().as_str() {
        "text" => Kind::Text,
        "integer" => Kind::Integer,
        "bigint" => Kind::Bigint,
        "boolean" => Kind::Boolean,
        "uuid" => Kind::Uuid,
        "bytea" => Kind::Bytea,
        "date" => Kind::Date,
        "timestamp" | "timestamp without time zone" => Kind::Timestamp,
        other => {
            return Err(CarryError::Kind(format!("{}.{}", column.of, column.name), other.to_owned()));
        }
    })
}

/// The tables there are, each after those its rows refer to. The migrations' own
/// list is not among them.
pub fn tables(conn: &mut Conn) -> Result<Vec<Table>, CarryError> {
    let columns = found(
        conn,
        "SELECT m.name AS of, c.name AS name, c.type AS kind FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND substr(m.name, 1, 2) <> '__' ORDER BY m.name, c.cid",
        "SELECT table_name::text AS of, column_name::text AS name, data_type::text AS kind FROM information_schema.columns \
         JOIN information_schema.tables USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' \
         AND table_schema = current_schema() AND left(table_name, 2) <> '__' ORDER BY table_name, ordinal_position",
    )?;
    let mut waiting: Vec<Table> = Vec::new();
    for column in columns {
        let kind = kind_of(&column)?;
        if waiting.last().is_none_or(|last| last.name != column.of) {
            waiting.push(Table { name: column.of, columns: Vec::new() });
        }
        if let Some(table) = waiting.last_mut() {
            table.columns.push(Column { name: column.name, kind });
        }
    }
    let refers = found(
        conn,
        "SELECT m.name AS of, f.\"table\" AS name, '' AS kind FROM sqlite_master m \
         JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f.\"table\" <> m.name",
        "SELECT f.relname::text AS of, t.relname::text AS name, '' AS kind FROM pg_constraint c \
         JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid \
         WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace AND f.oid <> t.oid",
    )?;
    let mut ordered: Vec<Table> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let ready =
            |table: &Table| !refers.iter().any(|r| r.of == table.name && waiting.iter().any(|w| w.name == r.name));
        let (now, later): (Vec<Table>, Vec<Table>) = waiting.iter().cloned().partition(ready);
        // Tables that refer to each other in a ring would wait for ever: take them as they are.
        let (now, later) = if now.is_empty() { (later, now) } else { (now, later) };
        ordered.extend(now);
        waiting = later;
    }
    Ok(ordered)
}

/// The versions of the migrations that made these tables.
pub fn migrations_applied(conn: &mut Conn) -> QueryResult<Vec<String>> {
    let query = "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version";
    let versions: Vec<Line> = on!(conn, c => diesel::sql_query(query).load(c))?;
    Ok(versions.into_iter().map(|row| row.line).collect())
}

/// Whether a table has no row.
pub fn is_empty(conn: &mut Conn, table: &Table) -> QueryResult<bool> {
    let query = format!("SELECT count(*) AS n FROM (SELECT 1 FROM \"{}\" LIMIT 1) AS one", table.name);
    let count: Count = on!(conn, c => diesel::sql_query(query).get_result(c))?;
    Ok(count.n == 0)
}

impl Column {
    fn told_by_sqlite(&self) -> String {
        let name = format!("\"{}\"", self.name);
        match self.kind {
            Kind::Uuid | Kind::Bytea => format!("iif({name} IS NULL, NULL, lower(hex({name})))"),
            _ => name,
        }
    }

    fn told_by_postgres(&self) -> String {
        let name = format!("\"{}\"", self.name);
        match self.kind {
            Kind::Boolean => format!("{name}::integer"),
            Kind::Uuid => format!("replace({name}::text, '-', '')"),
            Kind::Bytea => format!("encode({name}, 'hex')"),
            // As SQLite keeps moments, so that they compare there as text: no
            // fraction, or three or six digits.
            Kind::Timestamp => format!(
                "to_char({name}, 'YYYY-MM-DD HH24:MI:SS') || CASE WHEN to_char({name}, 'US') = '000000' THEN '' \
                 WHEN right(to_char({name}, 'US'), 3) = '000' THEN to_char({name}, '.MS') ELSE to_char({name}, '.US') END"
            ),
            Kind::Text | Kind::Integer | Kind::Bigint | Kind::Date => name,
        }
    }

    fn taken_by_sqlite(&self, at: usize) -> String {
        match self.kind {
            Kind::Uuid | Kind::Bytea => format!("unhex(value ->> {at})"),
            _ => format!("value ->> {at}"),
        }
    }

    fn taken_by_postgres(&self, at: usize) -> String {
        match self.kind {
            Kind::Text => format!("value ->> {at}"),
            Kind::Integer => format!("(value ->> {at})::integer"),
            Kind::Bigint => format!("(value ->> {at})::bigint"),
            Kind::Boolean => format!("(value ->> {at})::integer = 1"),
            Kind::Uuid => format!("(value ->> {at})::uuid"),
            Kind::Bytea => format!("decode(value ->> {at}, 'hex')"),
            Kind::Date => format!("(value ->> {at})::date"),
            Kind::Timestamp => format!("(value ->> {at})::timestamp"),
        }
    }
}

impl Table {
    fn list(&self, of: impl Fn((usize, &Column)) -> String) -> String {
        self.columns.iter().enumerate().map(of).collect::<Vec<_>>().join(", ")
    }

    /// Writes every row as one line; says how many.
    pub fn write_rows(&self, conn: &mut Conn, to: &mut impl Write) -> Result<u64, CarryError> {
        let mut rows = 0;
        let mut write = |row: QueryResult<Line>| -> Result<(), CarryError> {
            rows += 1;
            to.write_all(row?.line.as_bytes())?;
            Ok(to.write_all(b"\n")?)
        };
        match conn {
            Conn::Sqlite(c) => {
                let told = self.list(|(_, column)| column.told_by_sqlite());
                let query = diesel::sql_query(format!("SELECT json_array({told}) AS line FROM \"{}\"", self.name));
                query.load_iter::<Line, _>(c)?.try_for_each(&mut write)?;
            }
            Conn::Postgres(c) => {
                let told = self.list(|(_, column)| column.told_by_postgres());
                let query =
                    diesel::sql_query(format!("SELECT json_build_array({told})::text AS line FROM \"{}\"", self.name));
                query.load_iter::<Line, PgRowByRowLoadingMode>(c)?.try_for_each(&mut write)?;
            }
        }
        Ok(rows)
    }

    /// Puts lines back as rows; says how many.
    pub fn put_rows(&self, conn: &mut Conn, lines: impl BufRead) -> Result<u64, CarryError> {
        let names = self.list(|(_, column)| format!("\"{}\"", column.name));
        let insert = match conn {
            Conn::Sqlite(_) => {
                let taken = self.list(|(at, column)| column.taken_by_sqlite(at));
                format!("INSERT INTO \"{}\" ({names}) SELECT {taken} FROM json_each(?)", self.name)
            }
            Conn::Postgres(_) => {
                let taken = self.list(|(at, column)| column.taken_by_postgres(at));
                format!("INSERT INTO \"{}\" ({names}) SELECT {taken} FROM json_array_elements($1::json)", self.name)
            }
        };
        let (mut rows, mut batch) = (0, String::new());
        let mut put = |batch: &mut String| -> QueryResult<()> {
            if !batch.is_empty() {
                let many = format!("[{batch}]");
                rows += on!(conn, c => diesel::sql_query(&insert).bind::<Text, _>(many).execute(c))?;
                batch.clear();
            }
            Ok(())
        };
        for line in lines.lines() {
            if !batch.is_empty() {
                batch.push(',');
            }
            batch.push_str(&line?);
            if batch.len() > BATCH_BYTES {
                put(&mut batch)?;
            }
        }
        put(&mut batch)?;
        Ok(rows as u64)
    }
}

const BATCH_BYTES: usize = 256 << 10;

/// Runs `put` with the tables' triggers aside: what they forbid to be written
/// anew (a band after the seal) was right when it was written. All in the
/// transaction that is open.
pub fn with_triggers_aside<T>(
    conn: &mut Conn,
    tables: &[Table],
    put: impl FnOnce(&mut Conn) -> Result<T, CarryError>,
) -> Result<T, CarryError> {
    let triggers: Vec<Found> = match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("SELECT name, sql AS kind, '' AS of FROM sqlite_master WHERE type = 'trigger'").load(c)?
        }
        Conn::Postgres(_) => Vec::new(),
    };
    let switch = |conn: &mut Conn, word: &str| -> QueryResult<()> {
        match conn {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(c) => tables
                .iter()
                .try_for_each(|table| c.batch_execute(&format!("ALTER TABLE \"{}\" {word} TRIGGER USER", table.name))),
        }
    };
    for trigger in &triggers {
        on!(conn, c => c.batch_execute(&format!("DROP TRIGGER \"{}\"", trigger.name)))?;
    }
    switch(conn, "DISABLE")?;
    let done = put(conn)?;
    switch(conn, "ENABLE")?;
    for trigger in &triggers {
        on!(conn, c => c.batch_execute(&trigger.kind))?;
    }
    Ok(done)
}
