//! A school to test in: a fresh copy of one small county, and its people, who
//! come in by the front door.

use actix_web::cookie::Cookie;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{self, HeaderMap};
use actix_web::test::{self, TestRequest};
use chrono::NaiveDate;
use diesel::Connection;
use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection, set_default_instrumentation};
use futures_util::future::LocalBoxFuture;
use qinghe::access::{CaseItem, Door, House, Operator, SchoolOffice};
use qinghe::account::{LinkMade, Login, NewAccount};
use qinghe::names::{CaseId, ClassId, Cohort, Duty, Half, Role, Sex, StudentId, Term};
use qinghe::platform::clock::Clock;
use qinghe::platform::db::{Address, Conn, Database};
use qinghe::platform::files::Files;
use qinghe::platform::keys::Keys;
use qinghe::platform::typeset::PressRoom;
use qinghe::roster::{
    AdmitPupil, AppointCounty, AppointStaff, Appointment, BindGuardian, JoinSchool, NewPupil, OpenCase, OpenClass,
    Position,
};
use qinghe::site;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

pub const PASSWORD: &str = "山里的第七棵梨树";
pub const TERM: &str = "2026-1";
pub const LAST_TERM: &str = "2025-2";

/// Everyone there is. `fang` teaches 语文 at school 1 and has a child at school 2;
/// `peng` teaches 体育与健康; `tuan` organises for both classes of school 1, `ping` is
/// of its committee and has a case about li, `yi` screens the sight of the first class.
pub const PEOPLE: &[&str] = &[
    "lin",
    "dep",
    "wu",
    "fang",
    "peng",
    "tuan",
    "ping",
    "yi",
    "office1",
    "principal1",
    "li-parent",
    "li-pupil",
    "chen-parent",
    "lin2",
    "office2",
    "county",
    "security",
    "audit",
    "nobody",
];

/// Where things are in the small county; the same in every copy.
#[derive(Clone, Debug)]
pub struct Map {
    /// 八年级(1)班 of school 1, lin's.
    pub class: ClassId,
    /// 八年级(2)班 of school 1, wu's.
    pub other_class: ClassId,
    /// 八年级(1)班 of school 2, lin2's.
    pub far_class: ClassId,
    pub li: StudentId,
    pub chen: StudentId,
    pub guan: StudentId,
    /// In wu's class.
    pub zhao: StudentId,
    /// At school 2; fang's child.
    pub yu: StudentId,
    /// Ping's: li, this term.
    pub case: CaseId,
    /// The cookies of everyone, signed in by the form when the county was made.
    signed_in: HashMap<String, HashMap<String, String>>,
}

static N: AtomicUsize = AtomicUsize::new(0);
static TEMPLATE: OnceLock<(Template, Map)> = OnceLock::new();
/// Its fonts take seconds to read; they are the same for every test.
static PRESS: LazyLock<Arc<PressRoom>> = LazyLock::new(|| Arc::new(PressRoom::new(None, None)));

enum Template {
    Sqlite(PathBuf),
    Postgres { server: String, name: String },
}

pub fn today() -> chrono::NaiveDateTime {
    NaiveDate::from_ymd_opt(2027, 1, 4).unwrap().and_hms_opt(9, 0, 0).unwrap()
}

pub fn term() -> Term {
    Term::of(2026, Half::First)
}

/// A folder of this run's own.
pub fn scratch() -> PathBuf {
    // Not by the process's number alone: numbers come round again, and what an
    // earlier run left would be met.
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let make = || std::env::temp_dir().join(format!("qinghe-test-{}", uuid::Uuid::now_v7()));
    let folder = FOLDER.get_or_init(make).clone();
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn server() -> Option<String> {
    std::env::var("QINGHE_TEST_POSTGRES").ok()
}

fn on_server(url: &str, sql: &str) {
    diesel::PgConnection::establish(url).unwrap().batch_execute(sql).unwrap();
}

/// An address for a database of its own, empty.
pub fn empty_database() -> Address {
    let n = N.fetch_add(1, Ordering::SeqCst);
    match server() {
        None => Address::Sqlite(scratch().join(format!("empty-{n}.sqlite"))),
        Some(server) => {
            let name = format!("qinghe_test_{}_{n}", std::process::id());
            on_server(&server, &format!("CREATE DATABASE {name}"));
            Address::Postgres(with_database(&server, &name))
        }
    }
}

fn with_database(server: &str, name: &str) -> String {
    let (base, query) = server.split_once('?').map_or((server, String::new()), |(b, q)| (b, format!("?{q}")));
    let base = base.rsplit_once('/').unwrap().0;
    format!("{base}/{name}{query}")
}

fn door_on(address: &Address, clock: &Clock) -> Door {
    let database = Database::open(address).unwrap();
    let keys_folder = scratch().join("keys");
    let keys = {
        static KEYS: OnceLock<Keys> = OnceLock::new();
        KEYS.get_or_init(|| Keys::make(&keys_folder).unwrap()).clone()
    };
    let house = House {
        consent: qinghe::names::ConsentTexts::seed().unwrap(),
        clock: clock.clone(),
        believed: keys.pinned(),
        keys,
        files: Files::in_folder(scratch().join("files")),
        press: PRESS.clone(),
        public_url: "http://localhost:8080".to_owned(),
        county: "石泉县".to_owned(),
        county_code: "210499".to_owned(),
        demo: true,
        insecure: false,
        graded: false,
        kept_for: qinghe::names::KeptFor::default(),
        trusted_proxy: None,
        webhook_hosts: Vec::new(),
    };
    Door::new(database, house)
}

/// What each database has been asked, by its address: how many statements, and each text once.
static ASKED: Mutex<BTreeMap<String, (usize, BTreeSet<String>)>> = Mutex::new(BTreeMap::new());

/// Counts what one connection is asked; beginning and ending a transaction are not counted.
struct Counter(String);

impl Instrumentation for Counter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        match event {
            InstrumentationEvent::StartEstablishConnection { url, .. } => self.0 = url.to_owned(),
            InstrumentationEvent::StartQuery { query, .. } => {
                let text = query.to_string();
                let around = ["BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SET LOCAL"];
                if !around.iter().any(|word| text.starts_with(word)) {
                    let mut asked = ASKED.lock().unwrap();
                    let (count, said) = asked.entry(self.0.clone()).or_default();
                    *count += 1;
                    let text = text.split(" -- binds").next().unwrap_or_default();
                    if !said.contains(text) {
                        said.insert(text.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
}

fn template() -> &'static (Template, Map) {
    TEMPLATE.get_or_init(|| {
        set_default_instrumentation(|| Some(Box::new(Counter(String::new())))).unwrap();
        // Built on a thread with a runtime of its own: the test's runtime is busy waiting.
        std::thread::spawn(|| actix_web::rt::System::new().block_on(build_template())).join().unwrap()
    })
}

async fn build_template() -> (Template, Map) {
    let clock = Clock::default();
    let address = match server() {
        None => Address::Sqlite(scratch().join("template.sqlite")),
        Some(_) => empty_database(),
    };
    let map = {
        let door = door_on(&address, &clock);
        Database::open(&address).unwrap().migrate().unwrap();
        // What stands in it came before anything a test does, however long it takes to make.
        clock.set(today() - chrono::Duration::minutes(2));
        found(&door).await
    };
    let template = match address {
        Address::Sqlite(path) => {
            // What stands in the write-ahead log must be in the file that is copied.
            let conn = &mut diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            SimpleConnection::batch_execute(conn, "PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            Template::Sqlite(path)
        }
        Address::Postgres(url) => {
            let name = url.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
            Template::Postgres { server: server().unwrap(), name }
        }
    };
    (template, map)
}

/// Numbers with a right check digit, one after the other.
fn citizen_number(born: NaiveDate, serial: u32, sex: Sex) -> String {
    let odd = u32::from(sex == Sex::Male);
    let body = format!("210421{}{:03}", born.format("%Y%m%d"), (serial * 2 + odd) % 1000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{body}{}", ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'][(sum % 11) as usize])
}

pub fn pupil(name: &str, seat: i32, serial: u32, sex: Sex) -> NewPupil {
    let born = NaiveDate::from_ymd_opt(2013, 3, 5).unwrap();
    let citizen = citizen_number(born, serial, sex);
    NewPupil {
        name: name.to_owned(),
        former_name: None,
        sex,
        born_on: born,
        ethnic: Some("01".to_owned()),
        political: None,
        boarding: None,
        left_behind: None,
        regular_class: None,
        number: format!("G{citizen}"),
        document: Some(("1".to_owned(), citizen)),
        seat,
        auxiliary: None,
        entered_on: NaiveDate::from_ymd_opt(2025, 9, 1).unwrap(),
        family: Vec::new(),
    }
}

async fn found(door: &Door) -> Map {
    let operator = qinghe::command::found(door, "石泉县").await.unwrap();
    let mut schools = Vec::new();
    for (code, name) in [("3121042101", "石泉镇九年一贯制学校"), ("3121042102", "柳河乡九年一贯制学校")]
    {
        let school = JoinSchool::check(code, name).unwrap();
        operator.county().act(move |_| Ok(school)).await.unwrap();
        schools.push(operator.school_office(code).await.unwrap());
    }
    let [one, two] = schools.try_into().ok().unwrap();
    let cohort = Cohort(2025);
    let class = one.act(move |_| Ok(OpenClass { cohort, number: 1 })).await.unwrap();
    let other_class = one.act(move |_| Ok(OpenClass { cohort, number: 2 })).await.unwrap();
    let far_class = two.act(move |_| Ok(OpenClass { cohort, number: 1 })).await.unwrap();
    let admit = async |office: &SchoolOffice, class, name: &str, seat, serial, sex| {
        let act = AdmitPupil::new(&office.house().keys, class, pupil(name, seat, serial, sex));
        office.act(move |_| Ok(act)).await.unwrap()
    };
    let li = admit(&one, class, "李沐阳", 1, 1, Sex::Male).await;
    let chen = admit(&one, class, "陈𠮷䶮", 2, 2, Sex::Female).await;
    let guan = admit(&one, class, "关雪晴", 3, 3, Sex::Female).await;
    let zhao = admit(&one, other_class, "赵清如", 1, 4, Sex::Female).await;
    let yu = admit(&two, far_class, "于海洋", 1, 5, Sex::Male).await;
    let appoint = async |office: &SchoolOffice, who: Appointment, position| {
        office.act(move |_| Ok(AppointStaff { who, position })).await.unwrap()
    };
    let new = |login: &str, name: &str| {
        Appointment::New(NewAccount { login: Login::parse(login).unwrap(), name: name.to_owned() })
    };
    let term = term();
    let mut accounts = Vec::new();
    accounts.push(appoint(&one, new("lin", "林静"), Position::Homeroom { class, term }).await);
    accounts.push(appoint(&one, new("dep", "邓立"), Position::Deputy { class, term }).await);
    accounts.push(appoint(&one, new("wu", "吴江"), Position::Homeroom { class: other_class, term }).await);
    let chinese = Position::Subject { class, term, subject: "语文".to_owned() };
    let fang = appoint(&one, new("fang", "方晓"), chinese).await;
    accounts.push(fang);
    let sport = Position::Subject { class, term, subject: "体育与健康".to_owned() };
    accounts.push(appoint(&one, new("peng", "彭刚"), sport).await);
    let several = |role, classes: &[ClassId]| Position::Several { role, classes: classes.to_vec(), term };
    accounts.push(appoint(&one, new("tuan", "团小禾"), several(Role::Organiser, &[class, other_class])).await);
    let ping = appoint(&one, new("ping", "平正"), several(Role::Committee, &[class, other_class])).await;
    accounts.push(ping);
    accounts.push(appoint(&one, new("yi", "易安"), several(Role::Health, &[class])).await);
    accounts.push(appoint(&one, new("office1", "张立新"), Position::Office).await);
    accounts.push(appoint(&one, new("principal1", "赵启明"), Position::Principal).await);
    accounts.push(appoint(&two, new("lin2", "林远"), Position::Homeroom { class: far_class, term }).await);
    accounts.push(appoint(&two, new("office2", "何静"), Position::Office).await);
    let bind = async |office: &SchoolOffice, who: Appointment, student, relation: Option<&str>| {
        let relation = relation.map(str::to_owned);
        office.act(move |_| Ok(BindGuardian { who, student, relation })).await.unwrap()
    };
    accounts.push(bind(&one, new("li-parent", "李建国"), li, Some("父亲")).await);
    accounts.push(bind(&one, new("li-pupil", "李沐阳"), li, None).await);
    accounts.push(bind(&one, new("chen-parent", "陈立国"), chen, Some("父亲")).await);
    bind(&two, Appointment::Known(fang), yu, Some("母亲")).await;
    let last = Position::Subject { class, term: term.previous(), subject: "音乐".to_owned() };
    accounts.push(appoint(&one, new("nobody", "只教上学期"), last).await);
    for (login, name, duty) in [
        ("county", "县局管理员", Duty::System),
        ("security", "安保华", Duty::Security),
        ("audit", "审计明", Duty::Audit),
    ] {
        let new = NewAccount { login: Login::parse(login).unwrap(), name: name.to_owned() };
        accounts.push(operator.county().act(move |_| Ok(AppointCounty { new, duty })).await.unwrap());
    }
    let app = open_app(door).await;
    for account in accounts {
        let invite = operator.county().act(move |_| Ok(LinkMade { account })).await.unwrap();
        let form = TestRequest::post().uri(&invite.address("")).set_form([("password", PASSWORD), ("again", PASSWORD)]);
        let set = knock(&app, form).await;
        assert_eq!(set.status, 303, "{}", set.text);
    }
    let mut signed_in = HashMap::new();
    for login in PEOPLE {
        let form = TestRequest::post().uri("/sign-in").set_form([("login", *login), ("password", PASSWORD)]);
        let answer = knock(&app, form).await;
        assert_eq!(answer.status, 303, "{login} cannot sign in: {}", answer.text);
        let cookies = answer.cookies.iter().map(|c| (c.name().to_owned(), c.value().to_owned())).collect();
        signed_in.insert((*login).to_owned(), cookies);
    }
    let (whole, until) = (one.whole_school(), today().date() + chrono::Days::new(14));
    let item = CaseItem { student: li, term, objection: None };
    let reason = "县里抽查，请委员会看一看".to_owned();
    let case = one.act(move |tx| OpenCase::named(tx, whole, item, ping, reason, until)).await.unwrap();
    Map { class, other_class, far_class, li, chen, guan, zhao, yu, case, signed_in }
}

/// The whole program, ready for requests.
type App = Rc<dyn Fn(actix_http::Request) -> LocalBoxFuture<'static, ServiceResponse>>;

async fn open_app(door: &Door) -> App {
    let app = test::init_service(site::app(door.clone())).await;
    Rc::new(move |request| {
        let answer = app.call(request);
        Box::pin(async move { answer.await.unwrap().map_into_boxed_body() })
    })
}

/// One request to the whole program.
async fn knock(app: &App, request: TestRequest) -> Answer {
    let request = request.peer_addr("127.0.0.1:40000".parse().unwrap());
    let response = app(request.to_request()).await;
    let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, location, media_type) = (
        response.status().as_u16(),
        header(header::LOCATION).unwrap_or_default(),
        header(header::CONTENT_TYPE).unwrap_or_default(),
    );
    let headers = response.headers().clone();
    let cookies = response.response().cookies().map(|cookie| cookie.into_owned()).collect();
    let bytes = test::read_body(response).await.to_vec();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Answer { status, location, media_type, headers, cookies, bytes, text }
}

pub struct Answer {
    pub status: u16,
    pub location: String,
    pub media_type: String,
    pub headers: HeaderMap,
    cookies: Vec<Cookie<'static>>,
    pub bytes: Vec<u8>,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> Option<&str> {
        let from = self.text.find(&format!("name=\"{name}\" value=\""))? + name.len() + 15;
        let rest = &self.text[from..];
        Some(&rest[..rest.find('"')?])
    }
}

/// A fresh copy of the small county. Dropped, it takes its database along.
pub struct School {
    pub door: Door,
    pub map: Map,
    pub clock: Clock,
    pub address: Address,
    app: RefCell<Option<App>>,
}

impl School {
    pub fn open() -> Self {
        let (template, map) = template();
        let n = N.fetch_add(1, Ordering::SeqCst);
        let address = match template {
            Template::Sqlite(path) => {
                let copy = path.with_file_name(format!("{n}.sqlite"));
                std::fs::copy(path, &copy).unwrap();
                Address::Sqlite(copy)
            }
            Template::Postgres { server, name } => {
                let copy = format!("{name}_{n}");
                on_server(server, &format!("CREATE DATABASE {copy} TEMPLATE {name}"));
                Address::Postgres(with_database(server, &copy))
            }
        };
        let clock = Clock::default();
        clock.set(today());
        School { door: door_on(&address, &clock), map: map.clone(), clock, address, app: RefCell::default() }
    }

    /// The same school, in a house arranged otherwise.
    pub fn arranged(mut self, arrange: impl FnOnce(&mut House)) -> Self {
        let mut house = self.door.house().clone();
        arrange(&mut house);
        self.door = Door::new(Database::open(&self.address).unwrap(), house);
        self.app = RefCell::default();
        self
    }

    async fn app(&self) -> App {
        if self.app.borrow().is_none() {
            *self.app.borrow_mut() = Some(open_app(&self.door).await);
        }
        self.app.borrow().clone().unwrap()
    }

    /// Someone not signed in.
    pub fn visitor(&self) -> Person<'_> {
        Person { school: self, login: "", cookies: RefCell::default(), csrf: RefCell::default() }
    }

    /// Someone who has signed in already.
    pub async fn sign_in(&self, login: &'static str) -> Person<'_> {
        let person = Person { login, ..self.visitor() };
        person.cookies.borrow_mut().clone_from(&self.map.signed_in[login]);
        person
    }

    /// Someone who signs in now, by the form, on a browser of their own.
    pub async fn sign_in_now(&self, login: &'static str) -> Person<'_> {
        let person = Person { login, ..self.visitor() };
        let answer = person.submit("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{login} cannot sign in: {}", answer.text);
        person
    }

    pub async fn everyone_but(&self, some: &[&str]) -> Vec<Person<'_>> {
        let mut people = Vec::new();
        for login in PEOPLE.iter().filter(|login| !some.contains(login)) {
            people.push(self.sign_in(login).await);
        }
        people
    }

    pub fn operator(&self) -> Operator {
        Operator::at(&self.door)
    }

    /// How many statements the program has sent to its database so far.
    pub fn statements(&self) -> usize {
        ASKED.lock().unwrap().get(&self.address_words()).map_or(0, |(count, _)| *count)
    }

    /// The texts of these statements.
    pub fn said(&self) -> BTreeSet<String> {
        ASKED.lock().unwrap().get(&self.address_words()).map(|(_, said)| said.clone()).unwrap_or_default()
    }

    fn address_words(&self) -> String {
        match &self.address {
            Address::Sqlite(path) => path.display().to_string(),
            Address::Postgres(url) => url.clone(),
        }
    }

    /// How many rows there are: a table, and what else a query says after FROM.
    pub fn count(&self, of: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        use diesel::RunQueryDsl;
        let (mut conn, sql) = (self.raw(), format!("SELECT count(*) AS n FROM {of}"));
        qinghe::on!(&mut conn, c => diesel::sql_query(sql).get_result::<Count>(c)).unwrap().n
    }

    /// A connection of the test's own, past every grant, to look or to tamper.
    pub fn raw(&self) -> Conn {
        raw(&self.address)
    }
}

/// A connection past every grant, to look or to tamper.
pub fn raw(address: &Address) -> Conn {
    match address {
        Address::Sqlite(path) => Conn::Sqlite(diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap()),
        Address::Postgres(url) => {
            let mut conn = diesel::PgConnection::establish(url).unwrap();
            SimpleConnection::batch_execute(&mut conn, "SET qinghe.owner = '*'").unwrap();
            Conn::Postgres(conn)
        }
    }
}

impl Drop for School {
    fn drop(&mut self) {
        if let Address::Sqlite(path) = &self.address {
            for ending in ["", "-wal", "-shm"] {
                drop(std::fs::remove_file(format!("{}{ending}", path.display())));
            }
        }
    }
}

/// Someone with a browser.
pub struct Person<'s> {
    school: &'s School,
    pub login: &'static str,
    pub cookies: RefCell<HashMap<String, String>>,
    csrf: RefCell<Option<String>>,
}

impl Person<'_> {
    pub async fn send(&self, mut request: TestRequest) -> Answer {
        for (name, value) in self.cookies.borrow().iter() {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        let answer = knock(&self.school.app().await, request).await;
        for cookie in &answer.cookies {
            self.cookies.borrow_mut().insert(cookie.name().to_owned(), cookie.value().to_owned());
        }
        answer
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(TestRequest::get().uri(path)).await
    }

    /// Sends fields as they are, without the hidden ones of any page.
    pub async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.send(TestRequest::post().uri(path).set_form(form)).await
    }

    /// The token that the pages of this session carry.
    pub async fn csrf(&self) -> String {
        if self.csrf.borrow().is_none() {
            let token = self.get("/password").await.hidden("csrf").unwrap_or_default().to_owned();
            *self.csrf.borrow_mut() = Some(token);
        }
        self.csrf.borrow().clone().unwrap_or_default()
    }

    /// Sends a form as its page would.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.csrf().await;
        let mut fields = vec![("csrf", token.as_str())];
        fields.extend_from_slice(form);
        self.submit(path, &fields).await
    }

    /// Sends a file as a page with a file field would.
    pub async fn drop_file(&self, path: &str, name: &str, bytes: &[u8]) -> Answer {
        self.upload(path, name, bytes, &[]).await
    }

    /// Sends a file as a form with fields would.
    pub async fn upload(&self, path: &str, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
        let (boundary, csrf) = ("------qinghe-test", self.csrf().await);
        let mut body = Vec::new();
        for (field, value) in [("csrf", csrf.as_str())].iter().chain(fields) {
            body.extend_from_slice(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                    .as_bytes(),
            );
        }
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
                .as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("content-type", format!("multipart/form-data; boundary={boundary}")))
            .set_payload(body);
        self.send(request).await
    }

    /// Sends JSON as a script of ours would.
    pub async fn json(&self, path: &str, value: &serde_json::Value) -> Answer {
        let token = self.csrf().await;
        let request = TestRequest::post()
            .uri(path)
            .insert_header(("x-csrf-token", token))
            .insert_header((header::ACCEPT, "application/json"))
            .set_json(value);
        self.send(request).await
    }
}
