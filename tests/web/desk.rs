//! The work desk of a class, reminders, and the inbox they come to.
use crate::evaluation::{fill, sign};
use crate::graduation::FIVE;
use crate::notice::noticed;
use crate::record::hand_in;
use crate::scheme::send_with;
use crate::support::{Answer, Person, School, TERM, today};
use chrono::Duration;
use diesel::prelude::*;
use qinghe::names::StudentId;

fn desk(school: &School) -> String {
    format!("/class/{}/desk", school.map.class)
}

pub async fn remind(school: &School, who: &Person<'_>, matter: &str, students: &[StudentId]) -> Answer {
    let fields: Vec<String> = students.iter().map(|student| format!("who_{student}")).collect();
    let form: Vec<(&str, &str)> = fields.iter().map(|field| (field.as_str(), "1")).collect();
    who.post(&format!("/class/{}/remind/{matter}", school.map.class), &form).await
}

fn told(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.location.rsplit_once("?told=").unwrap().1
}

/// li confirms a self-evaluation of these domains.
async fn evaluate_oneself(school: &School, domains: &[&str]) {
    let (li, page) = (school.sign_in("li-pupil").await, format!("/child/{}/self", school.map.li));
    let words = [("did", "每周三去敬老院读报"), ("learned", ""), ("intends", ""), ("band", "good")];
    for domain in domains {
        let form = [&[("term", TERM), ("domain", *domain)], words.as_slice()].concat();
        assert_eq!(li.post(&page, &form).await.status, 303);
    }
    assert_eq!(li.post(&format!("{page}/confirm"), &[("term", TERM)]).await.status, 303);
}

fn in_order(page: &str, words: &[&str]) {
    let mut from = 0;
    for word in words {
        from += page[from..].find(word).unwrap_or_else(|| panic!("{word} is not there, or too early: {page}"));
    }
}

#[actix_web::test]
async fn what_waits_stands_by_deadline_and_goes_when_it_is_done() {
    let school = School::open();
    let lin = school.sign_in_now("lin").await;
    assert_eq!(lin.get("/").await.location, desk(&school));
    let county = school.sign_in("county").await;
    let windows = "/county/windows";
    let closing = [("closes_self", "2027-01-08"), ("closes_homeroom", "2027-01-10"), ("opens_notice", "2027-01-11")];
    send_with(&county, windows, windows, &closing).await;

    let before = lin.get(&desk(&school)).await.text;
    in_order(
        &before,
        &[
            "评价",
            "1 月 10 日止",
            "本周",
            "自评还差 3 人",
            "还有 4 天，0 / 3 人已交",
            "期末评价",
            "五育填好 0 / 3 人",
            "之后",
            "公示前核对",
        ],
    );
    in_order(&before, &["李沐阳", "缺自评", "陈𠮷䶮", "缺自评", "关雪晴", "缺自评"]);
    assert!(!before.contains("待审核") && !before.contains("今天 ·"), "{before}");

    let (li, id) = (school.sign_in("li-pupil").await, qinghe::names::ActivityId::new().to_string());
    assert_eq!(hand_in(&li, school.map.li, &[("id", &id), ("on", "2026-12-29")]).await.status, 303);
    evaluate_oneself(&school, &FIVE).await;
    let handed_in = lin.get(&desk(&school)).await.text;
    in_order(&handed_in, &["审核学生提交 1 条", "最早一条 1 月 4 日交来", "去审核", "全部 3", "待审核 1", "缺自评 2"]);
    let only = lin.get(&format!("{}?show=review", desk(&school))).await.text;
    assert!(only.contains("李沐阳") && !only.contains("陈𠮷䶮"), "{only}");
    let rest = lin.get(&format!("{}?show=self", desk(&school))).await.text;
    in_order(&rest, &["陈𠮷䶮", "关雪晴"]);
    assert!(!rest.contains("李沐阳"));
    // What is no filter hides nobody.
    assert!(lin.get(&format!("{}?show=band", desk(&school))).await.text.contains("关雪晴"));

    fill(&school, &lin).await;
    let filled = lin.get(&desk(&school)).await.text;
    assert!(
        filled.contains("检查签字") && filled.contains("五育填好 3 / 3 人") && !filled.contains("接着填"),
        "{filled}"
    );
    for band in ["优秀", "良好", "合格", "待提高"] {
        assert!(!filled.contains(band), "no band stands on a desk: {band}");
    }
    sign(&school, &lin).await;
    let signed = lin.get(&desk(&school)).await.text;
    assert!(!signed.contains("去检查") && !signed.contains("自评还差") && signed.contains("公示前核对"), "{signed}");
}

#[actix_web::test]
async fn the_deadline_makes_the_group_and_the_school_may_have_longer() {
    let school = School::open();
    let (lin, county) = (school.sign_in("lin").await, school.sign_in("county").await);
    let windows = "/county/windows";
    send_with(&county, windows, windows, &[("closes_homeroom", "2027-01-04")]).await;
    let today = lin.get(&desk(&school)).await.text;
    in_order(&today, &["今天 · 1 月 4 日", "期末评价", "今天截止", "之后", "自评还差 3 人"]);
    let longer =
        [("term", TERM), ("school", "1"), ("step", "homeroom"), ("closes_on", "2027-01-09"), ("reason", "大雪停课")];
    county.post("/county/windows/extend", &longer).await;
    let later = lin.get(&desk(&school)).await.text;
    in_order(&later, &["1 月 9 日止", "本周", "期末评价", "1 月 9 日截止，还有 5 天"]);
    assert!(!later.contains("今天截止"));
    // The other school's teacher has what the county gave.
    let far = school.sign_in("lin2").await.get(&format!("/class/{}/desk", school.map.far_class)).await.text;
    assert!(far.contains("今天截止"), "{far}");
}

#[actix_web::test]
async fn a_desk_asks_the_database_at_most_eight_times() {
    let school = School::open();
    noticed(&school).await;
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let objection = [("domain", "moral"), ("text", "孩子每周三去敬老院读报，老师不知道。")];
    assert_eq!(parent.post(&format!("/child/{}/objection", school.map.li), &objection).await.status, 303);
    for page in [desk(&school), format!("/class/{}/grid", school.map.class)] {
        assert_eq!(lin.get(&page).await.status, 200);
        let before = school.statements();
        let seen = lin.get(&page).await;
        let asked = school.statements() - before;
        assert!(seen.status == 200 && (3..=8).contains(&asked), "{page} asks {asked} times");
    }
    let seen = lin.get(&desk(&school)).await.text;
    assert!(seen.contains("班里有 1 件异议") && seen.contains("最近记下的"), "{seen}");
}

#[actix_web::test]
async fn a_reminder_goes_to_the_person_once_a_day_and_to_nobody_else() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let everyone = [school.map.li, school.map.chen, school.map.guan];
    let list = lin.get(&format!("/class/{}/remind/self", school.map.class)).await.text;
    in_order(&list, &["还等 3 人", "李沐阳", "陈𠮷䶮", "关雪晴"]);
    // li has an account, chen's father is told for chen, guan's family has none.
    assert_eq!(told(&remind(&school, &lin, "self", &everyone).await), "2");
    assert_eq!(told(&remind(&school, &lin, "self", &everyone).await), "0");
    assert_eq!(school.count("reminder"), 2);
    assert_eq!(school.count("journal WHERE verb = 'families_reminded'"), 1);

    for (login, child) in [("li-pupil", "李沐阳"), ("chen-parent", "陈𠮷䶮")] {
        let person = school.sign_in(login).await;
        let home = person.get("/password").await.text;
        assert!(home.contains("收件箱，1 条没看"), "{home}");
        let inbox = person.get("/inbox").await.text;
        assert!(inbox.contains(&format!("{child}：学期自评还没有交")), "{inbox}");
        assert!(inbox.contains("班主任林静 提醒您") && inbox.contains("新</span>"), "{inbox}");
        let again = person.get("/inbox").await.text;
        assert!(again.contains("学期自评还没有交") && !again.contains("新</span>"), "read when opened: {again}");
        assert!(!person.get("/password").await.text.contains("条没看"));
    }
    for person in school.everyone_but(&["li-pupil", "chen-parent"]).await {
        let inbox = person.get("/inbox").await;
        assert!(inbox.status == 200 && inbox.text.contains("还没有给您的提醒"), "{}: {}", person.login, inbox.text);
    }

    school.clock.set(today() + Duration::days(1));
    evaluate_oneself(&school, &FIVE).await;
    let lin = school.sign_in_now("lin").await;
    assert_eq!(told(&remind(&school, &lin, "self", &everyone).await), "1", "who has done it is left in peace");
    let father = school.sign_in("chen-parent").await;
    assert!(father.get("/inbox").await.text.contains("新</span>"));
}

#[actix_web::test]
async fn a_self_evaluation_is_done_when_all_five_are_confirmed_at_the_desk_and_before_the_notice() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    evaluate_oneself(&school, &FIVE[..4]).await;
    assert!(lin.get(&desk(&school)).await.text.contains("自评还差 3 人"), "four of five are not all");
    evaluate_oneself(&school, &FIVE[4..]).await;
    assert!(lin.get(&desk(&school)).await.text.contains("自评还差 2 人"));
    let list = lin.get(&format!("/class/{}/remind/self", school.map.class)).await.text;
    assert!(list.contains("还等 2 人") && !list.contains("李沐阳"), "{list}");
    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let lacks = school.sign_in("office1").await.get(&format!("/office/notice/{}", school.map.class)).await.text;
    assert_eq!(lacks.matches("没有确认五育自评").count(), 2, "{lacks}");
}

#[actix_web::test]
async fn whoever_has_not_chosen_yet_is_reminded_of_it() {
    let school = School::open();
    let (lin, county) = (school.sign_in("lin").await, school.sign_in("county").await);
    let windows = "/county/windows";
    send_with(&county, windows, windows, &[("opens_selection", "2027-01-04"), ("closes_selection", "2027-01-08")])
        .await;
    let list = lin.get(&format!("/class/{}/remind/selection", school.map.class)).await.text;
    in_order(&list, &["还等 3 人", "李沐阳", "陈𠮷䶮", "关雪晴"]);
    assert_eq!(told(&remind(&school, &lin, "selection", &[school.map.li, school.map.chen]).await), "2");
    let inbox = school.sign_in("li-pupil").await.get("/inbox").await.text;
    let page = format!("/child/{}/selection", school.map.li);
    assert!(inbox.contains("李沐阳：代表作还没有选好、确认") && inbox.contains(&page), "{inbox}");
    assert!(school.sign_in("wu").await.get("/inbox").await.text.contains("还没有给您的提醒"));
}

#[actix_web::test]
async fn nobody_is_reminded_of_what_is_not_theirs_or_not_open() {
    let school = School::open();
    let (lin, county) = (school.sign_in("lin").await, school.sign_in("county").await);
    for (matter, students) in [
        ("self", vec![school.map.li, school.map.zhao]),
        ("self", vec![school.map.yu]),
        ("class", vec![school.map.li]),
        ("everything", vec![school.map.li]),
    ] {
        assert_eq!(remind(&school, &lin, matter, &students).await.status, 404, "{matter}");
    }
    // Nothing was said of housework, so nobody has anything to confirm.
    assert_eq!(told(&remind(&school, &lin, "housework", &[school.map.li]).await), "0");
    let windows = "/county/windows";
    send_with(&county, windows, windows, &[("closes_self", "2026-12-31"), ("opens_selection", "2027-01-05")]).await;
    let late = remind(&school, &lin, "self", &[school.map.li]).await;
    assert!(late.status == 409 && late.text.contains("12 月 31 日截止"), "{}", late.text);
    let early = remind(&school, &lin, "selection", &[school.map.li]).await;
    assert!(early.status == 409 && early.text.contains("1 月 5 日开始"), "{}", early.text);
    assert_eq!((school.count("reminder"), school.count("journal WHERE verb = 'families_reminded'")), (0, 0));
}

#[actix_web::test]
async fn housework_is_confirmed_by_a_guardian_and_what_differs_is_read_by_the_teacher() {
    let school = School::open();
    let (lin, li, parent) =
        (school.sign_in("lin").await, school.sign_in("li-pupil").await, school.sign_in("li-parent").await);
    let page = format!("/child/{}/housework", school.map.li);
    let week = ("week", "2026-12-28");
    let home = li.get(&page).await.text;
    let chore = home.split("name=\"did_").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let did = format!("did_{chore}");
    assert_eq!(li.post(&page, &[week, (&did, "on")]).await.status, 303);
    assert_eq!(told(&remind(&school, &lin, "housework", &[school.map.li]).await), "1");
    assert!(parent.get("/inbox").await.text.contains("李沐阳：这学期的家务还等家长确认"));
    assert!(li.get("/inbox").await.text.contains("还没有给您的提醒"), "confirming is not the pupil's");
    assert!(!lin.get(&desk(&school)).await.text.contains("家务记录有出入"));

    let differs = [week, ("act", "differs"), ("note", "周三没有洗碗"), (&did, "on")];
    assert_eq!(parent.post(&page, &differs).await.status, 303);
    let seen = lin.get(&desk(&school)).await.text;
    assert!(seen.contains("家务记录有出入 1 条") && seen.contains("1 月 11 日前问一问"), "{seen}");
    let list = lin.get(&format!("/class/{}/remind/housework", school.map.class)).await.text;
    assert!(list.contains("周三没有洗碗") && list.contains("没有要提醒的人"), "{list}");
    school.clock.set(today() + Duration::days(1));
    let lin = school.sign_in_now("lin").await;
    assert_eq!(told(&remind(&school, &lin, "housework", &[school.map.li]).await), "0", "nothing waits any more");
}

#[actix_web::test]
async fn the_office_reminds_the_class_teacher_who_is_waited_for() {
    let school = School::open();
    let (office, lin) = (school.sign_in("office1").await, school.sign_in("lin").await);
    let path = format!("/office/board/{}/remind", school.map.class);
    assert!(office.get("/office").await.text.contains(&path));
    assert_eq!(told(&office.post(&path, &[]).await), "1");
    assert_eq!(told(&office.post(&path, &[]).await), "0");
    let inbox = lin.get("/inbox").await.text;
    assert!(inbox.contains("八年级(1)班：学校在等班主任这一步") && inbox.contains("教务张立新 提醒您"), "{inbox}");
    assert!(school.sign_in("dep").await.get("/inbox").await.text.contains("还没有给您的提醒"));
    assert_eq!(school.sign_in("office2").await.post(&path, &[]).await.status, 404, "another school's class");

    fill(&school, &lin).await;
    sign(&school, &lin).await;
    let signed = office.post(&path, &[]).await;
    assert!(signed.status == 409 && signed.text.contains("现在不等班主任"), "{}", signed.text);
    assert!(!office.get("/office").await.text.contains(&path));
    assert_eq!(school.count("reminder"), 1);
}

#[actix_web::test]
async fn an_answer_to_an_objection_comes_to_whoever_raised_it() {
    let school = School::open();
    noticed(&school).await;
    let (parent, office) = (school.sign_in("li-parent").await, school.sign_in("office1").await);
    let raised = parent
        .post(&format!("/child/{}/objection", school.map.li), &[("domain", "moral"), ("text", "请再看看这一条。")])
        .await;
    assert!(parent.get("/inbox").await.text.contains("还没有给您的提醒"), "raising it is no answer");
    let id = raised.location.rsplit('/').next().unwrap();
    let answer = [("verdict", "stands"), ("text", "查过了，和记录一致。")];
    assert_eq!(office.post(&format!("/office/objections/{id}/answer"), &answer).await.status, 303);
    assert!(parent.get(&raised.location).await.text.contains("收件箱，1 条没看"));
    let inbox = parent.get("/inbox").await.text;
    assert!(inbox.contains("您提的异议有了答复") && inbox.contains(&raised.location), "{inbox}");
    assert!(!inbox.contains("查过了"), "the answer is read in its thread");
    for login in ["li-pupil", "chen-parent", "lin"] {
        assert!(!school.sign_in(login).await.get("/inbox").await.text.contains("/objections/"), "{login}");
    }
}

#[actix_web::test]
async fn the_engine_keeps_reminders_as_they_are_and_one_a_day() {
    let school = School::open();
    let (lin, office) = (school.sign_in("lin").await, school.sign_in("office1").await);
    assert_eq!(told(&remind(&school, &lin, "self", &[school.map.li]).await), "1");
    assert_eq!(told(&office.post(&format!("/office/board/{}/remind", school.map.class), &[]).await), "1");
    let refused = |sql: &str| {
        let mut conn = school.raw();
        qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string()
    };
    for sql in ["UPDATE reminder SET matter = matter", "DELETE FROM reminder"] {
        assert!(refused(sql).contains("append-only"), "{sql}");
    }
    let columns = "account_id, matter, class_id, student_id, term, day, by_id, role, at";
    for (of, id) in [("self", "00000000000000000000000000000001"), ("class", "00000000000000000000000000000002")] {
        let id = match school.raw() {
            qinghe::platform::db::Conn::Sqlite(_) => format!("x'{id}'"),
            qinghe::platform::db::Conn::Postgres(_) => format!("'{id}'::uuid"),
        };
        let twice = format!(
            "INSERT INTO reminder (school_id, id, {columns}) SELECT school_id, {id}, {columns} FROM reminder \
            WHERE matter = '{of}'"
        );
        assert!(refused(&twice).to_lowercase().contains("unique"), "{of}");
    }
    if let qinghe::platform::db::Conn::Postgres(mut conn) = school.raw() {
        use diesel::connection::SimpleConnection;
        let owners = [("*", 2), ("1", 2), ("2", 0), ("0", 0)];
        for (owner, sees) in owners {
            conn.batch_execute(&format!("SET qinghe.owner = '{owner}'")).unwrap();
            let rows = diesel::sql_query("SELECT id FROM reminder").execute(&mut conn).unwrap();
            assert_eq!(rows, sees, "{owner}");
        }
    }
}
