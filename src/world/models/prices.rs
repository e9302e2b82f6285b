//! What a call costs.
//!
//! A model that is not listed has no price, rather than the price of a neighbour: a guess would look like a bill. A
//! discount for tokens that the provider had kept counts where the list has one; others (batches) are not known here,
//! so a cost is an upper bound. What a provider says itself that an answer has cost goes before all this.

mod list;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::call::Usage;

/// The tokens a price is quoted for.
const PER: f64 = 1_000_000.0;

/// What one million tokens cost, in USD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// USD per million tokens read.
    pub input: f64,
    /// USD per million tokens written.
    pub output: f64,
    /// USD per million tokens read that the provider had kept from before; the price of others where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
    /// USD per call, whatever its tokens.
    #[serde(default)]
    pub request: f64,
}

impl Price {
    /// So much for what is read and written, and nothing else.
    pub const fn new(input: f64, output: f64) -> Self {
        Self { input, output, cached: None, request: 0.0 }
    }

    fn of(&self, usage: Usage) -> f64 {
        let cached = usage.cached.min(usage.tokens_in);
        let read = tokens(usage.tokens_in - cached) * self.input
            + tokens(cached) * self.cached.unwrap_or(self.input);
        (read + tokens(usage.tokens_out) * self.output) / PER + self.request
    }
}

/// The list prices, with the operator's own before them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices {
    /// By the beginning of a model id; the longest that fits wins, the empty one fits all.
    overrides: BTreeMap<String, Price>,
}

impl Prices {
    /// Prices in which `overrides`, keyed by the beginning of a model id, go before the list.
    pub fn new(overrides: BTreeMap<String, Price>) -> Self {
        Self { overrides }
    }

    /// The price of a call in USD; `None` when the model's price is not known.
    pub fn cost(&self, model: &str, usage: Usage) -> Option<f64> {
        let price = self.overridden(model).or_else(|| list::price(model, usage))?;
        Some(price.of(usage))
    }

    fn overridden(&self, model: &str) -> Option<Price> {
        let fitting = self.overrides.iter().filter(|(prefix, _)| model.starts_with(*prefix));
        fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, price)| *price)
    }
}

/// The list price of a call in USD; `None` when the model is not on the list.
///
/// ```
/// use callboard::world::models::{Usage, cost};
///
/// let usage = Usage::new(1_000_000, 100_000);
/// assert_eq!(cost("claude-opus-5-5", usage), Some(6.0));
/// assert_eq!(cost("someone-elses-model", usage), None);
/// ```
pub fn cost(model: &str, usage: Usage) -> Option<f64> {
    Prices::default().cost(model, usage)
}

#[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
const fn tokens(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(tokens_in: u64, tokens_out: u64) -> Usage {
        Usage::new(tokens_in, tokens_out)
    }

    fn cents(cost: Option<f64>) -> Option<f64> {
        cost.map(|usd| (usd * 100.0).round())
    }

    #[test]
    fn a_dated_id_has_the_price_of_its_model() {
        let million = usage(1_000_000, 1_000_000);
        assert_eq!(cents(cost("claude-haiku-4-5-20251001", million)), Some(600.0));
        assert_eq!(cents(cost("claude-opus-4-20250514", million)), Some(9000.0));
        assert_eq!(cents(cost("claude-opus-4-5-20251101", million)), Some(3000.0));
    }

    #[test]
    fn an_unlisted_version_has_no_price() {
        assert_eq!(cost("claude-opus-5-6", usage(1, 1)), None);
        assert_eq!(cost("", usage(1, 1)), None);
    }

    #[test]
    fn long_prompts_pay_the_price_of_long_prompts() {
        assert_eq!(cents(cost("claude-haiku-5-5", usage(100_000, 0))), Some(1.0));
        assert_eq!(cents(cost("claude-haiku-5-5", usage(200_000, 0))), Some(10.0));
    }

    #[test]
    fn the_longest_override_goes_before_the_list() {
        let price = |input| Price::new(input, 0.0);
        let overrides = [("claude".to_owned(), price(7.0)), ("claude-opus".to_owned(), price(9.0))];
        let prices = Prices::new(BTreeMap::from(overrides));
        let million = usage(1_000_000, 0);
        assert_eq!(cents(prices.cost("claude-opus-5-5", million)), Some(900.0));
        assert_eq!(cents(prices.cost("claude-sonnet-5-5", million)), Some(700.0));
        assert_eq!(prices.cost("gpt", million), None);
    }

    #[test]
    fn what_the_provider_had_kept_is_cheaper_and_a_call_may_have_a_price_of_its_own() {
        let half = Usage { cached: 50_000, ..usage(100_000, 0) };
        assert_eq!(cents(cost("gpt-6-sol", half)), Some(11.0));
        assert_eq!(cents(cost("gpt-6-sol-2026-09-22", usage(100_000, 0))), Some(20.0));
        assert_eq!(cents(cost("gpt-6-sol", usage(1_000_000, 0))), Some(400.0), "a long prompt");
        let none = Usage { cached: 1_000_000, ..usage(1_000_000, 0) };
        assert_eq!(cents(cost("claude-opus-5-5", none)), Some(400.0), "no discount is known");
        assert_eq!(cost("sonar", usage(0, 0)), Some(0.012));
        assert_eq!(
            cost("sonar-deep-research", usage(1, 1)),
            None,
            "it searches as often as it likes"
        );
    }
}
