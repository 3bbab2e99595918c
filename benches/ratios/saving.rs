//! A class saved at once, alone and by many, beside one connection that does nothing else.

use crate::{Bench, Person, cpu, line, median};
use actix_web::http::header;
use actix_web::test::{self, TestRequest};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::future::join_all;
use qinghe::names::ClassId;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use uuid::Uuid;

const SAVE_ROUNDS: usize = 40;
const WRITERS: usize = 8;
const SAVES_A_WRITER: usize = 25;

impl Bench {
    /// Every cell of a class, changed at once; answers the new revisions.
    async fn save(&self, class: ClassId, teacher: &Person, cells: &mut Vec<Value>, n: usize) -> Duration {
        for cell in cells.iter_mut() {
            cell["band"] = json!(["good", "qualified"][n % 2]);
        }
        let request = TestRequest::post()
            .uri(&format!("/class/{class}/2026-1/cells"))
            .insert_header(("x-csrf-token", teacher.csrf.clone()))
            .insert_header((header::ACCEPT, "application/json"))
            .set_json(&*cells);
        let began = Instant::now();
        let answer = (self.app)(teacher.request(request)).await;
        let took = began.elapsed();
        assert_eq!(answer.status(), 200);
        let told: Value = serde_json::from_slice(&test::read_body(answer).await).unwrap();
        assert_eq!(told["saved"].as_array().unwrap().len(), cells.len());
        for (cell, saved) in cells.iter_mut().zip(told["saved"].as_array().unwrap()) {
            assert_eq!(cell["student"], saved["student"]);
            cell["revision"] = saved["revision"].clone();
        }
        took
    }

    /// The cells of a class as its page shows them.
    async fn cells_of(&self, class: ClassId, teacher: &Person) -> Vec<Value> {
        let page = (self.app)(teacher.request(TestRequest::get().uri(&format!("/class/{class}/grid")))).await;
        let text = String::from_utf8(test::read_body(page).await.to_vec()).unwrap();
        let value = |text: &str, name: &str| {
            let from = text.find(&format!("data-{name}=\"")).unwrap() + name.len() + 7;
            text[from..].split('"').next().unwrap().to_owned()
        };
        let cells =
            text.split("data-student=\"").skip(1).filter(|rest| rest.find("data-domain").is_some_and(|at| at < 60));
        cells
            .map(|rest| {
                let revision: i32 = value(rest, "revision").parse().unwrap();
                json!({ "student": rest.split('"').next().unwrap(), "domain": value(rest, "domain"),
                    "band": "good", "revision": revision })
            })
            .collect()
    }

    /// Classes of the present term that nobody has signed yet, with their cells.
    async fn open_classes(&self) -> Vec<(ClassId, &Person, Vec<Value>)> {
        let mut open = Vec::new();
        for (class, teacher) in &self.homerooms {
            let mut cells = self.cells_of(*class, teacher).await;
            let request = TestRequest::post()
                .uri(&format!("/class/{class}/2026-1/cells"))
                .insert_header(("x-csrf-token", teacher.csrf.clone()))
                .set_json(json!([cells[0]]));
            let answer = (self.app)(teacher.request(request)).await;
            if answer.status() == 200 {
                let told: Value = serde_json::from_slice(&test::read_body(answer).await).unwrap();
                cells[0]["revision"] = told["saved"][0]["revision"].clone();
                open.push((*class, teacher, cells));
            }
        }
        open
    }

    pub(crate) async fn saving(&self) {
        let (class, teacher, mut cells) = self.open_classes().await.remove(0);
        let students = cells.iter().step_by(5).map(|cell| cell["student"].as_str().unwrap().parse().unwrap());
        let students: Vec<Uuid> = students.collect();
        let mut bare = Bare::unguarded(&self.database, &students);
        let mut guarded = Bare::guarded(&self.database, &students);
        let (mut ours, mut ceiling, mut with_guards) = (Vec::new(), Vec::new(), Vec::new());
        let (mut our_cpu, mut bare_cpu) = (0.0, 0.0);
        for n in 0..SAVE_ROUNDS {
            let began = cpu();
            ours.push(self.save(class, teacher, &mut cells, n).await.as_secs_f64() * 1000.0);
            let saved = cpu();
            ceiling.push(bare.save(n).as_secs_f64() * 1000.0);
            bare_cpu += cpu() - saved;
            our_cpu += saved - began;
            with_guards.push(guarded.save(n).as_secs_f64() * 1000.0);
        }
        let each = |cpu: f64| format!("{:.1} ms", cpu * 1000.0 / SAVE_ROUNDS as f64);
        let (ours, ceiling, with_guards) = (median(ours), median(ceiling), median(with_guards));
        let told = |what: &str, ceiling: f64, wanted: &str| {
            line(what, format!("{ours:.1} ms"), format!("{ceiling:.1} ms"), format!("{:.2}", ceiling / ours), wanted);
        };
        told(&format!("存一个班 {} 格", cells.len()), ceiling, "速率 ≥ 0.5");
        line("　其中 CPU", each(our_cpu), each(bare_cpu), String::new(), "");
        told("　比同一张表，外键和触发器都在", with_guards, "");
    }

    pub(crate) async fn many_writers(&self) {
        let mut classes = self.open_classes().await;
        let alone = {
            let (class, teacher, cells) = &mut classes[0];
            let mut all = Vec::new();
            for n in 0..SAVES_A_WRITER {
                all.push(self.save(*class, teacher, cells, n).await.as_secs_f64() * 1000.0);
            }
            median(all)
        };
        let writers = classes.into_iter().take(WRITERS).map(async |(class, teacher, mut cells)| {
            let mut all = Vec::new();
            for n in 0..SAVES_A_WRITER {
                all.push(self.save(class, teacher, &mut cells, n).await.as_secs_f64() * 1000.0);
            }
            all
        });
        let mut all: Vec<f64> = join_all(writers).await.into_iter().flatten().collect();
        all.sort_by(f64::total_cmp);
        let (middle, p99) = (all[all.len() / 2], all[all.len() * 99 / 100]);
        let what = format!("{} 人同时存，p99 比中位", all.len() / SAVES_A_WRITER);
        line(&what, format!("{p99:.0} ms"), format!("{middle:.0} ms"), format!("{:.2}", p99 / middle), "≤ 10");
        line("　一人独存的中位", format!("{alone:.1} ms"), String::new(), String::new(), "");
    }
}

diesel::table! {
    banding (school_id, student_id, term, domain, revision) {
        school_id -> Integer,
        term -> Integer,
        student_id -> Binary,
        domain -> Text,
        revision -> Integer,
        band -> Nullable<Text>,
        ground -> Nullable<Text>,
        help -> Nullable<Text>,
        account_id -> Binary,
        at -> Timestamp,
    }
}

/// The same rows in one transaction of one connection that does nothing else.
struct Bare {
    conn: SqliteConnection,
    school: i32,
    students: Vec<Uuid>,
    account: Vec<u8>,
}

impl Bare {
    /// Into a table with a key and nothing else.
    fn unguarded(database: &Path, students: &[Uuid]) -> Self {
        let file = database.with_file_name("unguarded.sqlite");
        let table = "CREATE TABLE bare.banding (school_id INTEGER NOT NULL, term INTEGER NOT NULL, student_id UUID NOT NULL, \
             domain TEXT NOT NULL, revision INTEGER NOT NULL, band TEXT, ground TEXT, help TEXT, account_id UUID NOT NULL, \
             at TIMESTAMP NOT NULL, PRIMARY KEY (school_id, student_id, term, domain, revision));";
        Self::into(database, students, &file, &format!("ATTACH '{}' AS bare; {table}", file.display()))
    }

    /// Into the program's own table in a copy of the database, with all that holds its rules.
    fn guarded(database: &Path, students: &[Uuid]) -> Self {
        let file = database.with_file_name("guarded.sqlite");
        Self::into(database, students, &file, &format!("VACUUM INTO '{}';", file.display()))
    }

    fn into(database: &Path, students: &[Uuid], file: &Path, made_by: &str) -> Self {
        let mut whole = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
        whole.batch_execute(made_by).unwrap();
        let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;").unwrap();
        let (school, account) = banding::table
            .filter(banding::student_id.eq(&students[0].as_bytes()[..]))
            .select((banding::school_id, banding::account_id))
            .first(&mut whole)
            .unwrap();
        Bare { conn, school, account, students: students.to_vec() }
    }

    /// `n` rises from save to save.
    fn save(&mut self, n: usize) -> Duration {
        let at = chrono::NaiveDate::from_ymd_opt(2027, 1, 4).unwrap().and_hms_opt(9, 0, 0).unwrap();
        let began = Instant::now();
        self.conn
            .transaction::<_, diesel::result::Error, _>(|conn| {
                for student in &self.students {
                    for domain in ["moral", "academic", "physical", "aesthetic", "labour"] {
                        diesel::insert_into(banding::table)
                            .values((
                                banding::school_id.eq(self.school),
                                banding::term.eq(20261),
                                banding::student_id.eq(&student.as_bytes()[..]),
                                banding::domain.eq(domain),
                                banding::revision.eq(1_000 + n as i32),
                                banding::band.eq(Some("good")),
                                banding::account_id.eq(&self.account),
                                banding::at.eq(at),
                            ))
                            .execute(conn)?;
                    }
                }
                Ok(())
            })
            .unwrap();
        began.elapsed()
    }
}
