//! A term of two hundred records a pupil beside one of ten: what a page costs must not
//! grow with what was written.

use crate::{Bench, Person, cpu, line, median, sign_in};
use actix_web::test::{self, TestRequest};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double};
use serde_json::Value;

const FEW: i64 = 10;
const MANY: i64 = 200;
const ROUNDS: usize = 7;
/// CPU is told in hundredths of a second: enough pages for it to count.
const PAGES_A_ROUND: usize = 400;
const BESIDES_A_ROUND: usize = 50;
/// 2026 年秋: the term of the county's today.
const TERM: i64 = 20261;
const TITLE: &str = "量一量第";

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = BigInt)]
    pupils: i64,
    #[diesel(sql_type = Double)]
    each: f64,
}

impl Bench {
    pub(crate) async fn records(&self) {
        let mut conn = SqliteConnection::establish(self.database.to_str().unwrap()).unwrap();
        let before = told(&mut conn);
        more(&mut conn, (FEW - before.each as i64).max(1));
        let few = told(&mut conn);
        assert!(few.pupils >= 1_000 - 2 * 42, "{} pupils", few.pupils);
        let (teacher, grid, beside) = self.teacher_of_many().await;
        let (guardian, timeline) = self.guardian_of_many().await;
        let pages = [
            ("家长时间线一页 CPU", &guardian, &timeline),
            ("班级表一页 CPU", teacher, &grid),
            ("　表旁的记录", teacher, &beside),
        ];
        let mut costs = Vec::new();
        for (_, person, address) in &pages {
            costs.push(self.cost(person, address).await);
        }
        more(&mut conn, MANY - few.each as i64);
        let many = told(&mut conn);
        for ((what, person, address), cost) in pages.into_iter().zip(costs) {
            let dear = self.cost(person, address).await;
            let wanted = if what.starts_with('　') { "" } else { "≤ 1.5" };
            line(
                &format!("{what}，{:.0} 条比 {:.0} 条", many.each, few.each),
                format!("{dear:.2} ms"),
                format!("{cost:.2} ms"),
                format!("{:.2}", dear / cost),
                wanted,
            );
        }
        line("　在校学生", format!("{} 人", many.pupils), String::new(), String::new(), "");
    }

    /// CPU milliseconds for one page, median of rounds.
    async fn cost(&self, person: &Person, address: &str) -> f64 {
        let mut all = Vec::new();
        let pages = if address.ends_with("/beside") { BESIDES_A_ROUND } else { PAGES_A_ROUND };
        for _ in 0..ROUNDS {
            let before = cpu();
            for _ in 0..pages {
                assert!(self.seen(person, address).await.is_some(), "{address}");
            }
            all.push((cpu() - before) * 1000.0 / pages as f64);
        }
        median(all)
    }

    async fn seen(&self, person: &Person, address: &str) -> Option<String> {
        let answer = (self.app)(person.request(TestRequest::get().uri(address))).await;
        let found = answer.status() == 200;
        let body = test::read_body(answer).await;
        found.then(|| String::from_utf8(body.to_vec()).unwrap())
    }

    async fn teacher_of_many(&self) -> (&Person, String, String) {
        for (class, teacher) in &self.homerooms {
            let calendar = self.seen(teacher, &format!("/class/{class}/calendar")).await;
            if calendar.is_some_and(|text| text.contains(TITLE)) {
                return (teacher, format!("/class/{class}/grid"), format!("/class/{class}/2026-1/beside"));
            }
        }
        panic!("no class has more records")
    }

    async fn guardian_of_many(&self) -> (Person, String) {
        let accounts = std::fs::read(self.database.with_file_name("accounts.json")).unwrap();
        let accounts: Vec<Value> = serde_json::from_slice(&accounts).unwrap();
        for row in accounts.iter().filter(|row| row["role"] == "guardian") {
            let person = sign_in(&self.app, row).await;
            for student in row["students"].as_array().into_iter().flatten() {
                let timeline = format!("/child/{}/records", student.as_str().unwrap());
                if self.seen(&person, &timeline).await.is_some_and(|text| text.contains(TITLE)) {
                    return (person, timeline);
                }
            }
        }
        panic!("no family has more records")
    }
}

/// Pupils with records in the term in the classes that may still write some, and how
/// many each.
fn told(conn: &mut SqliteConnection) -> Told {
    diesel::sql_query(format!(
        "SELECT count(DISTINCT r.student_id) AS pupils, CAST(count(*) AS REAL) / max(1, count(DISTINCT r.student_id)) AS each \
         FROM record r JOIN enrolment e ON e.school_id = r.school_id AND e.student_id = r.student_id AND e.left_on IS NULL \
         WHERE r.term = {TERM} AND NOT EXISTS (SELECT 1 FROM notice n WHERE n.school_id = e.school_id \
         AND n.class_id = e.class_id AND n.term = {TERM})"
    ))
    .get_result(conn)
    .unwrap()
}

/// So many activities more for each class that is not in its notice, with all its pupils.
/// Their ids are like those the program makes, in the order of time (UUID v7).
fn more(conn: &mut SqliteConnection, count: i64) {
    conn.batch_execute(&format!(
        "BEGIN; \
         CREATE TEMP TABLE more AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         SELECT c.school_id, c.id AS class_id, \
         unhex(printf('%012x%s', 1798500000000 + i * 60000, hex(randomblob(10)))) AS id, i, \
         (SELECT account_id FROM activity a WHERE a.school_id = c.school_id LIMIT 1) AS account_id FROM class c, n \
         WHERE NOT EXISTS (SELECT 1 FROM notice x WHERE x.school_id = c.school_id AND x.class_id = c.id AND x.term = {TERM}); \
         INSERT INTO activity (school_id, id, term, class_id, account_id, role, on_behalf, made_at) \
         SELECT school_id, id, {TERM}, class_id, account_id, 'homeroom', 0, '2026-12-30 08:00:00.000000' FROM more; \
         INSERT INTO telling (school_id, activity_id, revision, indicator, domain, also, title, starts_on, ends_on, words, account_id, at) \
         SELECT school_id, id, 1, 'D31', 'moral', '', '{TITLE} ' || i || ' 件事', date('2026-09-01', '+' || (i % 120) || ' days'), \
         date('2026-09-01', '+' || (i % 120) || ' days'), '大家一起做完了，地扫得干净，工具放回原处。', account_id, '2026-12-30 08:00:00.000000' FROM more; \
         INSERT INTO record (school_id, term, student_id, activity_id, revision, part, state, account_id, role, at) \
         SELECT m.school_id, {TERM}, e.student_id, m.id, 1, 'participant', 'confirmed', m.account_id, 'homeroom', '2026-12-30 08:00:00.000000' \
         FROM more m JOIN enrolment e ON e.school_id = m.school_id AND e.class_id = m.class_id AND e.left_on IS NULL; \
         DROP TABLE more; COMMIT;"
    ))
    .unwrap();
}
