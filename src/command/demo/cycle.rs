//! Between signing and sealing: the office opens the notice, it ends by itself, the
//! class teacher checks, the office reviews. In the present term two classes are in
//! their notice, and somebody objects.

use super::making::Making;
use crate::command::Failed;
use crate::notice::{CheckClass, OpenNotice, ReviewClass};
use crate::roster::calendar::TermDates;
use chrono::{Days, NaiveDate};

const WITHOUT: &str = "个别同学没有材料，家长知道，按无记录公示。";

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
            match school {
                0 => self.objections_taken_further(school, at, term.term).await?,
                _ => self.one_objection(school, at, term.term).await?,
            }
        }
        Ok(())
    }
}
