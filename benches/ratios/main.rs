//! What must be fast, as ratios against a ceiling taken in the same run: `make bench`.
//! CPU is the whole process's (user and system), wall time the median of rounds.
//! Machines differ and are noisy: read the ratios, quote the medians. Some of it only:
//! `cargo bench --bench ratios -- pages saving writers portfolios roster fitness records`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement that cannot go on should stop")]

mod beside;
mod fitness;
mod pages;
mod portfolios;
mod records;
mod roster;
mod saving;

use actix_web::App;
use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::middleware::from_fn;
use actix_web::test::{self, TestRequest};
use actix_web::web::{Data, scope};
use futures_util::future::LocalBoxFuture;
use qinghe::access::{Door, House, family_only, homeroom_only};
use qinghe::names::{ClassId, StudentId};
use qinghe::platform::clock::Clock;
use qinghe::platform::db::{Address, Database};
use qinghe::platform::files::Files;
use qinghe::platform::keys::Keys;
use qinghe::platform::typeset::PressRoom;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let asked = |name: &str| named.is_empty() || named.iter().any(|one| one == name);
    println!("{:<34} {:>12} {:>12} {:>9}  要求", "量什么", "青禾", "上限", "比");
    if ["pages", "saving", "writers", "portfolios", "roster", "fitness"].into_iter().any(asked) {
        in_a_county(("4", "45"), async |bench| measure(&bench, asked).await);
    }
    if asked("records") {
        // Eight classes a grade, forty-two in each: a thousand pupils.
        in_a_county(("8", "42"), async |bench| bench.records().await);
    }
}

/// A demonstration county of one school, made for this and swept away with it.
fn in_a_county((classes, pupils): (&str, &str), measured: impl AsyncFnOnce(Bench)) {
    let folder = std::env::temp_dir().join(format!("qinghe-bench-{}", std::process::id()));
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_qinghe"))
        .args(["demo", "--no-serve", "--schools", "1", "--classes", classes, "--pupils", pupils])
        .args(["--today", "2027-01-04", "--data"])
        .arg(&folder)
        .stdout(std::process::Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let clock = Clock::default();
    clock.set(chrono::NaiveDate::from_ymd_opt(2027, 1, 4).unwrap().and_hms_opt(9, 0, 0).unwrap());
    actix_web::rt::System::new().block_on(async { measured(Bench::open(&folder, clock).await).await });
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn measure(bench: &Bench, asked: impl Fn(&str) -> bool) {
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

impl Bench {
    async fn open(folder: &Path, clock: Clock) -> Self {
        let database = folder.join("qinghe.sqlite");
        let keys = Keys::load(&folder.join("keys")).unwrap();
        let house = House {
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
            kept_for: qinghe::names::KeptFor::default(),
            trusted_proxy: None,
            webhook_hosts: Vec::new(),
            consent: qinghe::names::ConsentTexts::seed().unwrap(),
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
            .service(scope("/class/{class}").wrap(from_fn(homeroom_only)).service(pages::constant_grid))
            .service(scope("/child/{student}").wrap(from_fn(family_only)).service(pages::constant_child));
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
