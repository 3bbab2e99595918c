//! Whatever is sent as a photo: taken whole or refused with a sentence; nothing breaks,
//! and nothing is left behind.
use crate::evidence::{FACT, as_jpeg, own_store, send};
use crate::record::with;
use image::{ImageFormat, RgbImage};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use qinghe::platform::picture::{KEPT_MOST, THUMB_MOST, picture};
use std::io::Cursor;

/// A small photo in each of the formats that are taken.
fn whole() -> [Vec<u8>; 3] {
    let small = RgbImage::from_fn(48, 32, |x, y| image::Rgb([(x * 5) as u8, (y * 7) as u8, ((x * y) % 251) as u8]));
    let written = |format| {
        let mut bytes = Cursor::new(Vec::new());
        small.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    };
    [as_jpeg(&small, 85), written(ImageFormat::Png), written(ImageFormat::WebP)]
}

/// How each format begins, so that what follows is met by its decoder.
const BEGINNINGS: [&[u8]; 5] = [
    b"",
    b"\xFF\xD8\xFF\xE0",
    b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR",
    b"RIFF\x40\0\0\0WEBPVP8 ",
    b"RIFF\x40\0\0\0WEBPVP8L",
];

/// Chance bytes after a beginning; a photo cut off; a photo with some bytes changed; one
/// with a piece of another in its midst.
fn anything() -> impl Strategy<Value = Vec<u8>> {
    let chance = (0..BEGINNINGS.len(), proptest::collection::vec(any::<u8>(), 0..600))
        .prop_map(|(n, rest)| [BEGINNINGS[n], rest.as_slice()].concat());
    let cut = (0usize..3, any::<prop::sample::Index>()).prop_map(|(n, at)| {
        let bytes = &whole()[n];
        bytes[..at.index(bytes.len())].to_vec()
    });
    let changed = (0usize..3, proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)).prop_map(
        |(n, changes)| {
            let mut bytes = whole()[n].clone();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        },
    );
    let mixed = (0usize..3, 0usize..3, any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(
        |(one, other, to, from)| {
            let (one, other) = (&whole()[one], &whole()[other]);
            let (to, from) = (to.index(one.len()), from.index(other.len()));
            [&one[..to], &other[from..], &one[to..]].concat()
        },
    );
    prop_oneof![chance, cut, changed, mixed]
}

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    let chance = TestRng::from_seed(RngAlgorithm::ChaCha, &[41; 32]);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, chance)
}

#[test]
fn whatever_comes_is_a_photo_within_its_limits_or_a_sentence() {
    whole().iter().for_each(|bytes| assert!(picture(bytes).is_ok()));
    let (mut taken, mut refused) = (0, 0);
    let mut chance = runner(1);
    for _ in 0..600 {
        let sent = anything().new_tree(&mut chance).unwrap().current();
        match picture(&sent) {
            Ok(kept) => {
                taken += 1;
                assert!(kept.jpeg.len() <= KEPT_MOST && kept.thumb.len() <= THUMB_MOST);
                for bytes in [&kept.jpeg, &kept.thumb] {
                    image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap();
                }
            }
            Err(no_picture) => {
                refused += 1;
                let said = no_picture.to_string();
                assert!(said.ends_with('。') && said.contains('请'), "{said}");
            }
        }
    }
    assert!(taken > 10 && refused > 300, "{taken} taken, {refused} refused: the cases say little");
}

#[actix_web::test]
async fn a_broken_photo_leaves_neither_row_nor_file() {
    let (school, files) = own_store();
    let lin = school.sign_in("lin").await;
    let path = format!("/class/{}/records", school.map.class);
    let who = format!("who_{}", school.map.li);
    let fields = with(FACT, &[(who.as_str(), "on")]);
    let (good, mut chance, mut tried) = (whole()[0].clone(), runner(1), 0);
    while tried < 24 {
        let sent = anything().new_tree(&mut chance).unwrap().current();
        if sent.is_empty() || picture(&sent).is_ok() {
            continue;
        }
        tried += 1;
        let refused = send(&lin, &path, &fields, &[("好.jpg", &good), ("坏.jpg", &sent)]).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert!(refused.text.contains("第 2 张照片“坏.jpg”") && refused.text.contains("到镇敬老院包饺子"));
        assert_eq!(school.count("activity") + school.count("evidence") + school.count("loose_photo"), 0);
        assert!(files.list().unwrap().is_empty());
    }
    // And after all that a whole one is taken.
    assert_eq!(send(&lin, &path, &fields, &[("好.jpg", &good)]).await.status, 303);
    assert_eq!((school.count("evidence"), files.list().unwrap().len()), (1, 1), "so small, it is its own thumbnail");
}
