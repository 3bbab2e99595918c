use crate::access::{Family, Fault, Look, Posted, Refused};
use crate::cycle::{Step, window};
use crate::evaluation::peer::{UNSEEN, sayings};
use crate::evaluation::store::{AskedAbout, TellOfPeer, asked_about, may_speak};
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
struct PeersView<'a> {
    student: StudentId,
    term: Term,
    until: String,
    closed: Option<String>,
    peers: Vec<PeerView<'a>>,
    saved: bool,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct PeerView<'a> {
    student: StudentId,
    name: &'a str,
    done: bool,
    domains: Vec<DomainForm<'a>>,
}

#[derive(Serialize)]
struct DomainForm<'a> {
    code: Domain,
    character: &'static str,
    name: &'a str,
    field: String,
    said: String,
    sayings: Vec<(&'static str, &'static str)>,
    fault: Option<String>,
}

struct Read {
    scheme: Arc<Scheme>,
    term: Term,
    until: String,
    closed: Option<String>,
    peers: Vec<AskedAbout>,
}

fn read(look: &mut Look, family: &Family) -> Result<Read, Refused> {
    let me = family.myself()?;
    let at = at_school(look, me.child())?;
    let (term, today) = (at.term.term, look.today());
    let closed = Refused::why_not(may_speak(look, me.child(), Step::Peer))?;
    Ok(Read {
        scheme: scheme_of(look, at.class.name.cohort, term)?,
        until: window(look, Step::Peer, term)?.until(today),
        peers: asked_about(look, me, term)?,
        term,
        closed,
    })
}

fn page(
    family: &Family,
    read: &Read,
    typed: &HashMap<String, String>,
    saved: bool,
    faults: Vec<Fault>,
    status: StatusCode,
) -> Page {
    let peers = read
        .peers
        .iter()
        .map(|peer| PeerView {
            student: peer.student,
            name: &peer.name,
            done: !peer.said.is_empty(),
            domains: Domain::ALL
                .iter()
                .map(|domain| {
                    let field = format!("said_{}_{}", domain.code(), peer.student);
                    let stands = peer.said.get(domain).cloned().unwrap_or_default();
                    DomainForm {
                        code: *domain,
                        character: domain.character(),
                        name: &read.scheme.domain(*domain).name,
                        said: typed.get(&field).cloned().unwrap_or(stands),
                        fault: faults.iter().find(|fault| fault.field == field).map(|fault| fault.message.clone()),
                        field,
                        sayings: sayings(*domain).iter().copied().chain([(UNSEEN, "没留意到")]).collect(),
                    }
                })
                .collect(),
        })
        .collect();
    let view = PeersView {
        student: family.child().student(),
        term: read.term,
        until: read.until.clone(),
        closed: read.closed.clone(),
        peers,
        saved,
        faults,
    };
    Page::of("evaluation/peers.html", &view).within("shell", family.shell()).with_status(status)
}

#[derive(Deserialize)]
struct Asked {
    saved: Option<u8>,
}

/// The classmates by lot, and what one may say of them.
#[get("/peers")]
pub(super) async fn peers_page(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    family.myself()?;
    let grant = family.clone();
    let read = family.look(move |look| read(look, &grant)).await?;
    Ok(page(&family, &read, &HashMap::new(), asked.saved.is_some(), Vec::new(), StatusCode::OK))
}

/// Takes what is said of one classmate.
#[post("/peers")]
pub(super) async fn tell_of_peer(
    family: Family,
    form: Posted<HashMap<String, String>>,
) -> Result<Either<SeeOther, Page>, Refused> {
    let me = family.myself()?;
    let (Posted(typed), grant) = (form, family.clone());
    let about: StudentId = typed.get("about").and_then(|id| id.parse().ok()).ok_or(Refused::NotFound)?;
    let term: Term = typed.get("term").and_then(|term| term.parse().ok()).ok_or(Refused::NotFound)?;
    let said: BTreeMap<Domain, String> = Domain::ALL
        .iter()
        .filter_map(|domain| Some((*domain, typed.get(&format!("said_{}_{about}", domain.code()))?.clone())))
        .collect();
    let told = family.try_act(move |tx| TellOfPeer::prepare(tx, me, term, about, &said)).await;
    let (status, faults) = match told {
        Ok(_) => return Ok(Either::Left(SeeOther(format!("/child/{}/peers?saved=1", me.student())))),
        Err(refused) => refused.at_form("")?,
    };
    let read = family.look(move |look| read(look, &grant)).await?;
    Ok(Either::Right(page(&family, &read, &typed, false, faults, status)))
}
