use crate::access::{Principal, Refused, SchoolOffice, Shell};
use crate::cycle::Stage;
use crate::evaluation::board::{Board, ClassView, Desk, GradeView, board};
use crate::platform::page::Page;
use actix_web::get;
use actix_web::web::Query;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct BoardView {
    term_name: String,
    today: String,
    ends: String,
    opened: bool,
    filters: Vec<FilterView>,
    grades: Vec<GradeRows>,
    /// How many teachers were reminded just now.
    told: Option<usize>,
}

/// A filter keeps the order of the classes; there is no other order.
#[derive(Serialize)]
struct FilterView {
    address: String,
    words: String,
    here: bool,
}

#[derive(Serialize)]
struct GradeRows {
    name: String,
    classes: Vec<ClassRowView>,
}

#[derive(Serialize)]
struct ClassRowView {
    #[serde(flatten)]
    class: ClassView,
    id: String,
    squares: Vec<SquareView>,
    due: String,
    today: bool,
    action: Option<Action>,
}

#[derive(Serialize)]
struct SquareView {
    character: &'static str,
    word: &'static str,
    /// `ok`, `now` or nothing.
    state: &'static str,
}

#[derive(Serialize)]
struct Action {
    address: String,
    words: &'static str,
    mine: bool,
}

#[derive(Default, Deserialize)]
struct Asked {
    show: Option<String>,
    told: Option<usize>,
}

const FILTERS: [(&str, &str); 4] =
    [("", "全部"), ("mine", "等我处理"), ("homeroom", "等班主任"), ("noticed", "公示中")];

fn shown(class: &ClassView, filter: &str, mine: Desk) -> bool {
    match filter {
        "mine" => class.waits == mine,
        "homeroom" => class.waits == Desk::Homeroom,
        "noticed" => class.stage == Stage::Noticed,
        _ => true,
    }
}

fn squares(class: &ClassView) -> Vec<SquareView> {
    let state = |stage: Stage| match stage {
        Stage::Sealed if class.stage == Stage::Sealed => "ok",
        _ if stage == class.stage => "now",
        _ if stage < class.stage => "ok",
        _ => "",
    };
    let square = |stage: &Stage| SquareView { character: stage.character(), word: stage.word(), state: state(*stage) };
    Stage::ALL.iter().map(square).collect()
}

fn action(class: &ClassView, desk: Desk) -> Option<Action> {
    let mine = class.waits == desk;
    let to = |address: String, words| Some(Action { address, words, mine });
    match (desk, class.stage) {
        (Desk::Office, _) if class.pupils == 0 => to("/office/roster".to_owned(), "去导入"),
        (Desk::Office, _) if class.homeroom.is_none() => to("/office/classes".to_owned(), "去安排"),
        (Desk::Office, Stage::Signed) => to(format!("/office/notice/{}", class.id), "公示前核对"),
        (Desk::Office, Stage::Noticed) => to(format!("/office/notice/{}", class.id), "看公示"),
        (Desk::Office, Stage::Objecting) => to("/office/objections".to_owned(), "看异议"),
        (Desk::Office, Stage::Checking) if mine => to(format!("/office/notice/{}", class.id), "去审核"),
        (Desk::Principal, Stage::Checking) if mine => to(format!("/principal/seal/{}", class.id), "去归档"),
        _ => None,
    }
}

fn page(board: Board, shell: &Shell, desk: Desk, asked: &Asked, today: chrono::NaiveDate) -> Page {
    let filter = asked.show.as_deref().unwrap_or_default();
    let home = if desk == Desk::Office { "/office" } else { "/principal" };
    let all: Vec<&ClassView> = board.grades.iter().flat_map(|grade| &grade.classes).collect();
    let filters = FILTERS
        .iter()
        .map(|(code, words)| {
            let n = all.iter().filter(|class| shown(class, code, desk)).count();
            FilterView {
                address: if code.is_empty() { home.to_owned() } else { format!("{home}?show={code}") },
                words: if code.is_empty() { format!("{words} {n} 个班") } else { format!("{words} {n}") },
                here: *code == filter,
            }
        })
        .collect();
    let rows = |grade: GradeView| GradeRows {
        name: grade.name,
        classes: grade
            .classes
            .into_iter()
            .filter(|class| shown(class, filter, desk))
            .map(|class| ClassRowView {
                id: class.id.to_string(),
                squares: squares(&class),
                due: class.due.map(super::grid::day).unwrap_or_default(),
                today: class.due == Some(today),
                action: action(&class, desk),
                class,
            })
            .collect(),
    };
    let view = BoardView {
        term_name: board.term_name,
        today: super::grid::day(today),
        ends: super::grid::day(board.deadline),
        opened: board.opened,
        told: asked.told,
        filters,
        grades: board.grades.into_iter().map(rows).filter(|grade| !grade.classes.is_empty()).collect(),
    };
    Page::of("evaluation/board.html", &view).within("shell", shell)
}

/// The office's desk: the term board.
#[get("")]
pub(super) async fn office_board(office: SchoolOffice, asked: Query<Asked>) -> Result<Page, Refused> {
    let (whole, today) = (office.whole_school(), office.house().clock.today());
    let board = office.look(move |look| board(look, whole)).await?;
    Ok(page(board, office.shell()?, Desk::Office, &asked, today))
}

/// The principal's desk: the same board.
#[get("")]
pub(super) async fn principal_board(principal: Principal, asked: Query<Asked>) -> Result<Page, Refused> {
    let (whole, today) = (principal.whole_school(), principal.house().clock.today());
    let board = principal.look(move |look| board(look, whole)).await?;
    Ok(page(board, principal.shell(), Desk::Principal, &asked, today))
}
