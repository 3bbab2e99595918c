//! The only place that can put a band into a query.

mod decide;
mod evaluate;
mod graduating;
mod graduation;
mod guardian;
mod help;
mod indicator;
mod message;
mod paper;
mod peer;
mod progress;
mod pupil;
mod record;
mod sign;
mod subject;

pub use decide::{DecidedBand, band_authors, band_now, put_corrected_comment, sealed_terms, signer};
pub use evaluate::{EvaluateStudents, Ground, Outcome, Wanted, WantedComment};
pub use graduating::{
    DecideGraduate, GRADUATION_COMMENT_CHARACTERS, Graduating, STATEMENT_CHARACTERS, TickGraduate, WriteStatement,
    graduating,
};
pub use graduation::{
    Graduation, GraduationBands, decide_graduation, graduation_bands, graduation_deciders, put_decide_again,
};
pub use guardian::{TellView, VIEW_CHARACTERS, class_guardian_views, own_views};
pub use help::{HelpAsked, TellOutcome, help_asked};
pub(in crate::evaluation) use indicator::indicators_told;
pub use indicator::{BandIndicator, GivenBy, WantedIndicator, indicator_cells};
pub use message::{Message, WriteMessage, child_messages};
pub use paper::{EnterPaper, PaperTerm, paper_terms, terms_on_paper};
pub use peer::{AskedAbout, DrawPeers, PeerProgress, TellOfPeer, asked_about, class_peer_views};
pub use progress::{Progress, school_progress};
pub use pupil::{
    ANSWER_CHARACTERS, ConfirmSelf, DraftSelf, OwnDomain, OwnWords, child_self_evaluation, class_self_evaluations,
    confirmed_selves, may_speak, own_evaluation,
};
pub use record::{TermRecord, signed_records, term_records};
pub use sign::{Lacking, Missing, SignClass, class_progress, lacking, missing};

pub use subject::{
    BandSubject, SubjectBands, SubjectCell, SubjectOutcome, WantedSubject, child_subject_bands, class_cells,
    class_subject_bands, class_subject_lines, subject_bands_of,
};

use super::{Band, Cell, Sheet};
use crate::access::own::enrolment;
use crate::access::{Child, Look, OwnClass, Refused};
use crate::names::{AccountId, Domain, StudentId, Term};
use crate::on;
use crate::roster::calendar::TermDates;
use crate::schema::account;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};

// Private, and not among the tables others may name: no other module can put a
// band in a query, and so none can order by it.
crate::school_table!(banding (student_id, term, domain, revision) {
    term -> Integer,
    student_id -> Guid,
    domain -> Text,
    revision -> Integer,
    band -> Nullable<Text>,
    ground -> Nullable<Text>,
    help -> Nullable<Text>,
    account_id -> Guid,
    at -> Timestamp,
});

crate::school_table!(comment (student_id, term, revision) {
    term -> Integer,
    student_id -> Guid,
    revision -> Integer,
    text -> Text,
    account_id -> Guid,
    at -> Timestamp,
});

crate::queried_with!(banding: enrolment; account);
crate::queried_with!(comment: enrolment; account);

/// A homeroom teacher's words of one term, as they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comment {
    pub text: String,
    pub revision: i32,
    pub by: Option<String>,
    pub at: Option<NaiveDateTime>,
}

/// One child's sheets, term by term.
#[derive(Clone, Debug, Default)]
pub struct ChildSheets(BTreeMap<Term, Sheet>);

impl ChildSheets {
    /// Of the bands that sealed files tell.
    pub fn of_terms(terms: impl IntoIterator<Item = (Term, Sheet)>) -> Self {
        ChildSheets(terms.into_iter().collect())
    }

    /// What the published rule suggests for a domain at graduation: the band most terms
    /// have, of several the one of the latest term. A suggestion: people decide.
    pub fn suggested(&self, domain: Domain) -> Option<Band> {
        let told: Vec<Band> = self.0.values().filter_map(|sheet| sheet.band(domain)).collect();
        let many = |band: &Band| told.iter().filter(|other| *other == band).count();
        let most = told.iter().map(many).max()?;
        told.iter().rev().find(|band| many(band) == most).copied()
    }

    pub fn of(&self, term: Term) -> Option<&Sheet> {
        self.0.get(&term)
    }

    /// Keeps the terms that `may` allows: what is not signed is not shown.
    pub fn only(mut self, may: impl Fn(Term) -> bool) -> Self {
        self.0.retain(|term, _| may(*term));
        self
    }

    /// The terms with anything in them, in the order of time.
    pub fn terms(&self) -> impl DoubleEndedIterator<Item = Term> {
        self.0.iter().filter(|(_, sheet)| !sheet.is_empty()).map(|(term, _)| *term)
    }
}

/// A banding as a query yields it; the newest revision of a cell counts.
#[derive(Queryable)]
struct Row {
    student: StudentId,
    term: Term,
    domain: Domain,
    revision: i32,
    band: Option<Band>,
    ground: Option<String>,
    help: Option<String>,
}

/// The columns of a [`Row`].
macro_rules! columns {
    () => {
        (
            banding::student_id,
            banding::term,
            banding::domain,
            banding::revision,
            banding::band,
            banding::ground,
            banding::help,
        )
    };
}
use columns;

fn lay(row: Row, sheet: &mut Sheet) {
    if sheet.cell(row.domain).revision < row.revision {
        let cell = Cell { band: row.band, ground: row.ground, help: row.help, revision: row.revision };
        sheet.set(row.domain, cell);
    }
}

/// What the pupils on one's own class list of a term had in `of`: that term, or the
/// one before it.
pub fn class_sheets(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
    of: Term,
) -> Result<HashMap<StudentId, Sheet>, Refused> {
    let day = look.today().min(term.ends_on);
    let all = look
        .own(banding::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(banding::school_id).and(enrolment::student_id.eq(banding::student_id))),
        )
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(banding::term.eq(of))
        .select(columns!());
    Ok(sheets_by_pupil(on!(look.conn(), c => all.load(c))?))
}

fn sheets_by_pupil(rows: Vec<Row>) -> HashMap<StudentId, Sheet> {
    let mut sheets: HashMap<StudentId, Sheet> = HashMap::new();
    for row in rows {
        let student = row.student;
        lay(row, sheets.entry(student).or_default());
    }
    sheets
}

/// The comments of one's own class in a term.
pub fn class_comments(
    look: &mut Look,
    own: &OwnClass,
    term: TermDates,
) -> Result<HashMap<StudentId, Comment>, Refused> {
    let day = look.today().min(term.ends_on);
    let rows: Vec<(StudentId, i32, String)> = look
        .own(comment::rows)
        .inner_join(
            enrolment::joined()
                .on(enrolment::school_id.eq(comment::school_id).and(enrolment::student_id.eq(comment::student_id))),
        )
        .filter(enrolment::class_id.eq(own.id()))
        .filter(enrolment::entered_on.le(day))
        .filter(enrolment::left_on.is_null().or(enrolment::left_on.ge(day)))
        .filter(comment::term.eq(term.term))
        .order(comment::revision)
        .select((comment::student_id, comment::revision, comment::text))
        .load(look.conn())?;
    let newest = rows.into_iter().map(|(id, revision, text)| (id, Comment { text, revision, by: None, at: None }));
    Ok(newest.collect())
}

/// All sheets of one child in this school.
pub fn child_sheets(look: &mut Look, child: Child) -> Result<ChildSheets, Refused> {
    sheets_of(look, child.student())
}

fn sheets_of(look: &mut Look, student: StudentId) -> Result<ChildSheets, Refused> {
    let rows: Vec<Row> =
        look.own(banding::rows).filter(banding::student_id.eq(student)).select(columns!()).load(look.conn())?;
    let mut sheets = ChildSheets::default();
    for row in rows {
        lay_in(&mut sheets, row);
    }
    Ok(sheets)
}

fn lay_in(sheets: &mut ChildSheets, row: Row) {
    let sheet = sheets.0.entry(row.term).or_default();
    lay(row, sheet);
}

/// The teachers' words to one child, term by term.
pub fn child_comments(look: &mut Look, child: Child) -> Result<BTreeMap<Term, Comment>, Refused> {
    let rows: Vec<(Term, i32, String, NaiveDateTime, String)> = look
        .own(comment::rows)
        .inner_join(account::table.on(account::id.eq(comment::account_id)))
        .filter(comment::student_id.eq(child.student()))
        .order(comment::revision)
        .select((comment::term, comment::revision, comment::text, comment::at, account::name))
        .load(look.conn())?;
    Ok(rows
        .into_iter()
        .filter(|(_, _, text, _, _)| !text.is_empty())
        .map(|(term, revision, text, at, by)| (term, Comment { text, revision, by: Some(by), at: Some(at) }))
        .collect())
}

/// Who wrote a row.
fn author(tx: &crate::access::Tx) -> Result<AccountId, Refused> {
    tx.by().person()
}
