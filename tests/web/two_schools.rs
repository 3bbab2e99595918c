//! Two schools whose rows have the same ids: neither can reach the other's.
use crate::support::{School, TERM};
use diesel::prelude::*;
use qinghe::platform::db::Conn;
use serde_json::json;

/// Gives school 2 a class with the id of lin's class at school 1, led by lin2, with
/// 于海洋 in it under the enrolment id of 李沐阳.
fn twins() -> School {
    let school = School::open();
    let mut conn = school.raw();
    for sql in [
        "INSERT INTO class SELECT 2, id, cohort, 9 FROM class WHERE school_id = 1 AND number = 1",
        "UPDATE post SET class_id = (SELECT id FROM class WHERE school_id = 1 AND number = 1) WHERE school_id = 2",
        "UPDATE enrolment SET class_id = (SELECT id FROM class WHERE school_id = 1 AND number = 1), \
         id = (SELECT e.id FROM enrolment e JOIN student s ON s.id = e.student_id WHERE e.school_id = 1 AND s.name = '李沐阳') \
         WHERE school_id = 2",
    ] {
        assert_eq!(diesel::sql_query(sql).execute(&mut conn).unwrap(), 1, "{sql}");
    }
    school
}

#[actix_web::test]
async fn equal_ids_in_two_schools_stay_apart() {
    let school = twins();
    let (lin, lin2) = (school.sign_in("lin").await, school.sign_in("lin2").await);
    let (class, li, yu) = (school.map.class, school.map.li, school.map.yu);
    let grid = format!("/class/{class}/grid");
    let cells = format!("/class/{class}/{TERM}/cells");
    let cell = |student| json!([{ "student": student, "domain": "moral", "band": "good", "revision": 0 }]);

    let (one, two) = (lin.get(&grid).await.text, lin2.get(&grid).await.text);
    assert!(one.contains("李沐阳") && !one.contains("于海洋"), "{one}");
    assert!(two.contains("于海洋") && !two.contains("李沐阳"), "{two}");

    assert_eq!(lin.json(&cells, &cell(yu)).await.status, 404);
    assert_eq!(lin2.json(&cells, &cell(li)).await.status, 404);
    assert_eq!(lin2.json(&cells, &cell(yu)).await.status, 200);
    assert!(!lin.get(&grid).await.text.contains("data-v=\"good\""), "a band of the twin class does not show here");

    for (person, own, other) in [("office1", "李沐阳", "于海洋"), ("office2", "于海洋", "李沐阳")] {
        let office = school.sign_in(person).await;
        for page in ["/office", "/office/classes", "/office/print"] {
            let text = office.get(page).await.text;
            assert!(!text.contains(other), "{page} of {own}'s school names {other}");
        }
    }
    let signed = lin2.post(&format!("/class/{class}/{TERM}/sign"), &[("accept", "yes")]).await;
    assert_eq!(signed.status, 303);
    assert_eq!(lin.json(&cells, &cell(li)).await.status, 200, "the twin's signature does not close this class");
}

#[actix_web::test]
async fn on_postgresql_a_transaction_of_one_school_sees_no_row_of_another() {
    let school = School::open();
    let Conn::Postgres(mut conn) = school.raw() else {
        // SQLite has no second wall: the grants alone hold there, as above.
        return;
    };
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let count = |conn: &mut PgConnection, table: &str, school: i32| {
        let sql = format!("SELECT count(*) AS n FROM {table} WHERE school_id = {school}");
        diesel::sql_query(sql).get_result::<Count>(conn).unwrap().n
    };
    for table in ["class", "enrolment", "post"] {
        diesel::sql_query("SET qinghe.owner = '*'").execute(&mut conn).unwrap();
        assert!(count(&mut conn, table, 2) > 0, "{table}");
        diesel::sql_query("SET qinghe.owner = '1'").execute(&mut conn).unwrap();
        assert!(count(&mut conn, table, 1) > 0 && count(&mut conn, table, 2) == 0, "{table}");
        diesel::sql_query("SET qinghe.owner = ''").execute(&mut conn).unwrap();
        assert_eq!(count(&mut conn, table, 1), 0, "{table}: without a grant nothing is seen");
    }
    // Every table whose key begins with the school has the wall; the journal's chains
    // are walked whole and have none.
    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
        #[diesel(sql_type = diesel::sql_types::Bool)]
        walled: bool,
    }
    let sql = "SELECT c.relname::text AS name, c.relforcerowsecurity AND c.relrowsecurity AS walled FROM pg_index i \
               JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0] \
               WHERE i.indisprimary AND a.attname = 'school_id' ORDER BY 1";
    let tables: Vec<Table> = diesel::sql_query(sql).load(&mut conn).unwrap();
    let open: Vec<&str> = tables.iter().filter(|table| !table.walled).map(|table| table.name.as_str()).collect();
    assert_eq!(open, ["journal", "journal_detail", "journal_head"]);
    assert!(tables.len() > 15);
    let refused = diesel::sql_query("INSERT INTO class SELECT 2, id, 2020, 1 FROM class").execute(&mut conn);
    assert_eq!(refused.unwrap_or(0), 0);
}
