//! The same portfolios made by others, in the same run: benches/beside.

use crate::line;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// Each with how many times as long as Qinghe it takes at least.
const TOOLS: [(&str, f64); 3] = [("wkhtmltopdf", 2.0), ("WeasyPrint", 20.0), ("Chromium", 12.0)];

#[derive(Deserialize)]
struct Told {
    files: usize,
    own: Pdfs,
    /// `None`: not on this machine.
    tools: BTreeMap<String, Option<Tool>>,
}

#[derive(Deserialize)]
struct Tool {
    /// CPU seconds a file, those of the start and the first file.
    cpu: f64,
    first: f64,
    /// Of all its processes, at most.
    mib: u64,
    #[serde(flatten)]
    made: Pdfs,
}

/// A file, in the mean.
#[derive(Deserialize)]
struct Pdfs {
    pages: f64,
    kb: u64,
    characters: u64,
}

impl Pdfs {
    fn told(&self) -> String {
        format!("{} 页，{} 个汉字，{} KB", self.pages, self.characters, self.kb)
    }
}

/// `sealed`, each with our own PDF; `each`: our CPU seconds a file.
pub(crate) fn beside(each: f64, sealed: &[(Vec<u8>, Vec<u8>)]) {
    let folder = std::env::temp_dir().join(format!("qinghe-beside-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    for (n, (sealed, pdf)) in sealed.iter().enumerate() {
        std::fs::write(folder.join(format!("{n:03}.json")), sealed).unwrap();
        std::fs::write(folder.join(format!("{n:03}.pdf")), pdf).unwrap();
    }
    let told = measured(&folder);
    std::fs::remove_dir_all(&folder).unwrap();
    let told = match told {
        Ok(told) => told,
        Err(why) => return println!("　没有同别的工具比：{why}"),
    };
    println!("　同样内容的 {} 份，青禾：{}，另有标签、PDF/A、附件和签名", told.files, told.own.told());
    for (name, times) in TOOLS {
        let Some(Some(tool)) = told.tools.get(name) else {
            println!("　没有同 {name} 比：这台机器上没有");
            continue;
        };
        line(
            &format!("　{name} CPU"),
            format!("{each:.3} s"),
            format!("{:.3} s", tool.cpu),
            format!("{:.1}", tool.cpu / each),
            &format!("≥ {times}"),
        );
        println!("　　{}，启动和首份 {:.1} s，最多 {} MiB", tool.made.told(), tool.first, tool.mib);
    }
}

fn measured(folder: &Path) -> Result<Told, String> {
    let measure = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/beside/measure");
    let said = Command::new(measure).arg(folder).stdin(Stdio::null()).output().map_err(|e| e.to_string())?;
    if !said.status.success() {
        let words = String::from_utf8_lossy(&said.stderr);
        return Err(words.lines().last().unwrap_or("benches/beside/measure").to_owned());
    }
    serde_json::from_slice(&said.stdout).map_err(|e| e.to_string())
}
