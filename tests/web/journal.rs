//! The journal says whole, purged or broken, and where.
use crate::evaluation::{fill, sign};
use crate::place::Place;
use crate::support::School;
use chrono::{Days, NaiveDateTime};
use diesel::prelude::*;
use qinghe::journal::{Break, ChainReport, Entry, sign_night, take_line};
use qinghe::names::{Role, SchoolId};
use qinghe::platform::db::Conn;

/// A school with some acts in its chain.
async fn lived_in() -> School {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    school
}

async fn check(school: &School) -> Vec<ChainReport> {
    let keys = school.door.house().keys.clone();
    school.operator().survey(move |conn| Ok(qinghe::journal::check(conn, &keys)?)).await.unwrap()
}

pub async fn broken(school: &School) -> Option<(i64, Break)> {
    check(school).await.into_iter().find(|report| report.chain == 1).unwrap().broken
}

/// Past the triggers, as someone with the database file in hand would go.
fn tamper(school: &School, sql: &str) {
    let mut conn = school.raw();
    match &mut conn {
        Conn::Sqlite(conn) => {
            for trigger in
                ["journal_no_update", "journal_no_delete", "journal_detail_no_update", "journal_detail_purge"]
            {
                diesel::sql_query(format!("DROP TRIGGER {trigger}")).execute(conn).unwrap();
            }
        }
        Conn::Postgres(conn) => {
            for table in ["journal", "journal_detail"] {
                diesel::sql_query(format!("ALTER TABLE {table} DISABLE TRIGGER USER")).execute(conn).unwrap();
            }
        }
    }
    for statement in sql.split(';') {
        let changed = diesel::sql_query(statement).execute(&mut conn).unwrap();
        assert!(changed > 0, "{statement} changed nothing");
    }
}

fn last_line(school: &School) -> i64 {
    use qinghe::schema::journal_head;
    journal_head::table.find(1).select(journal_head::n).first(&mut school.raw()).unwrap()
}

#[actix_web::test]
async fn a_whole_journal_is_whole_and_the_command_says_so() {
    let school = lived_in().await;
    assert!(
        check(&school)
            .await
            .iter()
            .all(|report| report.broken.is_none() && report.lines > 0 && report.purged.is_empty())
    );
    let (code, said, _) = Place::of(&school).run(&["journal", "check"]);
    assert!(code == 0 && said.contains("完整"), "{said}");
}

#[actix_web::test]
async fn what_a_journalled_purge_removed_leaves_the_chain_whole_and_nothing_else_can_remove_it() {
    let school = lived_in().await;
    let remove = |n: i64| {
        let sql = format!("DELETE FROM journal_detail WHERE school_id = 1 AND n = {n}");
        diesel::sql_query(sql).execute(&mut school.raw())
    };
    assert!(remove(3).unwrap_err().to_string().contains("journalled purge"));

    let at: NaiveDateTime = school.clock.now();
    let entry = Entry {
        at,
        account: None,
        role: Role::Operator,
        verb: "purged",
        about: r#"{"purged":[{"n":3}]}"#,
        detail: "{}",
    };
    let line = take_line(&mut school.raw(), SchoolId(1)).unwrap();
    line.write(&mut school.raw(), &entry).unwrap();
    assert_eq!(remove(3).unwrap(), 1);
    assert!(remove(2).unwrap_err().to_string().contains("journalled purge"), "the purge named another line");

    let report = check(&school).await.into_iter().find(|report| report.chain == 1).unwrap();
    assert_eq!((report.broken, report.purged), (None, vec![3]));
    let (code, said, _) = Place::of(&school).run(&["journal", "check"]);
    assert!(code == 0 && said.contains("第 3 条的细节已依法清除"), "{said}");
}

#[actix_web::test]
async fn a_tampered_journal_is_broken_where_it_was_touched() {
    let of = |sql: &'static str| async move {
        let school = lived_in().await;
        tamper(&school, sql);
        broken(&school).await
    };
    let verb = "UPDATE journal SET verb = 'nothing_happened' WHERE school_id = 1 AND n = 5";
    assert_eq!(of(verb).await, Some((5, Break::LineChanged)));
    let detail = "UPDATE journal_detail SET detail = '{}' WHERE school_id = 1 AND n = 5";
    assert_eq!(of(detail).await, Some((5, Break::DetailChanged)));
    let lost = "DELETE FROM journal_detail WHERE school_id = 1 AND n = 5";
    assert_eq!(of(lost).await, Some((5, Break::DetailLost)));
    let missing =
        "DELETE FROM journal_detail WHERE school_id = 1 AND n = 5;DELETE FROM journal WHERE school_id = 1 AND n = 5";
    assert_eq!(of(missing).await, Some((5, Break::LineMissing)));

    let school = lived_in().await;
    let last = last_line(&school);
    let end = format!(
        "DELETE FROM journal_detail WHERE school_id = 1 AND n = {last};DELETE FROM journal WHERE school_id = 1 AND n = {last}"
    );
    tamper(&school, &end);
    assert_eq!(broken(&school).await, Some((last, Break::EndMissing)));
    let (code, said, complaint) = Place::of(&school).run(&["journal", "check"]);
    assert!(code == 1 && said.contains(&format!("第 {last} 条断了")) && !complaint.is_empty(), "{said}{complaint}");
}

#[actix_web::test]
async fn a_chain_put_back_to_an_earlier_end_is_betrayed_by_the_nights_signature() {
    let school = lived_in().await;
    let keys = school.door.house().keys.clone();
    let night = school.clock.today() - Days::new(1);
    assert!(sign_night(&mut school.raw(), &keys, night).unwrap());
    assert!(!sign_night(&mut school.raw(), &keys, night).unwrap(), "a night is signed once");
    assert_eq!(broken(&school).await, None);

    let last = last_line(&school);
    tamper(
        &school,
        &format!(
            "DELETE FROM journal_detail WHERE school_id = 1 AND n = {last};DELETE FROM journal WHERE school_id = 1 AND n = {last};\
             UPDATE journal_head SET n = {0}, sha256 = (SELECT sha256 FROM journal WHERE school_id = 1 AND n = {0}) WHERE school_id = 1",
            last - 1
        ),
    );

    assert_eq!(broken(&school).await, Some((last, Break::SignedBeyondEnd)));
}

#[actix_web::test]
async fn lines_of_the_journal_are_neither_changed_nor_deleted() {
    let school = lived_in().await;
    for sql in [
        "UPDATE journal SET verb = 'x'",
        "DELETE FROM journal",
        "UPDATE journal_detail SET detail = 'x'",
        "UPDATE banding SET band = NULL",
        "DELETE FROM banding",
        "UPDATE comment SET text = 'x'",
        "DELETE FROM signature",
    ] {
        let error = diesel::sql_query(sql).execute(&mut school.raw()).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
}

#[actix_web::test]
async fn details_go_after_three_years_and_the_chain_stays_whole_and_says_so() {
    let school = lived_in().await;
    let operator = school.operator();
    let purge = async || {
        let now = school.clock.now();
        operator
            .keep_house(move |conn| Ok(qinghe::journal::purge(conn, SchoolId(1), now, chrono::Months::new(36))?))
            .await
            .unwrap()
    };
    let lines = check(&school).await.into_iter().find(|report| report.chain == 1).unwrap().lines;
    assert_eq!(purge().await, 0, "nothing is old enough");
    school.clock.set(school.clock.now() + chrono::Months::new(37));

    let gone = purge().await;

    assert_eq!(i64::try_from(gone).unwrap(), lines);
    let report = check(&school).await.into_iter().find(|report| report.chain == 1).unwrap();
    assert_eq!((report.lines, report.purged.len(), report.broken), (lines + 1, gone, None));
    assert_eq!(purge().await, 0, "and only once");
}
