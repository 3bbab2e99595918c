//! A school's own messenger hears that something came to an inbox: signed, once, again
//! after a failure, and never a pupil's name.
use crate::desk::remind;
use crate::support::{Person, School, today};
use chrono::Duration;
use diesel::prelude::*;
use hmac::{Hmac, Mac};
use qinghe::access::Operator;
use qinghe::desk::{Sender, hosts, work_at_letters};
use qinghe::on;
use sha2::Sha256;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// What a messenger was sent.
#[derive(Clone, Debug)]
struct Heard {
    signature: String,
    body: String,
}

/// A messenger on this machine that answers with one status after the other, the last for
/// ever after.
struct Messenger {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Messenger {
    fn answering(statuses: &'static [&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, heard) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let list = heard.clone();
        std::thread::spawn(move || {
            for (n, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let (mut signature, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    let Some((name, value)) = line.trim().split_once(": ") else {
                        if line.trim().is_empty() {
                            break;
                        }
                        continue;
                    };
                    match name.to_ascii_lowercase().as_str() {
                        "qinghe-signature" => signature = value.to_owned(),
                        "content-length" => length = value.parse().unwrap(),
                        _ => {}
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                list.lock().unwrap().push(Heard { signature, body: String::from_utf8(body).unwrap() });
                let status = statuses.get(n).or(statuses.last()).unwrap();
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Messenger { address, heard }
    }

    fn url(&self) -> String {
        format!("http://{}/qinghe", self.address)
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

fn school_with(messenger: &Messenger) -> School {
    let allowed = hosts(&messenger.address.to_string()).unwrap();
    School::open().arranged(move |house| house.webhook_hosts = allowed)
}

/// What the server does by itself every few seconds.
async fn work(school: &School) -> bool {
    let operator: Operator = school.operator();
    let office = operator.school_office("3121042101").await.unwrap();
    work_at_letters(&operator, &office, &Sender::new().unwrap()).await.unwrap()
}

/// The office gives the address; the secret that is shown.
async fn set(office: &Person<'_>, url: &str) -> String {
    let page = office.post("/office/webhook", &[("url", url)]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let at = page.text.find("<code class=\"num\">").unwrap_or_else(|| panic!("{}", page.text)) + 18;
    page.text[at..].split('<').next().unwrap().to_owned()
}

async fn remind_li(school: &School) {
    let lin = school.sign_in_now("lin").await;
    let told = remind(school, &lin, "self", &[school.map.li]).await;
    assert!(told.location.ends_with("told=1"), "{} {}", told.location, told.text);
}

#[actix_web::test]
async fn a_reminder_reaches_the_schools_messenger_once_signed_and_without_a_name() {
    let messenger = Messenger::answering(&["204 No Content"]);
    let school = school_with(&messenger);
    remind_li(&school).await;
    assert!(!work(&school).await, "off by default");
    school.clock.set(today() + Duration::minutes(1));
    let office = school.sign_in("office1").await;
    let secret = set(&office, &messenger.url()).await;
    assert!(!work(&school).await && messenger.heard().is_empty(), "what came before is not told");
    let conn = &mut school.raw();
    let sealed: Vec<u8> = on!(conn, c => diesel::dsl::sql::<diesel::sql_types::Binary>("SELECT secret_sealed FROM webhook").get_result(c)).unwrap();
    assert!(!sealed.windows(secret.len()).any(|part| part == secret.as_bytes()), "the secret lies sealed");
    assert_eq!(school.count(&format!("journal_detail WHERE detail LIKE '%{secret}%'")), 0);

    school.clock.set(today() + Duration::days(1));
    remind_li(&school).await;
    assert!(work(&school).await);
    assert!(!work(&school).await, "once");
    let heard = messenger.heard();
    assert_eq!(heard.len(), 1);
    let message: serde_json::Value = serde_json::from_str(&heard[0].body).unwrap();
    assert_eq!(message["to"], "li-pupil");
    assert_eq!(message["what"], "学期自评还没有交");
    assert_eq!(message["school"], "3121042101");
    assert_eq!(message["at"], "2027-01-05T09:00:00+08:00");
    assert_eq!(message["link"], "http://localhost:8080/inbox");
    assert!(!heard[0].body.contains("李沐阳") && !heard[0].body.contains("林静"), "{}", heard[0].body);
    let (at, signature) = heard[0].signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{}", heard[0].body).as_bytes());
    mac.verify_slice(&hex::decode(signature).unwrap()).unwrap();
    let page = school.sign_in_now("office1").await.get("/office/webhook").await.text;
    assert!(page.contains("送到了") && !page.contains(&secret) && !page.contains("李沐阳"), "{page}");
}

#[actix_web::test]
async fn what_fails_is_tried_again_later_and_six_times_at_most() {
    let messenger = Messenger::answering(&["500 No", "302 Found", "200 OK", "503 No"]);
    let school = school_with(&messenger);
    set(&school.sign_in("office1").await, &messenger.url()).await;
    remind_li(&school).await;
    assert!(work(&school).await && !work(&school).await, "not at once");
    let page = school.sign_in("office1").await.get("/office/webhook").await.text;
    assert!(page.contains("对方答了 500，1 月 4 日 09:01再试"), "{page}");
    // The clock goes on while one waits for the other side.
    school.clock.set(today() + Duration::minutes(2));
    assert!(work(&school).await && !work(&school).await);
    school.clock.set(today() + Duration::minutes(8));
    assert!(work(&school).await && !work(&school).await, "a redirect is followed nowhere, the third arrives");
    let ids: Vec<String> = messenger
        .heard()
        .iter()
        .map(|heard| serde_json::from_str::<serde_json::Value>(&heard.body).unwrap()["id"].to_string())
        .collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");

    school.clock.set(today() + Duration::days(1));
    remind_li(&school).await;
    let begun = today() + Duration::days(1);
    let mut tries = 0;
    for minute in (0..48 * 60).step_by(30) {
        school.clock.set(begun + Duration::minutes(minute));
        while work(&school).await {
            tries += 1;
        }
    }
    assert_eq!(tries, 6);
    assert_eq!(school.count("webhook_try WHERE n > 6"), 0);
    let page = school.sign_in_now("office1").await.get("/office/webhook").await.text;
    assert!(page.contains("对方答了 503，不再试了"), "{page}");

    // What was tried goes when the sessions of its time go, and is not tried anew.
    school.clock.set(today() + Duration::days(150));
    qinghe::command::upkeep::once(&school.door).await.unwrap();
    assert!(school.count("webhook_try") > 6);
    school.clock.set(today() + Duration::days(190));
    qinghe::command::upkeep::once(&school.door).await.unwrap();
    assert_eq!(school.count("webhook_try"), 0);
    assert!(!work(&school).await);
}

#[actix_web::test]
async fn only_an_allowed_host_by_https_is_taken_and_off_is_off() {
    let messenger = Messenger::answering(&["200 OK"]);
    let school = School::open();
    let office = school.sign_in("office1").await;
    let none = office.get("/office/webhook").await.text;
    assert!(none.contains("QINGHE_WEBHOOK_HOSTS") && !none.contains("name=\"url\""), "{none}");
    let refused = office.post("/office/webhook", &[("url", &messenger.url())]).await;
    assert!(refused.status == 422 && refused.text.contains("不在县里允许的主机里"), "{}", refused.text);
    drop(office);

    let mut allowed = hosts(&messenger.address.to_string()).unwrap();
    allowed.extend(hosts("im.example.cn, IM.Example.org:8443").unwrap());
    let school = school.arranged(move |house| house.webhook_hosts = allowed);
    let office = school.sign_in("office1").await;
    for (url, why) in [
        ("", "请填消息工具的地址"),
        ("im.example.cn", "认不出这个地址"),
        ("http://im.example.cn/x", "https://"),
        ("ftp://im.example.cn/x", "https://"),
        ("https://im.example.cn:444/x", "不在县里允许的主机里"),
        ("https://im.example.cn.evil.cn/x", "不在县里允许的主机里"),
        ("https://im.example.cn@evil.cn/x", "不要带问号、井号和密码"),
        ("https://im.example.cn/x?key=1", "不要带问号、井号和密码"),
        ("http://169.254.169.254/", "https://"),
    ] {
        let refused = office.post("/office/webhook", &[("url", url)]).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{url}: {}", refused.text);
    }
    assert_eq!(school.count("webhook"), 0);
    for url in ["https://im.example.cn/x", "https://im.example.org:8443/y", &messenger.url()] {
        set(&office, url).await;
    }
    let tried = office.post("/office/webhook/try", &[]).await;
    assert!(tried.text.contains("试发的一条送到了") && messenger.heard().len() == 1, "{}", tried.text);
    assert_eq!(office.post("/office/webhook", &[("off", "1")]).await.status, 303);
    remind_li(&school).await;
    assert!(!work(&school).await && messenger.heard().len() == 1);
    let off = office.post("/office/webhook/try", &[]).await;
    assert!(off.status == 409 && off.text.contains("还没有填"), "{}", off.text);
    assert_eq!(school.count("journal WHERE verb = 'webhook_set'"), 4);
    let far = school.sign_in("office2").await.get("/office/webhook").await.text;
    assert!(!far.contains("127.0.0.1:") || !far.contains("在转发"), "another school has its own: {far}");
    for wrong in ["https://im.example.cn", "im.example.cn/x", "a b", "user@im.example.cn"] {
        assert!(hosts(wrong).unwrap_err().to_string().contains(wrong), "{wrong}");
    }
}

#[actix_web::test]
async fn the_engine_keeps_letters_and_addresses_as_they_are_and_of_one_school() {
    let messenger = Messenger::answering(&["200 OK"]);
    let school = school_with(&messenger);
    set(&school.sign_in("office1").await, &messenger.url()).await;
    remind_li(&school).await;
    assert!(work(&school).await);
    for sql in ["UPDATE webhook SET url = url", "DELETE FROM webhook"] {
        let conn = &mut school.raw();
        let refused = on!(conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
    if let qinghe::platform::db::Conn::Postgres(mut conn) = school.raw() {
        use diesel::connection::SimpleConnection;
        for (owner, sees) in [("*", 1), ("1", 1), ("2", 0)] {
            conn.batch_execute(&format!("SET qinghe.owner = '{owner}'")).unwrap();
            for table in ["webhook", "webhook_try"] {
                let rows = diesel::sql_query(format!("SELECT * FROM {table}")).execute(&mut conn).unwrap();
                assert_eq!(rows, sees, "{table} as {owner}");
            }
        }
    }
}
