//! How SQLite goes about what the pages ask. It keeps no figures of the tables, so the
//! plan is the same for a school of three as for one of a thousand: one that reads a whole
//! school's records to show one class is found here, not on a Sunday night in June.
use crate::evidence::own_store;
use crate::notice::noticed;
use crate::portfolio::graduate;
use crate::support::School;
use crate::who_may::{WHO_MAY, Who, at};
use diesel::prelude::*;
use diesel::sql_types::Text;
use qinghe::platform::db::Conn;
use std::collections::BTreeSet;

/// Tables of pupils that do not grow from term to term.
const STEADY: [&str; 3] = ["enrolment", "movement", "family_member"];
/// What a statement names that is not about the whole school.
const NAMED: [&str; 4] = ["student_id", "class_id", "activity_id", "by_id"];

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// Tables that grow with every pupil and every week: those that tell of a pupil, and what
/// an activity is told by.
fn growing(conn: &mut Conn) -> Vec<String> {
    let sql = "SELECT DISTINCT m.name AS detail FROM sqlite_master m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.name IN ('student_id', 'activity_id')";
    let tables: Vec<Step> = diesel::sql_query(sql).load(conn).unwrap();
    tables.into_iter().map(|table| table.detail).filter(|name| !STEADY.contains(&name.as_str())).collect()
}

/// The steps that go through a growing table by the school alone, or by nothing.
fn wide(conn: &mut Conn, growing: &[String], sql: &str) -> Vec<String> {
    let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load(conn).unwrap();
    let is_wide = |step: &String| {
        let mut words = step.split(' ');
        let (how, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        growing.iter().any(|name| name == table)
            && (how == "SCAN" || how == "SEARCH" && step.ends_with("(school_id=?)"))
    };
    steps.into_iter().map(|step| step.detail).filter(is_wide).collect()
}

/// Every page there is, asked for by everyone who may.
async fn read_all(school: &School) {
    for row in WHO_MAY.iter().filter(|row| row.method == "GET" && !row.pattern.contains("{token}")) {
        let who: &[&str] = match row.who {
            Who::Only(who) => who,
            _ => &["lin"],
        };
        for login in who {
            let answer = school.sign_in_now(login).await.get(&at(school, row.example)).await;
            assert!(answer.status < 500, "{}: {}", row.pattern, answer.status);
        }
    }
}

#[actix_web::test]
async fn no_page_goes_through_a_whole_schools_records_to_show_a_class_or_a_child() {
    let (school, _) = own_store();
    if !matches!(school.raw(), Conn::Sqlite(_)) {
        return; // PostgreSQL plans by the figures it keeps of its tables.
    }
    noticed(&school).await;
    read_all(&school).await;
    let mut said: BTreeSet<String> = school.said();
    let graduated = School::open();
    graduate(&graduated).await;
    read_all(&graduated).await;
    said.extend(graduated.said());

    let mut conn = school.raw();
    let growing = growing(&mut conn);
    let names = |sql: &str| {
        NAMED.iter().any(|column| ["` = ?", "` IN (?"].iter().any(|of| sql.contains(&format!("`{column}{of}"))))
    };
    let reads = said.iter().filter(|sql| sql.starts_with("SELECT") && names(sql));
    let found: Vec<String> = reads
        .filter_map(|sql| {
            let wide = wide(&mut conn, &growing, sql);
            (!wide.is_empty()).then(|| format!("{}\n    {sql}", wide.join("; ")))
        })
        .collect();
    assert!(said.len() > 100, "only {} statements were heard", said.len());
    assert!(found.is_empty(), "{} statements are too wide:\n{}", found.len(), found.join("\n"));
}
