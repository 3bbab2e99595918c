//! A class's term reports as a print run of the office: begun after the signature, gone
//! on with after whatever stops it, handed out in seat order.
use crate::place::Place;
use crate::portfolio::teach_and_sign;
use crate::print_run::{Serving, adapted};
use crate::support::{Person, School, TERM, term};
use qinghe::platform::files::{Files, sha256_hex};
use qinghe::platform::typeset::PressRoom;
use std::sync::Arc;

fn page(school: &School) -> String {
    format!("/office/reports/{}/{TERM}", school.map.class)
}

async fn signed() -> School {
    let school = School::open();
    teach_and_sign(&school, &school.sign_in("lin").await, term()).await;
    school
}

/// One lot by the server's own worker; whether there was anything.
async fn one_lot(school: &School) -> bool {
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    qinghe::portfolio::work_at_runs(&by_command).await.unwrap()
}

async fn merged(school: &School, office: &Person<'_>) -> String {
    let joined = office.get(&format!("{}.pdf", page(school))).await;
    assert_eq!((joined.status, joined.media_type.as_str()), (200, "application/pdf"), "{}", joined.text);
    crate::pdf::text(&joined.bytes)
}

#[actix_web::test]
async fn a_class_is_printed_after_it_is_signed_in_seat_order_each_with_a_slip_to_come_back() {
    let school = School::open();
    let (office, page) = (school.sign_in("office1").await, page(&school));
    let early = office.post(&page, &[]).await;
    assert!(early.status == 409 && early.text.contains("还没有签字"), "{}", early.text);
    assert!(office.get(&page).await.text.contains("还没有签字"));
    assert_eq!(office.post(&format!("/office/reports/{}/{TERM}", school.map.far_class), &[]).await.status, 404);
    assert_eq!(school.count("print_run"), 0);
    teach_and_sign(&school, &school.sign_in("lin").await, term()).await;
    assert!(office.get("/office/reports").await.text.contains(&format!("href=\"{page}\"")));
    assert!(office.get(&page).await.text.contains("还没有制作"));
    assert_eq!(office.get(&format!("{page}.pdf")).await.status, 404, "nothing is printed yet");

    assert_eq!(office.post(&page, &[]).await.location, page);
    assert_eq!(office.post(&page, &[]).await.status, 409, "one run at a time");
    assert!(one_lot(&school).await && !one_lot(&school).await, "one lot, then nothing waits any more");

    let done = office.get(&page).await.text;
    assert!(done.contains("做好了 3 / 3 份") && done.contains("全部重新制作"), "{done}");
    let text = merged(&school, &office).await;
    assert_eq!(text.matches("家长签字").count(), 3, "{text}");
    let at = |name: &str| text.find(name).unwrap();
    assert!(at("李沐阳") < at("陈𠮷䶮") && at("陈𠮷䶮") < at("关雪晴"));
    let zip = office.get(&format!("{page}.zip")).await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip.bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let files = ["01-李沐阳.pdf", "02-陈𠮷䶮.pdf", "03-关雪晴.pdf", "manifest.json", "报告单目录.xlsx"];
    assert_eq!(names, files);
    let mut read = |n| {
        let mut bytes = Vec::new();
        std::io::copy(&mut archive.by_index(n).unwrap(), &mut bytes).unwrap();
        bytes
    };
    let (first, manifest) = (read(0), read(3));
    crate::pdf::check(&first, "李沐阳", &["学期报告单", "回执", "有头有尾"]);
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    assert_eq!(manifest[0]["sha256"], sha256_hex(&first));
    assert_eq!(manifest.as_array().unwrap().len(), 3);
    let line = format!("journal WHERE verb = 'reports_printed' AND about LIKE '%{}%'", school.map.chen);
    assert_eq!(school.count(&line), 1, "it is known whose were printed");
}

#[actix_web::test]
async fn a_run_waits_when_paused_and_goes_on_after_a_kill_with_every_report_once() {
    let school = signed().await;
    let (office, page, place) = (school.sign_in_now("office1").await, page(&school), Place::of(&school));
    assert_eq!(office.post(&format!("{page}/pause"), &[]).await.status, 409, "nothing to pause yet");
    assert_eq!(office.post(&page, &[]).await.status, 303);
    assert_eq!(office.post(&format!("{page}/pause"), &[]).await.status, 303);
    assert!(office.get(&page).await.text.contains("暂停了：0 / 3 份"));
    assert!(!one_lot(&school).await, "a paused run waits");
    assert_eq!(office.post(&format!("{page}/resume"), &[]).await.status, 303);
    let kept = Files::in_folder(&place.files);
    let count = || kept.list().unwrap().len();
    Serving::at(&place).until("the kill", || count() >= 1);
    let mut last = Serving::at(&place);
    last.until("the files", || count() >= 3);
    while school.count("print_run WHERE finished_at IS NULL") > 0 {
        std::thread::yield_now();
    }
    drop(last);
    assert_eq!(count(), 3, "every report once");
    assert_eq!(school.count("print_item WHERE state = 'done' AND pdf_sha256 IS NOT NULL"), 3);
}

#[actix_web::test]
async fn what_failed_is_told_with_its_reason_and_printed_once_more_and_what_is_done_stays() {
    let school = signed().await;
    let page = page(&school);
    let faulty = |text: String| text.replacen("#let masthead", "#assert(student.seat != 2)\n#let masthead", 1);
    let folder = adapted("term-report.typ", faulty);
    let school = school.arranged(|house| house.press = Arc::new(PressRoom::new(None, Some(folder))));
    assert_eq!(school.sign_in_now("office1").await.post(&page, &[]).await.status, 303, "the first one prints");
    assert!(one_lot(&school).await);
    let office = school.sign_in_now("office1").await;
    let told = office.get(&page).await.text;
    assert!(told.contains("做好了 2 / 3 份") && told.contains("2 号 陈𠮷䶮"), "{told}");
    assert!(told.contains("term-report.typ 第"), "and why: {told}");
    assert!(!merged(&school, &office).await.contains("陈𠮷䶮"), "what failed is in no file");

    let school = school.arranged(|house| house.press = Arc::new(PressRoom::new(None, None)));
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.post(&page, &[("only", "failed")]).await.status, 303);
    assert_eq!(school.count("print_item WHERE state = 'waiting'"), 1, "only what failed");
    assert!(one_lot(&school).await);
    assert!(office.get(&page).await.text.contains("做好了 3 / 3 份"));
    assert!(merged(&school, &office).await.contains("陈𠮷䶮"));
}

#[actix_web::test]
async fn a_changed_term_is_printed_anew_only_when_the_office_says_so() {
    let school = signed().await;
    let (office, page) = (school.sign_in("office1").await, page(&school));
    office.post(&page, &[]).await;
    assert!(one_lot(&school).await);
    assert!(merged(&school, &office).await.contains("归档前"));
    let (sealed, _) = crate::portfolio::seal_term(&school, term()).await.unwrap();
    assert_eq!(sealed, 3);
    let office = school.sign_in_now("office1").await;
    assert!(merged(&school, &office).await.contains("归档前"), "what was printed stays what it was");

    assert_eq!(office.post(&page, &[]).await.status, 303);
    assert!(one_lot(&school).await);

    let text = merged(&school, &office).await;
    assert!(text.contains("第1版") && !text.contains("归档前"), "{text}");
}

#[actix_web::test]
async fn a_countys_own_report_that_is_no_archive_starts_no_run() {
    let school = signed().await;
    let page = page(&school);
    let folder = adapted("term-report.typ", |text| text + "\n#image(\"seed.svg\")\n");
    let school = school.arranged(|house| house.press = Arc::new(PressRoom::new(None, Some(folder))));
    let refused = school.sign_in_now("office1").await.post(&page, &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    for words in ["图没有替代文字", "term-report.typ 第", "QINGHE_TEMPLATES"] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    assert_eq!(school.count("print_run"), 0);
}
