//! Files in a folder, each beside its like: `ab/cdef…`.

use super::{is_name, shelf_and_rest};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn at(path: PathBuf) -> Self {
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn place(&self, sha256: &str) -> PathBuf {
        let (shelf, rest) = shelf_and_rest(sha256);
        self.0.join(shelf).join(rest)
    }

    pub fn is_empty(&self) -> io::Result<bool> {
        match fs::read_dir(&self.0) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(error),
        }
    }

    pub fn list(&self) -> io::Result<Vec<String>> {
        let mut all = Vec::new();
        for shelf in names_in(&self.0)? {
            for rest in names_in(&self.0.join(&shelf))? {
                // What is half written has another kind of name.
                all.extend(Some(format!("{shelf}{rest}")).filter(|name| is_name(name)));
            }
        }
        Ok(all)
    }

    pub fn put(&self, sha256: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.place(sha256);
        if path.exists() {
            return Ok(());
        }
        let shelf = self.0.join(shelf_and_rest(sha256).0);
        fs::create_dir_all(&shelf)?;
        let half_written = shelf.join(format!(".{}", uuid::Uuid::now_v7().simple()));
        let written = write_durably(&half_written, bytes)
            .and_then(|()| fs::rename(&half_written, &path))
            .and_then(|()| File::open(&shelf)?.sync_all())
            // A shelf that is new stands in the folder only when the folder is written too.
            .and_then(|()| File::open(&self.0)?.sync_all());
        if let Err(error) = written {
            // Nothing half written stays; the first error is the one to tell.
            drop(fs::remove_file(&half_written));
            return Err(error);
        }
        Ok(())
    }

    pub fn get(&self, sha256: &str) -> io::Result<Vec<u8>> {
        fs::read(self.place(sha256))
    }

    pub fn delete(&self, sha256: &str) -> io::Result<()> {
        let path = self.place(sha256);
        match fs::remove_file(&path) {
            Ok(()) => path.parent().map_or(Ok(()), |shelf| File::open(shelf)?.sync_all()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
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
    use crate::platform::files::Files;
    use std::{fs, io, slice};

    #[test]
    fn what_is_put_comes_back_and_a_changed_file_is_refused() {
        let folder = std::env::temp_dir().join(format!("files-{}", uuid::Uuid::now_v7()));
        let files = Files::in_folder(&folder);
        assert!(files.is_empty().unwrap());
        let sha256 = files.put("一份档案".as_bytes()).unwrap();
        assert_eq!(files.put("一份档案".as_bytes()).unwrap(), sha256);
        assert_eq!(files.get(&sha256).unwrap(), "一份档案".as_bytes());
        assert_eq!(files.list().unwrap(), slice::from_ref(&sha256));
        assert!(!files.is_empty().unwrap());

        fs::write(folder.join(&sha256[..2]).join(&sha256[2..]), "改过").unwrap();
        assert_eq!(files.get(&sha256).unwrap_err().kind(), io::ErrorKind::InvalidData);
        assert!(files.get("../../etc/passwd").is_err() && files.delete("../../etc/passwd").is_err());

        files.delete(&sha256).unwrap();
        files.delete(&sha256).unwrap();
        assert_eq!(files.get(&sha256).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(files.list().unwrap().is_empty());
        fs::remove_dir_all(folder).unwrap();
    }
}
