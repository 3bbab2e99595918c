//! When things go wrong: a full disk, a broken database, and what the log tells.
use crate::place::Place;
use crate::support::{PASSWORD, School, TERM};
use actix_web::http::header;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection;
use qinghe::on;
use qinghe::platform::db::Conn;
use serde_json::json;
use std::io::Write;
use std::sync::{Mutex, Once};

/// The log of this whole run, as the program writes it.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct ToLog;

impl Write for ToLog {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub fn keep_log() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| qinghe::command::log_to(tracing::Level::INFO, || ToLog));
}

pub fn log() -> String {
    String::from_utf8(LOG.lock().unwrap().clone()).unwrap()
}

fn run(school: &School, sql: &str) {
    match school.raw() {
        Conn::Sqlite(mut conn) => conn.batch_execute(sql),
        Conn::Postgres(mut conn) => conn.batch_execute(sql),
    }
    .unwrap();
}

/// Leaves no room, or room again. SQLite's writer may then not add a page and says
/// what it says on a full disk; for PostgreSQL, whose disk is another machine's, the
/// server itself raises what it raises then (SQLSTATE 53100).
async fn fill_up(school: &School, full: bool) {
    if let Conn::Postgres(_) = school.raw() {
        for (table, event) in [("comment", "INSERT"), ("session", "INSERT OR UPDATE")] {
            let sql = if full {
                format!(
                    "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION \
                     'could not extend file \"base/16384/2619\": No space left on device' USING ERRCODE = '53100'; END $$; \
                     CREATE TRIGGER full_disk BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
                )
            } else {
                format!("DROP TRIGGER full_disk ON {table}")
            };
            run(school, &sql);
        }
        return;
    }
    let most = if full { 1 } else { 1 << 30 };
    school
        .operator()
        .keep_house(move |conn| {
            // Never below what there is: 1 means “not one page more”.
            Ok(on!(conn, c => c.batch_execute(&format!("PRAGMA max_page_count = {most}")))?)
        })
        .await
        .unwrap();
}

#[actix_web::test]
async fn on_a_full_disk_nothing_saved_is_lost_and_the_server_goes_on() {
    keep_log();
    let school = School::open();
    let lin = school.sign_in("lin").await;
    crate::evaluation::fill(&school, &lin).await;
    let comments = format!("/class/{}/{TERM}/comments", school.map.class);
    let words = |text: String, revision| json!([{ "student": school.map.li, "text": text, "revision": revision }]);
    let long = "做事有头有尾。".repeat(20);
    fill_up(&school, true).await;
    let mut saved = 1;
    let answer = loop {
        let answer = lin.json(&comments, &words(format!("{long}{saved}"), saved)).await;
        if answer.status != 200 {
            break answer;
        }
        saved += 1;
        assert!(saved < 400, "the file cannot grow for ever");
    };
    assert_eq!(answer.status, 507, "{}", answer.text);
    assert!(answer.text.contains("已存的不受影响"), "{}", answer.text);
    let number = answer.json()["number"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("x-request-id"), number);
    assert!(log().contains(&number));

    // What needs no room is answered, also when it is time to note that the session is in use.
    school.clock.set(crate::support::today() + chrono::Duration::minutes(20));
    assert_eq!(school.visitor().get("/healthz").await.status, 200);
    let page = lin.get(&format!("/class/{}/grid", school.map.class)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let last = if saved == 1 { "做事有头有尾。".to_owned() } else { format!("{long}{}", saved - 1) };
    assert!(page.text.contains(&last), "the last that was saved is there");

    fill_up(&school, false).await;
    let answer = lin.json(&comments, &words("腾出空间以后。".to_owned(), saved)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let (code, said, complaint) = Place::of(&school).run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}{complaint}");
}

#[actix_web::test]
async fn what_breaks_shows_a_number_and_the_log_tells_the_cause_under_it() {
    keep_log();
    let school = School::open();
    let parent = school.sign_in("li-parent").await;
    let child = format!("/child/{}", school.map.li);
    assert_eq!(parent.get(&child).await.status, 200);
    run(&school, "ALTER TABLE message RENAME TO message_lost");
    let answer = parent.get(&child).await;
    assert_eq!(answer.status, 500);
    let number = answer.header("x-request-id").to_owned();
    assert!(answer.text.contains(&format!("编号 {number}")), "{}", answer.text);
    assert!(!answer.text.contains("message_lost") && !answer.text.contains("relation"));
    let log = log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(&number)).collect();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[0].contains("message") && lines[0].contains("broken"), "the cause");
    assert!(lines[1].contains("/child/{student}") && lines[1].contains("500"), "the request");
}

#[actix_web::test]
async fn a_refusal_leads_back_to_the_page_one_came_from_and_nowhere_else() {
    let school = School::open();
    let parent = school.sign_in("li-parent").await;
    let refused = async |from: &'static str| {
        let request = TestRequest::post().uri("/sign-out").insert_header((header::REFERER, from));
        let answer = parent.send(request.set_form([("csrf", "made up")])).await;
        assert_eq!(answer.status, 403);
        answer.text
    };
    let back = |link: &str| format!("<a class=\"btn btn-p\" href=\"{link}\">回到刚才那一页</a>");
    let told = refused("http://localhost:8080/sessions?a=1&b=2").await;
    assert!(told.contains(&back("/sessions?a=1&amp;b=2")), "{told}");
    for elsewhere in ["http://elsewhere.example/sessions", "http://localhost:8080//elsewhere.example", "no address"] {
        let told = refused(elsewhere).await;
        assert!(!told.contains("回到刚才那一页") && told.contains("回到首页"), "{elsewhere}: {told}");
    }
}

#[actix_web::test]
async fn the_log_names_nobody() {
    keep_log();
    let school = School::open();
    let (class, li) = (school.map.class, school.map.li);
    let lin = school.sign_in_now("lin").await;
    crate::evaluation::fill(&school, &lin).await;
    crate::evaluation::sign(&school, &lin).await;
    for path in ["grid", "slips"].map(|page| format!("/class/{class}/{page}")) {
        assert_eq!(lin.get(&path).await.status, 200);
    }
    let slips = lin.post(&format!("/class/{class}/slips"), &[]).await.text;
    let code = slips.split_whitespace().find_map(|word| {
        let word = word.split(['<', '>']).find(|part| part.len() == 9 && part.as_bytes()[4] == b'-')?;
        Some(word.to_owned())
    });
    let code = code.expect("a slip for the one without a guardian");
    school.visitor().get(&format!("/join/{code}")).await;
    let parent = school.sign_in("li-parent").await;
    parent.post(&format!("/child/{li}/message"), &[("text", "爸爸看到你的进步了"), ("term", TERM)]).await;
    let office = school.sign_in("office1").await;
    let number = crate::roster::GIRL;
    let rows = vec![vec!["八年级(1)班", number, "佟雪", "女", "2013.2.28", "202509", "11"]];
    let header = ["班号", "学籍号", "姓名", "性别", "出生日期", "入学年月", "班内学号"];
    let tried = crate::roster::bring(&office, "八年级名单-佟雪.xlsx", &crate::roster::sheet(&header, &rows)).await;
    assert!(tried.text.contains("佟雪"), "{}", tried.text);
    let wrong = school.visitor();
    for (login, password) in [("李建国13904130001", "lin"), ("lin", "一个记错了的密码")] {
        assert_eq!(wrong.submit("/sign-in", &[("login", login), ("password", password)]).await.status, 422);
    }
    wrong.get(&format!("/sign-in?next=/child/{li}")).await;
    parent.get(&format!("/child/{}?q=%E6%9D%8E%E6%B2%90%E9%98%B3", school.map.zhao)).await;
    run(&school, "ALTER TABLE message RENAME TO message_lost");
    let broken = parent.post(&format!("/child/{li}/message"), &[("text", "再说一句"), ("term", TERM)]).await;
    assert_eq!(broken.status, 500);

    let log = log();
    assert!(log.contains("/child/{student}/message") && log.contains("/join/{code}"), "{log}");
    let (class, li) = (class.to_string(), li.to_string());
    let secrets = [
        "李沐阳",
        "林静",
        "李建国",
        "佟雪",
        "关雪晴",
        "爸爸看到",
        "再说一句",
        "做事有头有尾",
        "13904130001",
        "记错了",
        PASSWORD,
        "li-parent",
        "principal1",
        number,
        &number[1..],
        "%E6%9D%8E",
        &code,
        &class,
        &li,
    ];
    for secret in secrets {
        assert!(!log.contains(secret), "the log says {secret}");
    }
}
