//! What must be fast, as ratios against a ceiling taken in the same run: `make bench`.
//! CPU is the whole process's (user and system), wall time the median of rounds.
//! Machines differ and are noisy: read the ratios, quote the medians. Some of it only:
//! `cargo bench --bench ratios -- pages saving writers portfolios roster fitness`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on should stop")]

use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::test::{self, TestRequest};
use actix_web::web::{Data, scope};
use actix_web::{App, HttpResponse, get};
use diesel::prelude::*;
use futures_util::future::{LocalBoxFuture, join_all};
use qinghe::access::{Door, Family, Homeroom, House, Operator, family_only, homeroom_only};
use qinghe::cycle::{signatures_of, term_of_class};
use qinghe::evaluation::{child_comments, child_messages, child_sheets, class_comments, class_sheets};
use qinghe::names::{ClassId, Cohort, StudentId};
use qinghe::platform::clock::Clock;
use qinghe::platform::db::{Address, Database};
use qinghe::platform::files::Files;
use qinghe::platform::keys::Keys;
use qinghe::platform::typeset::PressRoom;
use qinghe::portfolio::file::{GraduationFile, seal_bytes};
use qinghe::portfolio::{issued, print_portfolio, sealed_bytes};
use qinghe::roster::calendar::working_days;
use qinghe::roster::reading::read_roster;
use qinghe::roster::{DryRun, OpenClass, Verdict, at_school, class_list};
use qinghe::scheme::scheme_of;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAGE_ROUNDS: usize = 7;
const PAGES_A_ROUND: usize = 400;
const SAVE_ROUNDS: usize = 40;
const WRITERS: usize = 8;
const SAVES_A_WRITER: usize = 25;
const PORTFOLIOS: usize = 400;
const ROSTER_ROWS: usize = 1_200;
const TEST_ROWS: usize = 1_200;

fn main() {
    let folder = std::env::temp_dir().join(format!("qinghe-bench-{}", std::process::id()));
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_qinghe"))
        .args([
            "demo",
            "--no-serve",
            "--schools",
            "1",
            "--classes",
            "4",
            "--pupils",
            "45",
            "--today",
            "2027-01-04",
            "--data",
        ])
        .arg(&folder)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(made.unwrap().success());
    actix_web::rt::System::new().block_on(measure(&folder));
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn measure(folder: &Path) {
    let clock = Clock::default();
    clock.set(chrono::NaiveDate::from_ymd_opt(2027, 1, 4).unwrap().and_hms_opt(9, 0, 0).unwrap());
    let bench = Bench::open(folder, clock).await;
    println!("{:<34} {:>12} {:>12} {:>9}  要求", "量什么", "青禾", "上限", "比");
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let asked = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    if asked("pages") {
        bench.pages().await;
    }
    if asked("saving") {
        bench.saving().await;
    }
    if asked("writers") {
        bench.many_writers().await;
    }
    if asked("portfolios") {
        bench.portfolios().await;
    }
    if asked("roster") {
        bench.roster().await;
    }
    if asked("fitness") {
        bench.fitness().await;
    }
}

fn line(what: &str, ours: String, ceiling: String, ratio: String, wanted: &str) {
    println!("{what:<34} {ours:>12} {ceiling:>12} {ratio:>9}  {wanted}");
}

/// CPU seconds of this process so far: user and system, all threads.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after_name: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = after_name[11].parse::<u64>().unwrap() + after_name[12].parse::<u64>().unwrap();
    ticks as f64 / 100.0
}

/// A line of `/proc/self/status`, in MiB.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

type Served = Rc<dyn Fn(actix_http::Request) -> LocalBoxFuture<'static, ServiceResponse>>;

struct Bench {
    door: Door,
    database: PathBuf,
    app: Served,
    /// The same reads behind the same keepers, and a constant body.
    constant: Served,
    school: String,
    homerooms: Vec<(ClassId, Person)>,
    /// Teachers of subjects, the PE teachers among them.
    teachers: Vec<Person>,
    guardian: Person,
    child: StudentId,
}

struct Person {
    cookies: Vec<(String, String)>,
    csrf: String,
}

impl Person {
    fn request(&self, request: TestRequest) -> actix_http::Request {
        let request = request.peer_addr("127.0.0.1:40000".parse().unwrap());
        self.cookies
            .iter()
            .fold(request, |request, (name, value)| request.cookie(Cookie::new(name.clone(), value.clone())))
            .to_request()
    }
}

async fn served<S>(app: S) -> Served
where
    S: Service<actix_http::Request, Response = ServiceResponse, Error = actix_web::Error> + 'static,
    S::Future: 'static,
{
    let app = Rc::new(app);
    Rc::new(move |request| {
        let answer = app.call(request);
        Box::pin(async move { answer.await.unwrap() })
    })
}

static CONSTANT: [u8; 40_000] = [b'x'; 40_000];

#[get("/constant")]
async fn constant_grid(homeroom: Homeroom) -> HttpResponse {
    let own = homeroom.class();
    let read = homeroom.look(move |look| {
        let today = look.today();
        let (dates, _) = term_of_class(look, &own.into(), own.term())?;
        working_days(look, today, dates.ends_on)?;
        scheme_of(look, own.cohort(), own.term())?;
        Ok((
            class_list(look, &own, dates)?,
            class_sheets(look, &own, dates, own.term())?,
            class_comments(look, &own, dates)?,
        ))
    });
    assert!(!read.await.unwrap().0.is_empty());
    HttpResponse::Ok().body(&CONSTANT[..])
}

#[get("/constant")]
async fn constant_child(family: Family) -> HttpResponse {
    let child = family.child();
    let read = family.look(move |look| {
        let at_school = at_school(look, child)?;
        scheme_of(look, at_school.class.name.cohort, at_school.term.term)?;
        signatures_of(look, child.student())?;
        Ok((child_sheets(look, child)?, child_comments(look, child)?, child_messages(look, child)?))
    });
    read.await.unwrap();
    HttpResponse::Ok().body(&CONSTANT[..20_000])
}

impl Bench {
    async fn open(folder: &Path, clock: Clock) -> Self {
        let database = folder.join("qinghe.sqlite");
        let keys = Keys::load(&folder.join("keys")).unwrap();
        let house = House {
            consent: qinghe::names::ConsentTexts::seed().unwrap(),
            clock,
            believed: keys.pinned(),
            keys,
            files: Files::in_folder(folder.join("files")),
            press: Arc::new(PressRoom::new(None, None)),
            public_url: "http://127.0.0.1:8080".to_owned(),
            county: "量一量县".to_owned(),
            county_code: "210421".to_owned(),
            demo: true,
            insecure: false,
            graded: false,
            trusted_proxy: None,
        };
        let door = Door::new(Database::open(&Address::Sqlite(database.clone())).unwrap(), house);
        let app = test::init_service(qinghe::site::app(door.clone())).await;
        let app: Served = {
            let app = Rc::new(app);
            Rc::new(move |request| {
                let answer = app.call(request);
                Box::pin(async move { answer.await.unwrap().map_into_boxed_body() })
            })
        };
        let constant = App::new()
            .app_data(Data::new(door.clone()))
            .service(scope("/class/{class}").wrap(from_fn(homeroom_only)).service(constant_grid))
            .service(scope("/child/{student}").wrap(from_fn(family_only)).service(constant_child));
        let constant = served(test::init_service(constant).await).await;
        let accounts: Vec<Value> =
            serde_json::from_slice(&std::fs::read(folder.join("accounts.json")).unwrap()).unwrap();
        let role = |role: &str| accounts.iter().filter(move |row| row["role"] == role).cloned().collect::<Vec<_>>();
        let mut homerooms = Vec::new();
        for row in role("homeroom") {
            let person = sign_in(&app, &row).await;
            homerooms.push((row["class"].as_str().unwrap().parse().unwrap(), person));
        }
        let mut teachers = Vec::new();
        for row in role("subject") {
            teachers.push(sign_in(&app, &row).await);
        }
        let guardians = role("guardian");
        let guardian =
            guardians.iter().find(|row| row["students"].as_array().is_some_and(|all| all.len() == 1)).unwrap();
        Bench {
            teachers,
            school: role("office")[0]["school"].as_str().unwrap().to_owned(),
            child: guardian["students"][0].as_str().unwrap().parse().unwrap(),
            guardian: sign_in(&app, guardian).await,
            door,
            database,
            app,
            constant,
            homerooms,
        }
    }

    /// CPU milliseconds for one page, median of rounds, ours and the constant one in turn.
    async fn page(&self, person: &Person, address: &str, constant: &str, gzip: bool) -> (f64, f64, usize) {
        let (mut ours, mut theirs, mut length) = (Vec::new(), Vec::new(), 0);
        for _ in 0..PAGE_ROUNDS {
            for (served, address, all) in [(&self.app, address, &mut ours), (&self.constant, constant, &mut theirs)] {
                let before = cpu();
                for _ in 0..PAGES_A_ROUND {
                    let mut request = TestRequest::get().uri(address);
                    if gzip {
                        request = request.insert_header((header::ACCEPT_ENCODING, "gzip"));
                    }
                    let answer = served(person.request(request)).await;
                    assert_eq!(answer.status(), 200, "{address}");
                    length = test::read_body(answer).await.len();
                }
                all.push((cpu() - before) * 1000.0 / PAGES_A_ROUND as f64);
            }
        }
        (median(ours), median(theirs), length)
    }

    async fn pages(&self) {
        let (class, teacher) = &self.homerooms[0];
        let grid = (format!("/class/{class}/grid"), format!("/class/{class}/constant"));
        let child = (format!("/child/{}", self.child), format!("/child/{}/constant", self.child));
        for (what, person, (page, constant), wanted) in
            [("班级表一页 CPU", teacher, &grid, "≤ 1.0 ms"), ("家长一页 CPU", &self.guardian, &child, "≤ 0.5 ms")]
        {
            for gzip in [false, true] {
                let (ours, ceiling, _) = self.page(person, page, constant, gzip).await;
                let what = if gzip { format!("{what}，gzip") } else { what.to_owned() };
                let wanted = if gzip { "" } else { wanted };
                line(
                    &what,
                    format!("{ours:.2} ms"),
                    format!("{ceiling:.2} ms"),
                    format!("{:.2}", ours / ceiling),
                    wanted,
                );
            }
        }
    }

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

    async fn saving(&self) {
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

    async fn many_writers(&self) {
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

    async fn portfolios(&self) {
        let office = Operator::at(&self.door).school_office(&self.school).await.unwrap();
        let whole = office.whole_school();
        let sealed: Vec<Vec<u8>> = office
            .look(move |look| {
                let all = issued(look, whole, Cohort(2023))?;
                all.iter().map(|one| sealed_bytes(look, &one.sealed_sha256)).collect()
            })
            .await
            .unwrap();
        assert!(!sealed.is_empty(), "no sealed portfolios");
        // Each different from every other: another name and code, hashed anew.
        let different: Vec<Vec<u8>> = (0..PORTFOLIOS)
            .map(|n| {
                let mut file: GraduationFile = serde_json::from_slice(&sealed[n % sealed.len()]).unwrap();
                file.student.name = format!(
                    "{}{}",
                    file.student.name,
                    ["禾", "谷", "麦", "黍", "稷", "豆", "麻", "粟"][n / sealed.len() % 8]
                );
                file.code = format!("{n:04}-BEEF-CAFE");
                seal_bytes(&file).unwrap().bytes
            })
            .collect();
        let house = self.door.house();
        let press = house.press.press().unwrap();
        let print = |bytes: &[u8]| print_portfolio(press, house, bytes).unwrap();
        let first = Instant::now();
        let printed = print(&different[0]);
        let (first, pages) = (first.elapsed(), printed.pages);
        let (before, began, mut early, mut bytes) = (cpu(), Instant::now(), 0.0, 0);
        for (n, sealed) in different.iter().enumerate() {
            bytes += print(sealed).pdf.len();
            if n == PORTFOLIOS / 4 {
                early = memory("VmRSS");
            }
        }
        let each = (cpu() - before) / PORTFOLIOS as f64;
        let wall = began.elapsed().as_secs_f64() / PORTFOLIOS as f64;
        line(&format!("一份 {pages} 页档案 CPU"), format!("{each:.3} s"), String::new(), String::new(), "≤ 0.05 s");
        line(
            "　单线程每份",
            format!("{:.0} ms", wall * 1000.0),
            format!("首份 {:.0} ms", first.as_secs_f64() * 1000.0),
            String::new(),
            "",
        );
        line("　每份大小", format!("{} KB", bytes / PORTFOLIOS / 1000), String::new(), String::new(), "≤ 200 KB");
        let late = memory("VmRSS");
        line(
            &format!("　内存，第 {} 份起", PORTFOLIOS / 4),
            format!("{late:.0} MiB"),
            format!("{early:.0} MiB"),
            format!("{:.2}", late / early),
            "平",
        );
        line("　进程峰值", format!("{:.0} MiB", memory("VmHWM")), String::new(), String::new(), "");
    }

    async fn roster(&self) {
        let workbook = roster_workbook(ROSTER_ROWS);
        let office = Operator::at(&self.door).school_office(&self.school).await.unwrap();
        for number in 10..10 + ROSTER_ROWS.div_ceil(45) as i32 {
            office.act(move |_| Ok(OpenClass { cohort: Cohort(2025), number })).await.unwrap();
        }
        let (mut ours, mut bare) = (Vec::new(), Vec::new());
        let mut counts = Vec::new();
        for round in 0..5 {
            let before = cpu();
            let sheet = qinghe::platform::workbook::read(&workbook).unwrap();
            assert_eq!(sheet.rows.len(), ROSTER_ROWS + 1);
            bare.push((cpu() - before).max(0.005));
            let (bytes, code, keys, whole) =
                (workbook.clone(), self.school.clone(), self.door.house().keys.clone(), office.whole_school());
            let before = cpu();
            let run = office
                .look(move |look| {
                    let read = read_roster(&bytes, &code, 2026)
                        .map_err(|e| qinghe::access::Refused::conflict(e.to_string()))?;
                    DryRun::of(look, whole, &keys, &read, 2026)
                })
                .await
                .unwrap();
            counts.push((run.count(Verdict::New), run.count(Verdict::Same), run.count(Verdict::Refused)));
            if round == 0 {
                assert_eq!(run.count(Verdict::New), ROSTER_ROWS, "{counts:?}");
                let take = run.take(&self.door.house().keys);
                office.act(move |_| Ok(take)).await.unwrap();
                ours.insert(0, cpu() - before);
            }
        }
        assert_eq!(counts[4].1, ROSTER_ROWS, "the same file twice changes nothing");
        let (ours, bare) = (ours[0], median(bare));
        line(
            &format!("{ROSTER_ROWS} 行名单，查和收 CPU"),
            format!("{:.0} ms", ours * 1000.0),
            format!("{:.0} ms", bare * 1000.0),
            format!("{:.1}", ours / bare),
            "≤ 10",
        );
    }
}

impl Bench {
    /// PE workbooks, class by class through the front door, until so many rows are
    /// checked and taken; the ceiling is the bare read of the same files.
    async fn fitness(&self) {
        let mut desks = Vec::new();
        for (class, _) in &self.homerooms {
            let path = format!("/subject/{class}/fitness");
            for teacher in &self.teachers {
                if (self.app)(teacher.request(TestRequest::get().uri(&path))).await.status() == 200 {
                    desks.push((path.clone(), teacher));
                    break;
                }
            }
        }
        assert!(!desks.is_empty());
        let (mut ours, mut bare, mut rows, began, mut wall) = (0.0, 0.0, 0, Instant::now(), Duration::ZERO);
        for round in 0.. {
            for (path, teacher) in &desks {
                let template =
                    (self.app)(teacher.request(TestRequest::get().uri(&format!("{path}/template.xlsx")))).await;
                let (bytes, many) = filled(&test::read_body(template).await, round);
                let before = cpu();
                assert_eq!(qinghe::platform::workbook::read(&bytes).unwrap().rows.len(), many + 1);
                bare += cpu() - before;
                let (before, from) = (cpu(), Instant::now());
                let tried = (self.app)(teacher.request(upload(path, &teacher.csrf, &bytes))).await;
                let text = String::from_utf8(test::read_body(tried).await.to_vec()).unwrap();
                let token = text
                    .split("name=\"token\" value=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next())
                    .unwrap_or_else(|| panic!("{text}"));
                let form = [("csrf", teacher.csrf.as_str()), ("token", token)];
                let taken =
                    (self.app)(teacher.request(TestRequest::post().uri(&format!("{path}/take")).set_form(form))).await;
                assert_eq!(taken.status(), 303);
                (ours, wall, rows) = (ours + cpu() - before, wall + from.elapsed(), rows + many);
            }
            if rows >= TEST_ROWS {
                break;
            }
        }
        let share = TEST_ROWS as f64 / rows as f64;
        let (ours, bare, wall) = (ours * share, bare.max(0.005) * share, wall.as_secs_f64() * share);
        assert!(began.elapsed().as_secs_f64() >= wall);
        line(
            &format!("{TEST_ROWS} 行体测，查和收 CPU（{wall:.2} s）"),
            format!("{:.0} ms", ours * 1000.0),
            format!("{:.0} ms", bare * 1000.0),
            format!("{:.1}", ours / bare),
            "≤ 2 s",
        );
    }
}

/// A template filled in for every pupil, other each round; and how many there are.
fn filled(template: &[u8], round: i32) -> (Vec<u8>, usize) {
    let sheet = qinghe::platform::workbook::read(template).unwrap();
    let mut lines: Vec<Vec<String>> =
        sheet.rows.iter().map(|row| row.iter().map(|cell| cell.shown()).collect()).collect();
    let header = lines.remove(0);
    for (n, line) in lines.iter_mut().enumerate() {
        line.resize(header.len(), String::new());
        let (boy, more) = (line[3] == "男", round + n as i32 % 7);
        for (place, title) in header.iter().enumerate() {
            let value = match title.split('（').next().unwrap() {
                "身高" => (150 + more).to_string(),
                "体重" => (45 + more).to_string(),
                "肺活量" => (2300 + 20 * more).to_string(),
                "50米跑" => format!("8.{}", more % 10),
                "坐位体前屈" => format!("{more}.5"),
                "立定跳远" => (170 + more).to_string(),
                "引体向上" if boy => more.to_string(),
                "1000米跑" if boy => format!("4'{:02}\"", more),
                "一分钟仰卧起坐" if !boy => (30 + more).to_string(),
                "800米跑" if !boy => format!("4:{more:02}"),
                _ => continue,
            };
            line[place] = value;
        }
    }
    (qinghe::platform::workbook::write("体质测试", &header, &lines).unwrap(), lines.len())
}

fn upload(path: &str, csrf: &str, bytes: &[u8]) -> TestRequest {
    let boundary = "------qinghe-bench";
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"t.xlsx\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    TestRequest::post()
        .uri(path)
        .insert_header(("content-type", format!("multipart/form-data; boundary={boundary}")))
        .set_payload(body)
}

async fn sign_in(app: &Served, row: &Value) -> Person {
    let form = [("login", row["login"].as_str().unwrap()), ("password", row["password"].as_str().unwrap())];
    let nobody = Person { cookies: Vec::new(), csrf: String::new() };
    let answer = app(nobody.request(TestRequest::post().uri("/sign-in").set_form(form))).await;
    assert_eq!(answer.status(), 303, "{row}");
    let cookies = answer.response().cookies().map(|c| (c.name().to_owned(), c.value().to_owned())).collect();
    let mut person = Person { cookies, csrf: String::new() };
    let page = app(person.request(TestRequest::get().uri("/password"))).await;
    let text = String::from_utf8(test::read_body(page).await.to_vec()).unwrap();
    let from = text.find("name=\"csrf\" value=\"").unwrap() + 19;
    person.csrf = text[from..].split('"').next().unwrap().to_owned();
    person
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

/// A roster as the national system exports one: grade 8, new pupils, right numbers.
fn roster_workbook(rows: usize) -> Vec<u8> {
    let header = [
        "姓名",
        "性别",
        "出生日期",
        "全国学籍号",
        "身份证件类型",
        "身份证件号",
        "年级",
        "班级",
        "班内学号",
        "民族",
        "入学年月",
    ];
    let body: Vec<Vec<String>> = (0..rows)
        .map(|n| {
            let born = chrono::NaiveDate::from_ymd_opt(2013, 1, 1).unwrap() + chrono::Days::new((n % 365) as u64);
            let body = format!("210421{}{:03}", born.format("%Y%m%d"), (n / 365 * 2) % 1000 + 500);
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
            let number =
                format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize]);
            [
                format!("测量{}", char::from_u32(0x4e00 + n as u32).unwrap()),
                "女".to_owned(),
                born.format("%Y-%m-%d").to_string(),
                format!("G{number}"),
                "居民身份证".to_owned(),
                number,
                "八年级".to_owned(),
                format!("{}班", n / 45 + 10),
                format!("{}", n % 45 + 1),
                "汉族".to_owned(),
                "202509".to_owned(),
            ]
            .to_vec()
        })
        .collect();
    qinghe::platform::workbook::write("名单", &header.map(str::to_owned), &body).unwrap()
}
