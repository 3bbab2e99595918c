//! A demonstration county made by the program itself, and served.

use crate::support::{empty_database, raw, scratch};
use diesel::prelude::*;
use qinghe::platform::db::{Address, Conn};
use serde::Deserialize;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

const TODAY: &str = "2027-01-04";

#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    pub role: String,
    pub login: String,
    pub password: String,
    pub school: Option<String>,
    pub class: Option<String>,
    #[serde(default)]
    pub students: Vec<String>,
    pub graduated: Option<i32>,
}

/// A folder for a county and the database it is to be in.
pub struct Ground {
    pub folder: PathBuf,
    pub database: Address,
    schools: &'static str,
}

impl Ground {
    pub fn new() -> Self {
        Ground::of("2")
    }

    pub fn of(schools: &'static str) -> Self {
        static N: AtomicUsize = AtomicUsize::new(0);
        let folder = scratch().join(format!("demo-{}", N.fetch_add(1, Ordering::SeqCst)));
        let database = match empty_database() {
            Address::Sqlite(_) => Address::Sqlite(folder.join("qinghe.sqlite")),
            server => server,
        };
        Ground { folder, database, schools }
    }

    pub fn program(&self) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_qinghe"));
        program.current_dir(scratch()).env("QINGHE_LOG", "quiet");
        if let Address::Postgres(url) = &self.database {
            program.env("QINGHE_DATABASE", url);
        }
        program
    }

    /// `qinghe demo`, mostly two schools, with one class of four a grade.
    pub fn demo(&self) -> Command {
        let mut program = self.program();
        program.arg("demo").arg("--data").arg(&self.folder);
        program.args(["--schools", self.schools, "--classes", "1", "--pupils", "4", "--today", TODAY]);
        program
    }

    /// `qinghe serve` over what was made here, with its clock turned to a day.
    pub fn serve_on(&self, day: &str) -> Command {
        let mut program = self.program();
        program.args(["serve", "--today", day]);
        program.env("QINGHE_DATABASE", format!("sqlite:{}", self.folder.join("qinghe.sqlite").display()));
        program.env("QINGHE_FILES", self.folder.join("files")).env("QINGHE_KEYS", self.folder.join("keys"));
        program
    }

    pub fn make(&self) -> Output {
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

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A county being served; stopped when dropped.
pub struct Served {
    program: Child,
    port: u16,
    /// What it printed before it served.
    pub printed: String,
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
    pub fn start(mut program: Command) -> Self {
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
