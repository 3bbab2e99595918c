use super::{Kept, kept_among};
use crate::access::{Act, Attempt, Child, Fault, Look, Myself, OwnClass, Refused, Standing, Tx, WholeSchool};
use crate::cycle::{Step, signed_by, window};
use crate::names::{ActivityId, Domain, StudentId, Term};
use crate::platform::text::tidy;
use crate::record::State;
use crate::roster::{AtSchool, at_school};
use crate::scheme::{Scheme, scheme_of};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

crate::school_table!(selection (student_id, term, revision) {
    student_id -> Guid,
    term -> Integer,
    revision -> Integer,
    state -> Text,
    word -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(pub(super) selected_record (student_id, term, revision, activity_id) {
    student_id -> Guid,
    term -> Integer,
    revision -> Integer,
    activity_id -> Guid,
    why -> Text,
});

/// Most characters of why a record was chosen: a sentence.
pub const WHY_CHARACTERS: usize = 60;

/// Where a pupil's selection of a term stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Confirmed by the pupil, and closed until the homeroom teacher opens it again.
    pub confirmed: bool,
    /// The teacher's word, while it is open again.
    pub word: Option<String>,
    /// What was chosen, and why.
    pub chosen: BTreeMap<ActivityId, String>,
    pub revision: i32,
}

/// The selections of some pupils in a term, as they stand.
pub(super) fn selections(
    look: &mut Look,
    students: &[StudentId],
    term: Term,
) -> Result<HashMap<StudentId, Selection>, Refused> {
    let states: Vec<(StudentId, i32, String, Option<String>)> = look
        .own(selection::rows)
        .filter(selection::student_id.eq_any(students))
        .filter(selection::term.eq(term))
        .order(selection::revision)
        .select((selection::student_id, selection::revision, selection::state, selection::word))
        .load(look.conn())?;
    let picks: Vec<(StudentId, i32, ActivityId, String)> = look
        .own(selected_record::rows)
        .filter(selected_record::student_id.eq_any(students))
        .filter(selected_record::term.eq(term))
        .select((
            selected_record::student_id,
            selected_record::revision,
            selected_record::activity_id,
            selected_record::why,
        ))
        .load(look.conn())?;
    let mut of: HashMap<StudentId, Selection> = HashMap::new();
    for (student, revision, state, word) in states {
        let stands = of.entry(student).or_default();
        (stands.revision, stands.confirmed, stands.word) = (revision, state == "confirmed", word);
        // Opened again it keeps what was chosen.
        if state != "opened" {
            let own = picks.iter().filter(|(id, of, ..)| (*id, *of) == (student, revision));
            stands.chosen = own.map(|(_, _, activity, why)| (*activity, why.clone())).collect();
        }
    }
    Ok(of)
}

/// One child's selection of a term.
pub fn child_selection(look: &mut Look, child: Child, term: Term) -> Result<Selection, Refused> {
    Ok(selections(look, &[child.student()], term)?.remove(&child.student()).unwrap_or_default())
}

/// A record that was chosen, and why.
#[derive(Clone, Debug)]
pub struct Selected {
    pub kept: Kept,
    pub why: String,
}

fn laid(kept: Vec<Kept>, selections: &HashMap<StudentId, Selection>) -> HashMap<StudentId, Vec<Selected>> {
    let mut of: HashMap<StudentId, Vec<Selected>> = HashMap::new();
    for kept in kept.into_iter().filter(|kept| kept.state == State::Confirmed) {
        let why = selections.get(&kept.student).and_then(|of| of.chosen.get(&kept.activity));
        if let Some(why) = why.cloned() {
            of.entry(kept.student).or_default().push(Selected { kept, why });
        }
    }
    of
}

/// The selections of one's own class: where each stands, and what is chosen in it.
pub fn class_selections(
    look: &mut Look,
    term: Term,
    students: &[StudentId],
) -> Result<HashMap<StudentId, (Selection, Vec<Selected>)>, Refused> {
    let selections = selections(look, students, term)?;
    let mut chosen = laid(kept_among(look, students, Some(term))?, &selections);
    Ok(selections
        .into_iter()
        .map(|(student, stands)| (student, (stands, chosen.remove(&student).unwrap_or_default())))
        .collect())
}

/// What some pupils of this school confirmed of a term: what a seal takes.
pub fn selected_among(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
    term: Term,
) -> Result<HashMap<StudentId, Vec<Selected>>, Refused> {
    let mut selections = selections(look, students, term)?;
    selections.retain(|_, stands| stands.confirmed);
    Ok(laid(kept_among(look, students, Some(term))?, &selections))
}

/// Which of some pupils of this school have confirmed records to choose from and have not
/// confirmed a selection of a term.
pub fn unselected_among(
    look: &mut Look,
    _: WholeSchool,
    students: &[StudentId],
    term: Term,
) -> Result<HashSet<StudentId>, Refused> {
    let confirmed = selections(look, students, term)?;
    let mut open: HashSet<StudentId> = kept_among(look, students, Some(term))?
        .into_iter()
        .filter(|kept| kept.state == State::Confirmed)
        .map(|kept| kept.student)
        .collect();
    open.retain(|student| !confirmed.get(student).is_some_and(|stands| stands.confirmed));
    Ok(open)
}

/// Where a child is at school, and the proof that its selection is open.
///
/// # Errors
/// [`Refused::Conflict`] outside the window, when the class is signed, or when the
/// selection is confirmed.
pub fn may_select(look: &mut Look, child: Child) -> Result<(AtSchool, Arc<Scheme>), Refused> {
    let at = at_school(look, child)?;
    at.check_learning()?;
    let scheme = scheme_of(look, at.class.name.cohort, at.term.term)?;
    window(look, Step::Selection, at.term.term)?.check(Step::Selection, look.today())?;
    if signed_by(look, &at.class, at.term.term)?.is_some() {
        return Err(Refused::conflict("班主任已经签字，这学期的代表作不能再改。"));
    }
    if child_selection(look, child, at.term.term)?.confirmed {
        return Err(Refused::conflict("你已经确认了。还想改，请班主任重新打开。"));
    }
    Ok((at, scheme))
}

/// A pupil chooses records of their own, and says why; as a draft, or confirmed with
/// their name.
#[derive(Serialize)]
pub struct SelectRecords {
    me: Myself,
    term: Term,
    chosen: BTreeMap<ActivityId, String>,
    confirmed: bool,
    #[serde(skip)]
    revision: i32,
}

impl SelectRecords {
    /// `signed` is the name as the pupil wrote it to confirm; `None` keeps a draft.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a record that is not the pupil's own; [`Refused::Invalid`]
    /// for one that is not confirmed, for more than the scheme allows in a domain, for a
    /// sentence missing or too long, for another name; as [`may_select`].
    pub fn prepare(
        tx: &mut Tx,
        me: Myself,
        term: Term,
        name: &str,
        typed: &BTreeMap<ActivityId, String>,
        signed: Option<&str>,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let (at, scheme) = may_select(tx, me.child())?;
        if at.term.term != term {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期再选。"));
        }
        let own: HashMap<ActivityId, Kept> =
            kept_among(tx, &[me.student()], Some(term))?.into_iter().map(|kept| (kept.activity, kept)).collect();
        let (mut chosen, mut faults) = (BTreeMap::new(), Vec::new());
        let mut many: BTreeMap<Domain, usize> = BTreeMap::new();
        for (activity, why) in typed {
            let kept = own.get(activity).ok_or(Refused::NotFound)?;
            let (title, why) = (&kept.told.title, tidy(why));
            if kept.state != State::Confirmed {
                let said = format!("“{title}”老师还没有核实，核实后才能选。");
                faults.push(Fault::at(format!("pick_{activity}"), said));
            }
            *many.entry(kept.told.domain).or_default() += 1;
            if why.chars().count() > WHY_CHARACTERS {
                let said = format!("“{title}”为什么选它，最多 {WHY_CHARACTERS} 个字，写一句就好。");
                faults.push(Fault::at(format!("why_{activity}"), said));
            } else if why.is_empty() && signed.is_some() {
                faults.push(Fault::at(format!("why_{activity}"), format!("“{title}”还没有写为什么选它，写一句就好。")));
            }
            chosen.insert(*activity, why);
        }
        let most = scheme.selected_records;
        for (domain, _) in many.iter().filter(|(_, many)| **many > most) {
            let name = &scheme.domain(*domain).name;
            faults
                .push(Fault::at(format!("domain_{}", domain.code()), format!("{name}最多选 {most} 件，请去掉几件。")));
        }
        if signed.is_some_and(|signed| tidy(signed) != name) {
            faults.push(Fault::at("signed", "写的名字和你的姓名不一样，请写全名，就是签字。"));
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        let stands = child_selection(tx, me.child(), term)?;
        let confirmed = signed.is_some();
        if !confirmed && stands.revision > 0 && stands.word.is_none() && stands.chosen == chosen {
            return Ok(Attempt::Nothing(()));
        }
        Ok(Attempt::Act(SelectRecords { me, term, chosen, confirmed, revision: stands.revision + 1 }))
    }
}

impl Act for SelectRecords {
    const VERB: &'static str = "records_selected";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.me, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let state = if self.confirmed { "confirmed" } else { "draft" };
        put(tx, self.me.student(), self.term, self.revision, (state, None))?;
        for (activity, why) in &self.chosen {
            tx.put(
                selected_record::rows,
                (
                    selected_record::student_id.eq(self.me.student()),
                    selected_record::term.eq(self.term),
                    selected_record::revision.eq(self.revision),
                    selected_record::activity_id.eq(*activity),
                    selected_record::why.eq(why.clone()),
                ),
            )?;
        }
        Ok(())
    }
}

fn put(
    tx: &mut Tx,
    student: StudentId,
    term: Term,
    revision: i32,
    (state, word): (&str, Option<&str>),
) -> Result<(), Refused> {
    let (by, at) = (tx.by().person()?, tx.now());
    tx.put(
        selection::rows,
        (
            selection::student_id.eq(student),
            selection::term.eq(term),
            selection::revision.eq(revision),
            selection::state.eq(state.to_owned()),
            selection::word.eq(word.map(str::to_owned)),
            selection::account_id.eq(by),
            selection::at.eq(at),
        ),
    )?;
    Ok(())
}

/// Most characters of the teacher's word.
const WORD_CHARACTERS: usize = 60;

/// The homeroom teacher opens a confirmed selection again, with a word that helps.
#[derive(Serialize)]
pub struct OpenSelection {
    class: OwnClass,
    student: StudentId,
    term: Term,
    word: String,
    #[serde(skip)]
    revision: i32,
}

impl OpenSelection {
    /// # Errors
    /// [`Refused::NotFound`] for a pupil of another class; [`Refused::Conflict`] when there
    /// is nothing confirmed, or the class is signed; [`Refused::Invalid`] without a word.
    pub fn prepare(tx: &mut Tx, own: &OwnClass, student: StudentId, word: &str) -> Result<Self, Refused> {
        tx.taught(own, &[student])?;
        if tx.standing(own)? == Standing::Signed {
            return Err(Refused::conflict("这个班本学期已经签字，代表作不能再改。"));
        }
        let stands = selections(tx, &[student], own.term())?.remove(&student).unwrap_or_default();
        if !stands.confirmed {
            return Err(Refused::conflict("这位同学还没有确认，本来就能改，不用打开。"));
        }
        let word = tidy(word);
        if word.is_empty() || word.chars().count() > WORD_CHARACTERS {
            let said = format!("请写一句话告诉学生怎样改更好，最多 {WORD_CHARACTERS} 个字。");
            return Err(Refused::invalid(format!("word_{student}"), said));
        }
        Ok(OpenSelection { class: *own, student, term: own.term(), word, revision: stands.revision + 1 })
    }
}

impl Act for OpenSelection {
    const VERB: &'static str = "selection_opened";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "student": self.student, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put(tx, self.student, self.term, self.revision, ("opened", Some(&self.word)))
    }
}
