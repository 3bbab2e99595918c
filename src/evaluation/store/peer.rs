use super::author;
use super::pupil::may_speak;
use crate::access::{Act, Attempt, Look, Myself, OwnClass, Refused, Standing, Tx};
use crate::cycle::{Step, window};
use crate::evaluation::peer::{FEWEST_ANSWERS, UNSEEN, lot, saying, sayings};
use crate::names::{ClassId, Domain, StudentId, Term};
use crate::platform::keys::random_code;
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use crate::schema::student;
use crate::scheme::scheme_of;
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

crate::school_table!(peer_draw (class_id, term, revision) {
    class_id -> Guid,
    term -> Integer,
    revision -> Integer,
    seed -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(peer_pair (term, by_id, student_id) {
    term -> Integer,
    by_id -> Guid,
    student_id -> Guid,
    class_id -> Guid,
});

crate::school_table!(peer_view (student_id, term, by_id, domain, revision) {
    student_id -> Guid,
    term -> Integer,
    by_id -> Guid,
    domain -> Text,
    revision -> Integer,
    said -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(peer_pair: enrolment; student);

fn pairs(look: &mut Look, class: ClassId, term: Term) -> Result<Vec<(StudentId, StudentId)>, Refused> {
    Ok(look
        .own(peer_pair::rows)
        .filter(peer_pair::class_id.eq(class))
        .filter(peer_pair::term.eq(term))
        .select((peer_pair::by_id, peer_pair::student_id))
        .load(look.conn())?)
}

/// The homeroom teacher draws by lot who is asked about whom; those who came later are
/// drawn in by a lot of their own.
#[derive(Serialize)]
pub struct DrawPeers {
    class: OwnClass,
    term: Term,
    seed: String,
    pairs: Vec<(StudentId, StudentId)>,
    #[serde(skip)]
    revision: i32,
}

impl DrawPeers {
    /// # Errors
    /// [`Refused::Conflict`] when the scheme has no peer evaluation, the class is signed,
    /// too small, or nobody is left to be drawn in.
    pub fn prepare(tx: &mut Tx, own: &OwnClass) -> Result<Self, Refused> {
        let term = own.term();
        let scheme = scheme_of(tx, own.cohort(), term)?;
        if !scheme.voices.peer {
            return Err(Refused::conflict("县里的方案这学期没有用同学互评，不用抽签。"));
        }
        window(tx, Step::Peer, term)?.check(Step::Peer, tx.today())?;
        if tx.standing(own)? == Standing::Signed {
            return Err(Refused::conflict("这个班本学期已经签字，不再互评了。"));
        }
        let dates = term_dates(tx, term)?;
        let class: Vec<StudentId> = class_list(tx, own, dates)?.into_iter().map(|pupil| pupil.id).collect();
        if class.len() <= FEWEST_ANSWERS {
            let least = FEWEST_ANSWERS + 1;
            return Err(Refused::conflict(format!("班里不到 {least} 人，互评瞒不住是谁写的，就不评了。")));
        }
        let known: BTreeSet<StudentId> = pairs(tx, own.id(), term)?.into_iter().map(|(by, _)| by).collect();
        if class.iter().all(|student| known.contains(student)) {
            return Err(Refused::conflict("全班都抽过了，不用再抽。"));
        }
        let seed = random_code(16);
        let mut pairs = lot(&seed, &class, scheme.peers);
        pairs.retain(|(by, about)| !known.contains(by) || !known.contains(about));
        let last: Option<i32> = tx
            .own(peer_draw::rows)
            .filter(peer_draw::class_id.eq(own.id()))
            .filter(peer_draw::term.eq(term))
            .select(max(peer_draw::revision))
            .first(tx.conn())?;
        Ok(DrawPeers { class: *own, term, seed, pairs, revision: last.unwrap_or(0) + 1 })
    }
}

impl Act for DrawPeers {
    const VERB: &'static str = "peers_drawn";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        tx.put(
            peer_draw::rows,
            (
                peer_draw::class_id.eq(self.class.id()),
                peer_draw::term.eq(self.term),
                peer_draw::revision.eq(self.revision),
                peer_draw::seed.eq(&self.seed),
                peer_draw::account_id.eq(by),
                peer_draw::at.eq(at),
            ),
        )?;
        let pairs = self.pairs.iter().map(|(by, about)| {
            (
                peer_pair::term.eq(self.term),
                peer_pair::by_id.eq(*by),
                peer_pair::student_id.eq(*about),
                peer_pair::class_id.eq(self.class.id()),
            )
        });
        tx.put_all(peer_pair::rows, pairs.collect())?;
        Ok(())
    }
}

/// A classmate one is asked about: name and seat, nothing else.
#[derive(Clone, Debug)]
pub struct AskedAbout {
    pub student: StudentId,
    pub name: String,
    /// What one has said so far, domain by domain.
    pub said: BTreeMap<Domain, String>,
}

/// The classmates a pupil is asked about, in seat order, who are still in the class.
pub fn asked_about(look: &mut Look, me: Myself, term: Term) -> Result<Vec<AskedAbout>, Refused> {
    use crate::access::own::enrolment;
    let today = look.today();
    let mut peers: Vec<AskedAbout> = look
        .own(peer_pair::rows)
        .inner_join(student::table.on(student::id.eq(peer_pair::student_id)))
        .inner_join(
            enrolment::joined().on(enrolment::school_id
                .eq(peer_pair::school_id)
                .and(enrolment::student_id.eq(peer_pair::student_id))
                .and(enrolment::class_id.eq(peer_pair::class_id))),
        )
        .filter(peer_pair::by_id.eq(me.student()))
        .filter(peer_pair::term.eq(term))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(today)))
        .order(enrolment::seat)
        .select((student::id, student::name))
        .load::<(StudentId, String)>(look.conn())?
        .into_iter()
        .map(|(student, name)| AskedAbout { student, name, said: BTreeMap::new() })
        .collect();
    let rows: Vec<(StudentId, Domain, String)> = look
        .own(peer_view::rows)
        .filter(peer_view::by_id.eq(me.student()))
        .filter(peer_view::term.eq(term))
        .order(peer_view::revision)
        .select((peer_view::student_id, peer_view::domain, peer_view::said))
        .load(look.conn())?;
    for (about, domain, said) in rows {
        if let Some(peer) = peers.iter_mut().find(|peer| peer.student == about) {
            peer.said.insert(domain, said);
        }
    }
    Ok(peers)
}

/// A pupil says something kind of a classmate by lot, one saying a domain.
#[derive(Serialize)]
pub struct TellOfPeer {
    me: Myself,
    term: Term,
    about: StudentId,
    said: BTreeMap<Domain, String>,
    #[serde(skip)]
    revision: i32,
}

impl TellOfPeer {
    /// # Errors
    /// [`Refused::NotFound`] for a classmate one is not asked about; [`Refused::Invalid`]
    /// for a domain without an answer or with one that is none; as [`may_speak`].
    pub fn prepare(
        tx: &mut Tx,
        me: Myself,
        term: Term,
        about: StudentId,
        said: &BTreeMap<Domain, String>,
    ) -> Result<Attempt<Self, ()>, Refused> {
        let stands = asked_about(tx, me, term)?.into_iter().find(|peer| peer.student == about);
        let stands = stands.ok_or(Refused::NotFound)?;
        let (at, scheme) = may_speak(tx, me.child(), Step::Peer)?;
        if at.term.term != term {
            return Err(Refused::conflict("这一页是别的学期的。请回到本学期的互评再写。"));
        }
        let mut faults = Vec::new();
        for domain in Domain::ALL {
            let field = format!("said_{}_{about}", domain.code());
            let name = &scheme.domain(*domain).name;
            match said.get(domain).map(String::as_str) {
                None | Some("") => {
                    faults.push(crate::access::Fault::at(
                        field,
                        format!("{}：{name}还没有选，选一项或“没留意到”。", stands.name),
                    ));
                }
                Some(code) if code != UNSEEN && saying(*domain, code).is_none() => {
                    faults.push(crate::access::Fault::at(
                        field,
                        format!("{}：{name}选的认不出，请重新选。", stands.name),
                    ));
                }
                Some(_) => {}
            }
        }
        if !faults.is_empty() {
            return Err(Refused::Invalid(faults));
        }
        let new: BTreeMap<Domain, String> = said
            .iter()
            .filter(|(of, code)| stands.said.get(of) != Some(code))
            .map(|(of, code)| (*of, code.clone()))
            .collect();
        if new.is_empty() {
            return Ok(Attempt::Nothing(()));
        }
        let last: Option<i32> = tx
            .own(peer_view::rows)
            .filter(peer_view::by_id.eq(me.student()))
            .filter(peer_view::student_id.eq(about))
            .filter(peer_view::term.eq(term))
            .select(max(peer_view::revision))
            .first(tx.conn())?;
        Ok(Attempt::Act(TellOfPeer { me, term, about, said: new, revision: last.unwrap_or(0) + 1 }))
    }
}

impl Act for TellOfPeer {
    const VERB: &'static str = "peer_told";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "student": self.about, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        for (domain, said) in &self.said {
            tx.put(
                peer_view::rows,
                (
                    peer_view::student_id.eq(self.about),
                    peer_view::term.eq(self.term),
                    peer_view::by_id.eq(self.me.student()),
                    peer_view::domain.eq(*domain),
                    peer_view::revision.eq(self.revision),
                    peer_view::said.eq(said),
                    peer_view::account_id.eq(by),
                    peer_view::at.eq(at),
                ),
            )?;
        }
        Ok(())
    }
}

/// What classmates say of one pupil, in summary: each saying once, in the order of the
/// list, without names and without numbers.
pub type PeerSummary = BTreeMap<Domain, Vec<&'static str>>;

/// How far the peer evaluation of a class is: how many were drawn in, and how many of
/// them have answered about everyone they were asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeerProgress {
    pub drawn: usize,
    pub answered: usize,
}

/// What classmates say of the pupils of one's own class: of those only about whom at
/// least [`FEWEST_ANSWERS`] have answered.
pub fn class_peer_views(
    look: &mut Look,
    own: &OwnClass,
    term: Term,
) -> Result<(HashMap<StudentId, PeerSummary>, PeerProgress), Refused> {
    let pairs = pairs(look, own.id(), term)?;
    if pairs.is_empty() {
        return Ok((HashMap::new(), PeerProgress::default()));
    }
    let students: BTreeSet<StudentId> = pairs.iter().map(|(_, about)| *about).collect();
    let students: Vec<StudentId> = students.into_iter().collect();
    let rows: Vec<(StudentId, StudentId, Domain, String)> = look
        .own(peer_view::rows)
        .filter(peer_view::student_id.eq_any(&students))
        .filter(peer_view::term.eq(term))
        .order(peer_view::revision)
        .select((peer_view::student_id, peer_view::by_id, peer_view::domain, peer_view::said))
        .load(look.conn())?;
    let mut newest: HashMap<StudentId, BTreeMap<(StudentId, Domain), String>> = HashMap::new();
    for (about, by, domain, said) in rows {
        newest.entry(about).or_default().insert((by, domain), said);
    }
    let answered =
        |by: &StudentId, about: &StudentId| newest.get(about).is_some_and(|said| said.keys().any(|(of, _)| of == by));
    let mut asked: BTreeMap<StudentId, bool> = BTreeMap::new();
    for (by, about) in &pairs {
        *asked.entry(*by).or_insert(true) &= answered(by, about);
    }
    let progress = PeerProgress { drawn: asked.len(), answered: asked.values().filter(|done| **done).count() };
    let mut summaries = HashMap::new();
    for (about, said) in newest {
        let voices: BTreeSet<StudentId> = said.keys().map(|(by, _)| *by).collect();
        if voices.len() < FEWEST_ANSWERS {
            continue;
        }
        let of = |domain: &Domain| {
            let codes: BTreeSet<&str> =
                said.iter().filter(|((_, of), _)| of == domain).map(|(_, code)| code.as_str()).collect();
            let words: Vec<&'static str> =
                sayings(*domain).iter().filter(|(code, _)| codes.contains(code)).map(|(_, word)| *word).collect();
            (!words.is_empty()).then_some((*domain, words))
        };
        summaries.insert(about, Domain::ALL.iter().filter_map(of).collect());
    }
    Ok((summaries, progress))
}
