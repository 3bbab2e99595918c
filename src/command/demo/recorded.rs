//! What a class does in the present term, written down as it would be: activities of
//! all, rolls, stories of single pupils.

use super::chance::{Chance, Deck};
use super::drawn::photo;
use super::making::Making;
use super::words::{ActivityRow, RecordRow};
use crate::access::{Family, Homeroom, Refused, SentPhoto};
use crate::command::Failed;
use crate::names::{ActivityId, Half, StudentId};
use crate::record::evidence::{lay, receive};
use crate::record::{
    DayTaken, Part, Pledge, RecordActivity, ReviewRecords, RollKind, Ruling, SubmitRecord, TakeRoll, Telling, monday_of,
};
use crate::roster::calendar::TermDates;
use crate::roster::{ConsentChanged, at_school};
use chrono::{Days, NaiveDate};
use std::collections::BTreeSet;

/// Pupils of whom a story of their own is told.
const STORIES: usize = 12;

/// Under which observation item a story is written down, by a family and by a teacher.
pub fn item_of(domain: &str) -> (&'static str, &'static str) {
    match domain {
        "moral" => ("D12", "D31"),
        "academic" => ("Z31", "Z31"),
        "physical" => ("T24", "T23"),
        "aesthetic" => ("M41", "M32"),
        _ => ("L42", "L42"),
    }
}

impl Making<'_> {
    /// The present term so far, class by class.
    pub(super) async fn record_term(&mut self, term: TermDates) -> Result<(), Failed> {
        for school in 0..self.plan.schools.len() {
            for at in self.taught(school, term.term) {
                self.days.pass();
                let homeroom = self.homeroom(school, at).await?;
                let plan = &self.plan.schools[school].classes[at];
                let stream = format!("records {school} {} {}", plan.name.cohort.0, plan.name.number);
                let mut chance = Chance::of(&stream);
                self.record_activities(&homeroom, school, at, term, &mut chance).await?;
                self.take_rolls(&homeroom, school, at, term, &mut chance).await?;
                self.tell_stories(&homeroom, school, at, term, &stream).await?;
            }
        }
        Ok(())
    }

    async fn record_activities(
        &mut self,
        homeroom: &Homeroom,
        school: usize,
        at: usize,
        term: TermDates,
        chance: &mut Chance,
    ) -> Result<(), Failed> {
        let half = if term.term.half() == Half::First { 1 } else { 2 };
        let (words, students) = (self.words, self.class(school, at)?.students.clone());
        for row in words.activities.iter().filter(|row| row.half == half) {
            let (first, last) = span(row, term);
            if last >= self.days.today() - Days::new(17) {
                continue;
            }
            self.days.pass();
            let told = self.told(row, first, last)?;
            let missing = chance.below(students.len().max(1));
            let pupils: Vec<(StudentId, Part)> = students
                .iter()
                .enumerate()
                .filter(|(seat, _)| students.len() < 3 || *seat != missing)
                .map(|(seat, student)| {
                    let part = match (seat + row.title.len()) % 17 {
                        3 => Part::Organiser,
                        5 | 11 => Part::Main,
                        _ => Part::Participant,
                    };
                    (*student, part)
                })
                .collect();
            self.write_down(homeroom, told, pupils).await?;
        }
        Ok(())
    }

    async fn write_down(
        &mut self,
        homeroom: &Homeroom,
        told: Telling,
        pupils: Vec<(StudentId, Part)>,
    ) -> Result<(), Failed> {
        let own = homeroom.class();
        let id = ActivityId::new();
        let made =
            homeroom.try_act(move |tx| RecordActivity::prepare(tx, &own, id, told, false, &pupils, vec![])).await?;
        debug_assert!(made.is_ok(), "a new activity is always something new");
        Ok(())
    }

    pub(super) fn told(&self, row: &ActivityRow, first: NaiveDate, last: NaiveDate) -> Result<Telling, Failed> {
        let domain = self.domain_of(&row.indicator)?;
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Ok(Telling {
            indicator: row.indicator.clone(),
            domain,
            also: row.also.parse().into_iter().collect(),
            title: row.title.clone(),
            starts_on: first,
            ends_on: last,
            place: some(&row.place),
            organiser: some(&row.organiser),
            level: None,
            minutes: row.hours.map(|hours| hours * 60),
            attained: None,
            words: some(&row.words),
        })
    }

    fn domain_of(&self, indicator: &str) -> Result<crate::names::Domain, Failed> {
        let item = self.scheme.indicators.iter().find(|item| item.code == indicator);
        item.and_then(|item| item.domain)
            .ok_or_else(|| Failed::because(format!("seed/demo/activities.csv：没有观测点 {indicator}。")))
    }

    /// The flag was raised on every Monday; somebody was missing now and then.
    async fn take_rolls(
        &mut self,
        homeroom: &Homeroom,
        school: usize,
        at: usize,
        term: TermDates,
        chance: &mut Chance,
    ) -> Result<(), Failed> {
        let students = self.class(school, at)?.students.clone();
        let until = self.days.today() - Days::new(17);
        let own = homeroom.class();
        for (kind, weeks) in [(RollKind::Flag, 30), (RollKind::Duty, 3)] {
            let mut days = Vec::new();
            let mut monday = monday_of(until);
            while days.len() < weeks && monday > term.starts_on {
                let absent: BTreeSet<StudentId> = students.iter().copied().filter(|_| chance.below(60) == 7).collect();
                if monday <= until.min(term.ends_on) {
                    days.push(DayTaken { day: monday, held: true, absent });
                }
                monday = monday - Days::new(7);
            }
            if !days.is_empty() {
                self.days.pass();
                homeroom
                    .try_act(move |tx| TakeRoll::prepare(tx, &own, term, kind, &days))
                    .await?
                    .unwrap_or_else(|unchanged| unchanged);
            }
        }
        Ok(())
    }

    /// Stories of single pupils: some the teacher wrote down, some the family handed in
    /// and the teacher confirmed.
    async fn tell_stories(
        &mut self,
        homeroom: &Homeroom,
        school: usize,
        at: usize,
        term: TermDates,
        stream: &str,
    ) -> Result<(), Failed> {
        let (words, mut chance) = (self.words, Chance::of(&format!("{stream} stories")));
        let students = self.class(school, at)?.students.clone();
        let mut decks: Vec<(&str, Deck<'_, RecordRow>)> = Vec::new();
        for domain in super::sayings::DOMAINS {
            let rows = words.records.get(domain).map_or(&[][..], Vec::as_slice);
            decks.push((domain, Deck::of(rows, &format!("{stream} {domain}"))));
        }
        let lived = (self.days.today() - term.starts_on).num_days().max(40) as usize - 30;
        for (n, student) in students.iter().copied().enumerate().take(STORIES) {
            let place = n % decks.len();
            let (domain, deck) = &mut decks[place];
            let (of_family, of_teacher) = item_of(domain);
            let row = deck.draw();
            let on = (term.starts_on + Days::new(chance.below(lived) as u64)).min(self.days.today());
            let family = self.family_of(school, at, n).await?.filter(|_| row.source.starts_with("本人"));
            let indicator = if family.is_some() { of_family } else { of_teacher };
            let activity = ActivityRow {
                half: 0,
                week: 0,
                days: 1,
                indicator: indicator.to_owned(),
                also: String::new(),
                title: row.title.clone(),
                place: row.place.clone(),
                organiser: String::new(),
                hours: None,
                words: row.text.clone(),
            };
            let told = self.told(&activity, on, on)?;
            self.days.pass();
            match family {
                Some(family) => {
                    let photo = if n % 2 == 0 { self.photo_of(school, at, n).await? } else { None };
                    let id = self.hand_in(&family, told, term, photo).await?;
                    self.days.pass();
                    let own = homeroom.class();
                    let wanted = [(student, id)];
                    homeroom
                        .try_act(move |tx| ReviewRecords::prepare(tx, &own, &wanted, Ruling::Confirm))
                        .await?
                        .unwrap_or_else(|unchanged| unchanged);
                }
                None => self.write_down(homeroom, told, vec![(student, Part::Main)]).await?,
            }
        }
        Ok(())
    }

    /// Whoever writes for a pupil: the pupil, or the guardian who is asked first.
    pub(super) async fn family_of(&self, school: usize, at: usize, seat: usize) -> Result<Option<Family>, Failed> {
        let pupil = &self.plan.schools[school].classes[at].pupils[seat];
        let who = pupil.account.or(pupil.guardians.first().map(|(who, _)| *who));
        let Some(who) = who.filter(|who| self.accounts[*who].is_some()) else { return Ok(None) };
        let student = self.class(school, at)?.students[seat];
        Ok(Some(self.operator.stand_in(self.account(who)?)?.family(student).await?))
    }

    /// A photo for a pupil's record, once the guardians have consented to photos; `None`
    /// where the pupil has none who could.
    pub(super) async fn photo_of(&mut self, school: usize, at: usize, seat: usize) -> Result<Option<Vec<u8>>, Failed> {
        let guardians = self.plan.schools[school].classes[at].pupils[seat].guardians.clone();
        let student = self.class(school, at)?.students[seat];
        let mut asked = false;
        for (who, _) in guardians {
            let account = self.account(who)?;
            let family = self.operator.stand_in(account)?.family(student).await?;
            if family.consent().is_none() {
                self.days.pass();
                let version = family.house().consent.on(family.house().clock.today()).version;
                let given = ConsentChanged::by(&family.guardian()?, account, true, version);
                family.act(move |_| Ok(given)).await?;
            }
            asked = true;
        }
        self.photos += 1;
        Ok(asked.then(|| photo(&format!("photo {}", self.photos))))
    }

    pub(super) async fn hand_in(
        &mut self,
        family: &Family,
        told: Telling,
        term: TermDates,
        photo: Option<Vec<u8>>,
    ) -> Result<ActivityId, Failed> {
        let sent = photo.map(|bytes| SentPhoto { file_name: "照片.png".to_owned(), bytes });
        let arrived = receive(sent.into_iter().collect()).await.map_err(Refused::Invalid)?;
        let photos = lay(family, arrived).await?;
        let (child, id) = (family.child(), ActivityId::new());
        family.try_act(move |tx| Pledge::prepare(tx, child, term.term)).await?.unwrap_or_else(|given| given);
        self.days.pass();
        family
            .try_act(move |tx| {
                let at = at_school(tx, child)?;
                SubmitRecord::prepare(tx, child, &at, id, told, Part::Main, (false, photos))
            })
            .await?
            .unwrap_or_else(|same| same);
        Ok(id)
    }
}

/// When an activity of the seed is held in a term; weeks are counted from the first.
fn span(row: &ActivityRow, term: TermDates) -> (NaiveDate, NaiveDate) {
    let first = monday_of(term.starts_on + Days::new(7 * row.week + 6));
    let first = if row.days > 1 { first } else { first + Days::new(row.title.chars().count() as u64 % 5) };
    (first, first + Days::new(row.days - 1))
}
