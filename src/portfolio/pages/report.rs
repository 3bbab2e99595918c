use crate::access::{Family, Look, Refused, off_the_loop};
use crate::cycle::signatures_of;
use crate::evaluation::{child_comments, child_messages, child_sheets, child_subject_bands};
use crate::fitness::child_tests;
use crate::names::Term;
use crate::platform::page::Download;
use crate::platform::typeset::Misprint;
use crate::portfolio::report::{ReportOf, TEMPLATE, report_data};
use crate::portfolio::store::{school_words, term_seal};
use crate::portfolio::told::term_facts;
use crate::record::records_of_term;
use crate::roster::at_school;
use crate::scheme::scheme_of;
use crate::ticks::child_ticks;
use actix_web::get;
use actix_web::web::Query;
use serde::Deserialize;

#[derive(Deserialize)]
struct AskedTerm {
    term: Option<Term>,
}

/// What the family may see of a signed term: nothing else is printed.
///
/// # Errors
/// [`Refused::NotFound`] for a term that is not signed.
fn read(look: &mut Look, family: &Family, asked: Option<Term>) -> Result<ReportOf, Refused> {
    let child = family.child();
    let mut signatures = signatures_of(look, child.student())?;
    let term = asked.or_else(|| signatures.keys().max().copied()).ok_or(Refused::NotFound)?;
    let signed = signatures.remove(&term).ok_or(Refused::NotFound)?;
    let known: Vec<Term> = signatures.into_keys().collect();
    let sheets = child_sheets(look, child)?.only(|of| of == term || known.contains(&of));
    let at_school = at_school(look, child)?;
    let mut messages = child_messages(look, child)?;
    messages.retain(|message| message.term == term);
    let cohort = at_school.class.name.cohort;
    let (tests, bands) = (child_tests(look, child)?, child_subject_bands(look, child)?);
    let (ticks, records) = (child_ticks(look, child)?, records_of_term(look, child, term)?);
    let facts = term_facts(term, cohort, Some(&tests), Some(&bands), Some(&ticks), records);
    Ok(ReportOf {
        school: school_words(look)?.0,
        scheme: scheme_of(look, cohort, term)?,
        comment: child_comments(look, child)?.remove(&term),
        seal: term_seal(look, child, term)?,
        facts,
        class: at_school.class.name,
        seat: at_school.seat,
        term,
        signed,
        sheets,
        messages,
    })
}

/// The report of one signed term 学期报告单 (PDF/A-3a, PDF/UA-1).
#[get("/report.pdf")]
pub(super) async fn report(family: Family, asked: Query<AskedTerm>) -> Result<Download, Refused> {
    let (grant, term) = (family.clone(), asked.term);
    let read = family.look(move |look| read(look, &grant, term)).await?;
    let (house, name) = (family.house().clone(), family.child_name().to_owned());
    off_the_loop(move || {
        let press = house.press.press().map_err(Refused::conflict)?;
        let data = report_data(&read, &name, &house.county)?;
        let printed = press.print(TEMPLATE, data).map_err(|misprint| match misprint {
            Misprint::NoGlyph(_) => Refused::conflict(misprint.to_string()),
            broken => Refused::broken(broken),
        })?;
        Ok(Download {
            name: format!("{name}-{}-学期报告单.pdf", read.term.short_name(read.class.cohort)),
            media_type: "application/pdf",
            bytes: printed.pdf,
            inline: true,
        })
    })
    .await
}
