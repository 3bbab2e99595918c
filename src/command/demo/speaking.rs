//! The other voices of the present term: the county's windows, pupils and guardians with
//! accounts, the lot of the peers, and what pupils chose.

use super::chance::{Chance, Deck};
use super::making::Making;
use super::words::{OwnWordsRow, ViewRow};
use crate::access::{Family, Refused};
use crate::command::Failed;
use crate::cycle::{SetWindows, Step};
use crate::desk::{Matter, Remind, RemindTeacher, still_waiting};
use crate::evaluation::{Band, ConfirmSelf, DraftSelf, DrawPeers, OwnWords, TellOfPeer, TellView, asked_about, peer};
use crate::names::{ActivityId, Domain, Half, StudentId, Term};
use crate::record::{SelectRecords, State, records_of_term};
use crate::roster::calendar::TermDates;
use chrono::Days;
use std::collections::BTreeMap;

/// Pupils of a class, in seat order, whose voices are heard; the last of those with an
/// account leaves a draft.
const HEARD: usize = 10;

impl Making<'_> {
    /// What others than the homeroom teacher say, class by class.
    pub(super) async fn speak(&mut self, term: TermDates) -> Result<(), Failed> {
        let today = self.days.today();
        let closes = (term.ends_on - Days::new(7)).max(today + Days::new(4));
        // In the long holidays nobody is asked any more.
        if closes > term.ends_on + Days::new(40) {
            return Ok(());
        }
        let county = self.operator.stand_in(self.account(self.plan.county[0].1)?)?.county().await?;
        let id = term.term;
        let windows = [Step::Pupil, Step::Peer, Step::Guardian, Step::Subject]
            .map(|step| (step, None, Some(closes)))
            .into_iter()
            .chain([(Step::Selection, None, Some(closes + Days::new(2)))])
            .collect::<Vec<_>>();
        county
            .try_act(move |tx| {
                Ok(match SetWindows::prepare(tx, id, &windows)? {
                    Some(act) => crate::access::Attempt::Act(act),
                    None => crate::access::Attempt::Nothing(()),
                })
            })
            .await?
            .ok();
        for school in 0..self.plan.schools.len() {
            for at in self.taught(school, term.term) {
                self.class_speaks(school, at, term.term).await?;
                self.remind(school, at).await?;
            }
        }
        Ok(())
    }

    /// The class teacher reminds whoever has not evaluated themselves, and of the housework;
    /// the office reminds the class teacher whose turn it is.
    async fn remind(&mut self, school: usize, at: usize) -> Result<(), Failed> {
        self.days.pass();
        let homeroom = self.homeroom(school, at).await?;
        let own = homeroom.class();
        for matter in [Matter::OwnWords, Matter::Housework] {
            let waiting = homeroom.look(move |look| still_waiting(look, &own, matter)).await?;
            let students: Vec<StudentId> = waiting.into_iter().map(|waits| waits.student).collect();
            let reminded = homeroom.try_act(move |tx| Remind::prepare(tx, &own, matter, &students)).await;
            unless_not_now(reminded)?;
        }
        self.days.pass();
        let (office, class) = (self.office(school).await?, self.class(school, at)?.id);
        let whole = office.whole_school();
        unless_not_now(office.try_act(move |tx| RemindTeacher::prepare(tx, whole, class)).await)
    }

    async fn class_speaks(&mut self, school: usize, at: usize, term: Term) -> Result<(), Failed> {
        let plan = &self.plan.schools[school].classes[at];
        let stream = format!("voices {school} {} {}", plan.name.cohort.0, plan.name.number);
        let (mut chance, mut own, mut views) = (
            Chance::of(&stream),
            Deck::of(&self.words.own_words, &stream),
            Deck::of(&self.words.views, &format!("views {stream}")),
        );
        if plan.pupils.len() > peer::FEWEST_ANSWERS {
            let homeroom = self.homeroom(school, at).await?;
            let class = homeroom.class();
            homeroom.act(move |tx| DrawPeers::prepare(tx, &class)).await?;
        }
        let mut last = None;
        for (seat, pupil) in plan.pupils.iter().enumerate().take(HEARD) {
            let student = self.class(school, at)?.students[seat];
            if let Some((who, _)) = pupil.guardians.first().filter(|_| seat < 3 || chance.in_hundred(40)) {
                self.days.pass();
                let guardian = self.operator.stand_in(self.account(*who)?)?.family(student).await?;
                let child = guardian.child();
                let mut told = BTreeMap::new();
                for _ in 0..3 {
                    let row: &ViewRow = views.draw();
                    if let Ok(domain) = row.domain.parse::<Domain>() {
                        told.insert(domain, row.text.clone());
                    }
                }
                guardian.try_act(move |tx| TellView::prepare(tx, child, term, &told)).await?.ok();
            }
            let Some(who) = pupil.account else { continue };
            self.days.pass();
            let family = self.operator.stand_in(self.account(who)?)?.family(student).await?;
            self.speak_of_oneself(&family, term, &mut own, &mut chance, last.is_some()).await?;
            self.speak_of_peers(&family, term, &mut chance).await?;
            self.choose_records(&family, &pupil.name, term).await?;
            last = Some(seat);
        }
        Ok(())
    }

    async fn speak_of_oneself(
        &mut self,
        family: &Family,
        term: Term,
        deck: &mut Deck<'_, OwnWordsRow>,
        chance: &mut Chance,
        drafts: bool,
    ) -> Result<(), Failed> {
        let me = family.myself()?;
        let mut of: BTreeMap<Domain, OwnWords> = BTreeMap::new();
        for _ in 0..12 {
            let row = deck.draw();
            let Ok(domain) = row.domain.parse::<Domain>() else { continue };
            let band: Option<Band> = if chance.in_hundred(35) { "excellent" } else { "good" }.parse().ok();
            let words =
                OwnWords { did: row.did.clone(), learned: row.learned.clone(), intends: row.intends.clone(), band };
            of.entry(domain).or_insert(words);
        }
        for (domain, words) in of {
            self.days.pass();
            family.try_act(move |tx| DraftSelf::prepare(tx, me, term, domain, &words)).await?.ok();
        }
        if !drafts || chance.in_hundred(60) {
            self.days.pass();
            family.try_act(move |tx| ConfirmSelf::prepare(tx, me, term)).await?.ok();
        }
        Ok(())
    }

    async fn speak_of_peers(&mut self, family: &Family, term: Term, chance: &mut Chance) -> Result<(), Failed> {
        let me = family.myself()?;
        let peers = family.look(move |look| asked_about(look, me, term)).await?;
        for peer in peers {
            self.days.pass();
            let said: BTreeMap<Domain, String> = Domain::ALL
                .iter()
                .map(|domain| {
                    let sayings = peer::sayings(*domain);
                    let said = sayings.get(chance.below(sayings.len() + 1)).map_or(peer::UNSEEN, |(code, _)| *code);
                    (*domain, said.to_owned())
                })
                .collect();
            let about = peer.student;
            family.try_act(move |tx| TellOfPeer::prepare(tx, me, term, about, &said)).await?.ok();
        }
        Ok(())
    }

    /// The newest record of each domain, and why.
    pub(super) async fn choose_records(&mut self, family: &Family, name: &str, term: Term) -> Result<(), Failed> {
        let (me, child) = (family.myself()?, family.child());
        let records = family.look(move |look| records_of_term(look, child, term)).await?;
        let mut chosen: BTreeMap<ActivityId, String> = BTreeMap::new();
        let mut seen = Vec::new();
        for kept in records.iter().filter(|kept| kept.state == State::Confirmed) {
            if !seen.contains(&kept.told.domain) {
                seen.push(kept.told.domain);
                let why = match (kept.told.domain, term.half()) {
                    (Domain::Moral, Half::First) => "那天有人因为我少走了一段难路，我一直记着。",
                    (Domain::Moral, Half::Second) => "没有人叫我去，是我自己想去的。",
                    (Domain::Academic, Half::First) => "第一次把一件事从头问到尾，自己弄明白了。",
                    (Domain::Academic, Half::Second) => "弄懂了以后讲给同桌听，她也会了。",
                    (Domain::Physical, Half::First) => "以前不敢上场，这回坚持到了最后。",
                    (Domain::Physical, Half::Second) => "一个人也坚持下来了。",
                    (Domain::Aesthetic, Half::First) => "大家一起做成的，站在台上那一刻手都在抖。",
                    (Domain::Aesthetic, Half::Second) => "看久了才看出好在哪里。",
                    (Domain::Labour, Half::First) => "手上磨出了泡，可看到地干净了心里很亮堂。",
                    (Domain::Labour, Half::Second) => "家里人说用得上，这句话我记住了。",
                };
                chosen.insert(kept.activity, why.to_owned());
            }
        }
        self.days.pass();
        let name = name.to_owned();
        let signed = name.clone();
        family.try_act(move |tx| SelectRecords::prepare(tx, me, term, &name, &chosen, Some(&signed))).await?.ok();
        Ok(())
    }
}

/// A signed class is not reminded of anything.
fn unless_not_now<T>(reminded: Result<T, Refused>) -> Result<(), Failed> {
    match reminded {
        Ok(_) | Err(Refused::Conflict(_)) => Ok(()),
        Err(other) => Err(other.into()),
    }
}
