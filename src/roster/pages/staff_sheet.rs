use super::classes::{LinkView, link_for};
use crate::access::{Posted, Refused, SchoolOffice, Upload};
use crate::platform::page::Page;
use crate::platform::workbook::read;
use crate::roster::calendar::present_term;
use crate::roster::{StaffRow, StaffRun, StaffVerdict, Verdict, staff_rows};
use actix_web::http::StatusCode;
use actix_web::{get, post};
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize)]
struct SheetView {
    file_name: String,
    unreadable: Option<String>,
    rows: Vec<StaffVerdict>,
    new: usize,
    same: usize,
    refused: usize,
    /// The accepted rows, as the form carries them back: they are judged again then.
    accepted: String,
    taken: Option<usize>,
    links: Vec<LinkView>,
}

fn page(office: &SchoolOffice, view: &SheetView) -> Result<Page, Refused> {
    let status = if view.unreadable.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(Page::of("roster/staff-sheet.html", view).within("shell", office.shell()?).with_status(status))
}

/// Where the office brings a sheet of teachers.
#[get("/staff/import")]
pub(super) async fn sheet_page(office: SchoolOffice) -> Result<Page, Refused> {
    page(&office, &SheetView::default())
}

async fn judged(office: &SchoolOffice, rows: Vec<StaffRow>) -> Result<StaffRun, Refused> {
    let whole = office.whole_school();
    office
        .look(move |look| {
            let term = present_term(look)?.term;
            StaffRun::of(look, whole, rows, term)
        })
        .await
}

/// Reads a sheet of teachers and says of every row what would become of it.
#[post("/staff/import")]
pub(super) async fn try_sheet(office: SchoolOffice, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let refuse = |file_name: String, why: String| {
        page(&office, &SheetView { file_name, unreadable: Some(why), ..SheetView::default() })
    };
    let Upload { file_name, bytes, .. } = match upload {
        Ok(upload) => upload,
        Err(refused @ Refused::Invalid(_)) => return refuse(String::new(), refused.words().1),
        Err(other) => return Err(other),
    };
    let rows = match read(&bytes).map_err(|e| e.to_string()).and_then(|sheet| staff_rows(&sheet)) {
        Ok(rows) => rows,
        Err(why) => return refuse(file_name, why),
    };
    let run = judged(&office, rows).await?;
    let accepted = run.rows.iter().filter(|row| row.verdict == Verdict::New);
    let accepted: Vec<&[String; 5]> = accepted.map(|row| &row.cells).collect();
    let view = SheetView {
        file_name,
        new: run.count(Verdict::New),
        same: run.count(Verdict::Same),
        refused: run.count(Verdict::Refused),
        accepted: serde_json::to_string(&accepted).map_err(Refused::broken)?,
        rows: run.rows,
        ..SheetView::default()
    };
    page(&office, &view)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TakeForm {
    rows: String,
}

/// Takes the rows that a dry run has accepted, and hands the new ones their links.
#[post("/staff/take")]
pub(super) async fn take_sheet(office: SchoolOffice, form: Posted<TakeForm>) -> Result<Page, Refused> {
    let unknown = |_| Refused::invalid("", "这一页放得太久了。请重新选文件试跑一次。");
    let rows: Vec<[String; 5]> = serde_json::from_str(&form.0.rows).map_err(unknown)?;
    let rows = rows.into_iter().enumerate().map(|(at, cells)| StaffRow { line: at + 1, cells }).collect();
    let whole = office.whole_school();
    let taken = office
        .act(move |tx| {
            let term = present_term(tx)?.term;
            let run = StaffRun::of(tx, whole, rows, term)?;
            if run.count(Verdict::New) == 0 || run.count(Verdict::New) != run.rows.len() {
                return Err(Refused::conflict("试跑以后任职又变了，什么都没有收。请重新试跑一次。"));
            }
            Ok(run.take())
        })
        .await?;
    let mut view = SheetView { taken: Some(taken.len()), ..SheetView::default() };
    for (account, login, name) in taken {
        view.links.push(link_for(&office, account, name, login).await?);
    }
    page(&office, &view)
}
