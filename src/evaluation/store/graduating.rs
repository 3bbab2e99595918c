//! The end of junior high, pupil by pupil: the pupil's own statement, the class teacher's
//! comment with the five bands the class committee decided, and the tick of somebody else
//! who looked the whole file through.

use super::graduation::{
    Graduation, GraduationBands, decide_graduation, graduation_bands, graduation_deciders, to_decide_again,
};
use crate::access::{Act, Attempt, Fault, Look, Myself, OwnClass, Refused, Tx, WholeSchool};
use crate::cycle::{Part, stage_signed};
use crate::evaluation::Band;
use crate::names::{ClassId, Domain, StudentId, Term};
use crate::platform::text::tidy;
use crate::record::facts_at_end;
use crate::roster::{at_school, class_named};
use crate::schema::account;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

crate::school_table!(graduation_word (student_id, kind, revision) {
    student_id -> Guid,
    kind -> Text,
    revision -> Integer,
    text -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(graduation_tick (student_id, n) {
    student_id -> Guid,
    n -> Integer,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(graduation_word: enrolment; account);
crate::queried_with!(graduation_tick: enrolment; account);

/// Most characters of a graduate's statement, and of the comment.
pub const STATEMENT_CHARACTERS: usize = 800;
pub const GRADUATION_COMMENT_CHARACTERS: usize = 300;

const STATEMENT: &str = "statement";
const COMMENT: &str = "comment";

/// What was said, by whom and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidAtEnd {
    pub text: String,
    pub by: String,
    pub at: NaiveDateTime,
    revision: i32,
}

/// A graduate as far as the file is.
#[derive(Clone, Debug, Default)]
pub struct Graduating {
    pub bands: GraduationBands,
    pub statement: Option<SaidAtEnd>,
    pub comment: Option<SaidAtEnd>,
    /// Who looked the file through as it stands now, and when.
    pub ticked: Option<(String, NaiveDateTime)>,
    /// Domains that an upheld objection sends back to the committee.
    pub again: Vec<Domain>,
    /// When a fact was last decided about.
    told_at: Option<NaiveDateTime>,
}

impl Graduating {
    /// Five bands and a comment: nothing is left for the class committee.
    pub fn is_decided(&self) -> bool {
        self.bands.sheet.is_full() && self.comment.is_some()
    }

    fn changed_at(&self) -> Option<NaiveDateTime> {
        let said = [&self.statement, &self.comment].into_iter().flatten().map(|said| said.at);
        said.chain(self.bands.at).chain(self.told_at).max()
    }
}

/// How far the files of some pupils are.
pub fn graduating(look: &mut Look, students: &[StudentId]) -> Result<HashMap<StudentId, Graduating>, Refused> {
    let mut all: HashMap<StudentId, Graduating> = HashMap::new();
    let bands = graduation_bands(look, students)?;
    for (student, again) in to_decide_again(look, &bands)? {
        all.entry(student).or_default().again = again;
    }
    for (student, bands) in bands {
        all.entry(student).or_default().bands = bands;
    }
    for (student, facts) in facts_at_end(look, students)? {
        all.entry(student).or_default().told_at = facts.iter().map(|fact| fact.at).max();
    }
    let words: Vec<(StudentId, String, i32, String, String, NaiveDateTime)> = look
        .own(graduation_word::rows)
        .inner_join(account::table.on(account::id.eq(graduation_word::account_id)))
        .filter(graduation_word::student_id.eq_any(students))
        .order(graduation_word::revision)
        .select((
            graduation_word::student_id,
            graduation_word::kind,
            graduation_word::revision,
            graduation_word::text,
            account::name,
            graduation_word::at,
        ))
        .load(look.conn())?;
    for (student, kind, revision, text, by, at) in words {
        let of = all.entry(student).or_default();
        let place = if kind == STATEMENT { &mut of.statement } else { &mut of.comment };
        *place = Some(SaidAtEnd { text, by, at, revision });
    }
    let ticks: Vec<(StudentId, String, NaiveDateTime)> = look
        .own(graduation_tick::rows)
        .inner_join(account::table.on(account::id.eq(graduation_tick::account_id)))
        .filter(graduation_tick::student_id.eq_any(students))
        .order(graduation_tick::n)
        .select((graduation_tick::student_id, account::name, graduation_tick::at))
        .load(look.conn())?;
    for (student, by, at) in ticks {
        let of = all.entry(student).or_default();
        // What changed after it was looked through, or is to be, wants another look.
        let stands = of.again.is_empty() && of.changed_at().is_none_or(|changed| changed <= at);
        of.ticked = stands.then_some((by, at));
    }
    Ok(all)
}

fn refuse_reviewed(look: &mut Look, class: ClassId, term: Term) -> Result<(), Refused> {
    match stage_signed(look, class, term, Part::Graduation)? {
        [_, Some(done)] => Err(Refused::conflict(format!("{}已经审核，毕业档案不能再改。", done.name))),
        _ => Ok(()),
    }
}

fn put_word(tx: &mut Tx, student: StudentId, kind: &str, revision: i32, text: &str) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    tx.put(
        graduation_word::rows,
        (
            graduation_word::student_id.eq(student),
            graduation_word::kind.eq(kind.to_owned()),
            graduation_word::revision.eq(revision),
            graduation_word::text.eq(text.to_owned()),
            graduation_word::account_id.eq(by),
            graduation_word::at.eq(at),
        ),
    )?;
    Ok(())
}

fn worded(field: &str, typed: &str, most: usize, empty: &str) -> Result<String, Refused> {
    // Paragraphs stay.
    let lines: Vec<String> = typed.lines().map(tidy).filter(|line| !line.is_empty()).collect();
    let text = lines.join("\n");
    match text.chars().count() {
        0 => Err(Refused::invalid(field, empty)),
        long if long > most => {
            Err(Refused::invalid(field, format!("最多 {most} 个字，现在 {long} 个字，请写短一些。")))
        }
        _ => Ok(text),
    }
}

/// A graduate writes the statement 自我陈述.
#[derive(Serialize)]
pub struct WriteStatement {
    me: Myself,
    text: String,
    #[serde(skip)]
    revision: i32,
}

impl WriteStatement {
    /// # Errors
    /// [`Refused::Conflict`] before the last term or after the review; [`Refused::Invalid`]
    /// for a text that is empty or too long.
    pub fn prepare(tx: &mut Tx, me: Myself, typed: &str) -> Result<Attempt<Self, ()>, Refused> {
        let at = at_school(tx, me.child())?;
        if Term::of_cohort(at.class.name.cohort)[5] != at.term.term {
            return Err(Refused::conflict("自我陈述在九年级第二学期写。"));
        }
        refuse_reviewed(tx, at.class.id, at.term.term)?;
        let text =
            worded("statement", typed, STATEMENT_CHARACTERS, "还没有写。说说这三年怎样走过来的，想成为怎样的人。")?;
        let before = graduating(tx, &[me.student()])?.remove(&me.student()).unwrap_or_default().statement;
        if before.as_ref().is_some_and(|before| before.text == text) {
            return Ok(Attempt::Nothing(()));
        }
        let revision = before.map_or(0, |before| before.revision) + 1;
        Ok(Attempt::Act(WriteStatement { me, text, revision }))
    }
}

impl Act for WriteStatement {
    const VERB: &'static str = "statement_written";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.me })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put_word(tx, self.me.student(), STATEMENT, self.revision, &self.text)
    }
}

/// The class teacher puts in what the class committee decided of one graduate: five
/// bands, chosen by people, and the comment.
#[derive(Serialize)]
pub struct DecideGraduate {
    #[serde(flatten)]
    bands: Graduation,
    student: StudentId,
    comment: Option<String>,
    #[serde(skip)]
    revision: i32,
}

impl DecideGraduate {
    /// # Errors
    /// As [`Tx::graduates`]; [`Refused::Conflict`] after the review, for all but a band that
    /// an upheld objection sent back; [`Refused::Invalid`] for a domain without a band, or
    /// a comment that is empty or too long.
    pub fn prepare(
        tx: &mut Tx,
        own: &OwnClass,
        student: StudentId,
        chosen: &[(Domain, Option<Band>)],
        comment: &str,
    ) -> Result<Attempt<Self, ()>, Refused> {
        tx.graduates(own, &[student])?;
        let standing = graduating(tx, &[student])?.remove(&student).unwrap_or_default();
        if standing.again.is_empty() {
            refuse_reviewed(tx, own.id(), own.term())?;
        }
        let (mut faults, mut changed) = (Vec::new(), Vec::new());
        for (domain, band) in chosen {
            match band {
                None => {
                    let said = format!("{}还没有定等级。由评价小组商定，没有就选一个。", domain.character());
                    faults.push(Fault::at(format!("band_{}", domain.code()), said));
                }
                Some(band) if standing.bands.sheet.band(*domain) == Some(*band) => {}
                Some(band) => changed.push((*domain, *band)),
            }
        }
        let text = match worded("comment", comment, GRADUATION_COMMENT_CHARACTERS, "还没有写毕业评语。") {
            Ok(text) => text,
            Err(Refused::Invalid(more)) => {
                faults.extend(more);
                String::new()
            }
            Err(other) => return Err(other),
        };
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        let same = standing.comment.as_ref().is_some_and(|before| before.text == text);
        if changed.is_empty() && same {
            return Ok(Attempt::Nothing(()));
        }
        if !same || changed.iter().any(|(domain, _)| !standing.again.contains(domain)) {
            refuse_reviewed(tx, own.id(), own.term())?;
        }
        let revision = standing.comment.map_or(0, |before| before.revision) + 1;
        let bands = decide_graduation(tx, own, vec![(student, changed)])?;
        Ok(Attempt::Act(DecideGraduate { bands, student, comment: (!same).then_some(text), revision }))
    }
}

impl Act for DecideGraduate {
    const VERB: &'static str = "graduate_decided";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        self.bands.about()
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        self.bands.perform(tx)?;
        match &self.comment {
            Some(text) => put_word(tx, self.student, COMMENT, self.revision, text),
            None => Ok(()),
        }
    }
}

/// The office has looked one graduate's file through, from the first term to the last band.
#[derive(Serialize)]
pub struct TickGraduate {
    class: ClassId,
    student: StudentId,
    #[serde(skip)]
    n: i32,
}

impl TickGraduate {
    /// The caller has found the pupil in the class.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] before
    /// it is decided, or decided again, when it stands ticked, and for whoever decided it.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool, class: ClassId, student: StudentId) -> Result<Self, Refused> {
        // After the review as well: what an objection changed then wants another look.
        class_named(tx, whole, class)?;
        let standing = graduating(tx, &[student])?.remove(&student).unwrap_or_default();
        if !standing.is_decided() {
            return Err(Refused::conflict("毕业等级或评语还没有写好，写好以后再核对。"));
        }
        if !standing.again.is_empty() {
            return Err(Refused::conflict("异议成立，评价小组还没有重新商定。商定以后再核对。"));
        }
        if let Some((by, _)) = standing.ticked {
            return Err(Refused::conflict(format!("{by}已经核对过这一份，之后没有改动。")));
        }
        let me = tx.by().person()?;
        if graduation_deciders(tx, student)?.contains(&me) {
            return Err(Refused::conflict("这一份的等级是您填的，请别人核对。"));
        }
        let n: Option<i32> = tx
            .own(graduation_tick::rows)
            .filter(graduation_tick::student_id.eq(student))
            .select(diesel::dsl::max(graduation_tick::n))
            .first(tx.conn())?;
        Ok(TickGraduate { class, student, n: n.unwrap_or(0) + 1 })
    }
}

impl Act for TickGraduate {
    const VERB: &'static str = "graduate_ticked";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "student": self.student })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (tx.by().person()?, tx.now());
        tx.put(
            graduation_tick::rows,
            (
                graduation_tick::student_id.eq(self.student),
                graduation_tick::n.eq(self.n),
                graduation_tick::account_id.eq(by),
                graduation_tick::at.eq(at),
            ),
        )?;
        Ok(())
    }
}
