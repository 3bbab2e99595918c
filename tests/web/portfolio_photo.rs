//! Photos on paper: printed where a pupil chose the record and every family consents, and
//! gone from every print that is handed out as soon as one does not.
use crate::evidence::{consent, own_store, photo, record};
use crate::portfolio::{graduate, sealed_files};
use crate::selection::choose;
use crate::support::{Person, School};
use chrono::Duration;
use qinghe::command::photos;
use qinghe::names::{Cohort, StudentId};
use qinghe::platform::files::{Files, sha256_hex};
use qinghe::portfolio::file::GraduationFile;
use qinghe::portfolio::verify::{Verdict, verify_file};
use qinghe::portfolio::{issued, print_and_keep, work_at_runs};
use serde_json::Value;
use std::collections::BTreeSet;

const WHY: &str = "第一次没有人带着去";
const PAGE: &str = "/office/print/2025";

/// Li was in an activity with a photo, alone or with chen, and chose it.
async fn chosen(with: &[&str]) -> (School, Files) {
    let (school, files) = own_store();
    let (li, chen) = (school.map.li, school.map.chen);
    let who: Vec<StudentId> = [li].into_iter().chain(with.contains(&"chen").then_some(chen)).collect();
    let of = record(&school, &who, &[("a.jpg", &photo(71)), ("b.jpg", &photo(72))]).await;
    let pupil = school.sign_in("li-pupil").await;
    let done = choose(&school, &pupil, &[(&of["evidence/".len()..], WHY)], "李沐阳", "confirm").await;
    assert_eq!(done.status, 303, "{}", done.text);
    (school, files)
}

/// A graduate whose chosen photo its guardian lets be printed, sealed.
async fn sealed_with_photo() -> (School, Files) {
    let (school, files) = chosen(&[]).await;
    consent(&school, "li-parent", school.map.li, "give").await;
    graduate(&school).await;
    (school, files)
}

async fn sealed_of(school: &School, student: StudentId) -> (GraduationFile, Vec<u8>, String) {
    let files = sealed_files::<GraduationFile>(school, "graduation").await;
    files.into_iter().find(|(file, ..)| file.student.id == student).unwrap()
}

async fn run(school: &School, office: &Person<'_>) {
    let started = office.post(PAGE, &[]).await;
    assert_eq!(started.status, 303, "{}", started.text);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    while work_at_runs(&by_command).await.unwrap() {}
}

async fn pdf_of(office: &Person<'_>, student: StudentId) -> Vec<u8> {
    let answer = office.get(&format!("{PAGE}/pupil/{student}.pdf")).await;
    assert_eq!((answer.status, answer.media_type.as_str()), (200, "application/pdf"), "{}", answer.text);
    answer.bytes
}

/// A minute passes, and what then happens by itself.
async fn sweep(school: &School) {
    school.clock.set(school.clock.now() + Duration::minutes(1));
    photos::once(&school.door).await.unwrap();
}

fn genuine(school: &School, bytes: &[u8]) -> bool {
    matches!(verify_file(bytes, &school.door.house().believed), Verdict::Genuine(_))
}

/// Prints the sealed bytes with these photos, as the press would.
fn printed(school: &School, sealed: &[u8], may: &[&str]) -> qinghe::portfolio::Made {
    let house = school.door.house();
    let may: BTreeSet<String> = may.iter().map(|sha256| (*sha256).to_owned()).collect();
    qinghe::portfolio::print_portfolio(house.press.press().unwrap(), house, sealed, &may).unwrap()
}

#[actix_web::test]
async fn a_chosen_photo_is_printed_in_its_records_card_and_adds_little() {
    let (school, files) = sealed_with_photo().await;
    let (li, chen) = (school.map.li, school.map.chen);

    let (file, bytes, sha256) = sealed_of(&school, li).await;
    let told: Vec<_> = file.facts.records.values().flatten().collect();
    assert_eq!((told.len(), told[0].title.as_str(), told[0].why.as_deref()), (1, "到镇敬老院包饺子", Some(WHY)));
    let [named] = &told[0].photos[..] else { panic!("{told:?}") };
    assert!(files.list().unwrap().contains(named), "the first of the record's photos, by its hash");
    let bare = String::from_utf8(sealed_of(&school, chen).await.1).unwrap();
    assert!(!bare.contains("photos") && !bare.contains("\"why\""), "what is not there is not written: {bare}");

    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    let pdf = pdf_of(&office, li).await;
    let says = ["到镇敬老院包饺子", WHY, "毕业成长档案"];
    crate::pdf::check(&pdf, "李沐阳", &says);
    let without = printed(&school, &bytes, &[]);
    assert_eq!(crate::pdf::images(&pdf), crate::pdf::images(&without.pdf) + 1);
    assert_eq!(crate::pdf::images(&without.pdf), crate::pdf::images(&pdf_of(&office, chen).await), "the code alone");
    assert!(pdf.len() <= without.pdf.len() + 60_000, "{} and {}", pdf.len(), without.pdf.len());
    // What is not outlines of characters is small, whatever the portfolio tells; a short one fits whole.
    assert!(without.pdf.len() <= 200_000, "{}", without.pdf.len());
    let alt = crate::pdf::objects(&pdf);
    assert!(alt.contains("照片：到镇敬老院包饺子，2026 年 12 月 22 日，品德发展"), "{alt}");

    // The same photo prints the same file, and the bytes that are attached are the sealed ones.
    assert!(printed(&school, &bytes, &[named]).pdf == pdf);
    assert!(crate::pdf::attachment(&pdf, "portfolio.json") == bytes && sha256_hex(&bytes) == sha256);
    assert!(genuine(&school, &pdf));
    let schema: Value = serde_json::from_str(include_str!("../../seed/sealed-graduation.schema.json")).unwrap();
    for (file, ..) in sealed_files::<Value>(&school, "graduation").await {
        crate::correction::holds(&schema, &file, "file");
    }
}

#[actix_web::test]
async fn a_photo_without_the_consent_of_all_is_neither_named_nor_printed() {
    let (school, _) = chosen(&["chen"]).await;
    let (li, chen) = (school.map.li, school.map.chen);
    // Li's family consents, chen's does not.
    consent(&school, "li-parent", li, "give").await;
    graduate(&school).await;
    let (file, bytes, _) = sealed_of(&school, li).await;
    assert_eq!(file.photos().count(), 0);
    assert_eq!(file.facts.records.values().flatten().count(), 1, "the record itself is told");
    // Given afterwards, it changes nothing that is sealed.
    consent(&school, "chen-parent", chen, "give").await;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    assert!(pdf_of(&office, li).await == printed(&school, &bytes, &[]).pdf);
    assert_eq!(school.count("portfolio_photo"), 0);
    // What was sealed before there were any is read as it was, and written again alike.
    let earlier = r#"{"on":"2026-12-22","place":"","source":"班主任记录","text":"参加","title":"包饺子"}"#;
    let read: qinghe::portfolio::file::RecordWords = serde_json::from_str(earlier).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&read).unwrap(), earlier);

    // Chen is in the picture and did not choose it: it is in li's file alone.
    let (school, _) = chosen(&["chen"]).await;
    consent(&school, "li-parent", li, "give").await;
    consent(&school, "chen-parent", chen, "give").await;
    graduate(&school).await;
    assert_eq!(sealed_of(&school, li).await.0.photos().count(), 1);
    assert_eq!(sealed_of(&school, chen).await.0.photos().count(), 0);
}

#[actix_web::test]
async fn consent_taken_back_after_the_print_sets_it_aside_and_another_takes_its_place() {
    let (school, files) = chosen(&["chen"]).await;
    let (li, chen) = (school.map.li, school.map.chen);
    consent(&school, "li-parent", li, "give").await;
    consent(&school, "chen-parent", chen, "give").await;
    graduate(&school).await;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    let (old, others) = (pdf_of(&office, li).await, pdf_of(&office, chen).await);
    let sha256 = sha256_hex(&old);
    assert!(files.list().unwrap().contains(&sha256) && school.count("portfolio_photo") == 1);
    // What was in nobody's hands while it was written is in a row's now.
    school.clock.set(school.clock.now() + Duration::minutes(11));
    sweep(&school).await;
    assert_eq!(school.count("loose_photo"), 0);
    let office = school.sign_in_now("office1").await;
    assert!(pdf_of(&office, li).await == old, "as long as all consent it stays");
    assert!(!office.get(PAGE).await.text.contains("因为照片重新制作的"));

    // The other child's family: from this moment on nobody gets it.
    consent(&school, "chen-parent", chen, "withdraw").await;
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.get(&format!("{PAGE}/pupil/{li}.pdf")).await.status, 404);
    let zip = office.get(&format!("{PAGE}/1.zip")).await.bytes;
    let archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(
        !names.iter().any(|name| name.starts_with("01-")) && names.contains(&"02-陈𠮷䶮.pdf".to_owned()),
        "{names:?}"
    );
    assert!(!crate::pdf::text(&office.get(&format!("{PAGE}/1.pdf")).await.bytes).contains("李沐阳"));
    let soon = office.get(PAGE).await.text;
    assert!(
        soon.contains("监护人收回了照片同意") && soon.contains("还没有重新制作") && soon.contains("重新制作 1 份"),
        "{soon}"
    );

    sweep(&school).await;
    assert!(!files.list().unwrap().contains(&sha256), "its bytes are gone");
    let new = pdf_of(&office, li).await;
    let (_, bytes, sealed) = sealed_of(&school, li).await;
    assert!(new == printed(&school, &bytes, &[]).pdf && crate::pdf::attachment(&new, "portfolio.json") == bytes);
    crate::pdf::check(&new, "李沐阳", &["到镇敬老院包饺子", WHY, &sealed[..4]]);
    assert_eq!(crate::pdf::images(&new), crate::pdf::images(&old) - 1);
    assert!(crate::pdf::attachment(&new, "credential.jwt") == crate::pdf::attachment(&old, "credential.jwt"));
    assert!(genuine(&school, &new));
    let place = crate::place::Place::of(&school);
    let path = crate::support::scratch().join("again.pdf");
    std::fs::write(&path, &new).unwrap();
    let (code, said, complaint) = place.run(&["verify", path.to_str().unwrap()]);
    assert!(code == 0 && said.contains("李沐阳"), "{said}{complaint}");
    assert!(pdf_of(&office, chen).await == others, "what has no such photo stays as it is");
    let page = office.get(PAGE).await.text;
    assert!(page.contains("李沐阳") && page.contains("已重新制作") && !page.contains("还没有重新制作"), "{page}");

    let journalled = || school.count("journal WHERE verb = 'prints_set_aside'");
    assert_eq!((journalled(), school.count("portfolio_aside"), school.count("portfolio")), (1, 1, 4));
    assert_eq!(crate::journal::broken(&school).await, None);
    // Nothing more happens, and consent given again does not bring the print back.
    consent(&school, "chen-parent", chen, "give").await;
    sweep(&school).await;
    assert!(pdf_of(&school.sign_in_now("office1").await, li).await == new && journalled() == 1);
    use diesel::prelude::*;
    for sql in ["DELETE FROM portfolio_aside", "UPDATE portfolio_photo SET edition = 2", "DELETE FROM portfolio"] {
        let mut conn = school.raw();
        let said = qinghe::on!(&mut conn, c => diesel::sql_query(sql).execute(c)).unwrap_err().to_string();
        assert!(said.contains("append-only"), "{said}");
    }
}

#[actix_web::test]
async fn a_print_that_was_only_found_brings_no_photo_back() {
    let (school, _) = sealed_with_photo().await;
    let li = school.map.li;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    let old = pdf_of(&office, li).await;
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    let whole = by_command.whole_school();
    let found = by_command.look(move |look| issued(look, whole, Cohort(2025))).await.unwrap();
    consent(&school, "li-parent", li, "withdraw").await;
    // A run that had found it printed before the consent was taken back ends after it.
    print_and_keep(&by_command, None, found, 1).await.unwrap();
    assert_eq!(school.count("portfolio WHERE edition > 1"), 0, "that was no new print");
    let office = school.sign_in_now("office1").await;
    assert_eq!(office.get(&format!("{PAGE}/pupil/{li}.pdf")).await.status, 404);
    run(&school, &office).await;
    let new = pdf_of(&office, li).await;
    assert!(new != old && genuine(&school, &new), "and it is still made anew, without the photo");
}

#[actix_web::test]
async fn a_photo_that_went_before_the_print_is_left_out_and_fails_nothing() {
    let (school, files) = sealed_with_photo().await;
    let li = school.map.li;
    let (file, bytes, _) = sealed_of(&school, li).await;
    let named = file.photos().next().unwrap().to_owned();
    let kept = files.get(&named).unwrap();
    // Its bytes are gone, or no longer what they were: the layout closes up.
    files.delete(&named).unwrap();
    let without = printed(&school, &bytes, &[]);
    let missing = printed(&school, &bytes, &[&named]);
    assert!(missing.pdf == without.pdf && missing.photos.is_empty());
    files.put(&kept).unwrap();
    assert_eq!(printed(&school, &bytes, &[&named]).photos, [named]);

    consent(&school, "li-parent", li, "withdraw").await;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    assert!(pdf_of(&office, li).await == without.pdf);
    assert_eq!((school.count("portfolio_photo"), school.count("portfolio_aside")), (0, 0));
    assert!(!office.get(PAGE).await.text.contains("因为照片重新制作的"));
}

#[actix_web::test]
async fn the_office_makes_anew_what_a_guardian_who_is_none_any_more_had_consented_to() {
    let (school, files) = sealed_with_photo().await;
    let li = school.map.li;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    let old = pdf_of(&office, li).await;
    let refused = office.post(&format!("{PAGE}/pause"), &[]).await;
    assert_eq!(refused.status, 409, "the run is over");

    let family = format!("/office/family/{li}");
    let guardianship = office.get(&family).await.hidden("guardianship").unwrap().to_owned();
    let form = [("guardianship", guardianship.as_str()), ("ruling", "unbind"), ("reason", "法院判决变更监护人")];
    assert_eq!(office.post(&format!("{family}/ruling"), &form).await.status, 303);
    assert_eq!(office.get(&format!("{PAGE}/pupil/{li}.pdf")).await.status, 404);
    sweep(&school).await;
    let page = office.get(PAGE).await.text;
    assert!(page.contains("照片里有同学现在没有监护人同意") && page.contains("重新制作 1 份"), "{page}");

    run(&school, &office).await;
    let new = pdf_of(&office, li).await;
    assert_eq!(crate::pdf::images(&new), crate::pdf::images(&old) - 1);
    let page = office.get(PAGE).await.text;
    assert!(page.contains("已重新制作") && !page.contains("重新制作 1 份"), "{page}");
    assert_eq!(school.count("portfolio_aside WHERE why = 'unbound'"), 1);
    assert!(files.list().unwrap().contains(&sha256_hex(&old)));
    sweep(&school).await;
    assert!(!files.list().unwrap().contains(&sha256_hex(&old)), "and its bytes go");
    assert!(genuine(&school, &new) && pdf_of(&office, li).await == new);
}

#[actix_web::test]
async fn a_package_with_an_old_print_is_not_handed_out_and_the_next_one_carries_the_new() {
    let (school, files) = sealed_with_photo().await;
    let li = school.map.li;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    let old = pdf_of(&office, li).await;
    let (package, secret) = crate::handover::packed(&office, li).await;
    let made = crate::handover::newest(&office.get(&format!("/office/handover/pupil/{li}")).await.text);
    // The next school of the county has taken it in already.
    let (office2, twin) = (school.sign_in_now("office2").await, crate::handover::twin_at_school_two(&school).await);
    let come = office2.upload("/office/handover", "a.zip", &package, &[("passphrase", &secret)]).await;
    let form = [("token", come.hidden("token").unwrap()), ("student", &twin.to_string())];
    assert_eq!(office2.post("/office/handover/take", &form).await.status, 303);
    let come = format!("/office/handover/pupil/{twin}/portfolio.pdf");
    assert!(office2.get(&come).await.bytes == old);
    let zip = |address: &str| format!("{address}/package.zip");
    assert_eq!(office.get(&zip(&made)).await.status, 200);

    consent(&school, "li-parent", li, "withdraw").await;
    let office = school.sign_in_now("office1").await;
    let slip = format!("{made}/slip.pdf");
    assert_eq!((office.get(&zip(&made)).await.status, office.get(&slip).await.status), (404, 404));
    let before = files.list().unwrap().len();
    sweep(&school).await;
    let after = files.list().unwrap();
    assert_eq!(school.sign_in_now("office2").await.get(&come).await.status, 404, "nor from the next school");
    assert!(!after.contains(&sha256_hex(&old)));
    assert_eq!(after.len(), before - 2 + 1, "the print and the package are gone, the new print is there");
    let again = crate::handover::newest_package(&office, li).await;
    assert_ne!(again, made);
    assert!(office.get(&zip(&again)).await.status == 200 && office.get(&zip(&made)).await.status == 404);
    let by_command = school.operator().school_office("3121042101").await.unwrap();
    let (whole, store) = (by_command.whole_school(), files.clone());
    let package = by_command.look(move |look| qinghe::portfolio::package_of(look, whole, &store, li)).await.unwrap();
    assert!(package.pdf == Some(pdf_of(&office, li).await) && package.pdf != Some(old));
}

#[actix_web::test]
async fn what_was_kept_before_there_were_editions_goes_through_the_change_and_back() {
    use diesel::connection::SimpleConnection;
    let (school, _) = sealed_with_photo().await;
    let li = school.map.li;
    let office = school.sign_in_now("office1").await;
    run(&school, &office).await;
    consent(&school, "li-parent", li, "withdraw").await;
    sweep(&school).await;
    let new = pdf_of(&school.sign_in_now("office1").await, li).await;
    assert_eq!(school.count("portfolio"), 4);
    let engine = if matches!(school.raw(), qinghe::platform::db::Conn::Sqlite(_)) { "sqlite" } else { "postgres" };
    let steps = [
        "both/2026-11-29-000600_print_edition".to_owned(),
        format!("{engine}/2026-11-29-000610_print_edition_counts"),
        "both/2026-11-29-000620_print_photo".to_owned(),
        format!("{engine}/2026-11-29-000630_print_photo_stands"),
    ];
    let go = |step: &String, way: &str| {
        let path = format!("{}/migrations/{step}/{way}.sql", env!("CARGO_MANIFEST_DIR"));
        let (sql, mut conn) = (std::fs::read_to_string(path).unwrap(), school.raw());
        qinghe::on!(&mut conn, c => c.batch_execute(&sql)).unwrap();
    };
    steps.iter().rev().for_each(|step| go(step, "down"));
    assert_eq!(school.count("portfolio"), 3, "the newest of each");
    steps.iter().for_each(|step| go(step, "up"));
    assert_eq!((school.count("portfolio"), school.count("portfolio WHERE edition = 1")), (3, 3));
    assert!(pdf_of(&school.sign_in_now("office1").await, li).await == new);
}

#[test]
fn a_photo_for_a_page_is_small_whatever_it_shows_and_what_is_no_photo_is_refused() {
    use qinghe::platform::picture::{PRINTED_MOST, for_print};
    let mut chance = 1u64;
    let noise = image::RgbImage::from_fn(1200, 1600, |_, _| {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        image::Rgb(chance.to_le_bytes()[..3].try_into().unwrap())
    });
    let kept = crate::evidence::as_jpeg(&noise, 60);
    let made = for_print(&kept).unwrap();
    assert!(made.jpeg.len() <= PRINTED_MOST && made.is_upright, "{}", made.jpeg.len());
    assert!(for_print(&kept).unwrap().jpeg == made.jpeg, "the same photo gives the same bytes");
    assert!(for_print(b"%PDF-1.7").is_err() && for_print(&[]).is_err());
}
