//! Objections: by whom it concerns, on one item, answered in writing by somebody who
//! did not write it.
use crate::notice::noticed;
use crate::support::{Answer, Person, School, TERM, today};
use chrono::Duration;

fn objection_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.location.rsplit('/').next().unwrap().to_owned()
}

/// li's father objects to the band in 德.
async fn on_a_band(school: &School, parent: &Person<'_>) -> String {
    let path = format!("/child/{}/objection", school.map.li);
    objection_of(&parent.post(&path, &[("domain", "moral"), ("text", "孩子每周三去敬老院读报，老师不知道。")]).await)
}

#[actix_web::test]
async fn a_band_is_objected_to_and_changed_by_somebody_else() {
    let school = School::open();
    noticed(&school).await;
    let (parent, office) = (school.sign_in("li-parent").await, school.sign_in("office1").await);
    let id = on_a_band(&school, &parent).await;
    let twice =
        parent.post(&format!("/child/{}/objection", school.map.li), &[("domain", "moral"), ("text", "再提一次")]).await;
    assert!(
        twice.status == 422 && twice.text.contains("已经对这一条提过") && twice.text.contains("再提一次"),
        "{}",
        twice.text
    );
    let list = office.get("/office/objections").await.text;
    assert!(list.contains("品德发展的等级") && list.contains("去答复"), "{list}");
    let page = office.get(&format!("/office/objections/{id}")).await.text;
    assert!(page.contains("现在是“良好”"), "{page}");
    let path = format!("/office/objections/{id}/answer");
    for (form, why) in [
        (vec![("text", "查过了")], "还没有选怎么定"),
        (vec![("verdict", "stands"), ("text", " ")], "请写清楚"),
        (vec![("verdict", "change"), ("text", "查过了")], "定一个等级"),
        (vec![("verdict", "change"), ("band", "excellent"), ("text", "查过了")], "写一句事实"),
        (vec![("verdict", "change"), ("band", "good"), ("text", "查过了")], "和原来的等级一样"),
        (vec![("verdict", "withdraw"), ("text", "查过了")], "还没有选怎么定"),
    ] {
        let refused = office.post(&path, &form).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{why}: {}", refused.text);
    }
    let answered = [
        ("verdict", "change"),
        ("band", "excellent"),
        ("ground", "每周三到敬老院读报"),
        ("text", "问过敬老院，属实。"),
    ];
    assert_eq!(office.post(&path, &answered).await.status, 303);
    let again = office.post(&path, &answered).await;
    assert!(again.status == 409 && again.text.contains("已经答复"), "{}", again.text);
    let child = parent.get(&format!("/child/{}", school.map.li)).await.text;
    assert!(child.contains("<b>优秀</b>"), "{child}");
    let thread = parent.get(&format!("/child/{}/objections/{id}", school.map.li)).await.text;
    assert!(thread.contains("问过敬老院，属实。") && thread.contains("异议成立"), "{thread}");
}

#[actix_web::test]
async fn a_fact_is_changed_as_an_act_and_noticed_again() {
    let school = School::open();
    let [harvest, _] = noticed(&school).await;
    let parent = school.sign_in("li-parent").await;
    let path = format!("/child/{}/objection", school.map.li);
    let form = [("activity", harvest.to_string()), ("text", "他还管浇水，做了六周。".to_owned())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let id = objection_of(&parent.post(&path, &form).await);
    let office = school.sign_in("office1").await;
    let answer = [
        ("verdict", "change"),
        ("title", "校园菜地种植"),
        ("on", "2026-11-06"),
        ("until", "2026-12-18"),
        ("part", "organiser"),
        ("text", "和班主任、小组同学核实过。"),
    ];
    let said = office.post(&format!("/office/objections/{id}/answer"), &answer).await;
    assert_eq!(said.status, 303, "{}", said.text);
    let page = school.sign_in("chen-parent").await.get(&format!("/child/{}/notice", school.map.chen)).await.text;
    assert!(page.contains("二次公示") && page.contains("<del>菜地收青菜 · 12 月 18 日 · 主持策划</del>"), "{page}");
    assert!(page.contains("<ins>校园菜地种植 · 11 月 6 日—12 月 18 日 · 主持策划</ins>"), "{page}");
    // It stays frozen for everybody else.
    let said = crate::support::raw(&school.address);
    drop(said);
}

#[actix_web::test]
async fn a_form_tells_no_record_that_no_notice_has_shown() {
    let school = School::open();
    let (li, chen) = (school.map.li, school.map.chen);
    let draft = [("act", "draft"), ("title", "只写给自己看的")];
    let pupil = school.sign_in("li-pupil").await;
    let kept = crate::record::hand_in(&pupil, li, &draft).await;
    assert_eq!(kept.status, 303, "{}", kept.text);
    let [harvest, visit] = noticed(&school).await;
    let written: Vec<String> = {
        use diesel::prelude::*;
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            id: String,
        }
        let sql = match school.raw() {
            qinghe::platform::db::Conn::Sqlite(_) => {
                "SELECT lower(hex(activity_id)) AS id FROM record WHERE state = 'draft'"
            }
            qinghe::platform::db::Conn::Postgres(_) => {
                "SELECT CAST(activity_id AS TEXT) AS id FROM record WHERE state = 'draft'"
            }
        };
        let rows: Vec<Row> = diesel::sql_query(sql).load(&mut school.raw()).unwrap();
        rows.into_iter().map(|row| row.id.replace('-', "")).collect()
    };
    let secret = written[0].clone();
    let doors = [
        ("chen-parent", format!("/child/{chen}")),
        ("lin", format!("/class/{}", school.map.class)),
        ("fang", format!("/subject/{}", school.map.class)),
    ];
    for (login, base) in doors {
        let person = school.sign_in(login).await;
        let shown = person.get(&format!("{base}/objection?activity={harvest}&of={li}")).await;
        assert!(shown.status == 200 && shown.text.contains("菜地收青菜"), "{login}: {}", shown.text);
        for (activity, of) in [(secret.clone(), li), (visit.to_string(), li)] {
            let hidden = person.get(&format!("{base}/objection?activity={activity}&of={of}")).await;
            assert_eq!(hidden.status, 404, "{login}: {}", hidden.text);
            let form = [("activity", activity.as_str()), ("of", &of.to_string()), ("text", "")];
            let sent = person.post(&format!("{base}/objection"), &form).await;
            assert!(
                sent.status == 404 && !sent.text.contains("只写给自己看的"),
                "{login}: {} {}",
                sent.status,
                sent.text
            );
        }
    }
}

#[actix_web::test]
async fn its_author_never_answers_it_nor_a_stranger() {
    let school = School::open();
    noticed(&school).await;
    // lin, who signed the bands, sits in the office too.
    let account = crate::portfolio::account(&school, "lin").await;
    let desk = school.operator().school_office("3121042101").await.unwrap();
    let who = qinghe::roster::Appointment::Known(account);
    desk.act(move |_| Ok(qinghe::roster::AppointStaff { who, position: qinghe::roster::Position::Office }))
        .await
        .unwrap();
    let parent = school.sign_in("li-parent").await;
    let id = on_a_band(&school, &parent).await;
    let lin = school.sign_in_now("lin").await;
    let form = [("verdict", "stands"), ("text", "我觉得没错。")];
    let own = lin.post(&format!("/office/objections/{id}/answer"), &form).await;
    assert!(own.status == 409 && own.text.contains("不能由您来答复"), "{}", own.text);
    let office = school.sign_in("office1").await;
    let account = account.to_string();
    let to_author = office.post(&format!("/office/objections/{id}/assign"), &[("handler", account.as_str())]).await;
    assert!(to_author.status == 422 && to_author.text.contains("不能交给写这一条的人"), "{}", to_author.text);
    let principal = crate::portfolio::account(&school, "principal1").await.to_string();
    assert_eq!(
        office.post(&format!("/office/objections/{id}/assign"), &[("handler", principal.as_str())]).await.status,
        303
    );
    let not_mine = office.post(&format!("/office/objections/{id}/answer"), &form).await;
    assert!(not_mine.status == 409 && not_mine.text.contains("交给了赵启明"), "{}", not_mine.text);
    for login in ["chen-parent", "office2", "wu", "county"] {
        let person = school.sign_in(login).await;
        assert_eq!(person.post(&format!("/office/objections/{id}/answer"), &form).await.status, 404, "{login}");
        assert_eq!(person.get(&format!("/child/{}/objections/{id}", school.map.chen)).await.status, 404, "{login}");
    }
    let answered = school.sign_in("principal1").await.post(&format!("/principal/objections/{id}/answer"), &form).await;
    assert_eq!(answered.status, 303, "{}", answered.text);
}

#[actix_web::test]
async fn it_is_taken_further_within_five_days_and_no_further_than_the_county() {
    let school = School::open();
    noticed(&school).await;
    let parent = school.sign_in("li-parent").await;
    let id = on_a_band(&school, &parent).await;
    let mine = format!("/child/{}/objections/{id}", school.map.li);
    let early = parent.post(&format!("{mine}/escalate"), &[("text", "请委员会看看")]).await;
    assert!(early.status == 422 && early.text.contains("还没有到答复的期限"), "{}", early.text);
    let stands = [("verdict", "stands"), ("text", "依据不足，维持不变。")];
    assert_eq!(
        school.sign_in("office1").await.post(&format!("/office/objections/{id}/answer"), &stands).await.status,
        303
    );
    let mute = parent.post(&format!("{mine}/escalate"), &[("text", "")]).await;
    assert!(mute.status == 422 && mute.text.contains("为什么要复核"), "{}", mute.text);
    assert_eq!(parent.post(&format!("{mine}/escalate"), &[("text", "请委员会看看")]).await.status, 303);
    let seen = parent.get(&mine).await.text;
    assert!(seen.contains("请学校评价委员会复核"), "{seen}");
    // The office no longer answers it.
    let late = school.sign_in("office1").await.post(&format!("/office/objections/{id}/answer"), &stands).await;
    assert_eq!(late.status, 404, "{}", late.text);
    assert_eq!(parent.post(&format!("{mine}/withdraw"), &[]).await.status, 303);
    let over = parent.post(&format!("{mine}/withdraw"), &[]).await;
    assert!(over.status == 422 && over.text.contains("已经结束"), "{}", over.text);
}

#[actix_web::test]
async fn after_the_deadline_and_before_the_signature_nobody_objects() {
    let school = School::open();
    let parent = school.sign_in("li-parent").await;
    let path = format!("/child/{}/objection", school.map.li);
    let early = parent.post(&path, &[("domain", "moral"), ("text", "不对")]).await;
    assert!(early.status == 422 && early.text.contains("还没有签字"), "{}", early.text);
    let [harvest, visit] = noticed(&school).await;
    let empty = parent.post(&path, &[("domain", "moral"), ("text", "")]).await;
    assert!(empty.status == 422 && empty.text.contains("还没有写哪里不对"), "{}", empty.text);
    // A fact li was not in, and one that does not exist.
    let visit = visit.to_string();
    assert_eq!(parent.post(&path, &[("activity", visit.as_str()), ("text", "不对")]).await.status, 404);
    // Another child's band.
    let of = school.map.chen.to_string();
    assert_eq!(parent.post(&path, &[("domain", "moral"), ("of", of.as_str()), ("text", "不对")]).await.status, 404);
    school.clock.set(today() + Duration::days(7));
    let parent = school.sign_in_now("li-parent").await;
    let harvest = harvest.to_string();
    for item in [("domain", "moral"), ("activity", harvest.as_str())] {
        let late = parent.post(&path, &[item, ("text", "不对，改一下")]).await;
        assert!(
            late.status == 422 && late.text.contains("已经结束") && late.text.contains("不对，改一下"),
            "{}",
            late.text
        );
    }
}

#[actix_web::test]
async fn a_teacher_objects_to_a_fact_and_another_parent_sees_no_name() {
    let school = School::open();
    let [harvest, _] = noticed(&school).await;
    let lin = school.sign_in("lin").await;
    let (activity, of) = (harvest.to_string(), school.map.guan.to_string());
    let path = format!("/class/{}/objection", school.map.class);
    let form = [("activity", activity.as_str()), ("of", of.as_str()), ("text", "关雪晴那天请假了。")];
    let id = objection_of(&lin.post(&path, &form).await);
    let office = school.sign_in("office1").await;
    let gone = [("verdict", "withdraw"), ("text", "请假条在，那天没来。")];
    assert_eq!(office.post(&format!("/office/objections/{id}/answer"), &gone).await.status, 303);
    let page = school.sign_in("chen-parent").await.get(&format!("/child/{}/notice", school.map.chen)).await.text;
    assert!(page.contains("这一条不再列这位同学") && !page.contains("林静提出"), "{page}");
    let text = &page[page.rfind("菜地收青菜").unwrap()..];
    assert!(!text.contains("关雪晴"), "{text}");
    assert_eq!(school.sign_in("wu").await.post(&path, &form).await.status, 404);
    let _ = TERM;
}
