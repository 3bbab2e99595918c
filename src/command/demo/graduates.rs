//! How a term ends: the principal seals it, class by class; and for those who
//! leave, the committee decides of three years, and these are sealed as well.

use super::facts::FactsOf;
use super::making::Making;
use super::pictured::give_way;
use crate::command::Failed;
use crate::evaluation::{Band, DecideGraduate, TickGraduate, WriteStatement};
use crate::names::{Domain, StudentId, Term};
use crate::notice::{CheckGraduation, OpenGraduation, ReviewGraduation};
use crate::portfolio::file::Facts;
use crate::portfolio::{NotReady, SealGraduation, SealTerm};
use crate::roster::calendar::TermDates;
use chrono::{Days, NaiveDate};
use std::collections::HashMap;

const ON_PAPER: &str = "没有账号的学生，自我陈述写在纸上交来了。";
const FAREWELL: &str = "三年里遇事肯想办法，做事有头有尾，待人和气。往后的路长，记着自己是怎样一步一步走过来的。";

impl Making<'_> {
    /// Every class of a past term is sealed on its last days.
    pub(super) async fn seal_term(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        self.days.reach(term.ends_on - Days::new(2), 10);
        for at in self.taught(school, term.term) {
            self.days.pass();
            let principal = self.principal(school).await?;
            let (whole, county) = (principal.whole_school(), principal.house().county.clone());
            let class = self.class(school, at)?.id;
            let sealed = principal.act(move |tx| SealTerm::prepare(tx, whole, &county, class, term.term)).await?;
            self.check_all(school, at, sealed)?;
        }
        Ok(())
    }

    /// Those whose sixth term this was.
    pub(super) async fn graduate(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        self.days.reach(term.ends_on - Days::new(1), 10);
        let mut last = None;
        for at in self.taught(school, term.term) {
            if Term::of_cohort(self.plan.schools[school].classes[at].name.cohort)[5] == term.term {
                self.decide(school, at).await?;
                last = last.max(Some(self.notice_graduation(school, at).await?));
            }
        }
        let Some(last) = last else { return Ok(()) };
        self.days.reach(last + Days::new(1), 9);
        for at in self.taught(school, term.term) {
            if Term::of_cohort(self.plan.schools[school].classes[at].name.cohort)[5] == term.term {
                self.review_graduation(school, at).await?;
                self.seal_graduation(school, at).await?;
            }
        }
        Ok(())
    }

    async fn notice_graduation(&mut self, school: usize, at: usize) -> Result<NaiveDate, Failed> {
        self.days.pass();
        let (office, class) = (self.office(school).await?, self.class(school, at)?.id);
        let whole = office.whole_school();
        Ok(office.act(move |tx| OpenGraduation::prepare(tx, whole, class, ON_PAPER)).await?.1)
    }

    /// The class teacher signs, and the office looks every file through.
    async fn review_graduation(&mut self, school: usize, at: usize) -> Result<(), Failed> {
        self.days.pass();
        let homeroom = self.homeroom(school, at).await?;
        let own = homeroom.class();
        homeroom.act(move |tx| CheckGraduation::prepare(tx, &own)).await?;
        let (office, class) = (self.office(school).await?, self.class(school, at)?.id);
        let whole = office.whole_school();
        for student in self.class(school, at)?.students.clone() {
            self.days.pass();
            office.act(move |tx| TickGraduate::prepare(tx, whole, class, student)).await?;
        }
        self.days.pass();
        office.act(move |tx| ReviewGraduation::prepare(tx, whole, class)).await?;
        Ok(())
    }

    /// The committee laid the six terms of each pupil side by side, and stays with
    /// the last.
    async fn decide(&mut self, school: usize, at: usize) -> Result<(), Failed> {
        self.days.pass();
        let homeroom = self.homeroom(school, at).await?;
        let (own, class) = (homeroom.class(), self.class(school, at)?);
        let decided: Vec<(StudentId, Vec<(Domain, Band)>)> = class
            .students
            .iter()
            .zip(&class.bands)
            .map(|(student, bands)| {
                let bands = Domain::ALL.iter().zip(bands);
                (*student, bands.filter_map(|(domain, band)| Some((*domain, (*band)?.parse().ok()?))).collect())
            })
            .collect();
        for (student, bands) in decided {
            self.days.pass();
            let bands: Vec<(Domain, Option<Band>)> = bands.into_iter().map(|(of, band)| (of, Some(band))).collect();
            let told = homeroom.try_act(move |tx| DecideGraduate::prepare(tx, &own, student, &bands, FAREWELL)).await?;
            debug_assert!(told.is_ok(), "what was decided first is new");
        }
        self.state(school, at).await
    }

    /// Those with an account of their own say how they came so far.
    async fn state(&mut self, school: usize, at: usize) -> Result<(), Failed> {
        let plan = &self.plan.schools[school];
        let mut facts =
            FactsOf::class(self.words, &plan.classes[at], &plan.name, &self.operator.county().house().county);
        for (seat, pupil) in plan.classes[at].pupils.iter().enumerate() {
            let statement = facts.pupil(pupil).statement.join("\n");
            let Some(who) = pupil.account else { continue };
            self.days.pass();
            let student = self.class(school, at)?.students[seat];
            let family = self.operator.stand_in(self.account(who)?)?.family(student).await?;
            let me = family.myself()?;
            family.try_act(move |tx| WriteStatement::prepare(tx, me, &statement)).await?.ok();
        }
        Ok(())
    }

    async fn seal_graduation(&mut self, school: usize, at: usize) -> Result<(), Failed> {
        self.days.pass();
        let principal = self.principal(school).await?;
        let (whole, county) = (principal.whole_school(), principal.house().county.clone());
        let (plan, class) = (&self.plan.schools[school], self.class(school, at)?);
        let mut facts = FactsOf::class(self.words, &plan.classes[at], &plan.name, &county);
        let facts: HashMap<StudentId, Facts> = class
            .students
            .iter()
            .zip(&plan.classes[at].pupils)
            .enumerate()
            .map(|(seat, (student, pupil))| {
                let mut facts = facts.pupil(pupil);
                give_way(&mut facts, seat, pupil.account.is_some());
                (*student, facts)
            })
            .collect();
        let id = class.id;
        let sealed = principal.act(move |tx| SealGraduation::prepare(tx, whole, &county, id, facts)).await?;
        self.check_all(school, at, sealed)
    }

    pub(super) async fn principal(&self, school: usize) -> Result<crate::access::Principal, Failed> {
        let account = self.account(self.plan.schools[school].principal)?;
        Ok(self.operator.stand_in(account)?.principal().await?)
    }

    fn check_all(&self, school: usize, at: usize, sealed: (usize, Vec<NotReady>)) -> Result<(), Failed> {
        let (sealed, waiting) = sealed;
        match waiting.first() {
            Some(first) => Err(Failed::because(format!("演示县没有造好：{}没有归档，{}。", first.name, first.why))),
            None if sealed != self.class(school, at)?.students.len() => {
                Err(Failed::because("演示县没有造好：有的学生没有归档。请告诉开发者。"))
            }
            None => Ok(()),
        }
    }
}
