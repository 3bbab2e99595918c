use super::grid::of_class;
use crate::access::{Homeroom, Look, OwnClass, Refused, Told};
use crate::evaluation::{Evidence, Sheet, class_evidence, class_sheets};
use crate::names::{Domain, StudentId, Term};
use crate::record::{Evidence as Facts, record_titles};
use crate::roster::calendar::term_dates;
use crate::scheme::scheme_of;
use actix_web::get;
use actix_web::web::{Json, Path};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What lies beside a cell of the grid: it informs, and makes no band.
#[derive(Serialize)]
struct BesideCell {
    /// Last term's band.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<&'static str>,
    /// What others tell that bears on it, in words.
    #[serde(skip_serializing_if = "str::is_empty")]
    told: String,
    /// Whether there are facts to go by: 有 or 少, nothing for 无.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'static str>,
    /// The newest confirmed records of this pupil in this domain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<String>,
}

type Beside = BTreeMap<StudentId, BTreeMap<&'static str, BesideCell>>;

fn read(look: &mut Look, own: &OwnClass, term: Term) -> Result<Beside, Refused> {
    let dates = term_dates(look, term)?;
    let scheme = scheme_of(look, own.cohort(), term)?;
    let last = class_sheets(look, own, dates, term.previous())?;
    let told = class_evidence(look, own, dates, &scheme)?;
    let titles = record_titles(look, &(*own).into(), dates)?;
    let (no_sheet, none) = (Sheet::default(), Evidence::default());
    let students: BTreeSet<StudentId> = last.keys().chain(told.keys()).chain(titles.keys()).copied().collect();
    let cells = |student: &StudentId| {
        let (last, told) = (last.get(student).unwrap_or(&no_sheet), told.get(student).unwrap_or(&none));
        let cell = |domain: &Domain| {
            let (last, told) = (last.band(*domain).map(|band| band.code()), told.of(*domain).to_owned());
            let facts = titles.get(student).map(|titles| titles.of(*domain)).unwrap_or_default();
            let evidence = Some(facts.evidence).filter(|there| *there != Facts::None).map(Facts::word);
            let any = last.is_some() || !told.is_empty() || evidence.is_some();
            let facts = facts.titles;
            any.then(|| (domain.code(), BesideCell { last, told, evidence, facts }))
        };
        Domain::ALL.iter().filter_map(cell).collect()
    };
    Ok(students.iter().map(|student| (*student, cells(student))).collect())
}

/// Student → domain → what lies beside the cell. The grid asks for it once it is on
/// the screen: the table itself comes sooner.
#[get("/{term}/beside")]
pub(super) async fn beside(homeroom: Homeroom, path: Path<(String, Term)>) -> Result<Json<Beside>, Told> {
    let own = homeroom.class();
    let term = of_class(&own, path.1)?;
    Ok(Json(homeroom.look(move |look| read(look, &own, term)).await?))
}
