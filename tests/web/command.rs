//! The verbs an administrator types.
use crate::place::Place;
use crate::support::{School, scratch};
use serde_json::Value;

#[actix_web::test]
async fn status_tells_who_is_waited_for_and_no_band() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    crate::evaluation::fill(&school, &lin).await;
    let (code, said, complaint) = Place::of(&school).run(&["status"]);
    assert_eq!(code, 0, "{complaint}");
    let rows: Vec<Value> = serde_json::from_str(&said).unwrap();
    let row = rows.iter().find(|row| row["class"] == school.map.class.to_string()).unwrap();
    assert_eq!((row["school"].as_str(), row["stage"].as_str()), (Some("3121042101"), Some("evaluating")));
    assert_eq!(row["pupils"], 3);
    assert!(rows.iter().any(|row| row["school"] == "3121042102"));
    assert!(!said.contains("good") && !said.contains("李沐阳"), "{said}");
    let (_, one, _) = Place::of(&school).run(&["status", "--school", "3121042102"]);
    assert!(!one.contains("3121042101"));
    let (code, _, complaint) = Place::of(&school).run(&["status", "--school", "3121042109"]);
    assert!(code != 0 && complaint.contains("没有标识码为 3121042109 的学校"), "{complaint}");
}

#[actix_web::test]
async fn slips_are_written_for_those_without_a_guardian_and_open_the_child() {
    let school = School::open();
    let place = Place::of(&school);
    let out = scratch().join(format!("{}.csv", uuid::Uuid::now_v7()));
    let words = ["export", "slips", "--school", "3121042101", "--class", "2025级1班", out.to_str().unwrap()];
    let (code, _, complaint) = place.run(&words);
    assert_eq!(code, 0, "{complaint}");
    let text = std::fs::read_to_string(&out).unwrap();
    assert!(text.starts_with("\u{feff}座号,姓名,绑定码"), "{text}");
    // Li's and Chen's fathers are bound already.
    let lines: Vec<&str> = text.lines().skip(1).collect();
    assert_eq!(lines.len(), 1, "{text}");
    assert!(lines[0].starts_with("3,关雪晴,"), "{text}");
    let code = lines[0].split(',').nth(2).unwrap();
    assert!(school.visitor().get(&format!("/join/{code}")).await.text.contains("关＊＊"));
    let (code, _, complaint) = place.run(&words);
    assert!(code != 0 && complaint.contains("已经有了"), "{complaint}");
    let elsewhere = scratch().join("no-such-class.csv");
    let (code, _, complaint) = place.run(&[
        "export",
        "slips",
        "--school",
        "3121042101",
        "--class",
        "九年级(7)班",
        elsewhere.to_str().unwrap(),
    ]);
    assert!(code != 0 && complaint.contains("没有“九年级(7)班”"), "{complaint}");
    assert!(!elsewhere.exists());
}

#[actix_web::test]
async fn keys_are_listed_without_their_secrets_and_a_missing_one_is_told() {
    let school = School::open();
    let place = Place::of(&school);
    let (code, said, _) = place.run(&["keys", "list"]);
    assert_eq!((code, said.lines().count()), (0, 4), "{said}");
    assert!(said.lines().all(|line| line.starts_with('在')));
    for entry in std::fs::read_dir(&place.keys).unwrap() {
        let key: Value = serde_json::from_slice(&std::fs::read(entry.unwrap().path()).unwrap()).unwrap();
        assert!(!said.contains(key["secret"].as_str().unwrap()));
    }
    let without = Place { keys: scratch().join("no-keys"), ..Place::of(&school) };
    let (code, said, complaint) = without.run(&["keys", "list"]);
    assert!(
        code == 1 && said.lines().all(|line| line.starts_with('缺')) && complaint.contains("放回来"),
        "{complaint}"
    );
}

#[actix_web::test]
async fn on_nothing_each_verb_says_how_to_begin() {
    let place = Place::empty();
    for words in [&["status"][..], &["backup", "x.zip"], &["keys", "list"], &["journal", "check"], &["serve"]] {
        let (code, _, complaint) = place.run(words);
        // A PostgreSQL that no migration has touched says so before anything else.
        let said = complaint.contains("qinghe init") || complaint.contains("qinghe migrate");
        assert!(code != 0 && said, "{words:?}: {complaint}");
    }
}
