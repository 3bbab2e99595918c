//! Photos of the demonstration county: drawn, so that no real child stands in them.

use super::chance::Chance;
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

const WIDE: u32 = 720;
const HIGH: u32 = 480;

/// A valley in the hills with a few houses, as a phone takes it; another for each stream.
pub fn photo(stream: &str) -> Vec<u8> {
    let mut chance = Chance::of(stream);
    let snow = chance.in_hundred(50);
    let sky = [[176, 205, 226], [236, 205, 178], [205, 214, 220]][chance.below(3)];
    let ground = if snow { [236, 239, 242] } else { [150, 158, 96] };
    let mut picture = RgbImage::from_fn(WIDE, HIGH, |_, y| Rgb(sky.map(|c: u8| c.saturating_add((y / 16) as u8))));
    for ridge in 0..3u32 {
        let (wave, lift) = (40 + chance.below(50) as u32, chance.below(60) as u32);
        let shade = 70 + ridge as u8 * 34;
        let colour = Rgb([shade, shade + 18, if snow { shade + 26 } else { shade - 6 }]);
        for x in 0..WIDE {
            let along = (f64::from(x) / f64::from(wave + 60) + f64::from(lift)).sin() * f64::from(wave) * 0.6;
            let top = (f64::from(170 + ridge * 56 + lift / 2) + along).max(0.0) as u32;
            (top.min(HIGH)..HIGH).for_each(|y| picture.put_pixel(x, y, colour));
        }
    }
    (330..HIGH).for_each(|y| (0..WIDE).for_each(|x| picture.put_pixel(x, y, Rgb(ground))));
    for house in 0..2 + chance.below(3) as u32 {
        let left = 40 + house * 150 + chance.below(60) as u32;
        let (wide, high) = (90 + chance.below(40) as u32, 60 + chance.below(30) as u32);
        let base = 350 + chance.below(50) as u32;
        let wall = [[222, 206, 184], [196, 120, 92], [232, 228, 220]][chance.below(3)];
        block(&mut picture, left, base - high, wide, high, wall);
        let roof = if snow { [246, 248, 250] } else { [120, 62, 48] };
        (0..28).for_each(|n| block(&mut picture, left - 8 + n, base - high - n, wide + 16 - 2 * n, 1, roof));
        block(&mut picture, left + wide / 2 - 10, base - 34, 20, 34, [92, 62, 44]);
        block(&mut picture, left + 12, base - high + 16, 18, 16, [90, 118, 136]);
        // A lantern at the door.
        block(&mut picture, left + wide / 2 + 18, base - 36, 9, 12, [200, 40, 34]);
    }
    let mut bytes = Cursor::new(Vec::new());
    // Into memory this cannot fail; an empty file would be refused when it is handed in.
    picture.write_to(&mut bytes, ImageFormat::Png).map(|()| bytes.into_inner()).unwrap_or_default()
}

fn block(picture: &mut RgbImage, left: u32, top: u32, wide: u32, high: u32, colour: [u8; 3]) {
    for x in left..(left + wide).min(WIDE) {
        (top..(top + high).min(HIGH)).for_each(|y| picture.put_pixel(x, y, Rgb(colour)));
    }
}
