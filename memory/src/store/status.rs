//! What a store holds, and whether it agrees.

use super::Store;
use crate::database::{items, vectors, verify};
use crate::error::Result;
use crate::model::Pinned;
use serde::{Deserialize, Serialize};

/// Numbers about a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// How many items there are.
    pub items: u64,
    /// The model whose vectors are searched.
    pub serving: Option<Pinned>,
    /// How many items have one.
    pub vectors: u64,
    /// The model that is to serve next.
    pub growing: Option<Pinned>,
    /// How many items have a vector of it already.
    pub grown: u64,
    /// How many items the model that is being filled would not embed.
    pub refused: u64,
    /// How many vectors are in memory.
    pub held: usize,
    /// How many of them are linked into the index.
    pub indexed: usize,
}

impl Store {
    /// What it holds.
    pub fn status(&mut self) -> Result<Status> {
        let space = |space: &Option<crate::database::spaces::Space>| {
            space.as_ref().map(|space| space.number)
        };
        let (serving, growing) = (space(&self.serving), space(&self.growing));
        let filled = growing.or(serving);
        let (items, vectors, grown, refused) = self.database.read(|connection| {
            let count =
                |space: Option<i64>| space.map_or(Ok(0), |space| vectors::count(connection, space));
            let refused = filled.map_or(Ok(0), |space| vectors::refused(connection, space))?;
            Ok((items::count(connection)?, count(serving)?, count(growing)?, refused))
        })?;
        let matrix = self.held.as_ref().and_then(|held| held.matrix.as_ref());
        Ok(Status {
            items,
            serving: self.serving().cloned(),
            vectors,
            growing: self.growing().cloned(),
            grown,
            refused,
            held: matrix.map_or(0, crate::vectors::Matrix::len),
            indexed: self.held.as_ref().map_or(0, |held| held.graph.len()),
        })
    }

    /// Reads everything and says what does not agree: rows among themselves, vectors with their model, words
    /// with texts. Empty if all is well. Takes seconds for each gigabyte.
    pub fn verify(&mut self) -> Result<Vec<String>> {
        let mut problems = self.database.read(verify::problems)?;
        self.held = None;
        if let Err(error) = self.hold() {
            problems.push(error.to_string());
        }
        Ok(problems)
    }
}
