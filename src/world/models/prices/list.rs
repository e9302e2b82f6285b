//! The list prices, in USD per million tokens, as they stood on 21 November 2026.
//!
//! | provider | after |
//! |---|---|
//! | Anthropic | <https://platform.claude.com/docs/en/about-claude/pricing>, and the models' own pages |
//! | `OpenAI` | <https://developers.openai.com/api/docs/pricing>, standard tier, as price lists of that autumn repeat it (September to November 2026) |
//! | Perplexity | <https://docs.perplexity.ai/docs/getting-started/pricing>: tokens, and for each call the fee of the largest search context |
//!
//! What writing into a provider's cache costs is not in here. `sonar-deep-research` is not either: it searches as often
//! as it likes, and says itself what that has cost.

use super::Price;
use crate::world::models::call::Usage;

/// One row of the list: for all prompts up to `up_to` tokens.
struct Listed {
    prefix: &'static str,
    up_to: u64,
    price: Price,
}

const fn listed(prefix: &'static str, input: f64, output: f64) -> Listed {
    Listed { prefix, up_to: u64::MAX, price: Price::new(input, output) }
}

/// With a price for tokens that were kept from before.
const fn kept(prefix: &'static str, input: f64, cached: f64, output: f64) -> Listed {
    let price = Price { cached: Some(cached), ..Price::new(input, output) };
    Listed { prefix, up_to: u64::MAX, price }
}

/// With a price for each call.
const fn searching(prefix: &'static str, input: f64, output: f64, request: f64) -> Listed {
    Listed { prefix, up_to: u64::MAX, price: Price { request, ..Price::new(input, output) } }
}

/// Up to so many tokens the prompt of a model of `OpenAI`'s is a short one.
const SHORT: u64 = 272_000;

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
    Listed { up_to: SHORT, ..kept("gpt-6.2-astra", 8.0, 0.4, 40.0) },
    kept("gpt-6.2-astra", 16.0, 0.8, 60.0),
    Listed { up_to: SHORT, ..kept("gpt-6.2-sol", 2.0, 0.2, 10.0) },
    kept("gpt-6.2-sol", 4.0, 0.4, 15.0),
    Listed { up_to: SHORT, ..kept("gpt-6-astra", 10.0, 1.0, 50.0) },
    kept("gpt-6-astra", 20.0, 2.0, 75.0),
    Listed { up_to: SHORT, ..kept("gpt-6-sol", 2.0, 0.2, 10.0) },
    kept("gpt-6-sol", 4.0, 0.4, 15.0),
    Listed { up_to: SHORT, ..kept("gpt-6-luna", 0.1, 0.01, 0.5) },
    kept("gpt-6-luna", 0.2, 0.02, 0.75),
    Listed { up_to: SHORT, ..kept("gpt-5.6-sol", 4.0, 0.4, 20.0) },
    kept("gpt-5.6-sol", 8.0, 0.8, 30.0),
    Listed { up_to: SHORT, ..kept("gpt-5.6-terra", 2.0, 0.2, 12.0) },
    kept("gpt-5.6-terra", 4.0, 0.4, 18.0),
    Listed { up_to: SHORT, ..kept("gpt-5.6-luna", 0.2, 0.02, 1.2) },
    kept("gpt-5.6-luna", 0.4, 0.04, 1.8),
    Listed { up_to: SHORT, ..kept("gpt-5.5", 5.0, 0.5, 30.0) },
    kept("gpt-5.5", 10.0, 1.0, 45.0),
    Listed { up_to: SHORT, ..kept("gpt-5.4", 2.5, 0.25, 15.0) },
    kept("gpt-5.4", 5.0, 0.5, 22.5),
    kept("gpt-5.4-mini", 0.75, 0.075, 4.5),
    kept("gpt-5.4-nano", 0.2, 0.02, 1.25),
    kept("gpt-5.1", 1.25, 0.125, 10.0),
    kept("gpt-5", 1.25, 0.125, 10.0),
    kept("gpt-5-mini", 0.25, 0.025, 2.0),
    kept("gpt-5-nano", 0.05, 0.005, 0.4),
    kept("gpt-4.1", 2.0, 0.5, 8.0),
    kept("gpt-4.1-mini", 0.4, 0.1, 1.6),
    kept("gpt-4o", 2.5, 1.25, 10.0),
    kept("gpt-4o-mini", 0.15, 0.075, 0.6),
    listed("text-embedding-3-small", 0.02, 0.0),
    listed("text-embedding-3-large", 0.13, 0.0),
    searching("sonar", 1.0, 1.0, 0.012),
    searching("sonar-pro", 3.0, 15.0, 0.014),
    searching("sonar-reasoning-pro", 2.0, 8.0, 0.014),
];

/// The list price for a call; `None` when the model is not on the list.
pub(super) fn price(model: &str, usage: Usage) -> Option<Price> {
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
