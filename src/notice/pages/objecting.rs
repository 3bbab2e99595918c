//! The form of an objection, as it is shown and as it is posted.

use super::shown::ask;
use crate::access::{Act, Desk, Fault, Look, Refused, SentPhoto, Tx};
use crate::cycle::{CycleRules, Part, days_ahead};
use crate::names::{ActivityId, Domain, StudentId, Term};
use crate::notice::OBJECTION_CHARACTERS;
use crate::notice::store::audience::pupil_name;
use crate::notice::store::objection::{Item, Of, band_words, missing_words};
use crate::notice::store::raise::shown_fact;
use crate::record::day_words;
use crate::record::evidence::{NewPhoto, choose_again, lay, receive_among};
use crate::roster::ClassRow;
use crate::scheme::scheme_of;
use serde::{Deserialize, Serialize};

/// What somebody wants to object to, in an address and in a form alike.
#[derive(Clone, Default, Deserialize)]
pub struct Asked {
    /// `graduation`: the end of junior high; else the term.
    pub part: Option<Part>,
    pub domain: Option<Domain>,
    pub activity: Option<ActivityId>,
    /// Whose place in the fact.
    pub of: Option<StudentId>,
    #[serde(default)]
    pub text: String,
}

impl Asked {
    pub fn item(&self) -> Item {
        match (self.domain, self.activity) {
            (Some(domain), None) => Item::Band(domain),
            (None, Some(activity)) => Item::Fact(activity),
            _ => Item::Missing,
        }
    }

    pub fn part(&self) -> Part {
        self.part.unwrap_or(Part::Term)
    }

    /// The item of this pupil of a class that the asker may object to.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for the end of junior high before the sixth term.
    pub fn about(&self, class: ClassRow, term: Term, student: StudentId) -> Result<Of, Refused> {
        let part = self.part();
        if part == Part::Graduation && Term::of_cohort(class.name.cohort)[5] != term {
            return Err(Refused::NotFound);
        }
        Ok(Of { class, term, part, student, item: self.item() })
    }
}

#[derive(Serialize)]
pub struct FormView {
    base: String,
    /// Where one comes from, and where the form goes.
    back: String,
    part: Part,
    class_name: String,
    item: &'static str,
    domain: String,
    activity: String,
    of: String,
    student_name: String,
    cited: String,
    due: String,
    most: usize,
    text: String,
    faults: Vec<Fault>,
}

/// The form for an item. What may not be objected to now is told when it is sent.
///
/// # Errors
/// [`Refused::NotFound`] for a fact that was never shown.
pub fn form_view(
    look: &mut Look,
    of: &Of,
    asked: &Asked,
    base: String,
    faults: Vec<Fault>,
) -> Result<FormView, Refused> {
    let Of { class, term, part, student, item } = *of;
    let scheme = scheme_of(look, class.name.cohort, term)?;
    let (code, cited) = match item {
        Item::Band(domain) => ("band", band_words(&scheme, part, domain)),
        Item::Fact(activity) => ("fact", shown_fact(look, of, activity)?.line()),
        Item::Missing => ("missing", missing_words(part)),
    };
    let due = days_ahead(look)?.after(look.today(), CycleRules::of(&*scheme).answer);
    Ok(FormView {
        back: ask(&base, part).0,
        base,
        part,
        class_name: class.name.in_year(term.year()),
        item: code,
        domain: asked.domain.map(|domain| domain.code().to_owned()).unwrap_or_default(),
        activity: asked.activity.map(|id| id.to_string()).unwrap_or_default(),
        of: student.to_string(),
        student_name: pupil_name(look, student)?,
        cited,
        due: day_words(due),
        most: OBJECTION_CHARACTERS,
        text: asked.text.clone(),
        faults,
    })
}

/// Does an act with the photos its form brought. Refused, it answers what the page says of
/// it, and that the photos are to be chosen again.
pub async fn act_with_photos<A: Act>(
    desk: &Desk,
    (sent, too_much): (Vec<SentPhoto>, Option<Fault>),
    prepare: impl FnOnce(&mut Tx, Vec<NewPhoto>) -> Result<A, Refused> + Send + 'static,
) -> Result<Result<A::Done, Vec<Fault>>, Refused> {
    let were_sent = !sent.is_empty();
    let mut faults = Vec::new();
    let arrived = receive_among(sent, too_much, &mut faults).await;
    if faults.is_empty() {
        let photos = lay(desk, arrived).await?;
        match desk.act(move |tx| prepare(tx, photos)).await {
            Ok(done) => return Ok(Ok(done)),
            Err(refused) => faults.extend(refused.at_form("")?.1),
        }
    }
    choose_again(were_sent, &mut faults);
    Ok(Err(faults))
}
