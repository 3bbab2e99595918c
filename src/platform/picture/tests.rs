use super::*;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{GrayImage, ImageEncoder, Rgb};

/// Numbers that look like chance and are the same each time (xorshift).
struct Chance(u64);

impl Chance {
    fn of(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.next() >> 20) as u32 % n
    }
}

/// A picture with light and shade as a photo has: coarse patches under finer ones,
/// and a few shapes.
fn photo(seed: u64, width: u32, height: u32) -> DynamicImage {
    let mut chance = Chance::of(seed);
    let mut ground = vec![0f32; (width * height * 3) as usize];
    for (cells, weight) in [(2u32, 80.0f32), (4, 50.0), (8, 30.0), (16, 15.0)] {
        let mut coarse = RgbImage::new(cells, cells);
        coarse.pixels_mut().for_each(|pixel| pixel.0 = [0; 3].map(|_: u8| chance.below(256) as u8));
        let fine = imageops::resize(&coarse, width, height, imageops::FilterType::CatmullRom);
        for (sum, channel) in ground.iter_mut().zip(fine.as_raw()) {
            *sum += (f32::from(*channel) / 255.0 - 0.5) * weight;
        }
    }
    let mut picture = RgbImage::from_raw(
        width,
        height,
        ground.into_iter().map(|sum| (sum + 128.0).clamp(0.0, 255.0) as u8).collect(),
    )
    .unwrap();
    for _ in 0..4 {
        let colour = Rgb([0; 3].map(|_: u8| chance.below(256) as u8));
        let (x, y) = (chance.below(width), chance.below(height));
        let (wide, high) = (1 + chance.below(width.div_ceil(3)), 1 + chance.below(height.div_ceil(3)));
        for (px, py) in (x..(x + wide).min(width)).flat_map(|px| (y..(y + high).min(height)).map(move |py| (px, py))) {
            picture.put_pixel(px, py, colour);
        }
    }
    DynamicImage::ImageRgb8(picture)
}

fn as_jpeg(picture: &DynamicImage, quality: u8) -> Vec<u8> {
    jpeg(&picture.to_rgb8(), quality).unwrap()
}

fn as_png(picture: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

fn read_back(bytes: &[u8]) -> RgbImage {
    ImageReader::with_format(Cursor::new(bytes), image::ImageFormat::Jpeg).decode().unwrap().to_rgb8()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|found| found == part)
}

/// An EXIF block by hand (TIFF 6.0, Exif 2.3): orientation, maker, and a GPS
/// directory with its latitude in degrees, minutes and seconds.
fn exif(orientation: u16) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        let mut bytes = Vec::new();
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(value);
        bytes
    };
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(3u16.to_le_bytes());
    tiff.extend(entry(0x010F, 2, 16, 50u32.to_le_bytes()));
    tiff.extend(entry(0x0112, 3, 1, u32::from(orientation).to_le_bytes()));
    tiff.extend(entry(0x8825, 4, 1, 66u32.to_le_bytes()));
    tiff.extend([0; 4]);
    tiff.extend(b"QingheTestMaker\0");
    tiff.extend(2u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
    tiff.extend(entry(2, 5, 3, 96u32.to_le_bytes()));
    tiff.extend([0; 4]);
    for (over, under) in [(41u32, 1u32), (53, 1), (271_828, 10_000)] {
        tiff.extend(over.to_le_bytes());
        tiff.extend(under.to_le_bytes());
    }
    tiff
}

/// What no kept byte may hold: the marks of the blocks planted, and what was in them.
const PLANTED: [&[u8]; 9] = [
    b"Exif",
    b"QingheTestMaker",
    &271_828u32.to_le_bytes(),
    b"http://ns.adobe.com/xap/1.0/",
    b"GPSLatitude",
    b"ICC_PROFILE",
    b"a word beside the picture",
    b"Photoshop 3.0",
    b"after the end",
];

fn jpeg_with_everything(picture: &DynamicImage, orientation: u16) -> Vec<u8> {
    let plain = as_jpeg(picture, 90);
    let mut bytes = plain[..2].to_vec();
    let mut block = |mark: u8, body: &[u8]| {
        bytes.extend([0xFF, mark]);
        bytes.extend(u16::try_from(body.len() + 2).unwrap().to_be_bytes());
        bytes.extend(body);
    };
    block(0xE1, &[b"Exif\0\0".as_slice(), &exif(orientation)].concat());
    block(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta exif:GPSLatitude=\"41,53N\"/>");
    block(0xE2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), &[7; 200]].concat());
    block(0xED, b"Photoshop 3.0\08BIM");
    block(0xFE, b"a word beside the picture");
    bytes.extend(&plain[2..]);
    bytes.extend(b"after the end");
    bytes
}

#[test]
fn a_kept_jpeg_holds_nothing_but_the_picture() {
    let sent = jpeg_with_everything(&photo(1, 400, 300), 1);
    PLANTED.iter().for_each(|part| assert!(holds(&sent, part), "not planted: {part:?}"));
    let kept = picture(&sent).unwrap();
    for bytes in [&kept.jpeg, &kept.thumb] {
        PLANTED.iter().for_each(|part| assert!(!holds(bytes, part), "kept: {}", String::from_utf8_lossy(part)));
        assert_eq!(
            marks(bytes).into_iter().filter(|mark| !matches!(mark, 0xC0 | 0xC4 | 0xDB | 0xDA)).collect::<Vec<_>>(),
            [0xE0]
        );
    }
}

/// The marks of a JPEG's blocks up to its picture data.
fn marks(bytes: &[u8]) -> Vec<u8> {
    let (mut at, mut marks) = (2, Vec::new());
    while bytes[at] == 0xFF && bytes[at + 1] != 0xDA {
        marks.push(bytes[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
    }
    marks
}

#[test]
fn a_png_and_a_webp_lose_their_words_and_positions_too() {
    let source = photo(2, 300, 200).to_rgb8();
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_exif_metadata(exif(1)).unwrap();
    encoder.set_icc_profile(vec![7; 200]).unwrap();
    encoder.write_image(source.as_raw(), 300, 200, image::ExtendedColorType::Rgb8).unwrap();
    let mut webp = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut webp);
    encoder.set_exif_metadata(exif(1)).unwrap();
    encoder.set_icc_profile(vec![7; 200]).unwrap();
    encoder.write_image(source.as_raw(), 300, 200, image::ExtendedColorType::Rgb8).unwrap();
    for sent in [png, webp] {
        assert!(holds(&sent, b"QingheTestMaker"));
        let kept = picture(&sent).unwrap();
        assert_eq!((kept.width, kept.height), (300, 200));
        for part in PLANTED {
            assert!(!holds(&kept.jpeg, part) && !holds(&kept.thumb, part));
        }
        let (was, is) = (source.get_pixel(150, 100), *read_back(&kept.jpeg).get_pixel(150, 100));
        assert!(was.0.iter().zip(is.0).all(|(was, is)| was.abs_diff(is) < 40), "{was:?} became {is:?}");
    }
}

#[test]
fn a_photo_taken_sideways_stands_upright() {
    // Red on top, blue below, 40 wide and 80 high, as the eye saw it.
    let upright = RgbImage::from_fn(40, 80, |_, y| if y < 40 { Rgb([220, 10, 10]) } else { Rgb([10, 10, 220]) });
    let turned_back: [(u16, fn(&RgbImage) -> RgbImage); 4] = [
        (1, Clone::clone),
        (3, |picture| imageops::rotate180(picture)),
        (6, |picture| imageops::rotate270(picture)),
        (8, |picture| imageops::rotate90(picture)),
    ];
    for (orientation, turn) in turned_back {
        let sent = jpeg_with_everything(&DynamicImage::ImageRgb8(turn(&upright)), orientation);
        let kept = picture(&sent).unwrap();
        assert_eq!((kept.width, kept.height), (40, 80), "orientation {orientation}");
        for bytes in [&kept.jpeg, &kept.thumb] {
            let shown = read_back(bytes);
            assert!(
                shown.get_pixel(20, 10).0[0] > 150 && shown.get_pixel(20, 70).0[2] > 150,
                "orientation {orientation}"
            );
        }
    }
}

#[test]
fn what_is_large_is_kept_small_and_a_thumbnail_never_passes_15_kb() {
    let kept = picture(&as_jpeg(&photo(3, 3000, 1000), 90)).unwrap();
    assert_eq!((kept.width, kept.height), (1600, 533));
    let small = picture(&as_png(&photo(3, 90, 50))).unwrap();
    assert_eq!((small.width, small.height), (90, 50));
    // What compresses worst of all.
    let mut chance = Chance::of(4);
    let noise = RgbImage::from_fn(900, 900, |_, _| Rgb([0; 3].map(|_: u8| chance.below(256) as u8)));
    for sent in [as_png(&DynamicImage::ImageRgb8(noise)), as_jpeg(&photo(5, 3000, 40), 90), as_png(&photo(6, 1, 1))] {
        let kept = picture(&sent).unwrap();
        assert!(
            kept.thumb.len() <= THUMB_MOST && kept.jpeg.len() <= KEPT_MOST,
            "{} {}",
            kept.thumb.len(),
            kept.jpeg.len()
        );
        read_back(&kept.thumb);
    }
}

#[test]
fn what_is_transparent_becomes_white() {
    let glass = image::RgbaImage::from_pixel(20, 20, image::Rgba([0, 0, 0, 0]));
    let kept = picture(&as_png(&DynamicImage::ImageRgba8(glass))).unwrap();
    assert_eq!(read_back(&kept.jpeg).get_pixel(10, 10).0, [255, 255, 255]);
}

/// A PNG that says it has so many pixels, and has none.
fn png_that_claims(width: u32, height: u32, bits: u8) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([bits, 6, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    let mut sum = flate2::Crc::new();
    sum.update(&head);
    png.extend(head);
    png.extend(sum.sum().to_be_bytes());
    png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
    png
}

#[test]
fn too_many_pixels_are_refused_by_the_header_alone() {
    let before = std::time::Instant::now();
    for (width, height, bits) in [(10_000, 10_000, 8), (60_000, 60_000, 8), (7000, 7000, 16)] {
        let refused = picture(&png_that_claims(width, height, bits)).err().unwrap();
        assert!(matches!(refused, NoPicture::TooManyPixels(..)), "{width} × {height}: {refused}");
    }
    assert!(before.elapsed().as_millis() < 500, "something was decoded");
    assert_eq!(
        NoPicture::TooManyPixels(10_000, 10_000).to_string(),
        "有 10000 × 10000 个像素，太大了（最多 5200 万）。请调小，或截图后再上传。"
    );
    // A whole one, not only one that claims to be: 100 million pixels in 12 kB.
    let whole = GrayImage::new(10_000, 10_000);
    let sent = as_png(&DynamicImage::ImageLuma8(whole));
    assert_eq!(picture(&sent).err(), Some(NoPicture::TooManyPixels(10_000, 10_000)));
}

#[test]
fn what_is_no_photo_is_named_and_told_what_to_do() {
    for (sent, wanted) in [
        (&b""[..], NoPicture::Empty),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", NoPicture::Heic),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", NoPicture::Heic),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", NoPicture::Avif),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", NoPicture::Video),
        (b"GIF89a\x01\0\x01\0", NoPicture::Gif),
        (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", NoPicture::Svg),
        ("\u{feff}<?xml version=\"1.0\"?>\n<svg/>".as_bytes(), NoPicture::Svg),
        (b"  <!DOCTYPE html><html><script>1</script>", NoPicture::Html),
        (b"<script>1</script>", NoPicture::Html),
        (b"%PDF-1.7\n", NoPicture::Pdf),
        (b"PK\x03\x04....", NoPicture::Document),
        (b"BM\x36\0\0\0", NoPicture::OtherPicture),
        (b"\xFF\xD8", NoPicture::Unknown),
        ("写实记录".as_bytes(), NoPicture::Unknown),
        (b"\xFF\xD8\xFF\xE0 then nothing of the kind", NoPicture::Unreadable),
        (b"\x89PNG\r\n\x1a\n<html>", NoPicture::Unreadable),
        (b"RIFF\x10\0\0\0WEBPVP8 ....", NoPicture::Unreadable),
    ] {
        assert_eq!(picture(sent).err(), Some(wanted), "{}", String::from_utf8_lossy(sent));
    }
    assert!(NoPicture::Heic.to_string().contains("JPEG") && NoPicture::Heic.to_string().contains("兼容性最佳"));
    let large = vec![0; MOST_BYTES + 1];
    assert_eq!(
        picture(&large).err().unwrap().to_string(),
        "有 21 MB，一张照片最多 20 MB。请在手机里调小，或截图后再上传。"
    );
}

#[test]
fn a_jpeg_that_breaks_off_is_refused() {
    let whole = jpeg_with_everything(&photo(7, 60, 40), 1);
    let end = whole.len() - b"after the end".len();
    assert!(picture(&whole[..end]).is_ok());
    for part in 1..20 {
        assert_eq!(
            picture(&whole[..(end - 1) * part / 20])
                .err()
                .map(|e| e == NoPicture::Unknown || e == NoPicture::Unreadable),
            Some(true)
        );
    }
    assert_eq!(picture(&whole[..end - 1]).err(), Some(NoPicture::Unreadable));
}

#[test]
fn whatever_is_cut_or_turned_over_is_refused_or_read_and_nothing_breaks() {
    let whole = [jpeg_with_everything(&photo(7, 60, 40), 6), as_png(&photo(7, 60, 40))];
    let mut chance = Chance::of(8);
    for sent in whole {
        for _ in 0..60 {
            let mut bytes = sent[..1 + chance.below(sent.len() as u32) as usize].to_vec();
            for _ in 0..chance.below(6) {
                let at = chance.below(bytes.len() as u32) as usize;
                bytes[at] ^= 1 << chance.below(8);
            }
            if let Ok(kept) = picture(&bytes) {
                assert!(kept.thumb.len() <= THUMB_MOST);
                read_back(&kept.jpeg);
            }
        }
    }
}

#[test]
fn a_photo_resized_recompressed_or_cropped_is_found() {
    let mut missed = Vec::new();
    for seed in 100..120 {
        let first = photo(seed, 640, 480);
        let kept = picture(&as_jpeg(&first, 90)).unwrap().alike;
        let crop = |x, y, wide, high| first.crop_imm(x, y, wide, high);
        let others = [
            ("resized", as_jpeg(&first.resize_exact(300, 225, imageops::FilterType::Triangle), 90)),
            ("stretched a little", as_jpeg(&first.resize_exact(660, 470, imageops::FilterType::Triangle), 90)),
            ("recompressed", as_jpeg(&first, 25)),
            ("as a png", as_png(&first)),
            ("brighter", as_jpeg(&first.brighten(18), 90)),
            ("cropped at the left", as_jpeg(&crop(32, 0, 608, 480), 80)),
            ("cropped at the right", as_jpeg(&crop(0, 0, 608, 480), 80)),
            ("cropped on top", as_jpeg(&crop(0, 24, 640, 456), 80)),
            ("cropped below", as_jpeg(&crop(0, 0, 640, 456), 80)),
            ("cropped all round, a twentieth of each side in all", as_jpeg(&crop(16, 12, 608, 456), 80)),
            ("cropped at a corner", as_jpeg(&crop(32, 24, 608, 456), 80)),
        ];
        for (how, bytes) in others {
            let other = picture(&bytes).unwrap().alike;
            if !kept.may_be(&other) {
                missed.push((seed, how, kept.distance(&other)));
            }
            assert_eq!(kept.distance(&other), other.distance(&kept));
        }
    }
    assert!(missed.is_empty(), "{} of 220 missed: {missed:?}", missed.len());
}

#[test]
fn of_a_thousand_different_photos_fewer_than_ten_raise_a_question() {
    let mut all: Vec<Alike> = Vec::new();
    let (mut asked, mut nearest) = (0, 64);
    for seed in 1000..2000 {
        let next = alike(&photo(seed, 96, 72));
        asked += usize::from(all.iter().any(|earlier| earlier.may_be(&next)));
        nearest = all.iter().map(|earlier| earlier.distance(&next)).min().unwrap_or(64).min(nearest);
        all.push(next);
    }
    assert!(asked < 10, "{asked} of 1000 raise a question; the nearest two differ in {nearest} bits");
}

#[test]
fn what_was_kept_of_a_photo_is_read_back() {
    let first = alike(&photo(9, 100, 80));
    assert_eq!(Alike::kept(first.bytes().to_vec()), Some(first));
    assert_eq!(Alike::kept(vec![0; 3]), None);
}
