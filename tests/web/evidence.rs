//! Photos: taken in bare, seen by those who may and while every family consents, gone
//! when a family takes that back; and what is no photo.
use crate::record::with;
use crate::support::{Answer, Person, School, scratch};
use actix_web::test::TestRequest;
use chrono::Duration;
use image::codecs::jpeg::JpegEncoder;
use image::{ImageFormat, RgbImage};
use qinghe::command::photos;
use qinghe::names::StudentId;
use qinghe::platform::files::Files;
use std::path::PathBuf;

/// A picture of soft patches, another for each seed.
fn patches(seed: u64) -> RgbImage {
    let mut chance = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        (chance >> 24) as u8
    };
    let mut coarse = RgbImage::new(7, 5);
    coarse.pixels_mut().for_each(|pixel| pixel.0 = [next(), next(), next()]);
    image::imageops::resize(&coarse, 420, 300, image::imageops::FilterType::CatmullRom)
}

pub fn as_jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).unwrap();
    bytes
}

pub fn photo(seed: u64) -> Vec<u8> {
    as_jpeg(&patches(seed), 90)
}

/// The photo with a word of where it was taken in its EXIF block.
fn photo_with_a_place(seed: u64) -> Vec<u8> {
    let plain = photo(seed);
    let exif = [b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0".as_slice(), b"GPSLatitude 41.8831N"].concat();
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, &exif, &plain[2..]].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|found| found == part)
}

/// A form with photos, as a browser sends it.
pub fn multipart(csrf: &str, fields: &[(&str, &str)], photos: &[(&str, &[u8])]) -> (String, Vec<u8>) {
    let boundary = "----qinghe-test-photos";
    let mut body = Vec::new();
    for (name, value) in [("csrf", csrf)].iter().chain(fields) {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    for (name, bytes) in photos {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"{name}\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

pub async fn send(person: &Person<'_>, path: &str, fields: &[(&str, &str)], photos: &[(&str, &[u8])]) -> Answer {
    let (kind, body) = multipart(&person.csrf().await, fields, photos);
    person.send(TestRequest::post().uri(path).insert_header(("content-type", kind)).set_payload(body)).await
}

pub const FACT: &[(&str, &str)] =
    &[("indicator", "D32"), ("title", "到镇敬老院包饺子"), ("on", "2026-12-22"), ("hours", "2.5"), ("mode", "some")];

/// A school with a file store of its own.
pub fn own_store() -> (School, Files) {
    let folder: PathBuf = scratch().join(uuid::Uuid::now_v7().to_string());
    let files = Files::in_folder(folder);
    let kept = files.clone();
    (School::open().arranged(move |house| house.files = kept), files)
}

/// The homeroom teacher records an activity of these pupils; the address of its photos
/// after `/class/…` or `/child/…`.
pub async fn record(school: &School, who: &[StudentId], photos: &[(&str, &[u8])]) -> String {
    let lin = school.sign_in_now("lin").await;
    let tapped: Vec<String> = who.iter().map(|student| format!("who_{student}")).collect();
    let mut fields = FACT.to_vec();
    fields.extend(tapped.iter().map(|name| (name.as_str(), "on")));
    let saved = send(&lin, &format!("/class/{}/records", school.map.class), &fields, photos).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let id = saved.location.split(['/', '?']).nth(4).unwrap();
    format!("evidence/{id}")
}

pub async fn consent(school: &School, login: &'static str, student: StudentId, word: &str) {
    let answer =
        school.sign_in_now(login).await.post(&format!("/child/{student}/data/consent"), &[("consent", word)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
}

#[actix_web::test]
async fn a_photo_is_kept_bare_and_seen_only_by_those_who_may() {
    let (school, files) = own_store();
    let (li, class) = (school.map.li, school.map.class);
    let sent = photo_with_a_place(11);
    assert!(holds(&sent, b"GPSLatitude"));
    let of = record(&school, &[li], &[("IMG_1.jpg", &sent), ("IMG_2.jpg", &photo(12))]).await;
    let (lin, parent) = (school.sign_in("lin").await, school.sign_in("li-parent").await);
    let page = format!("/class/{class}/records/{}", &of["evidence/".len()..]);
    assert!(lin.get(&page).await.text.contains("2 张照片已收好，先不显示：还有 1 位同学的家长没有同意"));
    assert_eq!(lin.get(&format!("/class/{class}/{of}/1")).await.status, 404, "nobody has consented yet");

    consent(&school, "li-parent", li, "give").await;
    assert!(lin.get(&page).await.text.contains(&format!("/class/{class}/{of}/2/small")));
    let timeline = parent.get(&format!("/child/{li}/records")).await;
    assert!(timeline.text.contains(&format!("/child/{li}/{of}/1/small")), "{}", timeline.text);
    for (person, door) in [
        ("lin", format!("/class/{class}")),
        ("li-parent", format!("/child/{li}")),
        ("li-pupil", format!("/child/{li}")),
    ] {
        let person = school.sign_in(person).await;
        for (end, most) in [("1", 120 << 10), ("1/small", 15 << 10), ("2", 120 << 10)] {
            let seen = person.get(&format!("{door}/{of}/{end}")).await;
            assert_eq!((seen.status, seen.media_type.as_str()), (200, "image/jpeg"), "{}", person.login);
            assert_eq!((seen.header("cache-control"), seen.header("x-content-type-options")), ("no-store", "nosniff"));
            assert!(!holds(&seen.bytes, b"Exif") && !holds(&seen.bytes, b"GPS") && seen.bytes.len() <= most);
            image::load_from_memory_with_format(&seen.bytes, ImageFormat::Jpeg).unwrap();
        }
        assert_eq!(person.get(&format!("{door}/{of}/3")).await.status, 404);
        assert_eq!(person.get(&format!("{door}/{of}/0")).await.status, 404);
    }
    // What lies in the store is as bare as what is shown.
    let kept = files.list().unwrap();
    assert_eq!(kept.len(), 4, "two photos, two thumbnails");
    assert!(kept.iter().all(|sha256| !holds(&files.get(sha256).unwrap(), b"GPS")));

    let missing = lin.get("/there-is-no-such-page").await;
    for person in school.everyone_but(&["lin", "dep", "li-parent", "li-pupil"]).await {
        for door in [
            format!("/class/{class}"),
            format!("/child/{li}"),
            format!("/class/{}", school.map.other_class),
            format!("/child/{}", school.map.chen),
        ] {
            for end in ["1", "1/small"] {
                let answer = person.get(&format!("{door}/{of}/{end}")).await;
                assert_eq!((answer.status, &answer.text), (404, &missing.text), "{} at {door}", person.login);
            }
        }
    }
    let out = school.visitor().get(&format!("/child/{li}/{of}/1")).await;
    assert!(out.location.starts_with("/sign-in?"));
}

#[actix_web::test]
async fn a_photo_shows_while_every_family_consents_and_goes_when_one_does_not() {
    let (school, files) = own_store();
    let (li, chen) = (school.map.li, school.map.chen);
    let (both, alone) = (photo(21), photo(22));
    let together = record(&school, &[li, chen], &[("a.jpg", &both), ("b.jpg", &alone)]).await;
    let single = record(&school, &[li], &[("b.jpg", &alone)]).await;
    let seen = async |login: &'static str, student: StudentId, of: &str| {
        school.sign_in_now(login).await.get(&format!("/child/{student}/{of}/1")).await.status
    };
    consent(&school, "li-parent", li, "give").await;
    assert_eq!((seen("li-parent", li, &together).await, seen("li-parent", li, &single).await), (404, 200));
    consent(&school, "chen-parent", chen, "give").await;
    assert_eq!((seen("li-parent", li, &together).await, seen("chen-parent", chen, &together).await), (200, 200));

    // Nothing goes while all consent.
    photos::once(&school.door).await.unwrap();
    school.clock.set(crate::support::today() + Duration::minutes(11));
    photos::once(&school.door).await.unwrap();
    assert_eq!(files.list().unwrap().len(), 4);

    consent(&school, "chen-parent", chen, "withdraw").await;
    let lin = school.sign_in_now("lin").await;
    assert_eq!((seen("li-parent", li, &together).await, seen("chen-parent", chen, &together).await), (404, 404));
    assert_eq!(lin.get(&format!("/class/{}/{together}/1", school.map.class)).await.status, 404);
    assert_eq!(seen("li-parent", li, &single).await, 200, "the other activity goes on");
    assert_eq!(files.list().unwrap().len(), 4, "hidden at once, deleted soon");

    photos::once(&school.door).await.unwrap();
    assert_eq!(files.list().unwrap().len(), 4, "a form that was on its way may still hold them");
    school.clock.set(crate::support::today() + Duration::minutes(22));
    for _ in 0..2 {
        photos::once(&school.door).await.unwrap();
        assert_eq!(files.list().unwrap().len(), 2, "what the other activity holds stays");
    }
    assert_eq!(seen("li-parent", li, &single).await, 200);
    // Consent given again does not bring back what is gone.
    consent(&school, "chen-parent", chen, "give").await;
    assert_eq!((seen("li-parent", li, &together).await, seen("li-parent", li, &single).await), (404, 200));

    consent(&school, "li-parent", li, "withdraw").await;
    photos::once(&school.door).await.unwrap();
    school.clock.set(crate::support::today() + Duration::minutes(33));
    photos::once(&school.door).await.unwrap();
    assert!(files.list().unwrap().is_empty(), "no record with consent holds them");
    // And the same photo can come again.
    consent(&school, "li-parent", li, "give").await;
    let again = record(&school, &[li], &[("b.jpg", &alone)]).await;
    assert_eq!(seen("li-parent", li, &again).await, 200);
}

#[actix_web::test]
async fn photos_of_one_form_come_all_or_none_and_what_was_typed_stays() {
    let (school, files) = own_store();
    let lin = school.sign_in("lin").await;
    let path = format!("/class/{}/records", school.map.class);
    let who = format!("who_{}", school.map.li);
    let fields = with(FACT, &[(who.as_str(), "on"), ("words", "擀皮、包馅，端到老人手里。")]);
    let good = photo(31);
    for (name, bytes, said) in [
        ("IMG_7.HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..], "第 2 张照片“IMG_7.HEIC”是 HEIC 格式"),
        ("图.jpg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "是 SVG 图形，不是照片"),
        ("网页.jpg", b"<!doctype html><script>alert(1)</script>", "是网页文件，不是照片"),
        ("文.jpg", b"%PDF-1.7", "是 PDF 文件"),
        ("动.jpg", b"GIF89a", "是 GIF 动图"),
        ("半.jpg", &good[..good.len() / 9], "打不开，可能没有传完整"),
    ] {
        let refused = send(&lin, &path, &fields, &[("好.jpg", &good), (name, bytes)]).await;
        assert_eq!(refused.status, 422, "{name}: {}", refused.text);
        assert!(refused.text.contains(said), "{name}: {}", refused.text);
        assert!(refused.text.contains("擀皮、包馅，端到老人手里。") && refused.text.contains("到镇敬老院包饺子"));
    }
    // A fault elsewhere: the photos are to be chosen again, and the form says so.
    let untitled = with(&fields, &[("title", "")]);
    let refused = send(&lin, &path, &untitled, &[("好.jpg", &good)]).await;
    assert!(refused.status == 422 && refused.text.contains("再选一次照片"), "{}", refused.text);
    let ten: Vec<Vec<u8>> = (40..50).map(photo).collect();
    let ten: Vec<(&str, &[u8])> = ten.iter().map(|bytes| ("好.jpg", bytes.as_slice())).collect();
    let refused = send(&lin, &path, &fields, &ten).await;
    assert!(refused.status == 422 && refused.text.contains("选了 10 张照片，一条记录最多 9 张"), "{}", refused.text);
    assert_eq!(school.count("activity") + school.count("evidence"), 0);
    assert!(files.list().unwrap().is_empty());

    // Nine are taken; a tenth by another way is not.
    let saved = send(&lin, &path, &fields, &ten[..9]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let id = saved.location.split(['/', '?']).nth(4).unwrap();
    let add = format!("/class/{}/evidence/{id}", school.map.class);
    let refused = send(&lin, &add, &[], &ten[9..]).await;
    assert!(refused.status == 422 && refused.text.contains("已有 9 张照片"), "{}", refused.text);
    assert_eq!(school.count("evidence"), 9);
    // What was laid down for it is in nobody's hands, and goes.
    assert_eq!(files.list().unwrap().len(), 20);
    school.clock.set(crate::support::today() + Duration::minutes(11));
    photos::once(&school.door).await.unwrap();
    assert_eq!(files.list().unwrap().len(), 18);
}

#[actix_web::test]
async fn a_body_of_300_mb_is_refused_before_it_is_read() {
    let (school, files) = own_store();
    let lin = school.sign_in("lin").await;
    let (kind, body) = multipart(&lin.csrf().await, FACT, &[("a.jpg", &photo(51))]);
    let request = TestRequest::post()
        .uri(&format!("/class/{}/records", school.map.class))
        .insert_header(("content-type", kind))
        .set_payload(body)
        .insert_header(("content-length", "314572800"));
    let refused = lin.send(request).await;
    assert!(refused.status == 422 && refused.text.contains("约 300 MB，太大了"), "{}", refused.text);
    assert_eq!(school.count("activity"), 0);
    assert!(files.list().unwrap().is_empty());
}

#[actix_web::test]
async fn a_photo_from_elsewhere_than_our_form_is_refused() {
    let school = School::open();
    let lin = school.sign_in("lin").await;
    let path = format!("/class/{}/records", school.map.class);
    for token in ["", "forged"] {
        let (kind, body) = multipart(token, FACT, &[("a.jpg", &photo(61))]);
        let request = TestRequest::post().uri(&path).insert_header(("content-type", kind)).set_payload(body);
        assert_eq!(lin.send(request).await.status, 403);
    }
    assert_eq!(school.count("activity"), 0);
}

#[actix_web::test]
async fn the_same_form_sent_twice_adds_its_photos_once() {
    let (school, files) = own_store();
    let (pupil, li) = (school.sign_in("li-pupil").await, school.map.li);
    let path = format!("/child/{li}/records");
    let id = uuid::Uuid::now_v7().to_string();
    let form = with(FACT, &[("id", id.as_str()), ("act", "submit"), ("pledge", "on"), ("mode", "")]);
    let form: Vec<(&str, &str)> = form.into_iter().filter(|(name, _)| *name != "mode").collect();
    let (first, second) = (photo(71), photo(72));
    let sent = [("a.jpg", first.as_slice()), ("b.jpg", second.as_slice())];
    let saved = send(&pupil, &path, &form, &sent).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    for _ in 0..2 {
        let again = send(&pupil, &path, &form, &sent).await;
        assert_eq!((again.status, &again.location), (303, &saved.location));
    }
    let rows = |table| school.count(table);
    assert_eq!((rows("activity"), rows("record"), rows("evidence")), (1, 1, 2));
    assert_eq!(files.list().unwrap().len(), 4);

    // Who sent one takes it back; nobody else does, and after the teacher's word nobody.
    consent(&school, "li-parent", li, "give").await;
    let one = format!("/child/{li}/evidence/{id}/1");
    assert_eq!(school.sign_in("li-parent").await.post(&format!("{one}/remove"), &[]).await.status, 404);
    assert_eq!(school.sign_in("chen-parent").await.post(&format!("{one}/remove"), &[]).await.status, 404);
    assert_eq!(pupil.get(&one).await.status, 200);
    assert_eq!(pupil.post(&format!("{one}/remove"), &[]).await.status, 303);
    assert_eq!(pupil.get(&one).await.status, 404);
    let lin = school.sign_in("lin").await;
    let review = format!("/class/{}/review", school.map.class);
    let key = format!("{li}.{id}");
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "confirm")]).await.status, 303);
    assert_eq!(pupil.post(&format!("/child/{li}/evidence/{id}/2/remove"), &[]).await.status, 409);
    assert_eq!(rows("evidence"), 1);
}

#[actix_web::test]
async fn a_draft_with_its_photo_is_its_writers_own() {
    let (school, _) = own_store();
    let (pupil, li) = (school.sign_in("li-pupil").await, school.map.li);
    let id = uuid::Uuid::now_v7().to_string();
    let form = [("id", id.as_str()), ("act", "draft"), ("title", "老街扫雪"), ("on", "2026-12-28")];
    let form = with(&form, &[("indicator", "D32")]);
    let saved = send(&pupil, &format!("/child/{li}/records"), &form, &[("a.jpg", &photo(75))]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    consent(&school, "li-parent", li, "give").await;
    let photo = format!("evidence/{id}/1");
    assert_eq!(pupil.get(&format!("/child/{li}/{photo}")).await.status, 200);
    assert_eq!(school.sign_in("li-parent").await.get(&format!("/child/{li}/{photo}")).await.status, 404);
    assert_eq!(school.sign_in("lin").await.get(&format!("/class/{}/{photo}", school.map.class)).await.status, 404);
}

#[actix_web::test]
async fn the_same_photo_twice_is_a_question_to_the_reviewer() {
    let (school, _) = own_store();
    let (pupil, li) = (school.sign_in("li-pupil").await, school.map.li);
    let picture = patches(81);
    record(&school, &[school.map.chen], &[("a.jpg", &as_jpeg(&picture, 92))]).await;
    // Cut by a twentieth, made smaller, pressed harder.
    let cut = image::imageops::crop_imm(&picture, 21, 0, 399, 300).to_image();
    let small = image::imageops::resize(&cut, 340, 255, image::imageops::FilterType::Triangle);
    let form = |title: &'static str| {
        let form = with(FACT, &[("title", title), ("act", "submit"), ("pledge", "on")]);
        form.into_iter().filter(|(name, _)| *name != "mode").collect::<Vec<_>>()
    };
    let path = format!("/child/{li}/records");
    let saved = send(&pupil, &path, &form("再去敬老院"), &[("b.jpg", &as_jpeg(&small, 60))]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let lin = school.sign_in("lin").await;
    let review = format!("/class/{}/review", school.map.class);
    let asked = lin.get(&review).await;
    let question = "有一张照片和12 月 22 日的“到镇敬老院包饺子”里的很像。是同一次活动吗？";
    assert!(asked.text.replace("和 12", "和12").contains(question), "{}", asked.text);
    // It keeps nothing from being confirmed, and the family is not told of it.
    assert!(!pupil.get(&path).await.text.contains("很像"));
    let key = asked.hidden("record").unwrap().to_owned();
    assert_eq!(lin.post(&review, &[("record", &key), ("act", "confirm")]).await.status, 303);

    assert_eq!(send(&pupil, &path, &form("扫雪"), &[("c.jpg", &photo(82))]).await.status, 303);
    let unasked = lin.get(&review).await;
    assert!(unasked.text.contains("扫雪") && !unasked.text.contains("很像"), "{}", unasked.text);
}

#[actix_web::test]
async fn a_photo_of_long_ago_is_not_asked_about() {
    let (school, _) = own_store();
    let picture = photo(91);
    record(&school, &[school.map.chen], &[("a.jpg", &picture)]).await;
    // It came a year and some days ago: a row is never changed, so another stands for it.
    use diesel::prelude::*;
    for sql in [
        "INSERT INTO evidence SELECT school_id, activity_id, 2, thumb_sha256, sha256, bytes, width, height, looks, \
         like_activity, account_id, role, '2025-12-30 08:00:00' FROM evidence",
        "DELETE FROM evidence WHERE ordinal = 1",
    ] {
        diesel::sql_query(sql).execute(&mut school.raw()).unwrap();
    }
    record(&school, &[school.map.li], &[("b.jpg", &picture)]).await;
    record(&school, &[school.map.guan], &[("c.jpg", &picture)]).await;
    diesel::sql_query("DELETE FROM evidence WHERE like_activity IS NULL").execute(&mut school.raw()).unwrap();
    assert_eq!(school.count("evidence"), 1, "the third is like the second, the second like none of its year");
}

#[actix_web::test]
async fn from_its_notice_on_no_photo_comes_or_goes_but_by_consent() {
    let (school, files) = own_store();
    let (li, class) = (school.map.li, school.map.class);
    consent(&school, "li-parent", li, "give").await;
    let of = record(&school, &[li], &[("a.jpg", &photo(95))]).await;
    crate::notice::noticed(&school).await;
    let lin = school.sign_in_now("lin").await;
    let late = send(&lin, &format!("/class/{class}/{of}"), &[], &[("b.jpg", &photo(96))]).await;
    assert!(late.status == 409 && late.text.contains("已经公示"), "{} {}", late.status, late.text);
    let page = lin.get(&format!("/class/{class}/records/{}", &of["evidence/".len()..])).await;
    assert!(
        page.text.contains("公示以后照片不再加、不再删") && !page.text.contains("name=\"photos\""),
        "{}",
        page.text
    );
    let gone = lin.post(&format!("/class/{class}/{of}/1/remove"), &[]).await;
    assert!(gone.status == 409 && gone.text.contains("已经公示"), "{} {}", gone.status, gone.text);
    assert_eq!(school.count("evidence"), 1);
    use diesel::prelude::*;
    let by_hand = "INSERT INTO evidence SELECT school_id, activity_id, ordinal + 1, thumb_sha256, thumb_sha256, \
                   bytes, width, height, looks, like_activity, account_id, role, at FROM evidence";
    let said = diesel::sql_query(by_hand).execute(&mut school.raw()).unwrap_err().to_string();
    assert!(said.contains("the term is in its notice"), "{said}");
    // A family takes its consent back at any time.
    consent(&school, "li-parent", li, "withdraw").await;
    assert_eq!(school.sign_in_now("li-parent").await.get(&format!("/child/{li}/{of}/1")).await.status, 404);
    photos::once(&school.door).await.unwrap();
    assert_eq!(school.count("evidence"), 0);
    let later = school.door.house().clock.now() + Duration::minutes(11);
    school.clock.set(later);
    photos::once(&school.door).await.unwrap();
    assert!(files.list().unwrap().is_empty());
}

#[actix_web::test]
async fn photos_of_several_classes_show_class_by_class() {
    let (school, files) = own_store();
    let (map, at) = (&school.map, "/organiser/records");
    let tuan = school.sign_in("tuan").await;
    assert!(tuan.get(at).await.text.contains("name=\"photos\""));
    let (one, two) = (format!("class_{}", map.class), format!("class_{}", map.other_class));
    let ids = [0; 2].map(|_| uuid::Uuid::now_v7().simple().to_string());
    let names = [format!("id_{}", map.class), format!("id_{}", map.other_class)];
    let absent = [format!("who_{}", map.chen), format!("who_{}", map.guan)];
    let form = with(
        FACT,
        &[
            (one.as_str(), "on"),
            (&two, "on"),
            (&names[0], &ids[0]),
            (&names[1], &ids[1]),
            (&absent[0], "on"),
            (&absent[1], "on"),
            ("mode", "all"),
        ],
    );
    // A fault: nothing is stored, what was typed stays, and the photos are asked for again.
    let (first, second) = (photo(97), photo(98));
    let sent = [("a.jpg", first.as_slice()), ("b.jpg", second.as_slice())];
    let heic = [("a.jpg", first.as_slice()), ("b.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice())];
    for (form, sent, said) in
        [(with(&form, &[("title", "")]), sent, "再选一次照片"), (form.clone(), heic, "是 HEIC 格式")]
    {
        let refused = send(&tuan, at, &form, &sent).await;
        assert!(refused.status == 422 && refused.text.contains(said), "{}", refused.text);
        assert!(refused.text.contains("value=\"2.5\""), "{}", refused.text);
    }
    assert_eq!((school.count("activity"), files.list().unwrap().len()), (0, 0));

    for _ in 0..2 {
        let saved = send(&tuan, at, &form, &sent).await;
        assert_eq!(saved.status, 303, "{}", saved.text);
        assert_eq!((school.count("activity"), school.count("evidence")), (2, 4), "twice is once");
        assert_eq!(files.list().unwrap().len(), 4, "each photo and its thumbnail lie once");
    }
    // One class's families have consented: theirs show, the other's wait.
    consent(&school, "li-parent", map.li, "give").await;
    let (lin, wu) = (school.sign_in("lin").await, school.sign_in("wu").await);
    let here = lin.get(&format!("/class/{}/records/{}", map.class, ids[0])).await;
    assert!(here.text.contains(&format!("/class/{}/evidence/{}/2/small", map.class, ids[0])), "{}", here.text);
    assert_eq!(lin.get(&format!("/class/{}/evidence/{}/1", map.class, ids[0])).await.status, 200);
    let there = wu.get(&format!("/class/{}/records/{}", map.other_class, ids[1])).await;
    assert!(there.text.contains("2 张照片已收好，先不显示"), "{}", there.text);
    assert_eq!(wu.get(&format!("/class/{}/evidence/{}/1", map.other_class, ids[1])).await.status, 404);
    assert_eq!(tuan.get(&format!("/class/{}/evidence/{}/1", map.class, ids[0])).await.status, 404);
}
