//! QR codes: for pages drawn as one SVG path, no picture to fetch; for paper as rows.

use super::typeset::Misprint;
use qrcodegen::{QrCode, QrCodeEcc};

/// A code to be drawn in a square of `side` units, quiet zone included.
#[derive(Clone, Debug, serde::Serialize)]
pub struct QrPath {
    pub side: i32,
    pub path: String,
}

/// Modules of blank border that readers ask for (ISO/IEC 18004).
const QUIET: i32 = 4;

/// `None` when the text is longer than a code holds (some 2,300 bytes).
pub fn qr_path(text: &str) -> Option<QrPath> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let (size, mut path) = (code.size(), String::new());
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let from = x;
            while x < size && code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                path.push_str(&format!("M{} {}h{}v1h-{}z", from + QUIET, y + QUIET, x - from, x - from));
            }
            x += 1;
        }
    }
    Some(QrPath { side: size + 2 * QUIET, path })
}

/// A QR code as rows of `0` and `1`, without its quiet zone; error level M.
pub fn qr_rows(text: &str) -> Result<Vec<String>, Misprint> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium)
        .map_err(|_| Misprint::Broken(format!("{} bytes do not fit a QR code", text.len())))?;
    let row = |y| (0..code.size()).map(|x| if code.get_module(x, y) { '1' } else { '0' }).collect();
    Ok((0..code.size()).map(row).collect())
}
