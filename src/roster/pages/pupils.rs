use crate::access::{Fault, Look, Posted, Refused, SchoolOffice, WholeSchool};
use crate::names::{ClassId, StudentId};
use crate::platform::page::{Page, SeeOther};
use crate::platform::text::half_width;
use crate::roster::calendar::present_term;
use crate::roster::movement::Kind;
use crate::roster::{
    Change, FormalNumber, MovePupil, Movement, NumberSeats, class_named, class_register, classes, find_pupils,
    pupil_file, taught_classes,
};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use chrono::Datelike;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct ClassChoice {
    id: ClassId,
    name: String,
}

fn class_choices(look: &mut Look, whole: WholeSchool) -> Result<(Vec<ClassChoice>, i32), Refused> {
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
    kind: String,
    on: String,
    reason: String,
    class: String,
    seat: String,
    name: String,
    number: String,
    approval: String,
}

impl MoveForm {
    fn day(&self) -> Result<NaiveDate, Refused> {
        let typed = half_width(self.on.trim()).replace(['/', '.', '年', '月'], "-").replace('日', "");
        typed.parse().map_err(|_| Refused::invalid("on", "请写生效日期，例如 2026-09-15。"))
    }

    fn seat_at(&self) -> Result<(ClassId, Option<i32>), Refused> {
        let to = self.class.parse().map_err(|_| Refused::invalid("class", "请选到哪个班。"))?;
        let seat = half_width(self.seat.trim());
        let wrong = |_| Refused::invalid("seat", "班内学号应是 1 到 99 的数，也可以空着。");
        Ok((to, if seat.is_empty() { None } else { Some(seat.parse().map_err(wrong)?) }))
    }

    fn change(&self, office: &SchoolOffice) -> Result<Change, Refused> {
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

/// What a form is told: its faults, or that all things being as they are it cannot be.
fn faults_of(refused: Refused) -> Result<Vec<Fault>, Refused> {
    match refused {
        Refused::Invalid(faults) => Ok(faults),
        Refused::Conflict(why) => Ok(vec![Fault::at("kind", why)]),
        other => Err(other),
    }
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
    find_view(office, String::new(), faults_of(refused)?, form).await
}

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
            let form = MoveForm { on: typed.clone(), ..MoveForm::default() };
            let day = match form.day() {
                Ok(day) => day,
                Err(_) if typed.is_empty() => today,
                Err(refused) => {
                    faults.extend(faults_of(refused)?);
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
    let day = MoveForm { on: form.0.from, ..MoveForm::default() }.day();
    let numbered = match day {
        Ok(on) => office.act(move |_| Ok(NumberSeats { class, on })).await.map(|changed| (changed, on)),
        Err(_) => Err(Refused::invalid("from", "请写从哪一天起，例如 2026-09-01。")),
    };
    match numbered {
        Ok((changed, on)) => {
            Ok(Either::Left(SeeOther(format!("/office/classes/{class}/list?on={on}&numbered={changed}"))))
        }
        Err(refused) => {
            let told = (faults_of(refused)?, None);
            Ok(Either::Right(list_view(&office, class, String::new(), told).await?))
        }
    }
}

#[derive(Serialize)]
struct PupilView {
    id: StudentId,
    name: String,
    initial: String,
    former_name: Option<String>,
    number: String,
    place: &'static str,
    here: bool,
    class_name: String,
    seat: i32,
    left_on: Option<String>,
    history: Vec<MovementView>,
    /// What can be written down from here.
    kinds: Vec<KindView>,
    classes: Vec<ClassChoice>,
    today: String,
    faults: Vec<Fault>,
    typed: MoveForm,
    done: Option<&'static str>,
}

#[derive(Serialize)]
struct KindView {
    code: Kind,
    word: &'static str,
    hint: &'static str,
}

#[derive(Serialize)]
struct MovementView {
    word: &'static str,
    on: String,
    ahead: bool,
    reason: String,
    from: Option<String>,
    to: Option<String>,
    was: Option<String>,
    became: Option<String>,
    approval: Option<String>,
    by: String,
    at: String,
}

fn hint(kind: Kind) -> &'static str {
    match kind {
        Kind::ChangeClass => "等级、评语和依据跟着学生走，新班主任接着写。",
        Kind::MoveOut => "本校留存到那天为止的记录；县里别的学校接收后，由那边接着写。",
        Kind::Leave => "休学期间不在班级名单里，回来办复学。",
        Kind::ComeBack => "选回到哪个班。以前的记录都在。",
        Kind::MoveIn => "选到哪个班。以前的记录都在。",
        Kind::ChangeName => "以前归档的文件里仍是原来的姓名。",
        Kind::Number => "L 开头的临时号，换成发下来的 G 开头的正式号。",
        Kind::Withdraw => "学校不能让学生退学。这里只记县教育局已经批准的，要写批准文号。",
        Kind::Death => "登记以后，班里不再有这位学生的待办，也不再提醒家长。",
        Kind::Enter => "",
    }
}

async fn pupil_view(
    office: &SchoolOffice,
    id: StudentId,
    faults: Vec<Fault>,
    typed: MoveForm,
    done: Option<Kind>,
) -> Result<Page, Refused> {
    let (whole, keys) = (office.whole_school(), office.house().keys.clone());
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = office
        .look(move |look| {
            let file = pupil_file(look, whole, &keys, id)?;
            let today = look.today();
            let all = classes(look, whole)?;
            let (choices, year) = class_choices(look, whole)?;
            let named = |id: Option<ClassId>| {
                let row = all.iter().find(|row| Some(row.id) == id)?;
                Some(row.name.in_year(year))
            };
            let shown = |m: &Movement| MovementView {
                word: m.kind.word(),
                on: m.effective_on.to_string(),
                ahead: m.effective_on > today,
                reason: m.reason.clone(),
                from: named(m.from),
                to: named(m.to),
                was: m.was.clone(),
                became: m.became.clone(),
                approval: m.approval.clone(),
                by: m.by.clone().unwrap_or_else(|| "命令行".to_owned()),
                at: m.at.format("%Y-%m-%d %H:%M").to_string(),
            };
            let may = |kind: &&Kind| **kind != Kind::Number || file.is_temporary;
            // Nothing is offered while something lies ahead: one movement at a time.
            let waiting = file.history.iter().any(|m| m.effective_on > today);
            let kinds = file.place.open_to().iter().filter(may).filter(|_| !waiting);
            let (class, seat, left_on) = file.stay;
            Ok(PupilView {
                id,
                initial: file.name.chars().next().map(String::from).unwrap_or_default(),
                place: file.place.word(),
                here: file.place == crate::roster::movement::Place::Here,
                class_name: class.in_year(year),
                seat,
                left_on: left_on.map(|day| day.to_string()),
                history: file.history.iter().rev().map(shown).collect(),
                kinds: kinds.map(|k| KindView { code: *k, word: k.word(), hint: hint(*k) }).collect(),
                name: file.name,
                former_name: file.former_name,
                number: file.number,
                classes: choices,
                today: today.to_string(),
                faults,
                typed,
                done: done.map(Kind::word),
            })
        })
        .await?;
    Ok(Page::of("roster/pupil.html", &view).within("shell", office.shell()?).with_status(status))
}

#[derive(Deserialize)]
struct Done {
    done: Option<String>,
}

/// One pupil: standing, history, and what can be written down.
#[get("/pupils/{student}")]
pub(super) async fn pupil_page(
    office: SchoolOffice,
    student: Path<StudentId>,
    asked: Query<Done>,
) -> Result<Page, Refused> {
    let done = asked.done.as_deref().and_then(|code| code.parse().ok());
    pupil_view(&office, student.into_inner(), Vec::new(), MoveForm::default(), done).await
}

/// Writes a movement down.
#[post("/pupils/{student}")]
pub(super) async fn move_pupil(
    office: SchoolOffice,
    student: Path<StudentId>,
    form: Posted<MoveForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (student, form) = (student.into_inner(), form.0);
    let reason = form.reason.clone();
    let moved = match (|| Ok((form.change(&office)?, form.day()?)))() {
        Ok((change, on)) => office.act(move |_| Ok(MovePupil { student, change, on, reason })).await,
        Err(refused) => Err(refused),
    };
    match moved {
        Ok(()) => Ok(Either::Left(SeeOther(format!("/office/pupils/{student}?done={}", form.kind)))),
        Err(refused) => Ok(Either::Right(pupil_view(&office, student, faults_of(refused)?, form, None).await?)),
    }
}
