use super::{TERM, ToSeal, lines, previous_of, put_seals, school_words, seal_words, sealed_among, term_seals};
use crate::access::{Act, Refused, Tx, WholeSchool};
use crate::evaluation::{paper_terms, terms_on_paper};
use crate::names::{ClassId, StudentId, Term};
use crate::portfolio::file::{
    ByAt, ClassWords, CommentWords, DomainEntry, FORMAT, Origin, SchemeWords, StudentWords, TermFile, TermKind,
    TermWords, seal_bytes,
};
use crate::roster::calendar::term_dates;
use crate::roster::{class_named, class_register};
use crate::scheme::scheme_of;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::json;
use std::collections::BTreeMap;

/// The principal signs what the office entered from paper of a class's term: each pupil's
/// file is sealed as 补录.
pub struct SealPaper {
    class: ClassId,
    term: Term,
    files: Vec<ToSeal>,
}

impl Serialize for SealPaper {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut told = to.serialize_struct("SealPaper", 3)?;
        told.serialize_field("class", &self.class)?;
        told.serialize_field("term", &self.term)?;
        told.serialize_field("sealed", &lines(&self.files))?;
        told.end()
    }
}

impl SealPaper {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] for a
    /// term this platform has seen itself, when nothing is entered, or all of it is sealed.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        county: &str,
        class_id: ClassId,
        term: Term,
    ) -> Result<Self, Refused> {
        let class = class_named(tx, whole, class_id)?;
        if !terms_on_paper(tx, whole, class_id)?.contains(&term) {
            return Err(Refused::conflict("只能补录学校用本平台以前的学期。"));
        }
        let (dates, today) = (term_dates(tx, term)?, tx.today());
        let scheme = scheme_of(tx, class.name.cohort, term)?;
        let pupils = class_register(tx, whole, class_id, today)?;
        let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
        let mut entered = paper_terms(tx, &ids)?;
        let done = sealed_among(tx, &ids, term, TERM)?;
        let seals = term_seals(tx, &ids)?;
        let (school, _) = school_words(tx)?;
        let (journal, sealed) = seal_words(tx)?;
        let mut files = Vec::new();
        for pupil in pupils.into_iter().filter(|pupil| !done.contains(&pupil.id)) {
            let Some(paper) = entered.remove(&(pupil.id, term)) else { continue };
            let before = term.previous();
            let none = || Some("本平台以前的学期，由学校补录".to_owned());
            let Some(previous) = previous_of(seals.get(&(pupil.id, before)), before, none) else { continue };
            let comment = (!paper.comment.is_empty()).then(|| CommentWords {
                text: paper.comment.clone(),
                by: "补录".to_owned(),
                on: dates.ends_on,
            });
            let file = TermFile {
                format: FORMAT,
                kind: TermKind::Term,
                origin: Origin::Paper,
                version: 1,
                county: county.to_owned(),
                school: school.clone(),
                student: StudentWords::of(pupil.id, pupil.name.clone(), pupil.sex, pupil.born_on),
                class: ClassWords {
                    cohort: class.name.cohort,
                    number: class.name.number,
                    name: class.name.in_year(term.year()),
                    seat: pupil.seat,
                },
                homeroom: None,
                term: TermWords { term, name: term.name(), starts_on: dates.starts_on, ends_on: dates.ends_on },
                scheme: SchemeWords::of(&scheme),
                domains: DomainEntry::five_of(&paper.sheet),
                records: BTreeMap::new(),
                selected: BTreeMap::new(),
                comment,
                messages: Vec::new(),
                subjects: None,
                fitness: Vec::new(),
                correction: None,
                signed: ByAt { by: paper.by.clone(), at: paper.at },
                sealed: sealed.clone(),
                journal: journal.clone(),
                previous,
            };
            files.push(ToSeal { student: pupil.id, sealed: seal_bytes(&file).map_err(Refused::broken)? });
        }
        if files.is_empty() {
            return Err(Refused::conflict("没有等签字的补录。请教务先导入，或者这个学期已经都归档了。"));
        }
        Ok(SealPaper { class: class_id, term, files })
    }
}

impl Act for SealPaper {
    const VERB: &'static str = "paper_sealed";
    /// How many are sealed.
    type Done = usize;

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<usize, Refused> {
        put_seals(tx, self.class, self.term, TERM, &self.files)?;
        Ok(self.files.len())
    }
}
