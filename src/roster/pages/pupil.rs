use super::pupils::{ClassChoice, MoveForm, class_choices};
use crate::access::{Fault, Posted, Refused, SchoolOffice};
use crate::names::{ClassId, StudentId};
use crate::platform::page::{Page, SeeOther};
use crate::roster::movement::{Kind, Place};
use crate::roster::{MovePupil, Movement, classes, pupil_file};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};

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
                here: file.place == Place::Here,
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
        Err(refused) => Ok(Either::Right(pupil_view(&office, student, refused.at_form("kind")?.1, form, None).await?)),
    }
}
