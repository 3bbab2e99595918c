//! 三员分立: system, security and audit are three grants; each does its own and is a
//! stranger to the other two, and nobody has two.
use crate::place::Place;
use crate::portfolio::account;
use crate::support::{Answer, PASSWORD, Person, School};
use diesel::prelude::*;
use qinghe::on;

const ACCOUNTS: &str = "/county/accounts";

async fn desks(school: &School) -> [Person<'_>; 3] {
    [school.sign_in("county").await, school.sign_in("security").await, school.sign_in("audit").await]
}

/// The link a page shows once.
fn link_in(page: &Answer) -> String {
    let from = page.text.find("/welcome/").unwrap_or_else(|| panic!("no link: {}", page.text));
    page.text[from..].split(['<', '"']).next().unwrap().to_owned()
}

async fn set_password(school: &School, link: &str) -> u16 {
    school.visitor().submit(link, &[("password", PASSWORD), ("again", PASSWORD)]).await.status
}

#[actix_web::test]
async fn each_duty_opens_its_own_desk_and_is_a_stranger_at_the_other_two() {
    let school = School::open();
    let [system, security, audit] = desks(&school).await;
    let missing = system.get("/there-is-no-such-page").await.text;
    for (person, own) in [(&system, "/county"), (&security, ACCOUNTS), (&audit, "/county/audit")] {
        assert_eq!(person.get("/").await.location, own, "{}", person.login);
        for path in ["/county", "/county/scheme", "/county/windows", "/county/calendar", ACCOUNTS, "/county/audit"] {
            let answer = person.get(path).await;
            let is_own = path == own || own == "/county" && path != ACCOUNTS && path != "/county/audit";
            assert_eq!(answer.status, if is_own { 200 } else { 404 }, "{} at {path}", person.login);
            assert!(is_own || answer.text == missing, "{} at {path}", person.login);
        }
    }
    let lost = account(&school, "office1").await.to_string();
    for (person, path) in [
        (&system, "/county/accounts/link"),
        (&audit, "/county/accounts/close"),
        (&security, "/county/windows"),
        (&audit, "/county/calendar"),
    ] {
        assert_eq!(person.post(path, &[("account", &lost)]).await.status, 404, "{} at {path}", person.login);
    }
}

#[actix_web::test]
async fn security_lets_in_locks_out_and_unlocks_but_never_herself() {
    let school = School::open();
    let security = school.sign_in("security").await;
    let (office, me) = (account(&school, "office1").await.to_string(), account(&school, "security").await.to_string());
    let lin = account(&school, "lin").await.to_string();
    for _ in 0..6 {
        school.visitor().submit("/sign-in", &[("login", "office1"), ("password", "不是这个密码")]).await;
    }
    let right = [("login", "office1"), ("password", PASSWORD)];
    assert_ne!(school.visitor().submit("/sign-in", &right).await.status, 303, "it is locked");
    assert!(security.get(ACCOUNTS).await.text.contains("试错太多，锁着"));
    assert_eq!(security.post("/county/accounts/unlock", &[("account", &lin)]).await.status, 404, "a teacher");
    assert_eq!(security.post("/county/accounts/unlock", &[("account", &office)]).await.status, 303);
    assert_eq!(school.visitor().submit("/sign-in", &right).await.status, 303, "and open again");
    let twice = security.post("/county/accounts/unlock", &[("account", &office)]).await;
    assert!(twice.status == 409 && twice.text.contains("没有锁"), "{}", twice.text);

    for what in ["link", "unlock", "second-factor", "close"] {
        let own = security.post(&format!("/county/accounts/{what}"), &[("account", &me)]).await;
        assert!(own.status == 409 && own.text.contains("不能由自己处理"), "{what}: {}", own.text);
    }
    let link =
        security.post("/county/accounts/link", &[("account", &account(&school, "audit").await.to_string())]).await;
    assert_eq!(set_password(&school, &link_in(&link)).await, 303);
    let gone = account(&school, "county").await.to_string();
    let system = school.sign_in("county").await;
    assert_eq!(security.post("/county/accounts/close", &[("account", &gone)]).await.status, 303);
    assert!(system.get("/county").await.location.starts_with("/sign-in?"), "her session ends at once");
    assert!(!security.get(ACCOUNTS).await.text.contains("县局管理员"));
}

#[actix_web::test]
async fn a_duty_comes_with_a_new_account_is_one_and_is_nobodys_own_gift() {
    let school = School::open();
    let security = school.sign_in("security").await;
    for (form, why) in [
        (vec![("login", "new"), ("name", "新人"), ("duty", "")], "一个人只做一样"),
        (vec![("login", "new"), ("name", " "), ("duty", "audit")], "请写姓名"),
        (vec![("login", "audit"), ("name", "新人"), ("duty", "system")], "已经有人用了"),
        (vec![("login", "security"), ("name", "自己"), ("duty", "audit")], "已经有人用了"),
    ] {
        let refused = security.post(ACCOUNTS, &form).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{why}: {}", refused.text);
    }
    assert_eq!(school.count("county_duty"), 3);
    let made = security.post(ACCOUNTS, &[("login", "xin"), ("name", "新人"), ("duty", "audit")]).await;
    assert_eq!(set_password(&school, &link_in(&made)).await, 303);
    let xin = school.visitor();
    let entered = xin.submit("/sign-in", &[("login", "xin"), ("password", PASSWORD)]).await;
    assert_eq!(entered.status, 303);
    assert_eq!((xin.get("/county/audit").await.status, xin.get("/county").await.status), (200, 404));

    let refused = |sql: &str| {
        let mut conn = school.raw();
        on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string()
    };
    let of = |login: &str| format!("(SELECT id FROM account WHERE login = '{login}')");
    let put = |login: &str, duty: &str, by: &str| {
        format!(
            "INSERT INTO county_duty (account_id, duty, since, granted_by) VALUES ({}, '{duty}', '2027-01-04', {by})",
            of(login)
        )
    };
    let second = refused(&put("audit", "security", "NULL")).to_lowercase();
    assert!(second.contains("unique") || second.contains("duplicate key"), "two duties: {second}");
    let own = refused(&put("lin", "security", &of("lin"))).to_lowercase();
    assert!(own.contains("check") || own.contains("only security"), "her own gift: {own}");
    let by_system = refused(&put("lin", "audit", &of("county")));
    assert!(by_system.contains("only security gives a duty"), "{by_system}");
    assert!(refused("UPDATE county_duty SET duty = 'audit'").contains("append-only"));
    assert!(refused("DELETE FROM county_duty").contains("append-only"));
    let (code, said, _) = Place::of(&school).run(&["journal", "check"]);
    assert_eq!(code, 0, "{said}");
}

#[actix_web::test]
async fn the_auditor_reads_a_day_by_act_and_no_childs_name() {
    let school = School::open();
    let (lin, audit) = (school.sign_in("lin").await, school.sign_in("audit").await);
    crate::evaluation::fill(&school, &lin).await;
    crate::evaluation::sign(&school, &lin).await;
    let parent = school.sign_in("li-parent").await;
    let consent = format!("/child/{}/data/consent", school.map.li);
    assert_eq!(parent.post(&consent, &[("consent", "give")]).await.status, 303);
    let before = school.count("journal");
    let page = audit.get("/county/audit?day=2027-01-04").await.text;
    for words in ["班主任 林静", "定等级、写评语", "签字", "石泉镇九年一贯制学校", "家长", "改同意书", "命令行"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    for hidden in ["李沐阳", "陈𠮷䶮", "李建国", "关雪晴", &school.map.li.to_string(), "优秀", "良好"]
    {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    let signed = audit.get("/county/audit?day=2027-01-04&act=class_signed").await.text;
    assert_eq!(signed.matches("<tr><td").count(), 1, "{signed}");
    assert!(signed.contains("<th scope=\"row\">签字</th>"), "{signed}");
    let empty = audit.get("/county/audit?day=2026-12-31").await.text;
    assert!(empty.contains("2026-12-31 没有这样的日志"), "{empty}");
    for odd in ["day=x&act=x", "day=262142-12-31", "day=2027-01-05&act=&page=0"] {
        assert!(
            audit.get(&format!("/county/audit?{odd}")).await.text.contains("班主任 林静"),
            "{odd}: today, all acts"
        );
    }
    assert_eq!(school.count("journal"), before, "reading changes nothing");
    assert_eq!(audit.post("/county/audit", &[]).await.status, 404);
}

#[test]
fn every_act_has_its_words_and_every_word_its_act() {
    let mut verbs = std::collections::BTreeSet::from(["purged".to_owned()]);
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in crate::floors::files_under(&src, ".rs") {
        let text = std::fs::read_to_string(path).unwrap();
        for (at, _) in text.match_indices("const VERB: &'static str = \"") {
            verbs.insert(text[at + 28..].split('"').next().unwrap().to_owned());
        }
        // Acts that a macro makes.
        for part in text.split("moves!(").skip(1) {
            verbs.extend(part.split('"').nth(1).map(str::to_owned));
        }
    }
    let told: std::collections::BTreeSet<String> =
        qinghe::overview::words::ACTS.iter().map(|(verb, _)| (*verb).to_owned()).collect();
    assert_eq!(told, verbs);
}

#[actix_web::test]
async fn who_was_of_the_county_before_there_were_three_goes_on_as_system() {
    use diesel::connection::SimpleConnection;
    let school = School::open();
    let up = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/both/2026-11-29-000400_county_duty/up.sql");
    let before =
        format!("DROP INDEX journal_by_time; DROP TABLE county_duty; {}", std::fs::read_to_string(up).unwrap());
    let mut conn = school.raw();
    on!(&mut conn, c => c.batch_execute(&before)).unwrap();
    drop(conn);
    assert_eq!(school.count("county_duty WHERE duty = 'system' AND granted_by IS NULL"), 3);
    let [county, ..] = desks(&school).await;
    assert_eq!((county.get("/county").await.status, county.get("/county/audit").await.status), (200, 404));
}
