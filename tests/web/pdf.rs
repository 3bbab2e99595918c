//! Printed files, looked at with tools that are not ours: poppler, qpdf, veraPDF.
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

fn scratch(ending: &str) -> PathBuf {
    crate::support::scratch().join(format!("{}{ending}", uuid::Uuid::now_v7()))
}

fn run(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> String {
    let shown = program.as_ref().to_string_lossy().into_owned();
    let output = Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{shown} is not there: {e}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown} {args:?}: {text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

/// One veraPDF for all tests of a run: a virtual machine takes longer to start than to check.
struct VeraPdf {
    _child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl VeraPdf {
    fn start() -> Self {
        let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verapdf/check");
        let mut child = Command::new(checker).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (asks, says) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        // It ends with its input, which is when this process does.
        VeraPdf { _child: child, asks, says }
    }

    fn check(&mut self, flavour: &str, file: &str) -> String {
        writeln!(self.asks, "{flavour} {file}").unwrap();
        let mut verdict = String::new();
        loop {
            let before = verdict.len();
            assert!(self.says.read_line(&mut verdict).unwrap() > 0, "veraPDF stopped: {verdict}");
            if &verdict[before..] == "end\n" {
                verdict.truncate(before);
                return verdict;
            }
        }
    }
}

/// veraPDF's verdict: `PASS …`, or `FAIL …` and the clauses that are not kept.
pub fn verapdf(flavour: &str, file: &str) -> String {
    static VERAPDF: LazyLock<Mutex<VeraPdf>> = LazyLock::new(|| Mutex::new(VeraPdf::start()));
    // A test that failed while it held the lock has said so itself.
    VERAPDF.lock().unwrap_or_else(PoisonError::into_inner).check(flavour, file)
}

/// The text that a reader gets out of it, without blanks.
pub fn text(pdf: &[u8]) -> String {
    let path = scratch(".pdf");
    std::fs::write(&path, pdf).unwrap();
    let text = run("pdftotext", &["-layout", path.to_str().unwrap(), "-"]).split_whitespace().collect();
    std::fs::remove_file(path).unwrap();
    text
}

/// What `pdfinfo` tells of it: page count, page size, title.
pub fn info(pdf: &[u8]) -> String {
    let path = scratch(".pdf");
    std::fs::write(&path, pdf).unwrap();
    let info = run("pdfinfo", &[path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    info
}

/// Asserts what every print of ours keeps: PDF/A-3a and PDF/UA-1 by veraPDF, a sound
/// file by qpdf, all fonts embedded, tagged, titled with the pupil's name, and these
/// words in the text that a reader gets out of it.
pub fn check(pdf: &[u8], name: &str, words: &[&str]) {
    let path = scratch(".pdf");
    std::fs::write(&path, pdf).unwrap();
    let file = path.to_str().unwrap();
    run("qpdf", &["--check", file]);
    let info = run("pdfinfo", &[file]);
    assert!(info.contains("Tagged:          yes"), "{info}");
    assert!(info.lines().any(|line| line.starts_with("Title:") && line.contains(name)), "{info}");
    assert!(info.contains("A4"), "{info}");
    for line in run("pdffonts", &[file]).lines().skip(2) {
        let embedded = line.split_whitespace().rev().nth(4);
        assert_eq!(embedded, Some("yes"), "a font is not embedded: {line}");
    }
    let text = text(pdf);
    for word in words {
        let word: String = word.split_whitespace().collect();
        assert!(text.contains(&word), "{word} is not in the print: {text}");
    }
    for banned in ["排名", "总分", "得分", "平均分", "名次"] {
        assert!(!text.replace("没有名次", "").contains(banned), "the print says {banned}");
    }
    for flavour in ["3a", "ua1"] {
        let verdict = verapdf(flavour, file);
        assert!(verdict.starts_with("PASS"), "{verdict}");
    }
    std::fs::remove_file(path).unwrap();
}

/// How many pictures its pages show.
pub fn images(pdf: &[u8]) -> usize {
    let path = scratch(".pdf");
    std::fs::write(&path, pdf).unwrap();
    let list = run("pdfimages", &["-list", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    list.lines().skip(2).count()
}

/// Every object in it, as text: what a reader that speaks is told stands there as well.
pub fn objects(pdf: &[u8]) -> String {
    let path = scratch(".pdf");
    std::fs::write(&path, pdf).unwrap();
    let told = run("qpdf", &["--json=2", "--json-key=qpdf", path.to_str().unwrap()]);
    std::fs::remove_file(path).unwrap();
    told
}

/// The bytes of a file attached to a PDF.
pub fn attachment(pdf: &[u8], name: &str) -> Vec<u8> {
    let (path, out) = (scratch(".pdf"), scratch(".attached"));
    std::fs::write(&path, pdf).unwrap();
    let list = run("pdfdetach", &["-list", path.to_str().unwrap()]);
    let line =
        list.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name} is not attached: {list}"));
    let number = line.split(':').next().unwrap().trim().to_owned();
    run("pdfdetach", &["-save", &number, "-o", out.to_str().unwrap(), path.to_str().unwrap()]);
    let bytes = std::fs::read(&out).unwrap();
    std::fs::remove_file(path).unwrap();
    std::fs::remove_file(out).unwrap();
    bytes
}
