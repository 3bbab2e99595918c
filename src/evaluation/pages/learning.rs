use crate::access::{Child, Family, Look, Refused};
use crate::cycle::signatures_of;
use crate::evaluation::{Band, SubjectBands, child_subject_bands};
use crate::fitness::pages::{HistoryView, history_view};
use crate::fitness::{History, child_tests};
use crate::names::{Cohort, StudentId, Term};
use crate::platform::page::Page;
use crate::roster::at_school;
use crate::scheme::{Scheme, scheme_of};
use crate::ticks::pages::{TickedView, ticked_view};
use crate::ticks::{ChildTicks, child_ticks};
use crate::vision::pages::{SightView, sight_view};
use crate::vision::{Eyes, child_sight};
use actix_web::get;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Serialize)]
struct LearningView {
    student: StudentId,
    name: String,
    /// The newest first.
    terms: Vec<TermView>,
    /// Measures of the child's own years.
    fitness: Option<HistoryView>,
    sight: Option<SightView>,
}

#[derive(Serialize)]
struct TermView {
    term: Term,
    name: String,
    subjects: Vec<SubjectView>,
    ticked: Vec<TickedView>,
}

#[derive(Serialize)]
struct SubjectView {
    name: String,
    band: &'static str,
    word: String,
}

struct Read {
    cohort: Cohort,
    /// The words of each term.
    schemes: BTreeMap<Term, Arc<Scheme>>,
    subjects: BTreeMap<Term, SubjectBands>,
    tests: History,
    sight: BTreeMap<Term, Eyes>,
    ticks: ChildTicks,
}

fn read(look: &mut Look, child: Child) -> Result<Read, Refused> {
    let cohort = at_school(look, child)?.class.name.cohort;
    let signatures = signatures_of(look, child.student())?;
    // What the homeroom teacher has not signed is not shown.
    let mut subjects = child_subject_bands(look, child)?;
    subjects.retain(|term, _| signatures.contains_key(term));
    let mut schemes = BTreeMap::new();
    for term in subjects.keys() {
        schemes.insert(*term, scheme_of(look, cohort, *term)?);
    }
    Ok(Read {
        cohort,
        schemes,
        subjects,
        tests: child_tests(look, child)?,
        sight: child_sight(look, child)?,
        ticks: child_ticks(look, child)?,
    })
}

/// What subject teachers tell of a child: bands, measures beside the child's own earlier
/// years only, and what was ticked.
#[get("/learning")]
pub(super) async fn learning(family: Family) -> Result<Page, Refused> {
    let child = family.child();
    let read = family.look(move |look| read(look, child)).await?;
    let known: BTreeSet<Term> = read.subjects.keys().chain(read.ticks.keys()).copied().collect();
    let subject = |term: &Term, (name, band): &(String, Band)| SubjectView {
        name: name.clone(),
        band: band.code(),
        word: read.schemes.get(term).map(|scheme| band.word(scheme).to_owned()).unwrap_or_default(),
    };
    let term = |term: &Term| TermView {
        term: *term,
        name: term.short_name(read.cohort),
        subjects: read.subjects.get(term).into_iter().flatten().map(|told| subject(term, told)).collect(),
        ticked: ticked_view(&read.ticks, *term),
    };
    let view = LearningView {
        student: child.student(),
        name: family.child_name().to_owned(),
        terms: known.iter().rev().map(term).collect(),
        fitness: history_view(&read.tests, read.cohort),
        sight: sight_view(&read.sight, read.cohort),
    };
    Ok(Page::of("evaluation/learning.html", &view).within("shell", family.shell()))
}
