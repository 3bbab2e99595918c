//! The credential a graduate takes along: a 1EdTech Comprehensive Learner Record
//! 2.0 (`ClrCredential`), signed as VC-JWT by the rules of Open Badges 3.0, section
//! 8.2: the header says `alg`, `kid` and `typ` only, the credential itself is the
//! payload, with `iss`, `jti`, `sub` and `nbf` beside it.
//!
//! It says five achievements, each with the bands of six terms and of graduation, as
//! rubric levels without points and without letters. What is 无记录 has no result.
//! No number of the pupil is in it, not even hashed: area and birth date are known,
//! and the rest could be tried out.

use super::file::GraduationFile;
use crate::names::Domain;
use crate::platform::clock::{rfc3339, unix_seconds};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The `typ` in its header; nothing else of ours is signed with it.
pub const CREDENTIAL_TYP: &str = "JWT";

/// What a result at the end of junior high is called, where a term has its own name.
pub const GRADUATION: &str = "graduation";

const LANGUAGE: &str = "zh-CN";
const CREDENTIALS: &str = "https://www.w3.org/ns/credentials/v2";
const CLR: &str = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json";
const BADGES: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
const EXTENSIONS: &str = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";
const CLR_SCHEMA: &str = "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json";
const BADGE_SCHEMA: &str =
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json";

/// The name of a portfolio's credential: a UUID made from the sealed file's hash, so
/// that the same file has the same one for ever. `urn:uuid:…`
pub fn credential_id(sealed_sha256: &str) -> String {
    urn(sealed_sha256, "credential")
}

fn urn(sealed_sha256: &str, part: &str) -> String {
    let digest = Sha256::digest(format!("{sealed_sha256}/{part}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().urn().to_string()
}

/// A file by its hash, as RFC 6920 names it: `ni:///sha-256;…`
pub fn named_information(sha256: &str) -> String {
    format!("ni:///sha-256;{}", URL_SAFE_NO_PAD.encode(hex::decode(sha256).unwrap_or_default()))
}

/// The claims to be signed. `issuer` is the county's URN, `sealed_sha256` the hash of
/// the file's sealed bytes.
pub fn credential_claims(file: &GraduationFile, sealed_sha256: &str, issuer: &str) -> Value {
    let writing = Writing {
        file,
        sealed_sha256,
        issuer: json!({ "id": issuer, "type": ["Profile"], "name": format!("{}教育局", file.county) }),
        issuer_id: issuer,
        valid_from: rfc3339(file.sealed.at),
        subject: file.student.id.urn(),
    };
    writing.claims()
}

struct Writing<'f> {
    file: &'f GraduationFile,
    sealed_sha256: &'f str,
    issuer: Value,
    issuer_id: &'f str,
    valid_from: String,
    subject: String,
}

impl Writing<'_> {
    fn claims(&self) -> Value {
        let file = self.file;
        let id = credential_id(self.sealed_sha256);
        let whole = urn(self.sealed_sha256, "portfolio");
        let associations: Vec<Value> = Domain::ALL
            .iter()
            .map(|domain| {
                json!({
                    "type": "Association",
                    "associationType": "isParentOf",
                    "sourceId": whole,
                    "targetId": self.achievement_id(*domain),
                })
            })
            .collect();
        json!({
            "@context": [CREDENTIALS, CLR, BADGES, EXTENSIONS],
            "id": id,
            "type": ["VerifiableCredential", "ClrCredential"],
            "name": format!("{}　毕业成长档案", file.student.name),
            "description": format!("{}　{}　{} 级", file.school.name, file.class.name, file.class.cohort.0),
            "issuer": self.issuer,
            "validFrom": self.valid_from,
            "partial": false,
            "credentialSubject": {
                "id": self.subject,
                "type": ["ClrSubject"],
                "identifier": [{
                    "type": "IdentityObject",
                    "hashed": false,
                    "identityHash": file.student.name,
                    "identityType": "name",
                }],
                "achievement": [self.whole(&whole)],
                "verifiableCredential": Domain::ALL.iter().map(|domain| self.domain(*domain)).collect::<Vec<_>>(),
                "association": associations,
            },
            "evidence": [{
                "id": named_information(self.sealed_sha256),
                "type": ["Evidence"],
                "name": "portfolio.json",
                "narrative": format!("归档的成长档案数据，SHA-256 为 {}。", self.sealed_sha256),
            }],
            "credentialSchema": [{ "id": CLR_SCHEMA, "type": "1EdTechJsonSchemaValidator2019" }],
            "iss": self.issuer_id,
            "jti": id,
            "sub": self.subject,
            "nbf": unix_seconds(file.sealed.at),
        })
    }

    /// The portfolio as one achievement; its code and its version are those printed.
    fn whole(&self, id: &str) -> Value {
        json!({
            "id": id,
            "type": ["Achievement"],
            "achievementType": "Diploma",
            "inLanguage": LANGUAGE,
            "name": "初中毕业成长档案",
            "description": "初中学生综合素质评价，五个方面，六个学期",
            "humanCode": self.file.code,
            "version": self.file.version.to_string(),
            "criteria": { "narrative": self.narrative() },
            "creator": self.issuer,
        })
    }

    fn narrative(&self) -> String {
        format!(
            "依据《{}》，由班主任逐学期评定、公示、签字，毕业等级由班级评价小组商定，校长归档。",
            self.file.scheme.name
        )
    }

    /// The same for everyone of a cohort under one version of the scheme.
    fn scheme_id(&self) -> String {
        format!("{}:scheme:{}:v{}", self.issuer_id, self.file.class.cohort.0, self.file.scheme.version)
    }

    fn achievement_id(&self, domain: Domain) -> String {
        format!("{}:{}", self.scheme_id(), domain.code())
    }

    /// In the order of their names, which is none.
    fn levels(&self) -> Vec<Value> {
        let level = |(code, words): (&String, &crate::scheme::BandWord)| {
            json!({
                "id": format!("{}:band:{code}", self.scheme_id()),
                "type": ["RubricCriterionLevel"],
                "name": words.word,
            })
        };
        self.file.scheme.bands.iter().map(level).collect()
    }

    fn domain(&self, domain: Domain) -> Value {
        let (file, achievement) = (self.file, self.achievement_id(domain));
        let name = file.scheme.domains.iter().find(|named| named.code == domain).map_or("", |named| &named.name);
        let of_terms = file
            .terms
            .iter()
            .map(|term| (term.term.to_string(), term.name.as_str(), term.bands.get(&domain).copied().flatten()));
        let at_the_end = file.graduation.get(&domain).copied().flatten();
        let all: Vec<_> = of_terms.chain([(GRADUATION.to_owned(), "毕业", at_the_end)]).collect();
        let descriptions: Vec<Value> = all
            .iter()
            .map(|(when, shown, _)| {
                json!({
                    "id": format!("{achievement}:{when}"),
                    "type": ["ResultDescription"],
                    "name": shown,
                    "resultType": "RubricCriterionLevel",
                    "rubricCriterionLevel": self.levels(),
                })
            })
            .collect();
        let results: Vec<Value> = all
            .iter()
            .filter_map(|(when, _, band)| {
                let band = (*band)?;
                Some(json!({
                    "type": ["Result"],
                    "resultDescription": format!("{achievement}:{when}"),
                    "achievedLevel": format!("{}:band:{}", self.scheme_id(), band.code()),
                }))
            })
            .collect();
        json!({
            "@context": [CREDENTIALS, BADGES, EXTENSIONS],
            "id": urn(self.sealed_sha256, domain.code()),
            "type": ["VerifiableCredential", "AchievementCredential"],
            "name": format!("{name}　毕业等级和六个学期的等级"),
            "issuer": self.issuer,
            "validFrom": self.valid_from,
            "credentialSubject": {
                "id": self.subject,
                "type": ["AchievementSubject"],
                "source": {
                    "id": format!("{}:school:{}", self.issuer_id, file.school.code),
                    "type": ["Profile"],
                    "name": file.school.name,
                },
                "achievement": {
                    "id": achievement,
                    "type": ["Achievement"],
                    "achievementType": "Assessment",
                    "inLanguage": LANGUAGE,
                    "name": name,
                    "description": format!("初中学生综合素质评价：{name}"),
                    "humanCode": domain.code(),
                    "criteria": { "narrative": self.narrative() },
                    "creator": self.issuer,
                    "resultDescription": descriptions,
                },
                "result": results,
            },
            "credentialSchema": [{ "id": BADGE_SCHEMA, "type": "1EdTechJsonSchemaValidator2019" }],
        })
    }
}
