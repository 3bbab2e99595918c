//! 遴选: a pupil chooses what represents them.
use crate::evaluation::{fill, sign};
use crate::record::hand_in;
use crate::scheme::send_with;
use crate::support::{LAST_TERM, Person, School, TERM};

/// A record of li that the teacher has confirmed; its activity.
async fn confirmed(school: &School, title: &str, day: &str) -> String {
    let li = school.sign_in("li-pupil").await;
    let id = waiting(school, &li, title, day).await;
    confirm(school, &id);
    id
}

async fn waiting(school: &School, li: &Person<'_>, title: &str, day: &str) -> String {
    let id = qinghe::names::ActivityId::new().to_string();
    let sent = hand_in(li, school.map.li, &[("id", &id), ("title", title), ("on", day)]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    id
}

/// As the homeroom teacher confirms it, in the school's own table.
fn confirm(school: &School, id: &str) {
    use diesel::prelude::*;
    let activity = match school.raw() {
        qinghe::platform::db::Conn::Sqlite(_) => format!("x'{}'", id.replace('-', "")),
        qinghe::platform::db::Conn::Postgres(_) => format!("'{id}'"),
    };
    let sql = format!(
        "INSERT INTO record (school_id, term, student_id, activity_id, revision, part, state, note, account_id, role, at) \
        SELECT school_id, term, student_id, activity_id, revision + 1, part, 'confirmed', NULL, account_id, 'homeroom', at \
        FROM record WHERE activity_id = {activity}"
    );
    let mut conn = school.raw();
    assert_eq!(qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap(), 1);
}

fn page(school: &School) -> String {
    format!("/child/{}/selection", school.map.li)
}

pub async fn choose(
    school: &School,
    li: &Person<'_>,
    picks: &[(&str, &str)],
    signed: &str,
    go: &str,
) -> crate::support::Answer {
    let mut form = vec![("term".to_owned(), TERM), ("signed".to_owned(), signed), ("go".to_owned(), go)];
    for (id, why) in picks {
        form.push((format!("pick_{id}"), "1"));
        form.push((format!("why_{id}"), *why));
    }
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    li.post(&page(school), &form).await
}

#[actix_web::test]
async fn a_pupil_chooses_says_why_and_confirms_and_the_teacher_helps() {
    let school = School::open();
    let (li, lin, parent) =
        (school.sign_in("li-pupil").await, school.sign_in("lin").await, school.sign_in("li-parent").await);
    let id = confirmed(&school, "到镇敬老院包饺子", "2026-12-26").await;
    let class = format!("/class/{}/selection", school.map.class);
    assert_eq!(choose(&school, &li, &[(&id, "")], "", "draft").await.status, 303);
    assert!(!lin.get(&class).await.text.contains("敬老院"), "a draft is the pupil's own");
    assert_eq!(choose(&school, &li, &[(&id, "第一次没有人带着去")], "李沐阳", "confirm").await.status, 303);
    let seen = lin.get(&class).await.text;
    assert!(
        seen.contains("到镇敬老院包饺子") && seen.contains("第一次没有人带着去") && seen.contains("1 / 3 人确认"),
        "{seen}"
    );
    assert!(parent.get(&page(&school)).await.text.contains("第一次没有人带着去"));
    let closed = choose(&school, &li, &[], "李沐阳", "confirm").await;
    assert!(closed.status == 409 && closed.text.contains("请班主任重新打开"), "{}", closed.text);

    let open = format!("{class}/{}/open", school.map.li);
    let field = format!("word_{}", school.map.li);
    let silent = lin.post(&open, &[(&field, " ")]).await;
    assert!(silent.status == 422 && silent.text.contains("请写一句话告诉学生"), "{}", silent.text);
    assert_eq!(lin.post(&open, &[(&field, "劳动那一件也很像你，想想看")]).await.status, 303);
    let again = li.get(&page(&school)).await.text;
    assert!(again.contains("劳动那一件也很像你") && again.contains("第一次没有人带着去"), "{again}");
    let twice = lin.post(&open, &[(&field, "再看看")]).await;
    assert!(twice.status == 409 && twice.text.contains("还没有确认"), "{}", twice.text);
    // Nothing at all may be chosen, too.
    assert_eq!(choose(&school, &li, &[], "李沐阳", "confirm").await.status, 303);
    assert!(lin.get(&class).await.text.contains("没有特别要选的"));
}

#[actix_web::test]
async fn what_cannot_be_chosen_is_refused_and_keeps_what_was_typed() {
    let school = School::open();
    let (li, parent, wu) =
        (school.sign_in("li-pupil").await, school.sign_in("li-parent").await, school.sign_in("wu").await);
    let one = confirmed(&school, "第一件", "2026-12-24").await;
    let two = confirmed(&school, "第二件", "2026-12-25").await;
    let three = confirmed(&school, "第三件", "2026-12-26").await;
    let four = waiting(&school, &li, "还没核实的", "2026-12-27").await;
    let many = choose(&school, &li, &[(&one, "甲的理由"), (&two, "乙"), (&three, "丙")], "李沐阳", "confirm").await;
    assert!(many.status == 422 && many.text.contains("最多选 2 件") && many.text.contains("甲的理由"), "{}", many.text);
    let early = choose(&school, &li, &[(&four, "等不及")], "李沐阳", "confirm").await;
    assert!(early.status == 422 && early.text.contains("老师还没有核实"), "{}", early.text);
    let silent = choose(&school, &li, &[(&one, "")], "李沐阳", "confirm").await;
    assert!(silent.status == 422 && silent.text.contains("还没有写为什么选它"), "{}", silent.text);
    let long = "长".repeat(61);
    let long = choose(&school, &li, &[(&one, &long)], "李沐阳", "confirm").await;
    assert!(long.status == 422 && long.text.contains("最多 60 个字"), "{}", long.text);
    let other = choose(&school, &li, &[(&one, "好")], "李沐", "confirm").await;
    assert!(
        other.status == 422 && other.text.contains("和你的姓名不一样") && other.text.contains("value=\"李沐\""),
        "{}",
        other.text
    );
    let stranger = qinghe::names::ActivityId::new().to_string();
    assert_eq!(choose(&school, &li, &[(&stranger, "不是我的")], "李沐阳", "confirm").await.status, 404);
    assert_eq!(choose(&school, &parent, &[(&one, "家长代选")], "李沐阳", "confirm").await.status, 404);
    let late = li.post(&page(&school), &[("term", LAST_TERM), ("signed", "李沐阳")]).await;
    assert!(late.status == 409 && late.text.contains("别的学期"), "{}", late.text);
    let open = format!("/class/{}/selection/{}/open", school.map.other_class, school.map.li);
    let field = format!("word_{}", school.map.li);
    assert_eq!(wu.post(&open, &[(&field, "不是我班的")]).await.status, 404);
    assert_eq!(school.count("selection"), 0, "nothing was kept");
}

#[actix_web::test]
async fn a_selection_keeps_to_its_window_and_to_the_signature() {
    let school = School::open();
    let (li, lin, county) =
        (school.sign_in("li-pupil").await, school.sign_in("lin").await, school.sign_in("county").await);
    let windows = "/county/windows";
    send_with(&county, windows, windows, &[("closes_selection", "2026-12-31")]).await;
    let late = choose(&school, &li, &[], "李沐阳", "confirm").await;
    assert!(late.status == 409 && late.text.contains("遴选已经在 12 月 31 日截止"), "{}", late.text);
    send_with(&county, windows, windows, &[("closes_selection", "")]).await;
    assert_eq!(choose(&school, &li, &[], "李沐阳", "confirm").await.status, 303);
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let open = format!("/class/{}/selection/{}/open", school.map.class, school.map.li);
    let signed = lin.post(&open, &[(&format!("word_{}", school.map.li), "再看看")]).await;
    assert!(signed.status == 409 && signed.text.contains("已经签字"), "{}", signed.text);
    use diesel::prelude::*;
    let mut conn = school.raw();
    let sql = "UPDATE selection SET state = 'draft'";
    let said = qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string();
    assert!(said.contains("append-only"), "{said}");
}

#[actix_web::test]
async fn what_was_confirmed_is_sealed_with_its_sentence_and_what_was_not_is_missing_before_the_notice() {
    let school = School::open();
    let (li, lin, office) =
        (school.sign_in("li-pupil").await, school.sign_in("lin").await, school.sign_in("office1").await);
    let id = confirmed(&school, "到镇敬老院包饺子", "2026-12-26").await;
    waiting(&school, &li, "帮邻居扫雪", "2026-12-27").await;
    let path = format!("/office/notice/{}", school.map.class);
    let before = office.get(&path).await.text;
    assert!(
        before.contains("没有确认遴选")
            && before.contains("没有确认五育自评")
            && before.contains("“帮邻居扫雪”还没有核实"),
        "{before}"
    );
    assert_eq!(choose(&school, &li, &[(&id, "第一次没有人带着去")], "李沐阳", "confirm").await.status, 303);
    let after = office.get(&path).await.text;
    assert!(!after.contains("没有确认遴选") && after.contains("没有确认五育自评"), "{after}");
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let silent = office.post(&path, &[("term", TERM)]).await;
    assert!(silent.status == 422 && silent.text.contains("还有 3 人缺材料"), "{}", silent.text);
    crate::portfolio::seal_term(&school, TERM.parse().unwrap()).await.unwrap();
    let files = crate::portfolio::sealed_files::<qinghe::portfolio::file::TermFile>(&school, "term").await;
    let of = |student| files.iter().find(|(file, ..)| file.student.id == student).unwrap();
    let chosen: Vec<_> = of(school.map.li).0.selected.values().flatten().collect();
    assert_eq!(chosen.len(), 1);
    assert_eq!((chosen[0].title.as_str(), chosen[0].why.as_str()), ("到镇敬老院包饺子", "第一次没有人带着去"));
    // A file without a selection is written as files were before there was one.
    let text = String::from_utf8(of(school.map.chen).1.clone()).unwrap();
    assert!(!text.contains("selected"), "{text}");
}
