//! Photos in an objection: through the one door for photos, seen by whoever sent them and
//! whoever answers, by nobody else, and kept as long as the objection.
use crate::evidence::{own_store, photo, send};
use crate::notice::noticed;
use crate::support::{Answer, Person, School};
use qinghe::command::photos;

const FORM: [(&str, &str); 2] = [("domain", "moral"), ("text", "每周三去敬老院，有照片。")];

fn path(school: &School) -> String {
    format!("/child/{}/objection", school.map.li)
}

pub async fn with_photo(school: &School, parent: &Person<'_>) -> String {
    let sent = send(parent, &path(school), &FORM, &[("IMG_1.jpg", &photo(21)), ("IMG_2.jpg", &photo(22))]).await;
    assert_eq!(sent.status, 303, "{}", sent.text);
    sent.location.rsplit('/').next().unwrap().to_owned()
}

fn is_photo(answer: &Answer) -> bool {
    answer.status == 200 && answer.media_type == "image/jpeg"
}

#[actix_web::test]
async fn it_is_seen_by_whoever_sent_it_and_whoever_answers() {
    let (school, files) = own_store();
    noticed(&school).await;
    let parent = school.sign_in("li-parent").await;
    let id = with_photo(&school, &parent).await;
    let own = format!("/child/{}/objections/{id}", school.map.li);
    let page = parent.get(&own).await.text;
    assert!(page.contains(&format!("{own}/photos/2?small=true")), "{page}");
    for end in ["1", "2", "1?small=true"] {
        let seen = parent.get(&format!("{own}/photos/{end}")).await;
        assert!(is_photo(&seen) && seen.header("cache-control") == "no-store", "{end}");
    }
    assert_eq!(parent.get(&format!("{own}/photos/3")).await.status, 404);
    let office = school.sign_in("office1").await;
    let given = format!("/office/objections/{id}");
    assert!(office.get(&given).await.text.contains(&format!("{given}/photos/1")));
    assert!(is_photo(&office.get(&format!("{given}/photos/1")).await));
    // The principal looks in and is not the handler; the pupil did not send it.
    let principal = school.sign_in("principal1").await;
    let seen = principal.get(&format!("/principal/objections/{id}")).await;
    assert!(seen.status == 200 && !seen.text.contains("/photos/"), "{}", seen.text);
    assert_eq!(principal.get(&format!("/principal/objections/{id}/photos/1")).await.status, 404);
    for person in school.everyone_but(&["li-parent", "office1", "principal1"]).await {
        for door in [
            format!("/child/{}", school.map.li),
            format!("/child/{}", school.map.chen),
            format!("/class/{}", school.map.class),
            format!("/subject/{}", school.map.class),
            "/office".to_owned(),
            "/principal".to_owned(),
            format!("/case/{}", school.map.case),
        ] {
            let answer = person.get(&format!("{door}/objections/{id}/photos/1")).await;
            assert_eq!(answer.status, 404, "{} at {door}", person.login);
        }
    }
    // Handed on, the new handler sees it and the old one no longer.
    let to = crate::portfolio::account(&school, "principal1").await.to_string();
    assert_eq!(office.post(&format!("{given}/assign"), &[("handler", to.as_str())]).await.status, 303);
    assert!(is_photo(&principal.get(&format!("/principal/objections/{id}/photos/1")).await));
    assert_eq!(office.get(&format!("{given}/photos/1")).await.status, 404);
    // Nobody holds it for a record, and it stays all the same; it is no record's evidence.
    let kept = files.list().unwrap().len();
    assert_eq!(kept, 4);
    school.clock.set(crate::support::today() + chrono::Duration::hours(2));
    photos::once(&school.door).await.unwrap();
    assert_eq!(files.list().unwrap().len(), kept);
    assert_eq!((school.count("evidence"), school.count("objection_photo")), (0, 2));
}

#[actix_web::test]
async fn what_is_no_photo_is_refused_with_its_reason_and_the_words_stay() {
    let (school, _) = own_store();
    noticed(&school).await;
    let parent = school.sign_in("li-parent").await;
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec();
    for (name, bytes, why) in [("IMG.HEIC", heic, "HEIC"), ("a.pdf", b"%PDF-1.7".to_vec(), "“a.pdf”")] {
        let refused = send(&parent, &path(&school), &FORM, &[(name, &bytes)]).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{why}: {}", refused.text);
        assert!(refused.text.contains("每周三去敬老院，有照片。"), "what was typed is there again");
    }
    let many: Vec<Vec<u8>> = (0..10).map(|seed| photo(40 + seed)).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|bytes| ("a.jpg", bytes.as_slice())).collect();
    let refused = send(&parent, &path(&school), &FORM, &many).await;
    assert!(refused.status == 422 && refused.text.contains("最多 9 张"), "{}", refused.text);
    let empty = send(&parent, &path(&school), &[("domain", "moral"), ("text", " ")], &[("a.jpg", &photo(23))]).await;
    assert!(empty.status == 422 && empty.text.contains("再选一次照片"), "{}", empty.text);
    assert_eq!((school.count("objection"), school.count("objection_photo")), (0, 0));
}
