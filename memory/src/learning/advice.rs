//! What is advised, with the parts that it was worked out from.

use super::TaskKind;
use crate::database::approaches::ApproachRow;
use crate::database::outcomes::OutcomeRow;
use crate::item::Metadata;
use serde::{Deserialize, Serialize};

const DAY_MS: f64 = 86_400_000.0;

/// An outcome, as advice shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Approach {
    /// Whether it worked.
    pub worked: bool,
    /// What says so.
    pub evidence: Metadata,
    /// Who did it.
    pub agent: String,
    /// When.
    pub at: i64,
    /// For which task.
    pub task: String,
    /// In which workspace, if it was learned for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
}

/// An approach, how it is ranked, and why. The formula stands at the head of [`Learning`](crate::Learning)'s module, and in
/// the architecture's words: similarity × success.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What to do, or, with a low `success`, what not to.
    pub approach: String,
    /// For which sort of task.
    pub kind: TaskKind,
    /// What suggestions are sorted by: `similarity` × `success`.
    pub score: f64,
    /// How like the most similar task is, from 0 to 1.
    pub similarity: f64,
    /// How likely it is to work, from 0 to 1; a half if nothing is known.
    pub success: f64,
    /// How often it worked.
    pub worked: u64,
    /// How often it did not.
    pub failed: u64,
    /// How much of that counts here and now, by similarity and recency: what worked.
    pub weight_worked: f64,
    /// And what did not.
    pub weight_failed: f64,
    /// The last outcome.
    pub last: Approach,
}

/// The outcomes of one approach while they are summed up.
#[derive(Debug)]
pub(super) struct Tally {
    suggestion: Suggestion,
}

impl Tally {
    /// Begins with an outcome, without counting it.
    pub(super) fn of(kind: TaskKind, row: &ApproachRow, first: &OutcomeRow) -> Self {
        let suggestion = Suggestion {
            approach: row.approach.clone(),
            kind,
            score: 0.0,
            similarity: 0.0,
            success: 0.5,
            worked: 0,
            failed: 0,
            weight_worked: 0.0,
            weight_failed: 0.0,
            last: shown(row, first),
        };
        Self { suggestion }
    }

    /// Counts an outcome of a task that is so similar.
    pub(super) fn count(
        &mut self,
        row: &ApproachRow,
        outcome: &OutcomeRow,
        similarity: f64,
        recency: f64,
    ) {
        let sums = &mut self.suggestion;
        if outcome.worked {
            sums.worked += 1;
            sums.weight_worked += similarity * recency;
        } else {
            sums.failed += 1;
            sums.weight_failed += similarity * recency;
        }
        sums.similarity = sums.similarity.max(similarity);
        if outcome.at > sums.last.at {
            sums.last = shown(row, outcome);
        }
    }

    /// What it comes to.
    pub(super) fn finish(self) -> Suggestion {
        let mut sums = self.suggestion;
        sums.success = (sums.weight_worked + 1.0) / (sums.weight_worked + sums.weight_failed + 2.0);
        sums.score = sums.similarity * sums.success;
        sums
    }
}

fn shown(row: &ApproachRow, outcome: &OutcomeRow) -> Approach {
    Approach {
        worked: outcome.worked,
        evidence: serde_json::from_str(&outcome.evidence).unwrap_or_default(),
        agent: outcome.agent.clone(),
        at: outcome.at,
        task: row.task.clone(),
        workspace: row.workspace.clone(),
    }
}

/// How much an outcome of this age counts: half after each half-life. What is dated in the future counts whole.
#[expect(clippy::cast_precision_loss, reason = "a millisecond more or less is nothing here")]
pub(super) fn recency(now: i64, at: i64, half_life_days: f64) -> f64 {
    let days = now.saturating_sub(at).max(0) as f64 / DAY_MS;
    0.5_f64.powf(days / half_life_days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_counts_half_after_each_half_life() {
        let day = 86_400_000;
        assert!((recency(90 * day, 0, 90.0) - 0.5).abs() < 1e-12);
        assert!((recency(180 * day, 0, 90.0) - 0.25).abs() < 1e-12);
        assert!((recency(0, 5 * day, 90.0) - 1.0).abs() < 1e-12);
    }
}
