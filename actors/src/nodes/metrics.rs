//! What a node's turns took, in sum.

use crate::processes;
use serde::{Deserialize, Serialize};

/// What a node's turns took, in sum. Attempts that brought no answer count nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// How many were answered.
    pub turns: u32,
    /// Tokens that went in.
    pub tokens_in: u64,
    /// Tokens that came out.
    pub tokens_out: u64,
    /// US dollars, of those whose price is known; `None`: of none.
    pub cost_usd: Option<f64>,
    /// How long the answering attempts took, in milliseconds.
    pub duration_ms: u64,
}

impl Metrics {
    /// The same with another turn.
    pub(super) fn and(self, turn: processes::Metrics) -> Self {
        let cost_usd = match (self.cost_usd, turn.cost_usd) {
            (Some(before), Some(more)) => Some(before + more),
            (before, more) => before.or(more),
        };
        Self {
            turns: self.turns + 1,
            tokens_in: self.tokens_in + turn.tokens_in,
            tokens_out: self.tokens_out + turn.tokens_out,
            cost_usd,
            duration_ms: self.duration_ms + turn.duration_ms,
        }
    }
}
