//! The homeroom teacher's pages: the class grid, the one-pupil form, signing; and
//! the child's own page.

mod beside;
mod board;
mod case;
mod cells;
mod child;
mod data;
mod grid;
mod guardian;
mod indicators;
mod learning;
mod one_pupil;
mod own_words;
mod peers;
mod radar;
mod sign;
mod subject;
mod subject_workbook;
mod taught;
mod voices;

use crate::evaluation::{Band, Cell, Sheet};
use crate::names::Domain;
use crate::scheme::Scheme;
use actix_web::web::ServiceConfig;
use serde::Serialize;

/// What is behind `/class/{class}`.
pub fn homeroom(door: &mut ServiceConfig) {
    door.service(grid::grid)
        .service(beside::beside)
        .service(cells::save_cells)
        .service(cells::save_comments)
        .service(cells::repeat)
        .service(sign::sign_page)
        .service(sign::sign)
        .service(one_pupil::form_page)
        .service(one_pupil::save)
        .service(voices::voices_page)
        .service(voices::others)
        .service(voices::draw_peers)
        .service(indicators::homeroom_indicators)
        .service(indicators::save_homeroom_indicators);
}

/// What is behind `/subject/{class}`.
pub fn subject(door: &mut ServiceConfig) {
    door.service(subject::subject_page)
        .service(subject::save_bands)
        .service(subject::save_cells)
        .service(subject_workbook::template)
        .service(subject_workbook::try_workbook)
        .service(indicators::subject_indicators)
        .service(indicators::save_subject_indicators);
}

/// The office's desk.
pub fn office(door: &mut ServiceConfig) {
    door.service(board::office_board);
}

/// The principal's desk.
pub fn principal(door: &mut ServiceConfig) {
    door.service(board::principal_board);
}

/// What is behind `/child/{student}`.
pub fn family(door: &mut ServiceConfig) {
    door.service(child::record)
        .service(child::write_message)
        .service(learning::learning)
        .service(data::data_page)
        .service(data::data_copy)
        .service(data::data_print)
        .service(data::change_consent)
        .service(data::ask)
        .service(own_words::self_page)
        .service(own_words::draft_self)
        .service(own_words::confirm_self)
        .service(peers::peers_page)
        .service(peers::tell_of_peer)
        .service(guardian::view_page)
        .service(guardian::tell_view);
}

/// What is behind `/case/{case}`.
pub fn case(door: &mut ServiceConfig) {
    door.service(case::case_page);
}

/// A domain as a page shows it.
#[derive(Clone, Serialize)]
pub struct DomainView {
    pub code: Domain,
    pub character: &'static str,
    pub name: String,
}

pub fn domain_views(scheme: &Scheme) -> Vec<DomainView> {
    Domain::ALL
        .iter()
        .map(|code| DomainView { code: *code, character: code.character(), name: scheme.domain(*code).name.clone() })
        .collect()
}

/// A band as a picker shows it.
#[derive(Serialize)]
pub struct BandView<'s> {
    pub code: &'static str,
    pub word: &'s str,
    pub growth: &'s str,
    pub key: char,
    pub needs_ground: bool,
    pub needs_help: bool,
}

pub fn band_views(scheme: &Scheme) -> Vec<BandView<'_>> {
    Band::all()
        .into_iter()
        .map(|band| BandView {
            code: band.code(),
            word: band.word(scheme),
            growth: &band.words(scheme).growth,
            key: band.key(),
            needs_ground: band.needs_ground(),
            needs_help: band.needs_help(),
        })
        .collect()
}

/// The standing of a pupil with nothing left to fill in.
const DONE: &str = "已完成";

/// Whether a pupil's sheet and words are complete, and what to do if not.
fn standing(sheet: &Sheet, comment: &str) -> &'static str {
    if !sheet.is_full() {
        "待填写"
    } else if sheet.lacks() {
        Domain::ALL.iter().find_map(|d| sheet.cell(*d).lacks()).map_or("", |lack| lack.word())
    } else if comment.is_empty() {
        "缺评语"
    } else {
        DONE
    }
}

fn word_of<'s>(cell: &Cell, scheme: &'s Scheme) -> &'s str {
    cell.band.map_or("—", |band| band.word(scheme))
}
