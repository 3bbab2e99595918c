//! How far each class is and whom it waits for: people and stages, never what
//! anyone was given.

use super::store::school_progress;
use crate::access::{Look, Refused, WholeSchool};
use crate::cycle::{Stage, class_stages};
use crate::names::{ClassId, Term};
use crate::roster::calendar::present_term;
use crate::roster::{homerooms, is_open};
use chrono::NaiveDate;
use serde::Serialize;

/// The term board: every class, its stage, who it waits for; in class order only.
#[derive(Serialize)]
pub struct Board {
    pub term: Term,
    pub term_name: String,
    /// The day the term ends.
    pub deadline: NaiveDate,
    /// The school has opened the term, or there is nobody yet who would notice.
    pub opened: bool,
    pub grades: Vec<GradeView>,
}

#[derive(Serialize)]
pub struct GradeView {
    pub name: String,
    pub classes: Vec<ClassView>,
}

#[derive(Serialize)]
pub struct ClassView {
    #[serde(skip)]
    pub id: ClassId,
    pub name: String,
    pub homeroom: Option<String>,
    pub stage: Stage,
    pub stage_word: &'static str,
    pub complete: usize,
    pub pupils: usize,
    /// Who is waited for, and for what.
    pub waits_for: String,
}

/// Reads the board of a school.
pub fn board(look: &mut Look, whole: WholeSchool) -> Result<Board, Refused> {
    let dates = present_term(look)?;
    let year = dates.term.year();
    let leaders = homerooms(look, whole, dates.term)?;
    let progress = school_progress(look, whole, dates)?;
    let mut grades: Vec<GradeView> = Vec::new();
    for class in class_stages(look, whole, dates)? {
        let name = &class.class.name;
        let grade = name.cohort.grade_in(year).map(|grade| format!("{}年级", grade.character())).unwrap_or_default();
        let progress = progress.get(&class.class.id).copied().unwrap_or_default();
        let homeroom = leaders.iter().find(|(of, ..)| *of == class.class.id).map(|(.., name)| name.clone());
        let waits_for = match (class.stage, &homeroom) {
            (_, _) if progress.pupils == 0 => "等教务导入名单".to_owned(),
            (Stage::Evaluating, None) => "等教务安排班主任".to_owned(),
            (Stage::Evaluating, Some(_)) if progress.complete == progress.pupils => "填完了，等班主任签字".to_owned(),
            (Stage::Evaluating, Some(_)) => {
                let mut what = vec![format!("等班主任，{} 人没填完", progress.pupils - progress.complete)];
                if progress.without_ground > 0 {
                    what.push(format!("其中 {} 人待补依据", progress.without_ground));
                }
                what.join("；")
            }
            (Stage::Signed, _) => "等学校审核归档".to_owned(),
            (Stage::Sealed, _) => String::new(),
        };
        let view = ClassView {
            id: class.class.id,
            name: name.short_in_year(year),
            homeroom,
            stage: class.stage,
            stage_word: class.stage.word(),
            complete: progress.complete,
            pupils: progress.pupils,
            waits_for,
        };
        match grades.last_mut() {
            Some(last) if last.name == grade => last.classes.push(view),
            _ => grades.push(GradeView { name: grade, classes: vec![view] }),
        }
    }
    let opened = grades.is_empty() || is_open(look, dates.term)?;
    Ok(Board { term: dates.term, opened, term_name: dates.term.name(), deadline: dates.ends_on, grades })
}
