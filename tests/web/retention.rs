//! What has been kept as long as it may be goes, and nothing else does.
use crate::evidence::{consent, own_store, photo, record};
use crate::journal::broken;
use crate::place::Place;
use crate::portfolio::{graduate, sealed_files, six_terms_end};
use crate::selection::choose;
use crate::support::School;
use chrono::{Duration, Months, NaiveDateTime};
use qinghe::command::{photos, purge, upkeep};
use qinghe::platform::files::Files;
use serde_json::Value;

/// Li is in two activities with a photo each and chose the first; chen is in the second.
async fn two_activities() -> (School, Files, String, String) {
    let (school, files) = own_store();
    let (li, chen) = (school.map.li, school.map.chen);
    let chosen = record(&school, &[li], &[("a.jpg", &photo(31))]).await;
    let other = record(&school, &[li, chen], &[("b.jpg", &photo(32))]).await;
    let pupil = school.sign_in("li-pupil").await;
    let id = &chosen["evidence/".len()..];
    let done = choose(&school, &pupil, &[(id, "第一次没有人带着去")], "李沐阳", "confirm").await;
    assert_eq!(done.status, 303, "{}", done.text);
    consent(&school, "li-parent", li, "give").await;
    consent(&school, "chen-parent", chen, "give").await;
    (school, files, chosen, other)
}

/// What the command says of school 1's photos.
async fn said(school: &School, dry_run: bool) -> String {
    let lines = purge::once(&school.door, dry_run).await.unwrap();
    lines.into_iter().find(|line| line.starts_with("石泉镇九年一贯制学校") && line.contains("照片")).unwrap()
}

fn later(school: &School, by: Months) -> NaiveDateTime {
    let now = school.clock.now() + by;
    school.clock.set(now);
    now
}

#[actix_web::test]
async fn a_year_after_graduation_what_no_pupil_chose_goes_and_what_was_chosen_stays() {
    let (school, files, chosen, other) = two_activities().await;
    graduate(&school).await;
    let li = school.map.li;
    let sealed = sealed_files::<Value>(&school, "graduation").await;
    for months in [0, 11] {
        later(&school, Months::new(months));
        assert!(said(&school, true).await.ends_with("照片 0 张。"));
        assert!(said(&school, false).await.ends_with("照片 0 张。"));
        assert_eq!((school.count("evidence"), files.list().unwrap().len()), (2, 4));
    }
    // A month on, the last term is over for a year as well.
    let now = later(&school, Months::new(2));
    assert_eq!(said(&school, true).await, "石泉镇九年一贯制学校：可以清除毕业满 12 个月、没有入选的照片 1 张。");
    assert_eq!(school.count("evidence"), 2, "a dry run removes nothing");
    assert_eq!(said(&school, false).await, "石泉镇九年一贯制学校：清除了毕业满 12 个月、没有入选的照片 1 张。");
    assert!(said(&school, false).await.ends_with("照片 0 张。"), "and only once");

    let parent = school.sign_in_now("li-parent").await;
    assert_eq!(parent.get(&format!("/child/{li}/{chosen}/1")).await.status, 200);
    assert_eq!(parent.get(&format!("/child/{li}/{other}/1")).await.status, 404);
    assert_eq!(school.count("journal WHERE verb = 'evidence_purged'"), 1);
    assert_eq!(broken(&school).await, None);
    school.clock.set(now + Duration::minutes(11));
    photos::once(&school.door).await.unwrap();
    assert_eq!(files.list().unwrap().len(), 2, "one photo and its thumbnail");
    assert_eq!(school.count("record"), 3, "the records themselves stay");
    let still = sealed_files::<Value>(&school, "graduation").await;
    assert!(sealed.iter().zip(&still).all(|(was, is)| was.1 == is.1) && still.len() == 3);
}

#[actix_web::test]
async fn a_photo_waits_for_everyone_in_it_to_be_sealed_and_a_county_may_keep_it_longer() {
    let (school, files, ..) = two_activities().await;
    six_terms_end(&school).await;
    later(&school, Months::new(24));
    let waits = said(&school, false).await;
    assert!(waits.contains("照片 0 张。另有 1 张到了期限，等里面的同学毕业档案归档以后再清除。"), "{waits}");
    assert_eq!((school.count("evidence"), files.list().unwrap().len()), (2, 4));

    let (school, ..) = two_activities().await;
    graduate(&school).await;
    later(&school, Months::new(18));
    let school = school.arranged(|house| house.kept_for.evidence = Months::new(36));
    let kept = said(&school, false).await;
    assert!(kept.contains("毕业满 3 年") && kept.ends_with("照片 0 张。"), "{kept}");
    let school = school.arranged(|house| house.kept_for.evidence = Months::new(12));
    upkeep::once(&school.door).await.unwrap();
    assert_eq!(school.count("evidence"), 1, "a running site does it by itself");
}

#[actix_web::test]
async fn sign_ins_are_kept_as_long_as_the_setting_says() {
    let school = School::open();
    let all = school.count("session");
    later(&school, Months::new(5));
    upkeep::once(&school.door).await.unwrap();
    assert_eq!(school.count("session"), all);
    let long = later(&school, Months::new(2)) - Months::new(12);
    let school = school.arranged(|house| house.kept_for.sessions = Months::new(12));
    upkeep::once(&school.door).await.unwrap();
    assert_eq!(school.count("session"), all, "nobody was last seen before {long}");
    let school = school.arranged(|house| house.kept_for.sessions = Months::new(6));
    upkeep::once(&school.door).await.unwrap();
    assert_eq!(school.count("session"), 0);
}

#[actix_web::test]
async fn a_period_that_is_none_or_too_short_is_refused_at_the_start() {
    let school = School::open();
    let place = Place::of(&school);
    for (name, value, words) in [
        ("QINGHE_KEEP_EVIDENCE", "forever", "应写成几个月或几年，例如 12 months 或 3 years，现在是“forever”。"),
        ("QINGHE_KEEP_DETAIL", "5 months", "最短 6 个月"),
        ("QINGHE_KEEP_SESSIONS", "1 month", "最短 6 个月（网络安全法"),
    ] {
        for verb in [&["purge", "--dry-run"][..], &["serve"]] {
            let done = place.program(verb).env(name, value).output().unwrap();
            let complaint = String::from_utf8(done.stderr).unwrap();
            assert_eq!(done.status.code(), Some(2), "{complaint}");
            assert!(complaint.contains(name) && complaint.contains(words), "{complaint}");
        }
    }
    let done = place.program(&["purge", "--dry-run"]).env("QINGHE_KEEP_EVIDENCE", "3 years").output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && said.contains("毕业满 3 年、没有入选的照片 0 张"), "{said}");
    let (_, help, _) = place.run(&["serve", "--help"]);
    for name in ["QINGHE_KEEP_EVIDENCE", "QINGHE_KEEP_DETAIL", "QINGHE_KEEP_SESSIONS"] {
        assert!(help.contains(name), "{help}");
    }
}
