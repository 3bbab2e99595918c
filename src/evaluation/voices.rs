//! What the other voices say of a pupil, domain by domain, in words: they stand beside a
//! cell, each on its own. Nothing is added up, and no band is made of them.

use super::store::{
    OwnWords, PeerProgress, class_guardian_views, class_peer_views, class_self_evaluations, class_subject_lines,
    help_asked, indicators_told,
};
use super::{Band, HelpAsked};
use crate::access::{Look, OwnClass, Refused};
use crate::names::{Domain, StudentId};
use crate::roster::calendar::TermDates;
use crate::roster::curriculum::domain_of;
use crate::scheme::{Recorder, Scheme, scheme_of};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// One voice: who, and what they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    pub who: String,
    pub said: String,
}

/// All that others say of one pupil in one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Voices {
    pub said: Vec<Said>,
    /// A measure promised last term.
    #[serde(skip)]
    pub help: Option<HelpAsked>,
}

impl Voices {
    fn add(&mut self, who: impl Into<String>, said: impl Into<String>) {
        self.said.push(Said { who: who.into(), said: said.into() });
    }

    pub fn is_empty(&self) -> bool {
        self.said.is_empty() && self.help.is_none()
    }
}

/// A class's voices, and how far the peers are.
#[derive(Default)]
pub struct ClassVoices {
    pub of: HashMap<StudentId, BTreeMap<Domain, Voices>>,
    pub peers: PeerProgress,
    /// Who has confirmed a self-evaluation, and whom a guardian has said something of.
    pub confirmed: Vec<StudentId>,
    pub guardians: Vec<StudentId>,
}

fn own_words(words: &OwnWords, scheme: &Scheme) -> String {
    let band = words.band.map_or("", |band: Band| band.word(scheme));
    let parts = [&words.did, &words.learned, &words.intends].map(|part| part.trim_end_matches('。'));
    let told: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match (band, told.is_empty()) {
        (band, true) => band.to_owned(),
        (band, false) => format!("{band}。{}。", told.join("；")),
    }
}

/// Reads what others say of these pupils of one's own class.
pub fn class_voices(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
    students: &[StudentId],
) -> Result<ClassVoices, Refused> {
    let scheme = scheme_of(look, own.cohort(), term.term)?;
    let mut voices = ClassVoices::default();
    let school = look.school();
    let asks = |recorder: Recorder| scheme.banded_by(school, recorder).next().is_some();
    let any_item = Recorder::ALL.iter().any(|recorder| asks(*recorder));
    // What the scheme does not ask is not looked for.
    let own_said = if scheme.voices.pupil { class_self_evaluations(look, own, term)? } else { HashMap::new() };
    let (peers, progress) =
        if scheme.voices.peer { class_peer_views(look, own, term.term)? } else { Default::default() };
    let guardians = if scheme.voices.guardian { class_guardian_views(look, own, term)? } else { HashMap::new() };
    let lines = class_subject_lines(look, term.term, students)?;
    let indicators = if any_item { indicators_told(look, term.term, students)? } else { HashMap::new() };
    let mut helps = help_asked(look, term.term, students)?;
    voices.peers = progress;
    for student in students {
        let mut of: BTreeMap<Domain, Voices> = BTreeMap::new();
        for (domain, words) in own_said.get(student).into_iter().flatten().filter(|(_, words)| !words.is_empty()) {
            of.entry(*domain).or_default().add("学生自评", own_words(words, &scheme));
        }
        for (domain, words) in peers.get(student).into_iter().flatten() {
            of.entry(*domain).or_default().add("同学", words.join("、"));
        }
        for (domain, said) in guardians.get(student).into_iter().flatten() {
            for (who, text) in said {
                of.entry(*domain).or_default().add(who, text);
            }
        }
        for (subject, line) in lines.get(student).into_iter().flatten() {
            of.entry(domain_of(subject)).or_default().add(subject, line);
        }
        for told in indicators.get(student).into_iter().flatten() {
            let Some(item) = scheme.indicators.iter().find(|item| item.code == told.code) else { continue };
            let Some(domain) = item.domain else { continue };
            of.entry(domain).or_default().add(&told.by, format!("{} {}", item.item, told.band.word(&scheme)));
        }
        for (domain, help) in helps.remove(student).into_iter().flatten() {
            of.entry(domain).or_default().help = Some(help);
        }
        if own_said.contains_key(student) {
            voices.confirmed.push(*student);
        }
        if guardians.contains_key(student) {
            voices.guardians.push(*student);
        }
        of.retain(|_, voices| !voices.is_empty());
        voices.of.insert(*student, of);
    }
    Ok(voices)
}
