use crate::names::{Cohort, Term};
use crate::vision::{Eye, Eyes};
use serde::Serialize;
use std::collections::BTreeMap;

/// One child's eyes, term by term, and how they changed.
#[derive(Serialize)]
pub struct SightView {
    terms: Vec<SightTerm>,
    sentence: String,
}

#[derive(Serialize)]
struct SightTerm {
    name: String,
    left: String,
    right: String,
}

impl SightView {
    /// Term by term, both eyes.
    pub fn lines(&self) -> Vec<(String, String)> {
        self.terms.iter().map(|term| (term.name.clone(), format!("左眼 {}，右眼 {}", term.left, term.right))).collect()
    }
}

/// `None` where nothing was screened.
pub fn sight_view(sight: &BTreeMap<Term, Eyes>, cohort: Cohort) -> Option<SightView> {
    let (_, newest) = sight.last_key_value()?;
    let say = |eye: Option<Eye>| eye.map_or_else(|| "—".to_owned(), |eye| eye.to_string());
    let before = sight.values().rev().nth(1);
    let change = |word: &str, of: fn(&Eyes) -> Option<Eye>| {
        let (now, then) = (of(newest)?, of(before?)?);
        let by = now.in_tenths() - then.in_tenths();
        (by != 0).then(|| format!("{word}比上次{} 0.{}", if by > 0 { "高了" } else { "低了" }, by.abs()))
    };
    let changes: Vec<String> =
        [change("左眼", |eyes| eyes.left), change("右眼", |eyes| eyes.right)].into_iter().flatten().collect();
    let mut sentence = match (before, changes.is_empty()) {
        (None, _) => String::new(),
        (Some(_), true) => "和上次一样。".to_owned(),
        (Some(_), false) => format!("{}。", changes.join("，")),
    };
    if newest.needs_recheck() {
        sentence.push_str("低于 5.0，建议带孩子到眼科复查一次，平时多到户外。");
    }
    let terms = sight.iter().map(|(term, eyes)| SightTerm {
        name: term.short_name(cohort),
        left: say(eyes.left),
        right: say(eyes.right),
    });
    Some(SightView { terms: terms.collect(), sentence })
}
