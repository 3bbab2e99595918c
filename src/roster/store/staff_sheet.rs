use super::post::staff;
use super::staff::staff_of;
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::account::{Login, NewAccount, account_named};
use crate::names::{AccountId, ClassId, ClassName, Role, Term};
use crate::platform::text::tidy;
use crate::platform::workbook::Sheet;
use crate::roster::curriculum::proper_name;
use crate::roster::reading::ClassRef;
use crate::roster::{AppointStaff, Appointment, Position, Verdict};
use serde::Serialize;
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// The columns of a sheet of teachers, in the order they are read.
const COLUMNS: [&str; 5] = ["账号", "姓名", "班级", "职务", "学科"];

/// One row of a sheet of teachers, as it was written.
#[derive(Clone, Debug)]
pub struct StaffRow {
    pub line: usize,
    /// In the order of the five columns.
    pub cells: [String; 5],
}

/// A row with its verdict.
#[derive(Clone, Debug, Serialize)]
pub struct StaffVerdict {
    pub line: usize,
    pub cells: [String; 5],
    pub verdict: Verdict,
    /// Why it is refused and how to mend it.
    pub cure: String,
}

/// Finds the five columns and reads what stands below them.
///
/// # Errors
/// A sentence for the person who brought the sheet.
pub fn staff_rows(sheet: &Sheet) -> Result<Vec<StaffRow>, String> {
    let texts =
        |row: &[crate::platform::workbook::Cell]| -> Vec<String> { row.iter().map(|c| tidy(&c.shown())).collect() };
    let header = sheet.rows.iter().take(10).position(|row| {
        let row = texts(row);
        row.iter().any(|cell| cell == "账号") && row.iter().any(|cell| cell == "职务")
    });
    let Some(header) = header else {
        return Err("表里找不到表头。要有一行写着“账号、姓名、班级、职务、学科”。".to_owned());
    };
    let titles = texts(&sheet.rows[header]);
    let places = COLUMNS.map(|name| titles.iter().position(|title| title == name));
    if places[2].is_none() {
        return Err("表里没有“班级”这一列。请补上，再导一次。".to_owned());
    }
    let rows = sheet.rows.iter().enumerate().skip(header + 1);
    let rows = rows.map(|(at, row)| {
        let row = texts(row);
        let cell = |place: Option<usize>| place.and_then(|place| row.get(place)).cloned().unwrap_or_default();
        StaffRow { line: at + sheet.first_line, cells: places.map(cell) }
    });
    let rows: Vec<StaffRow> = rows.filter(|row| row.cells.iter().any(|cell| !cell.is_empty())).collect();
    if rows.is_empty() {
        Err("表头下面没有教师。请看一看是不是选错了文件。".to_owned())
    } else {
        Ok(rows)
    }
}

/// A sheet of teachers laid beside what the school has.
pub struct StaffRun {
    pub rows: Vec<StaffVerdict>,
    accepted: Vec<AppointStaff>,
}

struct Standing {
    classes: HashMap<ClassRef, ClassId>,
    /// Class → who leads it now.
    led: HashMap<ClassId, String>,
    held: HashSet<(AccountId, ClassId, Role, Option<String>)>,
    term: Term,
}

impl StaffRun {
    /// Says of every row what would become of it; writes nothing.
    pub fn of(look: &mut Look, whole: WholeSchool, rows: Vec<StaffRow>, term: Term) -> Result<Self, Refused> {
        let classes = crate::roster::taught_classes(look, whole, term)?
            .into_iter()
            .map(|c| (ClassRef { cohort: c.name.cohort, number: c.name.number }, c.id))
            .collect();
        let mut standing = Standing { classes, led: HashMap::new(), held: HashSet::new(), term };
        for member in staff(look, whole, term)? {
            for post in member.posts.into_iter().filter(|post| post.until.is_none()) {
                if post.role == Role::Homeroom {
                    standing.led.insert(post.class, member.name.clone());
                }
                standing.held.insert((member.account, post.class, post.role, post.subject));
            }
        }
        let mut run = StaffRun { rows: Vec::new(), accepted: Vec::new() };
        let mut new: HashMap<String, String> = HashMap::new();
        for StaffRow { line, cells } in rows {
            let judged = standing.judge(look, &cells, &mut new)?;
            let (verdict, cure) = match judged {
                Ok(None) => (Verdict::Same, String::new()),
                Ok(Some(act)) => {
                    run.accepted.push(act);
                    (Verdict::New, String::new())
                }
                Err(cure) => (Verdict::Refused, cure),
            };
            run.rows.push(StaffVerdict { line, cells, verdict, cure });
        }
        Ok(run)
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// The act that takes the accepted rows.
    pub fn take(self) -> TakeStaff {
        TakeStaff { posts: self.accepted }
    }
}

impl Standing {
    /// `Ok(None)`: there already, just so.
    fn judge(
        &mut self,
        look: &mut Look,
        [login, name, class, post, subject]: &[String; 5],
        new: &mut HashMap<String, String>,
    ) -> Result<Result<Option<AppointStaff>, String>, Refused> {
        let login = match Login::parse(login) {
            Ok(login) => login,
            Err(why) => return Ok(Err(why.to_owned())),
        };
        let term = self.term;
        if let Some(role) = several_named(post) {
            return self.judge_several(look, (&login, name), (role, class), new);
        }
        let Some((class_ref, class)) = self.class_named(class) else {
            return Ok(Err(format!("本校这学年没有“{class}”。请写成“八年级(1)班”，或者先建班。")));
        };
        let proper = proper_name(subject).map_or_else(|| subject.clone(), str::to_owned);
        let subject = Some(proper).filter(|subject| !subject.is_empty());
        let (role, position) = match (post.as_str(), &subject) {
            ("班主任", _) => (Role::Homeroom, Position::Homeroom { class, term }),
            ("副班主任", _) => (Role::Deputy, Position::Deputy { class, term }),
            ("任课" | "任课教师" | "科任", None) => return Ok(Err("任课要写学科，例如“语文”。".to_owned())),
            ("任课" | "任课教师" | "科任", Some(subject)) => {
                (Role::Subject, Position::Subject { class, term, subject: subject.clone() })
            }
            _ => {
                let known = "“班主任”“副班主任”“任课”“活动组织”“综评委员”或“校医”";
                return Ok(Err(format!("职务“{post}”认不出。请写{known}。")));
            }
        };
        let subject = subject.filter(|_| role == Role::Subject);
        let (who, shown) = match whose(look, &login, name, new)? {
            Ok(found) => found,
            Err(cure) => return Ok(Err(cure)),
        };
        if let Appointment::Known(account) = who
            && !self.held.insert((account, class, role, subject))
        {
            return Ok(Ok(None));
        }
        if role == Role::Homeroom
            && let Some(leads) = self.led.insert(class, shown)
        {
            let class = ClassName { cohort: class_ref.cohort, number: class_ref.number }.in_year(term.year());
            self.led.insert(self.classes[&class_ref], leads.clone());
            return Ok(Err(format!("{class}已经有班主任{leads}。要换人，请到“教师”里一个一个办。")));
        }
        Ok(Ok(Some(AppointStaff { who, position })))
    }

    fn class_named(&self, cell: &str) -> Option<(ClassRef, ClassId)> {
        let named = ClassRef::parse(cell, "", None, self.term.year())?;
        Some((named, *self.classes.get(&named)?))
    }

    /// A post in several classes: `全校`, or classes with a comma between them.
    fn judge_several(
        &mut self,
        look: &mut Look,
        (login, name): (&Login, &str),
        (role, cell): (Role, &str),
        new: &mut HashMap<String, String>,
    ) -> Result<Result<Option<AppointStaff>, String>, Refused> {
        let mut classes: Vec<ClassId> = if matches!(cell, "全校" | "全校各班") {
            self.classes.values().copied().collect()
        } else {
            let mut classes = Vec::new();
            for one in cell.split(['、', '，', ',', '；', ';']).filter(|one| !one.trim().is_empty()) {
                let Some((_, class)) = self.class_named(one) else {
                    return Ok(Err(format!("本校这学年没有“{one}”。请写“全校”，或者“八年级(1)班、八年级(2)班”。")));
                };
                classes.push(class);
            }
            classes
        };
        if classes.is_empty() {
            return Ok(Err("要写管哪些班：“全校”，或者“八年级(1)班、八年级(2)班”。".to_owned()));
        }
        let who = match whose(look, login, name, new)? {
            Ok((who, _)) => who,
            Err(cure) => return Ok(Err(cure)),
        };
        if let Appointment::Known(account) = who {
            classes.retain(|class| self.held.insert((account, *class, role, None)));
            if classes.is_empty() {
                return Ok(Ok(None));
            }
        }
        classes.sort_by_key(|class| class.to_string());
        Ok(Ok(Some(AppointStaff { who, position: Position::Several { role, classes, term: self.term } })))
    }
}

/// The post in several classes that a sheet calls so.
fn several_named(word: &str) -> Option<Role> {
    match word {
        "活动组织" | "组织者" | "德育处" | "团委" | "团队" | "少先队" | "体艺" => {
            Some(Role::Organiser)
        }
        "综评委员" | "综评委员会" | "委员" => Some(Role::Committee),
        "校医" | "保健" | "保健教师" => Some(Role::Health),
        _ => None,
    }
}

/// Whom a row means: someone of the staff, or someone new; with the name.
fn whose(
    look: &mut Look,
    login: &Login,
    name: &str,
    new: &mut HashMap<String, String>,
) -> Result<Result<(Appointment, String), String>, Refused> {
    match account_named(look.conn(), login)? {
        Some((_, known)) if !name.is_empty() && known != *name => {
            Ok(Err(format!("账号“{}”已经是{known}的。请核对账号或姓名。", login.as_str())))
        }
        Some((account, known)) if staff_of(look, account)? => Ok(Ok((Appointment::Known(account), known))),
        Some(_) => Ok(Err(format!("账号“{}”已经有人用了，请换一个。", login.as_str()))),
        None => {
            let name = match new.get(login.as_str()) {
                Some(known) if name.is_empty() || known == name => known.clone(),
                Some(other) => {
                    return Ok(Err(format!("账号“{}”上面写的是{other}。一个账号只能是一个人。", login.as_str())));
                }
                None if name.is_empty() => return Ok(Err("新账号要写姓名。".to_owned())),
                None => name.to_owned(),
            };
            new.insert(login.as_str().to_owned(), name.clone());
            Ok(Ok((Appointment::New(NewAccount { login: login.clone(), name: name.clone() }), name)))
        }
    }
}

/// The office takes the rows of a sheet of teachers that nothing is wrong with.
#[derive(Serialize)]
pub struct TakeStaff {
    posts: Vec<AppointStaff>,
}

impl Act for TakeStaff {
    const VERB: &'static str = "staff_taken";
    /// Who is new here, with login and name: they get a link each.
    type Done = Vec<(AccountId, String, String)>;

    fn about(&self) -> serde_json::Value {
        json!({ "posts": self.posts.len() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused> {
        let mut made: Vec<(AccountId, String, String)> = Vec::new();
        for post in &self.posts {
            let who = match &post.who {
                Appointment::New(new) => match made.iter().find(|(_, login, _)| login == new.login.as_str()) {
                    Some((account, ..)) => Appointment::Known(*account),
                    None => Appointment::New(new.clone()),
                },
                known => known.clone(),
            };
            let account = AppointStaff { who: who.clone(), position: post.position.clone() }.perform(tx)?;
            if let Appointment::New(new) = who {
                made.push((account, new.login.as_str().to_owned(), new.name));
            }
        }
        Ok(made)
    }
}
