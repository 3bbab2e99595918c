//! The demonstration county, made and served by the program itself: `qinghe demo`.

use crate::support::{empty_database, raw, scratch};
use diesel::prelude::*;
use qinghe::platform::db::{Address, Conn};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

const TODAY: &str = "2027-01-04";

#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    pub role: String,
    pub login: String,
    password: String,
    school: Option<String>,
    pub class: Option<String>,
    #[serde(default)]
    pub students: Vec<String>,
    graduated: Option<i32>,
}

/// A folder for a county and the database it is to be in.
pub struct Ground {
    folder: PathBuf,
    pub database: Address,
    schools: &'static str,
}

impl Ground {
    pub fn new() -> Self {
        Ground::of("2")
    }

    fn of(schools: &'static str) -> Self {
        static N: AtomicUsize = AtomicUsize::new(0);
        let folder = scratch().join(format!("demo-{}", N.fetch_add(1, Ordering::SeqCst)));
        let database = match empty_database() {
            Address::Sqlite(_) => Address::Sqlite(folder.join("qinghe.sqlite")),
            server => server,
        };
        Ground { folder, database, schools }
    }

    fn program(&self) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_qinghe"));
        program.current_dir(scratch()).env("QINGHE_LOG", "quiet");
        if let Address::Postgres(url) = &self.database {
            program.env("QINGHE_DATABASE", url);
        }
        program
    }

    /// `qinghe demo`, mostly two schools, with one class of four a grade.
    fn demo(&self) -> Command {
        let mut program = self.program();
        program.arg("demo").arg("--data").arg(&self.folder);
        program.args(["--schools", self.schools, "--classes", "1", "--pupils", "4", "--today", TODAY]);
        program
    }

    /// `qinghe serve` over what was made here, with its clock turned to a day.
    fn serve_on(&self, day: &str) -> Command {
        let mut program = self.program();
        program.args(["serve", "--today", day]);
        program.env("QINGHE_DATABASE", format!("sqlite:{}", self.folder.join("qinghe.sqlite").display()));
        program.env("QINGHE_FILES", self.folder.join("files")).env("QINGHE_KEYS", self.folder.join("keys"));
        program
    }

    fn make(&self) -> Output {
        self.demo().arg("--no-serve").output().unwrap()
    }

    pub fn accounts(&self) -> Vec<Account> {
        serde_json::from_slice(&std::fs::read(self.folder.join("accounts.json")).unwrap()).unwrap()
    }

    pub fn lines(&self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            line: String,
        }
        let mut conn: Conn = raw(&self.database);
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut conn).unwrap();
        rows.into_iter().map(|row| row.line).collect()
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A county being served; stopped when dropped.
pub struct Served {
    program: Child,
    port: u16,
    /// What it printed before it served.
    printed: String,
}

impl Served {
    pub fn at(ground: &Ground) -> Self {
        let mut served = Served::start(ground.demo());
        for line in BufReader::new(served.program.stdout.take().unwrap()).lines().map(Result::unwrap) {
            served.printed += &format!("{line}\n");
            if line.contains("accounts.json") {
                break;
            }
        }
        served
    }

    /// Starts a program that serves, and waits until it does.
    fn start(mut program: Command) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        program.env("QINGHE_LISTEN", format!("127.0.0.1:{port}")).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = program.spawn().unwrap();
        let mut told = BufReader::new(program.stderr.take().unwrap()).lines().map(Result::unwrap);
        let last = told.by_ref().find(|line| line.contains("等您"));
        assert!(last.is_some(), "it never served");
        Served { program, port, printed: String::new() }
    }

    fn ask(&self, head: &str, body: &str) -> (u16, String, String) {
        let (status, head, body) = self.wire(head, body);
        (status, head, String::from_utf8_lossy(&body).into_owned())
    }

    /// One request over the wire: status, head and body. A server that had no time for a head
    /// says so, and is asked again.
    fn wire(&self, head: &str, body: &str) -> (u16, String, Vec<u8>) {
        let mut answers = std::iter::repeat_with(|| self.wire_once(head, body));
        answers.by_ref().take(9).find(|(status, ..)| *status != 408).or_else(|| answers.next()).unwrap()
    }

    fn wire_once(&self, head: &str, body: &str) -> (u16, String, Vec<u8>) {
        let mut wire = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let host = format!("127.0.0.1:{}", self.port);
        let length = body.len();
        // In one go: a server waits only so long for the rest of a head.
        let request = format!(
            "{head} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        wire.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        wire.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), head, answer.split_off(end + 4))
    }

    pub fn get(&self, path: &str, cookie: &str) -> (u16, String) {
        let (status, _, body) = self.fetch(path, cookie);
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// Status, head and body as they came.
    pub fn fetch(&self, path: &str, cookie: &str) -> (u16, String, Vec<u8>) {
        self.wire(&format!("GET {path} HTTP/1.1\r\nCookie: {cookie}\r\nX-Rest:"), "")
    }

    /// Signs in by the form; the cookies of the session.
    pub fn sign_in(&self, account: &Account) -> String {
        let form = serde_urlencoded::to_string([("login", &account.login), ("password", &account.password)]).unwrap();
        let (status, head, body) = self.ask("POST /sign-in", &form);
        assert_eq!(status, 303, "{} cannot sign in: {body}", account.login);
        let cookies = head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        cookies.collect::<Vec<_>>().join("; ")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.program.kill().unwrap();
        self.program.wait().unwrap();
    }
}

#[test]
fn everyone_listed_signs_in_and_finds_what_the_list_says() {
    let ground = Ground::new();
    let served = Served::at(&ground);
    let accounts = ground.accounts();
    let schools = ["3121042101", "3121042102"];
    for role in [
        "homeroom",
        "subject",
        "guardian",
        "pupil",
        "office",
        "principal",
        "organiser",
        "committee",
        "health",
        "county",
        "county_security",
        "county_audit",
    ] {
        let first = accounts.iter().find(|account| account.role == role).unwrap();
        let line = format!("{role:<10} {:<16} {}", first.login, first.password);
        assert_eq!(served.printed.matches(&line).count(), 1, "{}", served.printed);
    }
    for account in &accounts {
        let cookie = served.sign_in(account);
        let must_open = |path: &str| {
            let (status, page) = served.get(path, &cookie);
            assert_eq!(status, 200, "{path} for {account:?}: {page}");
            assert!(page.contains("演示"), "{path} does not say that it is a demonstration");
            page
        };
        assert!(
            account.role.starts_with("county") || schools.contains(&account.school.as_deref().unwrap()),
            "{account:?}"
        );
        match account.role.as_str() {
            "homeroom" => {
                let page = must_open(&format!("/class/{}/grid", account.class.as_ref().unwrap()));
                assert_eq!(account.students.len(), 4);
                assert!(account.students.iter().all(|student| page.contains(student)));
                assert!(page.contains("data-term=\"2026-1\""));
            }
            "subject" => drop(must_open(&format!("/subject/{}", account.class.as_ref().unwrap()))),
            "guardian" | "pupil" => {
                assert!(!account.students.is_empty());
                for student in &account.students {
                    must_open(&format!("/child/{student}"));
                }
            }
            "office" => drop(must_open("/office")),
            "principal" => drop(must_open("/principal")),
            "organiser" => drop(must_open("/organiser")),
            "committee" => drop(must_open("/committee")),
            "health" => drop(must_open("/health")),
            "county_security" => drop(must_open("/county/accounts")),
            "county_audit" => drop(must_open("/county/audit")),
            _ => drop(must_open("/county")),
        }
        let (status, page) = served.get("/no-such-page", &cookie);
        assert!(status == 404 && page.contains("演示"), "{status} {page}");
    }
    assert!(served.get("/sign-in", "").1.contains("演示"));
    let of_two = accounts.iter().any(|account| account.role == "guardian" && account.students.len() > 1);
    assert!(of_two, "no guardian has several children");
    let both = |login: &str, role: &str| accounts.iter().any(|a| a.login == login && a.role == role);
    assert!(accounts.iter().any(|a| both(&a.login, "subject") && both(&a.login, "guardian")), "no teacher is a parent");
    assert_eq!(accounts.iter().filter_map(|account| account.graduated).collect::<Vec<_>>(), [2023]);
}

#[test]
fn its_past_is_sealed_its_present_half_done_and_its_journal_whole() {
    let ground = Ground::of("3");
    let made = ground.make();
    assert!(made.status.success(), "{}", said(&made));
    let count = |sql: &str| ground.lines(&format!("SELECT CAST(count(*) AS TEXT) AS line FROM {sql}"))[0].clone();
    // At school 1 classes of four with six, four and two terms behind them, at
    // school 2 with four and two; four have left. School 3 joined this school year: its
    // terms before came from paper, and the last of its eldest waits for a signature.
    assert_eq!(count("seal WHERE part = 'term' AND school_id < 3"), (4 * (6 + 4 + 2 + 4 + 2)).to_string());
    assert_eq!((count("paper_term"), count("paper_term WHERE school_id = 3")), ("24".to_owned(), "24".to_owned()));
    assert_eq!(count("seal WHERE part = 'term' AND school_id = 3"), (4 * (3 + 2)).to_string());
    assert_eq!(count("seal WHERE part = 'graduation'"), "4");
    assert_eq!(count("signature WHERE term < 20261"), (6 + 4 + 2 + 4 + 2).to_string());
    let now: usize = count("signature WHERE term = 20261").parse().unwrap();
    assert!((1..9).contains(&now), "{now} of nine classes are signed");
    assert_ne!(count("banding WHERE term = 20261"), "0");
    assert_eq!(count("comment WHERE length(text) > 150"), "0");
    let comments = ground.lines("SELECT text AS line FROM comment");
    let different: std::collections::HashSet<&String> = comments.iter().collect();
    assert_eq!(different.len(), comments.len(), "no two comments are alike");
    let groundless = "banding WHERE term < 20261 AND band IN ('excellent', 'developing') AND ground IS NULL";
    assert_eq!(count(groundless), "0");
    assert_eq!(count("banding WHERE term < 20261 AND band = 'developing' AND help IS NULL"), "0");
    let late = "journal WHERE at > '2027-01-04 10:00:00' OR at < '2023-08-01 00:00:00'";
    assert_eq!(count(late), "0", "each act is on its day");
    let backwards = "journal a JOIN journal b ON a.school_id = b.school_id AND a.n = b.n + 1 WHERE a.at < b.at";
    assert_eq!(count(backwards), "0", "the clock walks forward");

    let mut check = ground.program();
    check.env("QINGHE_KEYS", ground.folder.join("keys")).args(["journal", "check"]);
    if let Address::Sqlite(path) = &ground.database {
        check.env("QINGHE_DATABASE", format!("sqlite:{}", path.display()));
    }
    let checked = check.output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked));
}

#[test]
fn the_same_day_gives_the_same_county_and_new_passwords() {
    let grounds = [Ground::new(), Ground::new()];
    for ground in &grounds {
        let made = ground.make();
        assert!(made.status.success(), "{}", said(&made));
    }
    let same = |sql: &str| {
        let [one, other] = [grounds[0].lines(sql), grounds[1].lines(sql)];
        assert!(!one.is_empty());
        assert_eq!(one, other, "{sql}");
    };
    same("SELECT name || ' ' || sex || ' ' || CAST(born_on AS TEXT) AS line FROM student ORDER BY 1");
    same("SELECT login || ' ' || name AS line FROM account ORDER BY 1");
    let of_pupil = "JOIN student s ON s.id = x.student_id ORDER BY 1";
    same(&format!(
        "SELECT s.name || CAST(x.term AS TEXT) || x.domain || x.band || coalesce(x.ground, '') AS line FROM banding x {of_pupil}"
    ));
    same(&format!("SELECT s.name || CAST(x.term AS TEXT) || x.text AS line FROM comment x {of_pupil}"));
    same(&format!("SELECT s.name || CAST(x.term AS TEXT) || x.text AS line FROM message x {of_pupil}"));
    same("SELECT CAST(n AS TEXT) || verb AS line FROM journal ORDER BY school_id, n");
    let [one, other] = [grounds[0].accounts(), grounds[1].accounts()];
    assert_eq!(one.len(), other.len());
    for (a, b) in one.iter().zip(&other) {
        assert_eq!((&a.role, &a.login), (&b.role, &b.login));
        assert_ne!(a.password, b.password);
    }
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_folder_with_other_things_in_it_is_left_alone() {
    let ground = Ground::new();
    std::fs::create_dir_all(&ground.folder).unwrap();
    std::fs::write(ground.folder.join("论文.txt"), "写了三年").unwrap();
    let refused = ground.make();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("--data"), "{}", said(&refused));
    assert_eq!(entries(&ground.folder), ["论文.txt"]);
}

#[test]
fn an_earlier_county_is_made_anew_but_no_other_database_is_touched() {
    let ground = Ground::new();
    assert!(ground.make().status.success());
    let before = ground.accounts();
    let again = ground.make();
    if let Address::Postgres(_) = &ground.database {
        assert_eq!(again.status.code(), Some(2), "a server's database is never emptied");
        assert!(said(&again).contains("空的数据库"), "{}", said(&again));
        assert_eq!(ground.accounts()[0].password, before[0].password);
        return;
    }
    assert!(again.status.success(), "{}", said(&again));
    assert_ne!(ground.accounts()[0].password, before[0].password);
    let own = ground.folder.with_extension("own.sqlite");
    std::fs::write(&own, "not to be touched").unwrap();
    let made =
        ground.demo().arg("--no-serve").env("QINGHE_DATABASE", format!("sqlite:{}", own.display())).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "not to be touched");
    std::fs::remove_file(own).unwrap();
}

#[test]
fn nobody_but_this_machine_can_ask() {
    let ground = Ground::new();
    for listen in ["0.0.0.0:8080", "192.168.1.10:8080", "[::]:8080"] {
        let refused = ground.demo().env("QINGHE_LISTEN", listen).env("QINGHE_INSECURE_HTTP", "1").output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{listen}");
        assert!(said(&refused).contains("只在本机"), "{}", said(&refused));
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = ground.demo().env("QINGHE_LISTEN", taken.local_addr().unwrap().to_string()).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(!ground.folder.exists(), "nothing was made, nothing thrown away");
}

#[test]
fn a_day_before_the_calendar_is_refused() {
    let ground = Ground::new();
    let refused =
        ground.program().args(["demo", "--no-serve", "--today", "2023-08-31", "--data"]).arg(&ground.folder).output();
    let refused = refused.unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("2023"), "{}", said(&refused));
}

#[test]
fn its_clock_is_turned_forward_only_and_no_other_countys_at_all() {
    let ground = Ground::new();
    // On a server's database nothing says later that it was a demonstration county's.
    if !matches!(ground.database, Address::Sqlite(_)) {
        return;
    }
    assert!(ground.make().status.success());
    for (day, words) in
        [("2026-09-02", "已经走到 2027-01-04，钟只能往前走"), ("2027-02-30", "2027-02-30"), ("明天", "明天")]
    {
        let refused = ground.serve_on(day).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{day}: {}", said(&refused));
        assert!(said(&refused).contains(words), "{day}: {}", said(&refused));
    }
    let served = Served::start(ground.serve_on("2027-01-12"));
    let accounts = ground.accounts();
    let auditor = accounts.iter().find(|account| account.role == "county_audit").unwrap();
    let (status, page) = served.get("/county/audit", &served.sign_in(auditor));
    assert!(status == 200 && page.contains("value=\"2027-01-12\""), "it is that day: {page}");
    drop(served);

    let school = crate::support::School::open();
    let (code, _, complaint) = crate::place::Place::of(&school).run(&["serve", "--today", "2027-01-12"]);
    assert!(code == 2 && complaint.contains("--today 只用于演示县"), "{complaint}");
}
