//! The county's years, lived through one after the other: each thing is done by
//! the person whose it is, on its day, through the same acts as in any county.
//! The clock of the door is set back to the first day and walks forward only.

use super::plan::{PersonAt, Plan};
use super::words::Words;
use crate::access::{Door, Operator, SchoolOffice};
use crate::account::{Login, NewAccount};
use crate::command::Failed;
use crate::names::{AccountId, ClassId, Half, StudentId, Term};
use crate::platform::clock::Clock;
use crate::roster::calendar::{TermDates, seed_terms};
use crate::roster::{AppointCounty, Appointment, JoinSchool};
use crate::scheme::Scheme;
use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

/// The clock of the county while it is made.
pub struct Days {
    clock: Clock,
    last: NaiveDateTime,
    /// Where it has to end: nothing is done later.
    now: NaiveDateTime,
}

/// What one does after the other is so far apart.
const APART: Duration = Duration::seconds(5);

impl Days {
    /// Goes on to that hour of that day, unless it is later already; Saturdays and
    /// Sundays are passed over.
    pub fn reach(&mut self, day: NaiveDate, hour: u32) {
        let free = [Weekday::Sat, Weekday::Sun];
        let day = day.iter_days().find(|day| !free.contains(&day.weekday())).unwrap_or(day);
        let wanted = day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
        self.set(wanted.max(self.last + APART));
    }

    /// The day on which it ends.
    pub fn today(&self) -> NaiveDate {
        self.now.date()
    }

    /// A moment later.
    pub fn pass(&mut self) {
        self.set(self.last + APART);
    }

    fn set(&mut self, wanted: NaiveDateTime) {
        let latest = self.now - Duration::minutes(10);
        // The clock goes on while something is drawn or written.
        let ticked = self.last.max(latest).max(self.clock.now());
        self.last = if wanted < latest { wanted } else { ticked + Duration::milliseconds(20) };
        self.clock.set(self.last);
    }
}

/// A class as it came to be, with what the next term goes on from.
pub struct ClassMade {
    pub id: ClassId,
    /// In seat order.
    pub students: Vec<StudentId>,
    /// Each pupil's latest bands, by their codes, in the order of the domains.
    pub bands: Vec<[Option<&'static str>; 5]>,
    /// What each pupil's teachers have said before.
    pub said: Vec<Vec<String>>,
}

pub struct Making<'p> {
    pub operator: Operator,
    pub plan: &'p Plan,
    pub words: &'p Words,
    pub scheme: Scheme,
    pub days: Days,
    pub accounts: Vec<Option<AccountId>>,
    /// For each school its classes, in the plan's order; `None` not opened yet.
    pub classes: Vec<Vec<Option<ClassMade>>>,
    pub present: TermDates,
    /// Drawn so far.
    pub photos: usize,
}

/// The terms a county lives through that is as it is on `today`: from the first of
/// those who have left by then to the present one.
///
/// # Errors
/// When the calendar does not go back so far.
pub fn terms_until(today: NaiveDate) -> Result<(Vec<TermDates>, TermDates), Failed> {
    let calendar = seed_terms()?;
    let present = calendar.iter().rfind(|term| term.starts_on <= today).copied();
    let lived: Vec<TermDates> = present.map_or_else(Vec::new, |present| {
        let first = Term::of(present.term.year() - 3, Half::First);
        calendar.iter().filter(|term| (first..=present.term).contains(&term.term)).copied().collect()
    });
    match (lived.first(), present) {
        (Some(first), Some(present)) if first.term.year() + 3 == present.term.year() => Ok((lived, present)),
        _ => Err(Failed::because(format!(
            "校历从 {} 开始，演示县要往前三年：--today 写 {} 学年以后的日子。",
            calendar[0].term,
            calendar[0].term.year() + 3
        ))),
    }
}

/// Makes the county that `plan` is the plan of, as it is at `now`.
pub async fn make<'p>(
    door: &Door,
    plan: &'p Plan,
    words: &'p Words,
    (lived, present): (Vec<TermDates>, TermDates),
    now: NaiveDateTime,
) -> Result<Making<'p>, Failed> {
    let begun = lived.first().unwrap_or(&present).starts_on - chrono::Days::new(12);
    let mut days = Days { clock: door.house().clock.clone(), last: begun.and_time(NaiveTime::MIN), now };
    days.reach(begun, 9);
    let operator = crate::command::found(door, &door.house().county).await?;
    let scheme = Scheme::seed().map_err(Failed::because)?;
    let mut making = Making {
        operator,
        plan,
        words,
        scheme,
        days,
        accounts: plan.people.iter().map(|_| None).collect(),
        classes: plan.schools.iter().map(|school| school.classes.iter().map(|_| None).collect()).collect(),
        present,
        photos: 0,
    };
    making.found_schools().await?;
    for term in lived {
        making.live(term).await?;
    }
    Ok(making)
}

impl Making<'_> {
    async fn found_schools(&mut self) -> Result<(), Failed> {
        for (duty, who) in self.plan.county {
            let new = self.new_account(who)?;
            let account = self.operator.county().act(move |_| Ok(AppointCounty { new, duty })).await?;
            self.accounts[who] = Some(account);
        }
        let first = self.present.term.year() - 3;
        for school in self.schools_in(Term::of(first, Half::First)) {
            self.found_school(school).await?;
        }
        Ok(())
    }

    async fn found_school(&mut self, school: usize) -> Result<(), Failed> {
        let plan = &self.plan.schools[school];
        self.days.pass();
        let join = JoinSchool::check(&plan.code, &plan.name)?;
        self.operator.county().act(move |_| Ok(join)).await?;
        self.staff_school(plan).await
    }

    /// One term, for all schools side by side: it opens, and if it is over, it was
    /// evaluated, signed and sealed.
    async fn live(&mut self, term: TermDates) -> Result<(), Failed> {
        let schools = self.schools_in(term.term);
        self.days.reach(term.starts_on, 8);
        let joining = self.joining_in(term.term);
        if let Some(school) = joining {
            self.found_school(school).await?;
        }
        for &school in &schools {
            self.open_term(school, term).await?;
        }
        if term.term == self.present.term {
            for &school in &schools {
                self.appoint_subjects(school, term).await?;
            }
        }
        self.days.reach(term.starts_on + chrono::Days::new(11), 16);
        for &school in &schools {
            self.bind_families(school, term).await?;
        }
        for &school in &schools {
            self.test_fitness(school, term).await?;
        }
        if let Some(school) = joining {
            self.enter_paper(school, term).await?;
        }
        if term.term == self.present.term {
            for &school in &schools {
                self.tick_subjects(school, term).await?;
                self.band_subjects(school, term).await?;
            }
            self.days
                .reach((self.days.today() - chrono::Days::new(18)).max(term.starts_on + chrono::Days::new(11)), 16);
            self.record_term(term).await?;
            self.speak(term).await?;
            self.begin_evaluating(term).await?;
            self.days.reach(self.days.today() - chrono::Days::new(1), 19);
            self.leave_waiting(term).await?;
            return self.begin_notices(term).await;
        }
        for &school in &schools {
            self.picture(school, term).await?;
        }
        for &school in &schools {
            self.evaluate(school, term).await?;
        }
        for &school in &schools {
            self.notice_term(school, term).await?;
        }
        for &school in &schools {
            self.write_messages(school, term).await?;
        }
        for &school in &schools {
            self.seal_term(school, term).await?;
        }
        for &school in &schools {
            self.graduate(school, term).await?;
        }
        Ok(())
    }

    /// The classes of a school that are taught in a term, as places in the plan.
    pub fn taught(&self, school: usize, term: Term) -> Vec<usize> {
        let classes = self.plan.schools[school].classes.iter().enumerate();
        classes.filter(|(_, class)| class.name.cohort.grade_in(term.year()).is_some()).map(|(n, _)| n).collect()
    }

    pub fn class(&self, school: usize, class: usize) -> Result<&ClassMade, Failed> {
        self.classes[school][class].as_ref().ok_or_else(|| out_of_order("班级"))
    }

    pub fn account(&self, who: PersonAt) -> Result<AccountId, Failed> {
        self.accounts[who].ok_or_else(|| out_of_order("账号"))
    }

    pub fn new_account(&self, who: PersonAt) -> Result<NewAccount, Failed> {
        let person = &self.plan.people[who];
        let login = Login::parse(&person.login).map_err(Failed::because)?;
        Ok(NewAccount { login, name: person.name.clone() })
    }

    /// The person, with the account they have or with a new one.
    pub fn appointment(&self, who: PersonAt) -> Result<Appointment, Failed> {
        match self.accounts[who] {
            Some(account) => Ok(Appointment::Known(account)),
            None => Ok(Appointment::New(self.new_account(who)?)),
        }
    }

    /// The school's office, at its own desk.
    pub async fn office(&self, school: usize) -> Result<SchoolOffice, Failed> {
        let account = self.account(self.plan.schools[school].office)?;
        Ok(self.operator.stand_in(account)?.office().await?)
    }
}

/// The plan is done in an order that makes this impossible.
pub fn out_of_order(what: &str) -> Failed {
    Failed::because(format!("演示县没有造好：{what}还没有就要用。请告诉开发者。"))
}
