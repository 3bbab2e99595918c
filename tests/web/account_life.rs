//! The life of an account: devices, a second factor, rules for passwords, who lets
//! whom in again, and the end.
use crate::support::{Answer, PASSWORD, Person, School};
use chrono::Duration;
use qinghe::platform::clock::unix_seconds;
use totp_rs::{Builder, Secret, Totp};

const NEW: &str = "Hebian8kuai-石头";

fn authenticator(page: &Answer) -> Totp {
    let at = page.text.find(r#"<p class="code">"#).unwrap() + 16;
    let secret: String = page.text[at..].split('<').next().unwrap().split_whitespace().collect();
    Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build_noncompliant()
}

fn code_now(school: &School, app: &Totp) -> String {
    app.generate(unix_seconds(school.clock.now()).unsigned_abs()).to_string()
}

/// Turns the second factor on; yields the app on the phone and the codes for paper.
async fn set_up(school: &School, who: &Person<'_>) -> (Totp, Vec<String>) {
    assert_eq!(who.post("/second-factor/begin", &[("current", "不是这个")]).await.status, 422);
    assert_eq!(who.post("/second-factor/begin", &[("current", PASSWORD)]).await.status, 303);
    let app = authenticator(&who.get("/second-factor").await);
    assert_eq!(who.post("/second-factor/confirm", &[("code", "000000")]).await.status, 422);
    let set = who.post("/second-factor/confirm", &[("code", &code_now(school, &app))]).await;
    let codes: Vec<String> = set.text.split(r#"<li class="code">"#).skip(1).map(|rest| rest[..11].to_owned()).collect();
    assert_eq!((set.status, codes.len()), (200, 8), "{}", set.text);
    (app, codes)
}

async fn password_step(person: &Person<'_>, login: &str) -> String {
    let asked = person.submit("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
    assert!(asked.status == 200 && asked.text.contains("动态码"), "{}", asked.text);
    assert!(person.get("/").await.location.starts_with("/sign-in"), "the password alone opens nothing");
    asked.hidden("ticket").unwrap().to_owned()
}

#[actix_web::test]
async fn a_code_from_the_phone_is_asked_and_works_once() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let (app, _) = set_up(&school, &office).await;
    let browser = school.visitor();
    let ticket = password_step(&browser, "office1").await;
    let code = code_now(&school, &app);
    let wrong = browser.submit("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
    assert_eq!(wrong.status, 422, "the code that confirmed it is used up");

    school.clock.set(school.clock.now() + Duration::seconds(30));
    let code = code_now(&school, &app);
    let elsewhere = school.visitor().submit("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
    assert_eq!(elsewhere.status, 422, "a ticket is for the browser that gave the password");
    let signed_in = browser.submit("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
    assert_eq!(signed_in.status, 303, "{}", signed_in.text);
    assert_eq!(browser.get("/office").await.status, 200);
    let again = school.visitor();
    let ticket = password_step(&again, "office1").await;
    assert_eq!(again.submit("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await.status, 422, "twice");
    school.clock.set(school.clock.now() + Duration::minutes(6));
    let late = again.submit("/sign-in/code", &[("ticket", &ticket), ("code", &code_now(&school, &app))]).await;
    assert!(late.status == 422 && late.text.contains("请重新输密码"));
}

#[actix_web::test]
async fn a_paper_code_stands_in_for_a_lost_phone_once() {
    let school = School::open();
    let (_, paper) = set_up(&school, &school.sign_in("principal1").await).await;
    for (code, status) in [(paper[0].to_lowercase(), 303), (paper[0].clone(), 422), (paper[1].clone(), 303)] {
        let browser = school.visitor();
        let ticket = password_step(&browser, "principal1").await;
        let answer = browser.submit("/sign-in/code", &[("ticket", &ticket), ("code", &code)]).await;
        assert_eq!(answer.status, status, "{code}");
    }
    let guesser = school.visitor();
    let ticket = password_step(&guesser, "principal1").await;
    let mut last = String::new();
    for n in 0..7 {
        last = guesser.submit("/sign-in/code", &[("ticket", &ticket), ("code", &format!("00000{n}"))]).await.text;
    }
    assert!(last.contains("输错的次数太多了"), "guessing codes is throttled as guessing passwords is");
}

#[actix_web::test]
async fn a_reset_link_does_not_go_round_the_second_factor_and_the_county_may_take_it_off() {
    let school = School::open();
    let (office, county) = (school.sign_in("office1").await, school.sign_in("security").await);
    set_up(&school, &office).await;
    let page = county.get("/county/accounts").await;
    let at = page.text.find("张立新").unwrap();
    let from = page.text[at..].find(r#"name="account" value=""#).unwrap() + at + 22;
    let account = page.text[from..from + 32].to_owned();
    let made = county.post("/county/accounts/link", &[("account", &account)]).await;
    let link = made.text[made.text.find("/welcome/").unwrap()..].split('<').next().unwrap().to_owned();
    let browser = school.visitor();
    let set = browser.submit(&link, &[("password", NEW), ("again", NEW)]).await;
    assert_eq!(set.location, "/sign-in", "a link stands for the password only");
    assert!(office.get("/office").await.location.starts_with("/sign-in"), "and every session ended");

    assert_eq!(county.post("/county/accounts/second-factor", &[("account", &account)]).await.status, 303);
    let plain = browser.submit("/sign-in", &[("login", "office1"), ("password", NEW)]).await;
    assert_eq!(plain.location, "/");
    assert_eq!(county.post("/county/accounts/second-factor", &[("account", &account)]).await.status, 409);
    assert_eq!(county.post("/county/accounts/close", &[("account", &account)]).await.status, 303);
    assert!(browser.get("/office").await.location.starts_with("/sign-in"), "an officer who left is out at once");
    assert_eq!(school.visitor().submit("/sign-in", &[("login", "office1"), ("password", NEW)]).await.status, 422);
}

#[actix_web::test]
async fn the_county_lets_no_teacher_in_and_the_office_no_principal() {
    use qinghe::account::{Login, account_named};
    let school = School::open();
    let (office, county) = (school.sign_in("office1").await, school.sign_in("security").await);
    let lin = school
        .operator()
        .county()
        .look(|look| Ok(account_named(look.conn(), &Login::parse("lin").unwrap())?.unwrap().0))
        .await
        .unwrap();
    assert_eq!(county.post("/county/accounts/link", &[("account", &lin.to_string())]).await.status, 404);
    assert_eq!(office.post("/office/staff/link", &[("login", "principal1")]).await.status, 409);
    assert_eq!(office.post("/office/staff/link", &[("login", "li-parent")]).await.status, 404);
    assert!(!county.get("/county/accounts").await.text.contains("林静"));
}

#[actix_web::test]
async fn one_sees_where_one_is_signed_in_and_ends_it() {
    let school = School::open();
    let (here, phone) = (school.sign_in_now("lin").await, school.sign_in_now("lin").await);
    let wu = school.sign_in_now("wu").await;
    let page = here.get("/sessions").await;
    assert!(page.text.contains("这一台"), "{}", page.text);
    let other = page.hidden("session").unwrap().to_owned();
    assert_eq!(wu.post("/sessions/end", &[("session", &other)]).await.status, 404, "not another's");
    assert_eq!(phone.get("/sessions").await.status, 200);

    while let Some(other) = here.get("/sessions").await.hidden("session").map(str::to_owned) {
        assert_eq!(here.post("/sessions/end", &[("session", &other)]).await.status, 303);
    }

    assert!(phone.get("/sessions").await.location.starts_with("/sign-in"));
    assert_eq!(here.get("/sessions").await.status, 200);
    let third = school.sign_in_now("lin").await;
    assert_eq!(third.post("/sessions/end", &[]).await.status, 303);
    assert!(here.get("/sessions").await.location.starts_with("/sign-in"), "all others");
    assert_eq!(third.get("/sessions").await.status, 200);
}

#[actix_web::test]
async fn a_graded_house_asks_three_kinds_of_characters_and_a_new_password_after_90_days() {
    let school = School::open().arranged(|house| house.graded = true);
    let lin = school.sign_in_now("lin").await;
    let change =
        async |new: &str| lin.post("/password", &[("current", PASSWORD), ("password", new), ("again", new)]).await;
    let plain = change("山里的第八棵老梨树").await;
    assert!(plain.status == 422 && plain.text.contains("要有三种"), "{}", plain.text);
    assert_eq!(change(PASSWORD).await.status, 422, "the same one again");

    school.clock.set(school.clock.now() + Duration::days(91));
    let late = school.sign_in_now("wu").await;
    let desks = "/desks";
    assert_eq!(late.get(desks).await.location, "/password?old=1");
    assert!(late.get("/password?old=1").await.text.contains("用满 90 天"));
    let form = [("current", PASSWORD), ("password", NEW), ("again", NEW)];
    assert_eq!(late.post("/password", &form).await.status, 303);
    let again = school.visitor();
    assert_eq!(again.submit("/sign-in", &[("login", "wu"), ("password", NEW)]).await.status, 303);
    assert_eq!(again.get(desks).await.status, 200);
}

#[actix_web::test]
async fn a_graded_house_asks_officers_for_a_second_factor_and_teachers_not() {
    let school = School::open().arranged(|house| house.graded = true);
    for (login, desk) in [
        ("office1", "/office"),
        ("principal1", "/principal"),
        ("county", "/county"),
        ("security", "/county/accounts"),
        ("audit", "/county/audit"),
    ] {
        let officer = school.sign_in(login).await;
        assert_eq!(officer.get(desk).await.location, "/second-factor", "{login}");
        set_up(&school, &officer).await;
        assert_eq!(officer.get(desk).await.status, 200, "{login}");
    }
    let lin = school.sign_in("lin").await;
    assert_eq!(lin.get(&format!("/class/{}/grid", school.map.class)).await.status, 200);
}
