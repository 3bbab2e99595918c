//! How a term opens: staff, new classes with their roster, teachers' posts, and
//! the families that bind their children.

use super::making::{ClassMade, Making, out_of_order};
use super::plan::{ClassPlan, PersonAt, PupilPlan, SchoolPlan};
use crate::access::{Refused, SchoolOffice};
use crate::command::Failed;
use crate::names::{Cohort, Half, Role, Sex, StudentId};
use crate::platform::workbook;
use crate::roster::calendar::TermDates;
use crate::roster::reading::read_roster;
use crate::roster::{AppointStaff, BindGuardian, DryRun, OpenClass, Position, Verdict, class_list};

/// The columns of the school's own roster, and what a pupil has in each.
const COLUMNS: &str = "学校标识码|姓名|性别|出生日期|民族|政治面貌|身份证件类型|身份证件号|全国学籍号|入学年月|年级|班号|班内学号|\
    就读方式|是否留守儿童|成员1姓名|成员1关系|成员1联系电话|成员1是否监护人|成员2姓名|成员2关系|成员2联系电话";

impl Making<'_> {
    /// The school's first officers, appointed by the county's operator.
    pub(super) async fn staff_school(&mut self, school: &SchoolPlan) -> Result<(), Failed> {
        let office = self.operator.school_office(&school.code).await?;
        for (who, position) in [(school.office, Position::Office), (school.principal, Position::Principal)] {
            self.appoint(&office, who, position).await?;
        }
        Ok(())
    }

    pub(super) async fn appoint(
        &mut self,
        office: &SchoolOffice,
        who: PersonAt,
        position: Position,
    ) -> Result<(), Failed> {
        self.days.pass();
        let appointed = self.appointment(who)?;
        let account = office.act(move |_| Ok(AppointStaff { who: appointed, position })).await?;
        self.accounts[who] = Some(account);
        Ok(())
    }

    pub(super) async fn open_term(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        let new = self.new_cohorts(school, term);
        let office = self.office(school).await?;
        for cohort in &new {
            self.take_roster(&office, school, *cohort).await?;
        }
        for at in self.taught(school, term.term) {
            let homeroom = self.plan.schools[school].classes[at].homeroom;
            let position = Position::Homeroom { class: self.class(school, at)?.id, term: term.term };
            self.appoint(&office, homeroom, position).await?;
            if new.contains(&self.plan.schools[school].classes[at].name.cohort) {
                self.seat(school, at, term).await?;
            }
        }
        Ok(())
    }

    /// The cohorts whose roster comes this term: a grade 7, or all of a school that joins.
    fn new_cohorts(&self, school: usize, term: TermDates) -> Vec<Cohort> {
        let (youngest, joins) = (Cohort(term.term.year()), self.joining_in(term.term) == Some(school));
        let begins = term.term.half() == Half::First;
        let taught = self.taught(school, term.term).into_iter();
        let cohorts = taught.map(|at| self.plan.schools[school].classes[at].name.cohort);
        let mut new: Vec<Cohort> = cohorts.filter(|cohort| joins || begins && *cohort == youngest).collect();
        new.dedup();
        new
    }

    /// The families of those who are new this term bind their children.
    pub(super) async fn bind_families(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        let new = self.new_cohorts(school, term);
        for at in self.taught(school, term.term) {
            if new.contains(&self.plan.schools[school].classes[at].name.cohort) {
                self.bind(school, at).await?;
            }
        }
        Ok(())
    }

    /// The office opens the new grade's classes and takes its workbook.
    async fn take_roster(&mut self, office: &SchoolOffice, school: usize, cohort: Cohort) -> Result<(), Failed> {
        let plan = &self.plan.schools[school];
        let mut lines = Vec::new();
        for (at, class) in plan.classes.iter().enumerate().filter(|(_, class)| class.name.cohort == cohort) {
            self.days.pass();
            let number = class.name.number;
            let id = office.act(move |_| Ok(OpenClass { cohort, number })).await?;
            let many = class.pupils.len();
            self.classes[school][at] = Some(ClassMade {
                id,
                students: Vec::new(),
                bands: vec![[None; 5]; many],
                said: vec![Vec::new(); many],
            });
            lines.extend(class.pupils.iter().enumerate().map(|(seat, pupil)| line(plan, class, seat, pupil)));
        }
        self.days.pass();
        let header: Vec<String> = COLUMNS.split('|').map(str::to_owned).collect();
        let book = workbook::write("学生名单", &header, &lines).map_err(Refused::broken)?;
        let (code, keys, whole) = (plan.code.clone(), office.house().keys.clone(), office.whole_school());
        let tried = office
            .look(move |look| match read_roster(&book, &code, cohort.0) {
                Ok(read) => Ok(Ok(DryRun::of(look, whole, &keys, &read, cohort.0)?)),
                Err(no_roster) => Ok(Err(no_roster.to_string())),
            })
            .await?;
        let run = tried.map_err(Failed::because)?;
        if let Some(row) = run.rows.iter().find(|row| row.verdict != Verdict::New) {
            let why: Vec<&str> = row.faults.iter().map(|fault| fault.cure.as_str()).collect();
            return Err(Failed::because(format!("演示名单第 {} 行 {} 没收：{}", row.line, row.name, why.join(" "))));
        }
        let take = run.take(&office.house().keys);
        office.act(move |_| Ok(take)).await?;
        Ok(())
    }

    /// Finds the pupils of a new class at their seats.
    async fn seat(&mut self, school: usize, at: usize, term: TermDates) -> Result<(), Failed> {
        let teacher = self.account(self.plan.schools[school].classes[at].homeroom)?;
        let homeroom = self.operator.stand_in(teacher)?.homeroom(self.class(school, at)?.id).await?;
        let own = homeroom.class();
        let students: Vec<StudentId> =
            homeroom.look(move |look| class_list(look, &own, term)).await?.into_iter().map(|pupil| pupil.id).collect();
        if let Some(class) = &mut self.classes[school][at] {
            class.students = students;
        }
        Ok(())
    }

    /// Guardians bind their children, and some pupils get an account of their own.
    async fn bind(&mut self, school: usize, at: usize) -> Result<(), Failed> {
        let office = self.office(school).await?;
        let pupils = &self.plan.schools[school].classes[at].pupils;
        for (seat, pupil) in pupils.iter().enumerate() {
            let student = *self.class(school, at)?.students.get(seat).ok_or_else(|| out_of_order("学生"))?;
            let guardians = pupil.guardians.iter().map(|(who, relation)| (*who, Some((*relation).to_owned())));
            for (who, relation) in guardians.chain(pupil.account.map(|who| (who, None))) {
                self.days.pass();
                let appointed = self.appointment(who)?;
                let account = office.act(move |_| Ok(BindGuardian { who: appointed, student, relation })).await?;
                self.accounts[who] = Some(account);
            }
        }
        Ok(())
    }

    /// The present term's teachers of every subject, and at the first school a
    /// deputy for the first class of each grade.
    pub(super) async fn appoint_subjects(&mut self, school: usize, term: TermDates) -> Result<(), Failed> {
        let office = self.office(school).await?;
        let plan = &self.plan.schools[school];
        for teacher in &plan.teachers {
            for at in &teacher.classes {
                let class = self.class(school, *at)?.id;
                let position = Position::Subject { class, term: term.term, subject: teacher.subject.to_owned() };
                self.appoint(&office, teacher.who, position).await?;
            }
        }
        let taught = self.taught(school, term.term).into_iter();
        let first_classes = taught.filter(|at| school == 0 && plan.classes[*at].name.number == 1);
        for (at, subject) in first_classes.zip(["音乐", "美术", "体育与健康"]) {
            let Some(deputy) = plan.teachers.iter().find(|teacher| teacher.subject == subject) else { continue };
            let class = self.class(school, at)?.id;
            self.appoint(&office, deputy.who, Position::Deputy { class, term: term.term }).await?;
        }
        let taught = self.taught(school, term.term).into_iter();
        let classes: Vec<_> = taught.map(|at| Ok(self.class(school, at)?.id)).collect::<Result<_, Failed>>()?;
        let posts = [(Role::Organiser, plan.organiser), (Role::Committee, plan.committee), (Role::Health, plan.health)];
        for (role, who) in posts {
            let position = Position::Several { role, classes: classes.clone(), term: term.term };
            self.appoint(&office, who, position).await?;
        }
        Ok(())
    }
}

/// A pupil's line in the roster, as [`COLUMNS`] says.
fn line(school: &SchoolPlan, class: &ClassPlan, seat: usize, pupil: &PupilPlan) -> Vec<String> {
    let [first, second] = [&pupil.family[0], &pupil.family[1]];
    let sex = if pupil.sex == Sex::Male { "男" } else { "女" };
    let cells = [
        school.code.as_str(),
        &pupil.name,
        sex,
        &pupil.born_on.format("%Y-%m-%d").to_string(),
        pupil.ethnic,
        "群众",
        "居民身份证",
        &pupil.citizen,
        &format!("G{}", pupil.citizen),
        &format!("{}09", class.name.cohort.0),
        "七年级",
        &class.name.number.to_string(),
        &(seat + 1).to_string(),
        pupil.boarding,
        pupil.left_behind,
        &first.name,
        first.relation,
        &first.phone,
        "是",
        &second.name,
        second.relation,
        &second.phone,
    ];
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}
