use super::{
    NotReady, TERM, ToSeal, lines, previous_of, put_seals, school_words, seal_words, sealed_among, term_seals,
};
use crate::access::{Act, Look, Refused, Tx, WholeSchool};
use crate::cycle::{Part, SignedBy, first_notice, holding, signed_by, stage_signed};
use crate::evaluation::{TermRecord, subject_bands_of, term_records};
use crate::fitness::tests_of;
use crate::names::{ClassId, StudentId, Term};
use crate::portfolio::file::{
    ByAt, ClassWords, CommentWords, DomainEntry, FORMAT, MessageWords, Origin, Previous, SchemeWords, StudentWords,
    TermFile, TermKind, TermWords, seal_bytes,
};
use crate::portfolio::told::{fitness_words, record_words, selected_words, subject_words};
use crate::record::{records_among, selected_among};
use crate::roster::calendar::{TermDates, term_dates};
use crate::roster::{ClassRow, Registered, class_named, class_register, present_among};
use crate::scheme::scheme_of;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::json;
use std::collections::HashSet;

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

/// A pupil whose term can be sealed, with all that goes into the file.
struct Ready {
    pupil: Registered,
    record: TermRecord,
    previous: Previous,
}

/// How a class stands before its seal.
struct Assessed {
    class: ClassRow,
    dates: TermDates,
    signed: SignedBy,
    sealed: usize,
    ready: Vec<Ready>,
    not_ready: Vec<NotReady>,
}

/// What the principal reads before sealing: how many are sealed, how many can be, and
/// who cannot, with the reason.
pub struct Sealable {
    pub sealed: usize,
    pub ready: usize,
    pub not_ready: Vec<NotReady>,
}

/// How a class stands before its seal.
///
/// # Errors
/// As [`SealTerm::prepare`] while a stage before the seal is not done.
pub fn sealable(look: &mut Look, whole: WholeSchool, class: ClassId, term: Term) -> Result<Sealable, Refused> {
    let found = assess(look, whole, class, term)?;
    Ok(Sealable { sealed: found.sealed, ready: found.ready.len(), not_ready: found.not_ready })
}

/// No stage is skipped: signed, noticed, checked, reviewed.
fn stages_done(look: &mut Look, class: &ClassRow, term: Term) -> Result<SignedBy, Refused> {
    let name = class.name.in_year(term.year());
    let wait = |what: &str| Refused::conflict(format!("{name}{what}"));
    let signed = signed_by(look, class, term)?.ok_or_else(|| wait("还没有签字，不能归档。请班主任先签字。"))?;
    let notice = first_notice(look, class.id, term, Part::Term)?
        .ok_or_else(|| wait("还没有公示，不能归档。请教务先开公示。"))?;
    if notice.is_open(look.now()) {
        return Err(wait(&format!("的公示到 {} 17:00 才结束，结束以后再归档。", notice.last_on)));
    }
    match stage_signed(look, class.id, term, Part::Term)? {
        [None, _] => Err(wait("的班主任还没有核对签字，不能归档。")),
        [_, None] => Err(wait("还没有审核，不能归档。请教务先审核。")),
        _ => Ok(signed),
    }
}

fn assess(look: &mut Look, whole: WholeSchool, class_id: ClassId, term: Term) -> Result<Assessed, Refused> {
    let class = class_named(look, whole, class_id)?;
    let dates = term_dates(look, term)?;
    let signed = stages_done(look, &class, term)?;
    let (_, joined_at) = school_words(look)?;
    let day = look.today().min(dates.ends_on);
    let pupils = class_register(look, whole, class_id, day)?;
    let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
    let done = sealed_among(look, &ids, term, TERM)?;
    let mut records = term_records(look, whole, &ids, term)?;
    let seals = term_seals(look, &ids)?;
    let held = holding(look, class_id, term, Part::Term)?;
    let before = term.previous();
    let is_first = Term::of_cohort(class.name.cohort)[0] == term;
    let before_ends = if is_first { None } else { Some(term_dates(look, before)?.ends_on) };
    let was_here = match before_ends {
        Some(end) => present_among(look, &ids, end)?,
        None => HashSet::new(),
    };
    let (mut ready, mut not_ready) = (Vec::new(), Vec::new());
    for pupil in pupils.into_iter().filter(|pupil| !done.contains(&pupil.id)) {
        let record = records.remove(&pupil.id).unwrap_or_default();
        let mut wait = |why: &str| {
            let (name, why) = (pupil.name.clone(), why.to_owned());
            not_ready.push(NotReady { student: pupil.id, seat: pupil.seat, name, why });
        };
        if let Some(why) = held.get(&pupil.id) {
            wait(why);
            continue;
        }
        if record.sheet.lacks() {
            wait("有等级还没写依据或帮扶措施");
            continue;
        }
        let previous = previous_of(seals.get(&(pupil.id, before)), before, || match before_ends {
            None => Some("初中第一个学期".to_owned()),
            Some(end) if pupil.entered_on > end => Some("上学期不在本校".to_owned()),
            // 休学, or in another county and back again.
            Some(_) if !was_here.contains(&pupil.id) => Some("上学期期末不在本校".to_owned()),
            Some(end) if joined_at.date() > end => Some("上学期学校还没有使用本平台".to_owned()),
            Some(_) => None,
        });
        let Some(previous) = previous else {
            wait("上学期还没有归档");
            continue;
        };
        ready.push(Ready { pupil, record, previous });
    }
    Ok(Assessed { class, dates, signed, sealed: done.len(), ready, not_ready })
}

impl SealTerm {
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] when
    /// the class is not signed, noticed, checked and reviewed, or nobody is ready.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        county: &str,
        class_id: ClassId,
        term: Term,
    ) -> Result<Self, Refused> {
        let Assessed { class, dates, signed, ready, not_ready, .. } = assess(tx, whole, class_id, term)?;
        let class_name = class.name.in_year(term.year());
        if ready.is_empty() {
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
        let scheme = scheme_of(tx, class.name.cohort, term)?;
        let (school, _) = school_words(tx)?;
        let day = tx.today().min(dates.ends_on);
        let ids: Vec<StudentId> = ready.iter().map(|ready| ready.pupil.id).collect();
        let (tests, subjects) = (tests_of(tx, whole, &ids)?, subject_bands_of(tx, whole, &ids)?);
        let mut facts = records_among(tx, whole, &ids, term)?;
        let mut chosen = selected_among(tx, whole, &ids, term)?;
        let (journal, sealed) = seal_words(tx)?;
        let mut files = Vec::with_capacity(ready.len());
        for Ready { pupil, mut record, previous } in ready {
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
                records: record_words(facts.remove(&pupil.id).unwrap_or_default()),
                selected: selected_words(chosen.remove(&pupil.id).unwrap_or_default()),
                comment: record.comment.take().map(|comment| CommentWords::of(comment, day)),
                messages: record.messages.iter().map(MessageWords::of).collect(),
                subjects: subjects.get(&pupil.id).and_then(|bands| subject_words(bands, &[term])),
                fitness: tests
                    .get(&pupil.id)
                    .map(|history| fitness_words(history, class.name.cohort))
                    .unwrap_or_default(),
                correction: None,
                signed: ByAt { by: signed.name.clone(), at: signed.at },
                sealed: sealed.clone(),
                journal: journal.clone(),
                previous,
            };
            files.push(ToSeal { student: pupil.id, sealed: seal_bytes(&file).map_err(Refused::broken)? });
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
