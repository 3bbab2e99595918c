//! The file store: bytes under their own SHA-256, in a folder. What is there is
//! never changed; the same bytes are kept once.

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A folder of files named by what is in them: `ab/cdef…`.
#[derive(Clone)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Files { folder: folder.into() }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, sha256: &str) -> io::Result<PathBuf> {
        let digits = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if !digits {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a SHA-256"));
        }
        Ok(self.folder.join(&sha256[..2]).join(&sha256[2..]))
    }

    /// The SHA-256 of every file kept.
    pub fn list(&self) -> io::Result<Vec<String>> {
        let mut all = Vec::new();
        for shelf in names_in(&self.folder)? {
            for rest in names_in(&self.folder.join(&shelf))? {
                let sha256 = format!("{shelf}{rest}");
                // What is half written has another kind of name.
                if self.path(&sha256).is_ok() {
                    all.push(sha256);
                }
            }
        }
        Ok(all)
    }

    /// Keeps the bytes, on disk before it answers; says their SHA-256 in hex.
    pub fn put(&self, bytes: &[u8]) -> io::Result<String> {
        let sha256 = sha256_hex(bytes);
        let path = self.path(&sha256)?;
        if path.exists() {
            return Ok(sha256);
        }
        let shelf = self.folder.join(&sha256[..2]);
        fs::create_dir_all(&shelf)?;
        let half_written = shelf.join(format!(".{}", uuid::Uuid::now_v7().simple()));
        let written = write_durably(&half_written, bytes)
            .and_then(|()| fs::rename(&half_written, &path))
            .and_then(|()| File::open(&shelf)?.sync_all());
        if let Err(error) = written {
            // Nothing half written stays; the first error is the one to tell.
            drop(fs::remove_file(&half_written));
            return Err(error);
        }
        Ok(sha256)
    }

    /// The bytes of that SHA-256, checked against it.
    ///
    /// # Errors
    /// `NotFound`, or `InvalidData` when the bytes on disk are no longer those.
    pub fn get(&self, sha256: &str) -> io::Result<Vec<u8>> {
        let bytes = fs::read(self.path(sha256)?)?;
        if sha256_hex(&bytes) != sha256 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a kept file was changed on disk"));
        }
        Ok(bytes)
    }
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string());
    }
    names.sort();
    Ok(names)
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_comes_back_and_a_changed_file_is_refused() {
        let folder = std::env::temp_dir().join(format!("files-{}", uuid::Uuid::now_v7()));
        let files = Files::in_folder(&folder);
        let sha256 = files.put("一份档案".as_bytes()).unwrap();
        assert_eq!(files.put("一份档案".as_bytes()).unwrap(), sha256);
        assert_eq!(files.get(&sha256).unwrap(), "一份档案".as_bytes());
        assert_eq!(files.list().unwrap(), std::slice::from_ref(&sha256));

        fs::write(folder.join(&sha256[..2]).join(&sha256[2..]), "改过").unwrap();
        assert_eq!(files.get(&sha256).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(files.get("../../etc/passwd").is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
