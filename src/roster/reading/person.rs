//! Whose row it is, in a workbook of one class.

use crate::roster::Pupil;

/// Why a row is nobody's: the column to look at, and how to mend it.
pub type Unfound = (&'static str, String);

fn bare(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether a cell names this pupil; blanks inside a name do not count.
pub fn is_named(pupil: &Pupil, name: &str) -> bool {
    bare(&pupil.name) == bare(name)
}

/// The pupil of a class list whom a row names; of two with one name the seat decides.
///
/// # Errors
/// Nobody, or either of two.
pub fn pupil_named<'p>(pupils: &'p [Pupil], name: &str, seat: Option<i32>) -> Result<&'p Pupil, Unfound> {
    if bare(name).is_empty() {
        return Err(("姓名", "这一行没有姓名。请补上。".to_owned()));
    }
    let named: Vec<&Pupil> = pupils.iter().filter(|pupil| is_named(pupil, name)).collect();
    match named.as_slice() {
        [] => Err(("姓名", "不在这个班的名单里。请核对姓名，或看一看是不是别班的学生。".to_owned())),
        [only] => Ok(only),
        several => several
            .iter()
            .find(|pupil| Some(pupil.seat) == seat)
            .copied()
            .ok_or_else(|| ("班内学号", "班里有同名的学生。请补上班内学号。".to_owned())),
    }
}
