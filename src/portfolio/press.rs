//! From sealed bytes to paper: what a print template is given.

use super::credential::{CREDENTIAL_TYP, credential_claims};
use super::file::{GraduationFile, first_year_of, sheets_of};
use crate::access::House;
use crate::evaluation::{Picture, Sheet};
use crate::platform::clock::unix_seconds;
use crate::platform::files::sha256_hex;
use crate::platform::pades;
use crate::platform::picture::{ForPrint, for_print};
use crate::platform::qr::qr_rows;
use crate::platform::typeset::{Misprint, Press};
use chrono::{Datelike, NaiveDateTime};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

/// The `typ` of the signed words in a printed QR code.
pub const PAPER_TYP: &str = "qinghe-paper";

/// What the QR code of a printed portfolio says, signed by the county (ES256): enough
/// to check the paper's own words one by one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaperWords {
    pub name: String,
    pub school: String,
    pub cohort: i32,
    /// The five words 德智体美劳, as printed.
    pub words: Vec<String>,
    pub code: String,
    pub version: i32,
    /// When it was sealed, seconds since 1970.
    pub iat: i64,
}

/// The rings and outlines of the radar, as print templates draw it: points on a
/// circle of radius 1.
#[derive(Serialize)]
pub struct PictureData<'p> {
    rings: Vec<Ring>,
    #[serde(flatten)]
    picture: &'p Picture,
}

#[derive(Serialize)]
struct Ring {
    word: String,
    reach: f64,
}

impl<'p> PictureData<'p> {
    pub fn of(picture: &'p Picture, word: impl Fn(crate::evaluation::Band) -> String) -> Self {
        let rings = Picture::rings().into_iter().map(|(band, reach)| Ring { word: word(band), reach }).collect();
        PictureData { rings, picture }
    }
}

#[derive(Serialize)]
struct PortfolioData<'d> {
    /// The sealed bytes as they are: the template reads them and attaches them.
    sealed: &'d str,
    credential: Option<&'d str>,
    seal: SealData<'d>,
    picture: PictureData<'d>,
    /// The photos that are in it, by the SHA-256 the sealed file names.
    photos: BTreeMap<&'d str, PhotoData>,
}

#[derive(Serialize)]
struct PhotoData {
    file: String,
    /// Taller than wide.
    upright: bool,
}

#[derive(Serialize)]
struct SealData<'d> {
    version: String,
    sealed_at: String,
    date: [i32; 3],
    sha256: String,
    code: &'d str,
    address: String,
    qr: Vec<String>,
}

/// `2026 年 6 月 18 日 16:20`
pub fn moment_words(at: NaiveDateTime) -> String {
    format!("{} 年 {} 月 {} 日 {}", at.year(), at.month(), at.day(), at.format("%H:%M"))
}

pub fn date_parts(at: NaiveDateTime) -> [i32; 3] {
    [at.year(), at.month() as i32, at.day() as i32]
}

/// A portfolio as it is handed out: the PDF, and the credential that is in it and
/// beside it.
pub struct Made {
    pub pdf: Vec<u8>,
    pub pages: usize,
    /// VC-JWT.
    pub credential: String,
    /// The photos in it, by the SHA-256 the sealed file names.
    pub photos: Vec<String>,
}

/// Makes a portfolio from a sealed graduation file, with those of its photos that `may`
/// names; whatever is missing of them is left out. The same bytes, photos and key give
/// the same PDF, and with whatever photos the same credential.
///
/// # Errors
/// As [`Press::print`]; [`Misprint::Broken`] when the file store does not answer: a photo
/// is not left out for good because a network was down.
pub fn print_portfolio(press: &Press, house: &House, sealed: &[u8], may: &BTreeSet<String>) -> Result<Made, Misprint> {
    let broken = |error: &dyn std::fmt::Display| Misprint::Broken(error.to_string());
    let text = std::str::from_utf8(sealed).map_err(|e| broken(&e))?;
    let file: GraduationFile = serde_json::from_str(text).map_err(|e| broken(&e))?;
    let missing = press.uncovered(text);
    if !missing.is_empty() {
        return Err(Misprint::NoGlyph(missing));
    }
    let words = PaperWords {
        name: file.student.name.clone(),
        school: file.school.name.clone(),
        cohort: file.class.cohort.0,
        words: file.graduation.values().map(|band| file.scheme.word(*band).to_owned()).collect(),
        code: file.code.clone(),
        version: file.version,
        iat: unix_seconds(file.sealed.at),
    };
    let (keys, issuer, sealed_sha256) = (&house.keys, house.issuer(), sha256_hex(sealed));
    let signed = keys.sign_as(&issuer, PAPER_TYP, &words).map_err(|e| broken(&e))?;
    let claims = credential_claims(&file, &sealed_sha256, &issuer);
    let credential = keys.sign_as(&issuer, CREDENTIAL_TYP, &claims).map_err(|e| broken(&e))?;
    let graduation = Sheet::of_bands(file.graduation.iter().map(|(domain, band)| (*domain, *band)));
    let picture = sheets_of(&file.terms).picture_to(&graduation, first_year_of(&file.terms));
    let (mut photos, mut pictures) = (BTreeMap::new(), Vec::new());
    for sha256 in file.photos().filter(|sha256| may.contains(*sha256)) {
        if photos.contains_key(sha256) {
            continue;
        }
        let Some(photo) = kept_photo(house, sha256)? else { continue };
        let name = format!("photo-{}.jpg", pictures.len() + 1);
        photos.insert(sha256, PhotoData { file: name.clone(), upright: photo.is_upright });
        pictures.push((name, photo.jpeg));
    }
    let shown: Vec<String> = photos.keys().map(|sha256| (*sha256).to_owned()).collect();
    let data = PortfolioData {
        sealed: text,
        credential: Some(&credential),
        seal: SealData {
            version: format!("第 {} 版", file.version),
            sealed_at: moment_words(file.sealed.at),
            date: date_parts(file.sealed.at),
            sha256: sealed_sha256,
            code: &file.code,
            address: format!("{}/verify", house.public_url),
            qr: qr_rows(&format!("{}/verify#{signed}", house.public_url))?,
        },
        picture: PictureData::of(&picture, |band| file.scheme.word(Some(band)).to_owned()),
        photos,
    };
    let data = serde_json::to_vec(&data).map_err(|e| broken(&e))?;
    let printed = press.print_with("portfolio.typ", data, pictures)?;
    let organization = format!("{}教育局", file.county);
    let pdf = pades::sign(keys, &organization, &issuer, &printed.pdf, file.sealed.at).map_err(|e| broken(&e))?;
    Ok(Made { pdf, pages: printed.pages, credential, photos: shown })
}

/// A photo from the file store as a page bears it; `None` when it is not there any more,
/// or no longer what it was.
fn kept_photo(house: &House, sha256: &str) -> Result<Option<ForPrint>, Misprint> {
    match house.files.get(sha256) {
        Ok(kept) => Ok(for_print(&kept).ok()),
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidData | ErrorKind::InvalidInput) =>
        {
            Ok(None)
        }
        Err(error) => Err(Misprint::Broken(format!("文件存放处没有答应：{error}"))),
    }
}
