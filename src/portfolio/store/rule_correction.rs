use super::correct::{APPROVALS, Corrected, CorrectionState, NewBand, Which, correction_ruling, load, newest};
use super::{class_of_seal, put_seal_version, seal_words};
use crate::access::{Act, Refused, Said, Tx, WholeSchool};
use crate::evaluation::{DecidedBand, put_corrected_comment};
use crate::names::{ClassId, CorrectionId, StudentId, Term};
use crate::platform::text::tidy;
use crate::portfolio::file::{ByAt, CommentWords, CorrectionWords, DomainEntry, Sealed, seal_bytes};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// Somebody who did not ask approves a correction or refuses it; the second approval
/// seals the next version.
#[derive(Serialize)]
pub struct RuleCorrection {
    correction: CorrectionId,
    student: StudentId,
    term: Term,
    approves: bool,
    words: String,
    /// SHA-256 of the new version, where this ruling seals it.
    sealed: Option<String>,
    #[serde(skip)]
    next: Option<Next>,
}

/// The version the second approval seals.
struct Next {
    sealed: Sealed,
    version: i32,
    comment: String,
    class: ClassId,
    item: Corrected,
    band: Option<DecidedBand>,
}

impl RuleCorrection {
    /// # Errors
    /// [`Refused::NotFound`] for another school's; [`Refused::Conflict`] for whoever asked
    /// or ruled already, and when it is over; [`Refused::Invalid`] for a refusal without
    /// words.
    pub fn prepare(
        tx: &mut Tx,
        _: WholeSchool,
        id: CorrectionId,
        approves: bool,
        words: &str,
    ) -> Result<Self, Refused> {
        let me = tx.by().person()?;
        let row = load(tx, Which { id: Some(id), ..Which::default() })?.into_iter().next().ok_or(Refused::NotFound)?;
        if row.by == me {
            return Err(Refused::conflict("更正单是您提的，要由另外两个人审批。"));
        }
        if row.rulings.iter().any(|ruling| ruling.account == me) {
            return Err(Refused::conflict("您已经审批过这张更正单，要由另一个人再审。"));
        }
        if row.state() != CorrectionState::Waiting {
            return Err(Refused::conflict("这张更正单已经办完了。"));
        }
        let words = tidy(words);
        if !approves && words.is_empty() {
            return Err(Refused::invalid("words", "不同意请写一句为什么。"));
        }
        let mut act = RuleCorrection {
            correction: id,
            student: row.student,
            term: row.term,
            approves,
            words,
            sealed: None,
            next: None,
        };
        if approves && row.rulings.len() + 1 >= APPROVALS {
            let (mut file, corrects) = newest(tx, row.student, row.term)?;
            if file.version != row.version {
                return Err(Refused::conflict("这个学期已经有更新的一版，请重新提更正单。"));
            }
            let (what, was, becomes) = row.words(&file);
            let (journal, sealed) = seal_words(tx)?;
            let mut approved: Vec<ByAt> =
                row.rulings.iter().map(|ruling| ByAt { by: ruling.name.clone(), at: ruling.at }).collect();
            approved.push(ByAt { by: tx.by().name().to_owned(), at: tx.now() });
            match &row.item {
                Corrected::Comment => {
                    let by = file.comment.take().map(|comment| comment.by).unwrap_or_default();
                    file.comment = Some(CommentWords { text: row.becomes.clone(), by, on: tx.today() });
                }
                Corrected::Band(domain) => {
                    let new = row.new_band().ok_or_else(|| Refused::broken("a correction without its band"))?;
                    for entry in file.domains.iter_mut().filter(|entry| entry.code == *domain) {
                        let NewBand { band, ground, help } = new.clone();
                        *entry = DomainEntry { code: *domain, band, ground, help };
                    }
                }
            }
            file.version += 1;
            file.correction = Some(CorrectionWords {
                what,
                was,
                becomes,
                why: row.why.clone(),
                asked: ByAt { by: row.by_name.clone(), at: row.at },
                approved,
                corrects,
            });
            (file.journal, file.sealed) = (journal, sealed);
            let sealed = seal_bytes(&file).map_err(Refused::broken)?;
            act.sealed = Some(sealed.sha256.clone());
            let class = class_of_seal(tx, row.student, row.term)?;
            let band = row.new_band().map(|new| {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                DecidedBand::check(new.band, &text(&new.ground), &text(&new.help))
            });
            let (version, comment) = (file.version, file.comment.map(|comment| comment.text).unwrap_or_default());
            let (item, band) = (row.item.clone(), band.transpose()?);
            act.next = Some(Next { sealed, version, comment, class, item, band });
        }
        Ok(act)
    }
}

impl Act for RuleCorrection {
    const VERB: &'static str = "correction_ruled";
    /// Whether the next version is sealed.
    type Done = bool;

    fn about(&self) -> serde_json::Value {
        json!({ "correction": self.correction, "student": self.student, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<bool, Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        tx.put(
            correction_ruling::rows,
            (
                correction_ruling::correction_id.eq(self.correction),
                correction_ruling::account_id.eq(by),
                correction_ruling::approves.eq(self.approves),
                correction_ruling::words.eq(self.words.clone()),
                correction_ruling::at.eq(at),
            ),
        )?;
        let Some(next) = &self.next else { return Ok(false) };
        match (&next.item, &next.band) {
            (Corrected::Band(domain), Some(band)) => band.put_corrected(tx, self.student, self.term, *domain)?,
            _ => put_corrected_comment(tx, self.student, self.term, &next.comment)?,
        }
        put_seal_version(tx, next.class, self.student, self.term, next.version, &next.sealed)?;
        tx.tell_families(Said::Corrected, &[self.student])?;
        Ok(true)
    }
}
