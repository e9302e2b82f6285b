//! What a node's turns took, in sum.

use super::purse::Lost;
use crate::processes;
use serde::{Deserialize, Serialize};

/// What a node's turns took, in sum. Attempts that brought no answer count nothing, but as lost.
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
    /// What was sent beside them and brought no answer that anybody knows of.
    #[serde(default, skip_serializing_if = "Lost::is_nothing")]
    pub lost: Lost,
}

impl Metrics {
    /// Whether nothing was taken.
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// The same with another turn.
    pub(super) fn and(self, turn: processes::Metrics) -> Self {
        let processes::Metrics { tokens_in, tokens_out, cost_usd, duration_ms } = turn;
        self.plus(Self {
            turns: 1,
            tokens_in,
            tokens_out,
            cost_usd,
            duration_ms,
            ..Self::default()
        })
    }

    /// The same with what was lost beside it.
    pub(super) fn losing(self, lost: Lost) -> Self {
        Self { lost: self.lost.plus(lost), ..self }
    }

    /// Both together. A price that is not known adds nothing.
    pub fn plus(self, more: Self) -> Self {
        let cost_usd = match (self.cost_usd, more.cost_usd) {
            (Some(before), Some(more)) => Some(before + more),
            (before, more) => before.or(more),
        };
        Self {
            turns: self.turns + more.turns,
            tokens_in: self.tokens_in + more.tokens_in,
            tokens_out: self.tokens_out + more.tokens_out,
            cost_usd,
            duration_ms: self.duration_ms + more.duration_ms,
            lost: self.lost.plus(more.lost),
        }
    }
}
