//! Walking along the links towards a query.

use super::Graph;
use super::neighbours::row_of;
use crate::vectors::{Matrix, Near, squared};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

impl Graph {
    /// Candidates near a query, the nearest first: rows found with this breadth (`ef`), of those that
    /// are accepted. Others are walked through.
    pub(crate) fn candidates(
        &mut self,
        matrix: &Matrix,
        query: &[f32],
        breadth: usize,
        is_accepted: impl Fn(u32) -> bool,
    ) -> Vec<Near> {
        let Some((entry, top)) = self.entry else { return Vec::new() };
        let mut nearest = at(matrix, query, entry);
        for layer in (1..=top).rev() {
            nearest = self.descend(matrix, query, nearest, layer);
        }
        self.walk(matrix, query, &[nearest], breadth, 0, is_accepted)
    }

    /// The row of a layer from which no neighbour is nearer.
    pub(super) fn descend(&self, matrix: &Matrix, query: &[f32], from: Near, layer: usize) -> Near {
        let mut nearest = from;
        loop {
            let links = self.links(row_of(&nearest), layer).iter();
            let Some(next) = links.map(|row| at(matrix, query, *row)).min() else { return nearest };
            if next >= nearest {
                return nearest;
            }
            nearest = next;
        }
    }

    /// Algorithm 2: the nearest accepted rows of a layer, as many as the breadth.
    pub(super) fn walk(
        &mut self,
        matrix: &Matrix,
        query: &[f32],
        from: &[Near],
        breadth: usize,
        layer: usize,
        is_accepted: impl Fn(u32) -> bool,
    ) -> Vec<Near> {
        let mut visited = std::mem::take(&mut self.visited);
        visited.begin(self.len());
        let mut ahead: BinaryHeap<Reverse<Near>> = BinaryHeap::new();
        let mut found = Found { breadth, walked: BinaryHeap::new(), accepted: BinaryHeap::new() };
        for near in from.iter().filter(|near| visited.see(row_of(near))) {
            ahead.push(Reverse(*near));
            found.take(*near, is_accepted(row_of(near)));
        }
        while let Some(Reverse(near)) = ahead.pop() {
            if found.is_beyond(&near) {
                break;
            }
            for row in self.links(row_of(&near), layer) {
                if !visited.see(*row) {
                    continue;
                }
                let next = at(matrix, query, *row);
                if !found.is_beyond(&next) {
                    ahead.push(Reverse(next));
                    found.take(next, is_accepted(*row));
                }
            }
        }
        self.visited = visited;
        found.accepted.into_sorted_vec()
    }
}

/// What a walk has found.
struct Found {
    breadth: usize,
    /// The nearest rows, accepted or not: they say how far to walk.
    walked: BinaryHeap<Near>,
    accepted: BinaryHeap<Near>,
}

impl Found {
    /// Whether a row is further away than everything that is kept, and there is no room.
    fn is_beyond(&self, near: &Near) -> bool {
        self.walked.len() == self.breadth
            && self.walked.peek().is_some_and(|furthest| near > furthest)
    }

    fn take(&mut self, near: Near, is_accepted: bool) {
        keep(&mut self.walked, near, self.breadth);
        if is_accepted {
            keep(&mut self.accepted, near, self.breadth);
        }
    }
}

fn keep(heap: &mut BinaryHeap<Near>, near: Near, most: usize) {
    heap.push(near);
    if heap.len() > most {
        heap.pop();
    }
}

/// A row, and how far it is from the query.
pub(super) fn at(matrix: &Matrix, query: &[f32], row: u32) -> Near {
    Near { squared: squared(query, matrix.row(row)), who: i64::from(row) }
}
