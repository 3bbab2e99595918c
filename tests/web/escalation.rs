//! An objection taken further: the committee, then the county look again, each through a
//! case that one person has for it and nobody else.
use crate::notice::noticed;
use crate::support::{Answer, Person, School, TERM, today};
use chrono::Duration;
use qinghe::roster::{AppointStaff, Appointment, Position};

fn last_part(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.location.rsplit('/').next().unwrap().to_owned()
}

const STANDS: [(&str, &str); 2] = [("verdict", "stands"), ("text", "查过材料，维持不变。")];

/// li's father objects to the band in 德, the office answers, he takes it further.
async fn before_committee(school: &School, parent: &Person<'_>) -> String {
    let path = format!("/child/{}/objection", school.map.li);
    let raised = parent.post(&path, &[("domain", "moral"), ("text", "每周三去敬老院读报，老师不知道。")]).await;
    let id = last_part(&raised);
    let office = school.sign_in("office1").await;
    assert_eq!(office.post(&format!("/office/objections/{id}/answer"), &STANDS).await.status, 303);
    further(school, parent, &id).await;
    id
}

async fn further(school: &School, parent: &Person<'_>, id: &str) {
    let path = format!("/child/{}/objections/{id}/escalate", school.map.li);
    assert_eq!(parent.post(&path, &[("text", "还是想请人再看一看")]).await.status, 303);
}

/// ping ends the case that the small county opens for her before anything else.
pub async fn without_other_case(school: &School) {
    let path = format!("/principal/cases/{}/end", school.map.case);
    assert_eq!(school.sign_in("principal1").await.post(&path, &[]).await.status, 303);
}

#[actix_web::test]
async fn the_committee_takes_one_up_sees_it_through_a_case_and_answers() {
    let school = School::open();
    noticed(&school).await;
    without_other_case(&school).await;
    let (parent, ping) = (school.sign_in("li-parent").await, school.sign_in("ping").await);
    let id = before_committee(&school, &parent).await;
    let list = ping.get("/committee/objections").await.text;
    assert!(list.contains("品德发展的等级") && list.contains("我来接手"), "{list}");
    assert!(!list.contains("李沐阳") && !list.contains("敬老院"), "before the case nobody is named: {list}");
    let taken = ping.post(&format!("/committee/objections/{id}/take"), &[]).await;
    assert_eq!(taken.status, 303, "{}", taken.text);
    let page = ping.get(&taken.location).await;
    assert!(page.text.contains("敬老院") && page.text.contains("现在是“良好”"), "{}", page.text);
    let term = ping.get(taken.location.split("/objections").next().unwrap()).await.text;
    assert!(term.contains("复核异议：品德发展的等级") && term.contains("去看异议、写答复"), "{term}");
    // The family reads who looks, and why.
    let data = parent.get(&format!("/child/{}/data", school.map.li)).await.text;
    assert!(data.contains("平正") && data.contains("复核异议"), "{data}");
    let thread = parent.get(&format!("/child/{}/objections/{id}", school.map.li)).await.text;
    assert!(thread.contains("学校评价委员会 平正接手"), "{thread}");
    let again = ping.post(&format!("/committee/objections/{id}/take"), &[]).await;
    assert!(again.status == 409 && again.text.contains("平正已经接手"), "{}", again.text);
    let answer = [
        ("verdict", "change"),
        ("band", "excellent"),
        ("ground", "每周三到敬老院读报"),
        ("text", "委员会问过敬老院，属实。"),
    ];
    let said = ping.post(&format!("{}/answer", taken.location), &answer).await;
    assert_eq!(said.location, "/committee/objections?answered=true", "{}", said.text);
    assert_eq!(ping.get(&taken.location).await.status, 404, "the case ends with the answer");
    assert_eq!(ping.post(&format!("{}/answer", taken.location), &answer).await.status, 404);
    assert!(parent.get(&format!("/child/{}", school.map.li)).await.text.contains("<b>优秀</b>"));
    let thread = parent.get(&format!("/child/{}/objections/{id}", school.map.li)).await.text;
    assert!(thread.contains("委员会问过敬老院，属实。") && thread.contains("异议成立"), "{thread}");
}

#[actix_web::test]
async fn the_county_looks_last_and_sees_no_child_before() {
    let school = School::open();
    noticed(&school).await;
    without_other_case(&school).await;
    let (parent, ping) = (school.sign_in("li-parent").await, school.sign_in("ping").await);
    let (county, office) = (school.sign_in("county").await, school.sign_in("office1").await);
    let id = before_committee(&school, &parent).await;
    let early = county.post(&format!("/county/objections/{id}/take"), &[]).await;
    assert_eq!(early.status, 404, "it does not lie before the county: {}", early.text);
    let taken = ping.post(&format!("/committee/objections/{id}/take"), &[]).await;
    assert_eq!(ping.post(&format!("{}/answer", taken.location), &STANDS).await.status, 303);
    further(&school, &parent, &id).await;
    let back = ping.post(&format!("/committee/objections/{id}/take"), &[]).await;
    assert_eq!(back.status, 404, "the committee has had its turn: {}", back.text);
    let list = county.get("/county/objections").await.text;
    assert!(list.contains("德这一育的等级") && list.contains("八年级(1)班"), "{list}");
    assert!(!list.contains("李沐阳") && !list.contains("敬老院") && !list.contains("良好"), "{list}");
    let taken = county.post(&format!("/county/objections/{id}/take"), &[]).await;
    let page = county.get(&taken.location).await.text;
    assert!(page.contains("敬老院") && page.contains("这是最后一次复核"), "{page}");
    for person in [&ping, &office] {
        assert_eq!(person.get(&taken.location).await.status, 404, "{}", person.login);
        assert_eq!(person.post(&format!("{}/answer", taken.location), &STANDS).await.status, 404);
    }
    let said = county.post(&format!("{}/answer", taken.location), &STANDS).await;
    assert_eq!(said.location, "/county/objections?answered=true", "{}", said.text);
    let path = format!("/child/{}/objections/{id}/escalate", school.map.li);
    let over = parent.post(&path, &[("text", "再看一次")]).await;
    assert!(over.status == 422 && over.text.contains("过了请求复核的时间"), "{}", over.text);
    assert!(county.get("/county/objections").await.text.contains("现在没有等复核的异议"));
    // Nothing holds the term any more.
    assert_eq!(school.count(&format!("case_view WHERE ended_at IS NULL AND term = {}", TERM.replace('-', ""))), 0);
}

#[actix_web::test]
async fn who_wrote_it_or_answered_it_before_does_not_take_it_up() {
    let school = School::open();
    noticed(&school).await;
    let class = school.map.class;
    // lin, who gave the band, and office1, who answered, sit in the committee too.
    for login in ["lin", "office1"] {
        let account = crate::portfolio::account(&school, login).await;
        let desk = school.operator().school_office("3121042101").await.unwrap();
        let (who, term) = (Appointment::Known(account), crate::support::term());
        let position = Position::Several { role: qinghe::names::Role::Committee, classes: vec![class], term };
        desk.act(move |_| Ok(AppointStaff { who, position })).await.unwrap();
    }
    let parent = school.sign_in("li-parent").await;
    let id = before_committee(&school, &parent).await;
    for login in ["lin", "office1"] {
        let person = school.sign_in(login).await;
        let taken = person.post(&format!("/committee/objections/{id}/take"), &[]).await;
        assert!(taken.status == 409 && taken.text.contains("不能由您来复核"), "{login}: {}", taken.text);
    }
    for login in ["wu", "fang", "office2", "principal1"] {
        let person = school.sign_in(login).await;
        assert_eq!(person.post(&format!("/committee/objections/{id}/take"), &[]).await.status, 404, "{login}");
    }
    // ping has a case of that term already, for another reason: it is ended first.
    let ping = school.sign_in("ping").await;
    let two = ping.post(&format!("/committee/objections/{id}/take"), &[]).await;
    assert!(two.status == 409 && two.text.contains("已经有这个学生这一学期的个案"), "{}", two.text);
    let unserved = ping.get(&format!("/case/{}/objections/{id}", school.map.case)).await;
    assert_eq!(unserved.status, 404, "a case for something else shows no objection");
}

#[actix_web::test]
async fn a_withdrawn_one_closes_the_case_and_a_late_committee_is_passed_over() {
    let school = School::open();
    noticed(&school).await;
    without_other_case(&school).await;
    let (parent, ping) = (school.sign_in("li-parent").await, school.sign_in("ping").await);
    let id = before_committee(&school, &parent).await;
    let taken = ping.post(&format!("/committee/objections/{id}/take"), &[]).await;
    let mine = format!("/child/{}/objections/{id}", school.map.li);
    let waits = parent.post(&format!("{mine}/escalate"), &[("text", "请县里看看")]).await;
    assert!(waits.status == 422 && waits.text.contains("还没有到答复的期限"), "{}", waits.text);
    // Five working days, and nobody answered.
    school.clock.set(today() + Duration::days(9));
    let parent = school.sign_in_now("li-parent").await;
    assert!(parent.get(&mine).await.text.contains("还没有答复"));
    further(&school, &parent, &id).await;
    let ping = school.sign_in_now("ping").await;
    assert_eq!(ping.get(&taken.location).await.status, 404);
    let county = school.sign_in_now("county").await;
    let taken = county.post(&format!("/county/objections/{id}/take"), &[]).await;
    assert_eq!(county.get(&taken.location).await.status, 200);
    assert_eq!(parent.post(&format!("{mine}/withdraw"), &[]).await.status, 303);
    assert_eq!(county.get(&taken.location).await.status, 404, "withdrawn, there is nothing to look at");
    let gone = county.post(&format!("/county/objections/{id}/take"), &[]).await;
    assert_eq!(gone.status, 404, "{}", gone.text);
}

#[actix_web::test]
async fn who_teaches_the_class_objects_to_a_fact_and_to_nothing_else() {
    let school = School::open();
    let [harvest, _] = noticed(&school).await;
    let fang = school.sign_in("fang").await;
    let (activity, of) = (harvest.to_string(), school.map.guan.to_string());
    let path = format!("/subject/{}/objection", school.map.class);
    let page = fang.get(&format!("/subject/{}/notice", school.map.class)).await.text;
    assert!(page.contains(&format!("{path}?activity={activity}")), "{page}");
    let form = [("activity", activity.as_str()), ("of", of.as_str()), ("text", "那天她在我的课上。")];
    let id = last_part(&fang.post(&path, &form).await);
    let mine = fang.get(&format!("/subject/{}/objections/{id}", school.map.class)).await.text;
    assert!(mine.contains("那天她在我的课上。") && mine.contains("在 "), "{mine}");
    let empty = fang.post(&path, &[form[0], form[1], ("text", " ")]).await;
    assert!(empty.status == 422 && empty.text.contains("还没有写哪里不对"), "{}", empty.text);
    // A band is not hers to object to, nor another class's fact.
    let band = [("domain", "moral"), ("of", of.as_str()), ("text", "不对")];
    assert_eq!(fang.post(&path, &band).await.status, 404);
    let zhao = school.map.zhao.to_string();
    assert_eq!(fang.post(&path, &[form[0], ("of", zhao.as_str()), ("text", "不对")]).await.status, 404);
    for login in ["peng", "office1"] {
        let person = school.sign_in(login).await;
        assert_eq!(person.get(&format!("/subject/{}/objections/{id}", school.map.class)).await.status, 404, "{login}");
    }
    assert_eq!(fang.post(&format!("/subject/{}/objections/{id}/withdraw", school.map.class), &[]).await.status, 303);
}
