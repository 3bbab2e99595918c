use super::{BandView, DONE, DomainView, band_views, domain_views, standing, word_of};
use crate::access::{Homeroom, Look, OwnClass, Refused};
use crate::cycle::term_of_class;
use crate::evaluation::{Band, Comment, Lack, Sheet, class_comments, class_sheets};
use crate::names::{Domain, StudentId, Term};
use crate::platform::page::Page;
use crate::roster::calendar::{TermDates, working_days};
use crate::roster::{Pupil, class_list};
use crate::scheme::{Scheme, scheme_of};
use actix_web::get;
use actix_web::web::Query;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

#[derive(Deserialize)]
pub(super) struct AskedTerm {
    pub term: Option<Term>,
}

#[derive(Serialize)]
struct GridView<'a> {
    class: OwnClass,
    class_name: String,
    term: Term,
    term_name: String,
    /// Whether this is a term that is over: shown, not to be changed.
    past: bool,
    signed: Option<String>,
    may_sign: bool,
    deadline: String,
    domains: Vec<DomainView>,
    bands: Vec<BandView<'a>>,
    comment_characters: usize,
    rows: Vec<RowView<'a>>,
    complete: usize,
    /// The first pupil with something to fill in.
    next_to_do: Option<StudentId>,
    /// What the script says of bands and domains, as JSON that may stand in a page.
    words: String,
    terms: Vec<TermLink>,
}

#[derive(Serialize)]
struct TermLink {
    term: Term,
    name: String,
}

#[derive(Serialize)]
struct RowView<'a> {
    student: StudentId,
    seat: i32,
    name: &'a str,
    pinyin: &'a str,
    cells: Vec<CellView<'a>>,
    comment: &'a str,
    comment_revision: i32,
    standing: &'static str,
}

#[derive(Serialize)]
struct CellView<'a> {
    domain: Domain,
    revision: i32,
    band: &'static str,
    word: &'a str,
    ground: &'a str,
    help: &'a str,
    lacks: bool,
}

/// Everything the grid reads.
struct Read {
    scheme: std::sync::Arc<Scheme>,
    pupils: Vec<Pupil>,
    sheets: HashMap<StudentId, Sheet>,
    comments: HashMap<StudentId, Comment>,
    signed: Option<String>,
    deadline: String,
}

fn read(look: &mut Look, own: &OwnClass, term: Term) -> Result<Read, Refused> {
    let (dates, signed) = term_of_class(look, &(*own).into(), term)?;
    let deadline = deadline(look, dates)?;
    let scheme = scheme_of(look, own.cohort(), term)?;
    Ok(Read {
        scheme,
        pupils: class_list(look, own, dates)?,
        sheets: class_sheets(look, own, dates, term)?,
        comments: class_comments(look, own, dates)?,
        signed: signed.map(|by| format!("{} {} 签字", day(by.at.date()), by.name)),
        deadline,
    })
}

/// `1 月 15 日学期结束，还有 9 个工作日`
fn deadline(look: &mut Look, dates: TermDates) -> Result<String, Refused> {
    let (today, end) = (look.today(), dates.ends_on);
    let when = format!("{}学期结束", day(end));
    if today > end {
        return Ok(format!("{when}，请尽早填完签字"));
    }
    let left = working_days(look, today, end)?.between(today, end);
    Ok(format!("{when}，还有 {left} 个工作日"))
}

/// `1 月 15 日`
pub(super) fn day(date: chrono::NaiveDate) -> String {
    use chrono::Datelike;
    format!("{} 月 {} 日", date.month(), date.day())
}

/// A term of the class up to the present one.
pub(super) fn of_class(own: &OwnClass, term: Term) -> Result<Term, Refused> {
    let known = term <= own.term() && Term::of_cohort(own.cohort()).contains(&term);
    if known { Ok(term) } else { Err(Refused::NotFound) }
}

/// The class grid: this term's, or with `?term=` another to look back at.
#[get("/grid")]
pub(super) async fn grid(homeroom: Homeroom, asked: Query<AskedTerm>) -> Result<Page, Refused> {
    let own = homeroom.class();
    let present = own.term();
    let term = of_class(&own, asked.term.unwrap_or(present))?;
    let known = Term::of_cohort(own.cohort());
    let read = homeroom.look(move |look| read(look, &own, term)).await?;
    let scheme = &read.scheme;
    let (no_sheet, no_comment) = (Sheet::default(), Comment::default());
    let rows: Vec<RowView> = read
        .pupils
        .iter()
        .map(|pupil| {
            let sheet = read.sheets.get(&pupil.id).unwrap_or(&no_sheet);
            let comment = read.comments.get(&pupil.id).unwrap_or(&no_comment);
            RowView {
                student: pupil.id,
                seat: pupil.seat,
                name: &pupil.name,
                pinyin: &pupil.pinyin,
                cells: Domain::ALL.iter().map(|domain| cell_view(*domain, sheet, scheme)).collect(),
                comment: &comment.text,
                comment_revision: comment.revision,
                standing: standing(sheet, &comment.text),
            }
        })
        .collect();
    let view = GridView {
        class: own,
        class_name: own.class_name().in_year(term.year()),
        term,
        term_name: term.name(),
        past: term != present,
        signed: read.signed.clone(),
        may_sign: homeroom.may_sign(),
        deadline: read.deadline.clone(),
        domains: domain_views(scheme),
        bands: band_views(scheme),
        comment_characters: scheme.comment_characters,
        complete: rows.iter().filter(|row| row.standing == DONE).count(),
        next_to_do: rows.iter().find(|row| row.standing != DONE).map(|row| row.student),
        words: words(scheme),
        rows,
        terms: known
            .into_iter()
            .filter(|known| *known <= present)
            .map(|term| TermLink { term, name: term.short_name(own.cohort()) })
            .collect(),
    };
    Ok(Page::of("evaluation/grid.html", &view).within("shell", homeroom.shell()))
}

/// Bands with their keys and needs, domains with what each band says in them.
fn words(scheme: &Scheme) -> String {
    let bands: BTreeMap<_, _> = band_views(scheme)
        .iter()
        .map(|band| {
            let needs =
                json!({ "word": band.word, "key": band.key, "ground": band.needs_ground, "help": band.needs_help });
            (band.code, needs)
        })
        .collect();
    let domains: BTreeMap<_, _> = Domain::ALL
        .iter()
        .map(|domain| {
            let words = scheme.domain(*domain);
            let mut said: BTreeMap<&str, &str> =
                Band::all().into_iter().map(|band| (band.code(), band.descriptor(words))).collect();
            said.insert("name", &words.name);
            said.insert("character", domain.character());
            (domain.code(), said)
        })
        .collect();
    let lacks = json!({ "ground": Lack::Ground.word(), "help": Lack::Help.word() });
    let asks = json!({ "ground": "要写一句事实作依据，签字前补上就行。", "help": "还要写打算怎样帮。" });
    let said = json!({ "bands": bands, "domains": domains, "lacks": lacks, "asks": asks });
    said.to_string().replace('<', "\\u003c")
}

fn cell_view<'a>(domain: Domain, sheet: &'a Sheet, scheme: &'a Scheme) -> CellView<'a> {
    let cell = sheet.cell(domain);
    CellView {
        domain,
        revision: cell.revision,
        band: cell.band.map_or("", |band| band.code()),
        word: word_of(cell, scheme),
        ground: cell.ground.as_deref().unwrap_or_default(),
        help: cell.help.as_deref().unwrap_or_default(),
        lacks: cell.lacks().is_some(),
    }
}
