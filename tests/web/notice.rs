//! The notice: after the signature, for its audience, facts only, and it ends by itself.
use crate::evaluation::{fill, sign};
use crate::portfolio::account;
use crate::support::{School, TERM, today};
use chrono::{Duration, NaiveDate};
use qinghe::evaluation::Band;
use qinghe::names::{ActivityId, ClassId, StudentId, Term};
use qinghe::notice::{CheckClass, OpenNotice, ReviewClass};
use qinghe::record::{Part, RecordActivity, Telling};

/// Opens the notice of the class although its pupils have not evaluated themselves.
pub const OPENS: [(&str, &str); 2] = [("term", TERM), ("reason", "自评的窗口已经过了")];

/// Signed, a class goes through notice, checking and review, and the clock with it.
/// What a stage refuses is for the seal to refuse as well.
pub async fn pass_stages(school: &School, class: ClassId, term: Term, homeroom: &str, office: &str) {
    let desk = school.operator().stand_in(account(school, office).await).unwrap().office().await.unwrap();
    let whole = desk.whole_school();
    let opened = desk.act(move |tx| OpenNotice::prepare(tx, whole, class, term, "都核对过了")).await;
    let Ok((_, last)) = opened else { return };
    school.clock.set(last.and_hms_opt(18, 0, 0).unwrap());
    let teacher = school.operator().stand_in(account(school, homeroom).await).unwrap().homeroom(class).await.unwrap();
    let own = teacher.class();
    teacher.act(move |tx| CheckClass::prepare(tx, &own, term)).await.unwrap();
    desk.act(move |tx| ReviewClass::prepare(tx, whole, class, term)).await.unwrap();
}

/// lin writes down what some pupils did.
pub async fn record(school: &School, title: &str, day: u32, pupils: &[(StudentId, Part)]) -> ActivityId {
    let homeroom =
        school.operator().stand_in(account(school, "lin").await).unwrap().homeroom(school.map.class).await.unwrap();
    let (own, id, pupils) = (homeroom.class(), ActivityId::new(), pupils.to_vec());
    let on = NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
    let told = Telling {
        indicator: "L12".to_owned(),
        domain: qinghe::names::Domain::Labour,
        also: Vec::new(),
        title: title.to_owned(),
        starts_on: on,
        ends_on: on,
        place: Some("校园菜地".to_owned()),
        organiser: None,
        level: None,
        minutes: None,
        attained: None,
        words: None,
    };
    let made = homeroom
        .try_act(move |tx| RecordActivity::prepare(tx, &own, id, told, false, &pupils, Vec::new()))
        .await
        .unwrap();
    made.unwrap().activity
}

/// The class is signed, two facts stand, and its notice is open.
pub async fn noticed(school: &School) -> [ActivityId; 2] {
    let (li, chen, guan) = (school.map.li, school.map.chen, school.map.guan);
    let harvest = record(
        school,
        "菜地收青菜",
        18,
        &[(guan, Part::Participant), (li, Part::Organiser), (chen, Part::Participant)],
    )
    .await;
    let visit = record(school, "到敬老院读报", 5, &[(chen, Part::Main)]).await;
    let lin = school.sign_in("lin").await;
    fill(school, &lin).await;
    sign(school, &lin).await;
    let open = school.sign_in("office1").await.post(&format!("/office/notice/{}", school.map.class), &OPENS).await;
    assert_eq!(open.status, 303, "{}", open.text);
    [harvest, visit]
}

#[actix_web::test]
async fn a_notice_shows_facts_by_date_in_seat_order_and_never_a_band() {
    let school = School::open();
    noticed(&school).await;
    let page = school.sign_in("chen-parent").await.get(&format!("/child/{}/notice", school.map.chen)).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let text = &page.text;
    let at = |word: &str| text.rfind(word).unwrap_or_else(|| panic!("{word}: {text}"));
    assert!(at("到敬老院读报") < at("菜地收青菜"), "by date");
    let line = &text[at("菜地收青菜")..];
    let order: Vec<usize> = ["李沐阳", "陈𠮷䶮", "关雪晴"].iter().map(|name| line.find(name).unwrap()).collect();
    assert!(order.is_sorted(), "in seat order, not as written down: {order:?}");
    for band in Band::all() {
        let scheme = qinghe::scheme::Scheme::seed().unwrap();
        assert!(!text.contains(band.word(&scheme)), "{}", band.word(&scheme));
    }
    for never in ["做事有头有尾", "共 2", "2 条", "2 次"] {
        assert!(!text.contains(never), "{never}");
    }
    for (login, path) in [
        ("lin", format!("/class/{}/notice", school.map.class)),
        ("fang", format!("/subject/{}/notice", school.map.class)),
    ] {
        let seen = school.sign_in(login).await.get(&path).await;
        assert!(seen.status == 200 && seen.text.contains("到敬老院读报"), "{login}: {}", seen.text);
    }
}

#[actix_web::test]
async fn only_its_audience_sees_it() {
    let school = School::open();
    noticed(&school).await;
    let wu = school.sign_in("wu").await.get(&format!("/class/{}/notice", school.map.other_class)).await;
    assert!(!wu.text.contains("到敬老院读报"), "another class");
    for (login, path) in [
        ("wu", format!("/class/{}/notice", school.map.class)),
        ("fang", format!("/child/{}/notice", school.map.li)),
        ("chen-parent", format!("/child/{}/notice", school.map.li)),
        ("office2", format!("/office/notice/{}", school.map.class)),
    ] {
        assert_eq!(school.sign_in(login).await.get(&path).await.status, 404, "{login} {path}");
    }
    let yu = school.sign_in("fang").await.get(&format!("/child/{}/notice", school.map.yu)).await;
    assert!(yu.status == 200 && !yu.text.contains("敬老院"), "another school");
}

#[actix_web::test]
async fn it_ends_by_itself_on_the_fifth_working_day() {
    let school = School::open();
    noticed(&school).await;
    let path = format!("/child/{}/notice", school.map.li);
    // Opened on Monday at nine: Monday to Friday.
    for (day, hour, left) in [(4, 10, Some(5)), (6, 8, Some(3)), (8, 16, Some(1)), (8, 17, None), (11, 9, None)] {
        school.clock.set(NaiveDate::from_ymd_opt(2027, 1, day).unwrap().and_hms_opt(hour, 0, 0).unwrap());
        let text = school.sign_in_now("li-parent").await.get(&path).await.text;
        match left {
            Some(n) => assert!(text.contains(&format!("还有 <b class=\"num\">{n}</b> 个工作日")), "{day}: {text}"),
            None => {
                assert!(text.contains("公示已经结束") && !text.contains("提异议<"), "{day}: {text}");
                assert!(text.contains("菜地收青菜"), "one's own child stays");
                assert!(!text.contains("敬老院") && !text.contains("关雪晴"), "others' facts go");
            }
        }
    }
}

#[actix_web::test]
async fn a_holiday_does_not_count_and_an_afternoon_begins_the_next_day() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    // Wednesday 30 December 2026, 13:00. New Year's Day is a holiday.
    school.clock.set(NaiveDate::from_ymd_opt(2026, 12, 30).unwrap().and_hms_opt(13, 0, 0).unwrap());
    let office = school.sign_in_now("office1").await;
    let path = format!("/office/notice/{}", school.map.class);
    assert_eq!(office.post(&path, &OPENS).await.status, 303);
    let text = office.get(&path).await.text;
    assert!(text.contains("12 月 31 日至 1 月"), "{text}");
}

#[actix_web::test]
async fn no_notice_before_the_signature_and_none_twice() {
    let school = School::open();
    let (office, lin) = (school.sign_in("office1").await, school.sign_in("lin").await);
    let path = format!("/office/notice/{}", school.map.class);
    let early = office.post(&path, &OPENS).await;
    assert!(early.status == 409 && early.text.contains("还没有签字"), "{}", early.text);
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let other_term = office.post(&path, &[("term", "2025-2")]).await;
    assert!(other_term.status == 409 && other_term.text.contains("只能公示本学期"), "{}", other_term.text);
    // Two officers have the page open; the second is told who was first.
    let second = school.sign_in_now("office1").await;
    assert_eq!(office.post(&path, &OPENS).await.status, 303);
    let lost = second.post(&path, &OPENS).await;
    assert!(lost.status == 409 && lost.text.contains("张立新已经在 2027-01-04"), "{}", lost.text);
    for login in ["principal1", "lin", "li-parent", "county", "office2"] {
        assert_eq!(school.sign_in(login).await.post(&path, &OPENS).await.status, 404, "{login}");
    }
}

#[actix_web::test]
async fn what_is_missing_is_told_pupil_by_pupil_and_going_on_needs_a_reason() {
    let school = School::open();
    let (office, lin) = (school.sign_in("office1").await, school.sign_in("lin").await);
    let one = serde_json::json!([{ "student": school.map.li, "domain": "moral", "band": "good", "revision": 0 }]);
    assert_eq!(lin.json(&format!("/class/{}/{TERM}/cells", school.map.class), &one).await.status, 200);
    let signed = lin.post(&format!("/class/{}/{TERM}/sign", school.map.class), &[("accept", "yes")]).await;
    assert_eq!(signed.status, 303);
    let path = format!("/office/notice/{}", school.map.class);
    let page = office.get(&path).await.text;
    assert!(
        page.contains("还有 3 人缺材料") && page.contains("智、体、美、劳没有等级") && page.contains("没有评语"),
        "{page}"
    );
    let refused = office.post(&path, &[("term", TERM), ("reason", " ")]).await;
    assert!(refused.status == 422 && refused.text.contains("还有 3 人缺材料"), "{}", refused.text);
    assert_eq!(office.post(&path, &[("term", TERM), ("reason", "三人都是新转来的")]).await.status, 303);
    assert!(office.get(&path).await.text.contains("三人都是新转来的"));
}

#[actix_web::test]
async fn a_noticed_record_is_frozen_by_the_acts_and_by_the_engine() {
    let school = School::open();
    let [harvest, _] = noticed(&school).await;
    let homeroom =
        school.operator().stand_in(account(&school, "lin").await).unwrap().homeroom(school.map.class).await.unwrap();
    let (own, li) = (homeroom.class(), school.map.li);
    let refused = homeroom
        .try_act(move |tx| {
            qinghe::record::ReviewRecords::prepare(tx, &own, &[(li, harvest)], qinghe::record::Ruling::Withdraw)
        })
        .await;
    assert!(matches!(&refused, Err(qinghe::access::Refused::Conflict(said)) if said.contains("已经公示")));
    // Who would write is told before anything is typed.
    for (login, page) in [
        ("lin", format!("/class/{}/records", school.map.class)),
        ("li-pupil", format!("/child/{}/records/new", school.map.li)),
    ] {
        let told = school.sign_in(login).await.get(&page).await.text;
        assert!(told.contains("已经公示") && !told.contains("name=\"title\""), "{login}: {told}");
    }
    use diesel::prelude::*;
    let conn = &mut school.raw();
    for sql in [
        "INSERT INTO record SELECT school_id, term, student_id, activity_id, revision + 1, part, 'withdrawn', note, account_id, role, at FROM record",
        "INSERT INTO telling SELECT school_id, activity_id, revision + 1, indicator, domain, also, title, starts_on, ends_on, place, organiser, level, minutes, attained, words, account_id, at FROM telling",
    ] {
        let said = diesel::sql_query(sql).execute(conn).unwrap_err().to_string();
        assert!(said.contains("the term is in its notice"), "{said}");
    }
    for table in ["notice", "objection", "objection_step", "stage_signature"] {
        if table == "notice" {
            let said =
                diesel::sql_query(format!("UPDATE {table} SET part = part")).execute(conn).unwrap_err().to_string();
            assert!(said.contains("append-only"), "{said}");
        }
    }
}

#[actix_web::test]
async fn the_board_says_whose_turn_it_is_in_class_order() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    noticed(&school).await;
    let text = office.get("/office").await.text;
    assert!(text.contains("公示中，没有异议等答复"), "{text}");
    assert!(text.find("八(1)班").unwrap() < text.find("八(2)班").unwrap());
    let only = office.get("/office?show=noticed").await.text;
    assert!(only.contains("八(1)班") && !only.contains("八(2)班"), "{only}");
    school.clock.set(today() + Duration::days(7));
    let text = school.sign_in_now("office1").await.get("/office").await.text;
    assert!(text.contains("公示结束，等班主任核对签字"), "{text}");
}
