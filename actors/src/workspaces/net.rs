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
            for made in &entry.change.make {
                folders.entry(made.clone()).or_insert(true);
            }
            for gone in &entry.change.remove {
                folders.entry(gone.clone()).or_insert(false);
            }
        }
    }
    files.retain(|_, (before, after)| before != after);
    let of = |wanted: bool| {
        folders.iter().filter(move |(_, made)| **made == wanted).map(|(path, _)| path.clone())
    };
    // Sorted, an upper folder comes before what is in it.
    let (made, gone) = (of(true).rev().collect(), of(false).collect());
    Net { files, made, gone }
}
