use crate::access::{Fault, Look, Refused, SchoolOffice, WholeSchool};
use crate::names::{ClassId, StudentId};
use crate::platform::page::Page;
use crate::platform::text::half_width;
use crate::roster::calendar::present_term;
use crate::roster::movement::Kind;
use crate::roster::{Change, FormalNumber, find_pupils, taught_classes};
use actix_web::get;
use actix_web::http::StatusCode;
use actix_web::web::Query;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
pub(super) struct ClassChoice {
    id: ClassId,
    name: String,
}

pub(super) fn class_choices(look: &mut Look, whole: WholeSchool) -> Result<(Vec<ClassChoice>, i32), Refused> {
    let term = present_term(look)?.term;
    let taught = taught_classes(look, whole, term)?;
    let choices = taught.into_iter().map(|c| ClassChoice { id: c.id, name: c.name.in_year(term.year()) });
    Ok((choices.collect(), term.year()))
}

#[derive(Serialize)]
struct FindView {
    q: String,
    found: Vec<FoundView>,
    classes: Vec<ClassChoice>,
    today: String,
    faults: Vec<Fault>,
    typed: MoveForm,
}

#[derive(Serialize)]
struct FoundView {
    id: StudentId,
    name: String,
    class_name: String,
    seat: i32,
    /// `在班`, `已离班`, `已毕业`
    place: &'static str,
    here: bool,
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
}

async fn find_view(office: &SchoolOffice, q: String, faults: Vec<Fault>, typed: MoveForm) -> Result<Page, Refused> {
    let whole = office.whole_school();
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let today = look.today();
            let (classes, year) = class_choices(look, whole)?;
            let found = find_pupils(look, whole, &half_width(&q))?
                .into_iter()
                .map(|pupil| {
                    let left = pupil.left_on.is_some_and(|day| day < today);
                    // Who left before the others did has not graduated here.
                    let graduated = pupil.class.cohort.graduates_in() <= year
                        && pupil.left_on.is_none_or(|day| day.year() >= pupil.class.cohort.graduates_in());
                    FoundView {
                        id: pupil.id,
                        name: pupil.name,
                        class_name: pupil.class.in_year(year),
                        seat: pupil.seat,
                        place: if graduated {
                            "已毕业"
                        } else if left {
                            "已离班"
                        } else {
                            "在班"
                        },
                        here: !graduated && !left,
                    }
                })
                .collect();
            Ok(FindView { q, found, classes, today: today.to_string(), faults, typed })
        })
        .await?;
    Ok(Page::of("roster/pupils.html", &view).within("shell", office.shell()?).with_status(status))
}

/// Finds a pupil by name, pinyin or seat; the classes; taking in from another school.
#[get("/pupils")]
pub(super) async fn find_page(office: SchoolOffice, asked: Query<Wanted>) -> Result<Page, Refused> {
    find_view(&office, asked.into_inner().q, Vec::new(), MoveForm::default()).await
}

/// One form for every kind: each shows the fields it needs.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MoveForm {
    pub(super) kind: String,
    on: String,
    pub(super) reason: String,
    class: String,
    seat: String,
    name: String,
    number: String,
    approval: String,
}

impl MoveForm {
    pub(super) fn day(&self) -> Result<NaiveDate, Refused> {
        day_of(&self.on)
    }

    fn seat_at(&self) -> Result<(ClassId, Option<i32>), Refused> {
        let to = self.class.parse().map_err(|_| Refused::invalid("class", "请选到哪个班。"))?;
        let seat = half_width(self.seat.trim());
        let wrong = |_| Refused::invalid("seat", "班内学号应是 1 到 99 的数，也可以空着。");
        Ok((to, if seat.is_empty() { None } else { Some(seat.parse().map_err(wrong)?) }))
    }

    pub(super) fn change(&self, office: &SchoolOffice) -> Result<Change, Refused> {
        let kind: Kind = self.kind.parse().map_err(|_| Refused::invalid("kind", "请选是哪一种异动。"))?;
        Ok(match kind {
            Kind::Enter => return Err(Refused::invalid("kind", "入学请用“导入学籍”。")),
            Kind::MoveIn => {
                let (to, seat) = self.seat_at()?;
                Change::MoveIn { to, seat }
            }
            Kind::ComeBack => {
                let (to, seat) = self.seat_at()?;
                Change::ComeBack { to, seat }
            }
            Kind::ChangeClass => {
                let (to, seat) = self.seat_at()?;
                Change::ChangeClass { to, seat }
            }
            Kind::MoveOut => Change::MoveOut,
            Kind::Leave => Change::Leave,
            Kind::ChangeName => Change::ChangeName { name: self.name.clone() },
            Kind::Number => Change::Number(
                FormalNumber::parse(&office.house().keys, &self.number)
                    .map_err(|why| Refused::invalid("number", why))?,
            ),
            Kind::Withdraw => Change::Withdraw { approval: self.approval.clone() },
            Kind::Death => Change::Death,
        })
    }
}

/// A day as it is typed.
///
/// # Errors
/// [`Refused::Invalid`] at `on` for what is none.
pub(super) fn day_of(typed: &str) -> Result<NaiveDate, Refused> {
    let plain = half_width(typed.trim()).replace(['/', '.', '年', '月'], "-").replace('日', "");
    plain.parse().map_err(|_| Refused::invalid("on", "请写生效日期，例如 2026-09-15。"))
}

/// A pupil whom another school of the county has let go, as the form names whom, where
/// to and from when; the files come along, so who takes in is a floor below.
pub struct TakeIn {
    pub number: String,
    pub change: Change,
    pub on: NaiveDate,
    pub reason: String,
}

impl TakeIn {
    /// # Errors
    /// [`Refused::Invalid`] beside the field that is wrong.
    pub fn read(office: &SchoolOffice, form: &MoveForm) -> Result<Self, Refused> {
        let form = MoveForm { kind: Kind::MoveIn.code().to_owned(), ..form.clone() };
        let (change, on) = (form.change(office)?, form.day()?);
        Ok(TakeIn { number: form.number, change, on, reason: form.reason })
    }
}

/// The form once more, with what is wrong.
///
/// # Errors
/// What is no fault of the form's.
pub async fn take_in_again(office: &SchoolOffice, form: MoveForm, refused: Refused) -> Result<Page, Refused> {
    let form = MoveForm { kind: Kind::MoveIn.code().to_owned(), ..form };
    find_view(office, String::new(), refused.at_form("kind")?.1, form).await
}
