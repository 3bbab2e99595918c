use super::pupil::self_evaluated;
use super::{author, class_comments, class_sheets, help_asked, term_records};
use crate::access::own::signature;
use crate::access::{Act, Look, OwnClass, Refused, Standing, Tx, WholeSchool};
use crate::evaluation::{Lack, Sheet};
use crate::names::{ClassId, Domain, StudentId, Term};
use crate::record::{unconfirmed_among, unselected_among};
use crate::roster::calendar::TermDates;
use crate::roster::{Pupil, class_list, class_named, class_register};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// What one pupil still lacks before the class can be signed.
#[derive(Clone, Debug)]
pub struct Missing {
    pub pupil: Pupil,
    /// Domains without a band: they will stand as 无记录.
    pub bands: Vec<Domain>,
    /// Bands without their ground or help measure: they forbid the signature.
    pub lacks: Vec<(Domain, Lack)>,
    pub comment: bool,
    /// Help measures of last term of which nobody has said yet what came: asked, not forced.
    pub outcomes: Vec<Domain>,
}

impl Missing {
    /// Whether this term's own bands and words lack something.
    fn is_incomplete(&self) -> bool {
        !self.bands.is_empty() || !self.lacks.is_empty() || self.comment
    }
}

/// The pupils of the class who lack something, in seat order.
pub fn missing(look: &mut Look, own: &OwnClass, term: TermDates) -> Result<Vec<Missing>, Refused> {
    let pupils = class_list(look, own, term)?;
    let sheets = class_sheets(look, own, term, term.term)?;
    let comments = class_comments(look, own, term)?;
    let students: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
    let helped = help_asked(look, term.term, &students)?;
    let empty = Sheet::default();
    Ok(pupils
        .into_iter()
        .map(|pupil| {
            let sheet = sheets.get(&pupil.id).unwrap_or(&empty);
            Missing {
                bands: Domain::ALL.iter().copied().filter(|d| sheet.band(*d).is_none()).collect(),
                lacks: Domain::ALL.iter().filter_map(|d| Some((*d, sheet.cell(*d).lacks()?))).collect(),
                comment: comments.get(&pupil.id).is_none_or(|comment| comment.text.is_empty()),
                outcomes: helped
                    .get(&pupil.id)
                    .into_iter()
                    .flatten()
                    .filter(|(_, help)| help.outcome.is_empty())
                    .map(|(domain, _)| *domain)
                    .collect(),
                pupil,
            }
        })
        .filter(|missing| missing.is_incomplete() || !missing.outcomes.is_empty())
        .collect())
}

/// What a pupil of a signed class lacks, as the office reads it before the notice.
#[derive(Clone, Debug)]
pub struct Lacking {
    pub student: StudentId,
    pub seat: i32,
    pub name: String,
    /// What is missing, each with the way to mend it.
    pub what: Vec<(String, &'static str)>,
}

/// The pupils of a class of whom something is missing, in seat order.
pub fn lacking(look: &mut Look, whole: WholeSchool, class: ClassId, term: TermDates) -> Result<Vec<Lacking>, Refused> {
    let day = look.today().min(term.ends_on);
    let pupils = class_register(look, whole, class, day)?;
    let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
    let cohort = class_named(look, whole, class)?.name.cohort;
    let spoken = self_evaluated(look, whole, cohort, &ids, term.term)?;
    let unselected = unselected_among(look, whole, &ids, term.term)?;
    let waiting = unconfirmed_among(look, whole, &ids, term.term)?;
    let mut records = term_records(look, whole, &ids, term.term)?;
    let all = pupils.into_iter().map(|pupil| {
        let record = records.remove(&pupil.id).unwrap_or_default();
        let mut what = Vec::new();
        let bare: Vec<&str> =
            Domain::ALL.iter().filter(|d| record.sheet.band(**d).is_none()).map(|d| d.character()).collect();
        if !bare.is_empty() {
            what.push((
                format!("{}没有等级", bare.join("、")),
                "请班主任在单人页补上，写明理由；确实没有材料，就按“无记录”归档",
            ));
        }
        let groundless: Vec<&str> =
            Domain::ALL.iter().filter(|d| record.sheet.cell(**d).lacks().is_some()).map(|d| d.character()).collect();
        if !groundless.is_empty() {
            what.push((format!("{}缺依据或帮扶措施", groundless.join("、")), "请班主任在单人页补上，不补不能归档"));
        }
        if record.comment.is_none() {
            what.push(("没有评语".to_owned(), "请班主任在单人页补上，写明理由"));
        }
        if let Some(waiting) = waiting.get(&pupil.id) {
            let titles: Vec<String> = waiting.iter().map(|kept| format!("“{}”", kept.told.title)).collect();
            let how = "请班主任在“学生提交”里核实或退回；公示以后就不能再核实，不核实的不进档案";
            what.push((format!("{}还没有核实", titles.join("")), how));
        }
        if !spoken.contains(&pupil.id) {
            what.push(("没有确认五育自评".to_owned(), "班主任签字以前请学生补上；签字以后不能再补，按没有自评公示"));
        }
        if unselected.contains(&pupil.id) {
            what.push(("没有确认遴选".to_owned(), "班主任签字以前请学生选好、签名；签字以后不能再选，按没有遴选公示"));
        }
        Lacking { student: pupil.id, seat: pupil.seat, name: pupil.name, what }
    });
    Ok(all.filter(|pupil| !pupil.what.is_empty()).collect())
}

/// How many pupils of the class are complete, and how many there are.
pub fn class_progress(look: &mut Look, own: &OwnClass, term: TermDates) -> Result<(usize, usize), Refused> {
    let all = class_list(look, own, term)?.len();
    let incomplete = missing(look, own, term)?.iter().filter(|missing| missing.is_incomplete()).count();
    Ok((all - incomplete, all))
}

/// The homeroom teacher signs the class: families see the bands from now on.
#[derive(Serialize)]
pub struct SignClass {
    class: OwnClass,
    term: Term,
    /// Pupils and domains that stand as 无记录, by the teacher's own word.
    no_record: Vec<(StudentId, Vec<Domain>)>,
    no_comment: Vec<StudentId>,
    /// Of whose help measures of last term nobody said what came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    no_outcome: Vec<StudentId>,
}

impl SignClass {
    /// # Errors
    /// [`Refused::Conflict`] when the term is over, the class signed or empty, a
    /// ground or help measure missing, or something else missing that `accepted`
    /// does not declare.
    pub fn prepare(tx: &mut Tx, own: &OwnClass, asked: Term, term: TermDates, accepted: bool) -> Result<Self, Refused> {
        if asked != own.term() {
            return Err(Refused::conflict("只能签本学期。请回到本学期的评价表。"));
        }
        if tx.standing(own)? == Standing::Signed {
            return Err(Refused::conflict("这个班本学期已经签过字了。"));
        }
        if class_list(tx, own, term)?.is_empty() {
            return Err(Refused::conflict("班里还没有学生，不能签字。"));
        }
        let missing = missing(tx, own, term)?;
        if let Some(first) = missing.iter().find(|m| !m.lacks.is_empty()) {
            let groundless = missing.iter().filter(|m| !m.lacks.is_empty()).count();
            return Err(Refused::conflict(format!(
                "{} 号{}等 {groundless} 人的等级还没写依据或帮扶措施，补上才能签字。",
                first.pupil.seat, first.pupil.name
            )));
        }
        if !missing.is_empty() && !accepted {
            return Err(Refused::conflict(format!(
                "还有 {} 人没填完。补上，或在签字页确认按“无记录”签字。",
                missing.len()
            )));
        }
        Ok(SignClass {
            class: *own,
            term: term.term,
            no_record: missing.iter().filter(|m| !m.bands.is_empty()).map(|m| (m.pupil.id, m.bands.clone())).collect(),
            no_comment: missing.iter().filter(|m| m.comment).map(|m| m.pupil.id).collect(),
            no_outcome: missing.iter().filter(|m| !m.outcomes.is_empty()).map(|m| m.pupil.id).collect(),
        })
    }
}

impl Act for SignClass {
    const VERB: &'static str = "class_signed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        tx.put(
            signature::rows,
            (
                signature::class_id.eq(self.class.id()),
                signature::term.eq(self.term),
                signature::account_id.eq(by),
                signature::at.eq(at),
            ),
        )?;
        Ok(())
    }
}
