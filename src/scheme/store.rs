use super::Scheme;
use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx};
use crate::names::Cohort;
use crate::schema::scheme;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// Versions already parsed: a published version never changes. The moment keeps
/// apart what two databases in one process (tests) call by the same number.
static PARSED: LazyLock<RwLock<HashMap<Version, Arc<Scheme>>>> = LazyLock::new(RwLock::default);

/// Cohort, version, and the moment it was published, to the microsecond.
type Version = (i32, i32, NaiveDateTime);

/// The scheme for those who entered in `cohort`: the newest version of the newest
/// scheme made for that year or one before it.
pub fn scheme_of<S: Scope>(look: &mut Look<S>, cohort: Cohort) -> Result<Arc<Scheme>, Refused> {
    let version: Version = scheme::table
        .filter(scheme::cohort.le(cohort.0))
        .order((scheme::cohort.desc(), scheme::version.desc()))
        .select((scheme::cohort, scheme::version, scheme::published_at))
        .first(look.conn())
        .optional()?
        .ok_or_else(|| Refused::conflict(format!("{} 级还没有评价方案，请县教育局先发布方案。", cohort.0)))?;
    if let Some(known) = PARSED.read().unwrap_or_else(PoisonError::into_inner).get(&version) {
        return Ok(Arc::clone(known));
    }
    let document: String = scheme::table.find((version.0, version.1)).select(scheme::document).first(look.conn())?;
    let parsed: Arc<Scheme> = Arc::new(serde_json::from_str(&document).map_err(Refused::broken)?);
    PARSED.write().unwrap_or_else(PoisonError::into_inner).insert(version, Arc::clone(&parsed));
    Ok(parsed)
}

/// The county publishes a version of a scheme; earlier versions stay.
#[derive(Serialize)]
pub struct PublishScheme {
    pub scheme: Scheme,
}

impl Act<CountyWide> for PublishScheme {
    const VERB: &'static str = "scheme_published";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "cohort": self.scheme.cohort, "version": self.scheme.version })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let now = tx.now();
        diesel::insert_into(scheme::table)
            .values((
                scheme::cohort.eq(self.scheme.cohort.0),
                scheme::version.eq(self.scheme.version),
                scheme::document.eq(serde_json::to_string(&self.scheme).map_err(Refused::broken)?),
                scheme::published_at.eq(now),
            ))
            .execute(tx.conn())?;
        Ok(())
    }
}
