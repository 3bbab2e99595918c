//! What any program of this kind needs and that knows nothing of schools:
//! databases, pages, a clock, keys, files, workbooks, typesetting, settings.

pub mod clock;
pub mod code;
pub mod db;
pub mod files;
pub mod keys;
pub mod page;
pub mod qr;
pub mod settings;
pub mod text;
pub mod typeset;
pub mod workbook;
