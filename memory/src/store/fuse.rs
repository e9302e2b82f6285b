//! Joining two rankings into one: reciprocal rank fusion.
//!
//! Cormack, Clarke and Büttcher, *Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
//! Methods* (SIGIR 2009): an item's score is the sum of 1 / (k + rank) over the lists, with their k of 60. It
//! needs no common measure: distances and BM25 have none.

use super::Ranks;
use std::collections::BTreeMap;

/// The constant of the paper.
const K: f64 = 60.0;

/// An item's number in the joined ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fused {
    pub(super) number: i64,
    pub(super) ranks: Ranks,
    pub(super) score: f64,
}

/// The items of both lists, the best first. Where scores are equal the nearer by vector is first, then the older.
pub(super) fn fuse(by_vector: &[i64], by_words: &[i64]) -> Vec<Fused> {
    let mut all: BTreeMap<i64, Ranks> = BTreeMap::new();
    for (index, number) in by_vector.iter().enumerate() {
        all.entry(*number).or_default().vector = Some(index + 1);
    }
    for (index, number) in by_words.iter().enumerate() {
        all.entry(*number).or_default().keywords = Some(index + 1);
    }
    let joined =
        all.into_iter().map(|(number, ranks)| Fused { number, ranks, score: score(ranks) });
    let mut joined: Vec<_> = joined.collect();
    let nearness = |fused: &Fused| fused.ranks.vector.unwrap_or(usize::MAX);
    joined.sort_by(|a, b| b.score.total_cmp(&a.score).then(nearness(a).cmp(&nearness(b))));
    joined
}

#[expect(clippy::cast_precision_loss, reason = "ranks are small")]
fn score(ranks: Ranks) -> f64 {
    let part = |rank: Option<usize>| rank.map_or(0.0, |rank| 1.0 / (K + rank as f64));
    part(ranks.vector) + part(ranks.keywords)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_lists_have_comes_before_what_one_has() {
        let joined = fuse(&[1, 2, 3], &[4, 3]);
        let order: Vec<_> = joined.iter().map(|fused| fused.number).collect();
        assert_eq!(order, [3, 1, 4, 2]);
        assert!((joined[0].score - (1.0 / 63.0 + 1.0 / 62.0)).abs() < 1e-12);
        assert_eq!(joined[0].ranks, Ranks { vector: Some(3), keywords: Some(2) });
    }

    #[test]
    fn one_list_alone_keeps_its_order() {
        let order =
            |joined: Vec<Fused>| joined.iter().map(|fused| fused.number).collect::<Vec<_>>();
        assert_eq!(order(fuse(&[9, 5, 7], &[])), [9, 5, 7]);
        assert_eq!(order(fuse(&[], &[9, 5, 7])), [9, 5, 7]);
    }
}
