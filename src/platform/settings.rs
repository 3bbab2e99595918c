//! Settings by name: the environment first, then `qinghe.toml` beside it, then
//! the default.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// A setting the program has: its name, what holds without it, what it is for.
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub meaning: &'static str,
}

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("设置文件 {} 读不了：{error}", .path.display())]
    Unreadable { path: PathBuf, error: String },
    #[error("设置文件里的“{0}”不是本程序的设置。用 qinghe serve --help 看有哪些设置。")]
    Unknown(String),
}

/// What is set, for the settings in one list.
#[derive(Clone, Debug)]
pub struct Settings {
    known: HashMap<&'static str, String>,
}

impl Settings {
    /// Reads `file` if it is there, and the environment over it. A name in the
    /// file that no setting has is an error, so that a slip of the pen is seen.
    pub fn read(list: &'static [Setting], file: &Path) -> Result<Self, SettingsError> {
        let unreadable = |error: String| SettingsError::Unreadable { path: file.to_owned(), error };
        let mut known: HashMap<_, _> = list.iter().map(|s| (s.name, s.default.to_owned())).collect();
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let table: toml::Table = text.parse().map_err(|e: toml::de::Error| unreadable(e.to_string()))?;
                for (name, value) in table {
                    let setting = list.iter().find(|s| s.name == name).ok_or(SettingsError::Unknown(name))?;
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    known.insert(setting.name, text);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(error.to_string())),
        }
        for setting in list {
            if let Ok(value) = std::env::var(setting.name) {
                known.insert(setting.name, value);
            }
        }
        Ok(Settings { known })
    }

    /// The value; an empty text is no value.
    pub fn get(&self, name: &'static str) -> Option<&str> {
        self.known.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Sets a value for this run, as a command's own option does.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        self.known.insert(name, value.into());
    }
}
