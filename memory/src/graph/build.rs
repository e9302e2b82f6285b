//! Linking the next row (algorithm 1).

use super::Graph;
use super::layers::{BREADTH_OF_BUILDING, GROUND_LINKS, LINKS, layer_of};
use super::neighbours::pick;
use super::search::at;
use crate::vectors::{Matrix, Near};

impl Graph {
    /// Links the matrix's next row, if there is one.
    pub(crate) fn link_next(&mut self, matrix: &Matrix) -> bool {
        if self.len() >= matrix.len() {
            return false;
        }
        let row = u32::try_from(self.len()).expect("rows are small numbers");
        let layer = layer_of(row);
        self.make_room(row, layer);
        if let Some((entry, top)) = self.entry {
            self.link(matrix, row, layer, entry, top);
        }
        if self.entry.is_none_or(|(_, top)| layer > top) {
            self.entry = Some((row, layer));
        }
        true
    }

    fn make_room(&mut self, row: u32, layer: usize) {
        self.ground.resize(self.ground.len() + GROUND_LINKS, 0);
        self.taken.push(0);
        if layer > 0 {
            self.upper.insert(row, vec![Vec::new(); layer]);
        }
    }

    fn link(&mut self, matrix: &Matrix, row: u32, layer: usize, entry: u32, top: usize) {
        let values = matrix.row(row);
        let mut nearest = at(matrix, values, entry);
        for above in (layer + 1..=top).rev() {
            nearest = self.descend(matrix, values, nearest, above);
        }
        let mut from = vec![nearest];
        for layer in (0..=layer.min(top)).rev() {
            let found =
                self.walk(matrix, values, &from, BREADTH_OF_BUILDING, layer, |other| other != row);
            let links = pick(matrix, &found, LINKS);
            self.relink(row, layer, &links);
            for neighbour in links {
                self.link_back(matrix, neighbour, row, layer);
            }
            from = found;
        }
    }

    /// A link goes both ways; who has too many then keeps the best.
    fn link_back(&mut self, matrix: &Matrix, from: u32, to: u32, layer: usize) {
        let mut links = self.links(from, layer).to_vec();
        links.push(to);
        if links.len() > Self::room(layer) {
            let values = matrix.row(from);
            let mut candidates: Vec<Near> =
                links.iter().map(|row| at(matrix, values, *row)).collect();
            candidates.sort_unstable();
            links = pick(matrix, &candidates, Self::room(layer));
        }
        self.relink(from, layer, &links);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::neighbours::row_of;
    use crate::vectors::Top;

    /// Numbers between 0 and 1 that look like chance.
    fn chance(seed: &mut u64) -> f32 {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f32::from(u16::try_from(*seed >> 48).unwrap()) / 65_536.0
    }

    fn matrix(rows: u32, dimension: usize) -> Matrix {
        let mut seed = 7;
        let mut matrix = Matrix::new(dimension);
        for row in 0..rows {
            let values: Vec<f32> = (0..dimension).map(|_| chance(&mut seed)).collect();
            matrix.push(row, values.into_iter());
        }
        matrix
    }

    #[test]
    fn nearly_all_of_the_nearest_are_found() {
        let matrix = matrix(3_000, 16);
        let mut graph = Graph::default();
        while graph.link_next(&matrix) {}
        let (mut seed, mut hits) = (99, 0);
        for _ in 0..100 {
            let query: Vec<f32> = (0..16).map(|_| chance(&mut seed)).collect();
            let mut top = Top::of(10);
            matrix.scan(&query, 0, None, &mut top);
            let found = graph.candidates(&matrix, &query, 64, |_| true);
            let found = &found[..10];
            hits += top.into_sorted().iter().filter(|near| found.contains(near)).count();
        }
        assert!(hits >= 970, "{hits} of 1000");
    }

    #[test]
    fn only_accepted_rows_are_found_and_the_walk_goes_through_the_others() {
        let matrix = matrix(2_000, 8);
        let mut graph = Graph::default();
        while graph.link_next(&matrix) {}
        let found = graph.candidates(&matrix, &[0.5; 8], 200, |row: u32| row.is_multiple_of(5));
        assert!(
            found.len() >= 20 && found.iter().all(|near| row_of(near).is_multiple_of(5)),
            "{found:?}"
        );
    }

    #[test]
    fn no_row_has_more_links_than_it_may_nor_a_link_with_itself() {
        let matrix = matrix(1_000, 4);
        let mut graph = Graph::default();
        while graph.link_next(&matrix) {}
        for row in 0..1_000 {
            let links = graph.links(row, 0);
            assert!(!links.is_empty() && links.len() <= GROUND_LINKS && !links.contains(&row));
        }
    }
}
