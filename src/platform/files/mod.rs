//! The file store: bytes under their own SHA-256, in a folder or in an object store.
//! What is there is never changed; the same bytes are kept once. Its calls wait for a
//! disk or a network: they belong on a thread that may.

mod bucket;
mod folder;

use bucket::Bucket;
use folder::Folder;
use sha2::{Digest, Sha256};
use std::io;
use std::path::PathBuf;

/// The SHA-256 of some bytes, as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Where files are kept, as the setting says.
#[derive(Clone)]
pub struct Files(Place);

#[derive(Clone)]
enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

/// The setting names no place where files can be kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoPlace(String);

impl Files {
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Files(Place::Folder(Folder::at(folder.into())))
    }

    /// A folder's path, or `s3://bucket/prefix`, for which `variable` says what is set.
    /// Nothing is asked of the network yet.
    ///
    /// # Errors
    /// A sentence that names the setting to mend.
    pub fn at(setting: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, NoPlace> {
        match setting.strip_prefix("s3://") {
            Some(bucket) => Ok(Files(Place::Bucket(Bucket::at(bucket, variable)?))),
            None => Ok(Files::in_folder(setting)),
        }
    }

    /// Whether nothing at all is there, ours or not; a folder that does not exist is empty.
    pub fn is_empty(&self) -> io::Result<bool> {
        match &self.0 {
            Place::Folder(folder) => folder.is_empty(),
            Place::Bucket(bucket) => bucket.is_empty(),
        }
    }

    /// The SHA-256 of every file kept.
    pub fn list(&self) -> io::Result<Vec<String>> {
        match &self.0 {
            Place::Folder(folder) => folder.list(),
            Place::Bucket(bucket) => bucket.list(),
        }
    }

    /// Keeps the bytes, for good before it answers; says their SHA-256 in hex.
    pub fn put(&self, bytes: &[u8]) -> io::Result<String> {
        let sha256 = sha256_hex(bytes);
        match &self.0 {
            Place::Folder(folder) => folder.put(&sha256, bytes)?,
            Place::Bucket(bucket) => bucket.put(&sha256, bytes)?,
        }
        Ok(sha256)
    }

    /// The bytes of that SHA-256, checked against it.
    ///
    /// # Errors
    /// `NotFound`, or `InvalidData` when the bytes kept are no longer those.
    pub fn get(&self, sha256: &str) -> io::Result<Vec<u8>> {
        check_name(sha256)?;
        let bytes = match &self.0 {
            Place::Folder(folder) => folder.get(sha256)?,
            Place::Bucket(bucket) => bucket.get(sha256)?,
        };
        if sha256_hex(&bytes) != sha256 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a kept file was changed where it lies"));
        }
        Ok(bytes)
    }

    /// Takes the bytes away, for good before it answers; none being there is no error,
    /// so that it may be done twice.
    pub fn delete(&self, sha256: &str) -> io::Result<()> {
        check_name(sha256)?;
        match &self.0 {
            Place::Folder(folder) => folder.delete(sha256),
            Place::Bucket(bucket) => bucket.delete(sha256),
        }
    }
}

impl std::fmt::Display for Files {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Place::Folder(folder) => write!(f, "{}", folder.path().display()),
            Place::Bucket(bucket) => write!(f, "{bucket}"),
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn check_name(sha256: &str) -> io::Result<()> {
    if is_name(sha256) { Ok(()) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "not a SHA-256")) }
}

/// `ab/cdef…`: no folder holds too many.
fn shelf_and_rest(sha256: &str) -> (&str, &str) {
    sha256.split_at(2)
}
