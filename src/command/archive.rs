//! The backup archive: a zip with every table as lines of JSON, every kept file,
//! and a manifest that names each entry with its length and SHA-256.
//!
//! Rows, not the engine's own file: one way of writing and one of reading for both
//! engines, no `pg_dump` needed beside the program, and a school that began on the
//! embedded database moves to PostgreSQL by a backup and a restore. The price is
//! that a restore writes every row anew. All rows are read in one transaction, so
//! the archive shows one moment while others go on writing; a file is kept before
//! the row that names it, so files gathered after that moment are enough.

use super::Failed;
use crate::platform::db::carry::Table;
use crate::platform::files::sha256_hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::mem::ManuallyDrop;
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Entries: `rows/<table>.jsonl`, `files/<sha256>`, [`KEYS`], [`MANIFEST`].
pub const KEYS: &str = "keys.age";
const MANIFEST: &str = "manifest.json";
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// The program that wrote it.
    pub program: String,
    pub county: String,
    /// China Standard Time.
    pub taken_at: String,
    /// The migrations that made the tables, in order.
    pub migrations: Vec<String>,
    /// The keys the rows are sealed with, by name.
    pub keys: Vec<String>,
    /// In the order in which they can be put back.
    pub tables: Vec<Rows>,
    pub entries: BTreeMap<String, Entry>,
}

impl Manifest {
    pub fn has_keys(&self) -> bool {
        self.entries.contains_key(KEYS)
    }
}

#[derive(Serialize, Deserialize)]
pub struct Rows {
    #[serde(flatten)]
    pub table: Table,
    pub rows: u64,
}

impl Rows {
    pub fn entry(&self) -> String {
        rows_entry(&self.table)
    }
}

pub fn rows_entry(table: &Table) -> String {
    format!("rows/{}.jsonl", table.name)
}

pub fn file_entry(sha256: &str) -> String {
    format!("files/{sha256}")
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    bytes: u64,
    sha256: String,
}

/// Passes bytes on and measures them.
struct Measured<W> {
    inner: W,
    bytes: u64,
    hash: Sha256,
}

impl<W> Measured<W> {
    fn of(inner: W) -> Self {
        Measured { inner, bytes: 0, hash: Sha256::new() }
    }

    fn entry(self) -> Entry {
        Entry { bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) }
    }
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.bytes += n as u64;
        self.hash.update(&bytes[..n]);
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// An archive being written. One that fails is thrown away: dropped, the writer
/// would still try to finish it, and complain once more of the same full disk.
pub struct Packer {
    zip: ManuallyDrop<ZipWriter<BufWriter<File>>>,
    entries: BTreeMap<String, Entry>,
}

impl Packer {
    pub fn into_file(file: File) -> Self {
        Packer { zip: ManuallyDrop::new(ZipWriter::new(BufWriter::new(file))), entries: BTreeMap::new() }
    }

    fn begin(&mut self, name: &str) -> io::Result<()> {
        // What is kept as a file (PDF) and what is encrypted does not get smaller.
        let method = if name.ends_with("jsonl") { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default().compression_method(method).large_file(true).unix_permissions(0o600);
        Ok(self.zip.start_file(name, options)?)
    }

    /// Adds an entry that `write` fills.
    pub fn add<T, E: From<io::Error>>(
        &mut self,
        name: String,
        write: impl FnOnce(&mut dyn Write) -> Result<T, E>,
    ) -> Result<T, E> {
        self.begin(&name)?;
        let mut measured = Measured::of(&mut *self.zip);
        let done = write(&mut measured)?;
        let entry = measured.entry();
        self.entries.insert(name, entry);
        Ok(done)
    }

    /// Adds the manifest, and answers when all is on disk.
    pub fn close(mut self, mut manifest: Manifest) -> io::Result<()> {
        manifest.format = FORMAT;
        manifest.entries = std::mem::take(&mut self.entries);
        self.begin(MANIFEST)?;
        serde_json::to_writer_pretty(&mut *self.zip, &manifest)?;
        let file = ManuallyDrop::into_inner(self.zip).finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()
    }
}

/// An archive that has been read through once and found whole.
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    pub manifest: Manifest,
}

impl Archive {
    /// # Errors
    /// A sentence, when it is no archive of ours, or an entry is missing, too many,
    /// cut or changed.
    pub fn open_whole(path: &Path) -> Result<Self, Failed> {
        let shown = path.display();
        let file = File::open(path).map_err(|e| Failed::because(format!("{shown} 打不开：{e}")))?;
        let no_archive =
            || Failed::because(format!("{shown} 不是青禾的备份，或者没有传完整。什么也没有动，请换一份备份。"));
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|_| no_archive())?;
        let manifest: Manifest = {
            let entry = zip.by_name(MANIFEST).map_err(|_| no_archive())?;
            let text = io::read_to_string(entry).map_err(|_| no_archive())?;
            serde_json::from_str(&text).map_err(|_| no_archive())?
        };
        if manifest.format != FORMAT {
            return Err(Failed::because(format!(
                "{shown} 是更新的程序做的备份。请用那个版本（{}）恢复。",
                manifest.program
            )));
        }
        let changed = |name: &str| {
            Failed::because(format!("{shown} 不完整或被改过（{name}）。什么也没有动，请换一份备份。")).with_code(1)
        };
        let tables = manifest.tables.iter().map(Rows::entry).find(|name| !manifest.entries.contains_key(name));
        if let Some(missing) = tables {
            return Err(changed(&missing));
        }
        if zip.len() != manifest.entries.len() + 1 {
            return Err(changed("条目数"));
        }
        for (name, wanted) in &manifest.entries {
            let mut entry = zip.by_name(name).map_err(|_| changed(name))?;
            let mut measured = Measured::of(io::sink());
            io::copy(&mut entry, &mut measured).map_err(|_| changed(name))?;
            if measured.entry() != *wanted {
                return Err(changed(name));
            }
        }
        Ok(Archive { zip, manifest })
    }

    pub fn reader(&mut self, name: &str) -> io::Result<impl Read> {
        Ok(self.zip.by_name(name)?)
    }

    /// A kept file's bytes, which are what its name says.
    pub fn file(&mut self, sha256: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader(&file_entry(sha256))?.read_to_end(&mut bytes)?;
        if sha256_hex(&bytes) != sha256 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{sha256} 和它的名字对不上")));
        }
        Ok(bytes)
    }

    pub fn files(&self) -> Vec<String> {
        self.manifest.entries.keys().filter_map(|name| Some(name.strip_prefix("files/")?.to_owned())).collect()
    }
}
