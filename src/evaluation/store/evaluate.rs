use super::{author, banding, columns, comment};
use crate::access::{Act, Attempt, Charge, Look, OwnClass, Refused, Standing, Tx};
use crate::cycle::{Step, window};
use crate::evaluation::{Band, Cell, Sheet};
use crate::names::{Domain, StudentId, Term};
use crate::on;
use crate::platform::text::tidy;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;

/// Most characters of a ground or a help measure: a sentence.
const SENTENCE_CHARACTERS: usize = 120;
/// More than a class of 60 could fill in at once.
const MOST_CELLS: usize = 600;

/// A cell as a page sends it.
#[derive(Clone, Debug, Deserialize)]
pub struct Wanted {
    pub student: StudentId,
    pub domain: Domain,
    pub band: Option<Band>,
    #[serde(default)]
    pub ground: Option<Ground>,
    #[serde(default)]
    pub help: Option<String>,
    /// The revision the page has seen.
    pub revision: i32,
}

/// What a band stands on: a sentence of fact.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    Text(String),
}

/// A comment as a page sends it.
#[derive(Clone, Debug, Deserialize)]
pub struct WantedComment {
    pub student: StudentId,
    pub text: String,
    pub revision: i32,
}

/// What came of each cell: taken, or not because someone else changed it meanwhile.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    pub saved: Vec<Saved>,
    pub conflicts: Vec<Conflict>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Saved {
    pub student: StudentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<Band>,
    pub revision: i32,
}

#[derive(Clone, Debug, Serialize)]
pub struct Conflict {
    pub student: StudentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// What stands there now: a band's code or null; for a comment its words.
    pub theirs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    pub revision: i32,
}

/// A homeroom teacher gives bands and words to pupils in her charge: many cells
/// at once are one act.
#[derive(Serialize)]
pub struct EvaluateStudents {
    class: OwnClass,
    term: Term,
    bands: Vec<NewBand>,
    comments: Vec<NewComment>,
    /// Why, when families could already see what is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The teacher asked for the same as last term.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    as_last_term: bool,
    #[serde(skip)]
    outcome: Outcome,
}

#[derive(Serialize)]
struct NewBand {
    charge: Charge,
    domain: Domain,
    #[serde(flatten)]
    cell: NewCell,
}

#[derive(Serialize)]
struct NewCell {
    band: Option<Band>,
    ground: Option<String>,
    help: Option<String>,
    revision: i32,
}

#[derive(Serialize)]
struct NewComment {
    charge: Charge,
    text: String,
    revision: i32,
}

pub(super) fn sentence(field: &str, typed: Option<&str>) -> Result<Option<String>, Refused> {
    let Some(text) = typed.map(tidy).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > SENTENCE_CHARACTERS {
        return Err(Refused::invalid(field, format!("最多 {SENTENCE_CHARACTERS} 个字，写一句事实就好。")));
    }
    Ok(Some(text))
}

impl EvaluateStudents {
    /// Checks what a page sent against what stands there now.
    ///
    /// # Errors
    /// As [`Tx::charges`]; [`Refused::Invalid`] for a sentence or comment too long.
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        term: Term,
        bands: &[Wanted],
        comments: &[WantedComment],
        reason: Option<&str>,
        comment_characters: usize,
    ) -> Result<Attempt<Self, Outcome>, Refused> {
        if bands.len() > MOST_CELLS || comments.len() > MOST_CELLS {
            return Err(Refused::invalid("", "一次改得太多了，请分几次。"));
        }
        let mut students: Vec<StudentId> =
            bands.iter().map(|w| w.student).chain(comments.iter().map(|w| w.student)).collect();
        students.sort_unstable();
        students.dedup();
        let charges = tx.charges(own, term, &students, reason)?;
        // A change after signing is an act with a reason: it keeps to no window. Before the
        // signature a reason changes nothing.
        if reason.is_none() || tx.standing(own)? == Standing::Open {
            window(tx, Step::Homeroom, term)?.check(Step::Homeroom, tx.today())?;
        }
        let charge = |student: StudentId| charges.get(&student).copied().ok_or(Refused::NotFound);
        let mut act = EvaluateStudents {
            class: *own,
            term,
            bands: Vec::new(),
            comments: Vec::new(),
            reason: reason.map(str::to_owned),
            as_last_term: false,
            outcome: Outcome::default(),
        };
        let mut sheets = cells_seen(tx, term, &students, bands)?;
        for wanted in bands {
            act.take_band(wanted, charge(wanted.student)?, sheets.entry(wanted.student).or_default())?;
        }
        let mut words = present_comments(tx, term, comments)?;
        for wanted in comments {
            act.take_comment(wanted, charge(wanted.student)?, &mut words, comment_characters)?;
        }
        if act.bands.is_empty() && act.comments.is_empty() {
            return Ok(Attempt::Nothing(act.outcome));
        }
        Ok(Attempt::Act(act))
    }

    /// Gives the pupils named the bands they had last term, as far as they had any.
    pub fn as_last_term(
        tx: &mut Tx,
        own: &OwnClass,
        term: Term,
        wanted: &[(StudentId, Domain, i32)],
    ) -> Result<Attempt<Self, Outcome>, Refused> {
        let students: Vec<StudentId> = wanted.iter().map(|(student, ..)| *student).collect();
        let before = present_cells(tx, term.previous(), &students)?;
        let bands: Vec<Wanted> = wanted
            .iter()
            .filter_map(|(student, domain, revision)| {
                let band = before.get(student)?.band(*domain)?;
                Some(Wanted {
                    student: *student,
                    domain: *domain,
                    band: Some(band),
                    ground: None,
                    help: None,
                    revision: *revision,
                })
            })
            .collect();
        let attempt = Self::prepare(tx, own, term, &bands, &[], None, 0)?;
        Ok(match attempt {
            Attempt::Act(mut act) => {
                act.as_last_term = true;
                Attempt::Act(act)
            }
            nothing => nothing,
        })
    }

    fn take_band(&mut self, wanted: &Wanted, charge: Charge, sheet: &mut Sheet) -> Result<(), Refused> {
        let present = sheet.cell(wanted.domain).clone();
        let same_band = wanted.band == present.band;
        let given = |typed: Option<&str>, field: &str, standing: &Option<String>| match typed {
            // Not mentioned: it stays with its band, and goes with it.
            None => Ok(standing.clone().filter(|_| same_band)),
            Some(text) => sentence(field, Some(text)),
        };
        let ground = match &wanted.ground {
            Some(Ground::Text(text)) => given(Some(text), "ground", &present.ground)?,
            None => given(None, "ground", &present.ground)?,
        };
        let help = given(wanted.help.as_deref(), "help", &present.help)?;
        let (ground, help) = if wanted.band.is_some() { (ground, help) } else { (None, None) };
        let same = same_band && ground == present.ground && help == present.help;
        let saved =
            |revision| Saved { student: wanted.student, domain: Some(wanted.domain), band: wanted.band, revision };
        if same {
            self.outcome.saved.push(saved(present.revision));
        } else if wanted.revision != present.revision {
            self.outcome.conflicts.push(Conflict {
                student: wanted.student,
                domain: Some(wanted.domain),
                theirs: present.band.map(|band| band.code().to_owned()),
                ground: present.ground.clone(),
                help: present.help.clone(),
                revision: present.revision,
            });
        } else {
            let revision = present.revision + 1;
            self.outcome.saved.push(saved(revision));
            // A second mention of the cell in one request builds on the first.
            sheet.set(wanted.domain, Cell { band: wanted.band, ground: ground.clone(), help: help.clone(), revision });
            let cell = NewCell { band: wanted.band, ground, help, revision };
            self.bands.push(NewBand { charge, domain: wanted.domain, cell });
        }
        Ok(())
    }

    fn take_comment(
        &mut self,
        wanted: &WantedComment,
        charge: Charge,
        words: &mut HashMap<StudentId, (i32, String)>,
        most: usize,
    ) -> Result<(), Refused> {
        let text = tidy(&wanted.text);
        let length = text.chars().count();
        if length > most {
            return Err(Refused::invalid("comment", format!("评语最多 {most} 字，现在 {length} 字。")));
        }
        let present = words.get(&wanted.student);
        let (revision, standing) = present.map_or((0, ""), |(revision, text)| (*revision, text.as_str()));
        if standing == text {
            self.outcome.saved.push(Saved { student: wanted.student, domain: None, band: None, revision });
        } else if wanted.revision != revision {
            let theirs = Some(standing.to_owned());
            self.outcome.conflicts.push(Conflict {
                student: wanted.student,
                domain: None,
                theirs,
                ground: None,
                help: None,
                revision,
            });
        } else {
            let revision = revision + 1;
            self.outcome.saved.push(Saved { student: wanted.student, domain: None, band: None, revision });
            // A second mention of the pupil in one request builds on the first.
            words.insert(wanted.student, (revision, text.clone()));
            self.comments.push(NewComment { charge, text, revision });
        }
        Ok(())
    }
}

impl Act for EvaluateStudents {
    const VERB: &'static str = "evaluated";
    type Done = Outcome;

    fn about(&self) -> serde_json::Value {
        let mut students: Vec<StudentId> = self
            .bands
            .iter()
            .map(|b| b.charge.student())
            .chain(self.comments.iter().map(|c| c.charge.student()))
            .collect();
        students.sort_unstable();
        students.dedup();
        json!({ "class": self.class, "term": self.term, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Outcome, Refused> {
        let (by, at) = (author(tx)?, tx.now());
        let bands = self.bands.iter().map(|new| {
            (
                banding::term.eq(new.charge.term()),
                banding::student_id.eq(new.charge.student()),
                banding::domain.eq(new.domain),
                banding::revision.eq(new.cell.revision),
                banding::band.eq(new.cell.band),
                banding::ground.eq(new.cell.ground.as_deref()),
                banding::help.eq(new.cell.help.as_deref()),
                banding::account_id.eq(by),
                banding::at.eq(at),
            )
        });
        tx.put_all(banding::rows, bands.collect())?;
        let comments = self.comments.iter().map(|new| {
            (
                comment::term.eq(new.charge.term()),
                comment::student_id.eq(new.charge.student()),
                comment::revision.eq(new.revision),
                comment::text.eq(&new.text),
                comment::account_id.eq(by),
                comment::at.eq(at),
            )
        });
        tx.put_all(comment::rows, comments.collect())?;
        Ok(self.outcome.clone())
    }
}

/// The cells of some pupils in a term, as they stand in this transaction.
pub(super) fn present_cells(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
) -> Result<HashMap<StudentId, Sheet>, Refused> {
    cells_since(look, term, students, 0)
}

/// As [`present_cells`], without the history that the page has seen already: a class
/// evaluated in many small steps is not read whole at each of them.
fn cells_seen(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
    wanted: &[Wanted],
) -> Result<HashMap<StudentId, Sheet>, Refused> {
    let seen = wanted.iter().map(|wanted| wanted.revision).min().unwrap_or(0);
    let sheets = cells_since(look, term, students, seen)?;
    let there = |wanted: &Wanted| sheets.get(&wanted.student).is_some_and(|s| s.cell(wanted.domain).revision > 0);
    // A page that has seen more than there is (a database restored since) sees what there is.
    if seen > 0 && !wanted.iter().all(there) { present_cells(look, term, students) } else { Ok(sheets) }
}

fn cells_since(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
    revision: i32,
) -> Result<HashMap<StudentId, Sheet>, Refused> {
    let all = look
        .own(banding::rows)
        .filter(banding::term.eq(term))
        .filter(banding::student_id.eq_any(students))
        // All there are: named, each cell is found by the key, whatever lies before the revision.
        .filter(banding::domain.eq_any(Domain::ALL))
        .filter(banding::revision.ge(revision))
        .select(columns!());
    Ok(super::sheets_by_pupil(on!(look.conn(), c => all.load(c))?))
}

fn present_comments(
    look: &mut Look,
    term: Term,
    comments: &[WantedComment],
) -> Result<HashMap<StudentId, (i32, String)>, Refused> {
    if comments.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(StudentId, i32, String)> = look
        .own(comment::rows)
        .filter(comment::term.eq(term))
        .filter(comment::student_id.eq_any(comments.iter().map(|wanted| wanted.student)))
        .order(comment::revision)
        .select((comment::student_id, comment::revision, comment::text))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(student, revision, text)| (student, (revision, text))).collect())
}
