//! A class in a term: evaluated, signed, answered by the families. In the present
//! term some classes have only begun.

use super::chance::{Chance, Deck};
use super::making::{ClassMade, Making};
use super::sayings::{DOMAINS, Sayings};
use crate::access::Homeroom;
use crate::command::Failed;
use crate::evaluation::{Band, EvaluateStudents, Ground, SignClass, Wanted, WantedComment, WriteMessage};
use crate::names::{Domain, Term};
use crate::roster::calendar::TermDates;
use chrono::Days;
use std::collections::VecDeque;

/// How far a class is in the present term.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Filled {
    Signed,
    /// All but a few, and some grounds and a comment are missing.
    Nearly,
    /// Some domains of most pupils.
    Begun,
    Empty,
}

/// What is sent at one sitting.
#[derive(Default)]
struct Sitting {
    bands: Vec<Wanted>,
    comments: Vec<WantedComment>,
}

/// Pupils a teacher gets through in one sitting.
const PUPILS_A_SITTING: usize = 14;

impl Making<'_> {
    /// A past term: every class filled in and signed.
    pub(super) async fn evaluate(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        self.days.reach(term.ends_on - Days::new(16), 15);
        for at in self.taught(school, term.term) {
            let sittings = self.write(school, at, term.term, Filled::Signed);
            let homeroom = self.homeroom(school, at).await?;
            let all = sittings.into_iter().fold(Sitting::default(), |mut all, one| {
                all.bands.extend(one.bands);
                all.comments.extend(one.comments);
                all
            });
            self.send(&homeroom, term.term, all).await?;
            self.sign(&homeroom, term).await?;
        }
        Ok(())
    }

    /// The present term, half done: in the last weeks the teachers sat down some
    /// afternoons, and one or the other class is finished.
    pub(super) async fn begin_evaluating(&mut self, term: TermDates) -> Result<(), Failed> {
        let mut waiting = Vec::new();
        for school in 0..self.plan.schools.len() {
            for at in self.taught(school, term.term) {
                let filled = self.filled(school, at, term.term);
                let sittings: VecDeque<Sitting> = self.write(school, at, term.term, filled).into();
                waiting.push((school, at, filled, sittings));
            }
        }
        let mut day = (self.days.today() - Days::new(16)).max(term.starts_on + Days::new(12));
        while waiting.iter().any(|(.., sittings)| !sittings.is_empty()) {
            self.days.reach(day, 15);
            day = day + Days::new(2);
            for (school, at, _, sittings) in &mut waiting {
                if let Some(sitting) = sittings.pop_front() {
                    let homeroom = self.homeroom(*school, *at).await?;
                    self.send(&homeroom, term.term, sitting).await?;
                }
            }
        }
        self.days.reach(day, 16);
        for (school, at, ..) in waiting.into_iter().filter(|(_, _, filled, _)| *filled == Filled::Signed) {
            let homeroom = self.homeroom(school, at).await?;
            self.sign(&homeroom, term).await?;
            self.write_class_messages(school, at, term).await?;
        }
        Ok(())
    }

    fn filled(&self, school: usize, at: usize, term: Term) -> Filled {
        let class = self.plan.schools[school].classes[at].name;
        let grade = class.cohort.grade_in(term.year()).map_or(7, |grade| i32::from(grade.number()));
        match (grade, (class.number + school as i32) % 4) {
            (8, 1) | (9, 1) => Filled::Nearly,
            (8, _) => Filled::Signed,
            (7, 1) | (9, _) => Filled::Begun,
            _ => Filled::Empty,
        }
    }

    /// Whether families of the class can read the present term already.
    pub(super) fn is_signed_now(&self, school: usize, at: usize) -> bool {
        self.filled(school, at, self.present.term) == Filled::Signed
    }

    /// Whether the subject teachers of the class have done their part.
    pub(super) fn is_well_on(&self, school: usize, at: usize) -> bool {
        matches!(self.filled(school, at, self.present.term), Filled::Signed | Filled::Nearly)
    }

    pub(super) async fn homeroom(&self, school: usize, at: usize) -> Result<Homeroom, Failed> {
        let teacher = self.account(self.plan.schools[school].classes[at].homeroom)?;
        Ok(self.operator.stand_in(teacher)?.homeroom(self.class(school, at)?.id).await?)
    }

    /// Bands and comments of a class, sitting by sitting; the class remembers them.
    fn write(&mut self, school: usize, at: usize, term: Term, filled: Filled) -> Vec<Sitting> {
        let plan = &self.plan.schools[school].classes[at];
        let stream = format!("term {school} {} {} {term}", plan.name.cohort.0, plan.name.number);
        let mut sayings = Sayings::of(self.words, stream, self.scheme.comment_characters);
        let Some(class) = &mut self.classes[school][at] else { return Vec::new() };
        let mut sittings = Vec::new();
        for (seat, pupil) in plan.pupils.iter().enumerate() {
            if seat % PUPILS_A_SITTING == 0 {
                sittings.push(Sitting::default());
            }
            let bands = sayings.bands(&class.bands[seat]);
            let comment = sayings.comment(&pupil.name, &pupil.given, &bands, &mut class.said[seat]);
            let Some(sitting) = sittings.last_mut() else { continue };
            sitting.take(class, seat, filled, &bands, comment, &mut sayings);
            class.bands[seat] = bands.map(Some);
        }
        sittings.retain(|sitting| !sitting.bands.is_empty());
        sittings
    }

    async fn send(&mut self, homeroom: &Homeroom, term: Term, sitting: Sitting) -> Result<(), Failed> {
        self.days.pass();
        let (own, most) = (homeroom.class(), self.scheme.comment_characters);
        let sent = homeroom
            .try_act(move |tx| EvaluateStudents::prepare(tx, &own, term, &sitting.bands, &sitting.comments, None, most))
            .await?;
        match sent {
            Ok(outcome) if outcome.conflicts.is_empty() => Ok(()),
            _ => Err(Failed::because("演示县的等级没有存上。请告诉开发者。")),
        }
    }

    async fn sign(&mut self, homeroom: &Homeroom, term: TermDates) -> Result<(), Failed> {
        self.days.pass();
        let own = homeroom.class();
        homeroom.act(move |tx| SignClass::prepare(tx, &own, term.term, term, false)).await?;
        Ok(())
    }

    /// Some families answer what they read.
    pub(super) async fn write_messages(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        self.days.reach(term.ends_on - Days::new(4), 19);
        for at in self.taught(school, term.term) {
            self.write_class_messages(school, at, term).await?;
        }
        Ok(())
    }

    async fn write_class_messages(&mut self, school: usize, at: usize, term: TermDates) -> Result<(), Failed> {
        let plan = &self.plan.schools[school].classes[at];
        let stream = format!("messages {school} {} {} {}", plan.name.cohort.0, plan.name.number, term.term);
        let (mut chance, mut deck) = (Chance::of(&stream), Deck::of(&self.words.messages, &stream));
        for (seat, pupil) in plan.pupils.iter().enumerate() {
            let Some((who, _)) = pupil.guardians.first().filter(|_| seat < 3 || chance.in_hundred(30)) else {
                continue;
            };
            self.days.pass();
            let student = self.class(school, at)?.students[seat];
            let family = self.operator.stand_in(self.account(*who)?)?.family(student).await?;
            let (child, most) = (family.child(), self.scheme.message_characters);
            let text = if chance.in_hundred(30) { deck.draw().clone() + deck.draw() } else { deck.draw().clone() };
            let written = family.try_act(move |tx| WriteMessage::prepare(tx, child, term.term, &text, most)).await?;
            debug_assert!(written.is_ok(), "a first message always says something new");
        }
        Ok(())
    }
}

impl Sitting {
    fn take(
        &mut self,
        class: &ClassMade,
        seat: usize,
        filled: Filled,
        bands: &[&'static str; 5],
        comment: String,
        sayings: &mut Sayings,
    ) {
        let (student, last) = (class.students[seat], class.students.len().saturating_sub(seat));
        let is_there = |domain| match filled {
            Filled::Signed => true,
            Filled::Nearly => last > 3 || (last == 3 && domain < 3),
            Filled::Begun => seat * 5 < class.students.len() * 4 && domain % 2 == 0,
            Filled::Empty => false,
        };
        for (n, (domain, band)) in Domain::ALL.iter().zip(bands).enumerate().filter(|(n, _)| is_there(*n)) {
            let judged = sayings.judged(DOMAINS[n], band);
            let waits = filled != Filled::Signed && (seat * 5 + n) % 23 == 17;
            self.bands.push(Wanted {
                student,
                domain: *domain,
                band: judged.band.parse::<Band>().ok(),
                ground: judged.ground.filter(|_| !waits).map(Ground::Text),
                help: judged.help.filter(|_| !waits),
                revision: 0,
            });
        }
        let is_said = match filled {
            Filled::Signed => true,
            Filled::Nearly => last > 3 && seat % 17 != 6,
            Filled::Begun | Filled::Empty => false,
        };
        if is_said {
            self.comments.push(WantedComment { student, text: comment, revision: 0 });
        }
    }
}
