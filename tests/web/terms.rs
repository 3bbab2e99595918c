//! The county's terms: the next one added, the days of one changed, and all that is refused.
use crate::evaluation::{fill, sign};
use crate::support::{Answer, Person, School};
use chrono::NaiveDate;
use diesel::prelude::*;
use qinghe::on;
use qinghe::roster::calendar::{TermDates, terms};

const PAGE: &str = "/county/calendar";

fn at(school: &School, day: &str) {
    school.clock.set(day.parse::<NaiveDate>().unwrap().and_hms_opt(9, 0, 0).unwrap());
}

async fn send(person: &Person<'_>, what: &str, term: &str, first: Option<&str>, last: &str) -> Answer {
    let (of_first, of_last) = (format!("first_{term}"), format!("last_{term}"));
    let mut form = vec![("term", term), (of_last.as_str(), last)];
    form.extend(first.map(|first| (of_first.as_str(), first)));
    person.post(&format!("{PAGE}/{what}"), &form).await
}

async fn known(school: &School) -> Vec<TermDates> {
    school.operator().school_office("3121042101").await.unwrap().look(terms).await.unwrap()
}

#[actix_web::test]
async fn the_next_term_is_added_one_to_come_is_moved_and_each_runs_when_its_day_comes() {
    let school = School::open();
    let county = school.sign_in("county").await;
    let before = county.get(PAGE).await.text;
    for said in ["加下一个学期：2028—2029 学年第一学期", "已过", "正在过", "还没到"] {
        assert!(before.contains(said), "{said}: {before}");
    }
    assert!(!before.contains("2024—2025 学年"), "what is long past is not listed");
    let added = send(&county, "term", "2028-1", Some("２０２８-09-01"), "2029-01-12").await;
    assert_eq!((added.status, added.location.as_str()), (303, "/county/calendar?term=2028-1"), "{}", added.text);
    let page = county.get(&added.location).await.text;
    assert!(page.contains("存好了") && page.contains("加下一个学期：2028—2029 学年第二学期"), "{page}");
    assert!(county.get("/county/windows?term=2028-1").await.text.contains("2028-09-01"));

    // A school opens the next term ahead; then the county lets it begin a week earlier.
    let office = school.sign_in("office1").await;
    let opened = office.post("/office/opening", &[("term", "2026-2"), ("new_classes", "0")]).await;
    assert_eq!(opened.status, 303, "{}", opened.text);
    assert_eq!(send(&county, "term/move", "2026-2", Some("2027-02-22"), "2027-07-09").await.status, 303);
    assert_eq!(send(&county, "term/move", "2026-1", None, "2027-01-22").await.status, 303);
    assert_eq!(school.count("journal WHERE verb = 'term_added'"), 1);
    assert_eq!(school.count("journal WHERE verb = 'term_moved'"), 2);
    // What changes nothing is not told.
    assert_eq!(send(&county, "term/move", "2026-1", None, "2027-01-22").await.status, 303);
    assert_eq!(school.count("journal WHERE verb = 'term_moved'"), 2);
    at(&school, "2027-02-23");
    let lin = school.sign_in_now("lin").await;
    assert_eq!(lin.get("/").await.location, format!("/class/{}/desk", school.map.class));
    let grid = lin.get(&format!("/class/{}/grid", school.map.class)).await.text;
    assert!(grid.contains("2026—2027 学年第二学期") && !grid.contains("学校还没有开学期"), "{grid}");

    at(&school, "2028-09-04");
    let (office, county) = (school.sign_in_now("office1").await, school.sign_in_now("county").await);
    let opening = office.get("/office/opening").await.text;
    assert!(opening.contains("2028—2029 学年第一学期") && opening.contains("本校还没有开"), "{opening}");
    for page in ["/county", PAGE] {
        let text = county.get(page).await.text;
        assert!(text.contains("校历里没有下一个学期"), "{page}: {text}");
    }
    // Added late, when it should have begun.
    at(&school, "2029-03-05");
    let county = school.sign_in_now("county").await;
    assert_eq!(send(&county, "term", "2028-2", Some("2029-02-26"), "2029-07-13").await.status, 303);
    let text = school.sign_in_now("office1").await.get("/office/opening").await.text;
    assert!(text.contains("2028—2029 学年第二学期"), "{text}");
}

#[actix_web::test]
async fn a_term_in_the_wrong_place_or_from_the_wrong_hand_changes_nothing() {
    let school = School::open();
    let county = school.sign_in("county").await;
    let windows = [("term", "2026-2"), ("opens_record", "2027-03-01"), ("closes_seal", "2027-08-20")];
    assert_eq!(county.post("/county/windows", &windows).await.status, 303);
    let before = (known(&school).await, school.count("journal"));
    let both = |first, last| (Some(first), last);
    for (what, term, (first, last), said) in [
        ("term", "2028-1", both("", ""), "请写开始的日子"),
        ("term", "2028-1", both("2028-09-01", "2029-1月"), "结束的日子写成了“2029-1月”，认不出"),
        ("term", "2028-1", both("2028-07-10", "2029-01-12"), "应在 2028 年 8 月或 9 月开始，这里写的是 2028-07-10"),
        ("term", "2028-1", both("2082-09-01", "2083-01-12"), "应在 2028 年 8 月或 9 月开始"),
        ("term", "2028-1", both("2028-09-01", "2029-03-02"), "最晚到 2029 年 2 月底结束，这里写的是 2029-03-02"),
        ("term", "2028-1", both("2028-09-01", "2028-08-01"), "请核对先后"),
        ("term", "2028-1", both("2028-09-01", "2028-10-01"), "是 31 天"),
        ("term", "2028-2", both("2029-03-01", "2029-07-13"), "现在该加2028—2029 学年第一学期"),
        ("term", "2027-2", both("2028-02-21", "2028-07-14"), "已经在校历里了"),
        ("term/move", "2026-2", both("2027-03-08", "2027-07-16"), "时间窗里有一步写的是 2027-03-01"),
        ("term/move", "2026-2", both("2027-03-01", "2027-07-02"), "时间窗里有一步写的是 2027-08-20"),
        ("term/move", "2026-2", both("2027-02-31", "2027-07-16"), "开始的日子写成了“2027-02-31”"),
        ("term/move", "2027-1", both("2027-09-01", "2028-02-21"), "下一个学期 2028-02-21 就开始了"),
        ("term/move", "2027-2", both("2028-02-21", "2028-09-01"), "最晚到 2028 年 8 月底结束"),
        ("term/move", "2025-2", both("2026-03-02", "2026-07-17"), "已经过了，日子不能再改"),
        ("term/move", "2026-1", both("2026-08-31", "2027-01-15"), "已经开始了，开始的日子不能再改"),
        ("term/move", "2026-1", (None, "2027-01-03"), "不能早于今天 2027-01-04，这里写的是 2027-01-03"),
        ("term/move", "2026-1", (None, "2027-03-01"), "最晚到 2027 年 2 月底结束"),
    ] {
        let answer = send(&county, what, term, first, last).await;
        assert!(answer.status == 422 && answer.text.contains(said), "{term} {first:?} {last}: {}", answer.text);
        // What the page has a field for is kept in it.
        for (field, typed) in [("first", first), ("last", Some(last))] {
            let there = answer.text.contains(&format!("name=\"{field}_{term}\""));
            let kept = typed.is_none_or(|typed| answer.text.contains(&format!("value=\"{typed}\"")));
            assert!(kept || !there, "{typed:?} is lost: {}", answer.text);
        }
    }
    for term in ["2031-2", "2026-3", ""] {
        assert_eq!(send(&county, "term/move", term, None, "2032-07-01").await.status, 404, "{term}");
    }
    for login in ["office1", "principal1", "lin", "security", "audit", "li-parent"] {
        let person = school.sign_in(login).await;
        for what in ["term", "term/move"] {
            let answer = send(&person, what, "2028-1", Some("2028-09-01"), "2029-01-12").await;
            assert_eq!(answer.status, 404, "{login} at {what}");
        }
    }
    assert_eq!((known(&school).await, school.count("journal")), before);

    // On the day before it begins: it can no longer have begun.
    at(&school, "2027-02-28");
    let county = school.sign_in_now("county").await;
    let emptied = [("term", "2026-2")];
    assert_eq!(county.post("/county/windows", &emptied).await.status, 303);
    let answer = send(&county, "term/move", "2026-2", Some("2027-02-28"), "2027-07-16").await;
    assert!(answer.status == 422 && answer.text.contains("要在今天以后"), "{}", answer.text);

    let mut conn = school.raw();
    for (sql, said) in [
        ("UPDATE term SET ends_on = '2027-03-01' WHERE id = 20261", "terms overlap"),
        ("INSERT INTO term VALUES (20281, '2028-07-14', '2029-01-12')", "terms overlap"),
        ("DELETE FROM term WHERE id = 20272", "a term stays"),
    ] {
        let refused = on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string();
        assert!(refused.contains(said), "{sql}: {refused}");
    }
    assert_eq!(known(&school).await, before.0);
}

#[actix_web::test]
async fn the_last_day_stands_once_a_class_is_signed() {
    let school = School::open();
    let (county, lin) = (school.sign_in("county").await, school.sign_in("lin").await);
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let before = (known(&school).await, school.count("journal"));
    let answer = send(&county, "term/move", "2026-1", None, "2027-01-22").await;
    assert!(answer.status == 422 && answer.text.contains("已经有班签了字"), "{}", answer.text);
    assert!(!county.get(PAGE).await.text.contains("name=\"last_2026-1\""), "no form is left");
    assert_eq!((known(&school).await, school.count("journal")), before);
    assert_eq!(send(&county, "term/move", "2026-2", Some("2027-03-02"), "2027-07-16").await.status, 303);
}
