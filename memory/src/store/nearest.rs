//! The nearest vectors: by a scan of memory, through the index, or from the file.

use super::held::Held;
use super::{How, Options, Store};
use crate::catalogue::Bits;
use crate::database::vectors::{self, floats_of};
use crate::error::Result;
use crate::vectors::{Near, Top, squared};

/// Below this share of allowed rows (one in so many) a scan of them is as quick as a walk around them, and exact.
const SELECTIVE: usize = 5;

impl Store {
    /// The numbers of the nearest items, with the squares of their distances.
    pub(super) fn nearest(
        &mut self,
        query: &[f32],
        k: usize,
        allowed: Option<&Bits>,
    ) -> Result<(Vec<Near>, How)> {
        let options = self.options;
        let held = self.hold()?;
        if held.matrix.is_none() {
            return Ok((self.nearest_from_disk(query, k, allowed)?, How::ExactFromDisk));
        }
        let (found, how) = held.nearest(query, k, allowed, options);
        let numbered = |near: Near| Near { who: held.catalogue.number(slot_of(&near)), ..near };
        Ok((found.into_iter().map(numbered).collect(), how))
    }

    fn nearest_from_disk(
        &mut self,
        query: &[f32],
        k: usize,
        allowed: Option<&Bits>,
    ) -> Result<Vec<Near>> {
        let (Some(space), Some(held)) = (&self.serving, &self.held) else { return Ok(Vec::new()) };
        let (mut top, mut values) = (Top::of(k), vec![0.0; query.len()]);
        let is_allowed = |item| {
            let slot = held.catalogue.slot(item);
            slot.is_some_and(|slot| allowed.is_none_or(|bits| bits.contains(slot as usize)))
        };
        self.database.read(|connection| {
            vectors::each(connection, space.number, |item, bytes| {
                if is_allowed(item) {
                    values
                        .iter_mut()
                        .zip(floats_of(bytes))
                        .for_each(|(place, value)| *place = value);
                    top.offer(Near { squared: squared(query, &values), who: item });
                }
                Ok(())
            })
        })?;
        Ok(top.into_sorted())
    }
}

impl Held {
    /// The slots of the nearest.
    fn nearest(
        &mut self,
        query: &[f32],
        k: usize,
        allowed: Option<&Bits>,
        options: Options,
    ) -> (Vec<Near>, How) {
        let Some(matrix) = &self.matrix else { return (Vec::new(), How::Not) };
        let indexed = self.graph.len();
        let count = allowed.map_or(matrix.len(), Bits::count);
        let mut top = Top::of(k);
        if indexed == 0 || count < matrix.len() / SELECTIVE || k > options.breadth {
            matrix.scan(query, 0, allowed, &mut top);
            return (top.into_sorted(), How::Exact);
        }
        // The rarer the allowed ones are, the more has to be walked through to meet as many.
        let breadth = options.breadth * matrix.len() / count.max(1);
        let is_accepted = |row| matrix.slot_if(row, allowed).is_some();
        let found = self.graph.candidates(matrix, query, breadth, is_accepted);
        if found.len() < k.min(count) {
            matrix.scan(query, 0, allowed, &mut top);
            return (top.into_sorted(), How::Exact);
        }
        for near in found {
            let slot = matrix.slot_if(slot_of(&near), allowed);
            if let Some(slot) = slot {
                top.offer(Near { who: i64::from(slot), ..near });
            }
        }
        matrix.scan(query, indexed, allowed, &mut top);
        (top.into_sorted(), How::Index)
    }
}

/// In memory, who is near is a row or a slot.
fn slot_of(near: &Near) -> u32 {
    u32::try_from(near.who).expect("slots are small numbers")
}
