//! What pupils chose, asked the other way round.

use super::selection::{selected_record, selections};
use crate::access::{Look, Refused};
use crate::names::{ActivityId, StudentId, Term};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// Which of some activities stand in the selection of a pupil, confirmed or not yet.
pub(in crate::record) fn chosen_among(
    look: &mut Look,
    activities: &[ActivityId],
) -> Result<HashSet<ActivityId>, Refused> {
    let picks: Vec<(Term, StudentId)> = look
        .own(selected_record::rows)
        .filter(selected_record::activity_id.eq_any(activities))
        .select((selected_record::term, selected_record::student_id))
        .distinct()
        .load(look.conn())?;
    let mut of_term: BTreeMap<Term, Vec<StudentId>> = BTreeMap::new();
    for (term, student) in picks {
        of_term.entry(term).or_default().push(student);
    }
    let mut chosen = HashSet::new();
    for (term, students) in of_term {
        chosen.extend(selections(look, &students, term)?.into_values().flat_map(|stands| stands.chosen.into_keys()));
    }
    chosen.retain(|activity| activities.contains(activity));
    Ok(chosen)
}
