//! 更正单: after the seal only a correction that two others approved changes anything,
//! as a new version; the one before stays.
use crate::portfolio::{seal_term, sealed_files, teach_and_sign};
use crate::support::{School, TERM};
use diesel::prelude::*;
use qinghe::names::Term;
use qinghe::portfolio::file::TermFile;
use serde_json::Value;

pub async fn sealed(school: &School) {
    let term: Term = TERM.parse().unwrap();
    teach_and_sign(school, &school.sign_in("lin").await, term).await;
    assert_eq!(seal_term(school, term).await.unwrap().0, 3);
}

fn id_in(page: &str, base: &str) -> String {
    let from = page.find(&format!("action=\"{base}/corrections/")).unwrap_or_else(|| panic!("{page}"));
    let rest = &page[from + base.len() + 21..];
    rest[..rest.find('"').unwrap()].to_owned()
}

#[actix_web::test]
async fn two_others_approve_and_version_two_stands_beside_version_one() {
    let school = School::open();
    sealed(&school).await;
    let before = sealed_files::<TermFile>(&school, "term").await;
    let lin = school.sign_in_now("lin").await;
    let ask = format!("/class/{}/correction/{}/{TERM}", school.map.class, school.map.li);
    for (form, why) in [
        (vec![("why", "有凭据")], "还没有选更正什么"),
        (vec![("item", "moral"), ("band", "good"), ("why", " ")], "为什么要更正"),
        (vec![("item", "moral"), ("band", "excellent"), ("why", "有凭据")], "写一句事实"),
        (vec![("item", "comment"), ("comment", ""), ("why", "有凭据")], "更正以后的评语"),
    ] {
        let refused = lin.post(&ask, &form).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{why}: {}", refused.text);
    }
    let wish = [
        ("item", "moral"),
        ("band", "excellent"),
        ("ground", "获县级美德少年"),
        ("why", "漏了县里的表彰，证书在教务处。"),
    ];
    assert_eq!(lin.post(&ask, &wish).await.status, 303);
    let again = lin.post(&ask, &wish).await;
    assert!(again.status == 422 && again.text.contains("等审批"), "{}", again.text);
    let office = school.sign_in_now("office1").await;
    let id = id_in(&office.get("/office/corrections").await.text, "/office");
    let yes = [("verdict", "approve")];
    let mute = office.post(&format!("/office/corrections/{id}"), &[("verdict", "refuse")]).await;
    assert!(mute.status == 409 && mute.text.contains("不同意请写"), "{}", mute.text);
    assert_eq!(school.sign_in_now("office2").await.post(&format!("/office/corrections/{id}"), &yes).await.status, 404);
    assert_eq!(office.post(&format!("/office/corrections/{id}"), &yes).await.status, 303);
    let twice = office.post(&format!("/office/corrections/{id}"), &yes).await;
    assert!(twice.status == 409 && twice.text.contains("您已经审批过"), "{}", twice.text);
    assert_eq!(sealed_files::<TermFile>(&school, "term").await.len(), 3, "one approval changes nothing");
    let principal = school.sign_in_now("principal1").await;
    assert_eq!(principal.post(&format!("/principal/corrections/{id}"), &yes).await.status, 303);
    let after = sealed_files::<TermFile>(&school, "term").await;
    assert_eq!(after.len(), 4);
    for (_, bytes, sha256) in &before {
        assert!(after.iter().any(|(_, b, s)| b == bytes && s == sha256), "version 1 stays, byte by byte");
    }
    let (second, _, _) = after.iter().find(|(file, ..)| file.version == 2).unwrap();
    let correction = second.correction.as_ref().unwrap();
    assert_eq!((correction.was.as_str(), correction.approved.len()), ("良好（2026-1 带小组管好菜地。）", 2));
    let parent = school.sign_in_now("li-parent").await;
    let child = parent.get(&format!("/child/{}?term={TERM}", school.map.li)).await.text;
    assert!(child.contains("归档以后有更正") && child.contains("<b>优秀</b>"), "{child}");
    for login in ["li-parent", "li-pupil"] {
        let inbox = school.sign_in_now(login).await.get("/inbox").await.text;
        assert!(inbox.contains("李沐阳：归档的一个学期有了更正"), "{login}: {inbox}");
        assert!(!inbox.contains("优秀"), "what it became is read on its page");
    }
    assert!(school.sign_in_now("chen-parent").await.get("/inbox").await.text.contains("还没有给您的提醒"));
    let versions = parent.get(&format!("/child/{}/versions", school.map.li)).await.text;
    assert!(
        versions.contains("漏了县里的表彰") && versions.contains("第 1 版") && versions.contains("第 2 版"),
        "{versions}"
    );
    for (version, band) in [(1, "good"), (2, "excellent")] {
        let file = parent.get(&format!("/child/{}/versions/{TERM}/{version}.json", school.map.li)).await;
        assert_eq!(file.json()["domains"][0]["band"], band);
        let page = parent.get(&format!("/child/{}/versions/{TERM}/{version}", school.map.li)).await.text;
        assert!(page.contains(&format!("第 {version} 版")) && page.contains(&format!("g-{band}")), "{page}");
    }
    assert_eq!(parent.get(&format!("/child/{}/versions/{TERM}/3", school.map.li)).await.status, 404);
    let over = principal.post(&format!("/principal/corrections/{id}"), &yes).await;
    assert_eq!(over.status, 409);
}

#[actix_web::test]
async fn whoever_asks_does_not_approve_and_one_refusal_ends_it() {
    let school = School::open();
    sealed(&school).await;
    let office = school.sign_in_now("office1").await;
    let ask = format!("/office/correction/{}/{}/{TERM}", school.map.class, school.map.li);
    let wish = [("item", "comment"), ("comment", "热心班级的事。"), ("why", "评语写错了人。")];
    assert_eq!(office.post(&ask, &wish).await.status, 303);
    let page = school.sign_in_now("principal1").await.get("/principal/corrections").await.text;
    let id = id_in(&page, "/principal");
    let own = office.post(&format!("/office/corrections/{id}"), &[("verdict", "approve")]).await;
    assert!(own.status == 409 && own.text.contains("另外两个人"), "{}", own.text);
    let said = diesel::sql_query(
        "INSERT INTO correction_ruling SELECT school_id, id, account_id, 1 = 1, '', at FROM correction",
    )
    .execute(&mut school.raw())
    .unwrap_err()
    .to_string();
    assert!(said.contains("whoever asked does not rule"), "{said}");
    let said = diesel::sql_query(
        "INSERT INTO seal SELECT school_id, student_id, term, part, 2, class_id, sha256, account_id, at FROM seal",
    )
    .execute(&mut school.raw())
    .unwrap_err()
    .to_string();
    assert!(said.contains("a later version needs a correction"), "{said}");
    let principal = school.sign_in_now("principal1").await;
    let no = [("verdict", "refuse"), ("words", "没有凭据。")];
    assert_eq!(principal.post(&format!("/principal/corrections/{id}"), &no).await.status, 303);
    let after = principal.get("/principal/corrections").await.text;
    assert!(after.contains("没有同意") && after.contains("没有凭据"), "{after}");
    assert_eq!(sealed_files::<TermFile>(&school, "term").await.len(), 3);
}

#[actix_web::test]
async fn before_the_seal_there_is_nothing_to_correct() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let ask = format!("/class/{}/correction/{}/{TERM}", school.map.class, school.map.li);
    let early = lin.post(&ask, &[("item", "comment"), ("comment", "改"), ("why", "想改")]).await;
    assert!(early.status == 422 && early.text.contains("还没有归档"), "{}", early.text);
    let other = format!("/class/{}/correction/{}/{TERM}", school.map.class, school.map.zhao);
    assert_eq!(lin.post(&other, &[("item", "comment"), ("comment", "改"), ("why", "想改")]).await.status, 404);
}

/// What of JSON Schema the file's schema uses.
pub fn holds(schema: &Value, value: &Value, at: &str) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) => {
            assert!(number.is_i64(), "{at}: a float");
            "integer"
        }
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(one) => assert_eq!(one, kind, "{at}"),
        Value::Array(some) => assert!(some.iter().any(|one| one == kind), "{at}: {kind}"),
        _ => {}
    }
    if let Some(constant) = schema.get("const") {
        assert_eq!(constant, value, "{at}");
    }
    if let Some(some) = schema["enum"].as_array() {
        assert!(some.contains(value), "{at}: {value}");
    }
    if let (Some(items), Some(all)) = (schema.get("items"), value.as_array()) {
        all.iter().enumerate().for_each(|(n, one)| holds(items, one, &format!("{at}[{n}]")));
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
    }
    for (name, inner) in object {
        match schema["properties"].get(name) {
            Some(property) => holds(property, inner, &format!("{at}.{name}")),
            None if schema["additionalProperties"].is_object() => {
                holds(&schema["additionalProperties"], inner, &format!("{at}.{name}"));
            }
            None => assert_ne!(schema["additionalProperties"], Value::Bool(false), "{at}: {name} is not in the schema"),
        }
    }
}

#[actix_web::test]
async fn a_sealed_file_is_as_its_schema_says() {
    let school = School::open();
    crate::notice::record(&school, "菜地收青菜", 18, &[(school.map.li, qinghe::record::Part::Main)]).await;
    sealed(&school).await;
    let text = include_str!("../../seed/sealed-term.schema.json");
    let schema: Value = serde_json::from_str(text).unwrap();
    let files = sealed_files::<Value>(&school, "term").await;
    assert_eq!(files.len(), 3);
    for (file, ..) in &files {
        holds(&schema, file, "file");
    }
}
