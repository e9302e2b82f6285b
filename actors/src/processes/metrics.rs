//! What an answer took.

use serde::{Deserialize, Serialize};

/// What an answer took.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Metrics {
    /// Tokens that went in.
    pub tokens_in: u64,
    /// Tokens that came out.
    pub tokens_out: u64,
    /// US dollars; `None`: the model's price is not known.
    pub cost_usd: Option<f64>,
    /// How long the attempt took, in milliseconds.
    pub duration_ms: u64,
}

/// The end of it in one look.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Tokens in and out.
    pub tokens: u64,
    /// US dollars; `None`: the model's price is not known.
    pub cost: Option<f64>,
    /// How long the attempt took, in milliseconds.
    pub duration_ms: u64,
    /// Whether there is an answer.
    pub success: bool,
}
