//! What some of those who leave chose in their last year, with photos: so that a county to
//! look at has portfolios with many pictures, with one, and with none.

use super::chance::{Chance, Deck};
use super::making::Making;
use super::recorded::item_of;
use super::sayings::DOMAINS;
use super::words::{ActivityRow, RecordRow};
use crate::command::Failed;
use crate::names::{Half, Term};
use crate::portfolio::file::Facts;
use crate::record::{ReviewRecords, Ruling};
use crate::roster::calendar::TermDates;
use chrono::Days;

/// In which domains the pupil at a seat has pictures: the first in all, in both terms; the
/// second in one, in the last.
fn pictured(seat: usize) -> &'static [&'static str] {
    match seat {
        0 => &DOMAINS,
        1 => &["labour"],
        _ => &[],
    }
}

impl Making<'_> {
    /// A term of grade 9, in which the first pupils of each class hand in records with
    /// photos, and choose them.
    pub(super) async fn picture(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        for at in self.taught(school, term.term) {
            let six = Term::of_cohort(self.plan.schools[school].classes[at].name.cohort);
            if !six[4..].contains(&term.term) {
                continue;
            }
            self.days.reach(term.ends_on - Days::new(30), 15);
            for seat in 0..2 {
                self.picture_one(school, at, seat, term).await?;
            }
        }
        Ok(())
    }

    async fn picture_one(&mut self, school: usize, at: usize, seat: usize, term: TermDates) -> Result<(), Failed> {
        let class = &self.plan.schools[school].classes[at];
        let Some(pupil) = class.pupils.get(seat) else { return Ok(()) };
        let (Some(who), name) = (pupil.account, pupil.name.clone()) else { return Ok(()) };
        let last = term.term.half() == Half::Second;
        if seat > 0 && !last {
            return Ok(());
        }
        let stream = format!("pictured {school} {} {} {seat}", class.name.cohort.0, class.name.number);
        let (mut chance, student) = (Chance::of(&stream), self.class(school, at)?.students[seat]);
        let words = self.words;
        for domain in pictured(seat) {
            let rows = words.records.get(*domain).map_or(&[][..], Vec::as_slice);
            let mut deck: Deck<'_, RecordRow> = Deck::of(rows, &format!("{stream} {domain}"));
            let mut draw = || deck.draw_that(|row| row.source.starts_with("本人"));
            let first = draw();
            let row = if last { draw() } else { first };
            let on = term.starts_on + Days::new(14 + chance.below(70) as u64);
            let told = ActivityRow {
                half: 0,
                week: 0,
                days: 1,
                indicator: item_of(domain).0.to_owned(),
                also: String::new(),
                title: row.title.clone(),
                place: row.place.clone(),
                organiser: String::new(),
                hours: None,
                words: row.text.clone(),
            };
            let told = self.told(&told, on, on)?;
            let photo = self.photo_of(school, at, seat).await?;
            let family = self.operator.stand_in(self.account(who)?)?.family(student).await?;
            let id = self.hand_in(&family, told, term, photo).await?;
            self.days.pass();
            let homeroom = self.homeroom(school, at).await?;
            let (own, wanted) = (homeroom.class(), [(student, id)]);
            homeroom
                .try_act(move |tx| ReviewRecords::prepare(tx, &own, &wanted, Ruling::Confirm))
                .await?
                .unwrap_or_else(|unchanged| unchanged);
        }
        if !pictured(seat).is_empty() {
            let family = self.operator.stand_in(self.account(who)?)?.family(student).await?;
            self.choose_records(&family, &name, term.term).await?;
        }
        Ok(())
    }
}

/// What is drawn of a pupil gives way where the pupil chose records of their own.
pub fn give_way(facts: &mut Facts, seat: usize, has_account: bool) {
    if has_account {
        facts.records.retain(|domain, _| !pictured(seat).contains(&domain.code()));
    }
}
