use super::dry_run::{DryRun, XLSX};
use crate::access::{Look, OwnClass, PhysicalEducation, Posted, Refused, Upload};
use crate::fitness::reading::{TestedClass, TestsRead, read_tests};
use crate::fitness::store::{Accepted, OfClass, Sitting, WaitForTests, class_tests, take_waiting_tests};
use crate::fitness::{History, Item, Tested, Verdict, items_of};
use crate::names::{Sex, StudentId};
use crate::platform::page::{Page, SeeOther};
use crate::platform::workbook::write;
use crate::roster::calendar::term_dates;
use crate::roster::{NUMBER_PLACE, Pupil, class_list, class_numbers};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, ContentDisposition};
use actix_web::web::Query;
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct TestsView {
    class: OwnClass,
    class_name: String,
    year_name: String,
    pupils: Vec<PupilView>,
    /// Pupils of whom nothing is missing this year, or who are exempt.
    whole: usize,
    taken: Option<usize>,
    unreadable: Option<String>,
    file_name: String,
}

#[derive(Serialize)]
struct PupilView {
    seat: i32,
    name: String,
    /// The standard's word, or what is missing.
    standing: String,
    is_whole: bool,
    makeup: bool,
}

fn standing(history: Option<&History>, year: i32) -> (String, bool) {
    let Some(tests) = history.and_then(|history| history.year(year)) else { return ("没有数据".to_owned(), false) };
    match tests.verdict() {
        Verdict::Incomplete(missing) => {
            let names: Vec<&str> = missing.into_iter().map(Item::name).collect();
            (format!("还缺{}", names.join("、")), false)
        }
        whole => (whole.word().to_owned(), true),
    }
}

async fn page(
    pe: &PhysicalEducation,
    taken: Option<usize>,
    unreadable: Option<(String, String)>,
) -> Result<Page, Refused> {
    let own = pe.class();
    let (pupils, tests) = pe
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            Ok((class_list(look, &own, dates)?, class_tests(look, &own, dates)?))
        })
        .await?;
    let year = own.term().year();
    let pupils: Vec<PupilView> = pupils
        .into_iter()
        .map(|pupil| {
            let history = tests.get(&pupil.id);
            let (standing, is_whole) = standing(history, year);
            let makeup = history.is_some_and(|history| history.sat(year, Sitting::Makeup).is_some());
            PupilView { seat: pupil.seat, name: pupil.name, standing, is_whole, makeup }
        })
        .collect();
    let (file_name, why) = unreadable.unzip();
    let view = TestsView {
        class: own,
        class_name: own.name(),
        year_name: format!("{}—{} 学年", year, year + 1),
        whole: pupils.iter().filter(|pupil| pupil.is_whole).count(),
        pupils,
        taken,
        unreadable: why,
        file_name: file_name.unwrap_or_default(),
    };
    let status = if view.unreadable.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(Page::of("fitness/tests.html", &view).within("shell", pe.shell()).with_status(status))
}

#[derive(Deserialize)]
struct Taken {
    taken: Option<usize>,
}

/// Where the PE teacher brings the workbook, and how far the class is.
#[get("")]
pub(super) async fn tests_page(pe: PhysicalEducation, asked: Query<Taken>) -> Result<Page, Refused> {
    page(&pe, asked.taken, None).await
}

/// The workbook to fill in: names by class and seat, the items of this grade.
#[get("/template.xlsx")]
pub(super) async fn template(pe: PhysicalEducation) -> Result<HttpResponse, Refused> {
    let own = pe.class();
    let pupils = pe
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            class_list(look, &own, dates)
        })
        .await?;
    let grade = own.cohort().grade_in(own.term().year()).ok_or(Refused::NotFound)?;
    let items = |sex| items_of(Tested { grade: grade.into(), sex });
    let either: Vec<Item> = Item::ALL
        .iter()
        .copied()
        .filter(|item| items(Sex::Male).contains(item) || items(Sex::Female).contains(item))
        .collect();
    let mut header: Vec<String> = ["班级名称", "班内学号", "姓名", "性别"].map(str::to_owned).into();
    header.extend(
        either
            .iter()
            .map(|item| format!("{}（{}）", item.name(), if item.is_long_run() { "分′秒″" } else { item.unit() })),
    );
    header.push("免测".to_owned());
    let rows: Vec<Vec<String>> = pupils
        .into_iter()
        .map(|pupil| vec![own.name(), pupil.seat.to_string(), pupil.name, pupil.sex.word().to_owned()])
        .map(|mut row| {
            row.resize(header.len(), String::new());
            row
        })
        .collect();
    let bytes = write("体质测试", &header, &rows).map_err(Refused::broken)?;
    Ok(workbook(bytes, &format!("{}体质测试.xlsx", own.name())))
}

pub(super) fn workbook(bytes: Vec<u8>, name: &str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(XLSX)
        .insert_header((CONTENT_DISPOSITION, ContentDisposition::attachment(name)))
        .body(bytes)
}

struct Tried {
    read: TestsRead,
    accepted: Vec<Accepted>,
    same: usize,
}

fn tried(
    look: &mut Look,
    pe: &PhysicalEducation,
    bytes: &[u8],
    sitting: Sitting,
) -> Result<Result<Tried, String>, Refused> {
    let own = pe.class();
    let dates = term_dates(look, own.term())?;
    let year = own.term().year();
    let pupils: Vec<Pupil> = class_list(look, &own, dates)?;
    let numbers = class_numbers(look, &own, dates)?;
    let keys = pe.house().keys.clone();
    let class = TestedClass {
        name: own.class_name(),
        school_year: year,
        pupils: &pupils,
        numbers: &numbers,
        fingerprint: &|number| keys.fingerprint(NUMBER_PLACE, number),
    };
    let read = match read_tests(bytes, &class) {
        Ok(read) => read,
        Err(no_sheet) => return Ok(Err(no_sheet.to_string())),
    };
    let known = class_tests(look, &own, dates)?;
    let stands = |id: &StudentId| known.get(id).and_then(|history| history.sat(year, sitting));
    let (mut accepted, mut same) = (Vec::new(), 0);
    for (student, measures) in read.rows.iter().filter_map(|row| row.taken.as_ref()) {
        if stands(student) == Some(measures) {
            same += 1;
        } else {
            accepted.push(Accepted { student: *student, measures: measures.clone() });
        }
    }
    Ok(Ok(Tried { read, accepted, same }))
}

/// Reads a PE workbook and says of every row what would become of it; saves nothing of
/// it but the accepted rows, sealed, for an hour.
#[post("")]
pub(super) async fn try_tests(pe: PhysicalEducation, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused @ Refused::Invalid(_)) => {
            return page(&pe, None, Some((String::new(), refused.words().1))).await;
        }
        Err(other) => return Err(other),
    };
    let sitting: Sitting = upload.field("sitting").parse().unwrap_or(Sitting::First);
    let Upload { file_name, bytes, .. } = upload;
    let grant = pe.clone();
    let tried = pe.look(move |look| tried(look, &grant, &bytes, sitting)).await?;
    let Tried { read, accepted, same } = match tried {
        Ok(tried) => tried,
        Err(why) => return page(&pe, None, Some((file_name, why))).await,
    };
    let (own, new) = (pe.class(), accepted.len());
    let token = if new > 0 {
        let of = OfClass { class: own.id(), rows: accepted };
        let wait = WaitForTests::new(&pe.house().keys, sitting, vec![of])?;
        Some(pe.act(move |_| Ok(wait)).await?)
    } else {
        None
    };
    let tried = DryRun { read: &read, file_name: &file_name, sitting, new, same, token };
    Ok(tried.page(format!("/subject/{}/fitness", own.id()), own.name(), false)?.within("shell", pe.shell()))
}

#[derive(Deserialize)]
pub(super) struct TakeForm {
    pub token: String,
}

/// Takes the rows that a dry run has accepted.
#[post("/take")]
pub(super) async fn take_tests(pe: PhysicalEducation, form: Posted<TakeForm>) -> Result<SeeOther, Refused> {
    let grant = pe.clone();
    let taken = pe.act(move |tx| take_waiting_tests(tx, &grant, &form.0.token)).await?;
    Ok(SeeOther(format!("/subject/{}/fitness?taken={taken}", pe.class().id())))
}
