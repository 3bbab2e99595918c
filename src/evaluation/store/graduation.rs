use super::author;
use crate::access::{Act, Charge, Look, OwnClass, Refused, Tx};
use crate::evaluation::{Band, Cell, Sheet};
use crate::names::{AccountId, Domain, ObjectionId, StudentId};
use crate::schema::account;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;

crate::school_table!(graduation (student_id, domain, revision) {
    student_id -> Guid,
    domain -> Text,
    revision -> Integer,
    band -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(graduation_again (objection_id) {
    objection_id -> Guid,
    student_id -> Guid,
    domain -> Text,
    revision -> Integer,
});

crate::queried_with!(graduation: enrolment; account);

/// The class committee's bands for pupils who graduate: for each the six terms lay
/// side by side, and people decided.
#[derive(Serialize)]
pub struct Graduation {
    class: OwnClass,
    decided: Vec<(Charge, Vec<(Domain, Band)>)>,
}

/// Makes the act for pupils of one's own class.
///
/// # Errors
/// As [`Tx::graduates`].
pub fn decide_graduation(
    tx: &mut Tx,
    own: &OwnClass,
    decided: Vec<(StudentId, Vec<(Domain, Band)>)>,
) -> Result<Graduation, Refused> {
    let students: Vec<StudentId> = decided.iter().map(|(student, _)| *student).collect();
    let charges = tx.graduates(own, &students)?;
    let decided = decided
        .into_iter()
        .map(|(student, bands)| Ok((charges.get(&student).copied().ok_or(Refused::NotFound)?, bands)))
        .collect::<Result<_, Refused>>()?;
    Ok(Graduation { class: *own, decided })
}

impl Act for Graduation {
    const VERB: &'static str = "graduation_decided";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        let students: Vec<StudentId> = self.decided.iter().map(|(charge, _)| charge.student()).collect();
        json!({ "class": self.class, "students": students })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        let (by, at) = (author(tx)?, tx.now());
        let students: Vec<StudentId> = self.decided.iter().map(|(charge, _)| charge.student()).collect();
        let standing = graduation_bands(tx, &students)?;
        for (charge, bands) in &self.decided {
            for (domain, band) in bands {
                let revision =
                    standing.get(&charge.student()).map_or(0, |bands| bands.sheet.cell(*domain).revision) + 1;
                tx.put(
                    graduation::rows,
                    (
                        graduation::student_id.eq(charge.student()),
                        graduation::domain.eq(*domain),
                        graduation::revision.eq(revision),
                        graduation::band.eq(Some(*band)),
                        graduation::account_id.eq(by),
                        graduation::at.eq(at),
                    ),
                )?;
            }
        }
        Ok(())
    }
}

/// Everyone who put a graduation band of a pupil in.
pub fn graduation_deciders(look: &mut Look, student: StudentId) -> Result<Vec<AccountId>, Refused> {
    Ok(look
        .own(graduation::rows)
        .filter(graduation::student_id.eq(student))
        .select(graduation::account_id)
        .distinct()
        .load(look.conn())?)
}

/// The five bands a pupil graduates with, and who put them in last.
#[derive(Clone, Debug, Default)]
pub struct GraduationBands {
    pub sheet: Sheet,
    pub by: Vec<String>,
    pub at: Option<NaiveDateTime>,
}

/// The graduation bands of some pupils, as they stand.
pub fn graduation_bands(
    look: &mut Look,
    students: &[StudentId],
) -> Result<HashMap<StudentId, GraduationBands>, Refused> {
    let rows: Vec<(StudentId, Domain, i32, Option<Band>, String, NaiveDateTime)> = look
        .own(graduation::rows)
        .inner_join(account::table.on(account::id.eq(graduation::account_id)))
        .filter(graduation::student_id.eq_any(students))
        .order(graduation::revision)
        .select((
            graduation::student_id,
            graduation::domain,
            graduation::revision,
            graduation::band,
            account::name,
            graduation::at,
        ))
        .load(look.conn())?;
    let mut all: HashMap<StudentId, GraduationBands> = HashMap::new();
    for (student, domain, revision, band, by, at) in rows {
        let bands = all.entry(student).or_default();
        bands.sheet.set(domain, Cell { band, revision, ..Cell::default() });
        bands.at = bands.at.max(Some(at));
        if !bands.by.contains(&by) {
            bands.by.push(by);
        }
    }
    Ok(all)
}

/// An upheld objection sends a final band back: the committee decides it again. Part of
/// the act that upholds it, after its step.
///
/// # Errors
/// [`Refused::Conflict`] where no band stands, or it was sent back already.
pub fn put_decide_again(
    tx: &mut Tx,
    objection: ObjectionId,
    student: StudentId,
    domain: Domain,
) -> Result<(), Refused> {
    let standing = graduation_bands(tx, &[student])?.remove(&student).unwrap_or_default();
    let revision = standing.sheet.cell(domain).revision;
    if revision == 0 {
        return Err(Refused::conflict("这一育还没有商定等级，不用重新商定。"));
    }
    let bands = HashMap::from([(student, standing)]);
    if to_decide_again(tx, &bands)?.remove(&student).is_some_and(|again| again.contains(&domain)) {
        return Err(Refused::conflict("这一育已经请评价小组重新商定，不用再请一次。"));
    }
    tx.put(
        graduation_again::rows,
        (
            graduation_again::objection_id.eq(objection),
            graduation_again::student_id.eq(student),
            graduation_again::domain.eq(domain),
            graduation_again::revision.eq(revision),
        ),
    )?;
    Ok(())
}

/// Of which pupils, with the bands they have now, the committee has yet to decide one
/// again, and in which domains.
pub(super) fn to_decide_again(
    look: &mut Look,
    bands: &HashMap<StudentId, GraduationBands>,
) -> Result<HashMap<StudentId, Vec<Domain>>, Refused> {
    let sent_back: Vec<(StudentId, Domain, i32)> = look
        .own(graduation_again::rows)
        .filter(graduation_again::student_id.eq_any(bands.keys().copied()))
        .select((graduation_again::student_id, graduation_again::domain, graduation_again::revision))
        .load(look.conn())?;
    let mut again: HashMap<StudentId, Vec<Domain>> = HashMap::new();
    for (student, domain, revision) in sent_back {
        let decided = bands.get(&student).is_some_and(|bands| bands.sheet.cell(domain).revision > revision);
        if !decided {
            again.entry(student).or_default().push(domain);
        }
    }
    Ok(again)
}
