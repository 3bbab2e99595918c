//! Signing in, staying in, being out.
use crate::support::{PASSWORD, School};
use chrono::Duration;

#[actix_web::test]
async fn a_teacher_signs_in_and_comes_to_her_class() {
    let school = School::open();
    let lin = school.sign_in_now("lin").await;

    let home = lin.get("/").await;

    assert_eq!(home.location, format!("/class/{}/desk", school.map.class));
}

#[actix_web::test]
async fn signed_out_every_address_leads_to_sign_in() {
    let school = School::open();
    let grid = format!("/class/{}/grid", school.map.class);
    for path in ["/", "/nowhere", "/class/1/grid", &grid, "/office", "/child/x?term=1"] {
        let answer = school.visitor().get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.location.starts_with("/sign-in?next=%2F"), "{path}: {}", answer.location);
    }
    let script =
        school.visitor().json(&format!("/class/{}/2026-1/cells", school.map.class), &serde_json::json!([])).await;
    assert_eq!((script.status, script.media_type.as_str()), (401, "application/json"));
}

#[actix_web::test]
async fn after_sign_in_one_goes_where_one_wanted_but_never_to_another_site() {
    let school = School::open();
    let to = async |next: &str| {
        let form = [("login", "lin"), ("password", PASSWORD), ("next", next)];
        school.visitor().submit("/sign-in", &form).await.location
    };
    assert_eq!(to("/password").await, "/password");
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        assert_eq!(to(elsewhere).await, "/", "{elsewhere}");
    }
}

#[actix_web::test]
async fn a_wrong_password_and_an_unknown_login_are_answered_alike() {
    let school = School::open();
    let wrong = school.visitor().submit("/sign-in", &[("login", "lin"), ("password", "不是这个密码")]).await;
    let unknown = school.visitor().submit("/sign-in", &[("login", "lan"), ("password", "不是这个密码")]).await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.text.replace("value=\"lin\"", ""), unknown.text.replace("value=\"lan\"", ""));
}

#[actix_web::test]
async fn a_pupil_cannot_lock_a_teacher_out_of_her_own_device() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    for _ in 0..6 {
        school.visitor().submit("/sign-in", &[("login", "lin"), ("password", "猜一猜猜一猜")]).await;
    }
    let strange = school.visitor().submit("/sign-in", &[("login", "lin"), ("password", PASSWORD)]).await;
    assert_eq!(strange.status, 429);

    lin.post("/sign-out", &[]).await;
    let known = lin.submit("/sign-in", &[("login", "lin"), ("password", PASSWORD)]).await;

    assert_eq!(known.status, 303);
    school.clock.set(school.clock.now() + Duration::minutes(31));
    let later = school.visitor().submit("/sign-in", &[("login", "lin"), ("password", PASSWORD)]).await;
    assert_eq!(later.status, 303);
}

#[actix_web::test]
async fn sign_out_ends_the_session_at_once() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let before = lin.cookies.borrow().clone();

    lin.post("/sign-out", &[]).await;

    *lin.cookies.borrow_mut() = before;
    assert!(lin.get("/password").await.location.starts_with("/sign-in"));
}

#[actix_web::test]
async fn a_new_password_ends_every_session() {
    let school = School::open();
    let (desk, phone) = (school.sign_in_now("lin").await, school.sign_in_now("lin").await);
    let new = "河边的第八块石头";

    let refused = desk.post("/password", &[("current", "不对"), ("password", new), ("again", new)]).await;
    assert_eq!(refused.status, 422);
    let weak = desk.post("/password", &[("current", PASSWORD), ("password", "12345678"), ("again", "12345678")]).await;
    assert_eq!(weak.status, 422);
    let changed = desk.post("/password", &[("current", PASSWORD), ("password", new), ("again", new)]).await;
    assert_eq!(changed.status, 303);

    for person in [&desk, &phone] {
        assert!(person.get("/password").await.location.starts_with("/sign-in"));
    }
    let old = school.visitor().submit("/sign-in", &[("login", "lin"), ("password", PASSWORD)]).await;
    assert_eq!(old.status, 422);
}

#[actix_web::test]
async fn a_link_sets_a_password_once() {
    let school = School::open();
    let operator = school.operator();
    let account = operator
        .county()
        .look(|look| {
            let login = qinghe::account::Login::parse("lin").unwrap();
            Ok(qinghe::account::account_named(look.conn(), &login)?.unwrap().0)
        })
        .await
        .unwrap();
    let link =
        async || operator.county().act(move |_| Ok(qinghe::account::LinkMade { account })).await.unwrap().address("");
    let (first, second) = (link().await, link().await);
    let new = [("password", "河边的第八块石头"), ("again", "河边的第八块石头")];

    assert_eq!(school.visitor().get(&first).await.status, 404, "a newer link ends the older");
    assert_eq!(school.visitor().get(&second).await.status, 200);
    assert_eq!(school.visitor().submit(&second, &new).await.status, 303);
    assert_eq!(school.visitor().submit(&second, &new).await.status, 404);

    let late = link().await;
    school.clock.set(school.clock.now() + Duration::hours(25));
    assert_eq!(school.visitor().get(&late).await.status, 404);
}

#[actix_web::test]
async fn idle_and_absolute_limits_go_by_role() {
    let school = School::open();
    let (lin, office, parent) =
        (school.sign_in("lin").await, school.sign_in("office1").await, school.sign_in("li-parent").await);
    let grid = format!("/class/{}/grid", school.map.class);
    let child = format!("/child/{}", school.map.li);
    let start = school.clock.now();
    let at = |minutes: i64| school.clock.set(start + Duration::minutes(minutes));

    at(14);
    assert_eq!(office.get("/password").await.status, 200);
    at(14 + 18);
    assert!(office.get("/password").await.location.starts_with("/sign-in"), "15 minutes idle");
    at(29);
    assert_eq!(lin.get(&grid).await.status, 200);
    at(29 + 29);
    assert_eq!(lin.get(&grid).await.status, 200);
    at(29 + 29 + 33);
    assert!(lin.get(&grid).await.location.starts_with("/sign-in"), "30 minutes idle");
    at(60 * 24 * 29);
    assert_eq!(parent.get(&child).await.status, 200);
    at(60 * 24 * 29 * 2);
    assert_eq!(parent.get(&child).await.status, 200);
    at(60 * 24 * 29 * 3);
    assert_eq!(parent.get(&child).await.status, 200);
    at(60 * 24 * 91);
    assert!(parent.get(&child).await.location.starts_with("/sign-in"), "90 days at most");
}

#[actix_web::test]
async fn an_expired_copy_of_a_token_is_worth_nothing() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let old = lin.cookies.borrow().clone();
    let start = school.clock.now();

    school.clock.set(start + Duration::minutes(8));
    assert_eq!(lin.get("/password").await.status, 200);
    assert_ne!(*lin.cookies.borrow(), old, "past half of its life the token is renewed");
    school.clock.set(start + Duration::minutes(17));
    assert_eq!(lin.get("/password").await.status, 200);

    *lin.cookies.borrow_mut() = old;
    assert!(lin.get("/password").await.location.starts_with("/sign-in"));
}

#[actix_web::test]
async fn an_answer_that_is_lost_signs_nobody_out() {
    let school = School::open();
    let parent = school.sign_in("li-parent").await;
    let child = format!("/child/{}", school.map.li);
    let old = parent.cookies.borrow().clone();
    let start = school.clock.now();
    for later in [Duration::days(1), Duration::days(1) + Duration::seconds(3), Duration::days(2)] {
        school.clock.set(start + later);
        *parent.cookies.borrow_mut() = old.clone();
        assert_eq!(parent.get(&child).await.status, 200, "the answers before were lost, {later} after");
        assert_ne!(*parent.cookies.borrow(), old, "it brings the newest token");
    }
    // Once the newest has come back, the one before is an old copy.
    assert_eq!(parent.get(&child).await.status, 200);
    *parent.cookies.borrow_mut() = old;
    assert!(parent.get(&child).await.location.starts_with("/sign-in"));
}

#[actix_web::test]
async fn a_token_of_another_make_is_refused() {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let genuine = lin.cookies.borrow()["qinghe"].clone();
    let middle = genuine.split('.').nth(1).unwrap();
    let middle = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, middle).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&middle).unwrap();
    let keys = &school.door.house().keys;
    let (kid, secret) = keys.session_secret();
    let kid = Some(kid.to_owned());
    let typ = Some("session+jwt".to_owned());
    let make = |header: Header, secret: &[u8], claims: &serde_json::Value| {
        encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let good = Header { typ: typ.clone(), kid: kid.clone(), ..Header::new(Algorithm::HS256) };
    let other_audience = {
        let mut c = claims.clone();
        c["aud"] = "portfolio".into();
        c
    };
    let longer = {
        let mut c = claims.clone();
        c["exp"] = (c["exp"].as_i64().unwrap() + 9_000_000).into();
        c
    };
    let none = {
        let part = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text);
        let header = format!(r#"{{"alg":"none","typ":"session+jwt","kid":"{}"}}"#, kid.as_ref().unwrap());
        format!("{}.{}.", part(&header), part(&claims.to_string()))
    };
    let forged = [
        ("another secret", make(good.clone(), b"another secret of thirty-two byte", &claims)),
        ("another algorithm", make(Header { alg: Algorithm::HS512, ..good.clone() }, &secret, &claims)),
        ("no type", make(Header { typ: None, ..good.clone() }, &secret, &claims)),
        ("no key id", make(Header { kid: None, ..good.clone() }, &secret, &claims)),
        ("an unknown key", make(Header { kid: Some("../../etc/passwd".into()), ..good.clone() }, &secret, &claims)),
        ("another audience", make(good.clone(), &secret, &other_audience)),
        ("a longer life", make(good.clone(), &secret, &longer)),
        ("signed as a portfolio", keys.sign("session+jwt", &claims).unwrap()),
        ("unsigned", none),
        ("cut short", genuine[..genuine.len() - 2].to_owned()),
    ];
    for (what, token) in forged {
        lin.cookies.borrow_mut().insert("qinghe".to_owned(), token);
        assert!(lin.get("/password").await.location.starts_with("/sign-in"), "{what}");
    }
    lin.cookies.borrow_mut().insert("qinghe".to_owned(), make(good, &secret, &claims));
    assert_eq!(lin.get("/password").await.status, 200, "the genuine one still works");
}

#[actix_web::test]
async fn a_form_from_elsewhere_is_refused() {
    let school = School::open();
    let (lin, wu) = (school.sign_in("lin").await, school.sign_in("wu").await);
    let sign = format!("/class/{}/2026-1/sign", school.map.class);

    assert_eq!(lin.submit(&sign, &[("accept", "yes")]).await.status, 403, "no token");
    let of_wu = wu.csrf().await;
    assert_eq!(lin.submit(&sign, &[("csrf", &of_wu)]).await.status, 403, "another session's token");
    let own = lin.csrf().await;
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let request = actix_web::test::TestRequest::post()
            .uri(&sign)
            .insert_header((name, value))
            .set_form([("csrf", own.as_str()), ("accept", "yes")]);
        assert_eq!(lin.send(request).await.status, 403, "{name}: {value}");
    }
    let request = actix_web::test::TestRequest::post()
        .uri(&sign)
        .insert_header(("host", "localhost:8080"))
        .insert_header(("origin", "http://localhost:8080"))
        .set_form([("csrf", own.as_str()), ("accept", "yes")]);
    assert_eq!(lin.send(request).await.status, 303, "the page's own form with its origin");
}

#[actix_web::test]
async fn an_account_with_several_desks_chooses() {
    let school = School::open();
    let fang = school.sign_in("fang").await;

    let home = fang.get("/").await;
    assert_eq!(home.location, "/desks");
    let desks = fang.get("/desks").await;
    assert!(desks.text.contains("八年级(1)班 语文"));
    assert!(desks.text.contains("于海洋的家长"));
    let child = format!("/child/{}", school.map.yu);
    assert_eq!(fang.post("/desks", &[("desk", &child)]).await.location, child);
    assert_eq!(fang.get("/").await.location, child);
    assert_eq!(fang.post("/desks", &[("desk", "/office@3121042101")]).await.status, 404);
}

#[actix_web::test]
async fn every_answer_carries_the_security_headers() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    for path in ["/password", "/nowhere", "/sign-in", "/healthz", "/class/x/grid"] {
        let answer = lin.get(path).await;
        assert!(answer.header("content-security-policy").starts_with("default-src 'self'"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
}
