//! A graduate's sealed portfolio, for the family to read and to keep.

use super::graduating::TermHead;
use super::versions::CommentLine;
use crate::access::{Family, Refused, off_the_loop};
use crate::evaluation::Band;
use crate::names::{Domain, StudentId};
use crate::platform::page::{Download, Page};
use crate::portfolio::file::{GraduationFile, TermSummary};
use crate::portfolio::press::moment_words;
use crate::portfolio::store::{child_portfolio, withdrawal_of};
use actix_web::get;
use serde::Serialize;

#[derive(Serialize)]
struct GraduatedView {
    student: StudentId,
    name: String,
    school_name: String,
    class_name: String,
    version: i32,
    at: String,
    code: String,
    six: SixView,
    comment: Option<CommentLine>,
    statement: Vec<String>,
    /// There is a print that may be handed out.
    printed: bool,
    /// When the school took it back.
    withdrawn: Option<String>,
}

/// The six terms beside what was decided at the end.
#[derive(Serialize)]
struct SixView {
    terms: Vec<TermHead>,
    domains: Vec<DomainLine>,
}

#[derive(Serialize)]
struct DomainLine {
    code: Domain,
    character: String,
    name: String,
    /// Term by term: the band's code, empty for 无记录, and its word.
    cells: Vec<(&'static str, String)>,
    band: &'static str,
    word: String,
}

impl SixView {
    fn of(file: &GraduationFile, terms: Vec<TermSummary>) -> Self {
        let told = |band: Option<Band>| (band.map_or("", Band::code), file.scheme.word(band).to_owned());
        let domains = file.scheme.domains.iter().map(|named| {
            let (band, word) = told(file.graduation.get(&named.code).copied().flatten());
            DomainLine {
                code: named.code,
                character: named.character.clone(),
                name: named.name.clone(),
                cells: terms.iter().map(|term| told(term.bands.get(&named.code).copied().flatten())).collect(),
                band,
                word,
            }
        });
        SixView { domains: domains.collect(), terms: terms.into_iter().map(TermHead::from).collect() }
    }
}

/// The portfolio as it was sealed; `None` before the seal.
pub(super) async fn graduated_page(family: &Family) -> Result<Option<Page>, Refused> {
    let child = family.child();
    let read = family
        .look(move |look| {
            let Some((file, pdf)) = child_portfolio(look, child)? else { return Ok(None) };
            let withdrawn = withdrawal_of(look, &file.code)?;
            Ok(Some((file, pdf.is_some(), withdrawn)))
        })
        .await?;
    let Some((mut file, printed, withdrawn)) = read else { return Ok(None) };
    let terms = std::mem::take(&mut file.terms);
    let view = GraduatedView {
        student: child.student(),
        name: family.child_name().to_owned(),
        six: SixView::of(&file, terms),
        school_name: file.school.name,
        class_name: file.class.name,
        version: file.version,
        at: moment_words(file.sealed.at),
        code: file.code,
        comment: file.comment.map(CommentLine::from),
        statement: file.facts.statement,
        printed,
        withdrawn: withdrawn.map(moment_words),
    };
    Ok(Some(Page::of("portfolio/graduated.html", &view).within("shell", family.shell())))
}

/// The portfolio as it was printed.
///
/// # Errors
/// [`Refused::NotFound`] before the seal, while there is no print that may be handed out,
/// and after the school took the portfolio back.
#[get("/portfolio.pdf")]
pub(super) async fn portfolio_pdf(family: Family) -> Result<Download, Refused> {
    let (child, files) = (family.child(), family.house().files.clone());
    let sha256 = family
        .look(move |look| {
            let (file, pdf) = child_portfolio(look, child)?.ok_or(Refused::NotFound)?;
            match withdrawal_of(look, &file.code)? {
                None => pdf.ok_or(Refused::NotFound),
                Some(_) => Err(Refused::NotFound),
            }
        })
        .await?;
    let bytes = off_the_loop(move || Ok(files.get(&sha256)?)).await?;
    let name = format!("{}-毕业成长档案.pdf", family.child_name());
    Ok(Download { name, media_type: "application/pdf", bytes, inline: true })
}
