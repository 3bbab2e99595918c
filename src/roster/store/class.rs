use crate::access::own::{class, enrolment};
use crate::access::{Act, Child, Look, OwnClass, Refused, Tx};
use crate::names::{ClassId, ClassName, Cohort, StudentId, Term};
use crate::roster::calendar::TermDates;
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
pub fn classes(look: &mut Look) -> Result<Vec<ClassRow>, Refused> {
    let rows: Vec<(ClassId, Cohort, i32)> = look
        .own(class::rows)
        .order((class::cohort.desc(), class::number))
        .select((class::id, class::cohort, class::number))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(id, cohort, number)| ClassRow { id, name: ClassName { cohort, number } }).collect())
}

/// The classes that have pupils in this term's school year, in class order.
pub fn taught_classes(look: &mut Look, term: Term) -> Result<Vec<ClassRow>, Refused> {
    let all = classes(look)?;
    Ok(all.into_iter().filter(|class| class.name.cohort.grade_in(term.year()).is_some()).collect())
}

/// The class a child was in at the end of a term, or is in now; with its seat.
pub fn class_of_child(look: &mut Look, child: Child, term: TermDates) -> Result<Option<(ClassRow, i32)>, Refused> {
    class_of(look, child.student(), term)
}

fn class_of(look: &mut Look, student: StudentId, term: TermDates) -> Result<Option<(ClassRow, i32)>, Refused> {
    let day = look.today().min(term.ends_on);
    let found: Option<(ClassId, Cohort, i32, i32)> = look
        .own(enrolment::rows)
        .inner_join(class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))))
        .filter(enrolment::student_id.eq(student))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(enrolment::entered_on.desc())
        .select((class::id, class::cohort, class::number, enrolment::seat))
        .first(look.conn())
        .optional()?;
    Ok(found.map(|(id, cohort, number, seat)| (ClassRow { id, name: ClassName { cohort, number } }, seat)))
}

impl From<OwnClass> for ClassRow {
    fn from(own: OwnClass) -> Self {
        ClassRow { id: own.id(), name: own.class_name() }
    }
}
