use super::{CardView, DomainChip, card, chips};
use crate::access::{Family, Look, Refused};
use crate::names::{ActivityId, Domain, Role, StudentId, Term};
use crate::platform::page::Page;
use crate::record::evidence::{Photos, photos_among};
use crate::record::{
    CARDS_A_PAGE, Contact, Housework, HouseworkState, Kept, RollTold, Timeline, day_words, family_contacts,
    housework_of, monday_of, rolls_of, timeline_of,
};
use crate::roster::{AtSchool, at_school};
use crate::scheme::{Scheme, scheme_of};
use actix_web::get;
use actix_web::web::Query;
use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

#[derive(Serialize)]
struct TimelineView {
    student: StudentId,
    name: String,
    guardian: bool,
    term: Term,
    term_name: String,
    present: bool,
    terms: Vec<(Term, String)>,
    domains: Vec<DomainChip>,
    chosen: Option<Domain>,
    /// One's own that wait: drafts, handed in, asked to be completed.
    mine: Vec<CardView>,
    months: Vec<MonthView>,
    /// Where the newer ones are, and the older; and which of all this page shows.
    newer: Option<String>,
    older: Option<String>,
    shown: Option<String>,
    rolls: Vec<RollView>,
    housework_waits: bool,
    contacts_wait: bool,
    saved: Option<&'static str>,
}

#[derive(Serialize)]
struct MonthView {
    name: String,
    cards: Vec<CardView>,
}

#[derive(Serialize)]
struct RollView {
    main: Domain,
    character: &'static str,
    name: &'static str,
    said: String,
}

#[derive(Clone, Deserialize)]
struct Asked {
    term: Option<Term>,
    domain: Option<Domain>,
    /// How many newer ones were leafed over.
    after: Option<usize>,
    saved: Option<String>,
}

struct Read {
    at: AtSchool,
    scheme: Arc<Scheme>,
    kept: Timeline,
    photos: HashMap<ActivityId, Photos>,
    rolls: Vec<RollTold>,
    housework: BTreeMap<NaiveDate, Housework>,
    contacts: Vec<Contact>,
    today: NaiveDate,
}

fn read(look: &mut Look, family: &Family, asked: &Asked) -> Result<(Read, Term), Refused> {
    let child = family.child();
    let at = at_school(look, child)?;
    let terms = known(&at);
    let term = asked.term.or(terms.last().copied()).unwrap_or(at.term.term);
    if !terms.contains(&term) {
        return Err(Refused::NotFound);
    }
    let kept = timeline_of(look, child, term, asked.domain, asked.after.unwrap_or(0))?;
    let shown: Vec<ActivityId> = kept.page.iter().map(|kept| kept.activity).collect();
    let read = Read {
        scheme: scheme_of(look, at.class.name.cohort, term)?,
        photos: photos_among(look, &shown)?,
        kept,
        rolls: rolls_of(look, child, term)?,
        housework: housework_of(look, child, term)?,
        contacts: family_contacts(look, child)?,
        today: look.today(),
        at,
    };
    Ok((read, term))
}

/// The child's terms of junior high so far.
fn known(at: &AtSchool) -> Vec<Term> {
    Term::of_cohort(at.class.name.cohort).into_iter().filter(|term| *term <= at.term.term).collect()
}

/// What the rolls of a term tell of one child.
fn told(roll: &RollTold) -> String {
    match roll.absent.as_slice() {
        [] => format!("这学期 {} 次，都{}。", roll.held, if roll.kind.exception() == "没做" { "做了" } else { "到了" }),
        days => {
            let days: Vec<String> = days.iter().map(|day| day_words(*day)).collect();
            format!("这学期 {} 次，{}{}。", roll.held, days.join("、"), roll.kind.exception())
        }
    }
}

/// What the child did, month by month, ten a page, with a filter by domain.
#[get("/records")]
pub(super) async fn timeline(family: Family, asked: Query<Asked>) -> Result<Page, Refused> {
    let asked = asked.into_inner();
    let (grant, wanted) = (family.clone(), asked.clone());
    let (read, term) = family.look(move |look| read(look, &grant, &wanted)).await?;
    let me = family.by().account();
    let (present, cohort) = (read.at.term.term, read.at.class.name.cohort);
    let scheme = &read.scheme;
    let waits = |kept: &&Kept| Some(kept.account) == me;
    let door = format!("/child/{}", family.child().student());
    let (all, before) = (read.kept.all, read.kept.before);
    let last = before + read.kept.page.len();
    let leaf = |after: usize| {
        let domain = asked.domain.map(|domain| format!("&domain={}", domain.code())).unwrap_or_default();
        format!("{door}/records?term={term}{domain}&after={after}")
    };
    let mut months: Vec<MonthView> = Vec::new();
    for kept in &read.kept.page {
        let name = format!("{} 年 {} 月", kept.told.starts_on.year(), kept.told.starts_on.month());
        if months.last().is_none_or(|month| month.name != name) {
            months.push(MonthView { name, cards: Vec::new() });
        }
        if let Some(month) = months.last_mut() {
            month.cards.push(card(kept, scheme).with_photos(&door, &read.photos));
        }
    }
    let guardian = family.by().role() == Role::Guardian;
    let this_week = read.housework.get(&monday_of(read.today));
    let view = TimelineView {
        student: family.child().student(),
        name: family.child_name().to_owned(),
        guardian,
        term,
        term_name: term.name(),
        present: term == present,
        terms: known(&read.at).into_iter().map(|term| (term, term.short_name(cohort))).collect(),
        domains: chips(scheme, |domain| asked.domain == Some(domain)),
        chosen: asked.domain,
        mine: read.kept.waiting.iter().filter(waits).map(|kept| card(kept, scheme)).collect(),
        months,
        newer: (before > 0).then(|| leaf(before.min(all).saturating_sub(CARDS_A_PAGE))),
        older: (last < all).then(|| leaf(last)),
        shown: (all > CARDS_A_PAGE && last > before).then(|| format!("第 {}—{last} 条，共 {all} 条", before + 1)),
        rolls: read
            .rolls
            .iter()
            .filter(|roll| asked.domain.is_none_or(|domain| roll.kind.domain() == domain))
            .map(|roll| RollView {
                main: roll.kind.domain(),
                character: roll.kind.domain().character(),
                name: roll.kind.word(),
                said: told(roll),
            })
            .collect(),
        housework_waits: match this_week {
            None => true,
            Some(week) => guardian && week.state == HouseworkState::Said,
        },
        contacts_wait: guardian
            && read.contacts.iter().any(|contact| {
                let answered = contact.families.values().all(Option::is_some);
                contact.day >= read.today && contact.kind.may_lie_ahead() && !answered
            }),
        saved: match asked.saved.as_deref() {
            Some("draft") => Some("草稿存好了，只有您自己看得到。想好了再交给老师。"),
            Some("submitted") => Some("交给老师了。老师核实以后，就在下面的时间线里。"),
            Some("withdrawn") => Some("收回来了，老师不再看到。"),
            _ => None,
        },
    };
    Ok(Page::of("record/timeline.html", &view).within("shell", family.shell()))
}
