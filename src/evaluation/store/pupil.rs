use super::author;
use crate::access::{Act, Attempt, Child, Fault, Look, Myself, OwnClass, Refused, Tx, WholeSchool};
use crate::cycle::{Step, signed_by, window};
use crate::evaluation::Band;
use crate::names::{Cohort, Domain, StudentId, Term};
use crate::platform::text::tidy;
use crate::roster::calendar::TermDates;
use crate::roster::{AtSchool, at_school, class_list};
use crate::scheme::{Scheme, scheme_of};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

crate::school_table!(self_evaluation (student_id, term, domain, revision) {
    student_id -> Guid,
    term -> Integer,
    domain -> Text,
    revision -> Integer,
    did -> Text,
    learned -> Text,
    intends -> Text,
    band -> Nullable<Text>,
    confirmed -> Bool,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(self_evaluation: enrolment; account);

/// Most characters of an answer.
pub const ANSWER_CHARACTERS: usize = 200;

/// What a pupil says of themselves in one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OwnWords {
    pub did: String,
    pub learned: String,
    pub intends: String,
    pub band: Option<Band>,
}

impl OwnWords {
    pub fn is_empty(&self) -> bool {
        self.did.is_empty() && self.learned.is_empty() && self.intends.is_empty() && self.band.is_none()
    }

    /// Whether it can be confirmed: something was done, and a band chosen.
    pub fn is_whole(&self) -> bool {
        !self.did.is_empty() && self.band.is_some()
    }
}

/// A domain as the pupil has it: the newest words, and whether others read them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnDomain {
    pub words: OwnWords,
    pub confirmed: bool,
    pub revision: i32,
}

/// A pupil's own evaluation of a term, drafts included: for the pupil alone.
pub fn own_evaluation(look: &mut Look, me: Myself, term: Term) -> Result<BTreeMap<Domain, OwnDomain>, Refused> {
    let rows: Vec<(Domain, i32, String, String, String, Option<Band>, bool)> = look
        .own(self_evaluation::rows)
        .filter(self_evaluation::student_id.eq(me.student()))
        .filter(self_evaluation::term.eq(term))
        .order(self_evaluation::revision)
        .select((
            self_evaluation::domain,
            self_evaluation::revision,
            self_evaluation::did,
            self_evaluation::learned,
            self_evaluation::intends,
            self_evaluation::band,
            self_evaluation::confirmed,
        ))
        .load(look.conn())?;
    // The highest revision is met last and stands.
    let own = rows.into_iter().map(|(domain, revision, did, learned, intends, band, confirmed)| {
        (domain, OwnDomain { words: OwnWords { did, learned, intends, band }, confirmed, revision })
    });
    Ok(own.collect())
}

type Confirmed = BTreeMap<Domain, OwnWords>;

fn confirmed_rows(
    rows: Vec<(StudentId, Domain, String, String, String, Option<Band>)>,
) -> HashMap<StudentId, Confirmed> {
    let mut of: HashMap<StudentId, Confirmed> = HashMap::new();
    for (student, domain, did, learned, intends, band) in rows {
        of.entry(student).or_default().insert(domain, OwnWords { did, learned, intends, band });
    }
    of
}

macro_rules! told_columns {
    () => {
        (
            self_evaluation::student_id,
            self_evaluation::domain,
            self_evaluation::did,
            self_evaluation::learned,
            self_evaluation::intends,
            self_evaluation::band,
        )
    };
}

/// What those in one's own class have confirmed of themselves in a term.
macro_rules! confirmed_in_class {
    ($look:expr, $own:expr, $term:expr) => {{
        use crate::access::own::enrolment;
        let day = $look.today().min($term.ends_on);
        $look
            .own(self_evaluation::rows)
            .inner_join(
                enrolment::joined().on(enrolment::school_id
                    .eq(self_evaluation::school_id)
                    .and(enrolment::student_id.eq(self_evaluation::student_id))),
            )
            .filter(enrolment::class_id.eq($own.id()))
            .filter(enrolment::entered_on.le(day))
            .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
            .filter(self_evaluation::term.eq($term.term))
            .filter(self_evaluation::confirmed.eq(true))
    }};
}

/// What the pupils of one's own class have confirmed of themselves in a term.
pub fn class_self_evaluations(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
) -> Result<HashMap<StudentId, Confirmed>, Refused> {
    let confirmed = confirmed_in_class!(look, own, term).order(self_evaluation::revision);
    Ok(confirmed_rows(confirmed.select(told_columns!()).load(look.conn())?))
}

/// Whether a self-evaluation is done, the one meaning of it everywhere: what the scheme asks
/// is confirmed, in every domain, and none was emptied again.
fn is_done(of: &Confirmed) -> bool {
    Domain::ALL.iter().all(|domain| of.get(domain).is_some_and(OwnWords::is_whole))
}

fn done_of(rows: HashMap<StudentId, Confirmed>) -> HashSet<StudentId> {
    rows.into_iter().filter(|(_, of)| is_done(of)).map(|(student, _)| student).collect()
}

/// Who of one's own class has done their self-evaluation of a term; not what it says.
/// Where the scheme does not ask it, nobody is waited for.
pub fn confirmed_selves(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
    scheme: &Scheme,
) -> Result<HashSet<StudentId>, Refused> {
    if !scheme.voices.pupil {
        return Ok(class_list(look, own, term)?.into_iter().map(|pupil| pupil.id).collect());
    }
    Ok(done_of(class_self_evaluations(look, own, term)?))
}

/// As [`confirmed_selves`], of some pupils of one cohort of this school.
pub fn self_evaluated(
    look: &mut Look,
    _: WholeSchool,
    cohort: Cohort,
    students: &[StudentId],
    term: Term,
) -> Result<HashSet<StudentId>, Refused> {
    if !scheme_of(look, cohort, term)?.voices.pupil {
        return Ok(students.iter().copied().collect());
    }
    let rows = look
        .own(self_evaluation::rows)
        .filter(self_evaluation::student_id.eq_any(students))
        .filter(self_evaluation::term.eq(term))
        .filter(self_evaluation::confirmed.eq(true))
        .order(self_evaluation::revision)
        .select(told_columns!())
        .load(look.conn())?;
    Ok(done_of(confirmed_rows(rows)))
}

/// What a child has confirmed of itself in a term, for its family.
pub fn child_self_evaluation(look: &mut Look, child: Child, term: Term) -> Result<Confirmed, Refused> {
    let rows = look
        .own(self_evaluation::rows)
        .filter(self_evaluation::student_id.eq(child.student()))
        .filter(self_evaluation::term.eq(term))
        .filter(self_evaluation::confirmed.eq(true))
        .order(self_evaluation::revision)
        .select(told_columns!())
        .load(look.conn())?;
    Ok(confirmed_rows(rows).remove(&child.student()).unwrap_or_default())
}

/// Where a child is at school, and the proof that its family may still say something in
/// the present term.
///
/// # Errors
/// [`Refused::Conflict`] outside the window, when the scheme does not ask this voice, or
/// when the class is signed.
pub fn may_speak(look: &mut Look, child: Child, step: Step) -> Result<(AtSchool, Arc<Scheme>), Refused> {
    let at = at_school(look, child)?;
    at.check_learning()?;
    let scheme = scheme_of(look, at.class.name.cohort, at.term.term)?;
    let asked = match step {
        Step::Pupil => scheme.voices.pupil,
        Step::Peer => scheme.voices.peer,
        Step::Guardian => scheme.voices.guardian,
        _ => true,
    };
    if !asked {
        return Err(Refused::conflict(format!("县里的方案这学期没有用{}，不用填。", step.word())));
    }
    window(look, step, at.term.term)?.check(step, look.today())?;
    if signed_by(look, &at.class, at.term.term)?.is_some() {
        return Err(Refused::conflict(format!("班主任已经签字，这学期的{}不能再改。", step.word())));
    }
    Ok((at, scheme))
}

/// A pupil writes about themselves in one domain: a draft, that nobody else reads.
#[derive(Serialize)]
pub struct DraftSelf {
    me: Myself,
    term: Term,
    domain: Domain,
    words: OwnWords,
    #[serde(skip)]
    revision: i32,
}

/// An answer as it is kept.
fn answer(field: &str, typed: &str, faults: &mut Vec<Fault>) -> String {
    let text = tidy(typed);
    let length = text.chars().count();
    if length > ANSWER_CHARACTERS {
        faults.push(Fault::at(field, format!("这一题最多 {ANSWER_CHARACTERS} 个字，现在 {length} 个，请删短一点。")));
    }
    text
}

impl DraftSelf {
    /// # Errors
    /// [`Refused::Invalid`] for an answer too long; as [`may_speak`]; [`Refused::Conflict`]
    /// for a page of another term.
    pub fn prepare(
        tx: &mut Tx,
        me: Myself,
        term: Term,
        domain: Domain,
        typed: &OwnWords,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let (at, _) = may_speak(tx, me.child(), Step::Pupil)?;
        if at.term.term != term {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期的自评再写。"));
        }
        let mut faults = Vec::new();
        let words = OwnWords {
            did: answer("did", &typed.did, &mut faults),
            learned: answer("learned", &typed.learned, &mut faults),
            intends: answer("intends", &typed.intends, &mut faults),
            band: typed.band,
        };
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        let stands = own_evaluation(tx, me, term)?.remove(&domain).unwrap_or_default();
        if stands.words == words {
            return Ok(Attempt::Nothing(()));
        }
        Ok(Attempt::Act(DraftSelf { me, term, domain, words, revision: stands.revision + 1 }))
    }
}

fn put(
    tx: &mut Tx,
    me: Myself,
    term: Term,
    domain: Domain,
    (words, revision, confirmed): (&OwnWords, i32, bool),
) -> Result<(), Refused> {
    let (by, at) = (author(tx)?, tx.now());
    tx.put(
        self_evaluation::rows,
        (
            self_evaluation::student_id.eq(me.student()),
            self_evaluation::term.eq(term),
            self_evaluation::domain.eq(domain),
            self_evaluation::revision.eq(revision),
            self_evaluation::did.eq(&words.did),
            self_evaluation::learned.eq(&words.learned),
            self_evaluation::intends.eq(&words.intends),
            self_evaluation::band.eq(words.band),
            self_evaluation::confirmed.eq(confirmed),
            self_evaluation::account_id.eq(by),
            self_evaluation::at.eq(at),
        ),
    )?;
    Ok(())
}

impl Act for DraftSelf {
    const VERB: &'static str = "self_drafted";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.me, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        put(tx, self.me, self.term, self.domain, (&self.words, self.revision, false))
    }
}

/// A pupil confirms what they have written: from now on homeroom teacher and family read it.
#[derive(Serialize)]
pub struct ConfirmSelf {
    me: Myself,
    term: Term,
    domains: BTreeMap<Domain, OwnWords>,
    #[serde(skip)]
    revisions: BTreeMap<Domain, i32>,
}

impl ConfirmSelf {
    /// # Errors
    /// [`Refused::Invalid`] with the domain that is begun and not whole, or when nothing
    /// is written; as [`may_speak`].
    pub fn prepare(tx: &mut Tx, me: Myself, term: Term) -> Result<Attempt<Self, ()>, Refused> {
        let (at, scheme) = may_speak(tx, me.child(), Step::Pupil)?;
        if at.term.term != term {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期的自评再确认。"));
        }
        let own = own_evaluation(tx, me, term)?;
        if own.values().all(|domain| domain.words.is_empty()) {
            return Err(Refused::invalid("", "一育都还没有写，写一育也好，再来确认。"));
        }
        let half: Vec<&str> = own
            .iter()
            .filter(|(_, of)| !of.words.is_empty() && !of.words.is_whole())
            .map(|(domain, _)| scheme.domain(*domain).name.as_str())
            .collect();
        if !half.is_empty() {
            let said = format!("{}还差“这学期我做了什么”或等级，补上或清空再确认。", half.join("、"));
            return Err(Refused::invalid("", said));
        }
        let open: BTreeMap<Domain, OwnDomain> = own.into_iter().filter(|(_, of)| !of.confirmed).collect();
        if open.is_empty() {
            return Ok(Attempt::Nothing(()));
        }
        let revisions = open.iter().map(|(domain, of)| (*domain, of.revision + 1)).collect();
        let domains = open.into_iter().map(|(domain, of)| (domain, of.words)).collect();
        Ok(Attempt::Act(ConfirmSelf { me, term, domains, revisions }))
    }
}

impl Act for ConfirmSelf {
    const VERB: &'static str = "self_confirmed";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.me, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        for (domain, words) in &self.domains {
            let revision = self.revisions.get(domain).copied().unwrap_or(1);
            put(tx, self.me, self.term, *domain, (words, revision, true))?;
        }
        Ok(())
    }
}
