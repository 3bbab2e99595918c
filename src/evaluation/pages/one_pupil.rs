use super::grid::{AskedTerm, day};
use super::{BandView, band_views};
use crate::access::{Fault, Homeroom, Look, OwnClass, Posted, Refused};
use crate::cycle::signed_by;
use crate::evaluation::store::{EvaluateStudents, Ground, TellOutcome, Wanted, WantedComment};
use crate::evaluation::{
    Evidence, Said, Sheet, Voices, class_comments, class_evidence, class_progress, class_sheets, class_voices,
    sealed_terms,
};
use crate::names::{Domain, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::record::{RecordTitles, record_titles};
use crate::roster::calendar::term_dates;
use crate::roster::class_list;
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::{Path, Query};
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Serialize)]
struct FormView<'a> {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    student: StudentId,
    seat: i32,
    name: String,
    initial: String,
    done: usize,
    all: usize,
    domains: Vec<DomainForm<'a>>,
    bands: Vec<BandView<'a>>,
    comment: String,
    comment_revision: i32,
    comment_length: usize,
    comment_characters: usize,
    /// The class is signed: a change needs a reason.
    signed: Option<String>,
    reason: String,
    faults: Vec<Fault>,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
    saved: bool,
    /// Sealed terms, which only a 更正单 changes.
    sealed: Vec<(Term, String)>,
}

#[derive(Clone, Serialize)]
struct Neighbour {
    student: StudentId,
    name: String,
}

#[derive(Serialize)]
struct DomainForm<'a> {
    code: Domain,
    character: &'static str,
    name: &'a str,
    band: String,
    ground: String,
    help: String,
    revision: i32,
    last: &'a str,
    descriptors: Vec<(&'static str, &'a str, &'a str)>,
    fault: Option<String>,
    /// What others tell that bears on it.
    evidence: &'a str,
    /// The other voices, each on its own.
    others: &'a [Said],
    /// What was promised last term; empty where nothing was.
    helped: &'a str,
    outcome: String,
    /// Whether there are facts to go by, and the newest of them.
    facts: &'static str,
    titles: Vec<String>,
}

struct Read {
    scheme: Arc<Scheme>,
    seat: i32,
    name: String,
    now: Sheet,
    before: Sheet,
    evidence: Evidence,
    voices: BTreeMap<Domain, Voices>,
    titles: RecordTitles,
    comment: String,
    comment_revision: i32,
    signed: Option<String>,
    done: usize,
    all: usize,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
    sealed: Vec<Term>,
}

fn read(look: &mut Look, own: &OwnClass, student: StudentId) -> Result<Read, Refused> {
    let dates = term_dates(look, own.term())?;
    let pupils = class_list(look, own, dates)?;
    let at = pupils.iter().position(|pupil| pupil.id == student).ok_or(Refused::NotFound)?;
    let neighbour = |at: usize| pupils.get(at).map(|p| Neighbour { student: p.id, name: p.name.clone() });
    let comment = class_comments(look, own, dates)?.remove(&student).unwrap_or_default();
    let (done, all) = class_progress(look, own, dates)?;
    let signed = signed_by(look, &(*own).into(), dates.term)?;
    let scheme = scheme_of(look, own.cohort(), own.term())?;
    Ok(Read {
        evidence: class_evidence(look, own, dates, &scheme)?.remove(&student).unwrap_or_default(),
        voices: class_voices(look, own, dates, &[student])?.of.remove(&student).unwrap_or_default(),
        titles: record_titles(look, &(*own).into(), dates)?.remove(&student).unwrap_or_default(),
        scheme,
        seat: pupils[at].seat,
        name: pupils[at].name.clone(),
        now: class_sheets(look, own, dates, dates.term)?.remove(&student).unwrap_or_default(),
        before: class_sheets(look, own, dates, dates.term.previous())?.remove(&student).unwrap_or_default(),
        comment: comment.text,
        comment_revision: comment.revision,
        signed: signed.map(|by| format!("{} {} 签字", day(by.at.date()), by.name)),
        done,
        all,
        previous: at.checked_sub(1).and_then(neighbour),
        next: neighbour(at + 1),
        sealed: sealed_terms(look, student)?,
    })
}

/// What was typed and could not be taken, to be shown again.
struct Retyped {
    fields: HashMap<String, String>,
    faults: Vec<Fault>,
}

fn page(homeroom: &Homeroom, student: StudentId, read: &Read, retyped: Option<&Retyped>, saved: bool) -> Page {
    let (own, scheme) = (homeroom.class(), &read.scheme);
    let typed = |name: String, standing: &str| match retyped {
        Some(retyped) => retyped.fields.get(&name).cloned().unwrap_or_default(),
        None => standing.to_owned(),
    };
    let faults = retyped.map_or(&[][..], |retyped| &retyped.faults);
    let silent = Voices::default();
    let domains = Domain::ALL
        .iter()
        .map(|domain| {
            let voices = read.voices.get(domain).unwrap_or(&silent);
            let (cell, words, code) = (read.now.cell(*domain), scheme.domain(*domain), domain.code());
            let facts = read.titles.of(*domain);
            DomainForm {
                code: *domain,
                character: domain.character(),
                name: &words.name,
                band: typed(format!("band_{code}"), cell.band.map_or("", |band| band.code())),
                ground: typed(format!("ground_{code}"), cell.ground.as_deref().unwrap_or_default()),
                help: typed(format!("help_{code}"), cell.help.as_deref().unwrap_or_default()),
                revision: cell.revision,
                last: read.before.band(*domain).map_or(&scheme.no_record, |band| band.word(scheme)),
                descriptors: super::Band::all()
                    .into_iter()
                    .map(|band| (band.code(), band.word(scheme), band.descriptor(words)))
                    .collect(),
                evidence: read.evidence.of(*domain),
                others: &voices.said,
                helped: voices.help.as_ref().map_or("", |help| help.help.as_str()),
                outcome: typed(
                    format!("outcome_{code}"),
                    voices.help.as_ref().map_or("", |help| help.outcome.as_str()),
                ),
                facts: facts.evidence.word(),
                titles: facts.titles,
                fault: faults.iter().find(|f| f.field.ends_with(code)).map(|f| f.message.clone()),
            }
        })
        .collect();
    let comment = typed("comment".to_owned(), &read.comment);
    let view = FormView {
        class: own,
        class_name: own.name(),
        term: own.term(),
        term_name: own.term().name(),
        student,
        seat: read.seat,
        name: read.name.clone(),
        initial: read.name.chars().nth(1).or(read.name.chars().next()).map(String::from).unwrap_or_default(),
        done: read.done,
        all: read.all,
        domains,
        bands: band_views(scheme),
        comment_length: comment.chars().count(),
        comment,
        comment_revision: read.comment_revision,
        comment_characters: scheme.comment_characters,
        signed: read.signed.clone(),
        reason: typed("reason".to_owned(), ""),
        faults: faults.to_vec(),
        previous: read.previous.clone(),
        next: read.next.clone(),
        sealed: read.sealed.iter().map(|term| (*term, term.name())).collect(),
        saved,
    };
    Page::of("evaluation/one-pupil.html", &view).within("shell", homeroom.shell())
}

#[derive(Deserialize)]
struct Saved {
    saved: Option<String>,
}

/// One pupil at a time: for phones, for those who like it better, without script.
#[get("/student/{student}")]
pub(super) async fn form_page(
    homeroom: Homeroom,
    path: Path<(String, StudentId)>,
    asked: Query<AskedTerm>,
    saved: Query<Saved>,
) -> Result<Page, Refused> {
    let (own, student) = (homeroom.class(), path.1);
    if asked.term.is_some_and(|term| term != own.term()) {
        return Err(Refused::NotFound);
    }
    let read = homeroom.look(move |look| read(look, &own, student)).await?;
    Ok(page(&homeroom, student, &read, None, saved.saved.is_some()))
}

/// Takes the form: five bands, their grounds, the comment, in one act.
#[post("/student/{student}")]
pub(super) async fn save(
    homeroom: Homeroom,
    path: Path<(String, StudentId)>,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let (own, student, Posted(fields)) = (homeroom.class(), path.1, form);
    let standing = homeroom.look(move |look| read(look, &own, student)).await?;
    let refuse = |fields: HashMap<String, String>, faults: Vec<Fault>, status: StatusCode| {
        let retyped = Retyped { fields, faults };
        Ok(Either::Right(page(&homeroom, student, &standing, Some(&retyped), false).with_status(status)))
    };
    let (bands, comment) = match parse(student, &fields, &standing) {
        Ok(parsed) => parsed,
        Err(faults) => return refuse(fields, faults, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let reason = fields.get("reason").map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    if standing.signed.is_some() && reason.is_none() {
        let fault = Fault::at("reason", "这个班已经签字，家长看得到结果。要改，请写一句理由。");
        return refuse(fields, vec![fault], StatusCode::UNPROCESSABLE_ENTITY);
    }
    let term = own.term();
    let outcomes: BTreeMap<Domain, String> = Domain::ALL
        .iter()
        .filter_map(|domain| Some((*domain, fields.get(&format!("outcome_{}", domain.code()))?.clone())))
        .collect();
    let because = reason.clone();
    let told = homeroom.try_act(move |tx| TellOutcome::prepare(tx, &own, student, &outcomes, because.as_deref())).await;
    if let Err(refused) = told {
        let (status, faults) = refused.at_form("")?;
        return refuse(fields, faults, status);
    }
    let attempt = homeroom
        .try_act(move |tx| {
            let most = scheme_of(tx, own.cohort(), own.term())?.comment_characters;
            EvaluateStudents::prepare(tx, &own, term, &bands, &[comment], reason.as_deref(), most)
        })
        .await;
    match attempt {
        Ok(done) => {
            let outcome = done.unwrap_or_else(|unchanged| unchanged);
            if !outcome.conflicts.is_empty() {
                let fault = Fault::at("", "有人在别处刚改过这位学生，带“刚改过”的几项没有存。请核对后再存一次。");
                return refuse(HashMap::new(), vec![fault], StatusCode::CONFLICT);
            }
            let to = match (fields.get("go").map(String::as_str), &standing.next, &standing.previous) {
                (Some("next"), Some(next), _) => format!("/class/{}/student/{}?saved=1", own.id(), next.student),
                (Some("previous"), _, Some(previous)) => {
                    format!("/class/{}/student/{}?saved=1", own.id(), previous.student)
                }
                (Some("next"), None, _) => format!("/class/{}/{term}/sign", own.id()),
                _ => format!("/class/{}/student/{student}?saved=1", own.id()),
            };
            Ok(Either::Left(SeeOther(to)))
        }
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            refuse(fields, faults, status)
        }
    }
}

fn parse(
    student: StudentId,
    fields: &HashMap<String, String>,
    standing: &Read,
) -> Result<(Vec<Wanted>, WantedComment), Vec<Fault>> {
    let text = |name: String| fields.get(&name).map(|text| text.trim()).unwrap_or_default();
    let revision = |name: String, shown: i32| text(name).parse().unwrap_or(shown);
    let (mut bands, mut faults) = (Vec::new(), Vec::new());
    for domain in Domain::ALL {
        let code = domain.code();
        let band = match text(format!("band_{code}")) {
            "" => None,
            typed => match typed.parse() {
                Ok(band) => Some(band),
                Err(_) => {
                    faults.push(Fault::at(
                        format!("band_{code}"),
                        format!("{}的等级认不出，请在四个等级里选一个。", standing.scheme.domain(*domain).name),
                    ));
                    continue;
                }
            },
        };
        bands.push(Wanted {
            student,
            domain: *domain,
            band,
            ground: Some(Ground::Text(text(format!("ground_{code}")).to_owned())),
            help: Some(text(format!("help_{code}")).to_owned()),
            revision: revision(format!("revision_{code}"), standing.now.cell(*domain).revision),
        });
    }
    let comment = text("comment".to_owned()).to_owned();
    let most = standing.scheme.comment_characters;
    if comment.chars().count() > most {
        faults.push(Fault::at("comment", format!("评语最多 {most} 字，现在 {} 字。", comment.chars().count())));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let comment_revision = revision("comment_revision".to_owned(), standing.comment_revision);
    Ok((bands, WantedComment { student, text: comment, revision: comment_revision }))
}
