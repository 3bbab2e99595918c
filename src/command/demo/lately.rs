//! The last weeks of the present term: housework, what waits for the teacher, and what
//! school and home have said to each other.

use super::chance::{Chance, Deck};
use super::making::Making;
use super::words::ActivityRow;
use crate::access::Homeroom;
use crate::command::Failed;
use crate::names::{ContactId, StudentId};
use crate::record::{Chore, ContactKind, HouseworkState, NewContact, SayHousework, WriteContact, monday_of};
use crate::roster::calendar::TermDates;
use chrono::{Days, NaiveDate};

/// Pupils whose family sees to housework.
const AT_HOME: usize = 4;
/// What waits for the teacher in the last days.
const WAITING: usize = 4;

impl Making<'_> {
    /// A few weeks of housework, confirmed at home.
    async fn keep_house_at_home(
        &mut self,
        school: usize,
        at: usize,
        term: TermDates,
        chance: &mut Chance,
    ) -> Result<(), Failed> {
        let pupils = self.plan.schools[school].classes[at].pupils.len().min(AT_HOME);
        for seat in 0..pupils {
            let Some((who, _)) = self.plan.schools[school].classes[at].pupils[seat].guardians.first() else { continue };
            let student = self.class(school, at)?.students[seat];
            let family = self.operator.stand_in(self.account(*who)?)?.family(student).await?;
            let child = family.child();
            for back in [1, 2, 3] {
                let monday = monday_of(self.days.today() - Days::new(7 * back));
                if monday < term.starts_on {
                    continue;
                }
                self.days.pass();
                let items: Vec<Chore> = Chore::ALL.iter().copied().filter(|_| chance.in_hundred(35)).collect();
                let items = if items.is_empty() { vec![Chore::Dishes] } else { items };
                // One family has something to say about the last week.
                let (state, note) = match (seat, back) {
                    (0, 1) => (HouseworkState::Differs, "周三那天的碗是奶奶洗的，别的都对。"),
                    _ => (HouseworkState::Confirmed, ""),
                };
                family
                    .try_act(move |tx| SayHousework::prepare(tx, child, term, monday, items, state, note))
                    .await?
                    .unwrap_or_else(|same| same);
            }
        }
        Ok(())
    }

    /// In the last days: what families handed in and the teacher has not read yet, a
    /// visit at home, and the parents' meeting that is coming.
    pub(super) async fn leave_waiting(&mut self, term: TermDates) -> Result<(), Failed> {
        let today = self.days.today();
        if today > term.ends_on {
            return Ok(());
        }
        for school in 0..self.plan.schools.len() {
            for at in self.taught(school, term.term) {
                let plan = &self.plan.schools[school].classes[at];
                let stream = format!("waiting {school} {} {}", plan.name.cohort.0, plan.name.number);
                let mut deck = Deck::of(&self.words.hours, &stream);
                let students = self.class(school, at)?.students.clone();
                let homeroom = self.homeroom(school, at).await?;
                for seat in 0..students.len().min(WAITING) {
                    let Some(family) = self.family_of(school, at, seat).await? else { continue };
                    let place = deck.draw_that(|row| row.what == "志愿服务").place.clone();
                    let place = place.split('、').next().unwrap_or_default().to_owned();
                    let on = (today - Days::new(3 + seat as u64 / 2)).max(term.starts_on);
                    let row = ActivityRow {
                        half: 0,
                        week: 0,
                        days: 1,
                        indicator: "D32".to_owned(),
                        also: "labour".to_owned(),
                        title: format!("到{place}帮忙"),
                        place,
                        organiser: "村里的王主任".to_owned(),
                        hours: Some(2 + seat as i32 % 2),
                        words: [
                            "跟着大人一起收拾，擦了桌子和窗台，走的时候爷爷奶奶送到门口。",
                            "分了两组，我们管登记和递东西，忙了一上午没有坐下。",
                        ][seat % 2]
                            .to_owned(),
                    };
                    let told = self.told(&row, on, on)?;
                    self.days.pass();
                    let photo = if seat % 2 == 0 { self.photo_of(school, at, seat).await? } else { None };
                    self.hand_in(&family, told, term, photo).await?;
                }
                let mut chance = Chance::of(&stream);
                self.keep_house_at_home(school, at, term, &mut chance).await?;
                self.days.pass();
                self.meet_families(&homeroom, &students, today, term).await?;
            }
        }
        Ok(())
    }

    async fn meet_families(
        &mut self,
        homeroom: &Homeroom,
        students: &[StudentId],
        today: NaiveDate,
        term: TermDates,
    ) -> Result<(), Failed> {
        let visit = NewContact {
            id: ContactId::new(),
            kind: ContactKind::Visit,
            day: (today - Days::new(9)).max(term.starts_on),
            place: Some("家里".to_owned()),
            words: "和奶奶坐了一会儿。孩子每天先写作业再帮着烧炉子，晚上睡得早。说好寒假里每周打一次电话。".to_owned(),
            shared: true,
        };
        let meeting = NewContact {
            id: ContactId::new(),
            kind: ContactKind::Meeting,
            day: (today + Days::new(8)).min(term.ends_on),
            place: Some("本班教室".to_owned()),
            words: "期末家长会，下午两点开始。看看孩子这学期做过的事，也听听家里的打算。".to_owned(),
            shared: true,
        };
        let own = homeroom.class();
        for (new, families) in [(visit, &students[..students.len().min(1)]), (meeting, students)] {
            self.days.pass();
            let families = families.to_vec();
            homeroom
                .try_act(move |tx| WriteContact::prepare(tx, &own, new, &families))
                .await?
                .unwrap_or_else(|same| same);
        }
        Ok(())
    }
}
