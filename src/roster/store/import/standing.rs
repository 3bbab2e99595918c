//! What county and school have already, and what a row of a roster would change of it.

use crate::access::own::{class, enrolment};
use crate::access::{Look, Refused};
use crate::names::{ClassId, ClassName, Cohort, EnrolmentId, SchoolId, Sex, StudentId};
use crate::platform::keys::Keys;
use crate::roster::reading::{RosterRead, word_of};
use crate::roster::{DOCUMENT_PLACE, FamilyMember, NUMBER_PLACE, NewPupil, PHONE_PLACE, StudentNumber, mask};
use crate::schema::{family_member, student};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a pupil's file says of itself, as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct FileRow {
    pub name: String,
    pub pinyin: String,
    pub former_name: Option<String>,
    pub sex: String,
    pub born_on: NaiveDate,
    pub ethnic: Option<String>,
    pub political: Option<String>,
    pub boarding: Option<String>,
    pub left_behind: Option<String>,
    pub regular_class: Option<String>,
    pub number_sealed: Vec<u8>,
    pub number_hash: String,
    pub document_kind: Option<String>,
    pub document_sealed: Option<Vec<u8>>,
    pub document_hash: Option<String>,
}

impl FileRow {
    /// The file of one pupil.
    pub fn of(look: &mut Look, id: StudentId) -> Result<Self, Refused> {
        Ok(files(look, &[id])?.remove(&id).ok_or(Refused::NotFound)?.file)
    }
}

/// A pupil the county knows.
pub struct Known {
    pub id: StudentId,
    pub school: SchoolId,
    pub file: FileRow,
}

/// Where a pupil sits now.
#[derive(Clone)]
pub struct Seated {
    pub stay: EnrolmentId,
    pub class: ClassId,
    pub class_name: ClassName,
    pub seat: i32,
    pub auxiliary: Option<String>,
    pub entered_on: NaiveDate,
}

/// One thing that would be otherwise; numbers are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeNote {
    pub what: &'static str,
    pub was: String,
    pub becomes: String,
}

pub enum Judged {
    New,
    Same,
    /// Whom, where now, and what would change.
    Changed(StudentId, Seated, Vec<ChangeNote>),
    /// The column, what was there, how to mend it.
    Refused(&'static str, String, String),
}

/// What the county and the school have already.
pub struct Standing {
    by_number: HashMap<String, StudentId>,
    by_document: HashMap<String, StudentId>,
    known: HashMap<StudentId, Known>,
    families: HashMap<StudentId, Vec<FamilyMember>>,
    pub seated: HashMap<StudentId, Seated>,
    /// Class and seat → who sits there.
    pub seats: HashMap<(ClassId, i32), StudentId>,
    school: SchoolId,
    school_year: i32,
    today: NaiveDate,
}

impl Standing {
    pub fn of(look: &mut Look, keys: &Keys, read: &RosterRead, school_year: i32) -> Result<Self, Refused> {
        let pupils = || read.rows.iter().filter_map(|row| row.pupil.as_ref());
        let numbers: Vec<String> = pupils().map(|pupil| keys.fingerprint(NUMBER_PLACE, &pupil.number)).collect();
        let documents: Vec<String> =
            pupils().filter_map(|pupil| Some(keys.fingerprint(DOCUMENT_PLACE, &pupil.document.as_ref()?.1))).collect();
        let (by_number, by_document) = (numbered(look, &numbers)?, documented(look, &documents)?);
        let mut ids: Vec<StudentId> = by_number.values().chain(by_document.values()).copied().collect();
        ids.sort_unstable_by_key(StudentId::to_string);
        ids.dedup();
        let mut standing = Standing {
            known: files(look, &ids)?,
            families: families(look, keys, &ids)?,
            by_number,
            by_document,
            seated: HashMap::new(),
            seats: HashMap::new(),
            school: look.school(),
            school_year,
            today: look.today(),
        };
        type Row = (StudentId, EnrolmentId, ClassId, Cohort, i32, i32, Option<String>, NaiveDate);
        let rows: Vec<Row> = look
            .own(enrolment::rows)
            .inner_join(
                class::joined().on(class::school_id.eq(enrolment::school_id).and(class::id.eq(enrolment::class_id))),
            )
            .filter(enrolment::left_on.is_null())
            .select((
                enrolment::student_id,
                enrolment::id,
                enrolment::class_id,
                class::cohort,
                class::number,
                enrolment::seat,
                enrolment::auxiliary,
                enrolment::entered_on,
            ))
            .load(look.conn())?;
        for (student, stay, class, cohort, number, seat, auxiliary, entered_on) in rows {
            let class_name = ClassName { cohort, number };
            standing.seated.insert(student, Seated { stay, class, class_name, seat, auxiliary, entered_on });
            standing.seats.insert((class, seat), student);
        }
        Ok(standing)
    }

    /// What becomes of one row; `seat_told` where the sheet itself names the seat.
    pub fn judge(
        &self,
        keys: &Keys,
        (class, class_name): (ClassId, ClassName),
        pupil: &NewPupil,
        seat_told: bool,
    ) -> Result<Judged, Refused> {
        let masked = pupil.student_number().map(|number| number.masked()).unwrap_or_default();
        let document = pupil.document.as_ref().map(|(_, number)| keys.fingerprint(DOCUMENT_PLACE, number));
        let holder = document.as_ref().and_then(|document| self.by_document.get(document));
        let known = match (self.by_number.get(&keys.fingerprint(NUMBER_PLACE, &pupil.number)), holder) {
            (Some(id), Some(other)) if id != other => {
                let cure = "这个证件号登记在另一位学生名下。请核对两人的证件号。";
                return Ok(Judged::Refused("身份证件号", masked, cure.to_owned()));
            }
            (Some(id), _) => *id,
            // A temporary number may have become the formal one.
            (None, Some(id)) if self.is_temporary(keys, *id)? && pupil.number.starts_with('G') => *id,
            (None, Some(_)) => {
                let cure = "这个身份证号已经登记在另一个学籍号下。请核对是不是换了学籍号。";
                return Ok(Judged::Refused("身份证件号", masked, cure.to_owned()));
            }
            (None, None) => return Ok(Judged::New),
        };
        let Some(known) = self.known.get(&known) else { return Ok(Judged::New) };
        if known.school != self.school {
            let cure = "这位学生在县里另一所学校在籍。请先办转学，再导入。";
            return Ok(Judged::Refused("全国学籍号", masked, cure.to_owned()));
        }
        let Some(seated) = self.seated.get(&known.id) else {
            let cure = "这位学生已经离校。休学的办复学，转走的办转入，都在学生页里，不用导入。";
            return Ok(Judged::Refused("全国学籍号", masked, cure.to_owned()));
        };
        let mut changes = self.file_changes(keys, known, pupil)?;
        let moves = seated.class != class || seat_told && seated.seat != pupil.seat;
        if moves && seated.entered_on >= self.today {
            let cure = format!("{}才进现在的班，当天不再换。请明天再导。", seated.entered_on);
            return Ok(Judged::Refused("班号", class_name.in_year(self.school_year), cure));
        }
        if seated.class != class {
            let was = seated.class_name.in_year(self.school_year);
            changes.push(ChangeNote { what: "班级", was, becomes: class_name.in_year(self.school_year) });
        }
        if seat_told && seated.seat != pupil.seat {
            changes.push(ChangeNote {
                what: "班内学号",
                was: seated.seat.to_string(),
                becomes: pupil.seat.to_string(),
            });
        }
        Ok(if changes.is_empty() { Judged::Same } else { Judged::Changed(known.id, seated.clone(), changes) })
    }

    fn is_temporary(&self, keys: &Keys, id: StudentId) -> Result<bool, Refused> {
        let Some(known) = self.known.get(&id) else { return Ok(false) };
        let number = keys.open(NUMBER_PLACE, &known.file.number_sealed).map_err(Refused::broken)?;
        Ok(number.starts_with(b"L"))
    }

    /// What the roster does not say stays as it is.
    fn file_changes(&self, keys: &Keys, known: &Known, pupil: &NewPupil) -> Result<Vec<ChangeNote>, Refused> {
        let file = &known.file;
        let mut changes = Vec::new();
        let mut told = |what: &'static str, was: String, becomes: String| {
            if was != becomes {
                changes.push(ChangeNote { what, was, becomes });
            }
        };
        told("姓名", file.name.clone(), pupil.name.clone());
        let sex = |code: &str| code.parse::<Sex>().map(Sex::word).unwrap_or_default().to_owned();
        told("性别", sex(&file.sex), pupil.sex.word().to_owned());
        told("出生日期", file.born_on.to_string(), pupil.born_on.to_string());
        let coded = |table: &str, code: &Option<String>| {
            code.as_ref().map(|code| word_of(table, code).unwrap_or(code).to_owned()).unwrap_or_default()
        };
        for (what, table, was, says) in [
            ("曾用名", "", &file.former_name, &pupil.former_name),
            ("民族", "ethnic", &file.ethnic, &pupil.ethnic),
            ("政治面貌", "political", &file.political, &pupil.political),
            ("就读方式", "boarding", &file.boarding, &pupil.boarding),
            ("是否留守儿童", "left_behind", &file.left_behind, &pupil.left_behind),
            ("随班就读", "", &file.regular_class, &pupil.regular_class),
        ] {
            if says.is_some() {
                told(what, coded(table, was), coded(table, says));
            }
        }
        let opened = |place: &str, sealed: &[u8]| -> Result<String, Refused> {
            let bytes = keys.open(place, sealed).map_err(Refused::broken)?;
            String::from_utf8(bytes).map_err(Refused::broken)
        };
        let number = opened(NUMBER_PLACE, &file.number_sealed)?;
        if number != pupil.number {
            let masked = |number: &str| StudentNumber::parse(number).map(|number| number.masked()).unwrap_or_default();
            told("全国学籍号", masked(&number), masked(&pupil.number));
        }
        if let Some((_, says)) = &pupil.document {
            let was = file.document_sealed.as_ref().map(|sealed| opened(DOCUMENT_PLACE, sealed)).transpose()?;
            if was.as_ref() != Some(says) {
                told("证件号码", was.map(|was| mask(&was, 6)).unwrap_or_default(), mask(says, 6));
            }
        }
        let before = self.families.get(&known.id).cloned().unwrap_or_default();
        if !pupil.family.is_empty() && pupil.family != before {
            // A telephone alone may be another; it is not shown.
            let words = |family: &[FamilyMember]| {
                let all = family.iter().map(|m| format!("{}{}", m.relation.as_deref().unwrap_or_default(), m.name));
                all.collect::<Vec<_>>().join("、")
            };
            let (was, mut becomes) = (words(&before), words(&pupil.family));
            if was == becomes {
                becomes.push_str("（电话或监护有变）");
            }
            told("家人", was, becomes);
        }
        Ok(changes)
    }
}

/// More parameters than this no engine takes at once.
const AT_ONCE: usize = 5_000;

fn numbered(look: &mut Look, hashes: &[String]) -> Result<HashMap<String, StudentId>, Refused> {
    let mut known = HashMap::new();
    for part in hashes.chunks(AT_ONCE) {
        let rows: Vec<(String, StudentId)> = student::table
            .filter(student::number_hash.eq_any(part))
            .select((student::number_hash, student::id))
            .load(look.conn())?;
        known.extend(rows);
    }
    Ok(known)
}

fn documented(look: &mut Look, hashes: &[String]) -> Result<HashMap<String, StudentId>, Refused> {
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

fn files(look: &mut Look, ids: &[StudentId]) -> Result<HashMap<StudentId, Known>, Refused> {
    let mut known = HashMap::new();
    for part in ids.chunks(AT_ONCE) {
        let rows: Vec<(StudentId, SchoolId, FileRow)> = student::table
            .filter(student::id.eq_any(part))
            .select((
                student::id,
                student::school_id,
                (
                    student::name,
                    student::pinyin,
                    student::former_name,
                    student::sex,
                    student::born_on,
                    student::ethnic,
                    student::political,
                    student::boarding,
                    student::left_behind,
                    student::regular_class,
                    student::number_sealed,
                    student::number_hash,
                    student::document_kind,
                    student::document_sealed,
                    student::document_hash,
                ),
            ))
            .load(look.conn())?;
        known.extend(rows.into_iter().map(|(id, school, file)| (id, Known { id, school, file })));
    }
    Ok(known)
}

/// The families of pupils, as the roster named them.
pub fn families(
    look: &mut Look,
    keys: &Keys,
    ids: &[StudentId],
) -> Result<HashMap<StudentId, Vec<FamilyMember>>, Refused> {
    let mut families: HashMap<StudentId, Vec<FamilyMember>> = HashMap::new();
    for part in ids.chunks(AT_ONCE) {
        type Row = (StudentId, String, Option<String>, Option<Vec<u8>>, Option<bool>);
        let rows: Vec<Row> = family_member::table
            .filter(family_member::student_id.eq_any(part))
            .order((family_member::student_id, family_member::ordinal))
            .select((
                family_member::student_id,
                family_member::name,
                family_member::relation,
                family_member::phone_sealed,
                family_member::is_guardian,
            ))
            .load(look.conn())?;
        for (id, name, relation, sealed, is_guardian) in rows {
            let phone = match sealed {
                Some(sealed) => {
                    let bytes = keys.open(PHONE_PLACE, &sealed).map_err(Refused::broken)?;
                    Some(String::from_utf8(bytes).map_err(Refused::broken)?)
                }
                None => None,
            };
            families.entry(id).or_default().push(FamilyMember { name, relation, phone, is_guardian });
        }
    }
    Ok(families)
}
