//! Posts in several classes, and cases: who sees a child beyond the list of those who do.
use crate::roster::sheet;
use crate::support::{School, TERM};
use diesel::prelude::*;
use qinghe::on;

#[actix_web::test]
async fn each_sits_at_one_desk_and_enters_only_the_classes_of_the_post() {
    let school = School::open();
    let map = &school.map;
    let (tuan, yi) = (school.sign_in("tuan").await, school.sign_in("yi").await);
    let desk = tuan.get("/organiser").await.text;
    assert!(desk.contains("八年级(1)班") && desk.contains("八年级(2)班"), "{desk}");
    let list = tuan.get(&format!("/organiser/{}/list", map.other_class)).await;
    assert!(list.status == 200 && list.text.contains("赵清如"), "{}", list.text);
    assert!(!list.text.contains("data-v=") && !list.text.contains("优秀"), "no bands here");
    for address in [format!("/organiser/{}/list", map.far_class), format!("/class/{}/grid", map.class)] {
        assert_eq!(tuan.get(&address).await.status, 404, "{address}");
    }
    // That the doctor has one class of the two, and no other's eyes.
    assert!(yi.get("/health").await.text.contains("八年级(1)班"));
    assert!(!yi.get("/health").await.text.contains("八年级(2)班"));
    for class in [map.other_class, map.far_class] {
        assert_eq!(yi.get(&format!("/health/{class}/vision")).await.status, 404);
        assert_eq!(yi.post(&format!("/health/{class}/{TERM}/vision"), &[]).await.status, 404);
    }
    // Who looked at a class from such a desk is told the family as of anyone else.
    let told = school.sign_in("li-parent").await.get(&format!("/child/{}/data", map.li)).await.text;
    assert!(!told.contains("团小禾"), "the class of li was not opened: {told}");
    tuan.get(&format!("/organiser/{}/list", map.class)).await;
    let told = school.sign_in("li-parent").await.get(&format!("/child/{}/data", map.li)).await.text;
    assert!(told.contains("活动组织 团小禾"), "{told}");
}

#[actix_web::test]
async fn the_doctor_writes_eyes_down_and_the_family_sees_them() {
    let school = School::open();
    let (yi, li) = (school.sign_in("yi").await, school.map.li);
    let desk = format!("/health/{}", school.map.class);
    let (left, right) = (format!("left_{li}"), format!("right_{li}"));
    let wrong = yi.post(&format!("{desk}/{TERM}/vision"), &[(&left, "好"), (&right, "5.0")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("李沐阳的左眼“好”认不出"), "{}", wrong.text);
    let saved = yi.post(&format!("{desk}/{TERM}/vision"), &[(&left, "4.8"), (&right, "5.0")]).await;
    assert_eq!(saved.location, format!("{desk}/vision?saved=1"));
    let file = sheet(&["姓名", "左眼", "右眼"], &[vec!["关雪晴", "4.6", "4.7"]]);
    let filled = yi.upload(&format!("{desk}/vision"), "视力.xlsx", &file, &[]).await;
    assert!(filled.text.contains("还没有存") && filled.text.contains(r#"value="4.6""#), "{}", filled.text);
    let child = school.sign_in("li-parent").await.get(&format!("/child/{li}/learning")).await.text;
    assert!(child.contains("4.8"), "{child}");
    assert!(yi.get("/health").await.text.contains("1 人"));
}

#[actix_web::test]
async fn posts_are_given_for_some_classes_or_the_whole_school_and_go_on_with_new_classes() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let one = format!("class_{}", school.map.class);
    let of_far = format!("class_{}", school.map.far_class);
    for (form, words) in [
        (vec![("many_login", "wu"), ("many_role", "homeroom"), ("whole", "1")], "请选做什么"),
        (vec![("many_login", "wu"), ("many_role", "organiser")], "请选全校，或者选至少一个班"),
        (vec![("many_login", "wu"), ("many_role", "organiser"), (&of_far, "1")], "请选全校，或者选至少一个班"),
        (vec![("many_login", "neu"), ("many_role", "health"), (&one, "1")], "新账号要写姓名"),
        (vec![("many_login", "tuan"), ("many_role", "organiser"), (&one, "1")], "都已经有这项任职"),
    ] {
        let answer = office.post("/office/staff/several", &form).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{form:?}: {}", answer.text);
    }
    let given =
        office.post("/office/staff/several", &[("many_login", "wu"), ("many_role", "health"), (&one, "1")]).await;
    assert!(given.status == 200 && given.text.contains("八年级(1)班 校医"), "{}", given.text);
    assert!(school.sign_in("wu").await.get("/health").await.text.contains("八年级(1)班"));
    let whole = [("many_login", "neu"), ("many_name", "新来"), ("many_role", "organiser"), ("whole", "1")];
    let given = office.post("/office/staff/several", &whole).await;
    assert!(given.text.contains("新来 的登录链接"), "{}", given.text);
    assert_eq!(school.count("post JOIN account ON account.id = post.account_id WHERE login = 'neu'"), 2);

    let rows = vec![
        vec!["zhen", "郑真", "八年级(1)班、八年级(2)班", "综评委员", ""],
        vec!["zhen", "", "全校", "德育处", ""],
        vec!["yi", "", "八年级(9)班", "校医", ""],
        vec!["yi", "", "八年级(1)班", "校医", ""],
    ];
    let file = sheet(&["账号", "姓名", "班级", "职务", "学科"], &rows);
    let tried = office.upload("/office/staff/import", "教师.xlsx", &file, &[]).await;
    assert!(tried.text.contains("可以收 2 行，没变化 1 行，要改 1 行"), "{}", tried.text);
    let accepted = tried.hidden("rows").unwrap().replace("&quot;", "\"");
    let taken = office.post("/office/staff/take", &[("rows", &accepted)]).await;
    assert!(taken.text.contains("新账号 1 个"), "{}", taken.text);
    assert_eq!(school.count("post JOIN account ON account.id = post.account_id WHERE login = 'zhen'"), 4);

    // The next school year: who had all classes has the new one too, who had one has that one.
    school.clock.set("2027-03-02T09:00:00".parse().unwrap());
    let office = school.sign_in_now("office1").await;
    office.post("/office/opening", &[("term", "2026-2"), ("new_classes", "0")]).await;
    school.clock.set("2027-09-02T09:00:00".parse().unwrap());
    let office = school.sign_in_now("office1").await;
    let plan = office.get("/office/opening").await;
    assert!(plan.text.contains("活动组织 团小禾"), "{}", plan.text);
    let opened = office.post("/office/opening", &[("term", "2027-1"), ("new_classes", "1")]).await;
    assert_eq!(opened.status, 303, "{}", opened.text);
    let of = |login: &str| {
        school.count(&format!(
            "post JOIN account ON account.id = post.account_id WHERE login = '{login}' AND term = 20271"
        ))
    };
    assert_eq!((of("tuan"), of("yi")), (3, 1));
}

#[actix_web::test]
async fn a_named_person_sees_one_signed_term_and_principal_and_family_see_who_and_why() {
    let school = School::open();
    let map = &school.map;
    let (ping, lin) = (school.sign_in("ping").await, school.sign_in("lin").await);
    let case = format!("/case/{}", map.case);
    assert!(ping.get(&case).await.text.contains("班主任还没有签字"), "what the family does not see yet is not shown");
    crate::evaluation::fill(&school, &lin).await;
    assert!(!ping.get(&case).await.text.contains("做事有头有尾。"));
    crate::evaluation::sign(&school, &lin).await;
    let seen = ping.get(&case).await.text;
    for said in ["李沐阳", "做事有头有尾。", "县里抽查", "良好"] {
        assert!(seen.contains(said), "{said}: {seen}");
    }
    for (login, address) in
        [("li-parent", format!("/child/{}/data", map.li)), ("principal1", "/principal/cases".to_owned())]
    {
        let told = school.sign_in(login).await.get(&address).await.text;
        assert!(told.contains("平正") && told.contains("县里抽查"), "{login}: {told}");
    }
    for login in ["wu", "county", "office1", "principal1", "lin2", "li-parent"] {
        assert_eq!(school.sign_in(login).await.get(&case).await.status, 404, "{login}");
    }
    assert_eq!(school.sign_in("office2").await.post(&format!("/office/cases/{}/end", map.case), &[]).await.status, 404);
    let principal = school.sign_in("principal1").await;
    assert_eq!(principal.post(&format!("/principal/cases/{}/end", map.case), &[]).await.status, 303);
    assert_eq!(ping.get(&case).await.status, 404, "ended");
    assert!(principal.post(&format!("/principal/cases/{}/end", map.case), &[]).await.text.contains("已经结束了"));
    assert_eq!(school.count("journal WHERE verb IN ('case_opened', 'case_ended')"), 2);
    for change in
        ["UPDATE case_view SET reason = '别的'", "UPDATE case_view SET ended_at = NULL", "DELETE FROM case_view"]
    {
        let conn = &mut school.raw();
        assert!(on!(conn, c => diesel::sql_query(change).execute(c)).is_err(), "{change}");
    }
}

#[actix_web::test]
async fn the_county_sees_a_child_through_a_case_alone_and_only_until_its_day() {
    let school = School::open();
    let (office, map) = (school.sign_in("office1").await, &school.map);
    let class = map.class.to_string();
    let form = [
        ("class", &*class),
        ("name", "陈𠮷䶮"),
        ("term", TERM),
        ("login", "county"),
        ("reason", "抽样复核"),
        ("until", "2027-01-08"),
    ];
    let before = school.count("case_view") + school.count("journal");
    for (field, value, words) in [
        ("class", "", "请选一个班"),
        ("name", "陈某", "没有叫“陈某”的"),
        ("seat", "9", "没有叫“陈𠮷䶮”的"),
        ("seat", "甲", "班内学号应是数字"),
        ("login", "li-parent", "只能给本校教职工或者县教育局"),
        ("login", "lin2", "只能给本校教职工或者县教育局"),
        ("login", "audit", "只能给本校教职工或者县教育局"),
        ("login", "keiner", "没有账号"),
        ("reason", "看", "为什么要看"),
        ("until", "2027-03-01", "31 天以内"),
        ("until", "2026-12-31", "31 天以内"),
        ("until", "下周", "2027-01-11 这样"),
        ("term", "", "请选一个学期"),
    ] {
        let mut typed: Vec<(&str, &str)> = form.iter().copied().filter(|(name, _)| *name != field).collect();
        typed.push((field, value));
        let answer = office.post("/office/cases", &typed).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{field}={value}: {}", answer.text);
        assert!(field == "reason" || answer.text.contains("抽样复核"), "what was typed is kept");
    }
    let far = school.sign_in("office2").await.post("/office/cases", &form).await;
    assert!(far.status == 422, "a class of another school holds nobody of that name");
    assert_eq!(school.count("case_view") + school.count("journal"), before);

    let opened = office.post("/office/cases", &form).await;
    assert_eq!(opened.location, "/office/cases", "{}", opened.text);
    assert!(office.post("/office/cases", &form).await.text.contains("还没到期，不用再开"));
    let county = school.sign_in_now("county").await;
    let desks = county.get("/desks").await.text;
    let at = desks.find("/case/").unwrap();
    let case = desks[at..at + 38].to_owned();
    let seen = county.get(&case).await;
    assert!(seen.status == 200 && seen.text.contains("陈𠮷䶮"), "{}", seen.text);
    assert_eq!(county.get("/case").await.status, 404, "the county writes itself no reason");
    assert_eq!(county.get(&format!("/child/{}", map.chen)).await.status, 404);
    school.clock.set("2027-01-09T00:00:00".parse().unwrap());
    let county = school.sign_in_now("county").await;
    assert_eq!(county.get(&case).await.status, 404, "the day is over");
    assert!(!county.get("/desks").await.text.contains("/case/"));
}

#[actix_web::test]
async fn beyond_ones_posts_the_reason_is_written_before_anything_is_shown() {
    let school = School::open();
    let (wu, map) = (school.sign_in("wu").await, &school.map);
    let class = map.class.to_string();
    let before = wu.get("/case").await;
    assert!(before.status == 200 && !before.text.contains("李沐阳"), "no names before: {}", before.text);
    let form = |reason| {
        [("class", class.clone()), ("name", "李沐阳".to_owned()), ("term", TERM.to_owned()), ("reason", reason)]
    };
    let post = async |reason: &str| {
        let form = form(reason.to_owned());
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        wu.post("/case", &form).await
    };
    let refused = post("").await;
    assert!(refused.status == 422 && refused.text.contains("为什么要看"), "{}", refused.text);
    assert_eq!(school.count("case_view"), 1);
    let opened = post("班主任请假，家长来电询问").await;
    assert!(opened.location.starts_with("/case/"), "{}", opened.text);
    assert!(wu.get(&opened.location).await.text.contains("家长来电询问"));
    assert!(post("再看一次，再看一次").await.text.contains("还没到期"));
    let principal = school.sign_in("principal1").await.get("/principal/cases").await.text;
    assert!(principal.contains("吴江") && principal.contains("自己写的理由"), "{principal}");
    let parent = school.sign_in("li-parent").await.get(&format!("/child/{}/data", map.li)).await.text;
    assert!(parent.contains("家长来电询问"), "{parent}");
    school.clock.set("2027-01-05T09:30:00".parse().unwrap());
    assert_eq!(school.sign_in_now("wu").await.get(&opened.location).await.status, 404, "a day later it is over");
}
