//! [`Charge`]: what an attempt that brought no answer has cost, as far as anybody knows.
//!
//! Whoever executes an attempt says it, as only there it is known whether the provider took the call; it is journaled
//! with the failure, so that nobody has to guess it from an error's words. Sums are not kept here.

use serde::{Deserialize, Serialize};

/// What an attempt that brought no answer has cost.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charge {
    /// The provider did not take the call: it was never sent, or was refused.
    Nothing,
    /// It was sent, and nobody knows what it has cost.
    #[default]
    Unknown,
    /// The provider took the call, and said what it has cost before it broke off.
    Told(Told),
}

/// What a provider said of an attempt that broke off.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Told {
    /// Tokens that went in.
    pub tokens_in: u64,
    /// Tokens that came out.
    pub tokens_out: u64,
    /// US dollars; `None`: the model's price is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl Charge {
    /// Whether it is known that nothing is to be paid.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::Nothing
    }
}
