use crate::access::own::{class, enrolment, post};
use crate::access::{Act, Child, Look, OwnClass, Refused, Tx, WholeSchool};
use crate::names::{ClassId, ClassName, Cohort, Role, Term};
use crate::roster::calendar::TermDates;
use crate::schema::{account, term};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// A class of this school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassRow {
    pub id: ClassId,
    pub name: ClassName,
}

/// The office opens a class of an enrolment year.
#[derive(Serialize)]
pub struct OpenClass {
    pub cohort: Cohort,
    pub number: i32,
}

impl Act for OpenClass {
    const VERB: &'static str = "class_opened";
    type Done = ClassId;

    fn about(&self) -> serde_json::Value {
        json!({ "cohort": self.cohort, "number": self.number })
    }

    fn perform(&self, tx: &mut Tx) -> Result<ClassId, Refused> {
        if !(1..=60).contains(&self.number) {
            return Err(Refused::invalid("number", "班号应在 1 到 60 之间。"));
        }
        if !(2000..2100).contains(&self.cohort.0) {
            return Err(Refused::invalid("cohort", "入学年份应写成四位数，例如 2026。"));
        }
        let there: i64 = tx
            .own(class::rows)
            .filter(class::cohort.eq(self.cohort.0))
            .filter(class::number.eq(self.number))
            .count()
            .get_result(tx.conn())?;
        if there > 0 {
            return Err(Refused::conflict(format!("{} 级 {} 班已经有了。", self.cohort.0, self.number)));
        }
        let id = ClassId::new();
        tx.put(class::rows, (class::id.eq(id), class::cohort.eq(self.cohort.0), class::number.eq(self.number)))?;
        Ok(id)
    }
}

/// The classes of this school, by enrolment year (the youngest first) and number.
pub fn classes(look: &mut Look, _: WholeSchool) -> Result<Vec<ClassRow>, Refused> {
    let rows: Vec<(ClassId, Cohort, i32)> = look
        .own(class::rows)
        .order((class::cohort.desc(), class::number))
        .select((class::id, class::cohort, class::number))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(id, cohort, number)| ClassRow { id, name: ClassName { cohort, number } }).collect())
}

/// The classes that have pupils in this term's school year, in class order.
pub fn taught_classes(look: &mut Look, whole: WholeSchool, term: Term) -> Result<Vec<ClassRow>, Refused> {
    let all = classes(look, whole)?;
    Ok(all.into_iter().filter(|class| class.name.cohort.grade_in(term.year()).is_some()).collect())
}

/// Where a child is at school: the class it is in now, or was in last.
#[derive(Clone, Debug)]
pub struct AtSchool {
    pub class: ClassRow,
    pub seat: i32,
    /// The present term of the calendar.
    pub term: TermDates,
    /// Who leads the class in it, if anyone does.
    pub homeroom: Option<String>,
}

impl AtSchool {
    /// Whether the child is in junior high in the present term.
    ///
    /// # Errors
    /// [`Refused::Conflict`] for who has left it: what was is read, nothing is added.
    pub fn check_learning(&self) -> Result<(), Refused> {
        match self.class.name.cohort.grade_in(self.term.term.year()) {
            Some(_) => Ok(()),
            None => Err(Refused::conflict("已经毕业了，这里只能看，不再写。")),
        }
    }
}

/// The classes of a school year in class order: what they are called, no more.
pub fn class_names(look: &mut Look, year: i32) -> Result<Vec<(ClassId, ClassName)>, Refused> {
    let rows: Vec<(ClassId, Cohort, i32)> = look
        .own(class::rows)
        .order((class::cohort.desc(), class::number))
        .select((class::id, class::cohort, class::number))
        .load(look.conn())?;
    let rows = rows.into_iter().map(|(id, cohort, number)| (id, ClassName { cohort, number }));
    Ok(rows.filter(|(_, name)| name.cohort.grade_in(year).is_some()).collect())
}

/// Where a child is at school now, or was last.
pub fn at_school(look: &mut Look, child: Child) -> Result<AtSchool, Refused> {
    let today = look.today();
    // Newest stay first; one that lies ahead counts only where there is no other.
    let rows: Vec<(ClassId, Cohort, i32, i32, TermDates, Option<String>, NaiveDate)> = look
        .own(enrolment::rows)
        .inner_join(
            class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
        )
        .inner_join(term::table.on(term::starts_on.le(today)))
        .left_join(
            post::joined().on(post::school_id
                .eq(enrolment::school_id)
                .and(post::class_id.eq(enrolment::class_id))
                .and(post::term.eq(term::id))
                .and(post::role.eq(Role::Homeroom.code()))
                .and(post::until.is_null())),
        )
        .left_join(account::table.on(account::id.nullable().eq(post::account_id.nullable())))
        .filter(enrolment::student_id.eq(child.student()))
        .order((enrolment::entered_on.desc(), term::id.desc()))
        .select((
            class::id,
            class::cohort,
            class::number,
            enrolment::seat,
            (term::id, term::starts_on, term::ends_on),
            account::name.nullable(),
            enrolment::entered_on,
        ))
        .load(look.conn())?;
    let at = rows.iter().position(|row| row.6 <= today).unwrap_or(0);
    let (id, cohort, number, seat, term, homeroom, _) = rows.into_iter().nth(at).ok_or(Refused::NotFound)?;
    Ok(AtSchool { class: ClassRow { id, name: ClassName { cohort, number } }, seat, term, homeroom })
}

impl From<OwnClass> for ClassRow {
    fn from(own: OwnClass) -> Self {
        ClassRow { id: own.id(), name: own.class_name() }
    }
}
