//! The graph: who is linked with whom, on which layer.

use super::visited::Visited;
use std::collections::HashMap;

/// How many links a row has on an upper layer (M).
pub(super) const LINKS: usize = 16;

/// How many on the ground, where all rows are (twice M, as the paper advises).
pub(super) const GROUND_LINKS: usize = 2 * LINKS;

/// How many candidates are looked at while a row is linked (`efConstruction`).
pub(super) const BREADTH_OF_BUILDING: usize = 120;

/// No more layers than this: 16^12 rows would be needed to fill them.
const MOST_LAYERS: usize = 12;

/// Links between the first rows of a matrix.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// For each row, `GROUND_LINKS` places.
    pub(super) ground: Vec<u32>,
    /// How many of them are taken.
    pub(super) taken: Vec<u8>,
    /// For the few rows that are on upper layers: their links on layer 1, 2, ….
    pub(super) upper: HashMap<u32, Vec<Vec<u32>>>,
    /// Where every search begins, and its layer.
    pub(super) entry: Option<(u32, usize)>,
    pub(super) visited: Visited,
}

impl Graph {
    /// How many rows are linked: the first of the matrix.
    pub(crate) fn len(&self) -> usize {
        self.taken.len()
    }

    /// The neighbours of a row on a layer.
    pub(super) fn links(&self, row: u32, layer: usize) -> &[u32] {
        if layer == 0 {
            let start = row as usize * GROUND_LINKS;
            return &self.ground[start..start + self.taken[row as usize] as usize];
        }
        self.upper.get(&row).and_then(|layers| layers.get(layer - 1)).map_or(&[], Vec::as_slice)
    }

    /// Gives a row other neighbours on a layer.
    pub(super) fn relink(&mut self, row: u32, layer: usize, links: &[u32]) {
        if layer == 0 {
            let start = row as usize * GROUND_LINKS;
            self.ground[start..start + links.len()].copy_from_slice(links);
            self.taken[row as usize] = u8::try_from(links.len()).expect("there are few places");
        } else if let Some(place) =
            self.upper.get_mut(&row).and_then(|layers| layers.get_mut(layer - 1))
        {
            place.clear();
            place.extend_from_slice(links);
        }
    }

    /// How many neighbours a row may have on a layer.
    pub(super) fn room(layer: usize) -> usize {
        if layer == 0 { GROUND_LINKS } else { LINKS }
    }
}

/// The highest layer of a row: each holds a sixteenth of the one below. The dice are the row's number,
/// thoroughly mixed (splitmix64), so that the same rows give the same graph.
pub(super) fn layer_of(row: u32) -> usize {
    let mut mixed =
        u64::from(row).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    (mixed.trailing_zeros() as usize / LINKS.trailing_zeros() as usize).min(MOST_LAYERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layer_holds_about_a_sixteenth_of_the_one_below() {
        let on = |layer| (0..100_000).filter(|row| layer_of(*row) >= layer).count();
        assert!((5_500..7_000).contains(&on(1)), "{}", on(1));
        assert!((300..500).contains(&on(2)), "{}", on(2));
    }
}
