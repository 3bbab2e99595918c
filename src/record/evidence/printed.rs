//! Photos on paper: which of them a pupil's chosen records bring along, and whether one
//! that a sealed file names may still be printed.

use super::store::{Consent, children_of, consents};
use crate::access::own::evidence;
use crate::access::{Look, Refused, WholeSchool};
use crate::names::{ActivityId, Domain, StudentId, Term};
use crate::record::store::selected_among;
use chrono::NaiveDate;
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The first photo of a record that a pupil chose, beside what the record is known by.
#[derive(Clone, Debug)]
pub struct ChosenPhoto {
    pub domain: Domain,
    pub title: String,
    pub on: NaiveDate,
    pub sha256: String,
}

/// The photos of what some pupils chose in some terms and confirmed, where guardians of
/// every child in it consent now; of each record the first.
pub fn chosen_photos(
    look: &mut Look,
    whole: WholeSchool,
    students: &[StudentId],
    terms: &[Term],
) -> Result<HashMap<StudentId, Vec<ChosenPhoto>>, Refused> {
    let mut chosen = Vec::new();
    for term in terms {
        chosen.extend(selected_among(look, whole, students, *term)?.into_values().flatten());
    }
    let activities: Vec<ActivityId> =
        chosen.iter().map(|one| one.kept.activity).collect::<BTreeSet<_>>().into_iter().collect();
    let rows: Vec<(ActivityId, String)> = look
        .own(evidence::rows)
        .filter(evidence::activity_id.eq_any(&activities))
        .order((evidence::activity_id, evidence::ordinal.desc()))
        .select((evidence::activity_id, evidence::sha256))
        .load(look.conn())?;
    // The lowest ordinal is met last and stands.
    let first: BTreeMap<ActivityId, String> = rows.into_iter().collect();
    let consents = consents(look, &first.keys().copied().collect::<Vec<_>>())?;
    let mut of: HashMap<StudentId, Vec<ChosenPhoto>> = HashMap::new();
    for one in chosen {
        let Some(sha256) = first.get(&one.kept.activity) else { continue };
        if consents.get(&one.kept.activity) == Some(&Consent::Stands) {
            let told = one.kept.told;
            let photo =
                ChosenPhoto { domain: told.domain, title: told.title, on: told.starts_on, sha256: sha256.clone() };
            of.entry(one.kept.student).or_default().push(photo);
        }
    }
    Ok(of)
}

/// Why a photo is not printed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum Ended {
    /// A guardian of a child in it has taken consent back.
    Withdrawn,
    /// A child in it has no guardian any more who consents.
    Unbound,
    /// It is not kept here any more, or the child is not in it.
    Gone,
}

crate::text_code!(Ended { Withdrawn = "withdrawn", Unbound = "unbound", Gone = "gone" });

/// Of some photos that the one who asks has found already, each with the child whose
/// portfolio it is in, those that may not be printed, and why. A photo that hangs on several activities of the child may be, as long
/// as one of them may be seen.
pub fn ended(
    look: &mut Look,
    photos: &BTreeSet<(StudentId, String)>,
) -> Result<BTreeMap<(StudentId, String), Ended>, Refused> {
    if photos.is_empty() {
        return Ok(BTreeMap::new());
    }
    let files: BTreeSet<&String> = photos.iter().map(|(_, sha256)| sha256).collect();
    let rows: Vec<(String, ActivityId)> = look
        .own(evidence::rows)
        .filter(evidence::sha256.eq_any(files))
        .select((evidence::sha256, evidence::activity_id))
        .load(look.conn())?;
    let activities: Vec<ActivityId> = rows.iter().map(|(_, id)| *id).collect::<BTreeSet<_>>().into_iter().collect();
    let (children, consents) = (children_of(look, &activities)?, consents(look, &activities)?);
    let mut ended = BTreeMap::new();
    for (student, sha256) in photos {
        let of_child = |id: &ActivityId| children.get(id).is_some_and(|in_it| in_it.contains_key(student));
        let hung = rows.iter().filter(|(file, id)| file == sha256 && of_child(id));
        let consents: Vec<Consent> = hung.filter_map(|(_, id)| consents.get(id)).copied().collect();
        let why = match () {
            () if consents.contains(&Consent::Stands) => continue,
            () if consents.contains(&Consent::Withdrawn) => Ended::Withdrawn,
            () if consents.is_empty() => Ended::Gone,
            () => Ended::Unbound,
        };
        ended.insert((*student, sha256.clone()), why);
    }
    Ok(ended)
}

/// The files of the photos that are about to go because a family took its consent back.
pub fn withdrawn_files(look: &mut Look, whole: WholeSchool) -> Result<BTreeSet<String>, Refused> {
    let of = super::withdrawn(look, whole)?;
    let files: Vec<String> =
        look.own(evidence::rows).filter(evidence::activity_id.eq_any(of)).select(evidence::sha256).load(look.conn())?;
    Ok(files.into_iter().collect())
}
