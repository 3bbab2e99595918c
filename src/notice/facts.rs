//! The facts of a notice, as its pages show them.

use crate::access::{Look, Refused};
use crate::cycle::Part;
use crate::names::{ActivityId, StudentId, Term};
use crate::record::{Fact, confirmed_facts, day_words, graduation_facts, time_spent};
use crate::roster::ClassRow;
use crate::roster::calendar::term_dates;
use serde::Serialize;

/// One line of a notice: what was done, and who was in it, in seat order.
#[derive(Clone, Debug, Serialize)]
pub struct FactView {
    /// None where a decision about the end of junior high tells it.
    pub activity: Option<ActivityId>,
    pub character: &'static str,
    pub domain: &'static str,
    pub title: String,
    /// `12 月 18 日 · 校园菜地 · 2 小时`
    pub about: String,
    pub names: Vec<NameView>,
}

#[derive(Clone, Debug, Serialize)]
pub struct NameView {
    pub student: StudentId,
    /// As of the line; pupils who attained more or less share one.
    pub activity: Option<ActivityId>,
    pub seat: i32,
    pub name: String,
    /// What the pupil did in it, beyond taking part.
    pub part: Option<&'static str>,
}

/// The facts of a class by date, as its notice of `term` shows them; that of the end of
/// junior high has a page for each of the six terms.
pub fn facts_of(
    look: &mut Look,
    class: &ClassRow,
    term: Term,
    part: Part,
    page: Term,
) -> Result<Vec<FactView>, Refused> {
    let dates = term_dates(look, page)?;
    let facts = match part {
        Part::Term => confirmed_facts(look, class, dates)?,
        Part::Graduation => {
            let last = term_dates(look, term)?;
            graduation_facts(look, class, last, dates)?
        }
    };
    let mut views: Vec<FactView> = Vec::new();
    for new in facts.into_iter().map(view) {
        match views.iter_mut().find(|view| view.says_as(&new)) {
            Some(view) => view.names.extend(new.names),
            None => views.push(new),
        }
    }
    for view in &mut views {
        view.names.sort_by_key(|name| name.seat);
    }
    Ok(views)
}

impl FactView {
    /// What somebody attained is not told here: lines that differ in nothing else are one.
    fn says_as(&self, other: &FactView) -> bool {
        (self.domain, &self.title, &self.about) == (other.domain, &other.title, &other.about)
    }
}

fn view(fact: Fact) -> FactView {
    let told = fact.told;
    let mut about = vec![match told.starts_on == told.ends_on {
        true => day_words(told.starts_on),
        false => format!("{}—{}", day_words(told.starts_on), day_words(told.ends_on)),
    }];
    about.extend(told.place);
    about.extend(told.organiser);
    about.extend(told.level.map(|level| level.word().to_owned()));
    about.extend(told.minutes.map(time_spent));
    FactView {
        activity: fact.activity,
        character: told.domain.character(),
        domain: told.domain.code(),
        title: told.title,
        about: about.join(" · "),
        names: fact
            .pupils
            .into_iter()
            .map(|pupil| NameView {
                student: pupil.student,
                activity: fact.activity,
                seat: pupil.seat,
                name: pupil.name,
                part: (pupil.part != crate::record::Part::Participant).then(|| pupil.part.word()),
            })
            .collect(),
    }
}
