//! What an agent's processes took, in sum.

use super::command::Outcome;
use serde::{Deserialize, Serialize};

/// What an agent's processes took, in sum.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// Processes with an answer.
    pub completed: u64,
    /// Processes without one, for good.
    pub failed: u64,
    /// Processes that somebody cancelled.
    pub cancelled: u64,
    /// Attempts that were followed by another.
    pub retries: u64,
    /// Tokens that went in.
    pub tokens_in: u64,
    /// Tokens that came out.
    pub tokens_out: u64,
    /// US dollars, of those whose price is known.
    pub cost_usd: f64,
    /// How long the answering attempts took, in milliseconds.
    pub duration_ms: u64,
}

impl Metrics {
    /// Takes a process's outcome in.
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Completed { tokens_in, tokens_out, cost_usd, duration_ms } => {
                self.completed += 1;
                self.tokens_in += tokens_in;
                self.tokens_out += tokens_out;
                self.cost_usd += cost_usd.unwrap_or(0.0);
                self.duration_ms += duration_ms;
            }
            Outcome::Failed => self.failed += 1,
            Outcome::Cancelled => self.cancelled += 1,
            Outcome::Waiting => self.retries += 1,
            // What the operator decides will count.
            Outcome::Unknown => {}
        }
    }
}
