use super::{TERM, sealed_bytes, term_seals};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::evaluation::Band;
use crate::names::{AccountId, CorrectionId, Domain, StudentId, Term};
use crate::platform::text::tidy;
use crate::portfolio::file::TermFile;
use crate::schema::{account, student};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

crate::school_table!(correction (id) {
    id -> Guid,
    student_id -> Guid,
    term -> Integer,
    version -> Integer,
    item -> Text,
    becomes -> Text,
    why -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(pub(super) correction_ruling (correction_id, account_id) {
    correction_id -> Guid,
    account_id -> Guid,
    approves -> Bool,
    words -> Text,
    at -> Timestamp,
});

crate::queried_with!(correction: seal; account, student);
crate::queried_with!(correction_ruling: seal; account);

/// A correction takes two who did not ask.
pub(super) const APPROVALS: usize = 2;
const WORDS: usize = 300;

/// What a correction changes, as its form sends it and the table holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Corrected {
    Band(Domain),
    Comment,
}

impl Corrected {
    pub fn read(code: &str) -> Option<Self> {
        if code == "comment" { Some(Corrected::Comment) } else { code.parse().ok().map(Corrected::Band) }
    }

    fn code(&self) -> &'static str {
        match self {
            Corrected::Band(domain) => domain.code(),
            Corrected::Comment => "comment",
        }
    }
}

/// A new band with its ground and help, as one text in the table; or the new comment.
#[derive(Clone, Debug, Serialize, serde::Deserialize)]
pub(super) struct NewBand {
    pub band: Option<Band>,
    pub ground: Option<String>,
    pub help: Option<String>,
}

/// Someone asks that a sealed term be corrected.
#[derive(Serialize)]
pub struct AskCorrection {
    student: StudentId,
    term: Term,
    version: i32,
    item: Corrected,
    becomes: String,
    why: String,
}

/// What is asked for, as it was typed.
#[derive(Clone, Debug, Default, Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Wish {
    pub item: String,
    pub band: String,
    pub ground: String,
    pub help: String,
    pub comment: String,
    pub why: String,
}

pub(super) fn newest(look: &mut Look, student: StudentId, term: Term) -> Result<(TermFile, String), Refused> {
    let mut seals = term_seals(look, &[student])?;
    let found = seals
        .remove(&(student, term))
        .ok_or_else(|| Refused::conflict("这个学期还没有归档，不用更正单。班主任在单人页就能改。"))?;
    let bytes = sealed_bytes(look, &found.sha256)?;
    Ok((serde_json::from_slice(&bytes).map_err(Refused::broken)?, found.sha256))
}

impl AskCorrection {
    /// The caller has proved that the pupil is of the asker's school or class.
    ///
    /// # Errors
    /// [`Refused::Conflict`] for a term that is not sealed, or with a correction under
    /// way; [`Refused::Invalid`] for a wish that says nothing new, or without a reason.
    pub fn prepare(tx: &mut Tx, student: StudentId, term: Term, wish: &Wish) -> Result<Self, Refused> {
        tx.by().person()?;
        let (file, _) = newest(tx, student, term)?;
        let item = Corrected::read(&wish.item).ok_or_else(|| Refused::invalid("item", "还没有选更正什么。"))?;
        let why = tidy(&wish.why);
        if why.is_empty() || why.chars().count() > WORDS {
            return Err(Refused::invalid("why", format!("请写清楚为什么要更正，1 到 {WORDS} 个字，附上凭据在哪里。")));
        }
        if corrections_of(tx, student, term)?.iter().any(|one| one.state() == CorrectionState::Waiting) {
            return Err(Refused::conflict("这个学期已经有一张更正单在等审批，办完再提下一张。"));
        }
        let becomes = match &item {
            Corrected::Comment => {
                let text = tidy(&wish.comment);
                if text.is_empty() || Some(&text) == file.comment.as_ref().map(|comment| &comment.text) {
                    return Err(Refused::invalid("comment", "请写更正以后的评语，要和原来的不一样。"));
                }
                if text.chars().count() > WORDS {
                    return Err(Refused::invalid("comment", format!("评语最多 {WORDS} 字。")));
                }
                text
            }
            Corrected::Band(domain) => {
                let band: Option<Band> = wish.band.parse().ok();
                let band = band.ok_or_else(|| Refused::invalid("band", "请选更正以后的等级。"))?;
                let said = |typed: &str| Some(tidy(typed)).filter(|text| !text.is_empty());
                let (ground, help) = (said(&wish.ground), said(&wish.help));
                if band.needs_ground() && ground.is_none() {
                    return Err(Refused::invalid("ground", "这个等级要写一句事实作依据。"));
                }
                if band.needs_help() && help.is_none() {
                    return Err(Refused::invalid("help", "“待提高”要写打算怎样帮。"));
                }
                let same = file.domains.iter().any(|entry| {
                    entry.code == *domain && entry.band == Some(band) && entry.ground == ground && entry.help == help
                });
                if same {
                    return Err(Refused::invalid("band", "和归档的一样，没有要更正的。"));
                }
                serde_json::to_string(&NewBand { band: Some(band), ground, help }).map_err(Refused::broken)?
            }
        };
        Ok(AskCorrection { student, term, version: file.version, item, becomes, why })
    }
}

impl Act for AskCorrection {
    const VERB: &'static str = "correction_asked";
    type Done = CorrectionId;

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.student, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<CorrectionId, Refused> {
        let (id, by, at) = (CorrectionId::new(), tx.by().person()?, tx.now());
        tx.put(
            correction::rows,
            (
                (correction::id.eq(id), correction::student_id.eq(self.student), correction::term.eq(self.term)),
                (correction::version.eq(self.version), correction::item.eq(self.item.code())),
                (correction::becomes.eq(self.becomes.clone()), correction::why.eq(self.why.clone())),
                (correction::account_id.eq(by), correction::at.eq(at)),
            ),
        )?;
        Ok(id)
    }
}

/// How far a correction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionState {
    Waiting,
    Refused,
    Sealed,
}

/// A correction with what was said to it.
#[derive(Clone, Debug)]
pub struct CorrectionRow {
    pub id: CorrectionId,
    pub student: StudentId,
    pub student_name: String,
    pub term: Term,
    pub version: i32,
    pub item: Corrected,
    pub(super) becomes: String,
    pub why: String,
    pub by: AccountId,
    pub by_name: String,
    pub at: NaiveDateTime,
    pub rulings: Vec<RulingRow>,
}

#[derive(Clone, Debug, Queryable)]
pub struct RulingRow {
    correction: CorrectionId,
    pub account: AccountId,
    pub name: String,
    pub approves: bool,
    pub words: String,
    pub at: NaiveDateTime,
}

impl CorrectionRow {
    pub fn state(&self) -> CorrectionState {
        if self.rulings.iter().any(|ruling| !ruling.approves) {
            CorrectionState::Refused
        } else if self.rulings.len() >= APPROVALS {
            CorrectionState::Sealed
        } else {
            CorrectionState::Waiting
        }
    }

    /// What it changes, how that read and how it is to read, in the words of the file.
    pub fn words(&self, file: &TermFile) -> (String, String, String) {
        match &self.item {
            Corrected::Comment => {
                let was = file.comment.as_ref().map(|comment| comment.text.clone()).unwrap_or_default();
                ("评语".to_owned(), was, self.becomes.clone())
            }
            Corrected::Band(domain) => {
                let say = |band: Option<Band>, ground: &Option<String>| match ground {
                    Some(ground) => format!("{}（{ground}）", file.scheme.word(band)),
                    None => file.scheme.word(band).to_owned(),
                };
                let entry = file.domains.iter().find(|entry| entry.code == *domain);
                let was = entry.map(|entry| say(entry.band, &entry.ground)).unwrap_or_default();
                let new = self.new_band();
                let name = file.scheme.domains.iter().find(|name| name.code == *domain);
                (
                    name.map(|name| name.name.clone()).unwrap_or_default(),
                    was,
                    new.map(|new| say(new.band, &new.ground)).unwrap_or_default(),
                )
            }
        }
    }

    pub(super) fn new_band(&self) -> Option<NewBand> {
        serde_json::from_str(&self.becomes).ok()
    }
}

/// Which corrections are meant; all of the school where nothing is said.
#[derive(Default)]
pub(super) struct Which {
    pub id: Option<CorrectionId>,
    pub student: Option<StudentId>,
    pub term: Option<Term>,
}

pub(super) fn load(look: &mut Look, which: Which) -> Result<Vec<CorrectionRow>, Refused> {
    type Found =
        ((CorrectionId, StudentId, String, Term, i32), (String, String, String), (AccountId, String, NaiveDateTime));
    let mut query = look
        .own(correction::rows)
        .inner_join(account::table.on(account::id.eq(correction::account_id)))
        .inner_join(student::table.on(student::id.eq(correction::student_id)))
        .into_boxed();
    if let Some(id) = which.id {
        query = query.filter(correction::id.eq(id));
    }
    if let Some(student) = which.student {
        query = query.filter(correction::student_id.eq(student));
    }
    if let Some(term) = which.term {
        query = query.filter(correction::term.eq(term));
    }
    let rows: Vec<Found> = query
        .order(correction::at.desc())
        .select((
            (correction::id, correction::student_id, student::name, correction::term, correction::version),
            (correction::item, correction::becomes, correction::why),
            (correction::account_id, account::name, correction::at),
        ))
        .load(look.conn())?;
    let found: Vec<CorrectionId> = rows.iter().map(|((id, ..), ..)| *id).collect();
    let rulings: Vec<RulingRow> = look
        .own(correction_ruling::rows)
        .inner_join(account::table.on(account::id.eq(correction_ruling::account_id)))
        .filter(correction_ruling::correction_id.eq_any(found))
        .order(correction_ruling::at)
        .select((
            correction_ruling::correction_id,
            correction_ruling::account_id,
            account::name,
            correction_ruling::approves,
            correction_ruling::words,
            correction_ruling::at,
        ))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .filter_map(|((id, student, student_name, term, version), (item, becomes, why), (by, by_name, at))| {
            let rulings = rulings.iter().filter(|ruling| ruling.correction == id).cloned().collect();
            let item = Corrected::read(&item)?;
            Some(CorrectionRow {
                id,
                student,
                student_name,
                term,
                version,
                item,
                becomes,
                why,
                by,
                by_name,
                at,
                rulings,
            })
        })
        .collect())
}

/// All corrections asked for at this school, the newest first.
pub fn corrections(look: &mut Look, _: WholeSchool) -> Result<Vec<CorrectionRow>, Refused> {
    load(look, Which::default())
}

fn corrections_of(look: &mut Look, student: StudentId, term: Term) -> Result<Vec<CorrectionRow>, Refused> {
    load(look, Which { student: Some(student), term: Some(term), ..Which::default() })
}

/// The file a correction corrects, as it stands or stood.
pub fn corrected_file(look: &mut Look, row: &CorrectionRow) -> Result<TermFile, Refused> {
    use crate::access::own::seal;
    let sha256: String = look
        .own(seal::rows)
        .filter(seal::student_id.eq(row.student))
        .filter(seal::term.eq(row.term))
        .filter(seal::part.eq(TERM))
        .filter(seal::version.eq(row.version))
        .select(seal::sha256)
        .first(look.conn())
        .optional()?
        .ok_or(Refused::NotFound)?;
    let bytes = sealed_bytes(look, &sha256)?;
    serde_json::from_slice(&bytes).map_err(Refused::broken)
}

/// What was corrected in a child's sealed terms: for the family to read.
pub fn child_corrections(look: &mut Look, child: crate::access::Child) -> Result<Vec<CorrectionRow>, Refused> {
    let mut rows = load(look, Which { student: Some(child.student()), ..Which::default() })?;
    rows.retain(|row| row.state() == CorrectionState::Sealed);
    Ok(rows)
}
