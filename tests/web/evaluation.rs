//! Bands and words: given, signed, seen, and refused to everyone else.
use crate::support::{LAST_TERM, School, TERM};
use qinghe::names::StudentId;
use serde_json::{Value, json};

fn cells(school: &School, term: &str) -> String {
    format!("/class/{}/{term}/cells", school.map.class)
}

fn cell(student: StudentId, domain: &str, band: &str, revision: i32) -> Value {
    json!({ "student": student, "domain": domain, "band": band, "revision": revision })
}

/// Fills the class so that it can be signed.
pub async fn fill(school: &School, lin: &crate::support::Person<'_>) {
    let mut all = Vec::new();
    for student in [school.map.li, school.map.chen, school.map.guan] {
        for domain in ["moral", "academic", "physical", "aesthetic", "labour"] {
            all.push(cell(student, domain, "good", 0));
        }
    }
    let answer = lin.json(&cells(school, TERM), &json!(all)).await;
    assert_eq!(answer.json()["saved"].as_array().unwrap().len(), 15, "{}", answer.text);
    let words: Vec<Value> = [school.map.li, school.map.chen, school.map.guan]
        .iter()
        .map(|student| json!({ "student": student, "text": "做事有头有尾。", "revision": 0 }))
        .collect();
    let answer = lin.json(&format!("/class/{}/{TERM}/comments", school.map.class), &json!(words)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

pub async fn sign(school: &School, lin: &crate::support::Person<'_>) {
    let signed = lin.post(&format!("/class/{}/{TERM}/sign", school.map.class), &[]).await;
    assert_eq!(signed.status, 303, "{}", signed.text);
}

#[actix_web::test]
async fn a_band_is_saved_by_its_teacher_signed_and_seen_by_the_parent() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let parent = school.sign_in("li-parent").await;
    let child = format!("/child/{}", school.map.li);

    fill(&school, &lin).await;
    let grid = lin.get(&format!("/class/{}/grid", school.map.class)).await.text;
    let attributes = format!(r#"data-student="{}" data-domain="moral" data-revision="1" data-v="good""#, school.map.li);
    assert!(grid.contains(&attributes), "{grid}");
    assert!(!parent.get(&child).await.text.contains("良好"), "not before it is signed");

    sign(&school, &lin).await;

    let seen = parent.get(&child).await.text;
    assert!(seen.contains("<b>良好</b>"), "{seen}");
    assert!(seen.contains("做事有头有尾。"));
    assert!(school.sign_in("li-pupil").await.get(&child).await.text.contains("<b>良好</b>"));
}

#[actix_web::test]
async fn nobody_else_bands_her_pupils() {
    let school = School::open();
    let wanted = json!([cell(school.map.li, "moral", "good", 0)]);
    for person in school.everyone_but(&["lin", "dep"]).await {
        let answer = person.json(&cells(&school, TERM), &wanted).await;
        assert_eq!(answer.status, 404, "{}", person.login);
    }
    let none = school.sign_in("lin").await.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(!none.contains("data-v=\"good\""));
}

#[actix_web::test]
async fn a_pupil_of_another_class_or_school_is_not_found() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    for student in [school.map.zhao, school.map.yu] {
        let both = json!([cell(school.map.li, "moral", "good", 0), cell(student, "moral", "good", 0)]);
        assert_eq!(lin.json(&cells(&school, TERM), &both).await.status, 404);
    }
    let grid = lin.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(!grid.contains("data-v=\"good\""), "nothing of a refused request is done");
}

#[actix_web::test]
async fn a_band_that_does_not_exist_is_refused() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    for band in ["98", "A", "优秀", "Excellent", ""] {
        let answer = lin.json(&cells(&school, TERM), &json!([cell(school.map.li, "moral", band, 0)])).await;
        assert_eq!(answer.status, 422, "{band}");
    }
    let number = json!([{ "student": school.map.li, "domain": "moral", "band": 3, "revision": 0 }]);
    assert_eq!(lin.json(&cells(&school, TERM), &number).await.status, 422);
}

#[actix_web::test]
async fn last_terms_tab_still_open_changes_nothing() {
    let school = School::open();
    let lin = school.sign_in("lin").await;

    let answer = lin.json(&cells(&school, LAST_TERM), &json!([cell(school.map.li, "moral", "good", 0)])).await;

    assert_eq!(answer.status, 409);
    assert!(answer.json()["message"].as_str().unwrap().contains("上学期"));
}

#[actix_web::test]
async fn a_stale_revision_is_told_what_stands_there() {
    let school = School::open();
    let (lin, dep) = (school.sign_in("lin").await, school.sign_in("dep").await);
    let set = async |person: &crate::support::Person<'_>, band, revision| {
        person.json(&cells(&school, TERM), &json!([cell(school.map.li, "moral", band, revision)])).await
    };

    assert_eq!(set(&lin, "good", 0).await.json()["saved"][0]["revision"], 1);
    let stale = set(&dep, "qualified", 0).await;
    assert_eq!(stale.status, 409);
    assert_eq!(stale.json()["conflicts"][0]["theirs"], "good");
    assert_eq!(stale.json()["conflicts"][0]["revision"], 1);
    let same = set(&dep, "good", 0).await;
    assert_eq!((same.status, &same.json()["saved"][0]["revision"]), (200, &json!(1)), "the same again is saved");
    assert_eq!(set(&dep, "qualified", 1).await.status, 200);

    let some = json!([cell(school.map.li, "moral", "good", 1), cell(school.map.chen, "moral", "good", 0)]);
    let mixed = lin.json(&cells(&school, TERM), &some).await;
    assert_eq!(mixed.status, 200, "one was saved");
    assert_eq!(
        (mixed.json()["saved"].as_array().unwrap().len(), mixed.json()["conflicts"].as_array().unwrap().len()),
        (1, 1)
    );
}

#[actix_web::test]
async fn a_signed_class_takes_no_cells_and_a_change_wants_a_reason() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    fill(&school, &lin).await;
    sign(&school, &lin).await;

    let cell = json!([cell(school.map.li, "moral", "qualified", 1)]);
    assert_eq!(lin.json(&cells(&school, TERM), &cell).await.status, 409);
    assert_eq!(lin.post(&format!("/class/{}/{TERM}/sign", school.map.class), &[]).await.status, 409);

    let form = format!("/class/{}/student/{}", school.map.class, school.map.li);
    let fields = [
        ("band_moral", "qualified"),
        ("band_academic", "good"),
        ("band_physical", "good"),
        ("band_aesthetic", "good"),
        ("band_labour", "good"),
        ("comment", "做事有头有尾。"),
    ];
    assert_eq!(lin.post(&form, &fields).await.status, 422);
    let with_reason: Vec<_> = fields.into_iter().chain([("reason", "点错了一格")]).collect();
    assert_eq!(lin.post(&form, &with_reason).await.status, 303);
    let parent = school.sign_in("li-parent").await;
    assert!(parent.get(&format!("/child/{}", school.map.li)).await.text.contains("<b>合格</b>"));
}

#[actix_web::test]
async fn before_the_signature_a_reason_opens_no_window() {
    let school = School::open();
    let (lin, fang) = (school.sign_in("lin").await, school.sign_in("fang").await);
    let windows = "/county/windows";
    let county = school.sign_in("county").await;
    let closed = [("closes_homeroom", "2027-01-03"), ("closes_subject", "2027-01-03")];
    crate::scheme::send_with(&county, windows, windows, &closed).await;
    let form = format!("/class/{}/student/{}", school.map.class, school.map.li);
    let page = lin.get(&form).await;
    let words = [("comment", "关了窗以后写的。"), ("reason", "补一句"), ("term", TERM), ("comment_revision", "0")];
    let late = lin.post(&form, &words).await;
    assert!(late.status == 409 && late.text.contains("截止"), "{} {} {}", late.status, late.text, page.status);
    assert_eq!(school.count("comment"), 0);
    let li = school.map.li;
    let (band, revision) = (format!("band_{li}"), format!("revision_{li}"));
    let bands = [("term", TERM), (band.as_str(), "good"), (revision.as_str(), "0"), ("reason", "补一个")];
    let late = fang.post(&format!("/subject/{}/bands", school.map.class), &bands).await;
    assert!(late.status == 422 && late.text.contains("截止"), "{} {}", late.status, late.text);
    assert_eq!(school.count("subject_band"), 0);
}

#[actix_web::test]
async fn a_pupil_named_twice_in_one_request_is_taken_once() {
    let school = School::open();
    let (lin, fang) = (school.sign_in("lin").await, school.sign_in("fang").await);
    let comment = |text: &str| json!({ "student": school.map.li, "text": text, "revision": 0 });
    let comments = format!("/class/{}/{TERM}/comments", school.map.class);
    let twice = lin.json(&comments, &json!([comment("做事有头有尾。"), comment("另一句。")])).await;
    assert_eq!(twice.status, 200, "{}", twice.text);
    assert_eq!((twice.json()["saved"].as_array().unwrap().len(), school.count("comment")), (1, 1));
    assert_eq!(twice.json()["conflicts"][0]["theirs"], "做事有头有尾。");
    let cell = |band: &str| json!({ "subject": "语文", "student": school.map.li, "band": band, "revision": 0 });
    let cells = format!("/subject/{}/{TERM}/cells", school.map.class);
    let twice = fang.json(&cells, &json!([cell("good"), cell("qualified")])).await;
    assert_eq!(twice.status, 200, "{}", twice.text);
    assert_eq!((twice.json()["conflicts"].as_array().unwrap().len(), school.count("subject_band")), (1, 1));
}

#[actix_web::test]
async fn a_class_is_not_signed_without_grounds_nor_with_gaps_nobody_declared() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let sign = format!("/class/{}/{TERM}/sign", school.map.class);

    let page = lin.get(&sign).await.text;
    assert!(page.contains("李沐阳") && page.contains("没有评语"), "{page}");
    assert_eq!(lin.post(&sign, &[]).await.status, 409, "gaps");
    fill(&school, &lin).await;
    let excellent = json!([cell(school.map.li, "moral", "excellent", 1)]);
    assert_eq!(lin.json(&cells(&school, TERM), &excellent).await.status, 200, "it may be saved without ground");
    assert!(lin.get(&sign).await.text.contains("待补依据"));
    assert_eq!(lin.post(&sign, &[("accept", "yes")]).await.status, 409, "no ground");

    let developing = json!([{ "student": school.map.li, "domain": "moral", "band": "developing",
        "ground": { "text": "常忘带学具。" }, "revision": 2 }]);
    assert_eq!(lin.json(&cells(&school, TERM), &developing).await.status, 200);
    assert_eq!(lin.post(&sign, &[("accept", "yes")]).await.status, 409, "no help measure");
    let with_help = json!([{ "student": school.map.li, "domain": "moral", "band": "developing",
        "ground": { "text": "常忘带学具。" }, "help": "同桌每天放学前提醒一次。", "revision": 3 }]);
    assert_eq!(lin.json(&cells(&school, TERM), &with_help).await.status, 200);
    assert_eq!(lin.post(&sign, &[]).await.status, 303);
}

#[actix_web::test]
async fn gaps_that_the_teacher_declares_stand_as_no_record() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let some = json!([cell(school.map.li, "moral", "good", 0)]);
    lin.json(&cells(&school, TERM), &some).await;

    let signed = lin.post(&format!("/class/{}/{TERM}/sign", school.map.class), &[("accept", "yes")]).await;

    assert_eq!(signed.status, 303);
    let seen = school.sign_in("li-parent").await.get(&format!("/child/{}", school.map.li)).await.text;
    assert!(seen.contains("无记录") && seen.contains("<b>良好</b>"));
    let deputy = school.sign_in("dep").await;
    assert_eq!(deputy.post(&format!("/class/{}/{TERM}/sign", school.map.class), &[]).await.status, 404);
}

#[actix_web::test]
async fn the_same_as_last_term_is_an_act_of_its_own() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let repeat = format!("/class/{}/{TERM}/repeat", school.map.class);
    let wanted = json!([{ "student": school.map.li, "domain": "moral", "revision": 0 }]);

    let none = lin.json(&repeat, &wanted).await;
    assert_eq!((none.status, none.json()["saved"].as_array().unwrap().len()), (200, 0), "there was no last term");

    let grid = lin.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(!grid.contains("data-v=\"good\""), "nobody's grid is prefilled");
}

#[actix_web::test]
async fn the_form_without_script_says_what_is_wrong_and_keeps_what_was_typed() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let form = format!("/class/{}/student/{}", school.map.class, school.map.chen);

    let long = "字".repeat(151);
    let refused = lin.post(&form, &[("band_moral", "98"), ("band_labour", "good"), ("comment", &long)]).await;

    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("有 2 处需要改"), "{}", refused.text);
    assert!(refused.text.contains(&long));
    assert!(refused.text.contains(r#"name="band_labour" value="good" checked"#));
    let taken = lin.post(&form, &[("band_moral", "good"), ("comment", "字写得稳。"), ("go", "next")]).await;
    assert_eq!(taken.location, format!("/class/{}/student/{}?saved=1", school.map.class, school.map.guan));
}

#[actix_web::test]
async fn a_guardian_writes_to_the_child_and_the_pupil_does_not() {
    let school = School::open();
    let parent = school.sign_in("li-parent").await;
    let message = format!("/child/{}/message", school.map.li);
    let write = async |person: &crate::support::Person<'_>, term, text: &str| {
        person.post(&message, &[("term", term), ("text", text)]).await.status
    };

    assert_eq!(write(&parent, TERM, "爸爸看见你每天自己叠被子。").await, 303);
    assert_eq!(write(&parent, TERM, &"长".repeat(201)).await, 422);
    assert_eq!(write(&parent, LAST_TERM, "补一句").await, 422);
    assert_eq!(write(&school.sign_in("li-pupil").await, TERM, "我自己写").await, 404);
    assert_eq!(write(&school.sign_in("chen-parent").await, TERM, "别人家的").await, 404);

    let pupil = school.sign_in("li-pupil").await;
    let seen = pupil.get(&format!("/child/{}", school.map.li)).await.text;
    assert!(seen.contains("爸爸看见你每天自己叠被子。") && seen.contains("父亲"), "{seen}");
}

#[actix_web::test]
async fn a_page_asks_the_database_at_most_eight_times() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let (class, child) = (format!("/class/{}", school.map.class), format!("/child/{}", school.map.li));
    let (grid, beside) = (format!("{class}/grid"), format!("{class}/{TERM}/beside"));
    let parent = school.sign_in("li-parent").await;
    for (person, page) in [(&lin, &grid), (&lin, &beside), (&parent, &child)] {
        assert_eq!(person.get(page).await.status, 200);
        let before = school.statements();
        assert_eq!(person.get(page).await.status, 200);
        let asked = school.statements() - before;
        assert!((3..=8).contains(&asked), "{page} asks {asked} times");
    }
}
