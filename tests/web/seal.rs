//! After the notice: checked, reviewed, sealed; no stage skipped, repeated, or done by
//! the wrong person.
use crate::notice::noticed;
use crate::portfolio::sealed_files;
use crate::support::{School, TERM, today};
use chrono::Duration;
use qinghe::portfolio::file::TermFile;

#[actix_web::test]
async fn each_stage_waits_for_the_one_before() {
    let school = School::open();
    let class = school.map.class;
    let (check, review, seal) = (
        format!("/class/{class}/{TERM}/check"),
        format!("/office/notice/{class}/review"),
        format!("/principal/seal/{class}"),
    );
    let term = [("term", TERM)];
    let sealing = school.sign_in("principal1").await.post(&seal, &term).await;
    assert!(sealing.status == 409 && sealing.text.contains("还没有签字"), "{}", sealing.text);
    let early = school.sign_in("lin").await.post(&check, &[]).await;
    assert!(early.status == 409 && early.text.contains("还没有公示"), "{}", early.text);
    noticed(&school).await;
    let during = school.sign_in("lin").await.post(&check, &[]).await;
    assert!(during.status == 409 && during.text.contains("才结束"), "{}", during.text);
    let during = school.sign_in("principal1").await.post(&seal, &term).await;
    assert!(during.status == 409 && during.text.contains("才结束"), "{}", during.text);
    school.clock.set(today() + Duration::days(7));
    let (lin, office, principal) =
        (school.sign_in_now("lin").await, school.sign_in_now("office1").await, school.sign_in_now("principal1").await);
    let unchecked = office.post(&review, &term).await;
    assert!(unchecked.status == 409 && unchecked.text.contains("还没有核对签字"), "{}", unchecked.text);
    assert_eq!(school.sign_in_now("dep").await.post(&check, &[]).await.status, 404, "the deputy does not sign");
    assert_eq!(lin.post(&check, &[]).await.status, 303);
    let twice = lin.post(&check, &[]).await;
    assert!(twice.status == 409 && twice.text.contains("已经核对签字"), "{}", twice.text);
    let unreviewed = principal.post(&seal, &term).await;
    assert!(unreviewed.status == 409 && unreviewed.text.contains("还没有审核"), "{}", unreviewed.text);
    assert_eq!(office.post(&review, &term).await.status, 303);
    let twice = office.post(&review, &term).await;
    assert!(twice.status == 409 && twice.text.contains("审核过了"), "{}", twice.text);
    // lin's class has a term before this platform; the last one counts as not here.
    let sealed = principal.post(&seal, &term).await;
    assert_eq!(sealed.status, 303, "{}", sealed.text);
    assert!(sealed.location.ends_with("?sealed=3"), "{}", sealed.location);
    let twice = principal.post(&seal, &term).await;
    assert!(twice.status == 409 && twice.text.contains("已经归档了"), "{}", twice.text);
    let late = serde_json::json!([{ "student": school.map.li, "domain": "moral", "band": "qualified", "revision": 1 }]);
    assert_eq!(lin.json(&format!("/class/{class}/{TERM}/cells"), &late).await.status, 409);
    let files = sealed_files::<TermFile>(&school, "term").await;
    let li = files.iter().find(|(file, ..)| file.student.id == school.map.li).unwrap();
    let labour = &li.0.records[&qinghe::names::Domain::Labour];
    assert_eq!((labour.len(), labour[0].title.as_str()), (1, "菜地收青菜"));
    let status = school.sign_in_now("principal1").await.get("/principal").await.text;
    assert!(status.contains("已归档"), "{status}");
}

#[actix_web::test]
async fn one_open_objection_does_not_hold_the_others() {
    let school = School::open();
    let class = school.map.class;
    noticed(&school).await;
    let parent = school.sign_in("li-parent").await;
    let raised =
        parent.post(&format!("/child/{}/objection", school.map.li), &[("domain", "moral"), ("text", "不对")]).await;
    let id = raised.location.rsplit('/').next().unwrap().to_owned();
    school.clock.set(today() + Duration::days(7));
    let term = [("term", TERM)];
    let principal = school.sign_in_now("principal1").await;
    let board = principal.get("/principal").await.text;
    assert!(board.contains("异议处理") && board.contains("1 件异议等张立新答复"), "{board}");
    assert_eq!(school.sign_in_now("lin").await.post(&format!("/class/{class}/{TERM}/check"), &[]).await.status, 303);
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.post(&format!("/office/notice/{class}/review"), &term).await.status, 303);
    let page = principal.get(&format!("/principal/seal/{class}")).await.text;
    assert!(page.contains("签字归档 2 人") && page.contains("有一件异议等学校教务处答复"), "{page}");
    let sealed = principal.post(&format!("/principal/seal/{class}"), &term).await;
    assert!(sealed.location.ends_with("?sealed=2"), "{} {}", sealed.location, sealed.text);
    let none = principal.post(&format!("/principal/seal/{class}"), &term).await;
    assert!(none.status == 409 && none.text.contains("没有可以归档的学生"), "{}", none.text);
    let stands = [("verdict", "stands"), ("text", "维持不变。")];
    assert_eq!(office.post(&format!("/office/objections/{id}/answer"), &stands).await.status, 303);
    let page = principal.get(&format!("/principal/seal/{class}")).await.text;
    assert!(page.contains("还可以请求复核"), "{page}");
    school.clock.set(today() + Duration::days(16));
    let principal = school.sign_in_now("principal1").await;
    let sealed = principal.post(&format!("/principal/seal/{class}"), &term).await;
    assert!(sealed.location.ends_with("?sealed=1"), "{} {}", sealed.location, sealed.text);
}

#[actix_web::test]
async fn the_engine_itself_seals_no_term_of_a_class_that_was_not_reviewed() {
    use diesel::RunQueryDsl;
    let school = School::open();
    noticed(&school).await;
    let seal = |school: &School| {
        let mut conn = school.raw();
        let file = match &conn {
            qinghe::platform::db::Conn::Sqlite(_) => "x'7b7d'",
            qinghe::platform::db::Conn::Postgres(_) => "'\\x7b7d'::bytea",
        };
        let put = format!("INSERT INTO sealed_file (school_id, sha256, bytes) VALUES (1, 'x', {file})");
        let sql = "INSERT INTO seal (school_id, student_id, term, part, version, class_id, sha256, account_id, at) \
            SELECT s.school_id, e.student_id, s.term, 'term', 1, s.class_id, 'x', s.account_id, s.at \
            FROM signature s JOIN enrolment e ON e.school_id = s.school_id AND e.class_id = s.class_id WHERE e.seat = 1";
        qinghe::on!(&mut conn, c => diesel::sql_query(put).execute(c)).ok();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c))
    };
    let refused = seal(&school).unwrap_err().to_string();
    assert!(refused.contains("the class is not reviewed"), "{refused}");
    school.clock.set(today() + Duration::days(7));
    let class = school.map.class;
    assert_eq!(school.sign_in_now("lin").await.post(&format!("/class/{class}/{TERM}/check"), &[]).await.status, 303);
    let review = format!("/office/notice/{class}/review");
    assert_eq!(school.sign_in_now("office1").await.post(&review, &[("term", TERM)]).await.status, 303);
    assert_eq!(seal(&school).unwrap(), 1);
}

#[actix_web::test]
async fn a_sealed_term_leads_to_the_correction_from_the_one_pupil_page() {
    let school = School::open();
    noticed(&school).await;
    let lin = school.sign_in("lin").await;
    let page = format!("/class/{}/student/{}", school.map.class, school.map.li);
    let address = format!("/class/{}/correction/{}/{TERM}", school.map.class, school.map.li);
    assert!(!lin.get(&page).await.text.contains(&address), "nothing is sealed yet");
    crate::portfolio::seal_term(&school, TERM.parse().unwrap()).await.unwrap_err();
    school.clock.set(today() + Duration::days(7));
    let (lin, class) = (school.sign_in_now("lin").await, school.map.class);
    assert_eq!(lin.post(&format!("/class/{class}/{TERM}/check"), &[]).await.status, 303);
    let review = format!("/office/notice/{class}/review");
    assert_eq!(school.sign_in_now("office1").await.post(&review, &[("term", TERM)]).await.status, 303);
    assert_eq!(
        school
            .sign_in_now("principal1")
            .await
            .post(&format!("/principal/seal/{class}"), &[("term", TERM)])
            .await
            .status,
        303
    );
    assert!(lin.get(&page).await.text.contains(&address));
    assert_eq!(lin.get(&address).await.status, 200);
}
