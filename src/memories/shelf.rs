//! [`Memories`]: all that are at work, by folder.

use super::Memory;
use std::collections::HashMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How many stay open that nobody uses: each holds what filters know of it, and its vectors.
const MOST_IDLE: usize = 32;

/// All memories at work. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Memories(Arc<Mutex<HashMap<PathBuf, Arc<Memory>>>>);

impl Memories {
    /// The memory of a folder: whoever asks gets the same one.
    pub fn of(&self, folder: &Path) -> Arc<Memory> {
        // The same folder by another name is the same memory, or the second would find it in use.
        let folder = plain(folder);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() > MOST_IDLE {
            open.retain(|path, memory| *path == folder || Arc::strong_count(memory) > 1);
        }
        Arc::clone(open.entry(folder).or_insert_with_key(|folder| Arc::new(Memory::of(folder))))
    }
}

/// The path without links; whatever is wrong with it is told by whoever opens it.
fn plain(folder: &Path) -> PathBuf {
    // One that is not there yet has no such path.
    let _ = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_memory::{Item, Metadata, Query};

    fn item(id: &str, text: &str) -> Item {
        let (id, text) = (id.to_owned(), text.to_owned());
        Item { id, kind: String::new(), text, metadata: Metadata::new(), created_at: 1 }
    }

    #[test]
    fn a_folder_has_one_memory_whoever_asks_and_by_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let memories = Memories::default();
        let place = folder.path().join("m");
        std::fs::create_dir(&place).unwrap();
        let (one, other) = (memories.of(&place), memories.clone().of(&place.join("../m")));
        one.items(|store| store.store(&item("a", "the harbour at night"), None)).unwrap();
        let found = other.items(|store| store.search(&Query::text("harbour"))).unwrap();
        assert_eq!(found.hits[0].item.id, "a");
    }

    #[test]
    fn one_that_panicked_harms_nobody_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memories::default().of(folder.path());
        memory.items(|store| store.store(&item("a", "kept"), None)).unwrap();
        let once =
            |_: &mut callboard_memory::Store| -> callboard_memory::Result<()> { panic!("once") };
        let panicked = std::panic::catch_unwind(|| memory.items(once));
        assert!(panicked.is_err());
        assert!(memory.items(|store| store.get("a")).unwrap().is_some());
    }

    #[test]
    fn those_that_nobody_uses_are_closed_when_there_are_many() {
        let folder = tempfile::tempdir().unwrap();
        let memories = Memories::default();
        let held = memories.of(&folder.path().join("held"));
        for number in 0..=MOST_IDLE {
            memories.of(&folder.path().join(number.to_string()));
        }
        memories.of(&folder.path().join("last"));
        let open = memories.0.lock().unwrap();
        assert!(open.len() < MOST_IDLE, "{} are open", open.len());
        assert!(open.contains_key(held.folder()), "whoever is held stays");
    }
}
