use super::told_at_end::{as_decided, told_of};
use super::{
    GRADUATION, NotReady, ToSeal, lines, previous_of, put_seals, school_words, seal_words, sealed_among, term_seals,
};
use crate::access::own::sealed_file;
use crate::access::{Act, Look, Refused, Said, Tx, WholeSchool};
use crate::cycle::{Part, first_notice, holding, stage_signed};
use crate::evaluation::{Graduating, graduating};
use crate::names::{ClassId, Cohort, Domain, StudentId, Term};
use crate::platform::keys::random_code;
use crate::portfolio::file::{
    ClassWords, CommentWords, Decided, FORMAT, Facts, GraduationFile, GraduationKind, SchemeWords, StudentWords,
    TermFile, TermSummary, first_year_of, seal_bytes, sheets_of,
};
use crate::portfolio::told::fill_in;
use crate::record::evidence::chosen_photos;
use crate::record::facts_at_end;
use crate::roster::calendar::{TermDates, term_dates};
use crate::roster::{class_named, class_register};
use crate::schema::verify_code;
use crate::scheme::scheme_of;
use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::json;
use std::collections::HashMap;

/// The principal seals the end of junior high of a class: for each pupil whose last
/// term is sealed and whose graduation bands are decided, one file of six terms.
pub struct SealGraduation {
    class: ClassId,
    term: Term,
    files: Vec<ToSeal>,
    codes: Vec<(StudentId, String)>,
    not_ready: Vec<NotReady>,
}

impl Serialize for SealGraduation {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut told = to.serialize_struct("SealGraduation", 4)?;
        told.serialize_field("class", &self.class)?;
        told.serialize_field("term", &self.term)?;
        told.serialize_field("sealed", &lines(&self.files))?;
        told.serialize_field("not_ready", &self.not_ready)?;
        told.end()
    }
}

/// 12 letters and digits of 59 bits together, in groups of four: `7F3K-9Q2M-X8DT`.
fn new_code() -> String {
    let code = random_code(12);
    format!("{}-{}-{}", &code[..4], &code[4..8], &code[8..])
}

/// Why a file waits whose band an upheld objection sent back.
pub const DECIDED_AGAIN: &str = "异议成立，等评价小组重新商定";

impl SealGraduation {
    /// `facts`: what is told of each pupil besides bands and words, and not held in a
    /// table of this house: fitness and subjects are filled in here.
    ///
    /// # Errors
    /// [`Refused::NotFound`] for a class of another school; [`Refused::Conflict`] when
    /// nobody is ready.
    pub fn prepare(
        tx: &mut Tx,
        whole: WholeSchool,
        county: &str,
        class_id: ClassId,
        mut facts: HashMap<StudentId, Facts>,
    ) -> Result<Self, Refused> {
        let class = class_named(tx, whole, class_id)?;
        let cohort = class.name.cohort;
        let six = Term::of_cohort(cohort);
        let mut dates = Vec::with_capacity(six.len());
        for term in six {
            dates.push(term_dates(tx, term)?);
        }
        graduation_stages_done(tx, class_id, six[5])?;
        let last = dates[5];
        let day = tx.today().min(last.ends_on);
        let pupils = class_register(tx, whole, class_id, day)?;
        let ids: Vec<StudentId> = pupils.iter().map(|pupil| pupil.id).collect();
        fill_in(tx, whole, &ids, cohort, &mut facts)?;
        let done = sealed_among(tx, &ids, last.term, GRADUATION)?;
        let mut decided = graduating(tx, &ids)?;
        let held = holding(tx, class_id, last.term, Part::Graduation)?;
        let at_end = facts_at_end(tx, &ids)?;
        let photos = chosen_photos(tx, whole, &ids, &six)?;
        let mut terms = term_files(tx, &ids)?;
        let seals = term_seals(tx, &ids)?;
        let scheme = scheme_of(tx, cohort, last.term)?;
        let (school, _) = school_words(tx)?;
        let (journal, sealed) = seal_words(tx)?;
        let (mut files, mut codes, mut not_ready) = (Vec::new(), Vec::new(), Vec::new());
        for pupil in pupils.into_iter().filter(|pupil| !done.contains(&pupil.id)) {
            let decided = decided.remove(&pupil.id).unwrap_or_default();
            let own_terms = terms.remove(&pupil.id).unwrap_or_default();
            let mut wait = |why: &str| {
                let (name, why) = (pupil.name.clone(), why.to_owned());
                not_ready.push(NotReady { student: pupil.id, seat: pupil.seat, name, why });
            };
            if let Some(why) = held.get(&pupil.id) {
                wait(why);
                continue;
            }
            if !decided.again.is_empty() {
                wait(DECIDED_AGAIN);
                continue;
            }
            if !decided.is_decided() {
                wait("毕业等级或评语还没有写好");
                continue;
            }
            if decided.ticked.is_none() {
                wait("这一份还没有核对");
                continue;
            }
            let bands = &decided.bands;
            let Some(last_found) = own_terms.get(&last.term) else {
                wait("最后一个学期还没有归档");
                continue;
            };
            let summaries: Vec<TermSummary> =
                dates.iter().map(|term| summary(pupil.entered_on, *term, cohort, &own_terms)).collect();
            let (sheets, first_year) = (sheets_of(&summaries), first_year_of(&summaries));
            let Some(previous) = previous_of(seals.get(&(pupil.id, last.term)), last.term, || None) else { continue };
            let code = new_code();
            let file = GraduationFile {
                format: FORMAT,
                kind: GraduationKind::Graduation,
                version: 1,
                code: code.clone(),
                county: county.to_owned(),
                school: school.clone(),
                student: StudentWords::of(pupil.id, pupil.name.clone(), pupil.sex, pupil.born_on),
                class: ClassWords {
                    cohort,
                    number: class.name.number,
                    name: class.name.in_year(last.term.year()),
                    seat: pupil.seat,
                },
                entered_on: pupil.entered_on,
                graduates: format!("{}-{:02}", last.ends_on.year(), last.ends_on.month()),
                homeroom: last_found.file.homeroom.clone(),
                principal: Some(sealed.by.clone()),
                scheme: SchemeWords::of(&scheme),
                growth: sheets.growth_to(&bands.sheet, first_year, &scheme),
                terms: summaries,
                graduation: Domain::ALL.iter().map(|domain| (*domain, bands.sheet.band(*domain))).collect(),
                decided: decided_words(&decided),
                comment: decided.comment.as_ref().map(|said| CommentWords {
                    text: said.text.clone(),
                    by: said.by.clone(),
                    on: said.at.date(),
                }),
                facts: {
                    let photos = photos.get(&pupil.id).map_or(&[][..], Vec::as_slice);
                    let told = told_of(facts.remove(&pupil.id).unwrap_or_default(), &decided, &own_terms, &six, photos);
                    let changed = at_end.get(&pupil.id).map_or(&[][..], Vec::as_slice);
                    as_decided(tx, pupil.id, told, changed)?
                },
                sealed: sealed.clone(),
                journal: journal.clone(),
                previous,
            };
            files.push(ToSeal { student: pupil.id, sealed: seal_bytes(&file).map_err(Refused::broken)? });
            codes.push((pupil.id, code));
        }
        if files.is_empty() {
            return Err(Refused::conflict(match not_ready.first() {
                Some(first) => format!(
                    "没有可以归档的毕业生。{} 号{}等 {} 人：{}。",
                    first.seat,
                    first.name,
                    not_ready.len(),
                    first.why
                ),
                None => "这个班的毕业档案已经归档了。".to_owned(),
            }));
        }
        Ok(SealGraduation { class: class_id, term: last.term, files, codes, not_ready })
    }
}

fn decided_words(decided: &Graduating) -> Option<Decided> {
    Some(Decided { by: decided.bands.by.clone(), on: decided.bands.at?.date() })
}

/// No stage is skipped: noticed, signed, reviewed.
///
/// # Errors
/// [`Refused::Conflict`] with what is waited for.
pub fn graduation_stages_done(look: &mut Look, class: ClassId, term: Term) -> Result<(), Refused> {
    let notice = first_notice(look, class, term, Part::Graduation)?
        .ok_or_else(|| Refused::conflict("还没有毕业公示，不能归档。请教务先开公示。"))?;
    if notice.is_open(look.now()) {
        return Err(Refused::conflict(format!("毕业公示到 {} 17:00 才结束，结束以后再归档。", notice.last_on)));
    }
    match stage_signed(look, class, term, Part::Graduation)? {
        [None, _] => Err(Refused::conflict("班主任还没有签字，毕业档案不能归档。")),
        [_, None] => Err(Refused::conflict("教务还没有逐份核对、审核，毕业档案不能归档。")),
        _ => Ok(()),
    }
}

/// A pupil's sealed term, read back.
pub(super) struct TermFound {
    pub(super) file: TermFile,
    sha256: String,
}

/// The newest sealed file of each term of these pupils.
pub(super) fn term_files(
    look: &mut Look,
    students: &[StudentId],
) -> Result<HashMap<StudentId, HashMap<Term, TermFound>>, Refused> {
    let seals = term_seals(look, students)?;
    let hashes: Vec<&str> = seals.values().map(|found| found.sha256.as_str()).collect();
    let bytes: Vec<(String, Vec<u8>)> = look
        .own(sealed_file::rows)
        .filter(sealed_file::sha256.eq_any(hashes))
        .select((sealed_file::sha256, sealed_file::bytes))
        .load(look.conn())?;
    let bytes: HashMap<String, Vec<u8>> = bytes.into_iter().collect();
    let mut files: HashMap<StudentId, HashMap<Term, TermFound>> = HashMap::new();
    for ((student, term), found) in seals {
        let Some(bytes) = bytes.get(&found.sha256) else { continue };
        let file = serde_json::from_slice(bytes).map_err(Refused::broken)?;
        files.entry(student).or_default().insert(term, TermFound { file, sha256: found.sha256 });
    }
    Ok(files)
}

/// The file of one of the six halves of a 级, of the half itself: of that very term, or of
/// another year for who came back from 休学 into a lower 级.
fn of_half(files: &HashMap<Term, TermFound>, term: Term, cohort: Cohort) -> Option<&TermFound> {
    let half = |cohort: Cohort, term: Term| (cohort.grade_in(term.year()), term.half());
    let same = files.iter().filter(|(of, found)| half(found.file.class.cohort, **of) == half(cohort, term));
    same.max_by_key(|(of, _)| (**of == term, **of)).map(|(_, found)| found)
}

/// One of the six terms of a 级, as it was sealed of a pupil, or as the gap it is.
pub(super) fn summary(
    entered_on: NaiveDate,
    dates: TermDates,
    cohort: Cohort,
    files: &HashMap<Term, TermFound>,
) -> TermSummary {
    let term = dates.term;
    let found = of_half(files, term, cohort);
    let file = found.map(|found| &found.file);
    let of = |domain: &Domain| file.and_then(|file| file.domains.iter().find(|entry| entry.code == *domain));
    let gap = match file {
        Some(_) => None,
        None if entered_on > dates.ends_on => Some("这个学期不在本校".to_owned()),
        None => Some("这个学期没有归档".to_owned()),
    };
    let short = term.short_name(cohort);
    let lived = file.map_or(term, |file| file.term.term);
    TermSummary {
        term: lived,
        name: lived.name(),
        grade: cohort.grade_in(term.year()).map(|grade| format!("{}年级", grade.character())).unwrap_or_default(),
        half: short.chars().next_back().map(String::from).unwrap_or_default(),
        short,
        origin: file.map(|file| file.origin),
        gap,
        bands: Domain::ALL.iter().map(|domain| (*domain, of(domain).and_then(|entry| entry.band))).collect(),
        grounds: Domain::ALL
            .iter()
            .map(|domain| (*domain, of(domain).and_then(|entry| entry.ground.clone())))
            .collect(),
        comment: file.and_then(|file| file.comment.clone()),
        version: file.map(|file| file.version),
        sha256: found.map(|found| found.sha256.clone()),
    }
}

impl Act for SealGraduation {
    const VERB: &'static str = "graduation_sealed";
    /// How many are sealed, and who is not.
    type Done = (usize, Vec<NotReady>);

    fn about(&self) -> serde_json::Value {
        json!({ "class": self.class, "term": self.term })
    }

    fn perform(&self, tx: &mut Tx) -> Result<Self::Done, Refused> {
        put_seals(tx, self.class, self.term, GRADUATION, &self.files)?;
        let school = tx.school();
        for (student, code) in &self.codes {
            diesel::insert_into(verify_code::table)
                .values((
                    verify_code::code.eq(code),
                    verify_code::school_id.eq(school),
                    verify_code::student_id.eq(*student),
                    verify_code::version.eq(1),
                ))
                .execute(tx.conn())?;
        }
        let sealed: Vec<StudentId> = self.files.iter().map(|file| file.student).collect();
        tx.tell_families(Said::Portfolio, &sealed)?;
        Ok((self.files.len(), self.not_ready.clone()))
    }
}
