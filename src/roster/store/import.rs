use super::waiting::{keep_waiting, take_out};
use crate::access::own::{class, enrolment};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::names::{ClassId, ClassName, Cohort, SchoolId, StudentId};
use crate::platform::keys::Keys;
use crate::roster::reading::{CellNote, ClassRef, RosterRead};
use crate::roster::{AdmitPupil, DOCUMENT_PLACE, NUMBER_PLACE, NewPupil};
use crate::schema::student;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeSet, HashMap, HashSet};

const WAITING_PLACE: &str = "import_waiting.rows";

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    New,
    /// There already, just so.
    Same,
    Refused,
}

/// A row with its verdict, as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub struct RowVerdict {
    pub line: usize,
    pub name: String,
    pub class_name: String,
    pub verdict: Verdict,
    pub faults: Vec<CellNote>,
    pub remarks: Vec<CellNote>,
    /// Where it is in the sheet.
    #[serde(skip)]
    pub at: usize,
}

/// A roster laid beside what the school has.
pub struct DryRun {
    pub rows: Vec<RowVerdict>,
    /// Classes the file names and the school has not.
    pub missing_classes: Vec<ClassRef>,
    accepted: Vec<Accepted>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Accepted {
    class: ClassId,
    pupil: NewPupil,
}

struct Known {
    id: StudentId,
    school: SchoolId,
    name: String,
}

impl DryRun {
    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows.iter().filter(|row| row.verdict == verdict).count()
    }

    /// Rows that would be taken but deserve a look.
    pub fn remarked(&self) -> usize {
        self.rows.iter().filter(|row| row.verdict != Verdict::Refused && !row.remarks.is_empty()).count()
    }

    /// Lays a roster beside what is there; writes nothing.
    pub fn of(
        look: &mut Look,
        whole: WholeSchool,
        keys: &Keys,
        read: &RosterRead,
        school_year: i32,
    ) -> Result<Self, Refused> {
        let classes: HashMap<ClassRef, ClassId> = crate::roster::classes(look, whole)?
            .into_iter()
            .map(|row| (ClassRef { cohort: row.name.cohort, number: row.name.number }, row.id))
            .collect();
        let standing = Standing::of(look, keys, read, school_year)?;
        let mut run =
            DryRun { rows: Vec::with_capacity(read.rows.len()), missing_classes: Vec::new(), accepted: Vec::new() };
        let mut missing = BTreeSet::new();
        for row in &read.rows {
            let class_name = row
                .class
                .map(|c| ClassName { cohort: c.cohort, number: c.number }.short_in_year(school_year))
                .unwrap_or_default();
            let mut shown = RowVerdict {
                line: row.line,
                name: row.name.clone(),
                class_name,
                verdict: Verdict::Refused,
                faults: row.faults.clone(),
                remarks: row.remarks.clone(),
                at: row.at,
            };
            if let (Some(class), Some(pupil)) = (row.class, &row.pupil) {
                let fault =
                    |name: &str, was: String, cure: String| CellNote { column: read.columns.header(name), was, cure };
                match classes.get(&class) {
                    None => {
                        missing.insert(class);
                        shown.faults.push(fault(
                            "班号",
                            ClassName { cohort: class.cohort, number: class.number }.in_year(school_year),
                            "本校还没有这个班。请先建班（上面有按钮），再导一次。".to_owned(),
                        ));
                    }
                    Some(id) => match standing.judge(keys, *id, pupil) {
                        Judged::New => {
                            shown.verdict = Verdict::New;
                            run.accepted.push(Accepted { class: *id, pupil: pupil.clone() });
                        }
                        Judged::Same => shown.verdict = Verdict::Same,
                        Judged::Refused(name, was, cure) => shown.faults.push(fault(name, was, cure)),
                    },
                }
            }
            run.rows.push(shown);
        }
        run.missing_classes = missing.into_iter().collect();
        Ok(run)
    }

    /// The act that takes the accepted rows.
    pub fn take(&self, keys: &Keys) -> TakeRoster {
        TakeRoster::of(keys, self.accepted.clone())
    }
}

enum Judged {
    New,
    Same,
    /// The column, what was there, how to mend it.
    Refused(&'static str, String, String),
}

/// What the county and the school have already.
struct Standing {
    known: HashMap<String, Known>,
    documented: HashMap<String, StudentId>,
    /// Pupil → class and seat.
    seated: HashMap<StudentId, (ClassId, ClassName, i32)>,
    /// Class and seat → taken.
    seats: HashSet<(ClassId, i32)>,
    school: SchoolId,
    school_year: i32,
}

impl Standing {
    fn of(look: &mut Look, keys: &Keys, read: &RosterRead, school_year: i32) -> Result<Self, Refused> {
        let pupils = || read.rows.iter().filter_map(|row| row.pupil.as_ref());
        let numbers: Vec<String> = pupils().map(|pupil| keys.fingerprint(NUMBER_PLACE, &pupil.number)).collect();
        let documents: Vec<String> =
            pupils().filter_map(|pupil| Some(keys.fingerprint(DOCUMENT_PLACE, &pupil.document.as_ref()?.1))).collect();
        let mut standing = Standing {
            known: known_by(look, &numbers)?,
            documented: documented_by(look, &documents)?,
            seated: HashMap::new(),
            seats: HashSet::new(),
            school: look.school(),
            school_year,
        };
        let rows: Vec<(StudentId, ClassId, i32, Cohort, i32)> = look
            .own(enrolment::rows)
            .inner_join(
                class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
            )
            .filter(enrolment::left_on.is_null())
            .select((enrolment::student_id, enrolment::class_id, enrolment::seat, class::cohort, class::number))
            .load(look.conn())?;
        for (student, class, seat, cohort, number) in rows {
            standing.seated.insert(student, (class, ClassName { cohort, number }, seat));
            standing.seats.insert((class, seat));
        }
        Ok(standing)
    }

    fn judge(&self, keys: &Keys, class: ClassId, pupil: &NewPupil) -> Judged {
        let masked = || pupil.student_number().map(|number| number.masked()).unwrap_or_default();
        if let Some(known) = self.known.get(&keys.fingerprint(NUMBER_PLACE, &pupil.number)) {
            return self.judge_known(known, class, pupil, masked());
        }
        let document = pupil.document.as_ref().map(|(_, number)| keys.fingerprint(DOCUMENT_PLACE, number));
        if document.is_some_and(|document| self.documented.contains_key(&document)) {
            let cure = "这个身份证号已经登记在另一个学籍号下。请核对是不是换了学籍号。";
            return Judged::Refused("身份证件号", masked(), cure.to_owned());
        }
        if self.seats.contains(&(class, pupil.seat)) {
            return Judged::Refused("班内学号", pupil.seat.to_string(), "这个学号班里已经有人。请换一个。".to_owned());
        }
        Judged::New
    }

    fn judge_known(&self, known: &Known, class: ClassId, pupil: &NewPupil, masked: String) -> Judged {
        if known.school != self.school {
            let cure = "这位学生在县里另一所学校在籍。请先办转学，再导入。";
            return Judged::Refused("全国学籍号", masked, cure.to_owned());
        }
        match self.seated.get(&known.id) {
            None => Judged::Refused("全国学籍号", masked, "这位学生已经离校。回来请办复学，不用导入。".to_owned()),
            Some((at, name, seat)) if *at != class => {
                let cure = format!("已经在{}，{seat} 号。换班请办转班，不用导入。", name.in_year(self.school_year));
                Judged::Refused("班号", masked, cure)
            }
            Some((_, _, seat)) if *seat != pupil.seat => {
                let cure = format!("库里是 {seat} 号。确实要换，请在班级里改学号。");
                Judged::Refused("班内学号", pupil.seat.to_string(), cure)
            }
            Some(_) if known.name != pupil.name => {
                let cure = format!("同一个学籍号，库里的姓名是“{}”。改名请办更名。", known.name);
                Judged::Refused("姓名", pupil.name.clone(), cure)
            }
            Some(_) => Judged::Same,
        }
    }
}

/// More parameters than this no engine takes at once.
const AT_ONCE: usize = 5_000;

fn known_by(look: &mut Look, hashes: &[String]) -> Result<HashMap<String, Known>, Refused> {
    let mut known = HashMap::new();
    for part in hashes.chunks(AT_ONCE) {
        let rows: Vec<(String, StudentId, SchoolId, String)> = student::table
            .filter(student::number_hash.eq_any(part))
            .select((student::number_hash, student::id, student::school_id, student::name))
            .load(look.conn())?;
        known.extend(rows.into_iter().map(|(hash, id, school, name)| (hash, Known { id, school, name })));
    }
    Ok(known)
}

fn documented_by(look: &mut Look, hashes: &[String]) -> Result<HashMap<String, StudentId>, Refused> {
    let mut known = HashMap::new();
    for part in hashes.chunks(AT_ONCE) {
        let rows: Vec<(Option<String>, StudentId)> = student::table
            .filter(student::document_hash.eq_any(part))
            .select((student::document_hash, student::id))
            .load(look.conn())?;
        known.extend(rows.into_iter().filter_map(|(hash, id)| Some((hash?, id))));
    }
    Ok(known)
}

/// The office takes the rows of a roster that nothing is wrong with.
#[derive(Serialize)]
pub struct TakeRoster {
    pupils: Vec<AdmitPupil>,
}

impl TakeRoster {
    fn of(keys: &Keys, accepted: Vec<Accepted>) -> Self {
        let pupils = accepted.into_iter().map(|row| AdmitPupil::new(keys, row.class, row.pupil)).collect();
        TakeRoster { pupils }
    }

    pub fn is_empty(&self) -> bool {
        self.pupils.is_empty()
    }
}

impl Act for TakeRoster {
    const VERB: &'static str = "roster_taken";
    /// How many pupils came in.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "pupils": self.pupils.len() })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        for pupil in &self.pupils {
            pupil.put(tx).map_err(|refused| match refused {
                Refused::Broken(cause) if cause.to_string().to_lowercase().contains("unique") => {
                    Refused::conflict("试跑以后名单又变了：有的学生或学号已经在库里。什么都没有收，请重新试跑一次。")
                }
                other => other,
            })?;
        }
        Ok(self.pupils.len())
    }
}

/// The accepted rows of a dry run wait, sealed, under a token that only its author has.
#[derive(Serialize)]
pub struct WaitForTaking {
    rows: usize,
    #[serde(skip)]
    sealed: Vec<u8>,
}

impl WaitForTaking {
    pub fn new(keys: &Keys, run: &DryRun) -> Result<Self, Refused> {
        let rows = serde_json::to_vec(&run.accepted).map_err(Refused::broken)?;
        Ok(WaitForTaking { rows: run.accepted.len(), sealed: keys.seal(WAITING_PLACE, &rows) })
    }
}

impl Act for WaitForTaking {
    const VERB: &'static str = "roster_tried";
    type Done = String;

    fn about(&self) -> serde_json::Value {
        json!({ "pupils": self.rows })
    }

    fn perform(&self, tx: &mut Tx) -> Result<String, Refused> {
        keep_waiting(tx, &self.sealed)
    }
}

/// What waits under a token, taken out of its waiting.
///
/// # Errors
/// [`Refused::Conflict`] when it was taken already or the hour is over.
pub fn take_waiting(tx: &mut Tx, keys: &Keys, token: &str) -> Result<TakeRoster, Refused> {
    let rows = take_out(tx, keys, WAITING_PLACE, token)?;
    Ok(TakeRoster::of(keys, serde_json::from_slice(&rows).map_err(Refused::broken)?))
}

/// The refused rows as a workbook: as they were, with the reasons in a column.
pub fn refused_workbook(run: &DryRun, read: &RosterRead) -> Result<Vec<u8>, Refused> {
    let mut header = vec!["为什么没收，怎么改".to_owned(), "行号".to_owned()];
    header.extend(read.columns.headers.iter().cloned());
    let rows: Vec<Vec<String>> = run
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Refused)
        .map(|row| {
            let reasons: Vec<String> = row.faults.iter().map(|f| format!("{}：{}", f.column, f.cure)).collect();
            let cells = read.sheet.rows[row.at].iter().map(|cell| cell.shown());
            [reasons.join("\n"), row.line.to_string()].into_iter().chain(cells).collect()
        })
        .collect();
    crate::platform::workbook::write("没收的行", &header, &rows).map_err(Refused::broken)
}
