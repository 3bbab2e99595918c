//! What else is held about a child, in plain lines: for the data page, its file and its
//! print.

use crate::access::{Child, Look, Refused};
use crate::cycle::signatures_of;
use crate::evaluation::child_subject_bands;
use crate::fitness::child_tests;
use crate::fitness::pages::history_view;
use crate::names::Cohort;
use crate::record::{records_of, rolls_of};
use crate::roster::calendar::terms;
use crate::scheme::scheme_of;
use crate::ticks::child_ticks;
use crate::ticks::pages::ticked_view;
use crate::vision::child_sight;
use crate::vision::pages::sight_view;
use serde::Serialize;
use std::collections::BTreeMap;

/// A heading and its lines: what it is, what it says.
#[derive(Debug, Serialize)]
pub struct Section {
    pub title: String,
    pub lines: Vec<(String, String)>,
}

/// Subject bands as signed, fitness, sight, what was ticked, records and rolls; a part of
/// which nothing is held is not there.
pub fn sections(look: &mut Look, child: Child, cohort: Cohort) -> Result<Vec<Section>, Refused> {
    let signatures = signatures_of(look, child.student())?;
    let mut subjects = child_subject_bands(look, child)?;
    subjects.retain(|term, _| signatures.contains_key(term));
    let mut sections = vec![Section { title: "学科等级".to_owned(), lines: Vec::new() }];
    for (term, bands) in &subjects {
        let scheme = scheme_of(look, cohort, *term)?;
        let said = bands.iter().map(|(name, band)| format!("{name} {}", band.word(&scheme)));
        sections[0].lines.push((term.short_name(cohort), said.collect::<Vec<_>>().join("，")));
    }
    let fitness = history_view(&child_tests(look, child)?, cohort).map(|view| view.lines()).unwrap_or_default();
    sections.push(Section { title: "体质测试".to_owned(), lines: fitness });
    let sight = sight_view(&child_sight(look, child)?, cohort).map(|view| view.lines()).unwrap_or_default();
    sections.push(Section { title: "视力".to_owned(), lines: sight });
    let ticks = child_ticks(look, child)?;
    let mut ticked = Vec::new();
    for term in ticks.keys() {
        let of = term.short_name(cohort);
        ticked.extend(ticked_view(&ticks, *term).iter().map(|view| (of.clone(), view.line())));
    }
    sections.push(Section { title: "任课老师登记".to_owned(), lines: ticked });
    let mut records: BTreeMap<_, Vec<(String, String)>> = BTreeMap::new();
    for kept in records_of(look, child)? {
        let said = format!("{}（{}）", kept.told.title, kept.source());
        records.entry(kept.told.starts_on).or_default().push((kept.told.starts_on.to_string(), said));
    }
    sections.push(Section { title: "写实记录".to_owned(), lines: records.into_values().flatten().collect() });
    let mut rolls = Vec::new();
    for dates in terms(look)? {
        for roll in rolls_of(look, child, dates.term)? {
            let absent: Vec<String> = roll.absent.iter().map(ToString::to_string).collect();
            let absent = if absent.is_empty() { String::new() } else { format!("，缺 {}", absent.join("、")) };
            let said = format!("{}：{} 次{absent}", roll.kind.word(), roll.held);
            rolls.push((dates.term.short_name(cohort), said));
        }
    }
    sections.push(Section { title: "考勤等登记".to_owned(), lines: rolls });
    sections.retain(|section| !section.lines.is_empty());
    Ok(sections)
}
