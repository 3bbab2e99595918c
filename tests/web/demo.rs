//! The demonstration county, made and served by the program itself: `qinghe demo`.

use crate::ground::{Ground, Served, said};
use qinghe::platform::db::Address;
use std::net::TcpListener;
use std::path::Path;

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
