//! 学科学期学业等级: one band per pupil in a subject. Bands arrive as bands; a workbook
//! of marks is turned into bands in memory, by lines the teacher draws, and no mark
//! is kept anywhere (article 13).

mod lines;
mod reading;

pub use lines::Lines;
pub(in crate::evaluation) use reading::band_of;
pub use reading::{BandsRead, NoBands, Read, ReadRow, read_workbook};
