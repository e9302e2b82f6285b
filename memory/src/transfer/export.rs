//! Writing vectors as a FAISS index, and their items as lines beside it.

use crate::database::{durable_file, items, vectors};
use crate::error::{Error, Result};
use crate::faiss;
use crate::item::Item;
use crate::model::Pinned;
use crate::store::Store;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// How many rows are read at a time.
const BATCH: i64 = 500;

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exported {
    /// The model of the vectors.
    pub model: Pinned,
    /// How many vectors.
    pub vectors: u64,
    /// How many items have none, and are therefore not among them.
    pub left_out: u64,
    /// The items: JSON lines, line n for vector n, each with the model's name.
    pub items: PathBuf,
}

/// A line beside an index: the vector with its number belongs to this item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) vector_id: u64,
    pub(super) model: String,
    #[serde(flatten)]
    pub(super) item: Item,
}

/// Where the items of an index lie.
pub(super) fn items_beside(index: &Path) -> PathBuf {
    index.with_added_extension("items.jsonl")
}

impl Store {
    /// Writes the vectors that are searched as an `IndexFlatL2` that FAISS reads, and their items beside it
    /// (`<path>.items.jsonl`). Each file is there whole or not at all; the items come first.
    ///
    /// # Errors
    /// `Vector` if the store has no model, `Io`.
    pub fn export_faiss(&mut self, path: &Path) -> Result<Exported> {
        let Some(model) = self.serving().cloned() else {
            return Err(Error::Vector("the store has no model, so it holds no vectors".to_owned()));
        };
        let space = self.serving_space();
        let (count, all) = self.database.read(|connection| {
            Ok((vectors::count(connection, space)?, items::count(connection)?))
        })?;
        let beside = items_beside(path);
        durable(self, &beside, |store, to| store.write_items(to, space, &model.model))?;
        durable(self, path, |store, to| {
            faiss::begin(to, model.dimension, count)?;
            store.write_rows(to, space)
        })?;
        Ok(Exported { model, vectors: count, left_out: all - count, items: beside })
    }

    fn write_items(&mut self, to: &mut dyn Write, space: i64, model: &str) -> std::io::Result<()> {
        let mut vector_id = 0;
        self.each_batch(space, |store, batch| {
            for (number, _) in batch {
                let found = store.database.read(|connection| items::by_number(connection, *number));
                let Some(numbered) = found.map_err(std::io::Error::other)? else { continue };
                let line = Line { vector_id, model: model.to_owned(), item: numbered.item };
                serde_json::to_writer(&mut *to, &line)?;
                to.write_all(b"\n")?;
                vector_id += 1;
            }
            Ok(())
        })
    }

    fn write_rows(&mut self, to: &mut dyn Write, space: i64) -> std::io::Result<()> {
        self.each_batch(space, |_, batch| {
            batch.iter().try_for_each(|(_, bytes)| faiss::row(to, bytes))
        })
    }

    fn each_batch(
        &mut self,
        space: i64,
        mut take: impl FnMut(&mut Self, &[(i64, Vec<u8>)]) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let mut behind = 0;
        loop {
            let batch =
                self.database.read(|connection| vectors::behind(connection, space, behind, BATCH));
            let batch = batch.map_err(std::io::Error::other)?;
            let Some((last, _)) = batch.last() else { return Ok(()) };
            behind = *last;
            take(self, &batch)?;
        }
    }
}

fn durable(
    store: &mut Store,
    path: &Path,
    write: impl FnOnce(&mut Store, &mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    durable_file(path, |to| write(store, to))
}
