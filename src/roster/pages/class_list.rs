use super::pupils::day_of;
use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::names::{ClassId, StudentId};
use crate::platform::page::{Page, SeeOther};
use crate::roster::calendar::present_term;
use crate::roster::{NumberSeats, class_named, class_register};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ListView {
    class: ClassId,
    class_name: String,
    on: String,
    is_today: bool,
    today: String,
    /// How many seats a renumbering has just changed.
    numbered: Option<usize>,
    faults: Vec<Fault>,
    pupils: Vec<ListedView>,
}

#[derive(Serialize)]
struct ListedView {
    id: StudentId,
    seat: i32,
    name: String,
    sex: &'static str,
    entered_on: String,
}

#[derive(Deserialize)]
struct OnDay {
    on: Option<String>,
    numbered: Option<usize>,
}

async fn list_view(
    office: &SchoolOffice,
    class: ClassId,
    typed: String,
    told: (Vec<Fault>, Option<usize>),
) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if told.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let (mut faults, numbered) = told;
            let today = look.today();
            let day = match day_of(&typed) {
                Ok(day) => day,
                Err(_) if typed.is_empty() => today,
                Err(refused) => {
                    faults.extend(refused.at_form("kind")?.1);
                    today
                }
            };
            let row = class_named(look, whole, class)?;
            let year = present_term(look)?.term.year();
            let pupils = class_register(look, whole, class, day)?
                .into_iter()
                .map(|p| ListedView {
                    id: p.id,
                    seat: p.seat,
                    name: p.name,
                    sex: p.sex.word(),
                    entered_on: p.entered_on.to_string(),
                })
                .collect();
            let (on, is_today) = (day.to_string(), day == today);
            let class_name = row.name.in_year(year);
            Ok(ListView { class, class_name, on, is_today, today: today.to_string(), numbered, faults, pupils })
        })
        .await?;
    Ok(Page::of("roster/class-list.html", &view).within("shell", office.shell()?).with_status(status))
}

/// A class list as of any day.
#[get("/classes/{class}/list")]
pub(super) async fn class_page(
    office: SchoolOffice,
    class: Path<ClassId>,
    asked: Query<OnDay>,
) -> Result<Page, Refused> {
    let OnDay { on, numbered } = asked.into_inner();
    list_view(&office, class.into_inner(), on.unwrap_or_default(), (Vec::new(), numbered)).await
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SeatsForm {
    from: String,
}

/// Numbers the seats of a class anew, by pinyin.
#[post("/classes/{class}/seats")]
pub(super) async fn number_seats(
    office: SchoolOffice,
    class: Path<ClassId>,
    form: Posted<SeatsForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let class = class.into_inner();
    let numbered = match day_of(&form.0.from) {
        Ok(on) => office.act(move |_| Ok(NumberSeats { class, on })).await.map(|changed| (changed, on)),
        Err(_) => Err(Refused::invalid("from", "请写从哪一天起，例如 2026-09-01。")),
    };
    match numbered {
        Ok((changed, on)) => {
            Ok(Either::Left(SeeOther(format!("/office/classes/{class}/list?on={on}&numbered={changed}"))))
        }
        Err(refused) => {
            let told = (refused.at_form("kind")?.1, None);
            Ok(Either::Right(list_view(&office, class, String::new(), told).await?))
        }
    }
}
