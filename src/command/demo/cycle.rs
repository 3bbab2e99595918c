//! Between signing and sealing: the office opens the notice, it ends by itself, the
//! class teacher checks, the office reviews. In the present term one class is in its
//! notice, and in another somebody objects.

use super::making::Making;
use crate::command::Failed;
use crate::names::Domain;
use crate::notice::{CheckClass, Item, OpenNotice, RaiseObjection, ReviewClass};
use crate::roster::at_school;
use crate::roster::calendar::TermDates;
use chrono::{Days, NaiveDate};

const WITHOUT: &str = "个别同学没有材料，家长知道，按无记录公示。";
const OBJECTION: &str = "孩子这学期每周三都去敬老院读报，老师可能不知道。请把这件事考虑进去，再看看这一育的等级。";

impl Making<'_> {
    /// A past term: every class is noticed, checked and reviewed.
    pub(super) async fn notice_term(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        self.days.reach(term.ends_on - Days::new(14), 8);
        let mut last = None;
        for at in self.taught(school, term.term) {
            last = last.max(Some(self.open_notice(school, at, term).await?));
        }
        let Some(last) = last else { return Ok(()) };
        self.days.reach(last + Days::new(1), 9);
        for at in self.taught(school, term.term) {
            self.days.pass();
            let homeroom = self.homeroom(school, at).await?;
            let own = homeroom.class();
            homeroom.act(move |tx| CheckClass::prepare(tx, &own, term.term)).await?;
            self.days.pass();
            let (office, class) = (self.office(school).await?, self.class(school, at)?.id);
            let whole = office.whole_school();
            office.act(move |tx| ReviewClass::prepare(tx, whole, class, term.term)).await?;
        }
        Ok(())
    }

    async fn open_notice(&mut self, school: usize, at: usize, term: TermDates) -> Result<NaiveDate, Failed> {
        self.days.pass();
        let (office, class) = (self.office(school).await?, self.class(school, at)?.id);
        let whole = office.whole_school();
        let opened = office.act(move |tx| OpenNotice::prepare(tx, whole, class, term.term, WITHOUT)).await?;
        Ok(opened.1)
    }

    /// The present term: the signed classes of the first two schools are noticed, and in
    /// the second school a family objects.
    pub(super) async fn begin_notices(&mut self, term: TermDates) -> Result<(), Failed> {
        for school in 0..self.plan.schools.len().min(2) {
            let signed = self.taught(school, term.term).into_iter().find(|at| self.is_signed_now(school, *at));
            let Some(at) = signed else { continue };
            self.open_notice(school, at, term).await?;
            if school == 1 {
                self.object(school, at, term).await?;
            }
        }
        Ok(())
    }

    async fn object(&mut self, school: usize, at: usize, term: TermDates) -> Result<(), Failed> {
        let pupils = &self.plan.schools[school].classes[at].pupils;
        let found = pupils.iter().enumerate().find_map(|(seat, pupil)| Some((seat, pupil.guardians.first()?.0)));
        let Some((seat, who)) = found else { return Ok(()) };
        self.days.pass();
        let student = self.class(school, at)?.students[seat];
        let family = self.operator.stand_in(self.account(who)?)?.family(student).await?;
        let child = family.child();
        family
            .act(move |tx| {
                let at = at_school(tx, child)?;
                RaiseObjection::prepare(tx, &at.class, term.term, student, Item::Band(Domain::Moral), OBJECTION)
            })
            .await?;
        Ok(())
    }
}
