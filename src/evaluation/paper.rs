//! 补录: a workbook of a term before this platform, five words and a comment a pupil.

use super::Band;
use super::subject::band_of;
use crate::names::{Domain, StudentId};
use crate::platform::text::tidy;
use crate::platform::workbook::{Cell, Unreadable, read};
use crate::roster::Pupil;
use crate::roster::reading::{compared, pupil_named, whole};
use crate::scheme::Scheme;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The columns of the template, in their order.
pub fn paper_header() -> Vec<String> {
    let mut header = vec!["班内学号".to_owned(), "姓名".to_owned()];
    header.extend(Domain::ALL.iter().map(|domain| domain.character().to_owned()));
    header.push("评语".to_owned());
    header
}

/// Most characters of a comment brought in.
pub const PAPER_COMMENT_CHARACTERS: usize = 300;

/// What paper tells of one pupil's term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaperRow {
    pub student: StudentId,
    /// In the order of the domains; nothing where paper says nothing: 无记录.
    pub bands: [Option<Band>; 5],
    pub comment: String,
}

/// A row that is not taken: its line, what stood in it, and what to mend.
pub struct PaperFault {
    pub line: usize,
    pub name: String,
    pub cells: Vec<String>,
    pub cures: Vec<String>,
}

/// What a workbook comes to.
#[derive(Default)]
pub struct PaperRead {
    pub header: Vec<String>,
    pub rows: Vec<PaperRow>,
    pub faults: Vec<PaperFault>,
}

/// Why a file is no such workbook.
#[derive(Debug, thiserror::Error)]
pub enum NoPaper {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("表里找不到表头。要有一行写着“姓名”和“德、智、体、美、劳”五列，“评语”一列可以没有。可以先下载模板看一看。")]
    NoHeader,
    #[error("表头下面没有学生。请看一看是不是选错了文件。")]
    NoRows,
}

/// Reads a workbook for the pupils of a class.
///
/// # Errors
/// The file is no such workbook; a row that is not right is a fault, not an error.
pub fn read_paper(bytes: &[u8], pupils: &[Pupil], scheme: &Scheme) -> Result<PaperRead, NoPaper> {
    let sheet = read(bytes)?;
    let typed = |row: &[Cell]| -> Vec<String> { row.iter().map(|cell| compared(&cell.shown())).collect() };
    let place = |headers: &[String], wanted: &dyn Fn(&str) -> bool| headers.iter().position(|header| wanted(header));
    let named = |headers: &[String]| place(headers, &|header| matches!(header, "姓名" | "学生姓名" | "名字"));
    let (at, headers) = sheet
        .top()
        .map(|(at, row)| (at, typed(row)))
        .find(|(_, headers)| named(headers).is_some())
        .ok_or(NoPaper::NoHeader)?;
    let name = named(&headers).ok_or(NoPaper::NoHeader)?;
    let seat = place(&headers, &|header| matches!(header, "班内学号" | "学号" | "座号" | "号" | "序号"));
    let comment = place(&headers, &|header| matches!(header, "评语" | "班主任评语" | "教师评语"));
    let mut five = [0; 5];
    for (n, domain) in Domain::ALL.iter().enumerate() {
        let full = compared(&scheme.domain(*domain).name);
        five[n] = place(&headers, &|header| {
            let bare = header.strip_suffix("等级").unwrap_or(header);
            bare == domain.character() || bare == format!("{}育", domain.character()) || bare == full
        })
        .ok_or(NoPaper::NoHeader)?;
    }
    let mut found = PaperRead { header: sheet.rows[at].iter().map(Cell::shown).collect(), ..PaperRead::default() };
    let mut met = HashSet::new();
    for (line, row) in sheet.rows.iter().enumerate().skip(at + 1) {
        if row.iter().all(Cell::is_empty) {
            continue;
        }
        let cell = |place: usize| row.get(place).cloned().unwrap_or(Cell::Empty);
        let who = cell(name).shown();
        let mut cures = Vec::new();
        let pupil = match pupil_named(pupils, &who, seat.and_then(|place| whole(&cell(place)))) {
            Ok(pupil) if met.insert(pupil.id) => Some(pupil.id),
            Ok(_) => {
                cures.push("姓名：这位学生在表里出现了两次，请删去一行。".to_owned());
                None
            }
            Err((column, cure)) => {
                cures.push(format!("{column}：{cure}"));
                None
            }
        };
        let mut bands = [None; 5];
        for (n, domain) in Domain::ALL.iter().enumerate() {
            let said = cell(five[n]);
            let text = said.shown();
            if said.is_empty() || text == scheme.no_record {
                continue;
            }
            bands[n] = band_of(&text, scheme);
            if bands[n].is_none() {
                let words: Vec<&str> = Band::all().iter().map(|band| band.words(scheme).word.as_str()).collect();
                let figure = matches!(said, Cell::Number(_)) || text.parse::<f64>().is_ok();
                cures.push(match figure {
                    true => format!(
                        "{}：这里是分数。只收等级（文件第13条），请写{}，没有就空着。",
                        domain.character(),
                        words.join("、")
                    ),
                    false => format!("{}：“{text}”认不出。请写{}，没有就空着。", domain.character(), words.join("、")),
                });
            }
        }
        let comment = comment.map(|place| tidy(&cell(place).shown())).unwrap_or_default();
        let long = comment.chars().count();
        if long > PAPER_COMMENT_CHARACTERS {
            cures.push(format!("评语：最多 {PAPER_COMMENT_CHARACTERS} 个字，现在 {long} 个字。"));
        }
        if cures.is_empty() && comment.is_empty() && bands.iter().all(Option::is_none) {
            cures.push("五育和评语都空着。没有材料的学期不用补录，删去这一行。".to_owned());
        }
        match pupil.filter(|_| cures.is_empty()) {
            Some(student) => found.rows.push(PaperRow { student, bands, comment }),
            None => {
                let cells = row.iter().map(Cell::shown).collect();
                found.faults.push(PaperFault { line: sheet.first_line + line, name: who, cells, cures });
            }
        }
    }
    if found.rows.is_empty() && found.faults.is_empty() {
        return Err(NoPaper::NoRows);
    }
    Ok(found)
}
