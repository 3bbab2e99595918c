use crate::access::{Fault, Posted, Refused, SchoolOffice, Upload};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::platform::workbook::read;
use crate::roster::calendar::present_term;
use crate::roster::{Regroup, RegroupRun, RegroupVerdict, RegroupWaits, regroup_rows};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize)]
struct RegroupView {
    file_name: String,
    on: String,
    rows: Vec<RegroupVerdict>,
    /// How many lines have something to mend, and how many pupils would move.
    refused: usize,
    moving: usize,
    classes: Vec<(String, usize, usize, usize)>,
    token: Option<String>,
    done: Option<usize>,
    faults: Vec<Fault>,
}

fn page(office: &SchoolOffice, mut view: RegroupView) -> Result<Page, Refused> {
    if view.on.is_empty() {
        view.on = office.house().clock.today().to_string();
    }
    let status = if view.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(Page::of("roster/regroup.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Done {
    done: Option<usize>,
}

/// Where the office brings the sheet that says who goes to which class.
#[get("/regroup")]
pub(super) async fn regroup_page(office: SchoolOffice, asked: Query<Done>) -> Result<Page, Refused> {
    page(&office, RegroupView { done: asked.done, ..RegroupView::default() })
}

/// Says of every line what would become of it.
#[post("/regroup")]
pub(super) async fn try_regroup(office: SchoolOffice, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let refuse = |file_name: String, on: String, fault: Fault| {
        page(&office, RegroupView { file_name, on, faults: vec![fault], ..RegroupView::default() })
    };
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused @ Refused::Invalid(_)) => {
            return refuse(String::new(), String::new(), Fault::at("file", refused.words().1));
        }
        Err(other) => return Err(other),
    };
    let typed = half_width(upload.field("on"));
    let Upload { file_name, bytes, .. } = upload;
    let Ok(on) = typed.parse::<NaiveDate>() else {
        return refuse(file_name, String::new(), Fault::at("on", "生效的日子请写成 2027-03-01 这样。"));
    };
    let rows = match read(&bytes).map_err(|e| e.to_string()).and_then(|sheet| regroup_rows(&sheet)) {
        Ok(rows) => rows,
        Err(why) => return refuse(file_name, typed, Fault::at("file", why)),
    };
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let run = office
        .look(move |look| {
            let term = present_term(look)?.term;
            RegroupRun::of(look, whole, &keys, rows, term, on)
        })
        .await;
    let run = match run {
        Ok(run) => run,
        Err(Refused::Invalid(mut faults)) if !faults.is_empty() => {
            return refuse(file_name, typed, faults.remove(0));
        }
        Err(other) => return Err(other),
    };
    let token = if run.is_ready() {
        let wait = RegroupWaits::new(&office.house().keys, &run)?;
        Some(office.act(move |_| Ok(wait)).await?)
    } else {
        None
    };
    let view = RegroupView {
        file_name,
        on: typed,
        refused: run.rows.iter().filter(|row| !row.cure.is_empty()).count(),
        moving: run.moving(),
        classes: run.classes,
        rows: run.rows,
        token,
        ..RegroupView::default()
    };
    page(&office, view)
}

#[derive(Deserialize)]
struct TakeForm {
    token: String,
}

/// Everyone changes class on that day.
#[post("/regroup/take")]
pub(super) async fn take_regroup(
    office: SchoolOffice,
    form: Posted<TakeForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let keys = office.house().keys.clone();
    match office.act(move |tx| Regroup::waiting(tx, &keys, &form.0.token)).await {
        Ok(done) => Ok(Either::Left(SeeOther(format!("/office/regroup?done={done}")))),
        Err(refused) => {
            let view = RegroupView { faults: refused.at_form("file")?.1, ..RegroupView::default() };
            Ok(Either::Right(page(&office, view)?))
        }
    }
}
