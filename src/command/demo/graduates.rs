//! Those who leave: what the class committee decides of three years, and how a
//! term is sealed.

use super::making::Making;
use crate::access::Homeroom;
use crate::command::Failed;
use crate::evaluation::{Band, decide_graduation};
use crate::names::{Domain, StudentId, Term};

impl Making<'_> {
    /// In its last term, before it is signed: the committee laid the six terms of
    /// each pupil side by side, and stays with the last.
    pub(super) async fn decide(&mut self, homeroom: &Homeroom, school: usize, at: usize) -> Result<(), Failed> {
        let own = homeroom.class();
        if Term::of_cohort(own.cohort())[5] != own.term() {
            return Ok(());
        }
        self.days.pass();
        let class = self.class(school, at)?;
        let decided: Vec<(StudentId, Vec<(Domain, Band)>)> = class
            .students
            .iter()
            .zip(&class.bands)
            .map(|(student, bands)| {
                let bands = Domain::ALL.iter().zip(bands);
                (*student, bands.filter_map(|(domain, band)| Some((*domain, (*band)?.parse().ok()?))).collect())
            })
            .collect();
        homeroom.act(move |tx| decide_graduation(tx, &own, decided)).await?;
        Ok(())
    }
}
