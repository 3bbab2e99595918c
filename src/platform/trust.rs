//! Public keys of others that are believed here: one file for each issuer beside our
//! own keys (`trusted-….jwks`). They came by hand, with their fingerprints compared;
//! nothing is ever fetched, and what is believed once is believed for ever, until
//! someone removes the file.

use super::keys::KeyError;
use super::signing::PinnedKeys;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Every key of others in the folder.
pub fn trusted_in(folder: &Path) -> Result<PinnedKeys, KeyError> {
    let failed = |error| KeyError::Folder { folder: folder.to_owned(), error };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(PinnedKeys::default()),
        Err(error) => return Err(failed(error)),
    };
    let mut trusted = PinnedKeys::default();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "jwks") {
            let bytes = fs::read(&path).map_err(failed)?;
            trusted.add(PinnedKeys::from_jwks(&bytes).map_err(|_| KeyError::Unreadable(path))?);
        }
    }
    Ok(trusted)
}

/// Believes these keys from now on, beside those believed already. Each must name its
/// issuer; the others are passed over.
pub fn trust(folder: &Path, keys: &PinnedKeys) -> Result<(), KeyError> {
    let failed = |error| KeyError::Folder { folder: folder.to_owned(), error };
    let mut by_issuer: BTreeMap<&str, PinnedKeys> = BTreeMap::new();
    for issuer in keys.iter().filter_map(|key| key.issuer()) {
        by_issuer.entry(issuer).or_insert_with(|| keys.of(issuer));
    }
    fs::create_dir_all(folder).map_err(failed)?;
    for (issuer, fresh) in by_issuer {
        let name: String = issuer.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let path = folder.join(format!("trusted-{name}.jwks"));
        let mut all = match fs::read(&path) {
            Ok(bytes) => PinnedKeys::from_jwks(&bytes).map_err(|_| KeyError::Unreadable(path.clone()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => PinnedKeys::default(),
            Err(error) => return Err(failed(error)),
        };
        all.add(fresh);
        let beside = path.with_extension("part");
        let text = serde_json::to_vec_pretty(&all.to_jwks()).map_err(|e| failed(e.into()))?;
        fs::write(&beside, text).and_then(|()| fs::File::open(&beside)?.sync_all()).map_err(failed)?;
        fs::rename(&beside, &path).map_err(failed)?;
    }
    Ok(())
}
