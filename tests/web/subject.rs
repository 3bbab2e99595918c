//! Bands in subjects: given by their teacher, from a form or a workbook; a mark goes
//! nowhere.
use crate::evaluation::{fill, sign};
use crate::roster::sheet;
use crate::support::{Answer, Person, School, TERM, scratch};
use qinghe::platform::db::Address;
use serde_json::json;
use std::path::Path;
use std::time::SystemTime;

fn desk(school: &School) -> String {
    format!("/subject/{}", school.map.class)
}

async fn give(school: &School, teacher: &Person<'_>, band: &str, revision: i32, reason: &str) -> Answer {
    let (band_field, revision_field) = (format!("band_{}", school.map.li), format!("revision_{}", school.map.li));
    let revision = revision.to_string();
    let form = [
        ("subject", "语文"),
        ("term", TERM),
        (band_field.as_str(), band),
        (revision_field.as_str(), &revision),
        ("reason", reason),
    ];
    teacher.post(&format!("{}/bands", desk(school)), &form).await
}

#[actix_web::test]
async fn a_subject_band_is_given_seen_by_the_homeroom_teacher_and_after_signing_by_the_family() {
    let school = School::open();
    let (fang, lin, parent) =
        (school.sign_in("fang").await, school.sign_in("lin").await, school.sign_in("li-parent").await);
    let child = format!("/child/{}/learning", school.map.li);
    let page = fang.get(&desk(&school)).await.text;
    assert!(page.contains("八年级(1)班 · 语文") && page.contains("已填 0 / 3 人"), "{page}");

    let saved = give(&school, &fang, "excellent", 0, "").await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert!(fang.get(&saved.location).await.text.contains("存好了"));
    let cell = json!([{ "subject": "语文", "student": school.map.chen, "band": "good", "revision": 0 }]);
    let by_script = fang.json(&format!("{}/{TERM}/cells", desk(&school)), &cell).await;
    assert_eq!(by_script.json()["saved"][0]["revision"], 1, "{}", by_script.text);

    let beside = lin.get(&format!("/class/{}/{TERM}/beside", school.map.class)).await.json();
    assert_eq!(beside[school.map.li.to_string()]["academic"]["told"], "语文 优秀", "{beside}");
    let one = lin.get(&format!("/class/{}/student/{}", school.map.class, school.map.li)).await.text;
    assert!(one.contains("任课老师评的：语文 优秀"), "{one}");
    assert!(!parent.get(&child).await.text.contains("<h3>学科等级"), "not before it is signed");

    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let seen = parent.get(&child).await.text;
    assert!(seen.contains("<h3>学科等级") && seen.contains("语文"), "{seen}");

    let refused = give(&school, &fang, "good", 1, "").await;
    assert!(refused.status == 422 && refused.text.contains("请写一句理由"), "{}", refused.text);
    assert_eq!(give(&school, &fang, "good", 1, "登错了一位同学").await.status, 303);
    let stale = give(&school, &fang, "qualified", 1, "再改").await;
    assert!(stale.status == 409 && stale.text.contains("在别处刚改过"), "{}", stale.text);
}

#[actix_web::test]
async fn a_subject_is_its_teachers_and_a_number_is_no_band() {
    let school = School::open();
    let (fang, peng) = (school.sign_in("fang").await, school.sign_in("peng").await);
    let cell = |student, band: serde_json::Value| json!([{ "subject": "语文", "student": student, "band": band, "revision": 0 }]);
    let cells = format!("{}/{TERM}/cells", desk(&school));
    assert_eq!(peng.json(&cells, &cell(school.map.li, json!("good"))).await.status, 404, "not his subject");
    assert_eq!(fang.json(&cells, &cell(school.map.zhao, json!("good"))).await.status, 404, "not her class");
    for wrong in [json!(93), json!("93"), json!("A")] {
        assert_eq!(fang.json(&cells, &cell(school.map.li, wrong)).await.status, 422);
    }
    assert_eq!(give(&school, &fang, "93", 0, "").await.status, 422);
    assert_eq!(peng.get(&format!("{}?subject=%E8%AF%AD%E6%96%87", desk(&school))).await.status, 404);
    let last = format!("{}/{}/cells", desk(&school), crate::support::LAST_TERM);
    assert_eq!(fang.json(&last, &cell(school.map.li, json!("good"))).await.status, 409, "last term's tab");
}

#[actix_web::test]
async fn a_workbook_of_bands_is_looked_at_then_stored() {
    let school = School::open();
    let fang = school.sign_in("fang").await;
    let rows = vec![
        vec!["1", "李沐阳", "优"],
        vec!["2", "陈𠮷䶮", "合格"],
        vec!["9", "不在册", "良"],
        vec!["3", "关雪晴", "88.5"],
    ];
    let file = sheet(&["班内学号", "姓名", "语文等级"], &rows);
    let shown = fang.upload(&format!("{}/workbook", desk(&school)), "语文.xlsx", &file, &[("subject", "语文")]).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    for said in ["不在这个班的名单里", "这里是分数", "2 个等级会变"] {
        assert!(shown.text.contains(said), "{said}: {}", shown.text);
    }
    assert!(!shown.text.contains("88.5"), "a mark is not said again");
    assert!(fang.get(&desk(&school)).await.text.contains("已填 0 / 3 人"), "looking stores nothing");
    let stored = store_shown(&school, &fang, &shown).await;
    assert_eq!(stored.status, 303, "{}", stored.text);
    assert!(fang.get(&desk(&school)).await.text.contains("已填 2 / 3 人"));

    let template = fang.get(&format!("{}/template.xlsx", desk(&school))).await;
    let again =
        fang.upload(&format!("{}/workbook", desk(&school)), "语文.xlsx", &template.bytes, &[("subject", "语文")]).await;
    assert!(again.text.contains("和库里一样"), "{}", again.text);
}

#[actix_web::test]
async fn what_people_call_a_subject_is_taken_by_its_proper_name() {
    let school = School::open();
    let (office, fang) = (school.sign_in("office1").await, school.sign_in("fang").await);
    assert_eq!(fang.get(&format!("{}/fitness", desk(&school))).await.status, 404);
    let class = school.map.class.to_string();
    let form = [("class", class.as_str()), ("role", "subject"), ("subject", "体育"), ("login", "fang"), ("name", "")];
    let appointed = office.post("/office/staff", &form).await;
    assert!(matches!(appointed.status, 200 | 303), "{}", appointed.text);
    assert_eq!(fang.get(&format!("{}/fitness", desk(&school))).await.status, 200);
}

/// Presses the button of the page that shows what each pupil would get.
async fn store_shown(school: &School, teacher: &Person<'_>, shown: &Answer) -> Answer {
    let mut form = vec![("subject".to_owned(), "语文".to_owned()), ("term".to_owned(), TERM.to_owned())];
    for student in [school.map.li, school.map.chen, school.map.guan] {
        for what in ["band", "revision"] {
            let name = format!("{what}_{student}");
            if let Some(value) = shown.hidden(&name) {
                form.push((name.clone(), value.to_owned()));
            }
        }
    }
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    teacher.post(&format!("{}/bands", desk(school)), &form).await
}

/// Whether any file under a folder that was written since holds one of these.
fn found_in(folder: &Path, since: SystemTime, secrets: &[&str], found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() {
            found_in(&path, since, secrets, found);
        } else if kind.is_file()
            && entry.metadata().and_then(|about| about.modified()).is_ok_and(|at| at >= since)
            && let Ok(bytes) = std::fs::read(&path)
        {
            found.extend(secrets.iter().filter(|s| holds(&bytes, s)).map(|s| format!("{s} in {}", path.display())));
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[actix_web::test]
async fn a_workbook_of_marks_turns_into_bands_and_no_mark_reaches_any_file() {
    crate::trouble::keep_log();
    let (school, began) = (School::open(), SystemTime::now());
    let fang = school.sign_in("fang").await;
    // A figure and a word that stand nowhere else on this machine.
    let id = uuid::Uuid::now_v7().simple().to_string();
    let number = u32::from_str_radix(&id[26..], 16).unwrap();
    let figure = format!("{}.{:03}", 70 + number % 15, 101 + number / 15 % 890);
    let planted = format!("印记{id}");
    let file = format!("学号,姓名,语文,备注\n1,李沐阳,{figure},{planted}\n2,陈𠮷䶮,91,{planted}\n3,关雪晴,缺考,\n");
    let path = format!("{}/workbook", desk(&school));

    let refused = fang.upload(&path, "语文成绩.csv", file.as_bytes(), &[("subject", "语文")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("分数不进这个系统") && refused.text.contains("换成等级，先看看"), "{}", refused.text);
    let lines = |good| [("subject", "语文"), ("excellent", "85"), ("good", good), ("qualified", "60")];
    let crossed = fang.upload(&path, "语文成绩.csv", file.as_bytes(), &lines("90")).await;
    assert!(crossed.status == 422 && crossed.text.contains("良好的线要低于优秀的线"), "{}", crossed.text);

    let shown = fang.upload(&path, "语文成绩.csv", file.as_bytes(), &lines("70")).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert_eq!(shown.hidden(&format!("band_{}", school.map.li)), Some("good"));
    assert_eq!(shown.hidden(&format!("band_{}", school.map.chen)), Some("excellent"));
    assert!(shown.hidden(&format!("band_{}", school.map.guan)).is_none() && shown.text.contains("缺考"));
    for page in [&refused, &crossed, &shown] {
        assert!(!page.text.contains(&figure) && !page.text.contains(&planted), "not even the page says it again");
        assert_eq!(page.header("cache-control"), "no-store");
    }
    assert_eq!(store_shown(&school, &fang, &shown).await.status, 303);
    let stored = fang.get(&desk(&school)).await.text;
    assert!(stored.contains("已填 2 / 3 人"), "{stored}");

    let secrets = [figure.as_str(), planted.as_str()];
    let double: f64 = figure.parse().unwrap();
    let in_thousandths = figure.replace('.', "");
    let held: Vec<(&str, Vec<u8>)> = match &school.address {
        Address::Sqlite(path) => vec![
            ("database", std::fs::read(path).unwrap()),
            ("write-ahead log", std::fs::read(format!("{}-wal", path.display())).unwrap_or_default()),
        ],
        Address::Postgres(url) => {
            let dump = std::process::Command::new("pg_dump").arg(url).arg("--enable-row-security").output().unwrap();
            vec![("database", dump.stdout)]
        }
    };
    assert!(held[0].1.len() > 10_000);
    for (what, bytes) in &held {
        for secret in secrets.iter().copied().chain([in_thousandths.as_str()]) {
            assert!(!holds(bytes, secret), "{secret} in the {what}");
        }
        for spelled in [double.to_le_bytes(), double.to_be_bytes()] {
            assert!(!bytes.windows(8).any(|part| part == spelled), "the figure as a double in the {what}");
        }
    }
    assert!(held.iter().any(|(_, bytes)| holds(bytes, "subject_evaluated")), "what was done is there");
    let log = crate::trouble::log();
    assert!(log.contains("/subject/{class}/workbook") && !secrets.iter().any(|secret| log.contains(secret)), "{log}");
    // The file store, this run's folder, and everything temporary, a cluster's own
    // write-ahead log among it.
    let mut found = Vec::new();
    found_in(&scratch(), began, &secrets, &mut found);
    found_in(&std::env::temp_dir(), began, &[&planted], &mut found);
    assert!(found.is_empty(), "{found:?}");
}
