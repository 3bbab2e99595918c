use super::grid::day;
use super::radar::{RadarView, radar, word};
use super::{DomainView, domain_views};
use crate::access::{Family, Fault, Look, Posted, Refused};
use crate::account::login_words;
use crate::cycle::{SignedBy, signatures_and_corrections};
use crate::evaluation::store::{Message, WriteMessage};
use crate::evaluation::{ChildSheets, Comment, Sheet, child_comments, child_messages, child_sheets};
use crate::names::{Cohort, Domain, Role, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::{AtSchool, at_school};
use crate::scheme::{Scheme, Voices, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

#[derive(Serialize)]
struct RecordView {
    student: StudentId,
    name: String,
    initial: String,
    class_name: String,
    homeroom: Option<String>,
    terms: Vec<TermTab>,
    term: Term,
    term_name: String,
    /// Who signed the term shown, and when; bands show only then.
    signed: Option<String>,
    /// A 更正单 changed the term after its seal.
    corrected: bool,
    five: Vec<FiveView>,
    domains: Vec<DomainView>,
    radar: Option<RadarView>,
    sentence: String,
    table: TableView,
    comment: Option<CommentView>,
    messages: Vec<MessageView>,
    my_message: String,
    message_length: usize,
    message_characters: usize,
    /// A guardian, in the present term, writes to the child.
    may_write: bool,
    faults: Vec<Fault>,
    siblings: Vec<SiblingView>,
    /// A guardian whose consent is to an older text than the one asked today.
    asked_consent: bool,
    /// A guardian who has bound the child just now.
    joined: bool,
    /// What to sign in with from now on.
    joined_login: Option<String>,
    is_present: bool,
    /// The present term, where an earlier one is shown without having been asked for.
    this_term: Option<Term>,
    /// The last term of junior high has come.
    graduates: bool,
    /// Terms of junior high lie before the first known here: in another school, or none.
    came_later: bool,
    children_heading: &'static str,
    /// Whose voices the scheme asks for, and so what there is to write.
    voices: Voices,
}

#[derive(Serialize)]
struct TermTab {
    term: Term,
    name: String,
    present: bool,
}

#[derive(Serialize)]
pub(super) struct FiveView {
    code: Domain,
    character: &'static str,
    name: String,
    band: &'static str,
    word: String,
}

#[derive(Serialize)]
struct TableView {
    heads: Vec<String>,
    rows: Vec<TableRow>,
}

#[derive(Serialize)]
struct TableRow {
    code: Domain,
    character: &'static str,
    name: String,
    cells: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct CommentView {
    text: String,
    by: String,
    on: String,
}

#[derive(Serialize)]
struct MessageView {
    by: String,
    text: String,
}

#[derive(Serialize)]
struct SiblingView {
    student: StudentId,
    name: String,
    initial: String,
}

struct Read {
    at_school: AtSchool,
    scheme: Arc<Scheme>,
    signatures: HashMap<Term, SignedBy>,
    corrected: HashSet<Term>,
    sheets: ChildSheets,
    comments: BTreeMap<Term, Comment>,
    messages: Vec<Message>,
    login: Option<String>,
}

fn consent_today(family: &Family) -> i32 {
    family.house().consent.on(family.house().clock.today()).version
}

fn read(look: &mut Look, family: &Family, joined: bool, asked: Option<Term>) -> Result<Read, Refused> {
    let child = family.child();
    let at_school = at_school(look, child)?;
    let (signatures, corrected) = signatures_and_corrections(look, child.student())?;
    // What the homeroom teacher has not signed is not shown: not bands, not words.
    let sheets = child_sheets(look, child)?.only(|term| signatures.contains_key(&term));
    let mut comments = child_comments(look, child)?;
    comments.retain(|term, _| signatures.contains_key(term));
    let shown = asked.filter(|term| signatures.contains_key(term)).or_else(|| {
        let newest = signatures.keys().max().copied();
        newest.filter(|_| asked.is_none())
    });
    let shown = shown.unwrap_or(at_school.term.term);
    Ok(Read {
        scheme: scheme_of(look, at_school.class.name.cohort, shown)?,
        messages: child_messages(look, child)?,
        login: match family.by().account().filter(|_| joined) {
            Some(me) => Some(login_words(look, &family.house().keys, me)?),
            None => None,
        },
        at_school,
        signatures,
        corrected,
        sheets,
        comments,
    })
}

/// The character shown for a person: the first after the surname.
fn initial(name: &str) -> String {
    name.chars().nth(1).or(name.chars().next()).map(String::from).unwrap_or_default()
}

/// The child's growth record, one term at a time.
#[get("")]
pub(super) async fn record(family: Family, asked: Query<AskedRecord>) -> Result<Page, Refused> {
    let (grant, joined, term) = (family.clone(), asked.joined.is_some(), asked.term);
    let read = family.look(move |look| read(look, &grant, joined, term)).await?;
    page(&family, &read, &asked, None, Vec::new())
}

#[derive(Default, Deserialize)]
struct AskedRecord {
    term: Option<Term>,
    joined: Option<u8>,
}

fn page(
    family: &Family,
    read: &Read,
    asked: &AskedRecord,
    typed: Option<String>,
    faults: Vec<Fault>,
) -> Result<Page, Refused> {
    let (cohort, present) = (read.at_school.class.name.cohort, read.at_school.term.term);
    let mut known: Vec<Term> = read.signatures.keys().copied().collect();
    if Term::of_cohort(cohort).contains(&present) && !known.contains(&present) {
        known.push(present);
    }
    known.sort_unstable();
    let newest_signed = known.iter().rev().find(|term| read.signatures.contains_key(term)).copied();
    let term = asked.term.or(newest_signed).or(known.last().copied()).unwrap_or(present);
    if !known.contains(&term) {
        return Err(Refused::NotFound);
    }
    let me = family.by().account();
    let mine = |message: &&Message| message.term == term && Some(message.account) == me;
    let my_message = read.messages.iter().find(mine).map(|m| m.text.clone()).unwrap_or_default();
    let my_message = typed.unwrap_or(my_message);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let scheme = &read.scheme;
    let sheet = read.sheets.of(term);
    let before = read.sheets.terms().rfind(|earlier| *earlier < term);
    let growth = sheet.and_then(|_| read.sheets.growth(term, before, "上学期", scheme));
    let view = RecordView {
        student: family.child().student(),
        name: family.child_name().to_owned(),
        initial: initial(family.child_name()),
        class_name: read.at_school.class.name.in_year(term.year()),
        homeroom: read.at_school.homeroom.clone(),
        terms: known.iter().map(|t| TermTab { term: *t, name: t.short_name(cohort), present: *t == present }).collect(),
        term,
        term_name: term.name(),
        corrected: read.corrected.contains(&term),
        signed: read.signatures.get(&term).map(|by| format!("{} {} 签字", day(by.at.date()), by.name)),
        five: sheet.map(|sheet| five(sheet, scheme)).unwrap_or_default(),
        domains: domain_views(scheme),
        radar: growth
            .as_ref()
            .and_then(|growth| Some(radar(growth, sheet?, before.and_then(|t| read.sheets.of(t)), scheme))),
        sentence: growth.map(|growth| growth.sentence).unwrap_or_default(),
        table: table(&read.sheets, term, cohort, scheme),
        comment: read.comments.get(&term).map(|comment| CommentView {
            text: comment.text.clone(),
            by: comment.by.clone().unwrap_or_default(),
            on: comment.at.map(|at| day(at.date())).unwrap_or_default(),
        }),
        messages: read
            .messages
            .iter()
            .filter(|message| message.term == term && Some(message.account) != me)
            .map(|message| MessageView { by: message.signed().to_owned(), text: message.text.clone() })
            .collect(),
        message_length: my_message.chars().count(),
        my_message,
        message_characters: scheme.message_characters,
        may_write: family.by().role() == Role::Guardian && term == present,
        faults,
        asked_consent: family.consent().is_some_and(|version| version < consent_today(family)),
        joined: asked.joined.is_some() && family.by().role() == Role::Guardian,
        joined_login: read.login.clone(),
        is_present: term == present,
        this_term: Some(present).filter(|_| asked.term.is_none() && term != present && known.contains(&present)),
        graduates: Term::of_cohort(cohort)[5] <= present,
        came_later: known.first().is_some_and(|first| *first > Term::of_cohort(cohort)[0]),
        siblings: family
            .children()
            .iter()
            .filter(|(id, _)| *id != family.child().student())
            .map(|(id, name)| SiblingView { student: *id, name: name.clone(), initial: initial(name) })
            .collect(),
        voices: scheme.voices,
        children_heading: if family.by().role() == Role::Guardian { "写给孩子的话" } else { "家人的话" },
    };
    Ok(Page::of("evaluation/child.html", &view).within("shell", family.shell()).with_status(status))
}

pub(super) fn five(sheet: &Sheet, scheme: &Scheme) -> Vec<FiveView> {
    Domain::ALL
        .iter()
        .map(|domain| FiveView {
            code: *domain,
            character: domain.character(),
            name: scheme.domain(*domain).name.clone(),
            band: sheet.band(*domain).map_or("", |band| band.code()),
            word: word(sheet, *domain, scheme),
        })
        .collect()
}

/// The child's terms side by side up to the one shown, the last three at most.
fn table(sheets: &ChildSheets, shown: Term, cohort: Cohort, scheme: &Scheme) -> TableView {
    let mut terms: Vec<Term> = sheets.terms().filter(|term| *term <= shown).collect();
    terms = terms.split_off(terms.len().saturating_sub(3));
    TableView {
        heads: terms.iter().map(|term| term.short_name(cohort)).collect(),
        rows: Domain::ALL
            .iter()
            .map(|domain| TableRow {
                code: *domain,
                character: domain.character(),
                name: scheme.domain(*domain).name.clone(),
                cells: terms
                    .iter()
                    .filter_map(|term| sheets.of(*term))
                    .map(|sheet| (sheet.band(*domain).map_or("", |band| band.code()), word(sheet, *domain, scheme)))
                    .collect(),
            })
            .collect(),
    }
}

#[derive(Deserialize)]
struct MessageForm {
    term: Term,
    text: String,
}

/// A guardian's words to the child.
#[post("/message")]
pub(super) async fn write_message(
    family: Family,
    form: Posted<MessageForm>,
) -> Result<Either<SeeOther, Page>, Refused> {
    family.guardian()?;
    let (child, grant, Posted(form)) = (family.child(), family.clone(), form);
    let asked = form.term;
    let read = family.look(move |look| read(look, &grant, false, Some(asked))).await?;
    let (present, most) = (read.at_school.term.term, read.scheme.message_characters);
    let text = form.text.clone();
    let attempt = if asked == present {
        family.try_act(move |tx| WriteMessage::prepare(tx, child, asked, &text, most)).await
    } else {
        Err(Refused::conflict("上学期已经结束，那时的寄语不能再改。请写在本学期里。"))
    };
    let refuse = |message: String| {
        let faults = vec![Fault::at("text", message)];
        page(&family, &read, &AskedRecord { term: Some(present), joined: None }, Some(form.text.clone()), faults)
            .map(Either::Right)
    };
    match attempt {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/child/{}?term={asked}#message", child.student())))),
        Err(refused) => {
            let (_, faults) = refused.at_form("text")?;
            refuse(faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>().join(" "))
        }
    }
}
