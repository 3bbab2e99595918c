//! `qinghe status`: the term board as JSON.

use super::house::{Migrating, open_founded};
use super::{Done, Failed};
use crate::access::Operator;
use crate::cycle::Stage;
use crate::evaluation::board::board;
use crate::names::{ClassId, Term};
use crate::platform::settings::Settings;
use crate::platform::text::code_like;
use crate::roster::schools;
use serde::Serialize;
use std::process::ExitCode;

/// One class of the present term.
#[derive(Serialize)]
struct Row {
    /// 10-digit code.
    school: String,
    term: Term,
    class: ClassId,
    name: String,
    stage: Stage,
    /// Pupils of whom nothing is missing.
    done: usize,
    pupils: usize,
    waits_for: String,
}

pub async fn perform(settings: Settings, school: Option<String>) -> Done {
    let door = open_founded(&settings, Migrating::Embedded)?;
    let operator = Operator::at(&door);
    let codes: Vec<String> = match school {
        Some(code) => vec![code_like(&code)],
        None => operator.county().look(schools).await?.into_iter().map(|school| school.code).collect(),
    };
    let mut rows = Vec::new();
    for school in codes {
        let office = operator.school_office(&school).await?;
        let whole = office.whole_school();
        let board = office.look(move |look| board(look, whole)).await?;
        rows.extend(board.grades.into_iter().flat_map(|grade| grade.classes).map(|class| Row {
            school: school.clone(),
            term: board.term,
            class: class.id,
            name: class.name,
            stage: class.stage,
            done: class.complete,
            pupils: class.pupils,
            waits_for: class.waits_for,
        }));
    }
    let text = serde_json::to_string_pretty(&rows).map_err(|e| Failed::because(e.to_string()))?;
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}
