//! 重新分班: a sheet says which class each pupil goes to; everyone changes on one day, in
//! one act.

use super::class::class_names;
use super::reseat::{Reseating, reseat};
use super::waiting::{keep_waiting, take_out};
use crate::access::own::enrolment;
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, ClassName, EnrolmentId, StudentId, Term};
use crate::platform::keys::Keys;
use crate::platform::text::{half_width, tidy};
use crate::platform::workbook::{Cell, Sheet};
use crate::roster::reading::{ClassRef, compared, whole};
use crate::roster::{NUMBER_PLACE, StudentNumber};
use crate::schema::student;
use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};

const WAITING_PLACE: &str = "import_waiting.regroup";
const REASON: &str = "重新分班";

/// One line of the sheet, as it was written.
pub struct RegroupRow {
    pub line: usize,
    pub name: String,
    number: String,
    from: String,
    to: String,
    seat: Option<Cell>,
}

/// Reads the sheet: 姓名 or 学籍号, 原班级, 新班级, and 新学号 where seats are given.
///
/// # Errors
/// A sentence for the person who brought it.
pub fn regroup_rows(sheet: &Sheet) -> Result<Vec<RegroupRow>, String> {
    let is = |cell: &Cell, names: &[&str]| names.contains(&compared(&cell.shown()).as_str());
    let header = sheet.top().position(|(_, row)| row.iter().any(|cell| is(cell, &["新班级", "新班", "分到"])));
    let Some(header) = header else {
        return Err("表里找不到表头。要有一行写着“姓名、原班级、新班级”，最好还有“学籍号”。".to_owned());
    };
    let at = |names: &[&str]| sheet.rows[header].iter().position(|cell| is(cell, names));
    let (name, number) = (at(&["姓名", "学生姓名"]), at(&["学籍号", "全国学籍号"]));
    let (from, to) = (at(&["原班级", "班级", "原班", "现班级"]), at(&["新班级", "新班", "分到"]));
    let seat = at(&["新学号", "新班内学号", "新座号", "班内学号"]);
    if number.is_none() && (name.is_none() || from.is_none()) {
        return Err("认不出是哪位学生。要有“学籍号”这一列，或者“姓名”和“原班级”两列。".to_owned());
    }
    let rows = sheet.rows.iter().enumerate().skip(header + 1);
    let rows: Vec<RegroupRow> = rows
        .filter(|(_, row)| row.iter().any(|cell| !cell.is_empty()))
        .map(|(line, row)| {
            let text = |place: Option<usize>| {
                place.and_then(|place| row.get(place)).map(|cell| tidy(&half_width(&cell.shown()))).unwrap_or_default()
            };
            RegroupRow {
                line: line + sheet.first_line,
                name: text(name),
                number: text(number),
                from: text(from),
                to: text(to),
                seat: seat.and_then(|place| row.get(place)).filter(|cell| !cell.is_empty()).cloned(),
            }
        })
        .collect();
    if rows.is_empty() {
        Err("表头下面没有学生。请看一看是不是选错了文件。".to_owned())
    } else {
        Ok(rows)
    }
}

/// What becomes of one line.
#[derive(Clone, Debug, Serialize)]
pub struct RegroupVerdict {
    pub line: usize,
    pub name: String,
    pub from: String,
    pub to: String,
    pub seat: Option<i32>,
    /// Why it is not taken and how to mend it; empty where it is.
    pub cure: String,
    /// In this class already, at this seat.
    pub same: bool,
}

/// A sheet laid beside the classes as they are.
pub struct RegroupRun {
    pub rows: Vec<RegroupVerdict>,
    /// Of each class how many come, how many go, how many it has then: `(name, in, out, then)`.
    pub classes: Vec<(String, usize, usize, usize)>,
    pub on: NaiveDate,
    moves: Vec<Reseating>,
}

struct Sits {
    student: StudentId,
    stay: EnrolmentId,
    class: ClassId,
    seat: i32,
    auxiliary: Option<String>,
    entered_on: NaiveDate,
    left_on: Option<NaiveDate>,
    name: String,
    pinyin: String,
    number_hash: String,
}

impl RegroupRun {
    pub fn is_ready(&self) -> bool {
        !self.moves.is_empty() && self.rows.iter().all(|row| row.cure.is_empty())
    }

    pub fn moving(&self) -> usize {
        self.moves.len()
    }

    /// Says of every line what would become of it; writes nothing.
    ///
    /// # Errors
    /// [`Refused::Invalid`] at `on` for a day too far off.
    pub fn of(
        look: &mut Look,
        _: WholeSchool,
        keys: &Keys,
        rows: Vec<RegroupRow>,
        term: Term,
        on: NaiveDate,
    ) -> Result<Self, Refused> {
        let today = look.today();
        if on + Days::new(62) < today || on > today + Days::new(62) {
            return Err(Refused::invalid("on", "请写前后两个月以内的日子。"));
        }
        let year = term.year();
        let classes = class_names(look, year)?;
        let sitting = sitting(look, on)?;
        let mut run = RegroupRun { rows: Vec::new(), classes: Vec::new(), on, moves: Vec::new() };
        let mut wanted: Vec<(usize, usize, ClassId, Option<i32>)> = Vec::new();
        let mut named = HashSet::new();
        for row in rows {
            let judged = judge(keys, &row, &classes, &sitting, (year, on));
            let mut shown = RegroupVerdict {
                line: row.line,
                name: row.name,
                from: row.from,
                to: row.to,
                seat: None,
                cure: String::new(),
                same: false,
            };
            match judged {
                Err(cure) => shown.cure = cure,
                Ok((at, ..)) if !named.insert(sitting[at].student) => {
                    shown.cure = "上面已有一行是这位学生。请只留一行。".to_owned();
                }
                Ok((at, to, seat)) => {
                    let sits = &sitting[at];
                    shown.name.clone_from(&sits.name);
                    shown.from = called(&classes, sits.class, year);
                    shown.to = called(&classes, to, year);
                    shown.same = sits.class == to && seat.is_none_or(|seat| seat == sits.seat);
                    if !shown.same {
                        wanted.push((run.rows.len(), at, to, seat));
                    }
                }
            }
            run.rows.push(shown);
        }
        run.seat(&sitting, wanted);
        run.count(&classes, &sitting, year);
        Ok(run)
    }

    /// Gives seats: those the sheet names, then in pinyin order what is free when all who
    /// go have stood up.
    fn seat(&mut self, sitting: &[Sits], mut wanted: Vec<(usize, usize, ClassId, Option<i32>)>) {
        let going: HashSet<StudentId> = wanted.iter().map(|(_, at, ..)| sitting[*at].student).collect();
        let mut taken: HashSet<(ClassId, i32)> =
            sitting.iter().filter(|sits| !going.contains(&sits.student)).map(|sits| (sits.class, sits.seat)).collect();
        wanted.sort_by(|a, b| {
            let key = |w: &(usize, usize, ClassId, Option<i32>)| (w.3.is_none(), sitting[w.1].pinyin.clone(), w.1);
            key(a).cmp(&key(b))
        });
        for (row, at, to, seat) in wanted {
            let sits = &sitting[at];
            let seat = seat.or_else(|| (1..=99).find(|seat| !taken.contains(&(to, *seat))));
            let shown = &mut self.rows[row];
            match seat {
                None => shown.cure = "这个班超过 99 人，排不下。".to_owned(),
                Some(seat) if !taken.insert((to, seat)) => {
                    shown.cure = format!("新班里的 {seat} 号已经有人。换一个，或者空着，自动排。");
                }
                Some(seat) => {
                    shown.seat = Some(seat);
                    self.moves.push(Reseating {
                        student: sits.student,
                        stay: sits.stay,
                        from: sits.class,
                        to,
                        seat,
                        auxiliary: sits.auxiliary.clone(),
                    });
                }
            }
        }
    }

    fn count(&mut self, classes: &[(ClassId, ClassName)], sitting: &[Sits], year: i32) {
        for (id, name) in classes {
            let comes = self.moves.iter().filter(|moved| moved.to == *id && moved.from != *id).count();
            let goes = self.moves.iter().filter(|moved| moved.from == *id && moved.to != *id).count();
            if comes + goes > 0 {
                let now = sitting.iter().filter(|sits| sits.class == *id && sits.left_on.is_none()).count();
                self.classes.push((name.in_year(year), comes, goes, now + comes - goes));
            }
        }
    }
}

fn called(classes: &[(ClassId, ClassName)], wanted: ClassId, year: i32) -> String {
    classes.iter().find(|(id, _)| *id == wanted).map(|(_, name)| name.in_year(year)).unwrap_or_default()
}

/// Who sits where from `on`.
fn sitting(look: &mut Look, on: NaiveDate) -> Result<Vec<Sits>, Refused> {
    type Row = (
        (StudentId, EnrolmentId, ClassId, i32, Option<String>),
        (NaiveDate, Option<NaiveDate>),
        (String, String, String),
    );
    let rows: Vec<Row> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(on)))
        .order((enrolment::class_id, enrolment::seat))
        .select((
            (student::id, enrolment::id, enrolment::class_id, enrolment::seat, enrolment::auxiliary),
            (enrolment::entered_on, enrolment::left_on),
            (student::name, student::pinyin, student::number_hash),
        ))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .map(|((student, stay, class, seat, auxiliary), (entered_on, left_on), (name, pinyin, number_hash))| Sits {
            student,
            stay,
            class,
            seat,
            auxiliary,
            entered_on,
            left_on,
            name,
            pinyin,
            number_hash,
        })
        .collect())
}

/// Whom a line means, where to, and at which seat.
fn judge(
    keys: &Keys,
    row: &RegroupRow,
    classes: &[(ClassId, ClassName)],
    sitting: &[Sits],
    (year, on): (i32, NaiveDate),
) -> Result<(usize, ClassId, Option<i32>), String> {
    let class = |typed: &str| {
        let named = ClassRef::parse(typed, "", None, year)?;
        classes.iter().find(|(_, name)| (name.cohort, name.number) == (named.cohort, named.number))
    };
    let Some((to, to_name)) = class(&row.to) else {
        return Err(format!("本校这学年没有“{}”。请写成“八年级(1)班”，或者先建班。", row.to));
    };
    let found: Vec<usize> = if row.number.is_empty() {
        let Some((from, _)) = class(&row.from) else {
            return Err(format!("本校这学年没有“{}”。请写成“八年级(1)班”。", row.from));
        };
        (0..sitting.len()).filter(|at| sitting[*at].class == *from && sitting[*at].name == row.name).collect()
    } else {
        let number = StudentNumber::parse(&row.number)?;
        let hash = keys.fingerprint(NUMBER_PLACE, number.as_str());
        (0..sitting.len()).filter(|at| sitting[*at].number_hash == hash).collect()
    };
    let at = match found[..] {
        [one] => one,
        [] => return Err("本校现在没有这位学生。请核对学籍号，或者姓名和原班级。".to_owned()),
        _ => return Err("不止一位学生叫这个名字，或者这位学生正在办异动。请补上学籍号，或等异动生效。".to_owned()),
    };
    let sits = &sitting[at];
    if !row.name.is_empty() && sits.name != row.name {
        return Err(format!("这个学籍号的学生叫“{}”。请核对。", sits.name));
    }
    if sits.left_on.is_some() || sits.entered_on >= on {
        return Err("这位学生在这一天前后刚有异动。请选异动以后的日子，或等它生效。".to_owned());
    }
    let from = classes.iter().find(|(id, _)| *id == sits.class);
    if from.is_none_or(|(_, name)| name.cohort != to_name.cohort) {
        return Err("只能分到同一个年级的班。".to_owned());
    }
    let seat = match &row.seat {
        None => None,
        Some(cell) => match whole(cell).filter(|seat| (1..=99).contains(seat)) {
            Some(seat) => Some(seat),
            None => return Err("新学号应是 1 到 99 的数，空着就自动排。".to_owned()),
        },
    };
    Ok((at, *to, seat))
}

/// What a check page has shown waits, sealed, for an hour.
#[derive(Serialize)]
pub struct RegroupWaits {
    pupils: usize,
    #[serde(skip)]
    sealed: Vec<u8>,
}

impl RegroupWaits {
    pub fn new(keys: &Keys, run: &RegroupRun) -> Result<Self, Refused> {
        let waiting = serde_json::to_vec(&(&run.moves, run.on)).map_err(Refused::broken)?;
        Ok(RegroupWaits { pupils: run.moves.len(), sealed: keys.seal(WAITING_PLACE, &waiting) })
    }
}

impl Act for RegroupWaits {
    const VERB: &'static str = "regrouping_tried";
    type Done = String;

    fn about(&self) -> serde_json::Value {
        json!({ "pupils": self.pupils })
    }

    fn perform(&self, tx: &mut Tx) -> Result<String, Refused> {
        keep_waiting(tx, &self.sealed)
    }
}

/// The office groups classes anew from a day on.
#[derive(Serialize, Deserialize)]
pub struct Regroup {
    moves: Vec<Reseating>,
    on: NaiveDate,
}

impl Regroup {
    /// # Errors
    /// [`Refused::Conflict`] when it was taken already or the hour is over.
    pub fn waiting(tx: &mut Tx, keys: &Keys, token: &str) -> Result<Self, Refused> {
        let waiting = take_out(tx, keys, WAITING_PLACE, token)?;
        let (moves, on) = serde_json::from_slice(&waiting).map_err(Refused::broken)?;
        Ok(Regroup { moves, on })
    }
}

impl Act for Regroup {
    const VERB: &'static str = "classes_regrouped";
    /// How many pupils have another seat, and of them how many another class.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        let mut classes: HashMap<String, usize> = HashMap::new();
        for moved in self.moves.iter().filter(|moved| moved.from != moved.to) {
            *classes.entry(moved.to.to_string()).or_default() += 1;
        }
        json!({ "on": self.on, "pupils": self.moves.len(), "into": classes })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        reseat(tx, &self.moves, self.on, REASON)?;
        Ok(self.moves.len())
    }
}
