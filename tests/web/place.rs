//! An installation as its administrator meets it: the built program, in a shell.
use crate::support::{School, empty_database, scratch};
use qinghe::platform::db::Address;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Where its things are.
pub struct Place {
    pub database: Address,
    pub files: PathBuf,
    pub keys: PathBuf,
}

impl Place {
    /// A school's county, with a file store of its own.
    pub fn of(school: &School) -> Self {
        Place { database: school.address.clone(), keys: scratch().join("keys"), ..Place::empty() }
    }

    /// Nothing is there yet.
    pub fn empty() -> Self {
        let folder = scratch().join(uuid::Uuid::now_v7().to_string());
        std::fs::create_dir_all(&folder).unwrap();
        Place { database: empty_database(), files: folder.join("files"), keys: folder.join("keys") }
    }

    /// The built program, with these words, about to run here.
    pub fn program(&self, words: &[&str]) -> Command {
        let database = match &self.database {
            Address::Sqlite(path) => format!("sqlite:{}", path.display()),
            Address::Postgres(url) => url.clone(),
        };
        let mut program = Command::new(env!("CARGO_BIN_EXE_qinghe"));
        program
            .args(words)
            .current_dir(scratch())
            .env("QINGHE_DATABASE", database)
            .env("QINGHE_FILES", &self.files)
            .env("QINGHE_KEYS", &self.keys)
            .env("QINGHE_LOG", "quiet")
            .stdin(Stdio::null());
        program
    }

    /// Runs it to its end: its exit code, what it printed, what it complained of.
    pub fn run(&self, words: &[&str]) -> (i32, String, String) {
        let done = self.program(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }
}
