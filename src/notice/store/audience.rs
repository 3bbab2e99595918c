use crate::access::own::{class, notice};
use crate::access::{Look, Refused};
use crate::cycle::Part;
use crate::names::{ClassId, ClassName, Cohort, StudentId, Term};
use crate::roster::ClassRow;
use crate::schema::student;
use chrono::NaiveDate;
use diesel::prelude::*;

/// The other classes of a grade whose notice runs now, in class order.
pub fn noticed_with(look: &mut Look, own: &ClassRow, term: Term, part: Part) -> Result<Vec<ClassRow>, Refused> {
    let today: NaiveDate = look.today();
    let rows: Vec<(ClassId, Cohort, i32)> = look
        .own(notice::rows)
        .inner_join(class::joined().on(class::school_id.eq(notice::school_id).and(class::id.eq(notice::class_id))))
        .filter(notice::term.eq(term))
        .filter(notice::part.eq(part))
        .filter(notice::round.eq(1))
        .filter(notice::last_on.ge(today))
        .filter(class::cohort.eq(own.name.cohort))
        .filter(class::id.ne(own.id))
        .order(class::number)
        .select((class::id, class::cohort, class::number))
        .load(look.conn())?;
    Ok(rows.into_iter().map(|(id, cohort, number)| ClassRow { id, name: ClassName { cohort, number } }).collect())
}

/// What a pupil is called, for a line that names one.
pub fn pupil_name(look: &mut Look, id: StudentId) -> Result<String, Refused> {
    Ok(student::table.find(id).select(student::name).first(look.conn())?)
}
