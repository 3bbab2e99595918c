//! What any program of this kind needs and that knows nothing of schools:
//! databases, pages, a clock, keys, files, workbooks, typesetting, settings.

pub mod clock;
mod cms;
pub mod code;
pub mod db;
mod der;
pub mod files;
pub mod keys;
pub mod pades;
pub mod page;
pub mod pdf_join;
mod pdf_pack;
pub mod picture;
pub mod qr;
pub mod settings;
pub mod signing;
mod template_fault;
pub mod text;
pub mod trust;
pub mod typeset;
pub mod workbook;
