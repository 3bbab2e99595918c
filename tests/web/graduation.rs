//! The end of junior high: six terms side by side, people decide, every file is looked
//! through by somebody else, and the principal seals.
use crate::portfolio::{decide_all, lin_stays, moment, pass_graduation, sealed_files, six_terms_end};
use crate::support::{Answer, Person, School};
use diesel::prelude::*;
use qinghe::names::StudentId;
use qinghe::portfolio::file::GraduationFile;

pub const FIVE: [&str; 5] = ["moral", "academic", "physical", "aesthetic", "labour"];

async fn decide(school: &School, lin: &Person<'_>, bands: &[&str], comment: &str) -> Answer {
    decide_of(school, lin, school.map.li, bands, comment).await
}

/// The homeroom teacher puts in what the committee decided of a pupil.
pub async fn decide_of(school: &School, lin: &Person<'_>, student: StudentId, bands: &[&str], comment: &str) -> Answer {
    let mut form: Vec<(String, &str)> =
        FIVE.iter().zip(bands).map(|(domain, band)| (format!("band_{domain}"), *band)).collect();
    form.push(("comment".to_owned(), comment));
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    lin.post(&format!("/class/{}/graduation/{student}", school.map.class), &form).await
}

const GOOD: [&str; 5] = ["good"; 5];
const WORDS: &str = "三年里做事有头有尾。";

#[actix_web::test]
async fn the_committee_decides_with_six_terms_before_it_and_nothing_is_preset() {
    let school = School::open();
    let early = school.sign_in("lin").await;
    let way = early.get(&format!("/class/{}/graduation", school.map.class)).await;
    assert_eq!(way.status, 303, "before the last term it leads back");
    let soon = decide(&school, &early, &GOOD, WORDS).await;
    assert!(soon.status == 409 && soon.text.contains("九年级第二学期"), "{}", soon.text);
    six_terms_end(&school).await;
    let lin = school.sign_in_now("lin").await;
    let page = lin.get(&format!("/class/{}/graduation/{}", school.map.class, school.map.li)).await.text;
    for word in ["七上", "八上", "九下", "参考：良好", "不会替您选"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(!page.contains(" checked"), "the suggestion is no choice: {page}");
    let halfway = decide(&school, &lin, &["good", "good", "good", "good", ""], "").await;
    assert!(
        halfway.status == 422 && halfway.text.contains("劳还没有定等级") && halfway.text.contains("还没有写毕业评语"),
        "{}",
        halfway.text
    );
    assert!(halfway.text.matches(" checked").count() == 4, "what was chosen is there again");
    assert_eq!(decide(&school, &lin, &GOOD, WORDS).await.status, 303);
    assert_eq!(school.count("graduation"), 5);
    assert_eq!(decide(&school, &lin, &GOOD, WORDS).await.status, 303);
    assert_eq!(school.count("graduation"), 5, "the same again changes nothing");
    // Another class's pupil.
    let path = format!("/class/{}/graduation/{}", school.map.class, school.map.zhao);
    assert_eq!(lin.get(&path).await.status, 404);
}

#[actix_web::test]
async fn the_term_under_way_is_still_to_come_and_one_without_a_file_is_a_gap() {
    let school = School::open();
    school.clock.set(moment(2028, 6, 20));
    lin_stays(&school, "2027-2".parse().unwrap()).await;

    let lin = school.sign_in_now("lin").await;
    let page = lin.get(&format!("/class/{}/graduation/{}", school.map.class, school.map.li)).await.text;

    assert_eq!(page.matches(">还没归档<").count(), 5, "{page}");
    assert!(page.contains("2027—2028 学年第二学期：还没有归档"), "{page}");
    assert!(page.contains("2026—2027 学年第一学期：这个学期没有归档") && page.contains(">无记录<"), "{page}");
}

#[actix_web::test]
async fn a_pupil_states_and_the_family_reads_the_bands_from_the_notice_on() {
    let school = School::open();
    let own = format!("/child/{}/graduation", school.map.li);
    let early = school.sign_in("li-pupil").await.post(&own, &[("statement", "我想早点写")]).await;
    assert!(early.status == 409 && early.text.contains("九年级第二学期"), "{}", early.text);
    six_terms_end(&school).await;
    let (li, parent) = (school.sign_in_now("li-pupil").await, school.sign_in_now("li-parent").await);
    let empty = li.post(&own, &[("statement", " ")]).await;
    assert!(empty.status == 422 && empty.text.contains("还没有写"), "{}", empty.text);
    let long = "长".repeat(801);
    let long = li.post(&own, &[("statement", &long)]).await;
    assert!(long.status == 422 && long.text.contains("现在 801 个字"), "kept and refused");
    assert_eq!(li.post(&own, &[("statement", "第一段。\r\n\r\n第二段。")]).await.status, 303);
    assert_eq!(parent.post(&own, &[("statement", "替孩子写")]).await.status, 404, "it is the pupil's own");
    decide_all(&school, &[school.map.li]).await;
    let before = parent.get(&own).await.text;
    assert!(before.contains("毕业等级还在商定") && !before.contains("三年里做事有头有尾"), "{before}");
    let office = school.sign_in_now("office1").await;
    let notice = format!("/office/graduation/{}/notice", school.map.class);
    let silent = office.post(&notice, &[("reason", " ")]).await;
    assert!(silent.status == 422 && silent.text.contains("还有 2 人没写好"), "{}", silent.text);
    assert_eq!(office.post(&notice, &[("reason", "两人转学手续在办")]).await.status, 303);
    let twice = office.post(&notice, &[("reason", "再开")]).await;
    assert!(twice.status == 409 && twice.text.contains("没有再开一次"), "{}", twice.text);
    let after = parent.get(&own).await.text;
    assert!(after.contains("三年里做事有头有尾") && after.contains("第一段。\n第二段。"), "{after}");
    assert!(!after.contains("参考："), "a rule's suggestion is for the committee");
}

#[actix_web::test]
async fn every_file_is_looked_through_by_another_and_no_stage_is_skipped() {
    let school = School::open();
    six_terms_end(&school).await;
    let (class, li) = (school.map.class, school.map.li);
    let (office, principal) = (school.sign_in_now("office1").await, school.sign_in_now("principal1").await);
    let (tick, review) = (format!("/office/graduation/{class}/{li}"), format!("/office/graduation/{class}/review"));
    let (check, seal) = (format!("/class/{class}/graduation"), format!("/principal/graduation/{class}"));
    let undecided = office.post(&tick, &[]).await;
    assert!(undecided.status == 409 && undecided.text.contains("还没有写好"), "{}", undecided.text);
    let nothing = office.post(&format!("/office/graduation/{class}/notice"), &[("reason", "先开")]).await;
    assert!(nothing.status == 409 && nothing.text.contains("还没有商定毕业等级"), "{}", nothing.text);
    decide_all(&school, &[li]).await;
    let lin = school.sign_in_now("lin").await;
    let early = lin.post(&check, &[]).await;
    assert!(early.status == 409 && early.text.contains("还没有毕业公示"), "{}", early.text);
    let early = principal.post(&seal, &[]).await;
    assert!(early.status == 409 && early.text.contains("还没有毕业公示"), "{}", early.text);
    assert_eq!(office.post(&format!("/office/graduation/{class}/notice"), &[("reason", "先公示")]).await.status, 303);
    let during = lin.post(&check, &[]).await;
    assert!(during.status == 409 && during.text.contains("才结束"), "{}", during.text);
    school.clock.set("2028-07-04T09:00:00".parse().unwrap());
    let (office, principal) = (school.sign_in_now("office1").await, school.sign_in_now("principal1").await);
    let lin = school.sign_in_now("lin").await;
    let unchecked = office.post(&review, &[]).await;
    assert!(unchecked.status == 409 && unchecked.text.contains("班主任还没有签字"), "{}", unchecked.text);
    assert_eq!(lin.post(&check, &[]).await.status, 303);
    let unticked = office.post(&review, &[]).await;
    assert!(unticked.status == 409 && unticked.text.contains("还有 1 份没有逐份核对"), "{}", unticked.text);
    assert_eq!(office.post(&tick, &[]).await.status, 303);
    let twice = office.post(&tick, &[]).await;
    assert!(twice.status == 409 && twice.text.contains("已经核对过这一份"), "{}", twice.text);
    // A change wants another look.
    assert_eq!(decide(&school, &lin, &["excellent", "good", "good", "good", "good"], WORDS).await.status, 303);
    let changed = office.post(&review, &[]).await;
    assert!(changed.status == 409 && changed.text.contains("没有逐份核对"), "{}", changed.text);
    assert_eq!(office.post(&tick, &[]).await.status, 303);
    let early = principal.post(&seal, &[]).await;
    assert!(early.status == 409 && early.text.contains("教务还没有逐份核对"), "{}", early.text);
    assert_eq!(office.post(&review, &[]).await.status, 303);
    let late = decide(&school, &lin, &GOOD, WORDS).await;
    assert!(late.status == 409 && late.text.contains("已经审核"), "{}", late.text);
    let sealed = principal.post(&seal, &[]).await;
    assert!(sealed.location.ends_with("?sealed=1"), "{} {}", sealed.location, sealed.text);
    let inbox = school.sign_in_now("li-parent").await.get("/inbox").await.text;
    assert!(inbox.contains("李沐阳：毕业档案归档了"), "{inbox}");
    assert_eq!(school.count("letter"), 2, "the pupil and the father, once each");
    let rest = principal.post(&seal, &[]).await;
    assert!(rest.status == 409 && rest.text.contains("毕业等级或评语还没有写好"), "{}", rest.text);
    let files = sealed_files::<GraduationFile>(&school, "graduation").await;
    let file = &files[0].0;
    assert_eq!((files.len(), file.student.id, file.terms.len()), (1, li, 6));
    assert_eq!(file.comment.as_ref().unwrap().text, WORDS);
}

#[actix_web::test]
async fn the_engine_itself_holds_the_graduation_closed() {
    let school = School::open();
    six_terms_end(&school).await;
    let everyone = [school.map.li, school.map.chen, school.map.guan];
    decide_all(&school, &everyone).await;
    let run = |sql: &str| {
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql.to_owned()).execute(c)).map_err(|e| e.to_string())
    };
    let seal = "INSERT INTO seal (school_id, student_id, term, part, version, class_id, sha256, account_id, at) \
        SELECT school_id, student_id, term, 'graduation', 1, class_id, sha256, account_id, at FROM seal WHERE term = 20272";
    let refused = run(seal).unwrap_err();
    assert!(refused.contains("the graduation is not reviewed"), "{refused}");
    let own = "INSERT INTO graduation_tick (school_id, student_id, n, account_id, at) \
        SELECT school_id, student_id, 1, account_id, at FROM graduation WHERE domain = 'moral'";
    let refused = run(own).unwrap_err();
    assert!(refused.contains("whoever decided does not tick"), "{refused}");
    pass_graduation(&school, &everyone).await;
    for (sql, why) in [
        ("UPDATE graduation_word SET text = 'x'", "append-only"),
        ("DELETE FROM graduation_tick", "append-only"),
        (
            "INSERT INTO graduation_word SELECT school_id, student_id, kind, revision + 1, text, account_id, at FROM graduation_word",
            "the graduation is reviewed",
        ),
        (
            "INSERT INTO graduation SELECT school_id, student_id, domain, revision + 1, band, account_id, at FROM graduation",
            "the graduation is reviewed",
        ),
    ] {
        let refused = run(sql).unwrap_err();
        assert!(refused.contains(why) || refused.contains("append") || refused.contains("never"), "{sql}: {refused}");
    }
    assert_eq!(run(seal).unwrap(), 3);
}
