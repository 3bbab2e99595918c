//! A class saved at once, alone and by many, beside one connection that does nothing else.

use crate::{Bench, Person, cpu, line, median};
use actix_web::http::header;
use actix_web::test::{self, TestRequest};
use diesel::prelude::*;
use futures_util::future::join_all;
use qinghe::names::ClassId;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

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
        let mut bare = Bare::open(&self.database.with_file_name("bare.sqlite"), cells.len());
        let (mut ours, mut ceiling) = (Vec::new(), Vec::new());
        let (cpu_before, mut bare_cpu) = (cpu(), 0.0);
        for n in 0..SAVE_ROUNDS {
            ours.push(self.save(class, teacher, &mut cells, n).await.as_secs_f64() * 1000.0);
            let before = cpu();
            ceiling.push(bare.save(n as i32).as_secs_f64() * 1000.0);
            bare_cpu += cpu() - before;
        }
        let each = (cpu() - cpu_before - bare_cpu) * 1000.0 / SAVE_ROUNDS as f64;
        let (ours, ceiling) = (median(ours), median(ceiling));
        let what = format!("存一个班 {} 格", cells.len());
        line(
            &what,
            format!("{ours:.1} ms"),
            format!("{ceiling:.1} ms"),
            format!("{:.2}", ceiling / ours),
            "速率 ≥ 0.5",
        );
        line(
            "　其中 CPU",
            format!("{each:.1} ms"),
            format!("{:.1} ms", bare_cpu * 1000.0 / SAVE_ROUNDS as f64),
            String::new(),
            "",
        );
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
    bare (school_id, term, student_id, domain, revision) {
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
    students: Vec<[u8; 16]>,
}

impl Bare {
    fn open(path: &Path, cells: usize) -> Self {
        use diesel::connection::SimpleConnection;
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (school_id INTEGER NOT NULL, \
             term INTEGER NOT NULL, student_id UUID NOT NULL, domain TEXT NOT NULL, revision INTEGER NOT NULL, band TEXT, \
             ground TEXT, help TEXT, account_id UUID NOT NULL, at TIMESTAMP NOT NULL, \
             PRIMARY KEY (school_id, term, student_id, domain, revision));",
        )
        .unwrap();
        Bare { conn, students: (0..cells / 5).map(|_| *uuid::Uuid::now_v7().as_bytes()).collect() }
    }

    fn save(&mut self, revision: i32) -> Duration {
        let at = chrono::NaiveDate::from_ymd_opt(2027, 1, 4).unwrap().and_hms_opt(9, 0, 0).unwrap();
        let students = &self.students;
        let began = Instant::now();
        self.conn
            .transaction::<_, diesel::result::Error, _>(|conn| {
                for student in students {
                    for domain in ["moral", "academic", "physical", "aesthetic", "labour"] {
                        diesel::insert_into(bare::table)
                            .values((
                                bare::school_id.eq(1),
                                bare::term.eq(20261),
                                bare::student_id.eq(&student[..]),
                                bare::domain.eq(domain),
                                bare::revision.eq(revision),
                                bare::band.eq(Some("good")),
                                bare::account_id.eq(&student[..]),
                                bare::at.eq(at),
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
