//! Two engines, one schema.
use crate::support::{self, School};
use diesel::prelude::*;
use diesel::sql_types::Text;
use qinghe::on;
use qinghe::platform::db::{Conn, Database};
use std::collections::BTreeMap;

fn names(folder: &str) -> Vec<String> {
    let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_engine_has_the_same_migrations() {
    assert_eq!(names("sqlite"), names("postgres"));
    // Two of one number would count as one, and the second never be run.
    let number = |name: &String| name.split_once('_').unwrap().0.to_owned();
    let all: Vec<String> = names("both").iter().chain(&names("sqlite")).map(number).collect();
    let different: std::collections::BTreeSet<&String> = all.iter().collect();
    assert_eq!(different.len(), all.len(), "{all:?}");
}

#[test]
fn every_migration_goes_down_and_up_again() {
    let database = Database::open(&support::empty_database()).unwrap();
    let steps = database.migrate().unwrap();
    assert_eq!(steps, names("both").len() + names("sqlite").len());
    assert_eq!(database.unmigrate().unwrap(), steps);
    assert_eq!(database.migrate().unwrap(), steps);
    assert_eq!(database.pending_migrations().unwrap(), 0);
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    place: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

/// The columns of the engine under test, against the columns its migrations' text
/// declares: the same text for both engines, so both end alike.
#[test]
fn the_engine_ends_with_the_columns_that_are_declared() {
    let school = School::open();
    let query = match school.raw() {
        Conn::Sqlite(_) => {
            "SELECT m.name || '.' || c.name AS place, lower(c.type) || CASE WHEN c.\"notnull\" = 1 THEN ' not null' ELSE '' END AS kind \
            FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'"
        }
        Conn::Postgres(_) => {
            "SELECT table_name || '.' || column_name AS place, replace(data_type, 'timestamp without time zone', 'timestamp') \
            || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END AS kind FROM information_schema.columns \
            WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    let mut conn = school.raw();
    let found: Vec<Column> = on!(&mut conn, c => diesel::sql_query(query).load(c)).unwrap();
    let found: BTreeMap<String, String> = found.into_iter().map(|c| (c.place, c.kind)).collect();
    assert_eq!(found, declared());
}

fn declare(columns: &mut BTreeMap<String, String>, table: &str, line: &str) {
    let mut words = line.trim_end_matches([',', ';']).split_whitespace();
    let (column, kind) = (words.next().unwrap(), words.next().unwrap().to_lowercase());
    let not_null = if line.contains("NOT NULL") { " not null" } else { "" };
    columns.insert(format!("{table}.{column}"), format!("{kind}{not_null}"));
}

fn declared() -> BTreeMap<String, String> {
    let mut columns = BTreeMap::new();
    for name in names("both") {
        let path = format!("{}/migrations/both/{name}/up.sql", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let mut table = String::new();
        for line in text.lines().map(str::trim) {
            if let Some((altered, column)) =
                line.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" ADD COLUMN "))
            {
                declare(&mut columns, altered, column);
            } else if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.split(' ').next().unwrap().to_owned();
            } else if let Some(rest) = line.strip_prefix("ALTER TABLE ") {
                let words: Vec<&str> = rest.trim_end_matches(';').split(' ').collect();
                let [table, "ADD", "COLUMN", column, kind] = words[..] else { panic!("{line}") };
                columns.insert(format!("{table}.{column}"), kind.to_lowercase());
            } else if line.starts_with(')') {
                table.clear();
            } else if !table.is_empty() && line.chars().next().is_some_and(char::is_lowercase) {
                declare(&mut columns, &table, line);
            }
        }
    }
    assert!(columns.len() > 150);
    columns
}

fn refused(conn: &mut Conn, sql: &str) -> String {
    match on!(conn, c => diesel::sql_query(sql).execute(c)) {
        Err(error) => error.to_string(),
        Ok(rows) => panic!("{sql} changed {rows} rows"),
    }
}

#[actix_web::test]
async fn what_is_written_is_never_changed() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    crate::evaluation::fill(&school, &lin).await;
    crate::evaluation::sign(&school, &lin).await;
    let conn = &mut school.raw();
    for (table, column) in
        [("movement", "kind"), ("journal", "verb"), ("banding", "domain"), ("comment", "text"), ("signature", "term")]
    {
        let said = refused(conn, &format!("UPDATE {table} SET {column} = {column}"));
        assert!(said.contains("append-only"), "{said}");
        let said = refused(conn, &format!("DELETE FROM {table}"));
        assert!(said.contains("append-only"), "{said}");
    }
    assert!(refused(conn, "UPDATE journal_detail SET detail = ''").contains("append-only"));
    assert!(refused(conn, "DELETE FROM journal_detail").contains("purge"));
}

#[actix_web::test]
async fn on_postgres_a_transaction_sees_one_school_only() {
    let school = School::open();
    let Conn::Postgres(mut conn) = school.raw() else { return };
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let mut count = |owner: &str| {
        use diesel::connection::SimpleConnection;
        conn.batch_execute(&format!("SET qinghe.owner = '{owner}'")).unwrap();
        let count: Count = diesel::sql_query("SELECT count(*) AS n FROM enrolment").get_result(&mut conn).unwrap();
        count.n
    };
    assert_eq!((count("*"), count("1"), count("2"), count("0"), count("")), (5, 4, 1, 0, 0));
}
