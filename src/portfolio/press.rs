//! From sealed bytes to paper: what a print template is given.

use super::credential::{CREDENTIAL_TYP, credential_claims};
use super::file::{GraduationFile, first_year_of, sheets_of};
use crate::access::House;
use crate::evaluation::{Picture, Sheet};
use crate::platform::clock::unix_seconds;
use crate::platform::files::sha256_hex;
use crate::platform::pades;
use crate::platform::qr::qr_rows;
use crate::platform::typeset::{Misprint, Press};
use chrono::{Datelike, NaiveDateTime};
use serde::{Deserialize, Serialize};

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
}

/// Makes a portfolio from a sealed graduation file. The same bytes and the same key
/// give the same PDF and the same credential.
pub fn print_portfolio(press: &Press, house: &House, sealed: &[u8]) -> Result<Made, Misprint> {
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
    };
    let printed = press.print("portfolio.typ", serde_json::to_vec(&data).map_err(|e| broken(&e))?)?;
    let organization = format!("{}教育局", file.county);
    let pdf = pades::sign(keys, &organization, &issuer, printed.pdf, file.sealed.at).map_err(|e| broken(&e))?;
    Ok(Made { pdf, pages: printed.pages, credential })
}
