//! What is held in memory of the rows: loaded in one pass, then changed as they are.

use super::Options;
use crate::catalogue::Catalogue;
use crate::database::spaces::Space;
use crate::database::vectors::floats_of;
use crate::database::{Database, items, vectors};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::item::Item;
use crate::vectors::Matrix;

/// What a committed change did to the rows.
#[derive(Debug)]
pub(super) enum Change {
    /// An item came, with a number greater than all others.
    Came(i64, Item),
    /// An item went, with its vectors.
    Went(i64),
    /// An item got a vector in a space, in place of the one that it may have had.
    Got { item: i64, space: i64, vector: Vec<u8> },
}

/// The rows in memory.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) catalogue: Catalogue,
    /// The vectors that are searched; none without a model, or if there are too many for memory.
    pub(super) matrix: Option<Matrix>,
    /// Over the first rows of the matrix.
    pub(super) graph: Graph,
    space: i64,
    most_rows: usize,
}

impl Held {
    /// Loads what is there. Refuses vectors that cannot be what was stored.
    pub(super) fn load(
        database: &mut Database,
        serving: Option<&Space>,
        options: Options,
    ) -> Result<Self> {
        let mut catalogue = Catalogue::default();
        database.read(|connection| {
            items::each(connection, |numbered| catalogue.push(numbered.number, &numbered.item))
        })?;
        let mut held = Self {
            catalogue,
            matrix: None,
            graph: Graph::default(),
            space: serving.map_or(0, |space| space.number),
            most_rows: serving.map_or(0, |space| most_rows(space, options)),
        };
        if let Some(space) = serving {
            held.load_vectors(database, space)?;
        }
        Ok(held)
    }

    fn load_vectors(&mut self, database: &mut Database, space: &Space) -> Result<()> {
        let count = database.read(|connection| vectors::count(connection, space.number))?;
        if count > self.most_rows as u64 {
            return Ok(());
        }
        let (mut matrix, mut bad) = (Matrix::new(space.pinned.dimension), None);
        database.read(|connection| {
            vectors::each(connection, space.number, |item, bytes| {
                match self.catalogue.slot(item) {
                    Some(slot) if is_vector(bytes, space.pinned.dimension) => {
                        matrix.push(slot, floats_of(bytes));
                    }
                    _ => bad = Some(item),
                }
                Ok(())
            })
        })?;
        if let Some(item) = bad {
            let what = format!("the vector of item number {item} is not what was stored");
            return Err(Error::Damaged { path: database.path().to_owned(), what });
        }
        self.matrix = Some(matrix);
        Ok(())
    }

    /// Does to memory what was committed. False: it is to be loaded anew.
    pub(super) fn follow(&mut self, changes: &[Change]) -> bool {
        for change in changes {
            match change {
                Change::Came(number, item) => self.catalogue.push(*number, item),
                Change::Went(number) => self.forget(*number),
                Change::Got { item, space, vector } if *space == self.space => {
                    self.get(*item, vector);
                }
                Change::Got { .. } => {}
            }
        }
        let has_room = self.matrix.as_ref().is_none_or(|matrix| matrix.len() <= self.most_rows);
        has_room && !self.catalogue.is_stale()
    }

    fn forget(&mut self, number: i64) {
        let slot = self.catalogue.remove(number);
        if let (Some(slot), Some(matrix)) = (slot, &mut self.matrix) {
            matrix.remove(slot);
        }
    }

    fn get(&mut self, item: i64, vector: &[u8]) {
        if let (Some(slot), Some(matrix)) = (self.catalogue.slot(item), &mut self.matrix) {
            matrix.remove(slot);
            matrix.push(slot, floats_of(vector));
        }
    }
}

/// Whether these bytes are a vector: as long as it should be, and every number finite.
fn is_vector(bytes: &[u8], dimension: usize) -> bool {
    bytes.len() == dimension * 4 && floats_of(bytes).all(f32::is_finite)
}

fn most_rows(space: &Space, options: Options) -> usize {
    let bytes = space.pinned.dimension as u64 * 4;
    usize::try_from(options.memory_bytes / bytes).unwrap_or(usize::MAX)
}
