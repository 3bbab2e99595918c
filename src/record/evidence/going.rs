//! Photos that go: consent was taken back, or nobody holds them. Both may be done at any
//! time, in any process, twice.

use super::store::{Consent, consents, loosen, remove};
use crate::access::own::{Owned, evidence, objection_photo, portfolio, record};
use crate::access::{Act, Door, Look, Operator, Refused, Tx, WholeSchool, off_the_loop};
use crate::names::ActivityId;
use crate::platform::db::Conn;
use crate::schema::{consent, loose_photo};
use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;

/// How long files may be in nobody's hands: longer than any form takes from its photos'
/// arrival to its act.
pub const LOOSE_FOR: Duration = Duration::minutes(10);

/// The activities of this school with photos and a child whose guardian has taken
/// consent back.
pub fn withdrawn(look: &mut Look, _: WholeSchool) -> Result<Vec<ActivityId>, Refused> {
    let some: Vec<ActivityId> = look
        .own(evidence::rows)
        .inner_join(
            record::joined()
                .on(record::school_id.eq(evidence::school_id).and(record::activity_id.eq(evidence::activity_id))),
        )
        .inner_join(consent::table.on(consent::student_id.eq(record::student_id)))
        .filter(consent::withdrawn_at.is_not_null())
        .order(evidence::activity_id)
        .select(evidence::activity_id)
        .distinct()
        .load(look.conn())?;
    let consents = consents(look, &some)?;
    Ok(some.into_iter().filter(|id| consents.get(id) == Some(&Consent::Withdrawn)).collect())
}

/// Photos of activities without consent go; files that another activity holds stay.
#[derive(Serialize)]
pub struct PhotosWithdrawn {
    photos: Vec<(ActivityId, i32)>,
    #[serde(skip)]
    files: Vec<String>,
}

impl PhotosWithdrawn {
    /// # Errors
    /// [`Refused::Conflict`] when consent was given again in the meantime.
    pub fn prepare(tx: &mut Tx, whole: WholeSchool) -> Result<Self, Refused> {
        let of = withdrawn(tx, whole)?;
        let rows: Vec<(ActivityId, i32, String, String)> = tx
            .own(evidence::rows)
            .filter(evidence::activity_id.eq_any(of))
            .order((evidence::activity_id, evidence::ordinal))
            .select((evidence::activity_id, evidence::ordinal, evidence::sha256, evidence::thumb_sha256))
            .load(tx.conn())?;
        if rows.is_empty() {
            return Err(Refused::conflict("没有要删的照片。"));
        }
        let mut files: Vec<String> = rows.iter().flat_map(|row| [row.2.clone(), row.3.clone()]).collect();
        files.sort_unstable();
        files.dedup();
        Ok(PhotosWithdrawn { photos: rows.into_iter().map(|(id, ordinal, ..)| (id, ordinal)).collect(), files })
    }
}

impl Act for PhotosWithdrawn {
    const VERB: &'static str = "photos_withdrawn";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "photos": self.photos })
    }

    fn perform(&self, tx: &mut Tx) -> Result<(), Refused> {
        for (activity, ordinal) in &self.photos {
            remove(tx, *activity, *ordinal)?;
        }
        loosen(tx, &self.files)
    }
}

/// Deletes the files that have been in nobody's hands since before `before`; says how many.
///
/// # Errors
/// What the database or the file store says; what was claimed is deleted the next time.
pub async fn delete_loose(door: &Door, before: NaiveDateTime) -> Result<usize, Refused> {
    let operator = Operator::at(door);
    // Claimed first, and committed: from here on no form can hold them.
    let going: Vec<String> = operator
        .keep_house(move |conn| {
            let stale = loose_photo::table.filter(loose_photo::going.eq(false)).filter(loose_photo::since.lt(before));
            diesel::update(stale).set(loose_photo::going.eq(true)).execute(conn)?;
            Ok(loose_photo::table.filter(loose_photo::going.eq(true)).select(loose_photo::sha256).load(conn)?)
        })
        .await?;
    let mut deleted = 0;
    for sha256 in going {
        let asked = sha256.clone();
        let held = operator.survey(move |conn| held(conn, &asked)).await?;
        if !held {
            let (files, name) = (door.house().files.clone(), sha256.clone());
            off_the_loop(move || Ok(files.delete(&name)?)).await?;
            deleted += 1;
        }
        operator
            .keep_house(move |conn| {
                diesel::delete(loose_photo::table.filter(loose_photo::sha256.eq(sha256))).execute(conn)?;
                Ok(())
            })
            .await?;
    }
    Ok(deleted)
}

/// Whether a row of any school names the file: schools may hold the same one.
fn held(conn: &mut Conn, sha256: &str) -> Result<bool, Refused> {
    let rows: i64 = evidence::rows
        .table()
        .filter(evidence::sha256.eq(sha256).or(evidence::thumb_sha256.eq(sha256)))
        .count()
        .get_result(conn)?;
    let objected: i64 = objection_photo::rows
        .table()
        .filter(objection_photo::sha256.eq(sha256).or(objection_photo::thumb_sha256.eq(sha256)))
        .count()
        .get_result(conn)?;
    // A print with photos in it is written before its row, as they are.
    let printed: i64 = portfolio::rows.table().filter(portfolio::pdf_sha256.eq(sha256)).count().get_result(conn)?;
    Ok(rows + objected + printed > 0)
}
