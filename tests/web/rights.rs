//! What a family may know and ask for.
use crate::support::School;
use diesel::prelude::*;
use qinghe::on;

#[actix_web::test]
async fn a_guardian_sees_what_is_held_and_no_number_in_full() {
    let school = School::open();
    let data = format!("/child/{}/data", school.map.li);
    for login in ["li-parent", "li-pupil"] {
        let page = school.sign_in(login).await.get(&data).await;
        assert_eq!(page.status, 200);
        for words in ["李沐阳", "G210421••••••••", "八年级(1)班", "李建国", "父亲"] {
            assert!(page.text.replace("七年级(1)班", "八年级(1)班").contains(words), "{words}: {}", page.text);
        }
        assert!(!page.text.contains("20130305") && !page.text.contains("陈"), "{}", page.text);
        assert_eq!(page.text.contains("交给学校"), login == "li-parent");
    }
}

#[actix_web::test]
async fn a_family_is_told_who_of_the_staff_looked_once_a_day() {
    let school = School::open();
    let (lin, wu, fang, parent) = (
        school.sign_in_now("lin").await,
        school.sign_in_now("wu").await,
        school.sign_in_now("fang").await,
        school.sign_in_now("li-parent").await,
    );
    let data = format!("/child/{}/data", school.map.li);
    assert!(!parent.get(&data).await.text.contains("班主任 林静"));
    for _ in 0..3 {
        lin.get(&format!("/class/{}/grid", school.map.class)).await;
    }
    fang.get(&format!("/subject/{}", school.map.class)).await;
    wu.get(&format!("/class/{}/grid", school.map.other_class)).await;
    assert_eq!(wu.get(&format!("/class/{}/grid", school.map.class)).await.status, 404);

    let page = parent.get(&data).await.text;
    assert_eq!(page.matches("班主任 林静").count(), 1, "{page}");
    assert_eq!(page.matches("任课老师 方晓").count(), 1);
    assert!(!page.contains("吴江"), "who looked at another class is not told, nor who was turned away");
    school.clock.set(school.clock.now() + chrono::Duration::days(1));
    let lin = school.sign_in_now("lin").await;
    lin.get(&format!("/class/{}/student/{}", school.map.class, school.map.li)).await;
    assert_eq!(parent.get(&data).await.text.matches("班主任 林静").count(), 2, "another day");
    let conn = &mut school.raw();
    let refused = on!(conn, c => diesel::sql_query("UPDATE reading SET role = 'office'").execute(c)).unwrap_err();
    assert!(refused.to_string().contains("append-only"), "{refused}");
}

#[actix_web::test]
async fn the_office_that_opens_a_pupils_pages_is_told_to_the_family_as_well() {
    let school = School::open();
    let (office, far) = (school.sign_in("office1").await, school.sign_in("office2").await);
    let parent = school.sign_in("li-parent").await;
    let (li, class) = (school.map.li, school.map.class);
    let data = format!("/child/{li}/data");
    let told = async || parent.get(&data).await.text.matches("教务 张立新").count();
    office.get("/office/pupils").await;
    assert_eq!(told().await, 0, "who opens no list and no pupil has not looked");
    assert_eq!(far.get(&format!("/office/pupils/{li}")).await.status, 404);
    assert_eq!(far.get(&format!("/office/classes/{class}/list")).await.status, 404);
    assert_eq!(school.count("reading WHERE role = 'office'"), 0, "nothing is noted of who was turned away");
    for page in
        [format!("/office/pupils/{li}"), format!("/office/classes/{class}/list"), format!("/office/family/{li}")]
    {
        assert_eq!(office.get(&page).await.status, 200, "{page}");
    }
    assert_eq!(told().await, 1, "once a day");
    let other = school.sign_in("chen-parent").await.get(&format!("/child/{}/data", school.map.chen)).await.text;
    assert!(other.contains("教务 张立新"), "a class list shows every child of the class");
}

#[actix_web::test]
async fn the_copy_to_take_along_has_what_is_signed_and_nothing_else() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    crate::evaluation::fill(&school, &lin).await;
    let copy = format!("/child/{}/data.json", school.map.li);
    let before = parent.get(&copy).await;
    assert_eq!(before.media_type, "application/json");
    assert_eq!(before.json()["terms"].as_array().unwrap().len(), 0);
    crate::evaluation::sign(&school, &lin).await;
    let after = parent.get(&copy).await.json();
    let domains = after["terms"][0]["domains"].as_array().unwrap();
    assert_eq!(domains.len(), 5);
    assert!(domains.iter().all(|domain| domain["band"].is_string()), "{after}");
    assert!(after["held"]["student"].to_string().contains("李沐阳"));
}

#[actix_web::test]
async fn consent_is_taken_back_and_given_again_and_school_goes_on() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.visitor());
    let page = lin.post(&format!("/class/{}/slips", school.map.class), &[]).await.text;
    let code = page[page.find(r#"<p class="code">"#).unwrap() + 16..][..9].to_owned();
    let form = [
        ("name", "关大山"),
        ("relation", "祖父"),
        ("password", "灶台边趴着三只猫"),
        ("again", "灶台边趴着三只猫"),
        ("consent", "yes"),
    ];
    assert_eq!(parent.submit(&format!("/join/{code}"), &form).await.status, 303);
    let data = format!("/child/{}/data", school.map.guan);
    assert!(parent.get(&data).await.text.contains("撤回我的同意"));

    assert_eq!(parent.post(&format!("{data}/consent"), &[("consent", "withdraw")]).await.status, 303);
    let withdrawn = parent.get(&data).await.text;
    assert!(withdrawn.contains("您现在没有同意") && withdrawn.contains("2027-01-04 撤回"), "{withdrawn}");
    assert_eq!(
        parent.get(&format!("/child/{}", school.map.guan)).await.status,
        200,
        "the core service is never refused"
    );
    assert_eq!(parent.post(&format!("{data}/consent"), &[("consent", "withdraw")]).await.status, 409);
    assert_eq!(parent.post(&format!("{data}/consent"), &[("consent", "give")]).await.status, 303);
    assert!(parent.get(&data).await.text.contains("撤回我的同意"));
    let pupil = school.sign_in("li-pupil").await;
    assert_eq!(
        pupil.post(&format!("/child/{}/data/consent", school.map.li), &[("consent", "withdraw")]).await.status,
        404
    );
}

#[actix_web::test]
async fn a_request_is_answered_in_writing_once_and_by_its_own_school() {
    let school = School::open();
    let (office, far, parent) =
        (school.sign_in("office1").await, school.sign_in("office2").await, school.sign_in("li-parent").await);
    let data = format!("/child/{}/data", school.map.li);
    assert_eq!(parent.post(&format!("{data}/request"), &[("kind", "correct"), ("text", "  ")]).await.status, 422);
    let asked =
        parent.post(&format!("{data}/request"), &[("kind", "correct"), ("text", "出生日期应为 3 月 6 日")]).await;
    assert_eq!(asked.status, 303, "{}", asked.text);
    assert!(
        parent.get(&data).await.text.contains("2027-01-25 以前"),
        "15 working days: {}",
        parent.get(&data).await.text
    );

    let list = office.get("/office/requests").await.text;
    assert!(list.contains("出生日期应为 3 月 6 日"), "{list}");
    let at = list.find("action=\"/office/requests/").unwrap() + 8;
    let address = list[at..].split('"').next().unwrap().to_owned();
    let answer = [("answer", "已照户口簿改好。")];
    assert!(!far.get("/office/requests").await.text.contains("出生日期"));
    assert_eq!(far.post(&address, &answer).await.status, 404);
    assert_eq!(office.post(&address, &[("answer", " ")]).await.status, 422);
    assert_eq!(office.post(&address, &answer).await.status, 303);
    assert_eq!(office.post(&address, &answer).await.status, 409, "once");
    assert!(parent.get(&data).await.text.contains("已照户口簿改好。"));
    assert_eq!(school.count("letter"), 1);
    let inbox = parent.get("/inbox").await.text;
    assert!(inbox.contains("李沐阳：您问的个人信息有了答复") && inbox.contains(&data), "{inbox}");
    assert!(school.sign_in("chen-parent").await.get("/inbox").await.text.contains("还没有给您的提醒"));
    let conn = &mut school.raw();
    let refused = on!(conn, c => diesel::sql_query("UPDATE data_request SET answer = 'x'").execute(c)).unwrap_err();
    assert!(refused.to_string().contains("answered already"), "{refused}");
}

#[actix_web::test]
async fn the_data_of_a_child_can_be_printed_and_its_page_tells_of_measures() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let li = school.map.li;
    let (left, right) = (format!("left_{li}"), format!("right_{li}"));
    let vision = format!("/class/{}/{}/vision", school.map.class, crate::support::TERM);
    lin.post(&vision, &[(&left, "4.8"), (&right, "5.0")]).await;
    crate::evaluation::fill(&school, &lin).await;
    let page = parent.get(&format!("/child/{li}/data")).await.text;
    assert!(page.contains("左眼 4.8，右眼 5.0"), "{page}");
    let copy = parent.get(&format!("/child/{li}/data.json")).await.text;
    assert!(copy.contains("左眼 4.8"), "{copy}");
    let print = parent.get(&format!("/child/{li}/data.pdf")).await;
    assert_eq!((print.status, &*print.media_type), (200, "application/pdf"));
    let text = crate::pdf::text(&print.bytes);
    for said in ["李沐阳", "G210421••••••••", "左眼 4.8", "学校里谁看过", "班主任 林静"]
    {
        assert!(text.replace(' ', "").contains(&said.replace(' ', "")), "{said}: {text}");
    }
    assert!(!text.contains("做事有头有尾") && !text.contains("20130305"), "not signed, and no number in full: {text}");
    crate::evaluation::sign(&school, &lin).await;
    let print = parent.get(&format!("/child/{li}/data.pdf")).await;
    assert!(crate::pdf::text(&print.bytes).contains("做事有头有尾"));
}

/// Two texts of which the second begins on 2027-02-01.
fn two_texts() -> qinghe::names::ConsentTexts {
    let first = include_str!("../../seed/consent.toml");
    let second = "[[text]]\nversion = 2\nsince = \"2027-02-01\"\nchanged = \"照片可以印在班级画册里。\"\n\
        [[text.points]]\nicon = \"book\"\ntitle = \"画册\"\nwords = \"毕业时印一本班级画册，只给本班。\"\n";
    qinghe::names::ConsentTexts::read(&format!("{first}\n{second}")).unwrap()
}

#[actix_web::test]
async fn a_new_text_is_asked_about_anew_and_the_older_consent_stands_until_it_is_answered() {
    let school = School::open().arranged(|house| house.consent = two_texts());
    let lin = school.sign_in("lin").await;
    let slips = format!("/class/{}/slips", school.map.class);
    let slip = async || {
        let page = lin.post(&slips, &[("student", &school.map.guan.to_string())]).await.text;
        page[page.find(r#"<p class="code">"#).unwrap() + 16..][..9].to_owned()
    };
    let cat = "灶台边趴着三只猫";
    let form = |version: &'static str| {
        [
            ("name", "关大山"),
            ("relation", "祖父"),
            ("password", cat),
            ("again", cat),
            ("consent", "yes"),
            ("consent_version", version),
        ]
    };
    let code = slip().await;
    let shown = school.visitor().get(&format!("/join/{code}")).await;
    assert_eq!(shown.hidden("consent_version"), Some("1"), "{}", shown.text);
    let early = school.visitor().submit(&format!("/join/{code}"), &form("2")).await;
    assert!(early.status == 422 && early.text.contains("同意书刚有了新的一版"), "{}", early.text);
    assert_eq!(school.count("consent WHERE text_version = 2"), 0);
    let joined = school.visitor().submit(&format!("/join/{code}"), &form("1")).await;
    assert_eq!(joined.status, 303, "{}", joined.text);
    let written = "consent WHERE text_version = 1 AND channel = 'phone' AND withdrawn_at IS NULL";
    assert_eq!(school.count(written), 1);

    school.clock.set(chrono::NaiveDate::from_ymd_opt(2027, 2, 1).unwrap().and_hms_opt(8, 0, 0).unwrap());
    let grandfather = school.visitor();
    let signed_in = grandfather.submit("/sign-in", &[("login", code.as_str()), ("password", cat)]).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
    let child = format!("/child/{}", school.map.guan);
    let data = format!("{child}/data");
    assert!(grandfather.get(&child).await.text.contains("同意书有了新的一版"));
    let page = grandfather.get(&data).await;
    for said in ["照片可以印在班级画册里", "毕业时印一本班级画册", "不记考试分数", "原来同意的第 1 版照旧有效"]
    {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert_eq!(school.count(written), 1, "the older consent stands until it is answered");
    let stale = grandfather.post(&format!("{data}/consent"), &[("consent", "give"), ("version", "1")]).await;
    assert!(stale.status == 422 && stale.text.contains("同意书刚有了新的一版"), "{}", stale.text);
    assert_eq!(
        grandfather.post(&format!("{data}/consent"), &[("consent", "give"), ("version", "2")]).await.status,
        303
    );
    assert_eq!(school.count("consent WHERE text_version = 2 AND withdrawn_at IS NULL"), 1);
    assert!(!grandfather.get(&child).await.text.contains("同意书有了新的一版"));
    let page = grandfather.get(&data).await.text;
    assert!(page.contains("第 1 版") && page.contains("第 2 版"), "both, with their days: {page}");
    assert_eq!(grandfather.post(&format!("{data}/consent"), &[("consent", "withdraw")]).await.status, 303);
    assert_eq!(school.count("consent WHERE withdrawn_at IS NULL"), 0, "and it can be taken back");
    assert_eq!(grandfather.get(&child).await.status, 200, "school goes on");
    assert!(
        !grandfather.get(&child).await.text.contains("同意书有了新的一版"),
        "who withdrew is not asked again and again"
    );
}
