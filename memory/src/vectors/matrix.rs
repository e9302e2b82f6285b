//! The rows of one space, in pieces: growing never moves what is there.

use super::{Near, Top, squared};
use crate::catalogue::Bits;

/// How many rows a piece holds.
const PIECE: usize = 1_024;

/// A row without an item.
const NOBODY: u32 = u32::MAX;

/// Vectors of the same length; each row belongs to a slot of the catalogue.
#[derive(Debug)]
pub(crate) struct Matrix {
    dimension: usize,
    pieces: Vec<Vec<f32>>,
    /// The slot of each row.
    slots: Vec<u32>,
    /// The row of each slot.
    rows: Vec<u32>,
}

impl Matrix {
    /// Without rows yet.
    pub(crate) fn new(dimension: usize) -> Self {
        Self { dimension, pieces: Vec::new(), slots: Vec::new(), rows: Vec::new() }
    }

    /// The vector of a slot that has none yet.
    pub(crate) fn push(&mut self, slot: u32, values: impl Iterator<Item = f32>) {
        if self.slots.len().is_multiple_of(PIECE) {
            self.pieces.push(Vec::with_capacity(PIECE * self.dimension));
        }
        self.pieces.last_mut().expect("it was just made").extend(values);
        if self.rows.len() <= slot as usize {
            self.rows.resize(slot as usize + 1, NOBODY);
        }
        self.rows[slot as usize] =
            u32::try_from(self.slots.len()).expect("memory ends before rows do");
        self.slots.push(slot);
    }

    /// Forgets the vector of a slot. Its row stays, for a graph may lead through it.
    pub(crate) fn remove(&mut self, slot: u32) {
        let row = self.rows.get(slot as usize).copied().filter(|row| *row != NOBODY);
        if let Some(row) = row {
            self.slots[row as usize] = NOBODY;
            self.rows[slot as usize] = NOBODY;
        }
    }

    /// How many rows there are, those without an item among them.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// A row's numbers.
    pub(crate) fn row(&self, row: u32) -> &[f32] {
        let (piece, place) = (row as usize / PIECE, row as usize % PIECE * self.dimension);
        &self.pieces[piece][place..place + self.dimension]
    }

    /// The slot that a row belongs to, if it still does and the slot is allowed.
    pub(crate) fn slot_if(&self, row: u32, allowed: Option<&Bits>) -> Option<u32> {
        let slot = self.slots[row as usize];
        let is_allowed = slot != NOBODY && allowed.is_none_or(|bits| bits.contains(slot as usize));
        is_allowed.then_some(slot)
    }

    /// Looks at every allowed row from `from` on.
    pub(crate) fn scan(&self, query: &[f32], from: usize, allowed: Option<&Bits>, top: &mut Top) {
        let first_piece = from / PIECE;
        for (index, piece) in self.pieces.iter().enumerate().skip(first_piece) {
            let start = index * PIECE;
            let slots = self.slots[start..].iter();
            for (place, (values, slot)) in piece.chunks_exact(self.dimension).zip(slots).enumerate()
            {
                let is_wanted = *slot != NOBODY
                    && start + place >= from
                    && allowed.is_none_or(|bits| bits.contains(*slot as usize));
                if is_wanted {
                    top.offer(Near { squared: squared(query, values), who: i64::from(*slot) });
                }
            }
        }
    }
}
