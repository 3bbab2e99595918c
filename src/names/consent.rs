//! 同意书: what guardians consent to, in versions. A version that somebody has consented
//! to is never changed; a new one begins on a day and is asked about anew. Until it is
//! answered the older consent stands, for what the older text says (PIPL 14).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const SEED: &str = include_str!("../../seed/consent.toml");

/// All versions, the oldest first.
#[derive(Clone, Debug)]
pub struct ConsentTexts(Arc<Vec<ConsentText>>);

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConsentText {
    pub version: i32,
    /// The day from which it is the one that is asked.
    pub since: NaiveDate,
    /// What is other than in the version before.
    pub changed: Option<String>,
    pub points: Vec<ConsentPoint>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConsentPoint {
    pub icon: String,
    pub title: String,
    pub words: String,
}

#[derive(Deserialize)]
struct File {
    text: Vec<ConsentText>,
}

impl ConsentTexts {
    /// # Errors
    /// What is wrong in the seed, which a test would have found.
    pub fn seed() -> Result<Self, String> {
        Self::read(SEED)
    }

    /// # Errors
    /// Where the file cannot be read; versions that do not follow each other, in number
    /// and in time; a later version that does not say what it changes.
    pub fn read(toml: &str) -> Result<Self, String> {
        let File { text } = toml::from_str(toml).map_err(|e| e.to_string())?;
        if text.is_empty() {
            return Err("同意书一版也没有".to_owned());
        }
        for (n, one) in (1..).zip(&text) {
            if one.version != n {
                return Err(format!("同意书第 {n} 段应是第 {n} 版"));
            }
            if one.points.is_empty() || (n > 1 && one.changed.as_deref().is_none_or(str::is_empty)) {
                return Err(format!("同意书第 {n} 版没有写全"));
            }
        }
        if text.windows(2).any(|pair| pair[0].since >= pair[1].since) {
            return Err("同意书的起用日子没有一版比一版晚".to_owned());
        }
        Ok(ConsentTexts(Arc::new(text)))
    }

    /// The version that is asked on a day; before the first began, the first.
    pub fn on(&self, day: NaiveDate) -> &ConsentText {
        self.0.iter().rfind(|text| text.since <= day).unwrap_or(&self.0[0])
    }

    /// A version that was asked once.
    pub fn version(&self, version: i32) -> Option<&ConsentText> {
        self.0.iter().find(|text| text.version == version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_each_other_and_each_has_its_day() {
        let one = "[[text]]\nversion = 1\nsince = \"2020-09-01\"\n[[text.points]]\nicon = \"book\"\ntitle = \"记什么\"\nwords = \"活动\"\n";
        let two = one.replace("version = 1", "version = 2").replace("2020-09-01", "2027-01-01");
        let two = two.replace("[[text.points]]", "changed = \"多记一样\"\n[[text.points]]");
        let texts = ConsentTexts::read(&format!("{one}{two}")).unwrap();
        let on = |day: &str| texts.on(day.parse().unwrap()).version;
        assert_eq!([on("2019-01-01"), on("2026-12-31"), on("2027-01-01")], [1, 1, 2]);
        assert!(texts.version(1).is_some() && texts.version(3).is_none());
        for wrong in
            [two.clone(), format!("{one}{one}"), format!("{one}{}", two.replace("2027", "2019")), String::new()]
        {
            assert!(ConsentTexts::read(&wrong).is_err(), "{wrong}");
        }
        assert!(ConsentTexts::read(&format!("{one}{}", two.replace("多记一样", ""))).is_err());
        assert_eq!(ConsentTexts::seed().unwrap().on("2027-01-04".parse().unwrap()).version, 1);
    }
}
