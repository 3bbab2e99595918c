//! How far each class is and whom it waits for: people and stages, never what
//! anyone was given.

use super::store::{Progress, school_progress};
use crate::access::{Look, Refused, WholeSchool};
use crate::cycle::{ClassStage, Holding, Stage, class_stages};
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
    /// Pupils whose term is sealed.
    pub sealed: i64,
    /// Who is waited for, and for what.
    pub waits_for: String,
    /// The desk that is waited for.
    pub waits: Desk,
    /// By when, in the stage it is in.
    pub due: Option<NaiveDate>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    Office,
    Homeroom,
    Principal,
    /// A notice runs, or a committee or the county looks into something.
    Time,
    Nobody,
}

/// Who is waited for in a class, for what, and until when.
fn turn(class: &ClassStage, progress: &Progress, led: bool, ends: NaiveDate) -> (Desk, String, Option<NaiveDate>) {
    if progress.pupils == 0 {
        return (Desk::Office, "等教务导入名单".to_owned(), None);
    }
    let open = class.objections.iter().filter(|held| held.waits()).collect::<Vec<&Holding>>();
    let soonest = open.iter().filter_map(|held| held.due_on).min();
    let answers = open.iter().find(|held| held.due_on == soonest).map(|held| {
        let who = if held.handler_name.is_empty() { held.instance.word() } else { &held.handler_name };
        (Desk::Office, format!("{} 件异议等{who}答复", open.len()), held.due_on)
    });
    match class.stage {
        Stage::Evaluating if !led => (Desk::Office, "等教务安排班主任".to_owned(), Some(ends)),
        Stage::Evaluating if progress.complete == progress.pupils => {
            (Desk::Homeroom, "填完了，等班主任签字".to_owned(), Some(ends))
        }
        Stage::Evaluating => {
            let mut what = vec![format!("等班主任，{} 人没填完", progress.pupils - progress.complete)];
            if progress.without_ground > 0 {
                what.push(format!("其中 {} 人待补依据", progress.without_ground));
            }
            (Desk::Homeroom, what.join("；"), Some(ends))
        }
        Stage::Signed => answers.unwrap_or((Desk::Office, "等教务核对，开始公示".to_owned(), Some(ends))),
        Stage::Noticed => {
            let last = class.notices.iter().find(|notice| notice.round == 1).map(|notice| notice.last_on);
            answers.unwrap_or((Desk::Time, "公示中，没有异议等答复".to_owned(), last))
        }
        Stage::Objecting => answers.unwrap_or_else(|| {
            let last = class.notices.iter().map(|notice| notice.last_on).max();
            (Desk::Time, "改动的一条在二次公示".to_owned(), last)
        }),
        Stage::Checking => match (&class.checked, &class.reviewed) {
            (None, _) => (Desk::Homeroom, "公示结束，等班主任核对签字".to_owned(), Some(ends)),
            (_, None) => (Desk::Office, "班主任核对过了，等教务审核".to_owned(), Some(ends)),
            _ if class.sealed > 0 => {
                let rest = format!("已归档 {} 人，其余等校长归档", class.sealed);
                (Desk::Principal, rest, Some(ends))
            }
            _ => (Desk::Principal, "审核过了，等校长归档".to_owned(), Some(ends)),
        },
        Stage::Sealed => (Desk::Nobody, String::new(), None),
    }
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
        let (waits, waits_for, due) = turn(&class, &progress, homeroom.is_some(), dates.ends_on);
        let view = ClassView {
            id: class.class.id,
            name: name.short_in_year(year),
            homeroom,
            stage: class.stage,
            stage_word: class.stage.word(),
            complete: progress.complete,
            pupils: progress.pupils,
            sealed: class.sealed,
            waits_for,
            waits,
            due,
        };
        match grades.last_mut() {
            Some(last) if last.name == grade => last.classes.push(view),
            _ => grades.push(GradeView { name: grade, classes: vec![view] }),
        }
    }
    let opened = grades.is_empty() || is_open(look, dates.term)?;
    Ok(Board { term: dates.term, opened, term_name: dates.term.name(), deadline: dates.ends_on, grades })
}
