use crate::access::own::{class, enrolment};
use crate::access::{Act, KnownClass, Look, Refused, Tx};
use crate::names::{ClassId, EnrolmentId, Sex, StudentId};
use crate::platform::keys::Keys;
use crate::platform::text::pinyin;
use crate::roster::calendar::TermDates;
use crate::roster::{DOCUMENT_PLACE, NUMBER_PLACE, PHONE_PLACE, StudentNumber};
use crate::schema::{family_member, student};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;

/// A pupil on a class list.
#[derive(Clone, Debug, Queryable)]
pub struct Pupil {
    pub id: StudentId,
    /// 班内学号: the only order pupils are ever listed in.
    pub seat: i32,
    pub name: String,
    pub pinyin: String,
    pub sex: Sex,
}

/// The pupils of one's own class in a term, in seat order: who was in it on the
/// term's last day, or is today.
pub fn class_list(look: &mut Look, own: &impl KnownClass, term: TermDates) -> Result<Vec<Pupil>, Refused> {
    let day = look.today().min(term.ends_on);
    Ok(look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .order(enrolment::seat)
        .select((student::id, enrolment::seat, student::name, student::pinyin, student::sex))
        .load(look.conn())?)
}

/// The keyed hashes of the national numbers of one's own class, for finding a pupil
/// by the number a workbook names.
pub fn class_numbers(
    look: &mut Look,
    own: &impl KnownClass,
    term: TermDates,
) -> Result<HashMap<String, StudentId>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<(String, StudentId)> = look
        .own(enrolment::rows)
        .inner_join(student::table.on(student::id.eq(enrolment::student_id)))
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .select((student::number_hash, student::id))
        .load(look.conn())?;
    Ok(rows.into_iter().collect())
}

/// Someone of the family, as the roster names them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyMember {
    pub name: String,
    /// A word of the code table 监护关系.
    pub relation: Option<String>,
    pub phone: Option<String>,
    pub is_guardian: Option<bool>,
}

/// What is kept of a pupil: the roster's columns that are needed, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPupil {
    pub name: String,
    pub former_name: Option<String>,
    pub sex: Sex,
    pub born_on: NaiveDate,
    /// Two digits of GB/T 3304.
    pub ethnic: Option<String>,
    pub political: Option<String>,
    pub boarding: Option<String>,
    pub left_behind: Option<String>,
    pub regular_class: Option<String>,
    /// 全国学籍号 in full.
    pub number: String,
    /// Kind and number of the identity document.
    pub document: Option<(String, String)>,
    pub seat: i32,
    pub auxiliary: Option<String>,
    pub entered_on: NaiveDate,
    pub family: Vec<FamilyMember>,
}

/// A pupil comes into a class of this school. The numbers are sealed before they
/// get here, and the journal keeps none of them.
#[derive(Serialize)]
pub struct AdmitPupil {
    pub class: ClassId,
    pub seat: i32,
    #[serde(skip)]
    pub pupil: NewPupil,
    #[serde(skip)]
    sealed: Sealed,
}

struct Sealed {
    number: Vec<u8>,
    number_hash: String,
    document: Option<(String, Vec<u8>, String)>,
    phones: Vec<Option<Vec<u8>>>,
}

impl AdmitPupil {
    pub fn new(keys: &Keys, class: ClassId, pupil: NewPupil) -> Self {
        let sealed = Sealed {
            number: keys.seal(NUMBER_PLACE, pupil.number.as_bytes()),
            number_hash: keys.fingerprint(NUMBER_PLACE, &pupil.number),
            document: pupil.document.as_ref().map(|(kind, number)| {
                (kind.clone(), keys.seal(DOCUMENT_PLACE, number.as_bytes()), keys.fingerprint(DOCUMENT_PLACE, number))
            }),
            phones: sealed_phones(keys, &pupil.family),
        };
        AdmitPupil { class, seat: pupil.seat, pupil, sealed }
    }

    /// Puts the rows in; part of this act and of a whole roster's.
    pub fn put(&self, tx: &mut Tx) -> Result<StudentId, Refused> {
        let (id, school, new) = (StudentId::new(), tx.school(), &self.pupil);
        let (document_kind, document_sealed, document_hash) = match &self.sealed.document {
            Some((kind, sealed, hash)) => (Some(kind), Some(sealed), Some(hash)),
            None => (None, None, None),
        };
        diesel::insert_into(student::table)
            .values((
                student::id.eq(id),
                student::school_id.eq(school),
                (student::name.eq(&new.name), student::pinyin.eq(pinyin(&new.name))),
                student::former_name.eq(&new.former_name),
                student::sex.eq(new.sex.code()),
                student::born_on.eq(new.born_on),
                student::ethnic.eq(&new.ethnic),
                student::political.eq(&new.political),
                student::boarding.eq(&new.boarding),
                student::left_behind.eq(&new.left_behind),
                student::regular_class.eq(&new.regular_class),
                (student::number_sealed.eq(&self.sealed.number), student::number_hash.eq(&self.sealed.number_hash)),
                (
                    student::document_kind.eq(document_kind),
                    student::document_sealed.eq(document_sealed),
                    student::document_hash.eq(document_hash),
                ),
            ))
            .execute(tx.conn())?;
        put_sealed(tx, id, &new.family, &self.sealed.phones)?;
        tx.put(
            enrolment::rows,
            (
                enrolment::id.eq(EnrolmentId::new()),
                enrolment::student_id.eq(id),
                enrolment::class_id.eq(self.class),
                enrolment::seat.eq(new.seat),
                enrolment::auxiliary.eq(new.auxiliary.clone()),
                enrolment::entered_on.eq(new.entered_on),
            ),
        )?;
        super::movement::put_entry(tx, id, new.entered_on, self.class)?;
        Ok(id)
    }
}

fn sealed_phones(keys: &Keys, family: &[FamilyMember]) -> Vec<Option<Vec<u8>>> {
    family.iter().map(|member| member.phone.as_ref().map(|phone| keys.seal(PHONE_PLACE, phone.as_bytes()))).collect()
}

/// Puts a pupil's family in, as the roster names it.
pub(super) fn put_family(tx: &mut Tx, keys: &Keys, id: StudentId, family: &[FamilyMember]) -> Result<(), Refused> {
    put_sealed(tx, id, family, &sealed_phones(keys, family))
}

fn put_sealed(tx: &mut Tx, id: StudentId, family: &[FamilyMember], phones: &[Option<Vec<u8>>]) -> Result<(), Refused> {
    for (ordinal, (member, phone)) in family.iter().zip(phones).enumerate() {
        diesel::insert_into(family_member::table)
            .values((
                family_member::student_id.eq(id),
                family_member::ordinal.eq(ordinal as i32 + 1),
                family_member::name.eq(&member.name),
                family_member::relation.eq(&member.relation),
                family_member::phone_sealed.eq(phone),
                family_member::is_guardian.eq(member.is_guardian),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

impl Act for AdmitPupil {
    const VERB: &'static str = "pupil_admitted";
    type Done = StudentId;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "seat": self.seat })
    }

    fn perform(&self, tx: &mut Tx) -> Result<StudentId, Refused> {
        let there: i64 = tx.own(class::rows).filter(class::id.eq(self.class)).count().get_result(tx.conn())?;
        if there == 0 {
            return Err(Refused::NotFound);
        }
        self.put(tx)
    }
}

impl NewPupil {
    /// The number, as the roster has checked it.
    pub fn student_number(&self) -> Result<StudentNumber, String> {
        StudentNumber::parse(&self.number)
    }
}
