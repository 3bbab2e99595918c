//! The county on paper, before anything is done: who there is, and where.

use super::chance::Chance;
use super::names::Namer;
use super::words::Words;
use crate::names::{ClassName, Cohort, Duty, Sex, Term};
use chrono::NaiveDate;

/// How large a county is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub schools: usize,
    /// Classes a grade, in every school; without it two in the first, one elsewhere.
    pub classes: Option<usize>,
    /// Pupils a class; without it about 40 in the first school, about 24 elsewhere.
    pub pupils: Option<usize>,
}

/// Someone grown up, or a pupil with an account: one person, one account,
/// whatever they are to the schools and children of the county.
pub struct Person {
    pub name: String,
    pub sex: Sex,
    pub login: String,
}

/// A place in [`Plan::people`].
pub type PersonAt = usize;

pub struct Plan {
    pub people: Vec<Person>,
    /// The county's three: system, security, audit.
    pub county: [(Duty, PersonAt); 3],
    pub schools: Vec<SchoolPlan>,
}

pub struct SchoolPlan {
    pub code: String,
    pub name: String,
    pub short: String,
    pub office: PersonAt,
    pub principal: PersonAt,
    /// Who organises for all classes, who sits in the committee, and the school's doctor.
    pub organiser: PersonAt,
    pub committee: PersonAt,
    pub health: PersonAt,
    /// The eldest first, graduated ones too.
    pub classes: Vec<ClassPlan>,
    pub teachers: Vec<Teacher>,
}

pub struct Teacher {
    pub who: PersonAt,
    pub subject: &'static str,
    /// Classes taught now, as places in the school's.
    pub classes: Vec<usize>,
}

pub struct ClassPlan {
    pub name: ClassName,
    pub homeroom: PersonAt,
    /// In seat order: the first sits at 1.
    pub pupils: Vec<PupilPlan>,
}

pub struct PupilPlan {
    pub name: String,
    /// The name without its surname, as a teacher says it.
    pub given: String,
    pub sex: Sex,
    pub born_on: NaiveDate,
    pub citizen: String,
    pub ethnic: &'static str,
    pub boarding: &'static str,
    pub left_behind: &'static str,
    pub family: Vec<Member>,
    /// Who is bound, and as what.
    pub guardians: Vec<(PersonAt, &'static str)>,
    pub account: Option<PersonAt>,
}

#[derive(Clone)]
pub struct Member {
    pub name: String,
    pub sex: Sex,
    pub relation: &'static str,
    pub phone: String,
}

/// Subjects, and the grades each is taught in.
pub const SUBJECTS: [(&str, std::ops::RangeInclusive<u8>); 14] = [
    ("语文", 7..=9),
    ("数学", 7..=9),
    ("英语", 7..=9),
    ("道德与法治", 7..=9),
    ("历史", 7..=9),
    ("地理", 7..=8),
    ("生物学", 7..=8),
    ("物理", 8..=9),
    ("化学", 9..=9),
    ("体育与健康", 7..=9),
    ("音乐", 7..=9),
    ("美术", 7..=9),
    ("信息科技", 7..=8),
    ("劳动", 7..=9),
];

/// What a homeroom teacher teaches who teaches her own class.
const OF_HOMEROOMS: &str = "语文";
/// A teacher of one subject has no more classes than this.
const CLASSES_A_TEACHER: usize = 6;

struct Drawing<'w> {
    namer: Namer<'w>,
    people: Vec<Person>,
    /// The first present year's grade 7.
    youngest: Cohort,
}

impl Plan {
    /// The county as it is in the school year of `present`: its pupils of grades
    /// 7 to 9, and at the first school those who left last summer.
    pub fn draw(size: Size, words: &Words, present: Term) -> Self {
        let mut drawing = Drawing { namer: Namer::new(words), people: Vec::new(), youngest: Cohort(present.year()) };
        let mut chance = Chance::of("county");
        let system = drawing.adult(&mut chance);
        let schools = (0..size.schools).map(|n| drawing.school(n, size, words)).collect();
        let [security, audit] = [drawing.adult(&mut chance), drawing.adult(&mut chance)];
        let county = [(Duty::System, system), (Duty::Security, security), (Duty::Audit, audit)];
        let mut plan = Plan { people: drawing.people, county, schools };
        plan.tie_families(drawing.youngest, &mut drawing.namer);
        plan.name_rarely(drawing.youngest);
        plan
    }
}

impl Drawing<'_> {
    fn person(&mut self, name: String, sex: Sex) -> PersonAt {
        let login = self.namer.login(&name);
        self.people.push(Person { name, sex, login });
        self.people.len() - 1
    }

    fn adult(&mut self, chance: &mut Chance) -> PersonAt {
        let sex = if chance.in_hundred(45) { Sex::Male } else { Sex::Female };
        let surname = self.namer.surname(chance);
        let name = self.namer.adult(chance, surname, sex);
        self.person(name, sex)
    }

    fn school(&mut self, n: usize, size: Size, words: &Words) -> SchoolPlan {
        let chance = &mut Chance::of(&format!("school {n}"));
        let (code, name, short) = match words.schools.get(n) {
            Some(known) => (known.code.clone(), known.name.clone(), known.short.clone()),
            None => {
                let township = &words.schools[n % words.schools.len()].township;
                let name = format!("{township}第{}初级中学", n / words.schools.len() + 1);
                (format!("{}", 3_121_042_101_u64 + n as u64), name.clone(), name)
            }
        };
        let (office, principal) = (self.adult(chance), self.adult(chance));
        let classes = size.classes.unwrap_or(if n == 0 { 2 } else { 1 });
        let graduated = i32::from(n == 0);
        // A class's teacher stays with it; who graduated one takes the next grade 7.
        let homerooms: Vec<PersonAt> = (0..classes * 3).map(|_| self.adult(chance)).collect();
        let mut planned: Vec<ClassPlan> = Vec::new();
        for back in (0..3 + graduated).rev() {
            let cohort = Cohort(self.youngest.0 - back);
            for number in 1..=classes {
                let name = ClassName { cohort, number: number as i32 };
                let homeroom = homerooms[(back as usize % 3) * classes + number - 1];
                planned.push(self.class(n, name, homeroom, size));
            }
        }
        let mut teachers = Vec::new();
        for (subject, grades) in SUBJECTS {
            let is_taught = |at: &usize| {
                let grade = planned[*at].name.cohort.grade_in(self.youngest.0);
                // A second class's homeroom teacher teaches it Chinese as well.
                let own = subject == OF_HOMEROOMS && planned[*at].name.number == 2;
                !own && grade.is_some_and(|grade| grades.contains(&grade.number()))
            };
            let taught: Vec<usize> = (0..planned.len()).filter(is_taught).collect();
            for some in taught.chunks(CLASSES_A_TEACHER) {
                teachers.push(Teacher { who: self.adult(chance), subject, classes: some.to_vec() });
            }
        }
        for (at, class) in planned.iter().enumerate() {
            if class.name.number == 2 && class.name.cohort.grade_in(self.youngest.0).is_some() {
                teachers.push(Teacher { who: class.homeroom, subject: OF_HOMEROOMS, classes: vec![at] });
            }
        }
        let others = &mut Chance::of(&format!("posts {n}"));
        let (organiser, committee, health) = (self.adult(others), self.adult(others), self.adult(others));
        SchoolPlan { code, name, short, office, principal, organiser, committee, health, classes: planned, teachers }
    }

    fn class(&mut self, school: usize, name: ClassName, homeroom: PersonAt, size: Size) -> ClassPlan {
        let stream = format!("class {school} {} {}", name.cohort.0, name.number);
        let chance = &mut Chance::of(&stream);
        let pupils =
            size.pupils.unwrap_or_else(|| if school == 0 { 38 + chance.below(5) } else { 22 + chance.below(5) });
        let pupils = (0..pupils).map(|seat| self.pupil(&format!("{stream} {seat}"), name.cohort, seat)).collect();
        ClassPlan { name, homeroom, pupils }
    }

    fn pupil(&mut self, stream: &str, cohort: Cohort, seat: usize) -> PupilPlan {
        let chance = &mut Chance::of(stream);
        let sex = if chance.in_hundred(52) { Sex::Male } else { Sex::Female };
        let surname = self.namer.surname(chance);
        let name = self.namer.pupil(chance, surname, sex);
        let born_on = self.namer.birthday(chance, cohort.0);
        let left_behind = *chance.weighed(&[("非留守儿童", 78), ("单亲留守儿童", 14), ("双亲留守儿童", 8)]);
        let family = self.family(chance, surname, left_behind);
        let mut guardians = Vec::new();
        // The first seats always have someone to sign in with.
        if seat < 4 || chance.in_hundred(88) {
            let both = chance.in_hundred(16);
            for member in family.iter().take(1 + usize::from(both)) {
                guardians.push((self.person(member.name.clone(), member.sex), member.relation));
            }
        }
        let account = (seat < 2 || chance.in_hundred(30)).then(|| self.person(name.clone(), sex));
        PupilPlan {
            given: name[surname.len()..].to_owned(),
            citizen: self.namer.citizen(born_on, sex),
            sex,
            born_on,
            ethnic: chance.weighed::<&str>(&[("汉族", 62), ("满族", 33), ("朝鲜族", 3), ("锡伯族", 2)]),
            boarding: chance.weighed::<&str>(&[("走读", 64), ("住校", 36)]),
            left_behind,
            family,
            guardians,
            account,
            name,
        }
    }

    /// Two of the family; the first is the one who is asked first.
    fn family(&mut self, chance: &mut Chance, surname: &str, left_behind: &str) -> Vec<Member> {
        let other = self.namer.surname(chance);
        let mother_first = left_behind == "单亲留守儿童" || chance.in_hundred(40);
        let mut member = |relation, surname, sex| Member {
            name: self.namer.adult(chance, surname, sex),
            sex,
            relation,
            phone: self.namer.phone(),
        };
        let (father, mother) = (member("父亲", surname, Sex::Male), member("母亲", other, Sex::Female));
        if left_behind == "双亲留守儿童" {
            return vec![member("祖父", surname, Sex::Male), mother];
        }
        if mother_first { vec![mother, father] } else { vec![father, mother] }
    }
}

impl Plan {
    fn class_at(&mut self, school: usize, cohort: Cohort) -> Option<&mut ClassPlan> {
        self.schools.get_mut(school)?.classes.iter_mut().find(|c| c.name.cohort == cohort && c.name.number == 1)
    }

    fn pupil_at(&mut self, school: usize, cohort: Cohort, seat: usize) -> Option<&mut PupilPlan> {
        self.class_at(school, cohort)?.pupils.get_mut(seat)
    }

    /// What makes a county of households: a teacher whose own child is at school
    /// here, parents with a child in each of two schools, and with three in one.
    fn tie_families(&mut self, youngest: Cohort, namer: &mut Namer) {
        let grade = |back| Cohort(youngest.0 - back);
        let last = self.schools.len() - 1;
        let mother = self.schools[0].teachers.iter().map(|t| t.who).find(|who| self.people[*who].sex == Sex::Female);
        if let Some(mother) = mother {
            let name = self.people[mother].name.clone();
            if let Some(child) = self.pupil_at(last, grade(1), 3) {
                child.family.retain(|member| member.relation != "母亲");
                child.family.push(Member { name, sex: Sex::Female, relation: "母亲", phone: namer.phone() });
                child.guardians = vec![(mother, "母亲")];
            }
        }
        self.make_siblings(namer, &[(0, grade(1), 2), (1, grade(0), 2)]);
        self.make_siblings(namer, &[(0, grade(2), 1), (0, grade(1), 1), (0, grade(0), 1)]);
    }

    /// Names that old systems cannot write: one who has left, one in grade 8.
    fn name_rarely(&mut self, youngest: Cohort) {
        for (back, given) in [(3, "𠮷䶮"), (1, "㛃")] {
            let Some(pupil) = self.pupil_at(0, Cohort(youngest.0 - back), 4) else { continue };
            let surname = &pupil.name[..pupil.name.len() - pupil.given.len()];
            pupil.name = format!("{surname}{given}");
            pupil.given = given.to_owned();
            // Nobody signs in with a login that cannot be typed.
            pupil.account = None;
        }
    }

    /// Gives the pupils there the family of the first of them.
    fn make_siblings(&mut self, namer: &mut Namer, places: &[(usize, Cohort, usize)]) {
        let [(school, cohort, seat), others @ ..] = places else { return };
        let Some(first) = self.pupil_at(*school, *cohort, *seat) else { return };
        let (family, guardians) = (first.family.clone(), first.guardians.clone());
        let surname = first.name[..first.name.len() - first.given.len()].to_owned();
        for (school, cohort, seat) in others {
            let chance = &mut Chance::of(&format!("sibling {school} {} {seat}", cohort.0));
            let Some(sibling) = self.pupil_at(*school, *cohort, *seat) else { continue };
            let name = namer.pupil(chance, &surname, sibling.sex);
            sibling.given = name[surname.len()..].to_owned();
            sibling.name = name;
            sibling.family.clone_from(&family);
            sibling.guardians.clone_from(&guardians);
            let (account, name, sex) = (sibling.account, sibling.name.clone(), sibling.sex);
            if let Some(account) = account {
                let login = namer.login(&name);
                self.people[account] = Person { name, sex, login };
            }
        }
    }
}
