use super::dry_run::DryRun;
use super::workbook::{TakeForm, workbook};
use crate::access::{KnownClass, Look, Nothing, Posted, Refused, SchoolOffice, TendedClass, Upload, WholeSchool};
use crate::fitness::Verdict;
use crate::fitness::reading::{TestedClass, TestsRead, read_school_tests};
use crate::fitness::store::{
    Accepted, ExportTests, OfClass, Sitting, WaitForTests, class_tests, school_pupils, take_waiting_school,
};
use crate::names::{ClassId, StudentId};
use crate::platform::keys::Keys;
use crate::platform::page::{Page, SeeOther};
use crate::platform::workbook::write;
use crate::roster::calendar::present_term;
use crate::roster::{NUMBER_PLACE, Pupil, class_list, class_numbers};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Serialize)]
struct SchoolView {
    year_name: String,
    classes: Vec<ClassView>,
    taken: Option<usize>,
    unreadable: Option<String>,
    file_name: String,
}

/// How far a class is: of how many pupils nothing is missing. Not how they did.
#[derive(Serialize)]
struct ClassView {
    name: String,
    pupils: usize,
    whole: usize,
}

async fn page(
    office: &SchoolOffice,
    taken: Option<usize>,
    unreadable: Option<(String, String)>,
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let (year, pupils) = office
        .look(move |look| {
            let dates = present_term(look)?;
            Ok((dates.term.year(), school_pupils(look, whole, dates)?))
        })
        .await?;
    let mut classes: Vec<(ClassId, ClassView)> = Vec::new();
    for pupil in pupils {
        let is_whole = pupil.history.year(year).is_some_and(|tests| !matches!(tests.verdict(), Verdict::Incomplete(_)));
        if classes.last().is_none_or(|(class, _)| *class != pupil.class) {
            classes.push((pupil.class, ClassView { name: pupil.name.in_year(year), pupils: 0, whole: 0 }));
        }
        if let Some((_, class)) = classes.last_mut() {
            class.pupils += 1;
            class.whole += usize::from(is_whole);
        }
    }
    let (file_name, why) = unreadable.unzip();
    let status = if why.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = SchoolView {
        year_name: format!("{year}—{} 学年", year + 1),
        classes: classes.into_iter().map(|(_, class)| class).collect(),
        taken,
        unreadable: why,
        file_name: file_name.unwrap_or_default(),
    };
    Ok(Page::of("fitness/school.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Asked {
    taken: Option<usize>,
}

/// How far every class is, the whole school's workbook in, the national upload out.
#[get("/fitness")]
pub(super) async fn school_page(office: SchoolOffice, asked: Query<Asked>) -> Result<Page, Refused> {
    page(&office, asked.taken, None).await
}

struct Tried {
    read: TestsRead,
    classes: Vec<OfClass>,
    same: usize,
}

fn tried(
    look: &mut Look,
    whole: WholeSchool,
    keys: &Keys,
    bytes: &[u8],
    sitting: Sitting,
) -> Result<Result<Tried, String>, Refused> {
    let dates = present_term(look)?;
    let year = dates.term.year();
    let mut known: Vec<(TendedClass, Vec<Pupil>, HashMap<String, StudentId>)> = Vec::new();
    for class in whole.classes(look, dates.term)? {
        known.push((class, class_list(look, &class, dates)?, class_numbers(look, &class, dates)?));
    }
    let fingerprint = |number: &str| keys.fingerprint(NUMBER_PLACE, number);
    let classes: Vec<TestedClass> = known
        .iter()
        .map(|(class, pupils, numbers)| TestedClass {
            name: class.class_name(),
            school_year: year,
            pupils,
            numbers,
            fingerprint: &fingerprint,
        })
        .collect();
    let read = match read_school_tests(bytes, &classes) {
        Ok(read) => read,
        Err(no_sheet) => return Ok(Err(no_sheet.to_string())),
    };
    let (mut accepted, mut same) = (Vec::new(), 0);
    for (class, pupils, _) in &known {
        let own = |id: &StudentId| pupils.iter().any(|pupil| pupil.id == *id);
        let taken: Vec<_> = read.rows.iter().filter_map(|row| row.taken.as_ref()).filter(|(id, _)| own(id)).collect();
        if taken.is_empty() {
            continue;
        }
        let tests = class_tests(look, class, dates)?;
        let stands = |id: &StudentId| tests.get(id).and_then(|history| history.sat(year, sitting));
        let mut rows = Vec::new();
        for (student, measures) in taken {
            if stands(student) == Some(measures) {
                same += 1;
            } else {
                rows.push(Accepted { student: *student, measures: measures.clone() });
            }
        }
        if !rows.is_empty() {
            accepted.push(OfClass { class: class.id(), rows });
        }
    }
    Ok(Ok(Tried { read, classes: accepted, same }))
}

/// Reads the workbook of the whole school and says of every row what would become of it.
#[post("/fitness")]
pub(super) async fn try_school(office: SchoolOffice, upload: Result<Upload, Refused>) -> Result<Page, Refused> {
    let upload = match upload {
        Ok(upload) => upload,
        Err(refused @ Refused::Invalid(_)) => {
            return page(&office, None, Some((String::new(), refused.words().1))).await;
        }
        Err(other) => return Err(other),
    };
    let sitting: Sitting = upload.field("sitting").parse().unwrap_or(Sitting::First);
    let Upload { file_name, bytes, .. } = upload;
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let tried = office.look(move |look| tried(look, whole, &keys, &bytes, sitting)).await?;
    let Tried { read, classes, same } = match tried {
        Ok(tried) => tried,
        Err(why) => return page(&office, None, Some((file_name, why))).await,
    };
    let new = classes.iter().map(|of| of.rows.len()).sum();
    let token = if new > 0 {
        let wait = WaitForTests::new(&office.house().keys, sitting, classes)?;
        Some(office.act(move |_| Ok(wait)).await?)
    } else {
        None
    };
    let tried = DryRun { read: &read, file_name: &file_name, sitting, new, same, token };
    Ok(tried.page("/office/fitness".to_owned(), "全校".to_owned(), true)?.within("shell", office.shell()?))
}

/// Takes the rows that a dry run of the whole school has accepted.
#[post("/fitness/take")]
pub(super) async fn take_school(office: SchoolOffice, form: Posted<TakeForm>) -> Result<SeeOther, Refused> {
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let taken = office.act(move |tx| take_waiting_school(tx, whole, &keys, &form.0.token)).await?;
    Ok(SeeOther(format!("/office/fitness?taken={taken}")))
}

/// The file of the national upload: an act, since numbers leave the house with it.
#[post("/fitness/upload.xlsx")]
pub(super) async fn national_upload(office: SchoolOffice, _: Posted<Nothing>) -> Result<HttpResponse, Refused> {
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let (header, rows) = office.act(move |tx| ExportTests::prepare(tx, whole, keys)).await?;
    let bytes = write("上报", &header, &rows).map_err(Refused::broken)?;
    Ok(workbook(bytes, &format!("{}体质健康上报.xlsx", office.school().name)))
}
