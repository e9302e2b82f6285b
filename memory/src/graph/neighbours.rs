//! Whom to link with: not the nearest alone, but some in every direction.

use crate::vectors::{Matrix, Near, squared};

/// Picks at most `most` of candidates that are sorted by distance (algorithm 4): a candidate that is nearer to one
/// that was picked than to the row itself can be reached through that one. Places that stay free
/// are filled with the nearest of those left out.
pub(super) fn pick(matrix: &Matrix, candidates: &[Near], most: usize) -> Vec<u32> {
    let (mut picked, mut left_out): (Vec<u32>, Vec<u32>) = (Vec::with_capacity(most), Vec::new());
    for candidate in candidates {
        if picked.len() == most {
            return picked;
        }
        let row = row_of(candidate);
        let values = matrix.row(row);
        let is_behind = |other: &u32| squared(values, matrix.row(*other)) < candidate.squared;
        if picked.iter().any(is_behind) { left_out.push(row) } else { picked.push(row) }
    }
    let room = most - picked.len();
    picked.extend(left_out.into_iter().take(room));
    picked
}

/// In a graph, who is near is a row.
pub(super) fn row_of(near: &Near) -> u32 {
    u32::try_from(near.who).expect("rows are small numbers")
}
