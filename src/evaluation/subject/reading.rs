//! A subject teacher's workbook: names and bands, or names and figures.

use super::lines::Lines;
use crate::evaluation::Band;
use crate::fitness::Measure;
use crate::names::StudentId;
use crate::platform::text::code_like;
use crate::platform::workbook::{Cell, Sheet, Unreadable, read};
use crate::roster::Pupil;
use crate::roster::curriculum::is_subject;
use crate::roster::reading::{CellNote, compared, pupil_named, whole};
use crate::scheme::Scheme;
use std::collections::HashSet;

const NAMES: [&str; 3] = ["姓名", "学生姓名", "名字"];
const SEATS: [&str; 6] = ["班内学号", "学号", "座号", "号", "序号", "座位号"];
const BANDS: [&str; 8] = ["等级", "等第", "学期等级", "学业等级", "学科等级", "总评", "期末总评", "评价"];
const FIGURES: [&str; 7] = ["成绩", "分数", "期末", "期末成绩", "学期成绩", "卷面", "卷面成绩"];

/// Why a file is no workbook of bands.
#[derive(Debug, thiserror::Error)]
pub enum NoBands {
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
    #[error("表里找不到表头。要有一行写着“姓名”，和“等级”或学科名。可以先下载模板看一看。")]
    NoHeader,
    #[error("表里有几列都像是等级，不知道看哪一列：{0}。请只留一列，或把要用的那列改名叫“等级”。")]
    Several(String),
    #[error("表头下面没有学生。请看一看是不是选错了文件。")]
    NoRows,
}

/// A row that names a pupil and a band.
pub struct ReadRow {
    pub student: StudentId,
    pub band: Band,
}

/// What a workbook comes to.
pub struct BandsRead {
    pub rows: Vec<ReadRow>,
    /// Line, name, and what is wrong.
    pub faults: Vec<(usize, String, CellNote)>,
}

/// Bands, or figures that wait for lines.
pub enum Read {
    Bands(BandsRead),
    /// The column holds figures, and no lines were drawn.
    Figures,
}

struct Places {
    name: usize,
    seat: Option<usize>,
    band: usize,
    header: String,
    below: usize,
}

fn find(sheet: &Sheet, subject: &str) -> Result<Places, NoBands> {
    let typed =
        |row: &[Cell]| -> Vec<String> { row.iter().map(|cell| compared(&cell.shown().replace('\n', ""))).collect() };
    let (at, headers) = sheet
        .top()
        .map(|(at, row)| (at, typed(row)))
        .find(|(_, headers)| headers.iter().any(|header| NAMES.contains(&header.as_str())))
        .ok_or(NoBands::NoHeader)?;
    let all = |wanted: &dyn Fn(&str) -> bool| -> Vec<usize> {
        headers.iter().enumerate().filter(|(_, header)| wanted(header)).map(|(place, _)| place).collect()
    };
    let own = |header: &str| {
        let bare = BANDS.iter().chain(&FIGURES).find_map(|word| header.strip_suffix(word)).unwrap_or(header);
        is_subject(subject, bare) || is_subject(subject, header)
    };
    // The word 等级 tells most, then the subject's own name, then a word for figures.
    let candidates =
        [all(&|header: &str| BANDS.contains(&header)), all(&own), all(&|header: &str| FIGURES.contains(&header))];
    let found = candidates.into_iter().find(|places| !places.is_empty()).ok_or(NoBands::NoHeader)?;
    let [band] = found.as_slice() else {
        return Err(NoBands::Several(
            found.iter().map(|place| headers[*place].as_str()).collect::<Vec<_>>().join("、"),
        ));
    };
    Ok(Places {
        name: all(&|header: &str| NAMES.contains(&header)).first().copied().ok_or(NoBands::NoHeader)?,
        seat: all(&|header: &str| SEATS.contains(&header)).first().copied(),
        band: *band,
        header: headers[*band].clone(),
        below: at + 1,
    })
}

/// A figure: a number, or text that is one.
fn figure(cell: &Cell) -> Option<Measure> {
    match cell {
        Cell::Number(_) | Cell::Text(_) => {
            let text = code_like(&cell.shown());
            let text = text.trim_end_matches('分');
            // More places than anyone marks with come of a formula's mean.
            text.parse().ok().or_else(|| {
                let number = text.parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() < 10_000.0)?;
                format!("{number:.3}").parse().ok()
            })
        }
        _ => None,
    }
}

/// The band that a word stands for: the scheme's, its first character, or A–D.
pub(in crate::evaluation) fn band_of(typed: &str, scheme: &Scheme) -> Option<Band> {
    let typed = code_like(typed);
    Band::all().into_iter().zip(["A", "B", "C", "D"]).find_map(|(band, letter)| {
        let word = band.word(scheme);
        let first = word.chars().next().map(String::from).unwrap_or_default();
        (typed == word || typed == first || typed == letter || typed == format!("{first}等")).then_some(band)
    })
}

/// Reads a workbook of one subject for a class. With `lines` a column of figures is
/// turned into bands here; the figures end with this call.
///
/// # Errors
/// The file is no such workbook.
pub fn read_workbook(
    bytes: &[u8],
    subject: &str,
    pupils: &[Pupil],
    scheme: &Scheme,
    lines: Option<Lines>,
) -> Result<Read, NoBands> {
    let sheet = read(bytes)?;
    let places = find(&sheet, subject)?;
    let cell = |row: &'_ [Cell], place: usize| row.get(place).cloned().unwrap_or(Cell::Empty);
    let rows: Vec<(usize, &Vec<Cell>)> = sheet
        .rows
        .iter()
        .enumerate()
        .skip(places.below)
        .filter(|(_, row)| !cell(row, places.name).is_empty() || !cell(row, places.band).is_empty())
        .collect();
    if rows.is_empty() {
        return Err(NoBands::NoRows);
    }
    let filled = rows.iter().filter(|(_, row)| !cell(row, places.band).is_empty()).count();
    let figures = rows.iter().filter(|(_, row)| figure(&cell(row, places.band)).is_some()).count();
    if figures * 2 > filled && lines.is_none() {
        return Ok(Read::Figures);
    }
    let mut found = BandsRead { rows: Vec::new(), faults: Vec::new() };
    let mut met = HashSet::new();
    for (at, row) in rows {
        let (name, said) = (cell(row, places.name).shown(), cell(row, places.band));
        let seat = places.seat.and_then(|place| whole(&cell(row, place)));
        let mut fault = |column: &str, was: String, cure: String| {
            found.faults.push((sheet.first_line + at, name.clone(), CellNote { column: column.to_owned(), was, cure }));
        };
        let pupil = match pupil_named(pupils, &name, seat) {
            Ok(pupil) => pupil,
            Err((column, cure)) => {
                fault(column, name.clone(), cure);
                continue;
            }
        };
        if said.is_empty() {
            continue;
        }
        if !met.insert(pupil.id) {
            fault("姓名", name.clone(), "这位学生在表里出现了两次。请删去一行。".to_owned());
            continue;
        }
        let words = || Band::all().map(|band| band.word(scheme).to_owned()).join("、");
        let band = match (band_of(&said.shown(), scheme), figure(&said), lines) {
            (Some(band), ..) => band,
            (None, Some(figure), Some(lines)) if figure >= Measure::whole(0) => lines.band(figure),
            (None, Some(_), _) => {
                // What stood there is not said again: a figure goes no further.
                fault(
                    &places.header,
                    String::new(),
                    format!("这里是分数。学业成绩只用等级（文件第13条），请写{}。", words()),
                );
                continue;
            }
            (None, None, _) => {
                fault(&places.header, said.shown(), format!("认不出。请写{}；缺考就空着。", words()));
                continue;
            }
        };
        found.rows.push(ReadRow { student: pupil.id, band });
    }
    Ok(Read::Bands(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pupils() -> Vec<Pupil> {
        let pupil = |seat, name: &str| Pupil {
            id: StudentId::new(),
            seat,
            name: name.to_owned(),
            pinyin: String::new(),
            sex: crate::names::Sex::Male,
        };
        vec![pupil(1, "李沐阳"), pupil(2, "王伟"), pupil(3, "王伟")]
    }

    #[test]
    fn bands_are_read_in_the_words_schools_use() {
        let (scheme, pupils) = (Scheme::seed().unwrap(), pupils());
        let text = "号,姓名,语文等级\n1,李沐阳,优\n2,王伟,良好\n3,王伟,C\n";
        let Read::Bands(read) = read_workbook(text.as_bytes(), "语文", &pupils, &scheme, None).unwrap() else {
            panic!()
        };
        let words: Vec<&str> = read.rows.iter().map(|row| row.band.word(&scheme)).collect();
        assert_eq!(words, ["优秀", "良好", "合格"]);
        let text = "姓名,等级\n王伟,优\n没有他,优\n李沐阳,好极了\n";
        let Read::Bands(read) = read_workbook(text.as_bytes(), "语文", &pupils, &scheme, None).unwrap() else {
            panic!()
        };
        let cures: Vec<&str> = read.faults.iter().map(|(_, _, note)| note.cure.as_str()).collect();
        assert!(cures[0].contains("同名") && cures[1].contains("不在这个班") && cures[2].contains("认不出"));
    }

    #[test]
    fn figures_wait_for_lines_and_turn_into_bands() {
        let (scheme, pupils) = (Scheme::seed().unwrap(), pupils());
        let text = "学号,姓名,数学,语文\n1,李沐阳,3,85\n2,王伟,4,84.5\n3,王伟,5,缺考\n";
        let read = |lines| read_workbook(text.as_bytes(), "语文", &pupils, &scheme, lines).unwrap();
        assert!(matches!(read(None), Read::Figures));
        let Read::Bands(read) = read(Lines::drawn("85", "70", "60").ok()) else { panic!() };
        let words: Vec<&str> = read.rows.iter().map(|row| row.band.word(&scheme)).collect();
        assert_eq!(words, ["优秀", "良好"]);
        assert_eq!(read.faults.len(), 1);
        assert!(Lines::drawn("60", "70", "85").is_err() && Lines::drawn("85", "七十", "60").is_err());
    }
}
