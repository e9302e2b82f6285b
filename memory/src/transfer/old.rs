//! Taking over the memory of a KI `AutoAgent` workspace: its folder `.ki_autoagent_ws`.
//!
//! Its index and its rows were written one after the other, without a transaction, and each start of it began a new
//! index over the old file while its rows stayed. So several rows may claim one vector: the newest wrote it, and
//! the others have lost theirs. They are taken over without one, to be embedded again.

use super::checkpoints::{self, OldThread};
use super::import::{BATCH, Imported};
use super::old_rows::{self, OldRow};
use crate::error::{Error, Result};
use crate::store::{Entry, Store};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// What was taken over, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OldImport {
    /// Items, and vectors that no row claims.
    pub imported: Imported,
    /// Items without a vector: theirs was overwritten, or never written. They wait to be embedded.
    pub without_vector: u64,
    /// The workflows whose checkpoints lie there. They are named, not taken over: what they hold are Python's objects
    /// of a LangGraph program, which mean nothing to a memory.
    pub threads: Vec<OldThread>,
}

impl Store {
    /// Takes over all items of an old workspace. `model` is what embedded them (the original always used
    /// `text-embedding-3-small`). The old folder is only read. May be repeated.
    ///
    /// # Errors
    /// `Foreign` if there is no memory in the folder, or it cannot be read. An index that is damaged can be moved away:
    /// the items are taken over without their vectors then.
    pub fn import_old(&mut self, folder: &Path, model: &str) -> Result<OldImport> {
        let memory = folder.join("memory");
        let (index, rows) = (memory.join("vectors.faiss"), memory.join("metadata.db"));
        if !rows.exists() {
            let what = "there is no memory/metadata.db in it".to_owned();
            return Err(Error::Foreign { path: folder.to_owned(), what });
        }
        let threads = checkpoints::threads(folder)?;
        let rows = old_rows::read(&rows)?;
        let newest = rows.iter().enumerate().map(|(place, row)| (row.vector_id, place));
        let newest: HashMap<i64, usize> = newest.collect();
        let mut rows: Vec<Option<OldRow>> = rows.into_iter().map(Some).collect();
        let mut imported = Imported::default();
        if index.exists() {
            imported = self.import_faiss_with(&index, model, |vector_id| {
                let place = i64::try_from(vector_id).ok().and_then(|id| newest.get(&id));
                Ok(place.and_then(|place| rows[*place].take()).map(|row| row.item))
            })?;
        }
        let bare: Vec<Entry> = rows.into_iter().flatten().map(|row| row.item.into()).collect();
        for batch in bare.chunks(BATCH) {
            imported.count(&self.store_all(batch)?);
        }
        Ok(OldImport { imported, without_vector: bare.len() as u64, threads })
    }
}
