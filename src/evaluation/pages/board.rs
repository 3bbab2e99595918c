use crate::access::{Principal, Refused, SchoolOffice, Shell};
use crate::evaluation::board::{Board, board};
use crate::platform::page::Page;
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct BoardView<'b> {
    #[serde(flatten)]
    board: &'b Board,
    ends: String,
}

fn page(board: &Board, shell: &Shell) -> Page {
    let view = BoardView { board, ends: super::grid::day(board.deadline) };
    Page::of("evaluation/board.html", &view).within("shell", shell)
}

/// The office's desk: the term board.
#[get("")]
pub(super) async fn office_board(office: SchoolOffice) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let board = office.look(move |look| board(look, whole)).await?;
    Ok(page(&board, office.shell()?))
}

/// The principal's desk: the same board.
#[get("")]
pub(super) async fn principal_board(principal: Principal) -> Result<Page, Refused> {
    let whole = principal.whole_school();
    let board = principal.look(move |look| board(look, whole)).await?;
    Ok(page(&board, principal.shell()))
}
