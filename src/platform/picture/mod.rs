//! Photos: what they are by their own bytes, within limits that hold before anything
//! is decoded, and made anew, so that nothing but the picture is kept: no EXIF, no
//! position, no colour profile, no maker's notes.

mod alike;
mod kind;

pub use alike::{Alike, alike};
pub use kind::{Kind, NoPicture};

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage, imageops};
use std::io::Cursor;
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Bytes one photo may have; a phone's largest ordinary JPEG has about 12 MB.
pub const MOST_BYTES: usize = 20 << 20;
/// Pixels one photo may have; 8160 × 6144 is a phone's 50 megapixels.
pub const MOST_PIXELS: u64 = 52_000_000;
/// What a decoder may take for one photo.
const MOST_MEMORY: u64 = 256 << 20;
/// Pixels of the longest side of what is kept, and of its thumbnail.
const LONGEST: u32 = 1600;
const THUMB_LONGEST: u32 = 320;
/// Bytes of a thumbnail, whatever it shows (a page of forty must come over a village's network).
pub const THUMB_MOST: usize = 15 << 10;
/// Bytes of what is kept: a tap opens it over the same network (UX.md, page weights).
pub const KEPT_MOST: usize = 120 << 10;
/// Pixels of the longest side of what is printed: about 300 dpi over 62 mm, and a little more.
const PRINTED_LONGEST: u32 = 800;
/// Bytes of what is printed, so that with its words a photo adds at most 60 KB to a PDF.
pub const PRINTED_MOST: usize = 56 << 10;
/// From fine to coarse; what is still too large is made smaller.
const QUALITIES: [u8; 3] = [78, 66, 54];

/// Photos being decoded at once in this process.
static DECODING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// A photo as it is kept: JPEG, upright, of at most 1600 pixels a side, with nothing
/// in it but the picture.
pub struct Picture {
    /// At most [`KEPT_MOST`] bytes.
    pub jpeg: Vec<u8>,
    /// JPEG, at most [`THUMB_MOST`] bytes.
    pub thumb: Vec<u8>,
    /// Of `jpeg`, in pixels.
    pub width: u32,
    pub height: u32,
    pub alike: Alike,
}

/// Makes the picture off the event loop, a few at once; the rest wait their turn.
///
/// # Errors
/// As [`picture`].
pub async fn picture_in_turn(bytes: Vec<u8>) -> Result<Picture, NoPicture> {
    let turn = DECODING.acquire().await.map_err(|_| NoPicture::Unreadable)?;
    let made = actix_web::web::block(move || {
        let _turn = turn;
        picture(&bytes)
    });
    made.await.map_err(|_| NoPicture::Unreadable)?
}

/// Makes a picture of what was sent.
///
/// # Errors
/// What it is instead, or which limit it breaks; the header alone is read for that.
pub fn picture(bytes: &[u8]) -> Result<Picture, NoPicture> {
    if bytes.len() > MOST_BYTES {
        return Err(NoPicture::TooManyBytes(bytes.len()));
    }
    let kind = Kind::of(bytes)?;
    let format = kind.format();
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| NoPicture::Unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(NoPicture::TooManyPixels(width, height));
    }
    // A PNG of 16 bits a channel may break the memory's limit where its pixels do not.
    if decoder.total_bytes() > MOST_MEMORY {
        return Err(NoPicture::TooManyPixels(width, height));
    }
    // A decoder fills what is missing with grey, and says nothing.
    if kind == Kind::Jpeg && !kind::jpeg_ends(bytes) {
        return Err(NoPicture::Unreadable);
    }
    let upright = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|_| NoPicture::Unreadable)?;
    let mut small = shrunk(on_white(decoded), LONGEST);
    small.apply_orientation(upright);
    let (jpeg, width, height) = fitted(&small, LONGEST, KEPT_MOST)?;
    let (thumb, ..) = fitted(&small, THUMB_LONGEST, THUMB_MOST)?;
    Ok(Picture { jpeg, thumb, width, height, alike: alike(&small) })
}

/// A photo as a page bears it: JPEG, at most [`PRINTED_MOST`] bytes.
pub struct ForPrint {
    pub jpeg: Vec<u8>,
    /// Taller than wide.
    pub is_upright: bool,
}

/// Makes what is printed of a photo that is kept. The same photo gives the same bytes.
///
/// # Errors
/// [`NoPicture::Unreadable`] for what is no photo of ours.
pub fn for_print(kept: &[u8]) -> Result<ForPrint, NoPicture> {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(kept), image::ImageFormat::Jpeg);
    reader.limits(limits);
    let decoded = reader.decode().map_err(|_| NoPicture::Unreadable)?;
    let (jpeg, width, height) = fitted(&decoded, PRINTED_LONGEST, PRINTED_MOST)?;
    Ok(ForPrint { jpeg, is_upright: height > width })
}

/// What was transparent becomes white, as on paper.
fn on_white(decoded: DynamicImage) -> DynamicImage {
    if !decoded.color().has_alpha() {
        return DynamicImage::ImageRgb8(decoded.into_rgb8());
    }
    let pixels = decoded.into_rgba8();
    let mut flat = RgbImage::new(pixels.width(), pixels.height());
    for (to, from) in flat.pixels_mut().zip(pixels.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|channel| ((channel * alpha + 255 * (255 - alpha)) / 255) as u8);
    }
    DynamicImage::ImageRgb8(flat)
}

/// No larger than that on its longest side; what is smaller stays as it is.
fn shrunk(picture: DynamicImage, longest: u32) -> DynamicImage {
    let side = picture.width().max(picture.height());
    if side <= longest {
        return picture;
    }
    // The quick way down to twice the size, then the careful one.
    let halfway = if side > longest * 3 { picture.thumbnail(longest * 2, longest * 2) } else { picture };
    halfway.resize(longest, longest, imageops::FilterType::CatmullRom)
}

fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, NoPicture> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(picture).map_err(|_| NoPicture::Unreadable)?;
    Ok(bytes)
}

/// Coarser, then smaller, until it fits; with its width and height.
fn fitted(picture: &DynamicImage, mut longest: u32, most: usize) -> Result<(Vec<u8>, u32, u32), NoPicture> {
    loop {
        let small = shrunk(picture.clone(), longest).to_rgb8();
        for quality in QUALITIES {
            let bytes = jpeg(&small, quality)?;
            if bytes.len() <= most || longest <= 16 {
                return Ok((bytes, small.width(), small.height()));
            }
        }
        longest = longest.min(small.width().max(small.height())) * 4 / 5;
    }
}

#[cfg(test)]
mod tests;
