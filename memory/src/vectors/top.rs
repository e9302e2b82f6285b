//! The nearest few of what goes by.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Somebody, and how far away.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Near {
    /// The square of the distance.
    pub(crate) squared: f32,
    /// Who: a row or a number of an item. The lower is the nearer one where distances are equal.
    pub(crate) who: i64,
}

impl Eq for Near {}

impl Ord for Near {
    fn cmp(&self, other: &Self) -> Ordering {
        self.squared.total_cmp(&other.squared).then(self.who.cmp(&other.who))
    }
}

impl PartialOrd for Near {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Keeps the nearest `k`.
#[derive(Debug)]
pub(crate) struct Top {
    k: usize,
    kept: BinaryHeap<Near>,
}

impl Top {
    /// Room for `k`.
    pub(crate) fn of(k: usize) -> Self {
        Self { k, kept: BinaryHeap::new() }
    }

    /// Looks at one more.
    pub(crate) fn offer(&mut self, near: Near) {
        if self.kept.len() < self.k {
            self.kept.push(near);
        } else if let Some(mut furthest) = self.kept.peek_mut()
            && near < *furthest
        {
            *furthest = near;
        }
    }

    /// Those that were kept, the nearest first.
    pub(crate) fn into_sorted(self) -> Vec<Near> {
        self.kept.into_sorted_vec()
    }
}
