use super::{NotReady, TERM, ToSeal, lines, previous_of, put_seals, school_words, seal_words, sealed_in, term_seals};
use crate::access::{Act, Refused, Tx, WholeSchool};
use crate::cycle::signed_by;
use crate::evaluation::{subject_bands_of, term_records};
use crate::fitness::tests_of;
use crate::names::{ClassId, StudentId, Term};
use crate::portfolio::file::{
    ByAt, ClassWords, CommentWords, DomainEntry, FORMAT, MessageWords, Origin, SchemeWords, StudentWords, TermFile,
    TermKind, TermWords, seal_bytes,
};
use crate::portfolio::told::{fitness_words, subject_words};
use crate::roster::calendar::term_dates;
use crate::roster::{class_named, class_register};
use crate::scheme::scheme_of;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::json;

/// The principal seals a signed class's term: every pupil who is ready, each with a
/// file of their own; the rest are listed with the reason.
pub struct SealTerm {
    class: ClassId,
    term: Term,
    files: Vec<ToSeal>,
    not_ready: Vec<NotReady>,
}

impl Serialize for SealTerm {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut told = to.serialize_struct("SealTerm", 4)?;
        told.serialize_field("class", &self.class)?;
        told.serialize_field("term", &self.term)?;
        told.serialize_field("sealed", &lines(&self.files))?;
        told.serialize_field("not_ready", &self.not_ready)?;
        told.end()
    }
}

impl SealTerm {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] when
    /// the class is not signed, or nobody is ready.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        county: &str,
        class_id: ClassId,
        term: Term,
    ) -> Result<Self, Refused> {
        let class = class_named(tx, whole, class_id)?;
        let dates = term_dates(tx, term)?;
        let class_name = class.name.in_year(term.year());
        let signed = signed_by(tx, &class, term)?
            .ok_or_else(|| Refused::conflict(format!("{class_name}还没有签字，不能归档。请班主任先签字。")))?;
        let scheme = scheme_of(tx, class.name.cohort, term)?;
        let (school, joined_at) = school_words(tx)?;
        let day = tx.today().min(dates.ends_on);
        let pupils = class_register(tx, whole, class_id, day)?;
        let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
        let done = sealed_in(tx, class_id, term, TERM)?;
        let mut records = term_records(tx, whole, &ids, term)?;
        let (tests, subjects) = (tests_of(tx, whole, &ids)?, subject_bands_of(tx, whole, &ids)?);
        let seals = term_seals(tx, &ids)?;
        let (journal, sealed) = seal_words(tx)?;
        let before = term.previous();
        let is_first = Term::of_cohort(class.name.cohort)[0] == term;
        let before_ends = if is_first { None } else { Some(term_dates(tx, before)?.ends_on) };
        let (mut files, mut not_ready) = (Vec::new(), Vec::new());
        for pupil in pupils.into_iter().filter(|pupil| !done.contains(&pupil.id)) {
            let mut record = records.remove(&pupil.id).unwrap_or_default();
            let mut wait = |why: &str| {
                let (name, why) = (pupil.name.clone(), why.to_owned());
                not_ready.push(NotReady { student: pupil.id, seat: pupil.seat, name, why });
            };
            if record.sheet.lacks() {
                wait("有等级还没写依据或帮扶措施");
                continue;
            }
            let previous = previous_of(seals.get(&(pupil.id, before)), before, || match before_ends {
                None => Some("初中第一个学期".to_owned()),
                Some(end) if pupil.entered_on > end => Some("上学期不在本校".to_owned()),
                Some(end) if joined_at.date() > end => Some("上学期学校还没有使用本平台".to_owned()),
                Some(_) => None,
            });
            let Some(previous) = previous else {
                wait("上学期还没有归档");
                continue;
            };
            let file = TermFile {
                format: FORMAT,
                kind: TermKind::Term,
                origin: Origin::School,
                version: 1,
                county: county.to_owned(),
                school: school.clone(),
                student: StudentWords::of(pupil.id, pupil.name.clone(), pupil.sex, pupil.born_on),
                class: ClassWords {
                    cohort: class.name.cohort,
                    number: class.name.number,
                    name: class_name.clone(),
                    seat: pupil.seat,
                },
                homeroom: Some(signed.name.clone()),
                term: TermWords { term, name: term.name(), starts_on: dates.starts_on, ends_on: dates.ends_on },
                scheme: SchemeWords::of(&scheme),
                domains: DomainEntry::five_of(&record.sheet),
                comment: record.comment.take().map(|comment| CommentWords::of(comment, day)),
                messages: record.messages.iter().map(MessageWords::of).collect(),
                subjects: subjects.get(&pupil.id).and_then(|bands| subject_words(bands, &[term])),
                fitness: tests
                    .get(&pupil.id)
                    .map(|history| fitness_words(history, class.name.cohort))
                    .unwrap_or_default(),
                signed: ByAt { by: signed.name.clone(), at: signed.at },
                sealed: sealed.clone(),
                journal: journal.clone(),
                previous,
            };
            files.push(ToSeal { student: pupil.id, sealed: seal_bytes(&file).map_err(Refused::broken)? });
        }
        if files.is_empty() {
            return Err(Refused::conflict(match not_ready.first() {
                Some(first) => format!(
                    "{class_name}没有可以归档的学生。{} 号{}等 {} 人：{}。",
                    first.seat,
                    first.name,
                    not_ready.len(),
                    first.why
                ),
                None => format!("{class_name}这个学期已经归档了。"),
            }));
        }
        Ok(SealTerm { class: class_id, term, files, not_ready })
    }
}

impl Act for SealTerm {
    const VERB: &'static str = "term_sealed";
    /// How many are sealed, and who is not.
    type Done = (usize, Vec<NotReady>);

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused> {
        put_seals(tx, self.class, self.term, TERM, &self.files)?;
        Ok((self.files.len(), self.not_ready.clone()))
    }
}
