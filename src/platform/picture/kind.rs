//! What a file is by its own bytes, whatever its name says.

use super::{MOST_BYTES, MOST_PIXELS};
use image::ImageFormat;

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    WebP,
}

/// Why a file is not taken; says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPicture {
    #[error("是空的。请重新选一次。")]
    Empty,
    #[error(
        "是 HEIC 格式（苹果手机默认的），这里打不开。请在手机“设置 → 相机 → 格式”里选“兼容性最佳”再拍；已经拍好的，发到微信里再保存下来，就是 JPEG 了。"
    )]
    Heic,
    #[error("是 AVIF 格式，这里打不开。请在看图软件里“另存为”JPEG，再上传。")]
    Avif,
    #[error("是 GIF 动图，这里只收照片。请截一张图，或另存为 JPEG，再上传。")]
    Gif,
    #[error("是 SVG 图形，不是照片。请上传拍下来的照片（jpg、png 或 webp）。")]
    Svg,
    #[error("是网页文件，不是照片。请在手机相册里选照片（jpg、png 或 webp）。")]
    Html,
    #[error("是 PDF 文件，不是照片。请把那一页拍下来或截图，再上传。")]
    Pdf,
    #[error("是视频，这里只收照片。请截一张图，再上传。")]
    Video,
    #[error("是 TIFF、BMP 一类的图，这里打不开。请在看图软件里“另存为”JPEG，再上传。")]
    OtherPicture,
    #[error("是文档或压缩包，不是照片。请把里面的照片单独存出来，再上传。")]
    Document,
    #[error("看不出是什么文件。请上传照片（jpg、png 或 webp）。")]
    Unknown,
    #[error("有 {} MB，一张照片最多 {} MB。请在手机里调小，或截图后再上传。", .0.div_ceil(1 << 20), MOST_BYTES >> 20)]
    TooManyBytes(usize),
    #[error("有 {} × {} 个像素，太大了（最多 {} 万）。请调小，或截图后再上传。", .0, .1, MOST_PIXELS / 10_000)]
    TooManyPixels(u32, u32),
    #[error("打不开，可能没有传完整，或者文件坏了。请重新选一次，或换一张。")]
    Unreadable,
}

impl Kind {
    /// # Errors
    /// What it is instead.
    pub fn of(bytes: &[u8]) -> Result<Kind, NoPicture> {
        match bytes {
            [] => Err(NoPicture::Empty),
            [0xFF, 0xD8, 0xFF, ..] => Ok(Kind::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(Kind::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Kind::WebP),
            [_, _, _, _, b'f', b't', b'y', b'p', rest @ ..] => Err(boxed(rest)),
            [b'G', b'I', b'F', b'8', ..] => Err(NoPicture::Gif),
            [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] | [b'R', b'a', b'r', b'!', ..] => {
                Err(NoPicture::Document)
            }
            [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] | [b'B', b'M', ..] => Err(NoPicture::OtherPicture),
            [0x1A, 0x45, 0xDF, 0xA3, ..] => Err(NoPicture::Video),
            [b'R', b'I', b'F', b'F', ..] => Err(NoPicture::Video),
            _ => Err(written(bytes)),
        }
    }

    pub(super) fn format(self) -> ImageFormat {
        match self {
            Kind::Jpeg => ImageFormat::Jpeg,
            Kind::Png => ImageFormat::Png,
            Kind::WebP => ImageFormat::WebP,
        }
    }
}

/// ISO base media: the brands say which (ISO/IEC 14496-12, 23008-12).
fn boxed(brands: &[u8]) -> NoPicture {
    let brand = brands.get(..4).unwrap_or_default();
    let among = |name: &[u8]| brands.iter().take(64).copied().collect::<Vec<_>>().windows(4).any(|found| found == name);
    match brand {
        b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"hevm" | b"hevs" => NoPicture::Heic,
        b"avif" | b"avis" => NoPicture::Avif,
        b"mif1" | b"msf1" if among(b"avif") => NoPicture::Avif,
        b"mif1" | b"msf1" => NoPicture::Heic,
        _ => NoPicture::Video,
    }
}

/// What is text, or has text at its start.
fn written(bytes: &[u8]) -> NoPicture {
    let start = &bytes[..bytes.len().min(1024)];
    if start.windows(5).any(|found| found == b"%PDF-") {
        return NoPicture::Pdf;
    }
    let text = String::from_utf8_lossy(start).to_lowercase();
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !text.starts_with('<') {
        return NoPicture::Unknown;
    }
    if text.contains("<svg") || (text.starts_with("<?xml") && !text.contains("html")) {
        NoPicture::Svg
    } else {
        NoPicture::Html
    }
}

/// Whether a JPEG's picture comes to its end: an EOI after its own SOS, and not only the
/// one of a small picture in its EXIF block.
pub(super) fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some([0xFF, mark, high, low]) = bytes.get(at..at + 4) {
        match mark {
            // A mark may be preceded by any number of these.
            0xFF => at += 1,
            0xDA => return bytes[at..].windows(2).any(|found| found == [0xFF, 0xD9]),
            _ => at += 2 + usize::from(u16::from_be_bytes([*high, *low])),
        }
    }
    false
}
