use super::Scheme;
use crate::access::{Act, CountyWide, Look, Refused, Scope, Tx};
use crate::names::{Cohort, Term};
use crate::schema::{account, scheme, scheme_draft, term};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
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

/// The scheme that those who entered in `cohort` have in `of`: of the versions made for
/// that year or one before it, the newest that was published before the term began.
pub fn scheme_of<S: Scope>(look: &mut Look<S>, cohort: Cohort, of: Term) -> Result<Arc<Scheme>, Refused> {
    let versions: Vec<(Version, NaiveDate)> = scheme::table
        .inner_join(term::table.on(term::id.eq(of)))
        .filter(scheme::cohort.le(cohort.0))
        .order((scheme::cohort.desc(), scheme::version.desc()))
        .select(((scheme::cohort, scheme::version, scheme::published_at), term::starts_on))
        .load(look.conn())?;
    let began_with = versions.iter().find(|((.., published), starts_on)| published.date() < *starts_on);
    // Nothing is so old: what was published first then holds.
    let version = began_with
        .or_else(|| versions.iter().min_by_key(|((.., published), _)| *published))
        .map(|(version, _)| *version)
        .ok_or_else(|| Refused::conflict(format!("{} 级还没有评价方案，请县教育局先发布方案。", cohort.0)))?;
    parsed(look, version)
}

fn parsed<S: Scope>(look: &mut Look<S>, version: Version) -> Result<Arc<Scheme>, Refused> {
    if let Some(known) = PARSED.read().unwrap_or_else(PoisonError::into_inner).get(&version) {
        return Ok(Arc::clone(known));
    }
    let document: String = scheme::table.find((version.0, version.1)).select(scheme::document).first(look.conn())?;
    let parsed: Arc<Scheme> = Arc::new(serde_json::from_str(&document).map_err(Refused::broken)?);
    PARSED.write().unwrap_or_else(PoisonError::into_inner).insert(version, Arc::clone(&parsed));
    Ok(parsed)
}

/// A version that was published, with why and by whom.
#[derive(Clone, Debug)]
pub struct Published {
    pub scheme: Arc<Scheme>,
    pub at: NaiveDateTime,
    pub reason: Option<String>,
    pub by: Option<String>,
}

/// All published versions, the newest of the newest scheme first.
pub fn published(look: &mut Look<CountyWide>) -> Result<Vec<Published>, Refused> {
    let rows: Vec<(Version, Option<String>, Option<String>)> = scheme::table
        .left_join(account::table.on(account::id.nullable().eq(scheme::account_id)))
        .order((scheme::cohort.desc(), scheme::version.desc()))
        .select(((scheme::cohort, scheme::version, scheme::published_at), scheme::reason, account::name.nullable()))
        .load(look.conn())?;
    rows.into_iter()
        .map(|(version, reason, by)| Ok(Published { scheme: parsed(look, version)?, at: version.2, reason, by }))
        .collect()
}

/// What the county is still writing.
#[derive(Clone, Debug)]
pub struct Draft {
    pub scheme: Scheme,
    /// The version it began from; 0 for a scheme of a new year.
    pub base: i32,
    pub saved_at: NaiveDateTime,
}

impl Draft {
    /// Tells this state of the draft from any other.
    pub fn mark(&self) -> i64 {
        self.saved_at.and_utc().timestamp_micros()
    }
}

/// The draft of a scheme, if there is one.
pub fn draft(look: &mut Look<CountyWide>, cohort: Cohort) -> Result<Option<Draft>, Refused> {
    Ok(drafts(look)?.into_iter().find(|draft| draft.scheme.cohort == cohort))
}

/// All drafts; a county has one or two.
pub(super) fn drafts(look: &mut Look<CountyWide>) -> Result<Vec<Draft>, Refused> {
    let rows: Vec<(i32, String, NaiveDateTime)> = scheme_draft::table
        .select((scheme_draft::base_version, scheme_draft::document, scheme_draft::saved_at))
        .load(look.conn())?;
    let read = |(base, document, saved_at): (i32, String, NaiveDateTime)| {
        let scheme = serde_json::from_str(&document).map_err(Refused::broken)?;
        Ok(Draft { scheme, base, saved_at })
    };
    rows.into_iter().map(read).collect()
}

fn newest(look: &mut Look<CountyWide>, cohort: Cohort) -> Result<i32, Refused> {
    let newest: Option<i32> =
        scheme::table.filter(scheme::cohort.eq(cohort.0)).select(max(scheme::version)).first(look.conn())?;
    Ok(newest.unwrap_or(0))
}

/// The county keeps what it has written so far; nobody else sees it.
#[derive(Serialize)]
pub struct KeepDraft {
    scheme: Scheme,
    base: i32,
}

impl KeepDraft {
    /// # Errors
    /// [`Refused::Conflict`] when the version it began from is not the newest any more.
    pub fn prepare(tx: &mut Tx<CountyWide>, mut scheme: Scheme, base: i32) -> Result<Self, Refused> {
        let newest = newest(tx, scheme.cohort)?;
        if newest != base {
            return Err(Refused::conflict(format!(
                "这份草稿从第 {base} 版起草，现在已经发布到第 {newest} 版。请打开最新一版再改。"
            )));
        }
        scheme.version = base + 1;
        Ok(KeepDraft { scheme, base })
    }
}

impl Act<CountyWide> for KeepDraft {
    const VERB: &'static str = "scheme_drafted";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "cohort": self.scheme.cohort, "base": self.base })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let (now, by, cohort) = (tx.now(), tx.by().person()?, self.scheme.cohort.0);
        diesel::delete(scheme_draft::table.find(cohort)).execute(tx.conn())?;
        diesel::insert_into(scheme_draft::table)
            .values((
                scheme_draft::cohort.eq(cohort),
                scheme_draft::base_version.eq(self.base),
                scheme_draft::document.eq(serde_json::to_string(&self.scheme).map_err(Refused::broken)?),
                scheme_draft::account_id.eq(by),
                scheme_draft::saved_at.eq(now),
            ))
            .execute(tx.conn())?;
        Ok(())
    }
}

/// Most characters of a reason: a sentence.
const REASON_CHARACTERS: usize = 120;

/// The county publishes its draft as the next version, and says why.
#[derive(Serialize)]
pub struct PublishDraft(PublishScheme);

impl PublishDraft {
    /// # Errors
    /// [`Refused::Invalid`] without a reason; [`Refused::Conflict`] when there is no
    /// draft, it changes nothing, or it is not the one that was looked at.
    pub fn prepare(tx: &mut Tx<CountyWide>, cohort: Cohort, seen: i64, reason: &str) -> Result<Self, Refused> {
        let Some(draft) = draft(tx, cohort)? else {
            return Err(Refused::conflict("没有要发布的草稿，可能刚刚发布过。请回到方案页看一看。"));
        };
        if draft.mark() != seen {
            return Err(Refused::conflict("草稿刚刚又改过，和您看到的不一样了。请重新核对再发布。"));
        }
        if newest(tx, cohort)? != draft.base {
            return Err(Refused::conflict("别人已经发布了新的一版。请打开最新一版再改。"));
        }
        let reason = crate::platform::text::tidy(reason);
        if reason.is_empty() {
            return Err(Refused::invalid("reason", "请写一句为什么改，会和新版一起存下来。"));
        }
        if reason.chars().count() > REASON_CHARACTERS {
            return Err(Refused::invalid("reason", format!("理由最多 {REASON_CHARACTERS} 个字，写一句就好。")));
        }
        Ok(PublishDraft(PublishScheme { scheme: draft.scheme, reason: Some(reason) }))
    }
}

impl Act<CountyWide> for PublishDraft {
    const VERB: &'static str = PublishScheme::VERB;
    type Done = ();

    fn about(&self) -> serde_json::Value {
        self.0.about()
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        self.0.perform(tx)?;
        diesel::delete(scheme_draft::table.find(self.0.scheme.cohort.0)).execute(tx.conn())?;
        Ok(())
    }
}

/// The county publishes a version of a scheme; earlier versions stay.
#[derive(Serialize)]
pub struct PublishScheme {
    pub scheme: Scheme,
    pub reason: Option<String>,
}

impl Act<CountyWide> for PublishScheme {
    const VERB: &'static str = "scheme_published";
    type Done = ();

    fn about(&self) -> serde_json::Value {
        json!({ "cohort": self.scheme.cohort, "version": self.scheme.version })
    }

    fn perform(&self, tx: &mut Tx<CountyWide>) -> Result<(), Refused> {
        let (now, by) = (tx.now(), tx.by().account());
        diesel::insert_into(scheme::table)
            .values((
                scheme::cohort.eq(self.scheme.cohort.0),
                scheme::version.eq(self.scheme.version),
                scheme::document.eq(serde_json::to_string(&self.scheme).map_err(Refused::broken)?),
                scheme::published_at.eq(now),
                scheme::reason.eq(self.reason.as_deref()),
                scheme::account_id.eq(by),
            ))
            .execute(tx.conn())?;
        Ok(())
    }
}
