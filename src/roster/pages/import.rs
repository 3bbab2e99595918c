use crate::access::{Fault, Nothing, Posted, Refused, SchoolOffice, Upload};
use crate::names::TakingId;
use crate::platform::page::{Download, Page, SeeOther};
use crate::roster::calendar::present_term;
use crate::roster::reading::{RosterRead, read_roster};
use crate::roster::{
    DryRun, RowVerdict, Taking, UndoTaking, Verdict, WaitForTaking, refused_workbook, roster_template, take_waiting,
    takings_of_today, taught_classes,
};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use base64::Engine as _;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ChooseView {
    taken: Option<usize>,
    changed: usize,
    undone: bool,
    /// What was taken today; the newest can be undone.
    takings: Vec<TakingView>,
    faults: Vec<Fault>,
    unreadable: Option<String>,
    file_name: String,
}

#[derive(Serialize)]
struct TakingView {
    at: String,
    taking: Taking,
}

#[derive(Default, Deserialize)]
struct Asked {
    taken: Option<usize>,
    changed: Option<usize>,
    undone: Option<u8>,
}

async fn choose(
    office: &SchoolOffice,
    asked: Asked,
    unreadable: Option<(String, String)>,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status =
        if unreadable.is_none() && faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let takings = office.look(move |look| takings_of_today(look, whole)).await?.into_iter();
    let (file_name, unreadable) = unreadable.map_or((String::new(), None), |(name, why)| (name, Some(why)));
    let view = ChooseView {
        taken: asked.taken,
        changed: asked.changed.unwrap_or(0),
        undone: asked.undone.is_some(),
        takings: takings.map(|taking| TakingView { at: taking.at.format("%H:%M").to_string(), taking }).collect(),
        faults,
        unreadable,
        file_name,
    };
    Ok(Page::of("roster/choose.html", &view).within("shell", office.shell()?).with_status(status))
}

/// Where the office brings its roster.
#[get("/roster")]
pub(super) async fn roster_page(office: SchoolOffice, asked: Query<Asked>) -> Result<Page, Refused> {
    choose(&office, asked.into_inner(), None, Vec::new()).await
}

#[derive(Serialize)]
struct DryRunView<'a> {
    file_name: &'a str,
    sheet_name: String,
    /// Sheets without a header of ours.
    passed: &'a [String],
    rows: usize,
    new: usize,
    changed: usize,
    same: usize,
    refused: usize,
    remarked: usize,
    recognised: Vec<&'a str>,
    ignored: &'a [String],
    /// Rows with something to mend or to look at.
    shown: Vec<&'a RowVerdict>,
    /// Pupil by pupil what would be otherwise.
    altered: Vec<&'a RowVerdict>,
    /// The others, by verdict and class.
    plain: Vec<PlainRows<'a>>,
    missing_classes: Vec<MissingClass>,
    token: Option<String>,
    /// The refused rows as a workbook, in the page itself: it is kept nowhere.
    refused_href: Option<String>,
}

#[derive(Serialize)]
struct PlainRows<'a> {
    title: &'static str,
    unit: &'static str,
    note: &'static str,
    count: usize,
    classes: Vec<PlainClass<'a>>,
}

#[derive(Serialize)]
struct PlainClass<'a> {
    name: &'a str,
    names: Vec<&'a str>,
}

/// The rows of one verdict that need no look, class by class as the file has them.
fn plain_rows<'a>(run: &'a DryRun, verdict: Verdict) -> Option<PlainRows<'a>> {
    let mut classes: Vec<PlainClass<'a>> = Vec::new();
    let mut count = 0;
    for row in run.rows.iter().filter(|row| row.verdict == verdict && row.remarks.is_empty()) {
        count += 1;
        match classes.iter_mut().find(|class| class.name == row.class_name) {
            Some(class) => class.names.push(&row.name),
            None => classes.push(PlainClass { name: &row.class_name, names: vec![&row.name] }),
        }
    }
    let (title, unit, note) = match verdict {
        Verdict::New => ("新增", "人", "，没有要看的地方"),
        Verdict::Same => ("没变化", "人", "，库里已经有"),
        Verdict::Changed | Verdict::Refused => return None,
    };
    (count > 0).then_some(PlainRows { title, unit, note, count, classes })
}

#[derive(Serialize)]
struct MissingClass {
    cohort: i32,
    number: i32,
    name: String,
}

/// Reads a roster and says of every row what would become of it; saves nothing of it
/// but the accepted rows, sealed, for an hour.
#[post("/roster")]
pub(super) async fn try_roster(office: SchoolOffice, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let refuse = async |file_name: String, why: String| {
        choose(&office, Asked::default(), Some((file_name, why)), Vec::new()).await
    };
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused @ Refused::Invalid(_)) => return refuse(String::new(), refused.words().1).await,
        Err(other) => return Err(other),
    };
    let (code, keys, whole) = (office.school().code.clone(), office.house().keys.clone(), office.whole_school());
    let Upload { file_name, bytes, .. } = upload;
    let tried = office
        .look(move |look| {
            let year = present_term(look)?.term.year();
            let read = match read_roster(&bytes, &code, year) {
                Ok(read) => read,
                Err(no_roster) => return Ok(Err(no_roster)),
            };
            let run = DryRun::of(look, whole, &keys, &read, year)?;
            Ok(Ok((run, read, year)))
        })
        .await?;
    let (run, read, year): (DryRun, RosterRead, i32) = match tried {
        Ok(tried) => tried,
        Err(no_roster) => return refuse(file_name, no_roster.to_string()).await,
    };
    let token = if run.count(Verdict::New) + run.count(Verdict::Changed) > 0 {
        let wait = WaitForTaking::new(&office.house().keys, &run)?;
        Some(office.act(move |_| Ok(wait)).await?)
    } else {
        None
    };
    let refused = run.count(Verdict::Refused);
    let refused_href = if refused > 0 {
        let workbook = base64::engine::general_purpose::STANDARD.encode(refused_workbook(&run, &read)?);
        Some(format!("data:application/vnd.openxmlformats-officedocument.spreadsheetml.sheet;base64,{workbook}"))
    } else {
        None
    };
    let view = DryRunView {
        file_name: &file_name,
        sheet_name: read.names(),
        passed: &read.passed,
        rows: run.rows.len(),
        new: run.count(Verdict::New),
        changed: run.count(Verdict::Changed),
        same: run.count(Verdict::Same),
        refused,
        remarked: run.remarked(),
        recognised: read.sheets[0].columns.recognised(),
        ignored: &read.sheets[0].columns.ignored,
        shown: run.rows.iter().filter(|row| row.verdict == Verdict::Refused || !row.remarks.is_empty()).collect(),
        altered: run.rows.iter().filter(|row| row.verdict == Verdict::Changed).collect(),
        plain: [Verdict::New, Verdict::Same].into_iter().filter_map(|verdict| plain_rows(&run, verdict)).collect(),
        missing_classes: run
            .missing_classes
            .iter()
            .map(|class| MissingClass {
                cohort: class.cohort.0,
                number: class.number,
                name: crate::names::ClassName { cohort: class.cohort, number: class.number }.in_year(year),
            })
            .collect(),
        token,
        refused_href,
    };
    Ok(Page::of("roster/dry-run.html", &view).within("shell", office.shell()?))
}

#[derive(Deserialize)]
struct TakeForm {
    token: String,
}

/// Takes the rows that a dry run has accepted.
#[post("/roster/take")]
pub(super) async fn take_roster(office: SchoolOffice, form: Posted<TakeForm>) -> Result<SeeOther, Refused> {
    let keys = office.house().keys.clone();
    let taken = office.act(move |tx| take_waiting(tx, &keys, &form.0.token)).await?;
    Ok(SeeOther(format!("/office/roster?taken={}&changed={}", taken.new, taken.changed)))
}

/// Undoes the roster that was taken last, within its day.
#[post("/roster/{taking}/undo")]
pub(super) async fn undo_taking(
    office: SchoolOffice,
    taking: Path<TakingId>,
    _form: Posted<Nothing>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (whole, keys, taking) = (office.whole_school(), office.house().keys.clone(), taking.into_inner());
    match office.act(move |tx| UndoTaking::of(tx, whole, &keys, taking)).await {
        Ok(()) => Ok(Either::Left(SeeOther("/office/roster?undone=1".to_owned()))),
        Err(refused) => Ok(Either::Right(choose(&office, Asked::default(), None, refused.at_form("")?.1).await?)),
    }
}

/// An empty roster to be filled in.
#[get("/roster/template.xlsx")]
pub(super) async fn template(office: SchoolOffice) -> Result<Download, Refused> {
    let whole = office.whole_school();
    let classes = office
        .look(move |look| {
            let term = present_term(look)?.term;
            Ok(taught_classes(look, whole, term)?.into_iter().map(|c| c.name.in_year(term.year())).collect::<Vec<_>>())
        })
        .await?;
    Ok(Download {
        name: "学籍名单模板.xlsx".to_owned(),
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        bytes: roster_template(&classes)?,
        inline: false,
    })
}
