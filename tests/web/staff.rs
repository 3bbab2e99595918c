//! Teachers come, go and hand over; terms are opened.
use crate::support::{self, School, TERM};
use chrono::NaiveDate;
use qinghe::account::{Login, NewAccount};
use qinghe::names::{Cohort, Sex};
use qinghe::roster::{AdmitPupil, Appointment, BindGuardian, OpenClass};

fn at(school: &School, day: &str) {
    school.clock.set(day.parse::<NaiveDate>().unwrap().and_hms_opt(9, 0, 0).unwrap());
}

#[actix_web::test]
async fn a_class_handed_over_mid_term_keeps_what_the_predecessor_wrote_and_signed() {
    let school = School::open();
    let (lin, wu, office) = (school.sign_in("lin").await, school.sign_in("wu").await, school.sign_in("office1").await);
    crate::evaluation::fill(&school, &lin).await;
    let class = school.map.class.to_string();
    let give = [("login", "wu"), ("class", class.as_str()), ("role", "homeroom")];
    let answer = office.post("/office/staff", &give).await;
    assert!(answer.status == 200 && answer.text.contains("吴江用原来的账号登录"), "{}", answer.text);
    assert!(
        answer.text.contains("吴江同时是八年级(1)班、八年级(2)班的班主任"),
        "warned of, not refused: {}",
        answer.text
    );
    assert!(answer.text.contains("八年级(1)班 班主任，到 2027-01-04"), "the predecessor stays in the list");
    let again = office.post("/office/staff", &give).await;
    assert!(again.status == 422 && again.text.contains("已经有这项任职"), "{}", again.text);

    let grid = format!("/class/{class}/grid");
    assert_eq!(lin.get(&grid).await.status, 404);
    let there = wu.get(&grid).await;
    assert!(there.status == 200 && there.text.contains("做事有头有尾。") && there.text.contains("data-v=\"good\""));
    let comment = serde_json::json!([{ "student": school.map.chen, "text": "后来的老师写的。", "revision": 1 }]);
    let wrote = wu.json(&format!("/class/{class}/{TERM}/comments"), &comment).await;
    assert_eq!(wrote.status, 200, "{}", wrote.text);
    crate::evaluation::sign(&school, &wu).await;
    let home = async |login, child| school.sign_in(login).await.get(&format!("/child/{child}")).await.text;
    let li = home("li-parent", school.map.li).await;
    assert!(li.contains("做事有头有尾。") && li.contains("林静"), "the words stay signed by who wrote them: {li}");
    let chen = home("chen-parent", school.map.chen).await;
    assert!(chen.contains("后来的老师写的。") && !chen.contains("做事有头有尾。"), "{chen}");
    assert_eq!(school.count("comment JOIN account ON account.id = comment.account_id WHERE login = 'lin'"), 3);
    assert_eq!(school.count("banding JOIN account ON account.id = banding.account_id WHERE login = 'lin'"), 15);
}

#[actix_web::test]
async fn posts_are_given_and_ended_and_a_form_that_is_wrong_says_where() {
    let school = School::open();
    let (office, other) = (school.sign_in("office1").await, school.sign_in("office2").await);
    let class = school.map.class.to_string();
    let before = school.count("post") + school.count("journal");
    for (form, words) in [
        (&[("login", "fang"), ("class", &*class), ("role", "subject")][..], "任课要写学科"),
        (&[("login", "fang"), ("class", ""), ("role", "homeroom")][..], "请选一个班"),
        (&[("login", "fang"), ("class", &*class), ("role", "king")][..], "请选做什么"),
        (&[("login", "new1"), ("class", &*class), ("role", "deputy")][..], "新账号要写姓名"),
        (&[("login", "li-parent"), ("class", &*class), ("role", "deputy")][..], "已经有人用了"),
    ] {
        let answer = office.post("/office/staff", form).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{form:?}: {}", answer.text);
    }
    assert_eq!(
        other.post("/office/staff", &[("login", "lin2"), ("class", &class), ("role", "homeroom")]).await.status,
        404
    );
    assert_eq!(school.count("post") + school.count("journal"), before);

    let history = [("login", "zhou"), ("name", "周明"), ("class", &*class), ("role", "subject"), ("subject", "历史")];
    let answer = office.post("/office/staff", &history).await;
    assert!(answer.text.contains("周明 的登录链接") && answer.text.contains("八年级(1)班 历史"), "{}", answer.text);
    let page = office.get("/office/staff").await.text;
    let of_fang = &page[page.find("方晓").unwrap()..];
    let end = &of_fang[of_fang.find("/office/staff/post/").unwrap()..];
    let end = &end[..end.find('"').unwrap()];
    assert_eq!(other.post(end, &[]).await.status, 404, "a post of another school");
    assert_eq!(office.post(end, &[]).await.location, "/office/staff?done=ended");
    assert!(office.post(end, &[]).await.text.contains("已经结束了"));
    assert_eq!(school.sign_in("fang").await.get(&format!("/subject/{class}")).await.status, 404);

    let of_dep = &page[page.find("邓立").unwrap()..];
    let leave = &of_dep[of_dep.find("/leave\"").unwrap() - 46..];
    let leave = &leave[leave.find("/office").unwrap()..leave.find('"').unwrap()];
    assert_eq!(other.post(leave, &[]).await.status, 404);
    assert_eq!(office.post(leave, &[]).await.location, "/office/staff?done=left");
    assert_eq!(school.sign_in("dep").await.get(&format!("/class/{class}/grid")).await.status, 404);
}

#[actix_web::test]
async fn a_term_is_opened_once_and_until_then_every_desk_says_so() {
    let school = School::open();
    let office = school.operator().school_office("3121042101").await.unwrap();
    let graduates = office.act(move |_| Ok(OpenClass { cohort: Cohort(2024), number: 1 })).await.unwrap();
    let new = support::pupil("毕业生", 1, 60, Sex::Female);
    let act = AdmitPupil::new(&office.house().keys, graduates, new);
    let student = office.act(move |_| Ok(act)).await.unwrap();
    let who = Appointment::New(NewAccount { login: Login::parse("leaver").unwrap(), name: "毕业生".to_owned() });
    office.act(move |_| Ok(BindGuardian { who, student, relation: None })).await.unwrap();

    let office = school.sign_in("office1").await;
    let page = office.get("/office/opening").await.text;
    assert!(page.contains("2026—2027 学年第二学期") && page.contains("班主任 林静"), "one may open ahead: {page}");
    at(&school, "2027-03-02");
    let (lin, office, principal) =
        (school.sign_in_now("lin").await, school.sign_in_now("office1").await, school.sign_in_now("principal1").await);
    let grid = format!("/class/{}/grid", school.map.class);
    assert!(office.get("/office").await.text.contains("这个学期还没有开"));
    assert!(principal.get("/principal").await.text.contains("这个学期还没有开"));
    let desk = format!("/class/{}/desk", school.map.class);
    assert_eq!(lin.get("/").await.location, desk);
    assert!(lin.get(&desk).await.text.contains("学校还没有开学期"));
    let waiting = lin.get(&grid).await.text;
    assert!(waiting.contains("学校还没有开学期") && waiting.contains("2026—2027 学年第一学期"), "{waiting}");

    let open = |term: &'static str, classes: &'static str| {
        [("term", term), ("new_classes", classes), ("close_leavers", "yes")]
    };
    let before = (school.count("post"), school.count("journal"));
    for (term, classes, words) in
        [("2026-2", "几个", "班数应是"), ("2026-1", "", "已经开过了"), ("2027-1", "", "还没轮到")]
    {
        let answer = office.post("/office/opening", &open(term, classes)).await;
        assert!(answer.status == 422 && answer.text.contains(words), "{term}: {}", answer.text);
    }
    assert_eq!((school.count("post"), school.count("journal")), before);
    let answer = office.post("/office/opening", &open("2026-2", "")).await;
    assert_eq!(answer.location, "/office/opening?opened=10", "{}", answer.text);
    assert!(office.post("/office/opening", &open("2026-2", "")).await.text.contains("已经开过了"));
    let opened = lin.get(&grid).await.text;
    assert!(!opened.contains("学校还没有开学期") && opened.contains("2026—2027 学年第二学期"), "{opened}");
    assert!(!office.get("/office").await.text.contains("这个学期还没有开"));
    assert_eq!(school.count("membership WHERE role = 'pupil' AND until IS NOT NULL"), 0, "nobody leaves in spring");

    // Not before the old one has ended: grade 9 is still at school.
    at(&school, "2027-05-10");
    let office = school.sign_in_now("office1").await;
    assert!(office.get("/office/opening").await.text.contains("新学年等第二学期结束以后才能开"));
    assert_eq!(office.post("/office/opening", &open("2027-1", "2")).await.status, 422);
    assert_eq!(school.count("enrolment WHERE left_on IS NOT NULL"), 0);

    // The new school year, opened in August.
    at(&school, "2027-08-25");
    let office = school.sign_in_now("office1").await;
    let page = office.get("/office/opening").await.text;
    assert!(
        page.contains("2027—2028 学年第一学期")
            && page.contains("毕业生自己的账号")
            && page.contains("2024级(1)班 毕业生"),
        "{page}"
    );
    let answer = office.post("/office/opening", &open("2027-1", "2")).await;
    assert_eq!(answer.location, "/office/opening?opened=10", "{}", answer.text);
    assert_eq!(school.count("class WHERE school_id = 1 AND cohort = 2027"), 2);
    assert_eq!(school.count("membership WHERE role = 'pupil' AND until IS NOT NULL"), 1);
    assert_eq!(school.count("journal WHERE verb = 'term_opened' AND school_id = 1"), 2);
    at(&school, "2027-09-01");
    let lin = school.sign_in_now("lin").await;
    assert!(lin.get(&grid).await.text.contains("九年级(1)班"));
    let (other, far) = (school.sign_in_now("office2").await, school.sign_in_now("lin2").await);
    assert!(other.get("/office").await.text.contains("这个学期还没有开"), "each school opens its own");
    assert!(far.get(&format!("/class/{}/grid", school.map.far_class)).await.text.contains("学校还没有开学期"));
}

#[actix_web::test]
async fn a_sheet_of_teachers_is_tried_and_then_taken() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let header = ["姓名", "账号", "班级", "职务", "学科"];
    let rows = [
        vec!["周明", "zhou", "八年级(1)班", "任课", "历史"],
        vec!["周明", "zhou", "八(7)班", "任课", "历史"],
        vec!["周明", "zhou", "802", "任课", "历史"],
        vec!["方晓", "fang", "八年级(1)班", "任课", "语文"],
        vec!["方晓", "fang", "八年级(2)班", "副班主任", ""],
        vec!["周明", "zhou", "八年级(1)班", "班主任", ""],
        vec!["李红", "zhou", "八年级(1)班", "任课", "地理"],
        vec!["李建国", "li-parent", "八年级(1)班", "任课", "地理"],
        vec!["方圆", "fang", "八年级(1)班", "任课", "地理"],
        vec!["孙立", "sun", "九年级(7)班", "任课", "地理"],
        vec!["孙立", "sun", "八年级(1)班", "校长", ""],
        vec!["孙立", "sun", "八年级(1)班", "任课", ""],
    ];
    let before = (school.count("post"), school.count("account"), school.count("journal"));
    let answer = office.drop_file("/office/staff/import", "教师.xlsx", &crate::roster::sheet(&header, &rows)).await;
    let text = &answer.text;
    for words in [
        "本校这学年没有“八(7)班”",
        "已经有班主任林静",
        "上面写的是周明",
        "已经有人用了",
        "已经是方晓的",
        "没有“九年级(7)班”",
        "职务“校长”认不出",
        "任课要写学科",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.contains("可以收 3 行，没变化 1 行，要改 8 行"), "{text}");
    assert_eq!((school.count("post"), school.count("account"), school.count("journal")), before, "a dry run");
    let accepted = answer.hidden("rows").unwrap().replace("&quot;", "\"");
    let taken = office.post("/office/staff/take", &[("rows", &accepted)]).await;
    assert!(taken.text.contains("新账号 1 个") && taken.text.contains("/welcome/"), "{} {}", taken.status, taken.text);
    assert_eq!((school.count("post"), school.count("account")), (before.0 + 3, before.1 + 1));
    assert_eq!(office.post("/office/staff/take", &[("rows", &accepted)]).await.status, 409);
    let no_sheet = office.drop_file("/office/staff/import", "空.csv", "甲,乙\n1,2\n".as_bytes()).await;
    assert!(no_sheet.status == 422 && no_sheet.text.contains("找不到表头"), "{}", no_sheet.text);
}
