use super::{BandView, band_views};
use crate::access::{Family, Fault, Look, Posted, Refused};
use crate::cycle::{Step, window};
use crate::evaluation::store::{
    ANSWER_CHARACTERS, ConfirmSelf, DraftSelf, OwnDomain, OwnWords, child_self_evaluation, may_speak, own_evaluation,
};
use crate::names::{Domain, StudentId, Term};
use crate::platform::page::{Page, SeeOther};
use crate::roster::at_school;
use crate::scheme::{Scheme, scheme_of};
use actix_web::http::StatusCode;
use actix_web::web::Query;
use actix_web::{Either, get, post};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Serialize)]
struct SelfView<'a> {
    student: StudentId,
    term: Term,
    term_name: String,
    until: String,
    tabs: Vec<TabView<'a>>,
    written: usize,
    domain: Domain,
    character: &'static str,
    name: &'a str,
    hint: &'static str,
    words: OwnWords,
    band: String,
    bands: Vec<BandView<'a>>,
    descriptors: Vec<(&'static str, &'a str, &'a str)>,
    characters: usize,
    previous: Option<TabLink>,
    next: Option<TabLink>,
    /// Why nothing can be written now.
    closed: Option<String>,
    /// There is something that others do not read yet.
    unconfirmed: bool,
    confirmed: bool,
    saved: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct TabView<'a> {
    code: Domain,
    character: &'static str,
    name: &'a str,
    here: bool,
    written: bool,
}

#[derive(Serialize)]
struct TabLink {
    code: Domain,
    character: &'static str,
}

struct Read {
    scheme: Arc<Scheme>,
    term: Term,
    until: String,
    own: BTreeMap<Domain, OwnDomain>,
    closed: Option<String>,
}

fn read(look: &mut Look, family: &Family) -> Result<Read, Refused> {
    let me = family.myself()?;
    let at = at_school(look, me.child())?;
    let (term, today) = (at.term.term, look.today());
    let closed = Refused::why_not(may_speak(look, me.child(), Step::Pupil))?;
    Ok(Read {
        scheme: scheme_of(look, at.class.name.cohort, term)?,
        until: window(look, Step::Pupil, term)?.until(today),
        own: own_evaluation(look, me, term)?,
        term,
        closed,
    })
}

/// What may be told in a domain, to begin with.
fn hint(domain: Domain) -> &'static str {
    match domain {
        Domain::Moral => "帮过谁、守了什么约定、为班里做的事，都可以",
        Domain::Academic => "一门课、一本书、一个问题怎样弄懂的，都可以",
        Domain::Physical => "锻炼、比赛、作息、用眼，都可以",
        Domain::Aesthetic => "唱、画、写字、看展览、做手工，都可以",
        Domain::Labour => "家务、值日、种菜、修东西，都可以",
    }
}

fn page(
    family: &Family,
    read: &Read,
    domain: Domain,
    typed: Option<OwnWords>,
    saved: bool,
    faults: Vec<Fault>,
    status: StatusCode,
) -> Page {
    let scheme = &read.scheme;
    let written = |domain: &Domain| read.own.get(domain).is_some_and(|of| of.words.is_whole());
    let words = typed.unwrap_or_else(|| read.own.get(&domain).cloned().unwrap_or_default().words);
    let place = Domain::ALL.iter().position(|of| *of == domain).unwrap_or(0);
    let link = |at: usize| Domain::ALL.get(at).map(|of| TabLink { code: *of, character: of.character() });
    let said = scheme.domain(domain);
    let view = SelfView {
        student: family.child().student(),
        term: read.term,
        term_name: read.term.name(),
        until: read.until.clone(),
        tabs: Domain::ALL
            .iter()
            .map(|of| TabView {
                code: *of,
                character: of.character(),
                name: &scheme.domain(*of).name,
                here: *of == domain,
                written: written(of),
            })
            .collect(),
        written: Domain::ALL.iter().filter(|of| written(of)).count(),
        domain,
        character: domain.character(),
        name: &said.name,
        hint: hint(domain),
        band: words.band.map_or("", |band| band.code()).to_owned(),
        words,
        bands: band_views(scheme),
        descriptors: super::Band::all()
            .into_iter()
            .map(|band| (band.code(), band.word(scheme), band.descriptor(said)))
            .collect(),
        characters: ANSWER_CHARACTERS,
        previous: place.checked_sub(1).and_then(link),
        next: link(place + 1),
        closed: read.closed.clone(),
        unconfirmed: read.own.values().any(|of| !of.confirmed && !of.words.is_empty()),
        confirmed: read.own.values().any(|of| of.confirmed),
        saved,
        faults,
    };
    Page::of("evaluation/self.html", &view).within("shell", family.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Asked {
    domain: Option<Domain>,
    saved: Option<u8>,
}

#[derive(Serialize)]
struct ReadSelf<'a> {
    student: StudentId,
    child: &'a str,
    term_name: String,
    domains: Vec<ReadDomain<'a>>,
}

#[derive(Serialize)]
struct ReadDomain<'a> {
    code: Domain,
    character: &'static str,
    name: &'a str,
    words: OwnWords,
    band: &'static str,
    word: &'a str,
}

/// The pupil writes; a guardian reads what the child has confirmed.
#[get("/self")]
pub(super) async fn self_page(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    let grant = family.clone();
    if family.myself().is_ok() {
        let read = family.look(move |look| read(look, &grant)).await?;
        let domain = asked.domain.unwrap_or(Domain::Moral);
        return Ok(page(&family, &read, domain, None, asked.saved.is_some(), Vec::new(), StatusCode::OK));
    }
    let child = family.child();
    let (scheme, term, words) = family
        .look(move |look| {
            let at = at_school(look, child)?;
            let scheme = scheme_of(look, at.class.name.cohort, at.term.term)?;
            Ok((scheme, at.term.term, child_self_evaluation(look, child, at.term.term)?))
        })
        .await?;
    let view = ReadSelf {
        student: child.student(),
        child: family.child_name(),
        term_name: term.name(),
        domains: words
            .into_iter()
            .filter(|(_, words)| !words.is_empty())
            .map(|(domain, words)| ReadDomain {
                code: domain,
                character: domain.character(),
                name: &scheme.domain(domain).name,
                band: words.band.map_or("", |band| band.code()),
                word: words.band.map_or("", |band| band.word(&scheme)),
                words,
            })
            .collect(),
    };
    Ok(Page::of("evaluation/self-read.html", &view).within("shell", family.shell()))
}

fn typed_words(typed: &HashMap<String, String>) -> Result<OwnWords, Fault> {
    let text = |field: &str| typed.get(field).cloned().unwrap_or_default();
    let band = match typed.get("band").map_or("", String::as_str) {
        "" => None,
        code => Some(code.parse().map_err(|_| Fault::at("band", "等级认不出，请在四个等级里选一个。"))?),
    };
    Ok(OwnWords { did: text("did"), learned: text("learned"), intends: text("intends"), band })
}

/// Keeps the draft of one domain and goes on to the next.
#[post("/self")]
pub(super) async fn draft_self(
    family: Family,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let me = family.myself()?;
    let (Posted(typed), grant) = (form, family.clone());
    let domain: Domain = typed.get("domain").and_then(|code| code.parse().ok()).ok_or(Refused::NotFound)?;
    let term: Term = typed.get("term").and_then(|term| term.parse().ok()).ok_or(Refused::NotFound)?;
    let standing = family.look(move |look| read(look, &grant)).await?;
    let text = |field: &str| typed.get(field).cloned().unwrap_or_default();
    let refuse = |faults: Vec<Fault>, status: StatusCode| {
        let again = typed_words(&typed).unwrap_or_else(|_| OwnWords {
            did: text("did"),
            learned: text("learned"),
            intends: text("intends"),
            band: None,
        });
        Ok(Either::Right(page(&family, &standing, domain, Some(again), false, faults, status)))
    };
    let words = match typed_words(&typed) {
        Ok(words) => words,
        Err(fault) => return refuse(vec![fault], StatusCode::UNPROCESSABLE_ENTITY),
    };
    match family.try_act(move |tx| DraftSelf::prepare(tx, me, term, domain, &words)).await {
        Ok(_) => {
            let place = Domain::ALL.iter().position(|of| *of == domain).unwrap_or(0);
            let to = match typed.get("go").map(String::as_str) {
                Some("previous") => Domain::ALL.get(place.saturating_sub(1)),
                Some("stay") => Some(&domain),
                _ => Domain::ALL.get(place + 1),
            };
            let to = to.copied().unwrap_or(domain);
            let student = me.student();
            Ok(Either::Left(SeeOther(format!("/child/{student}/self?domain={}&saved=1", to.code()))))
        }
        Err(refused) => {
            let (status, faults) = refused.at_form("")?;
            refuse(faults, status)
        }
    }
}

#[derive(Deserialize)]
struct ConfirmForm {
    term: Option<Term>,
}

/// Confirms all that is written: teacher and family read it from now on.
#[post("/self/confirm")]
pub(super) async fn confirm_self(family: Family, form: Posted<ConfirmForm>) -> Result<Either<SeeOther, Page>, Refused> {
    let (me, term, grant) = (family.myself()?, form.0.term.ok_or(Refused::NotFound)?, family.clone());
    match family.try_act(move |tx| ConfirmSelf::prepare(tx, me, term)).await {
        Ok(_) => Ok(Either::Left(SeeOther(format!("/child/{}/self?domain=labour&saved=1", me.student())))),
        Err(Refused::Invalid(faults)) => {
            let read = family.look(move |look| read(look, &grant)).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(Either::Right(page(&family, &read, Domain::Labour, None, false, faults, status)))
        }
        Err(other) => Err(other),
    }
}
