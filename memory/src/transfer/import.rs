//! Reading a FAISS index into a store.

use super::export::{Line, items_beside};
use crate::error::{Error, Result};
use crate::faiss::Reader;
use crate::item::{Item, Stored};
use crate::model::{Embedding, Pinned};
use crate::store::{Entry, Store};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

/// How many items are stored in one commit.
pub(super) const BATCH: usize = 500;

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Imported {
    /// Items that are new.
    pub new: u64,
    /// Items that were there already, word for word.
    pub same: u64,
    /// Items that took the place of others, or got a vector.
    pub changed: u64,
    /// Vectors of the index that no item belongs to: nothing can be said about them, so they are left.
    pub vectors_left: u64,
}

impl Imported {
    pub(super) fn count(&mut self, stored: &[Stored]) {
        for one in stored {
            match one {
                Stored::New => self.new += 1,
                Stored::Same => self.same += 1,
                Stored::Changed => self.changed += 1,
            }
        }
    }
}

impl Store {
    /// Takes in what [`Store::export_faiss`] wrote: the index, and the items beside it. A store without a
    /// model is pinned to theirs. Storing is idempotent, so an import that was cut short is made again.
    ///
    /// # Errors
    /// `Foreign` if the files are not what they should be, `Vector` if the store has another model.
    pub fn import_faiss(&mut self, index: &Path) -> Result<Imported> {
        let beside = items_beside(index);
        let refuse = |what: String| Error::Foreign { path: beside.clone(), what };
        let file = File::open(&beside).map_err(|error| refuse(error.to_string()))?;
        let mut lines = BufReader::new(file).lines().enumerate().map(|(at, line)| {
            let line = line.map_err(|error| refuse(error.to_string()))?;
            let read = serde_json::from_str::<Line>(&line);
            read.map_err(|error| refuse(format!("line {}: {error}", at + 1)))
        });
        let Some(first) = lines.next().transpose()? else { return Ok(Imported::default()) };
        let model = first.model.clone();
        let mut lines = std::iter::once(Ok(first)).chain(lines);
        let mut waiting = None;
        self.import_faiss_with(index, &model, |vector_id| {
            let line = match waiting.take() {
                Some(line) => Some(line),
                None => lines.next().transpose()?,
            };
            match line {
                Some(line) if line.vector_id == vector_id => Ok(Some(line.item)),
                later => {
                    waiting = later;
                    Ok(None)
                }
            }
        })
    }

    /// Takes in an index that something else wrote. `item_of` says which item a vector belongs to, by its place in the
    /// index, from 0 on; a vector without one is left.
    ///
    /// # Errors
    /// The same, and whatever `item_of` says.
    pub fn import_faiss_with(
        &mut self,
        index: &Path,
        model: &str,
        mut item_of: impl FnMut(u64) -> Result<Option<Item>>,
    ) -> Result<Imported> {
        let mut reader = Reader::open(index)?;
        self.expect_model(index, &Pinned::new(model, reader.dimension()))?;
        let (mut imported, mut batch) = (Imported::default(), Vec::with_capacity(BATCH));
        for vector_id in 0..reader.count() {
            let values = reader.row()?;
            match item_of(vector_id)? {
                Some(item) => {
                    batch.push(Entry { item, embedding: Some(Embedding::new(model, values)) });
                }
                None => imported.vectors_left += 1,
            }
            if batch.len() == BATCH {
                imported.count(&self.store_all(&batch)?);
                batch.clear();
            }
        }
        imported.count(&self.store_all(&batch)?);
        Ok(imported)
    }

    /// Pins a store that has no model yet; refuses vectors that it could not search.
    pub(super) fn expect_model(&mut self, index: &Path, pinned: &Pinned) -> Result<()> {
        match self.serving() {
            None => self.pin(pinned),
            Some(serving) if serving == pinned => Ok(()),
            Some(serving) => Err(Error::Foreign {
                path: index.to_owned(),
                what: format!(
                    "its vectors are {} of {} numbers, the store is searched by {} of {}",
                    pinned.model, pinned.dimension, serving.model, serving.dimension
                ),
            }),
        }
    }
}
