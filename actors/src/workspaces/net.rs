//! [`net`]: what several changes come to together, file by file: what they have to be taken back to.

use super::command::FileState;
use super::state::Entry;
use std::collections::BTreeMap;

/// What changes come to together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Net {
    /// By path: what was there before the first of them, and after the last.
    pub files: BTreeMap<String, (Option<FileState>, Option<FileState>)>,
    /// Folders that were made, and are to go.
    pub made: Vec<String>,
    /// Folders that went, and are to be made.
    pub gone: Vec<String>,
}

impl Net {
    /// Whether all that it has to change is among these files.
    pub(super) fn is_all_in(&self, files: &BTreeMap<String, String>) -> bool {
        !files.is_empty() && self.files.keys().all(|path| files.contains_key(path))
    }
}

/// What these changes come to, in the order in which they happened.
pub fn net<'a>(entries: impl Iterator<Item = &'a Entry>) -> Net {
    let (mut files, mut folders) = (BTreeMap::new(), BTreeMap::new());
    for entry in entries {
        for touch in entry.done() {
            let first = || (touch.before.clone(), None);
            let file: &mut (Option<FileState>, Option<FileState>) =
                files.entry(touch.path.clone()).or_insert_with(first);
            file.1.clone_from(&touch.after);
        }
        if entry.is_done() {
            let made = entry.change.make.iter().map(|folder| (folder, true));
            let gone = entry.change.remove.iter().map(|folder| (folder, false));
            for (folder, is_there) in made.chain(gone) {
                let first = || (!is_there, is_there);
                folders.entry(folder.clone()).or_insert_with(first).1 = is_there;
            }
        }
    }
    files.retain(|_, (before, after)| before != after);
    // What was made and went again comes to nothing.
    let of = |is_there: bool| {
        let came = folders.iter().filter(move |(_, came)| **came == (!is_there, is_there));
        came.map(|(path, _)| path.clone())
    };
    // Sorted, an upper folder comes before what is in it.
    let (made, gone) = (of(true).rev().collect(), of(false).collect());
    Net { files, made, gone }
}
