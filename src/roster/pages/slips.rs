use crate::access::{Homeroom, House, OwnClass, Posted, Refused, SchoolOffice, off_the_loop};
use crate::names::{ClassId, StudentId, Term};
use crate::platform::page::{Download, Page};
use crate::platform::qr::{QrPath, qr_path, qr_rows};
use crate::platform::typeset::Misprint;
use crate::roster::calendar::{present_term, term_dates};
use crate::roster::{MakeSlips, Slip, bound_among, class_list, class_named, class_register, taught_classes};
use actix_web::web::Query;
use actix_web::{Either, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct SlipsView {
    class: OwnClass,
    class_name: String,
    term: Term,
    pupils: Vec<PupilView>,
    bound: usize,
    /// Slips just made: shown once, to be printed and cut.
    slips: Vec<SlipView>,
    join: String,
}

#[derive(Serialize)]
struct PupilView {
    student: StudentId,
    seat: i32,
    name: String,
    bound: bool,
}

#[derive(Serialize)]
struct SlipView {
    seat: i32,
    name: String,
    code: String,
    /// The address of the slip, for a phone's camera.
    qr: Option<QrPath>,
    until: String,
}

async fn page(homeroom: &Homeroom, slips: Vec<Slip>) -> Result<Page, Refused> {
    let own = homeroom.class();
    let pupils: Vec<PupilView> = homeroom
        .look(move |look| {
            let dates = term_dates(look, own.term())?;
            let pupils = class_list(look, &own, dates)?;
            let bound = bound_among(look, pupils.iter().map(|pupil| pupil.id).collect())?;
            Ok(pupils
                .into_iter()
                .map(|pupil| PupilView {
                    student: pupil.id,
                    seat: pupil.seat,
                    bound: bound.contains(&pupil.id),
                    name: pupil.name,
                })
                .collect())
        })
        .await?;
    let join = join_address(homeroom.house());
    let view = SlipsView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        bound: pupils.iter().filter(|pupil| pupil.bound).count(),
        pupils,
        slips: slips
            .into_iter()
            .map(|slip| SlipView {
                seat: slip.seat,
                name: slip.name,
                qr: qr_path(&format!("{join}/{}", slip.code.replace('-', ""))),
                code: slip.code,
                until: slip.expires_at.format("%Y-%m-%d").to_string(),
            })
            .collect(),
        join,
    };
    Ok(Page::of("roster/slips.html", &view).within("shell", homeroom.shell()))
}

fn join_address(house: &House) -> String {
    format!("{}/join", house.public_url)
}

/// Who of the class has a guardian bound.
#[get("/slips")]
pub(super) async fn slips_page(homeroom: Homeroom) -> Result<Page, Refused> {
    page(&homeroom, Vec::new()).await
}

#[derive(Deserialize)]
struct MakeForm {
    /// For one pupil, bound or not; without it for all who are not.
    student: Option<StudentId>,
    /// `pdf`: as sheets to print, rather than as a page.
    paper: Option<String>,
}

/// Makes slips for those who have none bound, or another one for one pupil; older
/// ones end.
#[post("/slips")]
pub(super) async fn make_slips(homeroom: Homeroom, form: Posted<MakeForm>) -> Result<Either<Page, Download>, Refused> {
    let (own, keys, Posted(form)) = (homeroom.class(), homeroom.house().keys.clone(), form);
    let on_paper = form.paper.as_deref() == Some("pdf");
    if on_paper {
        ready_to_print(homeroom.house())?;
    }
    let slips = homeroom
        .act(move |tx| match form.student {
            Some(student) => MakeSlips::for_one(tx, &keys, own.id(), student),
            None => MakeSlips::for_own(tx, &keys, &own),
        })
        .await?;
    if on_paper {
        let sheet = Sheet { school: homeroom.shell().place.clone(), class: own.name() };
        return Ok(Either::Right(print(homeroom.house(), sheet, slips).await?));
    }
    Ok(Either::Left(page(&homeroom, slips).await?))
}

#[derive(Deserialize)]
struct AskedClass {
    class: Option<ClassId>,
}

#[derive(Serialize)]
struct FamiliesView {
    classes: Vec<ClassView>,
    class: Option<ClassId>,
    class_name: String,
    pupils: Vec<PupilView>,
    bound: usize,
}

#[derive(Serialize)]
struct ClassView {
    id: ClassId,
    name: String,
}

/// The classes, and who of one has a guardian bound.
#[get("/families")]
pub(super) async fn families_page(office: SchoolOffice, asked: Query<AskedClass>) -> Result<Page, Refused> {
    let (whole, wanted) = (office.whole_school(), asked.class);
    office.notes(wanted).await?;
    let view = office
        .look(move |look| {
            let (term, today) = (present_term(look)?.term, look.today());
            let classes: Vec<ClassView> = taught_classes(look, whole, term)?
                .into_iter()
                .map(|class| ClassView { id: class.id, name: class.name.in_year(term.year()) })
                .collect();
            let Some(wanted) = wanted else {
                return Ok(FamiliesView {
                    classes,
                    class: None,
                    class_name: String::new(),
                    pupils: Vec::new(),
                    bound: 0,
                });
            };
            let class_name = class_named(look, whole, wanted)?.name.in_year(term.year());
            let pupils = class_register(look, whole, wanted, today)?;
            let bound = bound_among(look, pupils.iter().map(|pupil| pupil.id).collect())?;
            let pupils: Vec<PupilView> = pupils
                .into_iter()
                .map(|pupil| PupilView {
                    student: pupil.id,
                    seat: pupil.seat,
                    bound: bound.contains(&pupil.id),
                    name: pupil.name,
                })
                .collect();
            let bound = pupils.iter().filter(|pupil| pupil.bound).count();
            Ok(FamiliesView { classes, class: Some(wanted), class_name, pupils, bound })
        })
        .await?;
    Ok(Page::of("roster/families.html", &view).within("shell", office.shell()?))
}

#[derive(Deserialize)]
struct OfficeSlipsForm {
    class: ClassId,
    student: Option<StudentId>,
}

/// The office prints slips for a class, or another one for one pupil.
#[post("/families/slips")]
pub(super) async fn office_slips(office: SchoolOffice, form: Posted<OfficeSlipsForm>) -> Result<Download, Refused> {
    let (whole, keys, Posted(form)) = (office.whole_school(), office.house().keys.clone(), form);
    ready_to_print(office.house())?;
    let class = form.class;
    let class = office
        .look(move |look| {
            let year = present_term(look)?.term.year();
            Ok(class_named(look, whole, class)?.name.in_year(year))
        })
        .await?;
    let slips = office
        .act(move |tx| match form.student {
            Some(student) => MakeSlips::for_one(tx, &keys, form.class, student),
            None => MakeSlips::for_class(tx, &keys, form.class),
        })
        .await?;
    print(office.house(), Sheet { school: office.school().name.clone(), class }, slips).await
}

/// A code is told once: whether it can be printed is known before it is made.
fn ready_to_print(house: &House) -> Result<(), Refused> {
    house.press.press().map(|_| ()).map_err(Refused::conflict)
}

struct Sheet {
    school: String,
    class: String,
}

#[derive(Serialize)]
struct SlipsData<'d> {
    school: &'d str,
    class: &'d str,
    made_on: NaiveDate,
    address: String,
    slips: Vec<PrintedSlip<'d>>,
}

#[derive(Serialize)]
struct PrintedSlip<'d> {
    seat: i32,
    name: &'d str,
    code: &'d str,
    expires_on: NaiveDate,
    qr: Vec<String>,
}

/// Slips as sheets of A4, ten on each, to be cut (templates/typst/slips.typ).
async fn print(house: &House, sheet: Sheet, slips: Vec<Slip>) -> Result<Download, Refused> {
    let house = house.clone();
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        let broken = |misprint: Misprint| match misprint {
            Misprint::NoGlyph(_) => Refused::conflict(misprint.to_string()),
            broken => Refused::broken(broken),
        };
        let address = join_address(&house);
        let printed: Result<Vec<PrintedSlip>, Misprint> = slips
            .iter()
            .map(|slip| {
                Ok(PrintedSlip {
                    seat: slip.seat,
                    name: &slip.name,
                    code: &slip.code,
                    expires_on: slip.expires_at.date(),
                    qr: qr_rows(&format!("{address}/{}", slip.code.replace('-', "")))?,
                })
            })
            .collect();
        let data = SlipsData {
            school: &sheet.school,
            class: &sheet.class,
            made_on: house.clock.today(),
            address,
            slips: printed.map_err(broken)?,
        };
        let data = serde_json::to_vec(&data).map_err(Refused::broken)?;
        Ok(Download {
            name: format!("{}-家长绑定单.pdf", sheet.class),
            media_type: "application/pdf",
            bytes: press.print("slips.typ", data).map_err(broken)?.pdf,
            inline: true,
        })
    })
    .await
}
