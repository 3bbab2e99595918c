//! Pupils who change class about a seal, are away over the end of a term, or come back a
//! year later: nobody's term waits for ever, and nothing is sealed twice.
use crate::evaluation::{fill, sign};
use crate::notice::{noticed, pass_stages};
use crate::portfolio::{lin_stays, moment, teach_these_and_sign};
use crate::support::{School, TERM, today};
use chrono::Duration;
use diesel::connection::SimpleConnection;
use qinghe::names::{StudentId, Term};
use qinghe::on;

fn run(school: &School, sql: &str) {
    let mut conn = school.raw();
    on!(&mut conn, c => c.batch_execute(sql)).unwrap();
}

/// An id as the engine writes it.
fn id(school: &School, of: StudentId) -> String {
    match school.raw() {
        qinghe::platform::db::Conn::Sqlite(_) => format!("x'{of}'"),
        qinghe::platform::db::Conn::Postgres(_) => format!("'{of}'"),
    }
}

async fn move_pupil(school: &School, student: StudentId, form: &[(&str, &str)]) {
    let answer = school.sign_in_now("office1").await.post(&format!("/office/pupils/{student}"), form).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
}

#[actix_web::test]
async fn who_is_sealed_and_then_changes_class_does_not_hold_the_other_class() {
    let school = School::open();
    let (class, other) = (school.map.class, school.map.other_class);
    noticed(&school).await;
    school.clock.set(today() + Duration::days(7));
    assert_eq!(school.sign_in_now("lin").await.post(&format!("/class/{class}/{TERM}/check"), &[]).await.status, 303);
    let review = format!("/office/notice/{class}/review");
    assert_eq!(school.sign_in_now("office1").await.post(&review, &[("term", TERM)]).await.status, 303);
    let seal = async |class| {
        school.sign_in_now("principal1").await.post(&format!("/principal/seal/{class}"), &[("term", TERM)]).await
    };
    assert!(seal(class).await.location.ends_with("?sealed=3"));

    school.clock.set(today() + Duration::days(8));
    let change = [("kind", "change_class"), ("class", &*other.to_string()), ("on", "2027-01-12"), ("reason", "调班")];
    move_pupil(&school, school.map.li, &change).await;
    let wu = school.sign_in_now("wu").await;
    teach_these_and_sign(&school, &wu, other, TERM.parse().unwrap(), &[school.map.zhao]).await;
    pass_stages(&school, other, TERM.parse().unwrap(), "wu", "office1").await;
    let sealed = seal(other).await;
    assert!(sealed.location.ends_with("?sealed=1"), "only zhao was left: {} {}", sealed.location, sealed.text);
    assert_eq!(school.count("seal WHERE part = 'term'"), 4);
}

#[actix_web::test]
async fn who_was_away_over_the_end_of_a_term_is_sealed_again_when_back() {
    let school = School::open();
    let li = school.map.li;
    move_pupil(&school, li, &[("kind", "leave"), ("on", "2027-01-04"), ("reason", "住院")]).await;
    school.clock.set(moment(2027, 3, 2));
    let back =
        [("kind", "come_back"), ("class", &*school.map.class.to_string()), ("on", "2027-03-02"), ("reason", "病好了")];
    move_pupil(&school, li, &back).await;
    let spring: Term = "2026-2".parse().unwrap();
    lin_stays(&school, spring).await;
    let lin = school.sign_in_now("lin").await;
    teach_these_and_sign(&school, &lin, school.map.class, spring, &[li, school.map.chen, school.map.guan]).await;
    pass_stages(&school, school.map.class, spring, "lin", "office1").await;
    let page = school.sign_in_now("principal1").await.get(&format!("/principal/seal/{}", school.map.class)).await.text;
    assert!(page.contains("签字归档 1 人"), "the others' last term is still open: {page}");
    let seal = format!("/principal/seal/{}", school.map.class);
    let sealed = school.sign_in_now("principal1").await.post(&seal, &[("term", "2026-2")]).await;
    assert!(sealed.location.ends_with("?sealed=1"), "{} {}", sealed.location, sealed.text);
    let files = crate::portfolio::sealed_files::<serde_json::Value>(&school, "term").await;
    assert_eq!(files[0].0["previous"]["none"], "上学期期末不在本校");
    assert_eq!(files[0].0["student"]["name"], "李沐阳");
}

#[actix_web::test]
async fn a_class_that_was_left_before_its_review_binds_nobody() {
    let school = School::open();
    let (li, chen) = (id(&school, school.map.li), id(&school, school.map.chen));
    let reviewed = format!(
        "INSERT INTO stage_signature (school_id, class_id, term, part, step, account_id, at) \
         SELECT 1, class_id, 20261, 'graduation', 'reviewed', (SELECT account_id FROM post LIMIT 1), '2027-01-04 08:00:00' \
         FROM enrolment WHERE student_id = {li}"
    );
    // The stages before are passed over: only what the review binds is looked at.
    for stage in ["check_needs_notice", "review_needs_check"] {
        let of = if matches!(school.raw(), qinghe::platform::db::Conn::Sqlite(_)) { "" } else { " ON stage_signature" };
        run(&school, &format!("DROP TRIGGER {stage}{of}"));
    }
    run(&school, &reviewed);
    run(&school, &format!("UPDATE enrolment SET left_on = '2026-09-10' WHERE student_id = {li}"));
    let decide = |student: &str| {
        format!(
            "INSERT INTO graduation (school_id, student_id, domain, revision, band, account_id, at) \
             VALUES (1, {student}, 'moral', 1, 'good', (SELECT account_id FROM post LIMIT 1), '2027-01-04 09:00:00')"
        )
    };
    run(&school, &decide(&li));
    let mut conn = school.raw();
    let refused = on!(&mut conn, c => c.batch_execute(&decide(&chen))).unwrap_err().to_string();
    assert!(refused.contains("the graduation is reviewed"), "chen sits there: {refused}");
}

#[actix_web::test]
async fn what_came_from_paper_later_holds_no_movement_of_the_running_term() {
    let school = School::open();
    let li = school.map.li;
    let base = format!("/office/paper/{}/2025-2", school.map.class);
    let office = school.sign_in("office1").await;
    let file = crate::roster::sheet(
        &["班内学号", "姓名", "德", "智", "体", "美", "劳", "评语"],
        &[vec!["1", "李沐阳", "良好", "良好", "良好", "良好", "良好", ""]],
    );
    let tried = office.upload(&base, "补录.xlsx", &file, &[]).await;
    let rows = tried.hidden("rows").unwrap().replace("&quot;", "\"");
    assert_eq!(office.post(&format!("{base}/take"), &[("rows", &rows)]).await.status, 303);
    let signed = format!("/principal/paper/{}/2025-2", school.map.class);
    assert_eq!(school.sign_in("principal1").await.post(&signed, &[]).await.location, "/principal/paper?just=1");
    let early = [("kind", "leave"), ("on", "2026-06-01"), ("reason", "住院")];
    let refused = office.post(&format!("/office/pupils/{li}"), &early).await;
    assert!(refused.status == 422 && refused.text.contains("2026-07-10 以前已经归档"), "{}", refused.text);
    move_pupil(&school, li, &[("kind", "leave"), ("on", "2026-12-28"), ("reason", "住院")]).await;
}

#[actix_web::test]
async fn a_term_signed_in_the_holidays_is_seen_by_who_stayed_to_its_end() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let (li, chen) = (id(&school, school.map.li), id(&school, school.map.chen));
    run(&school, &format!("UPDATE enrolment SET left_on = '2027-01-15' WHERE student_id = {li}"));
    run(&school, &format!("UPDATE enrolment SET left_on = '2027-01-14' WHERE student_id = {chen}"));
    let late = match school.raw() {
        qinghe::platform::db::Conn::Sqlite(_) => "DROP TRIGGER signature_no_update;",
        qinghe::platform::db::Conn::Postgres(_) => "DROP TRIGGER signature_append_only ON signature;",
    };
    run(&school, &format!("{late} UPDATE signature SET at = '2027-01-18 10:00:00'"));
    let office = school.operator().school_office("3121042101").await.unwrap();
    let seen =
        async |student| office.look(move |look| qinghe::cycle::signatures_of(look, student)).await.unwrap().len();
    assert_eq!(seen(school.map.li).await, 1, "he stayed to the last day");
    assert_eq!(seen(school.map.chen).await, 0, "she had left the day before");
}
