//! What a call costs.
//!
//! The list prices are those of <https://platform.claude.com/docs/en/about-claude/pricing> and
//! of the models' own pages, as they stood in November 2026. A model that is not listed has no
//! price, rather than the price of a neighbour: a guess would look like a bill. Discounts (cache
//! reads, batches) are not known here, so a cost is an upper bound.

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
}

/// One row of the list: for all prompts up to `up_to` tokens.
struct Listed {
    prefix: &'static str,
    up_to: u64,
    price: Price,
}

const fn listed(prefix: &'static str, input: f64, output: f64) -> Listed {
    Listed { prefix, up_to: u64::MAX, price: Price { input, output } }
}

/// The list. Where a model has several rows, the first whose `up_to` holds the prompt counts.
const LIST: &[Listed] = &[
    listed("claude-fable-5-1", 10.0, 50.0),
    listed("claude-opus-5-5", 4.0, 20.0),
    listed("claude-opus-5", 5.0, 25.0),
    listed("claude-opus-4-6", 5.0, 25.0),
    listed("claude-opus-4-5", 5.0, 25.0),
    listed("claude-opus-4-1", 15.0, 75.0),
    listed("claude-opus-4", 15.0, 75.0),
    listed("claude-sonnet-5-5", 2.0, 10.0),
    listed("claude-sonnet-5", 2.0, 10.0),
    listed("claude-sonnet-4-6", 3.0, 15.0),
    listed("claude-sonnet-4-5", 3.0, 15.0),
    listed("claude-sonnet-4", 3.0, 15.0),
    Listed { up_to: 100_000, ..listed("claude-haiku-5-5", 0.1, 0.5) },
    listed("claude-haiku-5-5", 0.5, 2.5),
    listed("claude-haiku-4-5", 1.0, 5.0),
    listed("claude-3-7-sonnet", 3.0, 15.0),
    listed("claude-3-5-haiku", 0.8, 4.0),
    listed("claude-3-haiku", 0.25, 1.25),
];

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
        let price = self.overridden(model).or_else(|| list_price(model, usage))?;
        Some(
            (tokens(usage.tokens_in) * price.input + tokens(usage.tokens_out) * price.output) / PER,
        )
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
/// let usage = Usage { tokens_in: 1_000_000, tokens_out: 100_000 };
/// assert_eq!(cost("claude-opus-5-5", usage), Some(6.0));
/// assert_eq!(cost("someone-elses-model", usage), None);
/// ```
pub fn cost(model: &str, usage: Usage) -> Option<f64> {
    Prices::default().cost(model, usage)
}

fn list_price(model: &str, usage: Usage) -> Option<Price> {
    let fits = |row: &&Listed| is_version_of(model, row.prefix) && usage.tokens_in <= row.up_to;
    LIST.iter().find(fits).map(|row| row.price)
}

/// Whether `model` is `prefix` itself or a dated version of it: `claude-opus-4-20250514` is a
/// `claude-opus-4`, `claude-opus-4-5` is not.
fn is_version_of(model: &str, prefix: &str) -> bool {
    match model.strip_prefix(prefix) {
        Some("" | "-latest") => true,
        Some(rest) => rest.starts_with("-20") || rest.starts_with("@20"),
        None => false,
    }
}

#[expect(clippy::cast_precision_loss, reason = "token counts stay far below 2^52")]
const fn tokens(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(tokens_in: u64, tokens_out: u64) -> Usage {
        Usage { tokens_in, tokens_out }
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
        let price = |input| Price { input, output: 0.0 };
        let overrides = [("claude".to_owned(), price(7.0)), ("claude-opus".to_owned(), price(9.0))];
        let prices = Prices::new(BTreeMap::from(overrides));
        let million = usage(1_000_000, 0);
        assert_eq!(cents(prices.cost("claude-opus-5-5", million)), Some(900.0));
        assert_eq!(cents(prices.cost("claude-sonnet-5-5", million)), Some(700.0));
        assert_eq!(prices.cost("gpt", million), None);
    }
}
