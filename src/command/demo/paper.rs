//! The third school joined the county's platform in the present school year: what it
//! kept on paper of the terms before is entered and sealed as 补录. One term still waits
//! for its principal.

use super::making::Making;
use super::sayings::Sayings;
use crate::command::Failed;
use crate::evaluation::{EnterPaper, PaperRow};
use crate::names::{Half, Term};
use crate::portfolio::SealPaper;
use crate::roster::calendar::TermDates;
use chrono::Days;

/// Its place in the plan.
const JOINED_LATER: usize = 2;

impl Making<'_> {
    /// The schools that are there in a term.
    pub(super) fn schools_in(&self, term: Term) -> Vec<usize> {
        let there = |school: &usize| *school != JOINED_LATER || term >= self.joining_term();
        (0..self.plan.schools.len()).filter(there).collect()
    }

    /// The school whose first term on the platform is this one, its years before it on paper.
    pub(super) fn joining_in(&self, term: Term) -> Option<usize> {
        let planned = self.plan.schools.len() > JOINED_LATER;
        (planned && term == self.joining_term()).then_some(JOINED_LATER)
    }

    fn joining_term(&self) -> Term {
        Term::of(self.present.term.year(), Half::First)
    }

    /// The office enters what paper tells of the terms before, the principal signs it.
    pub(super) async fn enter_paper(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        self.days.reach(term.starts_on + Days::new(25), 10);
        for at in self.taught(school, term.term) {
            let cohort = self.plan.schools[school].classes[at].name.cohort;
            let before: Vec<Term> = Term::of_cohort(cohort).into_iter().filter(|past| *past < term.term).collect();
            for past in &before {
                let rows = self.on_paper(school, at, *past)?;
                let (class, past) = (self.class(school, at)?.id, *past);
                self.days.pass();
                let office = self.office(school).await?;
                let whole = office.whole_school();
                office.act(move |tx| EnterPaper::prepare(tx, whole, class, past, rows)).await?;
                // Of the eldest the last one waits for its signature.
                if before.len() == 4 && Some(&past) == before.last() {
                    continue;
                }
                self.days.pass();
                let principal = self.principal(school).await?;
                let (whole, county) = (principal.whole_school(), principal.house().county.clone());
                principal.act(move |tx| SealPaper::prepare(tx, whole, &county, class, past)).await?;
            }
        }
        Ok(())
    }

    /// Five words and a comment for each, as the paper has them; the class remembers them.
    fn on_paper(&mut self, school: usize, at: usize, term: Term) -> Result<Vec<PaperRow>, Failed> {
        let plan = &self.plan.schools[school].classes[at];
        let stream = format!("paper {school} {} {} {term}", plan.name.cohort.0, plan.name.number);
        let mut sayings = Sayings::of(self.words, stream, self.scheme.comment_characters);
        let class = self.classes[school][at].as_mut().ok_or_else(|| super::making::out_of_order("班级"))?;
        let mut rows = Vec::with_capacity(plan.pupils.len());
        for (seat, pupil) in plan.pupils.iter().enumerate() {
            let bands = sayings.bands(&class.bands[seat]);
            let comment = sayings.comment(&pupil.name, &pupil.given, &bands, &mut class.said[seat]);
            class.bands[seat] = bands.map(Some);
            rows.push(PaperRow { student: class.students[seat], bands: bands.map(|band| band.parse().ok()), comment });
        }
        Ok(rows)
    }
}
