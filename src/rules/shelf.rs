//! [`Shelf`]: the rules in force. They are not pinned with anything: whoever asks gets the newest that were right.

use super::error::Error;
use super::reading::{Rules, read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The rules in force. Clones share them.
#[derive(Clone)]
pub struct Shelf(Arc<RwLock<Kept>>);

struct Kept {
    rules: Arc<Rules>,
    house: Arc<[PathBuf]>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

impl Shelf {
    /// These; `house` are files and folders by which the house itself is governed: nobody changes them with a tool.
    pub fn new(rules: Rules, house: Vec<PathBuf>) -> Self {
        let kept = Kept { rules: Arc::new(rules), house: real(house) };
        Self(Arc::new(RwLock::new(kept)))
    }

    /// What of the house lies in a folder, from that on. Empty: all of the folder does.
    pub fn house_in(&self, folder: &str) -> Vec<String> {
        let house = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).house);
        let folder = Path::new(folder);
        let below = house.iter().filter_map(|path| {
            if folder.starts_with(path) {
                Some(Path::new(""))
            } else {
                path.strip_prefix(folder).ok()
            }
        });
        below.filter_map(|path| path.to_str().map(ToOwned::to_owned)).collect()
    }

    /// The newest.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner).rules)
    }

    /// From now on these hold.
    pub fn replace(&self, rules: Rules) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).rules = Arc::new(rules);
    }

    /// From now on this is the house's.
    pub fn keep(&self, house: Vec<PathBuf>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).house = real(house);
    }
}

/// The paths without links in them: workspaces have none either.
fn real(house: Vec<PathBuf>) -> Arc<[PathBuf]> {
    let real = |path: PathBuf| match (path.canonicalize(), path.parent(), path.file_name()) {
        (Ok(real), _, _) => real,
        // What is not there yet may not come to be there either.
        (_, Some(above), Some(name)) => {
            above.canonicalize().map_or(path.clone(), |above| above.join(name))
        }
        _ => path,
    };
    house.into_iter().map(real).collect()
}

/// The rules in a file; where there is none, those that ship with the program.
///
/// # Errors
/// If it is there, and makes no sense.
pub fn read_file(path: &Path) -> Result<Rules, Error> {
    match std::fs::read_to_string(path) {
        Ok(text) => read(&text, path),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Rules::shipped()),
        Err(error) => Err(Error::Unreadable { path: path.to_owned(), why: error.to_string() }),
    }
}
