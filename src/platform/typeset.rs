//! Typesetting with Typst, in process: a template and one JSON value in, an
//! archival, accessible PDF out (PDF/A-3a, ISO 19005-3; PDF/UA-1, ISO 14289-1).
//! Strings reach a page as data only; nothing is ever pasted into markup.

use super::template_fault;
use rust_embed::RustEmbed;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{DiagSpanKind, FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

#[derive(RustEmbed)]
#[folder = "templates/typst/"]
struct Templates;

/// The faces without which Chinese cannot be printed, with what to install.
const NEEDED_FACES: [&str; 2] = ["Noto Serif CJK SC", "Noto Sans CJK SC"];

/// Font files in the system's folders worth opening; a folder the
/// administrator names is taken whole.
const CHINESE_FONT_FILES: [&str; 6] = ["cjk", "wenkai", "sourcehan", "hanamin", "babelstone", "plangothic"];

#[derive(Debug, thiserror::Error)]
pub enum PressError {
    #[error("缺少中文字体“{0}”，不能打印。在 Debian 上请安装：apt-get install fonts-noto-cjk fonts-lxgw-wenkai")]
    NoFace(&'static str),
    #[error("打印模板目录 {} 读不了：{error}", .folder.display())]
    Templates { folder: PathBuf, error: std::io::Error },
    #[error("打印模板 {name}：{error}")]
    Template { name: String, error: String },
}

/// Why a document could not be printed.
#[derive(Debug, thiserror::Error)]
pub enum Misprint {
    #[error("没有字体能印出“{}”。请管理员安装含这些字的字体（放进 QINGHE_FONTS 指定的目录）后再印。", .0.iter().collect::<String>())]
    NoGlyph(Vec<char>),
    #[error("打印模板不能用：{0}。请改好 QINGHE_TEMPLATES 里的这份模板，或者先拿开它，重启以后再试。")]
    Template(String),
    #[error("{0}")]
    Broken(String),
}

/// A printed document.
pub struct Printed {
    pub pdf: Vec<u8>,
    pub pages: usize,
}

/// Opened when first needed: a server whose fonts are missing still serves, and says
/// what to install when something is to be printed.
pub struct PressRoom {
    fonts_folder: Option<PathBuf>,
    templates_folder: Option<PathBuf>,
    press: OnceLock<Result<Press, String>>,
}

impl PressRoom {
    pub fn new(fonts_folder: Option<PathBuf>, templates_folder: Option<PathBuf>) -> Self {
        PressRoom { fonts_folder, templates_folder, press: OnceLock::new() }
    }

    /// # Errors
    /// The sentence of a [`PressError`].
    pub fn press(&self) -> Result<&Press, &str> {
        let open = || Press::open(self.fonts_folder.as_deref(), self.templates_folder.as_deref());
        self.press.get_or_init(|| open().map_err(|e| e.to_string())).as_ref().map_err(String::as_str)
    }
}

/// A place in a font file, read when first needed.
struct Face {
    path: PathBuf,
    index: u32,
    font: OnceLock<Option<Font>>,
}

/// Fonts and templates, ready to print from any thread.
pub struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    faces: Vec<Face>,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
    options: PdfOptions,
    /// Whether the county has put templates of its own before the built-in ones.
    adapted: bool,
}

fn file_id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|e| format!("{e:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn font_files(folder: &Path, wanted: &dyn Fn(&str) -> bool, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            font_files(&path, wanted, found);
            continue;
        }
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        let is_font = [".ttf", ".otf", ".ttc", ".otc"].iter().any(|ending| name.ends_with(ending));
        if is_font && wanted(&name) {
            found.push(path);
        }
    }
}

impl Press {
    /// Opens fonts (the administrator's folder first, then the system's) and the
    /// templates, those in `templates_folder` before the built-in ones.
    pub fn open(fonts_folder: Option<&Path>, templates_folder: Option<&Path>) -> Result<Self, PressError> {
        let mut paths = Vec::new();
        if let Some(folder) = fonts_folder {
            font_files(folder, &|_| true, &mut paths);
        }
        let chinese = |name: &str| CHINESE_FONT_FILES.iter().any(|part| name.contains(part));
        for folder in ["/usr/share/fonts", "/usr/local/share/fonts"] {
            font_files(Path::new(folder), &chinese, &mut paths);
        }
        paths.sort();
        let (mut book, mut faces) = (FontBook::new(), Vec::new());
        for path in paths {
            let Ok(bytes) = std::fs::read(&path) else { continue };
            for (index, font) in Font::iter(Bytes::new(bytes)).enumerate() {
                book.push(font.info().clone());
                faces.push(Face { path: path.clone(), index: index as u32, font: OnceLock::new() });
            }
        }
        for face in NEEDED_FACES {
            if !book.contains_family(&face.to_lowercase()) {
                return Err(PressError::NoFace(face));
            }
        }
        let mut press = Press {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(book),
            faces,
            sources: HashMap::new(),
            files: HashMap::new(),
            options: PdfOptions {
                standards: PdfStandards::new(&[PdfStandard::A_3a, PdfStandard::Ua_1])
                    .map_err(|e| PressError::Template { name: "PDF/A-3a".into(), error: format!("{e:?}") })?,
                creator: Smart::Custom(Some("Qinghe".to_owned())),
                ..PdfOptions::default()
            },
            adapted: templates_folder.is_some(),
        };
        for name in Templates::iter() {
            if let Some(file) = Templates::get(&name) {
                press.add_template(&name, file.data.into_owned())?;
            }
        }
        if let Some(folder) = templates_folder {
            press.add_folder(folder)?;
        }
        Ok(press)
    }

    fn add_folder(&mut self, folder: &Path) -> Result<(), PressError> {
        let failed = |error| PressError::Templates { folder: folder.to_owned(), error };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_file() {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                self.add_template(&name, std::fs::read(&path).map_err(failed)?)?;
            }
        }
        Ok(())
    }

    fn add_template(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), PressError> {
        let wrong = |error| PressError::Template { name: name.to_owned(), error };
        let id = file_id(name).map_err(wrong)?;
        if name.ends_with(".typ") {
            let text = String::from_utf8(bytes).map_err(|e| wrong(e.to_string()))?;
            self.sources.insert(id, Source::new(id, text));
        } else {
            self.files.insert(id, Bytes::new(bytes));
        }
        Ok(())
    }

    fn font(&self, index: usize) -> Option<Font> {
        let face = self.faces.get(index)?;
        let load = || {
            // The faces of one collection share the bytes already read.
            let shared = self
                .faces
                .iter()
                .filter(|other| other.path == face.path)
                .find_map(|other| other.font.get().cloned().flatten());
            match shared {
                Some(font) => Font::new(font.data().clone(), face.index),
                None => Font::new(Bytes::new(std::fs::read(&face.path).ok()?), face.index),
            }
        };
        face.font.get_or_init(load).clone()
    }

    /// A county's own templates are tried before a run of many is started with them.
    pub fn is_adapted(&self) -> bool {
        self.adapted
    }

    /// The characters of `text` that no font at hand can print.
    pub fn uncovered(&self, text: &str) -> Vec<char> {
        let covered = |c: char| {
            (0..self.faces.len()).filter_map(|index| self.book.info(index)).any(|info| info.coverage.contains(c as u32))
        };
        // Each once: a font's coverage is a long list, and a file says most of its characters often.
        let said: BTreeSet<char> = text.chars().filter(|c| !c.is_control()).collect();
        said.into_iter().filter(|c| !covered(*c)).collect()
    }

    /// Prints `template` (a file name) from `data`, a JSON value that it reads as
    /// `/data.json`. The same input gives the same bytes.
    pub fn print(&self, template: &str, data: Vec<u8>) -> Result<Printed, Misprint> {
        self.print_with(template, data, Vec::new())
    }

    /// As [`print`](Self::print), with pictures that this document alone reads, by their
    /// file names. A name is kept as long as the process runs, so names are few and come
    /// again in every document.
    pub fn print_with(
        &self,
        template: &str,
        data: Vec<u8>,
        pictures: Vec<(String, Vec<u8>)>,
    ) -> Result<Printed, Misprint> {
        let main = file_id(template).map_err(Misprint::Broken)?;
        let mut files = HashMap::with_capacity(1 + pictures.len());
        for (name, bytes) in pictures.into_iter().chain([("data.json".to_owned(), data)]) {
            files.insert(file_id(&name).map_err(Misprint::Broken)?, Bytes::new(bytes));
        }
        let sheet = Sheet { press: self, main, files };
        let document = typst::compile::<PagedDocument>(&sheet).output.map_err(|e| self.misprint(&e))?;
        let pdf = typst_pdf::pdf(&document, &self.options).map_err(|e| self.misprint(&e));
        // Without this the cache keeps every document printed so far.
        comemo::evict(0);
        Ok(Printed { pdf: pdf?, pages: document.pages().len() })
    }

    fn misprint(&self, errors: &[SourceDiagnostic]) -> Misprint {
        let missing: Vec<char> = errors
            .iter()
            .filter(|error| error.message.contains("could not be displayed"))
            .filter_map(|error| error.message.split('`').nth(1).or_else(|| error.message.split('"').nth(1)))
            .flat_map(str::chars)
            .collect();
        if !missing.is_empty() {
            return Misprint::NoGlyph(missing);
        }
        let told = |error: &SourceDiagnostic| template_fault::told(&error.message, self.place(error));
        Misprint::Template(errors.iter().map(told).collect::<Vec<_>>().join("；"))
    }

    /// In which template and line an error stands.
    fn place(&self, error: &SourceDiagnostic) -> Option<(String, usize)> {
        let DiagSpanKind::Number { id, num, sub_range } = error.span.get() else { return None };
        let source = self.sources.get(&id)?;
        let line = source.lines().byte_to_line(source.range(num, sub_range)?.start)?;
        Some((id.vpath().get_without_slash().to_owned(), line + 1))
    }
}

/// One document under print.
struct Sheet<'p> {
    press: &'p Press,
    main: FileId,
    /// What this document alone reads.
    files: HashMap<FileId, Bytes>,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.press.sources.get(&id).cloned().ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).or_else(|| self.press.files.get(&id)).cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None // the only time printed is the seal's
    }
}
