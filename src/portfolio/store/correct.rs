use super::{TERM, put_seal_version, seal_words, sealed_bytes, term_seals};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::evaluation::{Band, DecidedBand, put_corrected_comment};
use crate::names::{AccountId, CorrectionId, Domain, StudentId, Term};
use crate::platform::text::tidy;
use crate::portfolio::file::{ByAt, CommentWords, CorrectionWords, DomainEntry, TermFile, seal_bytes};
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

crate::school_table!(correction_ruling (correction_id, account_id) {
    correction_id -> Guid,
    account_id -> Guid,
    approves -> Bool,
    words -> Text,
    at -> Timestamp,
});

crate::queried_with!(correction: seal; account, student);
crate::queried_with!(correction_ruling: seal; account);

/// A correction takes two who did not ask.
const APPROVALS: usize = 2;
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
struct NewBand {
    band: Option<Band>,
    ground: Option<String>,
    help: Option<String>,
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

fn newest(look: &mut Look, student: StudentId, term: Term) -> Result<(TermFile, String), Refused> {
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
    becomes: String,
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

    fn new_band(&self) -> Option<NewBand> {
        serde_json::from_str(&self.becomes).ok()
    }
}

fn load(look: &mut Look, keep: impl Fn(&CorrectionRow) -> bool) -> Result<Vec<CorrectionRow>, Refused> {
    type Found =
        ((CorrectionId, StudentId, String, Term, i32), (String, String, String), (AccountId, String, NaiveDateTime));
    let rows: Vec<Found> = look
        .own(correction::rows)
        .inner_join(account::table.on(account::id.eq(correction::account_id)))
        .inner_join(student::table.on(student::id.eq(correction::student_id)))
        .order(correction::at.desc())
        .select((
            (correction::id, correction::student_id, student::name, correction::term, correction::version),
            (correction::item, correction::becomes, correction::why),
            (correction::account_id, account::name, correction::at),
        ))
        .load(look.conn())?;
    let rulings: Vec<RulingRow> = look
        .own(correction_ruling::rows)
        .inner_join(account::table.on(account::id.eq(correction_ruling::account_id)))
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
        .filter(keep)
        .collect())
}

/// All corrections asked for at this school, the newest first.
pub fn corrections(look: &mut Look, _: WholeSchool) -> Result<Vec<CorrectionRow>, Refused> {
    load(look, |_| true)
}

fn corrections_of(look: &mut Look, student: StudentId, term: Term) -> Result<Vec<CorrectionRow>, Refused> {
    load(look, |one| one.student == student && one.term == term)
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
    file: TermFile,
    class: crate::names::ClassId,
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
        let row = load(tx, |one| one.id == id)?.into_iter().next().ok_or(Refused::NotFound)?;
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
            act.sealed = Some(seal_bytes(&file).map_err(Refused::broken)?.sha256);
            let class = super::class_of_seal(tx, row.student, row.term)?;
            let band = row.new_band().map(|new| {
                let text = |text: &Option<String>| text.clone().unwrap_or_default();
                DecidedBand::check(new.band, &text(&new.ground), &text(&new.help))
            });
            act.next = Some(Next { file, class, item: row.item.clone(), band: band.transpose()? });
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
            _ => {
                let text = next.file.comment.as_ref().map_or("", |comment| &comment.text);
                put_corrected_comment(tx, self.student, self.term, text)?;
            }
        }
        let sealed = seal_bytes(&next.file).map_err(Refused::broken)?;
        put_seal_version(tx, next.class, self.student, self.term, next.file.version, &sealed)?;
        Ok(true)
    }
}

/// What was corrected in a child's sealed terms: for the family to read.
pub fn child_corrections(look: &mut Look, child: crate::access::Child) -> Result<Vec<CorrectionRow>, Refused> {
    load(look, |one| one.student == child.student() && one.state() == CorrectionState::Sealed)
}

/// A child's sealed terms at this school, every version of each, in the order of time.
pub fn child_versions(
    look: &mut Look,
    child: crate::access::Child,
) -> Result<Vec<(Term, i32, NaiveDateTime, String)>, Refused> {
    use crate::access::own::seal;
    Ok(look
        .own(seal::rows)
        .filter(seal::student_id.eq(child.student()))
        .filter(seal::part.eq(TERM))
        .order((seal::term, seal::version))
        .select((seal::term, seal::version, seal::at, seal::sha256))
        .load(look.conn())?)
}
