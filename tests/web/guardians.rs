//! Slips, and who is bound to a child: on a phone, on paper, in dispute, no longer.
use crate::support::{Answer, PASSWORD, Person, School};
use diesel::prelude::*;

const CAT: &str = "灶台边趴着三只猫";

/// The codes on a page of slips, in seat order.
fn codes(page: &Answer) -> Vec<String> {
    page.text.split(r#"<p class="code">"#).skip(1).map(|rest| rest[..9].to_owned()).collect()
}

async fn slip_for(school: &School, teacher: &Person<'_>, student: qinghe::names::StudentId) -> String {
    let page = teacher.post(&format!("/class/{}/slips", school.map.class), &[("student", &student.to_string())]).await;
    let [code] = codes(&page).try_into().unwrap();
    code
}

fn guardian<'f>(name: &'f str, phone: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![("name", name), ("relation", "祖父"), ("login", phone), ("password", CAT), ("again", CAT), ("consent", "yes")]
}

async fn signs_in(school: &School, login: &str, password: &str) -> bool {
    school.visitor().submit("/sign-in", &[("login", login), ("password", password)]).await.status == 303
}

/// Every verb of one chain, the newest last.
fn verbs(school: &School, chain: i32) -> Vec<String> {
    use qinghe::schema::journal;
    let mut conn = school.raw();
    journal::table.filter(journal::school_id.eq(chain)).order(journal::n).select(journal::verb).load(&mut conn).unwrap()
}

#[actix_web::test]
async fn a_class_gets_its_slips_as_sheets_to_cut() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let slips = format!("/class/{}/slips", school.map.class);

    let pdf = lin.post(&slips, &[("paper", "pdf")]).await;

    assert_eq!((pdf.status, pdf.media_type.as_str()), (200, "application/pdf"));
    crate::pdf::check(
        &pdf.bytes,
        "八年级(1)班家长绑定单",
        &["关雪晴", "石泉镇九年一贯制学校", "八年级(1)班", "只能用一次"],
    );
    assert_eq!(verbs(&school, 1).last().unwrap(), "slips_made");
    let office = school.sign_in("office1").await;
    let of_the_class = [("class", school.map.class.to_string())];
    let of_the_class: Vec<(&str, &str)> = of_the_class.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let again = office.post("/office/families/slips", &of_the_class).await;
    assert_eq!(again.media_type, "application/pdf", "{}", again.text);
    let far = school.sign_in("office2").await.post("/office/families/slips", &of_the_class).await;
    assert_eq!(far.status, 404, "a class of another school");
}

#[actix_web::test]
async fn a_seat_that_begins_later_gets_no_second_slip() {
    let school = School::open();
    let office = school.sign_in("office1").await;
    let seats = format!("/office/classes/{}/seats", school.map.class);
    assert_eq!(office.post(&seats, &[("from", "2027-01-12")]).await.status, 303);
    let slips = school.sign_in("lin").await.post(&format!("/class/{}/slips", school.map.class), &[]).await;
    assert_eq!(codes(&slips).len(), 1, "guan alone has no guardian: {}", slips.text);
    assert_eq!(school.count("slip WHERE revoked_at IS NOT NULL"), 0);
}

#[actix_web::test]
async fn a_reprint_ends_the_older_slip_and_a_used_or_late_one_opens_nothing() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let first = slip_for(&school, &lin, school.map.guan).await;
    let second = slip_for(&school, &lin, school.map.guan).await;
    let open = async |code: &str| school.visitor().get(&format!("/join/{code}")).await.status;

    assert_eq!((open(&first).await, open(&second).await), (404, 200));
    let joined = school.visitor().submit(&format!("/join/{second}"), &guardian("关大山", "")).await;
    assert_eq!(joined.location, format!("/child/{}?joined=1", school.map.guan));
    let stranger = school.visitor().submit(&format!("/join/{second}"), &guardian("别家人", "")).await;
    assert_eq!(stranger.status, 404, "used");
    let third = slip_for(&school, &lin, school.map.guan).await;
    school.clock.set(school.clock.now() + chrono::Duration::days(61));
    assert_eq!(open(&third).await, 404, "expired");
    let zhao =
        lin.post(&format!("/class/{}/slips", school.map.class), &[("student", &school.map.zhao.to_string())]).await;
    assert!(zhao.status == 404 || zhao.location.starts_with("/sign-in"), "no slip for a pupil of another class");
}

#[actix_web::test]
async fn a_guardian_signs_in_with_the_slips_code_and_with_a_number_once_it_is_confirmed() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let code = slip_for(&school, &lin, school.map.guan).await;
    let grandpa = school.visitor();
    for (phone, said) in [("138000011", "这里写了 9 位"), ("1380000111a", "有一个“a”"), ("22800001111", "13 到 19")]
    {
        let refused = grandpa.submit(&format!("/join/{code}"), &guardian("关大山", phone)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text.contains(said), "{phone}: {}", refused.text);
    }
    let joined = grandpa.submit(&format!("/join/{code}"), &guardian("关大山", "138 0000 1111")).await;
    assert!(grandpa.get(&joined.location).await.text.contains(&code), "the page says what to sign in with");

    assert!(signs_in(&school, &code.to_lowercase(), CAT).await);
    assert!(signs_in(&school, &code.replace('-', ""), CAT).await);
    assert!(!signs_in(&school, "13800001111", CAT).await, "claimed, not confirmed");
    let family = format!("/class/{}/family/{}", school.map.class, school.map.guan);
    let page = lin.get(&family).await;
    assert!(page.text.contains("关大山") && page.text.contains("还没核实"), "{}", page.text);
    let account = page.hidden("account").unwrap().to_owned();
    assert_eq!(lin.post(&format!("{family}/phone"), &[("account", &account)]).await.status, 303);
    assert!(signs_in(&school, "138-0000-1111", CAT).await);

    let other = slip_for(&school, &lin, school.map.chen).await;
    let taken = school.visitor().submit(&format!("/join/{other}"), &guardian("别家人", "13800001111")).await;
    assert!(taken.status == 303 && taken.location.contains(&school.map.chen.to_string()), "own password: own account");
    let third = slip_for(&school, &lin, school.map.li).await;
    let mut wrong = guardian("别家人", "13800001111");
    wrong[3].1 = "不是他的密码不是";
    assert_eq!(school.visitor().submit(&format!("/join/{third}"), &wrong).await.status, 422, "a stranger's number");
}

#[actix_web::test]
async fn no_telephone_number_is_readable_in_the_database() {
    use qinghe::schema::account_phone;
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let code = slip_for(&school, &lin, school.map.guan).await;
    school.visitor().submit(&format!("/join/{code}"), &guardian("关大山", "13800001111")).await;
    let mut conn = school.raw();
    let rows: Vec<(String, Vec<u8>)> =
        account_phone::table.select((account_phone::phone_hash, account_phone::phone_sealed)).load(&mut conn).unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!rows[0].0.contains("13800001111") && !String::from_utf8_lossy(&rows[0].1).contains("13800001111"));
}

#[actix_web::test]
async fn scanning_a_second_slip_while_signed_in_adds_the_child() {
    let school = School::open();
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let code = slip_for(&school, &lin, school.map.guan).await;

    let page = parent.get(&format!("/join/{code}")).await;
    assert!(page.text.contains("李建国，再绑定一个孩子") && !page.text.contains("type=\"password\""), "{}", page.text);
    let missing = parent.submit(&format!("/join/{code}"), &[("as", "me"), ("relation", "父亲")]).await;
    assert_eq!(missing.status, 422, "consent is asked for each child");
    let form = [("as", "me"), ("relation", "父亲"), ("consent", "yes")];
    let added = parent.submit(&format!("/join/{code}"), &form).await;
    assert_eq!(added.location, format!("/child/{}?joined=1", school.map.guan));
    let child = parent.get(&format!("/child/{}", school.map.guan)).await;
    assert!(child.status == 200 && child.text.contains("李沐阳"), "both children are there");

    let again = slip_for(&school, &lin, school.map.guan).await;
    assert_eq!(parent.submit(&format!("/join/{again}"), &form).await.status, 409, "bound already");
    assert_eq!(school.visitor().get(&format!("/join/{again}")).await.status, 200, "and the slip is not spent");
    let nobody = school.visitor().submit(&format!("/join/{again}"), &form).await;
    assert!(nobody.text.contains("type=\"password\""), "signed out, the whole form is asked");
    assert!(parent.get(&format!("/join/{again}?as=new")).await.text.contains("type=\"password\""));
}

#[actix_web::test]
async fn the_homeroom_teacher_attests_a_guardian_on_paper() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let family = format!("/class/{}/family/{}", school.map.class, school.map.guan);
    let form = |on: &'static str| [("name", "关老爷子"), ("relation", "祖父"), ("on", on), ("paper", "yes")];

    assert_eq!(lin.post(&format!("{family}/attest"), &form("2027-02-01")).await.status, 422, "not signed yet");
    assert_eq!(lin.post(&format!("{family}/attest"), &form("昨天")).await.status, 422);
    assert_eq!(lin.post(&format!("{family}/attest"), &form("2027-01-03")[..3]).await.status, 422, "no paper");
    let attested = lin.post(&format!("{family}/attest"), &form("2027-01-03")).await;
    assert_eq!(attested.location, family, "{}", attested.text);

    let page = lin.get(&family).await;
    assert!(page.text.contains("关老爷子") && page.text.contains("纸面登记"));
    assert!(verbs(&school, 1).contains(&"guardian_attested".to_owned()));
    let wu = school.sign_in("wu").await;
    let elsewhere = format!("/class/{}/family/{}", school.map.other_class, school.map.guan);
    assert_eq!(wu.post(&format!("{elsewhere}/attest"), &form("2027-01-03")).await.status, 404);
    assert_eq!(wu.get(&elsewhere).await.status, 404);
}

#[actix_web::test]
async fn a_disputed_guardianship_opens_nothing_until_it_is_settled() {
    let school = School::open();
    let (office, parent, pupil) =
        (school.sign_in("office1").await, school.sign_in("li-parent").await, school.sign_in("li-pupil").await);
    let (child, family) = (format!("/child/{}", school.map.li), format!("/office/family/{}", school.map.li));
    let guardianship = office.get(&family).await.hidden("guardianship").unwrap().to_owned();
    let rule = async |ruling: &str, reason: &str| {
        let form = [("guardianship", guardianship.as_str()), ("ruling", ruling), ("reason", reason)];
        office.post(&format!("{family}/ruling"), &form).await.status
    };

    assert_eq!(rule("dispute", " ").await, 422, "a reason is asked");
    assert_eq!(rule("keep", "没有争议").await, 409);
    assert_eq!(rule("dispute", "父母正在离婚诉讼").await, 303);
    assert_eq!(parent.get(&child).await.status, 404);
    assert_eq!(parent.get("/desks").await.text.matches("的家长").count(), 0);
    assert_eq!(pupil.get(&child).await.status, 200, "the pupil still may");
    assert_eq!(rule("keep", "法院判决由父亲抚养").await, 303);
    assert_eq!(parent.get(&child).await.status, 200);
    let far = school.sign_in("office2").await;
    let form = [("guardianship", guardianship.as_str()), ("ruling", "unbind"), ("reason", "别校")];
    assert_eq!(far.post(&format!("{family}/ruling"), &form).await.status, 404);
    assert_eq!(rule("unbind", "法院判决变更监护人").await, 303);
    assert_eq!(parent.get(&child).await.location.split('?').next(), Some("/sign-in"), "an account with nothing ends");
    assert!(!signs_in(&school, "li-parent", PASSWORD).await);
    assert_eq!(verbs(&school, 1).iter().filter(|verb| *verb == "guardianship_ruled").count(), 3);
}

#[actix_web::test]
async fn the_homeroom_teacher_resets_guardian_and_pupil_but_no_teacher() {
    let school = School::open();
    let (lin, lin2) = (school.sign_in("lin").await, school.sign_in("lin2").await);
    let family = format!("/class/{}/family/{}", school.map.class, school.map.li);
    let page = lin.get(&family).await;
    let accounts: Vec<&str> = page.text.split(r#"name="account" value=""#).skip(1).map(|rest| &rest[..32]).collect();
    assert_eq!(accounts.len(), 2, "the father and the pupil: {}", page.text);
    for account in &accounts {
        let made = lin.post(&format!("{family}/link"), &[("account", account)]).await;
        let at = made.text.find("/welcome/").unwrap();
        let link = made.text[at..].split('<').next().unwrap().to_owned();
        assert_eq!(school.visitor().get(&link).await.status, 200);
        let set = school.visitor().submit(&link, &[("password", CAT), ("again", CAT)]).await;
        assert_eq!(set.status, 303);
        // A password of one's own ends every link that was made before.
        let made = lin.post(&format!("{family}/link"), &[("account", account)]).await;
        let at = made.text.find("/welcome/").unwrap();
        let older = made.text[at..].split('<').next().unwrap().to_owned();
        let login = if account == &accounts[0] { "li-parent" } else { "li-pupil" };
        let me = school.visitor();
        assert_eq!(me.submit("/sign-in", &[("login", login), ("password", CAT)]).await.status, 303);
        let own = [("current", CAT), ("password", "灶台边趴着三只狗"), ("again", "灶台边趴着三只狗")];
        let changed = me.post("/password", &own).await;
        assert_eq!(changed.status, 303, "{}", changed.text);
        assert_eq!(school.visitor().get(&older).await.status, 404);
        let back = [("current", "灶台边趴着三只狗"), ("password", CAT), ("again", CAT)];
        let me = school.visitor();
        assert_eq!(me.submit("/sign-in", &[("login", login), ("password", "灶台边趴着三只狗")]).await.status, 303);
        assert_eq!(me.post("/password", &back).await.status, 303);
    }
    assert!(signs_in(&school, "li-parent", CAT).await && signs_in(&school, "li-pupil", CAT).await);
    let far = format!("/class/{}/family/{}", school.map.far_class, school.map.yu);
    let page = lin2.get(&far).await;
    let fang = page.hidden("account").unwrap().to_owned();
    assert_eq!(lin2.post(&format!("{far}/link"), &[("account", &fang)]).await.status, 409, "fang teaches elsewhere");
    assert_eq!(lin2.post(&format!("{far}/link"), &[("account", accounts[0])]).await.status, 404, "not of this child");
}
