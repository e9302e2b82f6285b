//! [`Counts`]: what a provider has counted, by the names of either API: there are some who use both at once.

use serde::Deserialize;
use serde_json::Value;

use crate::world::models::call::Usage;

/// What was counted, cumulative.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Counts {
    prompt_tokens: Option<u64>,
    input_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    output_tokens: Option<u64>,
    prompt_tokens_details: Option<Details>,
    input_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
    output_tokens_details: Option<Details>,
    /// Perplexity's place for it.
    reasoning_tokens: Option<u64>,
    /// What it has cost: an object with its sum (Perplexity), or the sum (`OpenRouter`).
    cost: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Details {
    cached_tokens: Option<u64>,
    reasoning_tokens: Option<u64>,
}

impl Counts {
    /// The tokens.
    pub(super) fn usage(&self) -> Usage {
        let read = self.prompt_tokens_details.as_ref().or(self.input_tokens_details.as_ref());
        let written =
            self.completion_tokens_details.as_ref().or(self.output_tokens_details.as_ref());
        let thought = written.and_then(|it| it.reasoning_tokens).or(self.reasoning_tokens);
        Usage {
            tokens_in: self.prompt_tokens.or(self.input_tokens).unwrap_or(0),
            tokens_out: self.completion_tokens.or(self.output_tokens).unwrap_or(0),
            cached: read.and_then(|it| it.cached_tokens).unwrap_or(0),
            reasoning: thought.unwrap_or(0),
        }
    }

    /// What the provider says that it has cost, in USD.
    pub(super) fn cost_usd(&self) -> Option<f64> {
        let cost = self.cost.as_ref()?;
        cost.as_f64().or_else(|| cost.get("total_cost")?.as_f64())
    }
}
