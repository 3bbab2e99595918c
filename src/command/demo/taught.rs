//! What subject teachers bring: once a year the fitness tests, and in the present term
//! the bands of their subjects.

use super::chance::Chance;
use super::making::Making;
use super::sayings::band_after;
use crate::access::PHYSICAL_EDUCATION;
use crate::command::Failed;
use crate::evaluation::{BandSubject, WantedSubject};
use crate::fitness::{Accepted, Item, Measure, Measures, Sitting, TakeTests};
use crate::names::{Half, Sex, StudentId};
use crate::roster::Position;
use crate::roster::calendar::TermDates;
use crate::ticks::{Kind, Level, TickClass};
use chrono::Days;

impl Making<'_> {
    /// In the autumn every class is tested; in past years its PE teacher is the one of
    /// today, or the first of the school.
    pub(super) async fn test_fitness(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        if term.term.half() == Half::Second {
            return Ok(());
        }
        self.days.reach(term.starts_on + Days::new(45), 15);
        let office = self.office(school).await?;
        for at in self.taught(school, term.term) {
            let plan = &self.plan.schools[school];
            let mut of_sport = plan.teachers.iter().filter(|teacher| teacher.subject == PHYSICAL_EDUCATION);
            let first = of_sport.clone().next();
            let Some(teacher) = of_sport.find(|teacher| teacher.classes.contains(&at)).or(first) else { continue };
            let class = self.class(school, at)?.id;
            if term.term != self.present.term {
                let subject = PHYSICAL_EDUCATION.to_owned();
                self.appoint(&office, teacher.who, Position::Subject { class, term: term.term, subject }).await?;
            }
            self.days.pass();
            let rows = self.measured(school, at, term);
            let pe = self.operator.stand_in(self.account(teacher.who)?)?.physical_education(class).await?;
            let grant = pe.clone();
            pe.act(move |tx| TakeTests::prepare(tx, &grant.class(), Sitting::First, rows)).await?;
        }
        Ok(())
    }

    fn measured(&self, school: usize, at: usize, term: TermDates) -> Vec<Accepted> {
        let plan = &self.plan.schools[school].classes[at];
        let grade = plan.name.cohort.grade_in(term.term.year()).map_or(7, |grade| i32::from(grade.number()));
        let Some(class) = &self.classes[school][at] else { return Vec::new() };
        class
            .students
            .iter()
            .zip(&plan.pupils)
            .enumerate()
            .map(|(seat, (student, pupil))| {
                let stream = format!("fitness {school} {} {} {seat}", plan.name.cohort.0, plan.name.number);
                // One in fifty is exempt, and stays so.
                let exempt = Chance::of(&format!("{stream} exempt")).in_hundred(2);
                let measures = if exempt { Measures::exempted() } else { measures(&stream, pupil.sex, grade) };
                Accepted { student: *student, measures }
            })
            .collect()
    }

    /// Bands of the subjects, in the classes that are well on in the present term.
    pub(super) async fn band_subjects(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        let plan = &self.plan.schools[school];
        for teacher in &plan.teachers {
            for at in &teacher.classes {
                if !self.is_well_on(school, *at) {
                    continue;
                }
                self.days.pass();
                let class = self.class(school, *at)?;
                let name = plan.classes[*at].name;
                let stream = format!("subject {school} {} {} {}", name.cohort.0, name.number, teacher.subject);
                let mut chance = Chance::of(&stream);
                let wanted: Vec<WantedSubject> = class
                    .students
                    .iter()
                    .map(|student| {
                        let band = band_after(&mut chance, None).parse().ok();
                        WantedSubject { student: *student, band, line: None, revision: 0 }
                    })
                    .collect();
                let stand_in = self.operator.stand_in(self.account(teacher.who)?)?;
                let desk = stand_in.subject(class.id).await?;
                let (own, subject) = (desk.class(), desk.own(teacher.subject)?);
                let given =
                    desk.try_act(move |tx| BandSubject::prepare(tx, &own, &subject, term.term, &wanted, None)).await?;
                if given.map_or(true, |outcome| !outcome.conflicts.is_empty()) {
                    return Err(Failed::because("演示县的学科等级没有存上。请告诉开发者。"));
                }
            }
        }
        Ok(())
    }

    /// What was done in the lessons of the present term, ticked column by column.
    pub(super) async fn tick_subjects(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        let (plan, words) = (&self.plan.schools[school], self.words);
        for teacher in &plan.teachers {
            for at in &teacher.classes {
                let name = plan.classes[*at].name;
                let grade = name.cohort.grade_in(term.term.year()).map_or(7, |grade| i32::from(grade.number()));
                for row in words.ticks.iter().filter(|row| row.subject == teacher.subject && row.grade == grade) {
                    self.days.pass();
                    let class = self.class(school, *at)?;
                    let kind: Kind = row
                        .kind
                        .parse()
                        .map_err(|_| Failed::because(format!("seed/demo/ticks.csv：没有登记表 {}。", row.kind)))?;
                    let stream = format!("tick {school} {} {} {}", name.cohort.0, name.number, row.item);
                    let mut chance = Chance::of(&stream);
                    let wanted: Vec<(StudentId, String, Option<Level>)> = class
                        .students
                        .iter()
                        .map(|student| (*student, row.item.clone(), reached(&mut chance, kind)))
                        .collect();
                    let stand_in = self.operator.stand_in(self.account(teacher.who)?)?;
                    let desk = stand_in.subject(class.id).await?;
                    let (own, subject) = (desk.class(), desk.own(teacher.subject)?);
                    let ticked = desk
                        .try_act(move |tx| TickClass::prepare(tx, &own, &subject, term.term, kind, &wanted))
                        .await?;
                    debug_assert!(ticked.is_ok(), "a new column is always something new");
                }
            }
        }
        Ok(())
    }
}

/// The level a pupil has reached: most are able, some only learning, a few skilled; not
/// everybody was there.
fn reached(chance: &mut Chance, kind: Kind) -> Option<Level> {
    let levels = kind.levels();
    match (chance.below(12), levels) {
        (0, _) => None,
        (_, [only]) => Some(*only),
        (1 | 2, [learning, ..]) => Some(*learning),
        (3..=5, [.., skilled]) => Some(*skilled),
        (_, levels) => levels.get(1).copied(),
    }
}

/// Measures that a pupil of that grade may have; the stream is the child's own, so that
/// year by year it is the same child, a little further on.
fn measures(stream: &str, sex: Sex, grade: i32) -> Measures {
    let mut chance = Chance::of(stream);
    let mut pick = |from: i32, more: usize| from + chance.below(more) as i32;
    let (boy, years) = (sex == Sex::Male, grade - 7);
    // In tenths of a centimetre.
    let height = if boy { pick(1480, 160) + 62 * years } else { pick(1490, 130) + 30 * years };
    // kg per m² in tenths, mostly in the healthy middle.
    let build = pick(165, 50) + if pick(0, 6) == 0 { 45 } else { 0 } + 4 * years;
    let weight = height * height / 1000 * build / 1000;
    let mut measures = Measures::default();
    measures.set(Item::Height, Measure::tenths(height));
    measures.set(Item::Weight, Measure::tenths(weight));
    let vital = if boy { pick(2300, 1300) + 380 * years } else { pick(1900, 1000) + 180 * years };
    measures.set(Item::VitalCapacity, Measure::whole(vital));
    let sprint = if boy { pick(80, 18) - 4 * years } else { pick(86, 18) - 2 * years };
    measures.set(Item::Run50m, Measure::tenths(sprint));
    let bend = if boy { pick(-20, 200) + 6 * years } else { pick(20, 190) + 6 * years };
    measures.set(Item::SitAndReach, Measure::tenths(bend));
    let jump = if boy { pick(168, 55) + 12 * years } else { pick(142, 45) + 6 * years };
    measures.set(Item::LongJump, Measure::whole(jump));
    if boy {
        measures.set(Item::PullUp, Measure::whole(pick(1, 10) + years));
        measures.set(Item::Run1000m, Measure::whole(pick(235, 75) - 9 * years));
    } else {
        measures.set(Item::SitUp, Measure::whole(pick(26, 24) + 2 * years));
        measures.set(Item::Run800m, Measure::whole(pick(222, 66) - 5 * years));
    }
    measures
}
