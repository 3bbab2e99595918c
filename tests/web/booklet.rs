//! The class booklet: all bands of a class on one sheet, for two pairs of eyes only.
use crate::portfolio::teach_and_sign;
use crate::support::{LAST_TERM, School, TERM, term};

fn of_teacher(school: &School, term: &str) -> String {
    format!("/class/{}/{term}/booklet", school.map.class)
}

fn of_office(school: &School, term: &str) -> String {
    format!("/office/reports/{}/{term}/booklet", school.map.class)
}

fn taken(school: &School) -> i64 {
    school.count("journal WHERE verb = 'booklet_taken'")
}

#[actix_web::test]
async fn the_booklet_of_a_signed_class_has_every_pupil_in_seat_order_for_its_teacher_and_the_office() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    teach_and_sign(&school, &lin, term()).await;
    let signed = lin.get(&format!("/class/{}/{TERM}/sign", school.map.class)).await.text;
    assert!(signed.contains(&format!("action=\"{}\"", of_teacher(&school, TERM))), "{signed}");
    assert!(lin.get(&format!("/class/{}/desk", school.map.class)).await.text.contains("sign#booklet"));

    let booklet = lin.post(&of_teacher(&school, TERM), &[]).await;

    assert_eq!((booklet.status, booklet.media_type.as_str()), (200, "application/pdf"), "{}", booklet.text);
    let rows = [("1", "李沐阳", "良好"), ("2", "陈𠮷䶮", "优秀"), ("3", "关雪晴", "良好")]
        .map(|(seat, name, labour)| format!("{seat}{name}良好良好良好良好{labour}2026-1做事有头有尾。"));
    let mark = "不张贴，不传阅，不据此排序";
    crate::pdf::check(
        &booklet.bytes,
        "八年级(1)班",
        &["班级评价册", &rows.concat(), mark, "林静", "归档前", "班级评价小组", "1 / 1"],
    );
    let info = crate::pdf::info(&booklet.bytes);
    assert!(info.contains("841.89 x 595.276"), "landscape: {info}");
    assert!(!crate::pdf::text(&booklet.bytes).contains("家校沟通"), "nothing was said, no appendix");
    assert_eq!(taken(&school), 1);

    let office = school.sign_in("office1").await;
    let reports = office.get("/office/reports").await.text;
    assert!(reports.contains(&format!("action=\"{}\"", of_office(&school, TERM))), "{reports}");
    let same = office.post(&of_office(&school, TERM), &[]).await;
    assert_eq!(same.status, 200, "{}", same.text);
    assert!(same.bytes == booklet.bytes, "the same book on the same day");
    assert_eq!(taken(&school), 2);
    let sha256 = qinghe::platform::files::sha256_hex(&same.bytes);
    assert_eq!(school.count(&format!("journal WHERE verb = 'booklet_taken' AND about LIKE '%{sha256}%'")), 2);
    assert_eq!(school.count("reading WHERE role = 'office'"), 1, "the families see that the office looked");
}

#[actix_web::test]
async fn before_the_class_is_signed_there_is_no_booklet_and_of_other_terms_none() {
    let school = School::open();
    let (lin, office) = (school.sign_in("lin").await, school.sign_in("office1").await);
    for (person, address) in [(&lin, of_teacher(&school, TERM)), (&office, of_office(&school, TERM))] {
        let early = person.post(&address, &[]).await;
        assert!(early.status == 409 && early.text.contains("还没有签字"), "{address}: {}", early.text);
    }
    teach_and_sign(&school, &lin, term()).await;
    assert_eq!(lin.post(&of_teacher(&school, LAST_TERM), &[]).await.status, 409, "nobody signed that one");
    for ahead_or_long_gone in ["2026-2", "2024-1"] {
        assert_eq!(lin.post(&of_teacher(&school, ahead_or_long_gone), &[]).await.status, 404);
    }
    assert_eq!(taken(&school), 0);
}

#[actix_web::test]
async fn the_booklet_is_for_nobody_else() {
    let school = School::open();
    teach_and_sign(&school, &school.sign_in("lin").await, term()).await;
    for person in school.everyone_but(&["lin"]).await {
        assert_eq!(person.post(&of_teacher(&school, TERM), &[]).await.status, 404, "{}", person.login);
    }
    for person in school.everyone_but(&["office1"]).await {
        assert_eq!(person.post(&of_office(&school, TERM), &[]).await.status, 404, "{}", person.login);
    }
    let deputy = school.sign_in("dep").await.get(&format!("/class/{}/{TERM}/sign", school.map.class)).await;
    assert!(deputy.status == 200 && !deputy.text.contains("班级评价册"), "{}", deputy.text);
    assert_eq!(taken(&school), 0);
}

#[actix_web::test]
async fn its_appendix_takes_only_what_is_shared_with_the_families() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let (who_li, who_chen) = (format!("who_{}", school.map.li), format!("who_{}", school.map.chen));
    let who_guan = format!("who_{}", school.map.guan);
    for (kind, day, words, shared, who) in [
        ("visit", "2026-12-20", "夜里睡得晚，只说给老师听。", "", vec![&who_li]),
        ("call", "2026-12-18", "作业写得稳了。", "on", vec![&who_chen, &who_li]),
        ("meeting", "2026-12-15", "期中家长会。", "on", vec![&who_li, &who_chen, &who_guan]),
        ("meeting", "2027-01-12", "期末家长会。", "on", vec![&who_li, &who_chen]),
    ] {
        let mut form = vec![("kind", kind), ("day", day), ("words", words)];
        form.extend((!shared.is_empty()).then_some(("shared", shared)));
        form.extend(who.iter().map(|name| (name.as_str(), "on")));
        let saved = lin.post(&format!("/class/{}/contacts", school.map.class), &form).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
    }
    teach_and_sign(&school, &lin, term()).await;

    let booklet = lin.post(&of_teacher(&school, TERM), &[]).await;

    assert_eq!(booklet.status, 200, "{}", booklet.text);
    crate::pdf::check(&booklet.bytes, "八年级(1)班", &["附　家校沟通", "2 / 2"]);
    let text = crate::pdf::text(&booklet.bytes);
    let lines = ["2026年12月15日家长会期中家长会。全班", "2026年12月18日电话作业写得稳了。李沐阳、陈𠮷䶮"];
    assert!(text.contains(&lines.concat()), "by the day, names in seat order: {text}");
    for unsaid in ["夜里睡得晚", "期末家长会"] {
        assert!(!text.contains(unsaid), "private, or still ahead: {unsaid}");
    }
}
