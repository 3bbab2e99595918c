//! Who can sign in to the demonstration county: `accounts.json`, and a line for
//! each role on the screen. Only those listed have a password, a random one.

use super::making::Making;
use super::plan::{ClassPlan, PersonAt};
use crate::access::Refused;
use crate::account::{Password, PasswordSet};
use crate::command::Failed;
use crate::names::{ClassId, Role, StudentId};
use futures_util::future::try_join_all;
use serde::Serialize;
use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A row of `accounts.json`.
#[derive(Debug, Serialize)]
pub struct Row {
    pub role: Role,
    pub login: String,
    pub password: String,
    /// The 10-digit code; the county's own people have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassId>,
    /// A homeroom teacher's pupils in seat order; a guardian's children; oneself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub students: Vec<StudentId>,
    /// On an office's row: enrolment year of a graduated cohort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graduated: Option<i32>,
    /// For the screen.
    #[serde(skip)]
    pub title: String,
}

/// Schools in which more than the first class is listed.
const LISTED_WHOLE: usize = 3;
/// Guardians listed for a class: in the first of these seats the plan ties families.
const GUARDIANS_A_CLASS: usize = 4;

struct Chosen {
    who: PersonAt,
    row: Row,
}

impl Making<'_> {
    /// Gives those who are listed a password, and lists them.
    pub async fn open_accounts(&mut self) -> Result<Vec<Row>, Failed> {
        let chosen = self.choose()?;
        let mut listed: Vec<PersonAt> = chosen.iter().map(|chosen| chosen.who).collect();
        listed.sort_unstable();
        listed.dedup();
        // All at once: each takes its turn at the hashing, and two cores share it.
        let hashed = try_join_all(listed.into_iter().map(async |who| {
            let password = Password::random();
            let hash = password.hash().await?;
            Ok::<_, Refused>((who, password, hash))
        }))
        .await?;
        let mut passwords = HashMap::new();
        for (who, password, hash) in hashed {
            self.days.pass();
            let account = self.account(who)?;
            self.operator.county().act(move |_| Ok(PasswordSet { account, hash, link: None })).await?;
            passwords.insert(who, password.as_str().to_owned());
        }
        Ok(chosen
            .into_iter()
            .map(|chosen| {
                let password = passwords.get(&chosen.who).cloned().unwrap_or_default();
                let person = &self.plan.people[chosen.who];
                let title = format!("{}　{}", chosen.row.title, person.name);
                Row { login: person.login.clone(), password, title, ..chosen.row }
            })
            .collect())
    }

    /// Of each role first the one to begin with.
    fn choose(&self) -> Result<Vec<Chosen>, Failed> {
        let mut chosen = Vec::new();
        let children = self.children()?;
        for school in 0..self.plan.schools.len() {
            let classes = self.classes_to_list(school);
            self.choose_teachers(school, &classes, &mut chosen)?;
            self.choose_families(school, &classes, &children, &mut chosen)?;
            let plan = &self.plan.schools[school];
            let graduated = plan.classes.iter().map(|c| c.name.cohort).find(|c| c.grade_in(self.year()).is_none());
            let office = self.row(Role::SchoolOffice, Some(school), format!("{}　教务与学籍", plan.short));
            let row = Row { graduated: graduated.map(|cohort| cohort.0), ..office };
            chosen.push(Chosen { who: plan.office, row });
            let others = [
                (Role::Principal, "校长", plan.principal),
                (Role::Organiser, "德育处、团队", plan.organiser),
                (Role::Committee, "综评委员会", plan.committee),
                (Role::Health, "校医", plan.health),
            ];
            for (role, title, who) in others {
                chosen.push(Chosen { who, row: self.row(role, Some(school), format!("{}　{title}", plan.short)) });
            }
        }
        for (duty, who) in self.plan.county {
            let row = self.row(duty.role(), None, format!("县教育局　{}", duty.word()));
            chosen.push(Chosen { who, row });
        }
        Ok(chosen)
    }

    fn year(&self) -> i32 {
        self.present.term.year()
    }

    fn row(&self, role: Role, school: Option<usize>, title: String) -> Row {
        let school = school.map(|school| self.plan.schools[school].code.clone());
        let (login, password) = (String::new(), String::new());
        Row { role, login, password, school, class: None, students: Vec::new(), graduated: None, title }
    }

    /// Places of the classes to list: grade 8 first, where there is most to see.
    fn classes_to_list(&self, school: usize) -> Vec<usize> {
        let taught = self.taught(school, self.present.term);
        let plan = &self.plan.schools[school].classes;
        let grade_8 = |at: &usize| plan[*at].name.cohort.0 == self.year() - 1;
        let (mut first, others): (Vec<usize>, Vec<usize>) = taught.into_iter().partition(grade_8);
        first.extend(others);
        first.truncate(if school < LISTED_WHOLE { first.len() } else { 1 });
        first
    }

    fn choose_teachers(&self, school: usize, classes: &[usize], chosen: &mut Vec<Chosen>) -> Result<(), Failed> {
        let plan = &self.plan.schools[school];
        let called = |class: &ClassPlan| format!("{}　{}", plan.short, class.name.in_year(self.year()));
        for at in classes {
            let (class, made) = (&plan.classes[*at], self.class(school, *at)?);
            let row = self.row(Role::Homeroom, Some(school), format!("{} 班主任", called(class)));
            let row = Row { class: Some(made.id), students: made.students.clone(), ..row };
            chosen.push(Chosen { who: class.homeroom, row });
        }
        let subjects = if school == 0 { plan.teachers.len() } else { 1 };
        for teacher in plan.teachers.iter().take(subjects) {
            let Some(at) = teacher.classes.first() else { continue };
            let class = &plan.classes[*at];
            let row = self.row(Role::Subject, Some(school), format!("{} {}", called(class), teacher.subject));
            chosen.push(Chosen { who: teacher.who, row: Row { class: Some(self.class(school, *at)?.id), ..row } });
        }
        Ok(())
    }

    /// Everyone's children, in the order of schools and classes.
    fn children(&self) -> Result<HashMap<PersonAt, Vec<StudentId>>, Failed> {
        let mut children: HashMap<PersonAt, Vec<StudentId>> = HashMap::new();
        for (school, plan) in self.plan.schools.iter().enumerate() {
            for (at, class) in plan.classes.iter().enumerate() {
                let students = &self.class(school, at)?.students;
                for (pupil, student) in class.pupils.iter().zip(students) {
                    for (who, _) in &pupil.guardians {
                        children.entry(*who).or_default().push(*student);
                    }
                }
            }
        }
        Ok(children)
    }

    /// Some guardians and a pupil of each class; signed classes first, where the
    /// present term can be read already; then of those who have left.
    fn choose_families(
        &self,
        school: usize,
        classes: &[usize],
        children: &HashMap<PersonAt, Vec<StudentId>>,
        chosen: &mut Vec<Chosen>,
    ) -> Result<(), Failed> {
        let plan = &self.plan.schools[school];
        let (mut places, others): (Vec<usize>, Vec<usize>) =
            classes.iter().partition(|at| self.is_signed_now(school, **at));
        places.extend(others);
        let left = plan.classes.iter().position(|class| class.name.cohort.grade_in(self.year()).is_none());
        places.extend(left);
        for at in places {
            let (class, students) = (&plan.classes[at], &self.class(school, at)?.students);
            let called = format!("{}　{}", plan.short, class.name.in_year(self.year()));
            for pupil in class.pupils.iter().take(GUARDIANS_A_CLASS) {
                let Some((who, relation)) = pupil.guardians.first() else { continue };
                if chosen.iter().any(|chosen| chosen.who == *who && chosen.row.role == Role::Guardian) {
                    continue;
                }
                let row = self.row(Role::Guardian, Some(school), format!("{called} {}的{relation}", pupil.name));
                let students = children.get(who).cloned().unwrap_or_default();
                chosen.push(Chosen { who: *who, row: Row { students, ..row } });
            }
            if let (Some(who), Some(student)) = (class.pupils[0].account, students.first()) {
                let row = self.row(Role::Learner, Some(school), format!("{called} 学生"));
                chosen.push(Chosen { who, row: Row { students: vec![*student], ..row } });
            }
        }
        Ok(())
    }
}

/// Writes `accounts.json`, readable by its owner only.
pub fn write(path: &Path, rows: &[Row]) -> Result<(), Failed> {
    let text = serde_json::to_string_pretty(rows).map_err(Refused::broken)?;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(file.sync_all()?)
}

/// One line a role: role, login, password, and who that is.
pub fn lines(rows: &[Row]) -> Vec<String> {
    let mut seen = Vec::new();
    let mut lines = Vec::new();
    for row in rows {
        if !seen.contains(&row.role) {
            seen.push(row.role);
            lines.push(format!("{:<10} {:<16} {}  {}", row.role.code(), row.login, row.password, row.title));
        }
    }
    lines
}
