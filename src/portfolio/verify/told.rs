//! What a credential says, read back from its claims.

use crate::names::Domain;
use crate::platform::clock::from_unix_seconds;
use crate::portfolio::credential::{GRADUATION, named_information};
use crate::portfolio::file::GraduationFile;
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The parts of a CLR credential that ours are told by; the rest may say what it likes,
/// the signature covers it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Claims {
    iss: String,
    jti: String,
    sub: String,
    nbf: i64,
    id: String,
    issuer: Profile,
    credential_subject: Subject,
    evidence: Vec<Named>,
}

#[derive(Deserialize)]
struct Profile {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    id: String,
    identifier: Vec<Identity>,
    achievement: Vec<Achievement>,
    verifiable_credential: Vec<Child>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    identity_hash: String,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Child {
    credential_subject: ChildSubject,
}

#[derive(Deserialize)]
struct ChildSubject {
    source: Profile,
    achievement: Achievement,
    result: Vec<Outcome>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Achievement {
    name: String,
    human_code: String,
    version: Option<String>,
    #[serde(default)]
    result_description: Vec<Description>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    id: String,
    name: String,
    rubric_criterion_level: Vec<Level>,
}

#[derive(Deserialize)]
struct Level {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    result_description: String,
    achieved_level: String,
}

/// One band a credential signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BandTold {
    /// `毕业`, or the term's name.
    pub when: String,
    /// The scheme's word.
    pub word: String,
    #[serde(skip)]
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DomainTold {
    pub character: &'static str,
    pub name: String,
    #[serde(skip)]
    code: &'static str,
    /// By term (`2026-1`), and under `graduation`.
    pub bands: BTreeMap<String, BandTold>,
}

impl DomainTold {
    /// The word at the end of junior high; `无记录` where there is none.
    pub fn graduation(&self) -> &str {
        self.bands.get(GRADUATION).map_or("无记录", |band| &band.word)
    }
}

/// A portfolio as its credential tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    pub issuer: String,
    pub issuer_name: String,
    /// Of the credential itself.
    pub credential: String,
    pub name: String,
    pub school: String,
    pub school_code: String,
    pub code: String,
    pub version: String,
    /// When it was sealed.
    pub sealed_at: NaiveDateTime,
    pub domains: Vec<DomainTold>,
    /// Of the sealed file, as RFC 6920 names it.
    #[serde(skip)]
    pub(super) evidence: Option<String>,
}

impl Claims {
    /// Whether the claims beside the credential are the credential's own (Open Badges
    /// 3.0, 8.2).
    fn agree(&self) -> bool {
        self.iss == self.issuer.id && self.jti == self.id && self.sub == self.credential_subject.id
    }

    /// `None` for a credential that is not a portfolio's.
    pub(super) fn told(&self) -> Option<Told> {
        if !self.agree() {
            return None;
        }
        let subject = &self.credential_subject;
        let whole = subject.achievement.first()?;
        let school = &subject.verifiable_credential.first()?.credential_subject.source;
        Some(Told {
            issuer: self.iss.clone(),
            issuer_name: self.issuer.name.clone(),
            credential: self.jti.clone(),
            name: subject.identifier.first()?.identity_hash.clone(),
            school: school.name.clone(),
            school_code: school.id.rsplit(':').next()?.to_owned(),
            code: whole.human_code.clone(),
            version: whole.version.clone()?,
            sealed_at: from_unix_seconds(self.nbf)?,
            domains: Domain::ALL.iter().map(|domain| self.domain(*domain)).collect::<Option<_>>()?,
            evidence: self.evidence.first().map(|evidence| evidence.id.clone()),
        })
    }

    fn domain(&self, domain: Domain) -> Option<DomainTold> {
        let children = &self.credential_subject.verifiable_credential;
        let child = children.iter().find(|child| child.credential_subject.achievement.human_code == domain.code())?;
        let ChildSubject { achievement, result, .. } = &child.credential_subject;
        let told = |outcome: &Outcome| {
            let description = achievement.result_description.iter().find(|d| d.id == outcome.result_description)?;
            let level = description.rubric_criterion_level.iter().find(|level| level.id == outcome.achieved_level)?;
            Some((
                description.id.rsplit(':').next()?.to_owned(),
                BandTold {
                    when: description.name.clone(),
                    word: level.name.clone(),
                    code: level.id.rsplit(':').next()?.to_owned(),
                },
            ))
        };
        Some(DomainTold {
            character: domain.character(),
            name: achievement.name.clone(),
            code: domain.code(),
            bands: result.iter().map(told).collect::<Option<_>>()?,
        })
    }
}

impl Told {
    /// Whether these are the sealed bytes the credential is about.
    pub fn is_of(&self, sealed: &[u8]) -> bool {
        self.evidence == Some(named_information(&crate::platform::files::sha256_hex(sealed)))
    }

    /// What the sealed bytes beside a credential say otherwise than it signs, one
    /// sentence each; empty when they are the very bytes it names.
    pub(super) fn differences(&self, sealed: &[u8]) -> Vec<String> {
        if self.is_of(sealed) {
            return Vec::new();
        }
        let mut found = Vec::new();
        match serde_json::from_slice::<GraduationFile>(sealed) {
            Ok(file) => {
                let mut compare = |what: &str, signed: &str, says: &str| {
                    if signed != says {
                        found.push(format!("{what}：签名的是“{signed}”，文件里是“{says}”"));
                    }
                };
                compare("姓名", &self.name, &file.student.name);
                compare("学校", &self.school, &file.school.name);
                compare("编号", &self.code, &file.code);
                compare("版本", &self.version, &file.version.to_string());
                for domain in &self.domains {
                    domain.compare(&file, &mut compare);
                }
                if found.is_empty() {
                    found.push("等级、姓名、学校没有变，档案数据的别处被改过".to_owned());
                }
            }
            Err(_) => found.push("档案数据（portfolio.json）已经认不出".to_owned()),
        }
        found
    }
}

impl DomainTold {
    fn compare(&self, file: &GraduationFile, compare: &mut impl FnMut(&str, &str, &str)) {
        let Some(domain) = Domain::ALL.iter().find(|domain| domain.code() == self.code) else { return };
        let of_terms = file.terms.iter().map(|term| (term.term.to_string(), term.name.clone(), term.bands.get(domain)));
        let at_the_end = (GRADUATION.to_owned(), "毕业".to_owned(), file.graduation.get(domain));
        for (key, when, band) in of_terms.chain([at_the_end]) {
            let says = file.scheme.word(band.copied().flatten());
            let signed = self.bands.get(&key).map_or(file.scheme.no_record.as_str(), |band| &band.word);
            compare(&format!("{}　{when}", self.name), signed, says);
        }
    }
}
