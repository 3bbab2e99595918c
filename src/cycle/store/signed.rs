use super::{SignedBy, signed_by};
use crate::access::{Look, OwnClass, Refused, WholeSchool};
use crate::names::{ClassId, StudentId, Term};
use crate::roster::calendar::{TermDates, term_dates};
use crate::roster::{ClassRow, class_list, class_named, class_register};

/// A class whose term is signed, and who was in it, for what is printed of a whole
/// class. Only the class's own teacher or the school's office has one.
#[derive(Clone, Debug)]
pub struct SignedClass {
    class: ClassRow,
    term: Term,
    by: SignedBy,
    pupils: Vec<Seated>,
}

/// A pupil in a class's book.
#[derive(Clone, Debug)]
pub struct Seated {
    pub id: StudentId,
    pub seat: i32,
    pub name: String,
}

impl SignedClass {
    /// One's own class, in a term of its three years up to the present one.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for another term; [`Refused::Conflict`] before it is signed.
    pub fn own(look: &mut Look, own: &OwnClass, term: Term) -> Result<Self, Refused> {
        if term > own.term() || !Term::of_cohort(own.cohort()).contains(&term) {
            return Err(Refused::NotFound);
        }
        let (by, dates) = signed(look, &(*own).into(), term)?;
        let pupils = class_list(look, own, dates)?.into_iter();
        let pupils = pupils.map(|pupil| Seated { id: pupil.id, seat: pupil.seat, name: pupil.name }).collect();
        Self::with((*own).into(), term, by, pupils)
    }

    /// A class of the school, in any term.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school, or with nobody in it;
    /// [`Refused::Conflict`] before it is signed.
    pub fn of_school(look: &mut Look, whole: WholeSchool, id: ClassId, term: Term) -> Result<Self, Refused> {
        let class = class_named(look, whole, id)?;
        let (by, dates) = signed(look, &class, term)?;
        let day = look.today().min(dates.ends_on);
        let pupils = class_register(look, whole, id, day)?.into_iter();
        let pupils = pupils.map(|pupil| Seated { id: pupil.id, seat: pupil.seat, name: pupil.name }).collect();
        Self::with(class, term, by, pupils)
    }

    fn with(class: ClassRow, term: Term, by: SignedBy, pupils: Vec<Seated>) -> Result<Self, Refused> {
        if pupils.is_empty() { Err(Refused::NotFound) } else { Ok(SignedClass { class, term, by, pupils }) }
    }

    pub fn class(&self) -> ClassRow {
        self.class
    }

    /// `八年级(3)班`, as it was called in that term.
    pub fn name(&self) -> String {
        self.class.name.in_year(self.term.year())
    }

    pub fn term(&self) -> Term {
        self.term
    }

    pub fn by(&self) -> &SignedBy {
        &self.by
    }

    /// Who was in it on the term's last day, or is today; in seat order.
    pub fn pupils(&self) -> &[Seated] {
        &self.pupils
    }

    pub fn ids(&self) -> Vec<StudentId> {
        self.pupils.iter().map(|pupil| pupil.id).collect()
    }
}

fn signed(look: &mut Look, class: &ClassRow, term: Term) -> Result<(SignedBy, TermDates), Refused> {
    let by = signed_by(look, class, term)?
        .ok_or_else(|| Refused::conflict("这个班这个学期还没有签字，要等班主任签字以后才能打印。"))?;
    Ok((by, term_dates(look, term)?))
}
